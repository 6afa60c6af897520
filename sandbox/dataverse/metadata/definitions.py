"""Answers below `EntityDefinitions` and `RelationshipDefinitions`: reading and, through `define`, changing.

Reference: webapi/query-metadata-web-api, create-update-entity-definitions, reference/entitymetadata (privileges).
Metadata comes whole, never in pages.
"""

from __future__ import annotations

from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error, unknown_property
from sandbox.dataverse.http import Request, Response, json_response
from sandbox.dataverse.query.options import Options, build
from sandbox.dataverse.security import VERBS, privilege
from sandbox.dataverse.urls import Segment, parse_query

from . import define, undefine
from .describe import TYPE_NAMES, attribute, entity, key, many_to_many, metadata_id, option_set
from .match import matches
from .model import Column, Table
from .relationships import every, incoming, named, outgoing

ROOTS = frozenset({"EntityDefinitions", "RelationshipDefinitions"})
_CAST = "Microsoft.Dynamics.CRM."
_ENTITY_PARTS = ("Attributes", "Keys", "ManyToOneRelationships", "OneToManyRelationships",
                 "ManyToManyRelationships")


def answer(ctx: Context, segments: list[Segment], request: Request) -> Response:
    """The answer to a metadata request."""
    if segments[0].name == "RelationshipDefinitions":
        return _relationships(ctx, segments[0].args, request)
    if segments[0].args is None:
        return _all_entities(ctx, request) if request.method == "GET" else define.create_table(ctx, request)
    table = named_table(ctx, segments[0].args)
    return _part(ctx, table, segments[1:], request) if len(segments) > 1 else _entity(ctx, table, request)


def _relationships(ctx: Context, args: str | None, request: Request) -> Response:
    if request.method == "POST" and args is None:
        return define.create_relationship(ctx, request)
    if request.method != "GET":
        raise error("CrmHttpError", "RelationshipDefinitions")
    if args is None:
        return _listed(ctx, every(ctx), request, "RelationshipDefinitions")
    options = read_options(request)
    body = _shape(named(ctx, args), options)
    return json_response(200, {"@odata.context": _context(ctx, "RelationshipDefinitions", options), **body})


def _part(ctx: Context, table: Table, rest: list[Segment], request: Request) -> Response:
    name = rest[0].name
    if name == "Attributes":
        return _attributes(ctx, table, rest, request)
    if name == "Keys":
        return _keys(ctx, table, rest, request)
    if name == "ManyToOneRelationships":
        return _listed(ctx, outgoing(ctx, table), request)
    if name == "OneToManyRelationships":
        return _listed(ctx, incoming(ctx, table), request)
    if name == "ManyToManyRelationships":
        return _listed(ctx, [many_to_many(table, link) for link in table.links.values()], request)
    raise unknown_property(name, "EntityMetadata")


def named_table(ctx: Context, args: str) -> Table:
    """The table of `(LogicalName='x')` or `(MetadataId)`; 404 when there is none."""
    name, _, value = args.partition("=")
    wanted = value.strip("'") if name == "LogicalName" else ""
    for table in ctx.registry:
        if table.name == wanted or (not wanted and metadata_id("entity", table.name) == args.strip("'").lower()):
            return table
    raise error("ObjectDoesNotExist", message=f"Could not find an entity with name {wanted or args} and id "
                "00000000-0000-0000-0000-000000000000.")


def read_options(request: Request) -> Options:
    """The query options of a metadata request."""
    return build(parse_query(request.query))


def _context(ctx: Context, what: str, options: Options) -> str:
    picked = f"({','.join(options.select)})" if options.select else ""
    return f"{ctx.base_url}$metadata#{what}{picked}"


def _shape(body: dict[str, Any], options: Options) -> dict[str, Any]:
    if options.select is None:
        return body
    kept = {"MetadataId", "@odata.type", *options.select}
    for name in options.select:
        if name not in body:
            raise unknown_property(name, "EntityMetadata")
    return {n: v for n, v in body.items() if n in kept}


def _all_entities(ctx: Context, request: Request) -> Response:
    options = read_options(request)
    found = [(t, _whole(t)) for t in ctx.registry]
    if options.filter:
        found = [(t, body) for t, body in found if matches(body, options.filter)]
    value = [_expanded(ctx, t, _shape(body, options), options) for t, body in found]
    return json_response(200, {"@odata.context": _context(ctx, "EntityDefinitions", options), "value": value})


def _whole(table: Table) -> dict[str, Any]:
    privileges = [
        {"Name": privilege(table, verb), "PrivilegeId": metadata_id("privilege", privilege(table, verb)),
         "PrivilegeType": verb, "CanBeBasic": True, "CanBeDeep": True, "CanBeGlobal": True, "CanBeLocal": True}
        for verb in VERBS]
    return {**entity(table), "Privileges": privileges}


def _entity(ctx: Context, table: Table, request: Request) -> Response:
    if request.method == "PUT":
        return define.update_table(ctx, table, request)
    if request.method == "DELETE":
        return undefine.delete_table(ctx, table)
    if request.method != "GET":
        raise error("CrmHttpError", "EntityDefinitions")
    options = read_options(request)
    body = _expanded(ctx, table, _shape(_whole(table), options), options)
    return json_response(200, {"@odata.context": _context(ctx, "EntityDefinitions", options) + "/$entity", **body})


def _expanded(ctx: Context, table: Table, body: dict[str, Any], options: Options) -> dict[str, Any]:
    for item in options.expand:
        if item.nav not in _ENTITY_PARTS:
            raise unknown_property(item.nav, "EntityMetadata")
        parts = {
            "Attributes": lambda: [attribute(table, c) for c in table.columns.values()],
            "Keys": lambda: [key(table, k) for k in table.keys.values()],
            "ManyToOneRelationships": lambda: outgoing(ctx, table),
            "ManyToManyRelationships": lambda: [many_to_many(table, link) for link in table.links.values()],
            "OneToManyRelationships": lambda: incoming(ctx, table)}[item.nav]()
        if item.options.filter:
            parts = [p for p in parts if matches(p, item.options.filter)]
        body[item.nav] = [_shape(p, item.options) for p in parts]
    return body


def _listed(
    ctx: Context, value: list[dict[str, Any]], request: Request, what: str = "EntityDefinitions",
) -> Response:
    options = read_options(request)
    if options.filter:
        value = [v for v in value if matches(v, options.filter)]
    value = [_shape(v, options) for v in value]
    return json_response(200, {"@odata.context": _context(ctx, what, options), "value": value})


def _attributes(ctx: Context, table: Table, rest: list[Segment], request: Request) -> Response:
    part = rest[0]
    cast = rest[1].name.removeprefix(_CAST) if len(rest) > 1 and rest[1].name.startswith(_CAST) else None
    if part.args is None:
        if request.method == "POST":
            return define.create_column(ctx, table, request)
        return _attribute_list(ctx, table, cast, request)
    column = _named_column(table, part.args)
    if request.method == "DELETE":
        return undefine.delete_column(ctx, table, column)
    if len(rest) > 1 and cast is None:
        body = _navigated(table, column, rest[1].name)
    else:
        body = _attribute_body(table, column, cast, read_options(request))
    return json_response(200, {"@odata.context": f"{ctx.base_url}$metadata#EntityDefinitions/Attributes", **body})


def _named_column(table: Table, args: str) -> Column:
    name, _, value = args.partition("=")
    wanted = (value or name).strip("'").lower()
    for column in table.columns.values():
        if wanted in (column.name, metadata_id("attribute", table.name, column.name)):
            return column
    raise error("ObjectDoesNotExist", message=f"Could not find an attribute with specified name: {wanted}")


def _navigated(table: Table, column: Column, name: str) -> dict[str, Any]:
    found = option_set(table, column) if name == "OptionSet" else None
    if found is None:
        raise unknown_property(name, "AttributeMetadata")
    return found


def _attribute_list(ctx: Context, table: Table, cast: str | None, request: Request) -> Response:
    options = read_options(request)
    columns = [c for c in table.columns.values() if not cast or TYPE_NAMES[c.type].endswith(cast)]
    found = [(c, attribute(table, c)) for c in columns]
    if options.filter:
        found = [(c, body) for c, body in found if matches(body, options.filter)]
    value = [_with_choices(table, c, body, options) for c, body in found]
    context = f"{ctx.base_url}$metadata#EntityDefinitions('{table.name}')/Attributes"
    return json_response(200, {"@odata.context": context, "value": value})


def _attribute_body(table: Table, column: Column, cast: str | None, options: Options) -> dict[str, Any]:
    body = attribute(table, column)
    if cast and not body["@odata.type"].endswith(cast):
        raise error("ObjectDoesNotExist", message=f"Could not find an attribute with specified name: {column.name}")
    return _with_choices(table, column, body, options)


def _with_choices(table: Table, column: Column, body: dict[str, Any], options: Options) -> dict[str, Any]:
    shaped = _shape(body, options)
    for item in options.expand:
        found = option_set(table, column) if item.nav in ("OptionSet", "GlobalOptionSet") else None
        if found is None:
            raise unknown_property(item.nav, body["@odata.type"].removeprefix("#Microsoft.Dynamics.CRM."))
        if item.nav == "OptionSet":
            shaped["OptionSet"] = {n: v for n, v in found.items()
                                   if item.options.select is None or n in (*item.options.select, "MetadataId")}
    return shaped


def _keys(ctx: Context, table: Table, rest: list[Segment], request: Request) -> Response:
    part = rest[0]
    if part.args is None:
        if request.method == "POST":
            return define.create_key(ctx, table, request)
        options = read_options(request)
        value = [_shape(key(table, k), options) for k in table.keys.values()]
        return json_response(200, {"@odata.context": _context(ctx, "Keys", options), "value": value})
    name = part.args.partition("=")[2].strip("'") or part.args.strip("'")
    found = next((k for k in table.keys.values() if name in (k.name, k.id)), None)
    if found is None:
        raise error("ObjectDoesNotExist", message=f"Could not find a key with specified name: {name}")
    if request.method == "DELETE":
        return define.delete_key(ctx, table, found)
    if len(rest) > 1 and rest[1].name == f"{_CAST}ReactivateEntityKey":
        return define.reactivate_key(ctx, table, found)
    options = read_options(request)
    return json_response(200, {"@odata.context": _context(ctx, "Keys", options), **_shape(key(table, found), options)})


