"""Sends one request to the code that answers it, by the shape of its path.

It knows no tables and no rules; batch parts come through here exactly as calls do.
"""

from __future__ import annotations

from collections.abc import Callable

from . import actions, solutions
from .bypass import read_bypass
from .changes import count_changes, tracked, wants_changes
from .context import Context
from .duplicates import wants_detection
from .errors import error, unknown_property
from .http import Request, Response, json_response
from .metadata import definitions
from .metadata.csdl import csdl, service_document
from .metadata.model import Table
from .query.apply import run_apply
from .query.options import parse_options, substitute
from .query.run import Source, count_rows, run_query
from .security import demand
from .urls import Segment, parse_query, split_path
from .writes import bulk, references, requests
from .writes.resolve import existing

TEXT = {"Content-Type": "text/plain", "OData-Version": "4.0"}
# The platform has these; the sandbox says so instead of denying that they exist.
LACKING = frozenset({"GlobalOptionSetDefinitions", "RetrieveCurrentOrganization", "RetrieveDuplicates"})
_ACTION_PREFIX = "Microsoft.Dynamics.CRM."


def dispatch(ctx: Context, request: Request) -> Response:
    """The answer to a request below the API root."""
    segments = split_path(_without_aliases(request))
    ctx.detect_duplicates = wants_detection(request)
    ctx.bypass = read_bypass(ctx, request)
    if not segments:
        return json_response(200, service_document(ctx))
    solution = solutions.named(ctx, request)
    response = _answer(ctx, segments, request)
    if solution is not None:
        solutions.keep(ctx, solution, segments, response)
    return response


def _answer(ctx: Context, segments: list[Segment], request: Request) -> Response:
    first = segments[0]
    if first.name == "$metadata":
        headers = {"Content-Type": "application/xml", "OData-Version": "4.0"}
        return Response(200, headers, csdl(ctx.registry).encode())
    if first.name in definitions.ROOTS:
        return definitions.answer(ctx, segments, request)
    if len(segments) == 1 and first.name in actions.UNBOUND:
        return actions.unbound(ctx, first, request)
    if first.name in LACKING:
        raise error("UnExpected", status=501, message=f"The sandbox does not have {first.name} yet.")
    table = ctx.registry.by_set(first.name)
    if first.args is None:
        return _set(ctx, table, segments[1:], request)
    return _row(ctx, table, first.args, segments[1:], request)


def _without_aliases(request: Request) -> str:
    """The path with parameter aliases such as `accounts(@id)?@id=…` put in."""
    if "@" not in request.path:
        return request.path
    return substitute(request.path, {n: v for n, v in parse_query(request.query).items() if n.startswith("@")})


def _set(ctx: Context, table: Table, rest: list[Segment], request: Request) -> Response:
    if not rest:
        if request.method == "POST":
            return requests.create(ctx, table, request)
        if request.method == "GET":
            return _query(ctx, table, request)
        raise error("CrmHttpError", status=405, message=f"The requested resource does not support http method "
                    f"'{request.method}'.")
    if rest[0].name == "$count" and request.method == "GET":
        return _count(ctx, table, request)
    if rest[0].name.startswith(_ACTION_PREFIX):
        return bulk.bulk(ctx, table, rest[0].name.removeprefix(_ACTION_PREFIX), request)
    raise error("CrmHttpError", rest[0].name)


def _query(ctx: Context, table: Table, request: Request) -> Response:
    demand(ctx, table, "Read")
    options = parse_options(parse_query(request.query))
    if options.apply is not None:
        return json_response(200, run_apply(ctx, table.name, options))
    source = Source(table, table.entity_set, request.query)
    if wants_changes(ctx, options):
        return json_response(200, tracked(ctx, source, options, request))
    return json_response(200, run_query(ctx, source, options))


def _count(ctx: Context, table: Table, request: Request) -> Response:
    demand(ctx, table, "Read")
    options = parse_options(parse_query(request.query))
    if options.deltatoken is not None:
        number = count_changes(ctx, table, options.deltatoken)
    else:
        number = count_rows(ctx, Source(table, table.entity_set), options)
    return Response(200, dict(TEXT), f"\ufeff{number}".encode())


def _row(ctx: Context, table: Table, args: str, rest: list[Segment], request: Request) -> Response:
    if not rest:
        return _whole_row(ctx, table, args, request)
    if rest[0].name.startswith(_ACTION_PREFIX):
        return actions.bound(ctx, table, existing(ctx, table, args), rest[0], request)
    row_id = existing(ctx, table, args)
    column = table.by_wire.get(rest[0].name)
    if column is None:
        return references.related(ctx, table, row_id, rest, request)
    if len(rest) == 2 and rest[1].name == "$value" and request.method == "GET":
        demand(ctx, table, "Read")
        row = ctx.store.get(table, row_id, [column.name])
        value = row[column.name] if row else None
        return Response(200 if value is not None else 204, dict(TEXT), str(value or "").encode())
    if len(rest) > 1:
        raise unknown_property(rest[1].name, table.name)
    return references.property_request(ctx, table, row_id, column, request)


_VERBS: dict[str, Callable[[Context, Table, str, Request], Response]] = {
    "GET": requests.read, "PATCH": requests.patch, "DELETE": requests.delete}


def _whole_row(ctx: Context, table: Table, args: str, request: Request) -> Response:
    verb = _VERBS.get(request.method)
    if verb is None:
        raise error("CrmHttpError", status=405, message=f"The requested resource does not support http method "
                    f"'{request.method}'.")
    return verb(ctx, table, args, request)
