"""What the API tells of metafields and their definitions.

Reads only; `keys:` answers with the qualified key, as recorded.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.search.query import Group, Negation, Node, Term, parse
from sandbox.shopify.store import metafields
from sandbox.shopify.store.database import Row

APP_NAMESPACE = "$app"


def namespace_of(call: Call, given: str | None) -> str:
    """The namespace meant: `$app` and an omitted one are the app's own."""
    number = (call.store.setting("app_id") or "").rsplit("/", 1)[-1]
    if given is None:
        return f"app--{number}"
    if given == APP_NAMESPACE or given.startswith(f"{APP_NAMESPACE}:"):
        rest = given[len(APP_NAMESPACE) :].replace(":", "--", 1)
        return f"app--{number}{rest}"
    return given


def source(row: Row | None) -> Row | None:
    """A metafield row as the executor passes it on."""
    return None if row is None else row | {"__typename": "Metafield"}


def _one(kind: str) -> registry.Resolver:
    def resolve(owner: Row, call: Call, args: dict[str, Any]) -> Row | None:
        namespace, key = args.get("namespace"), args["key"]
        if namespace is None and "." in key:
            namespace, key = key.split(".", 1)
        number = owner["id"] if isinstance(owner["id"], int) else gid.number(owner["id"], kind)
        if number is None:
            return None
        return source(metafields.find(call.store, kind, number, namespace_of(call, namespace), key))

    return resolve


def _many(kind: str) -> registry.Resolver:
    def resolve(owner: Row, call: Call, args: dict[str, Any]) -> Connection:
        number = owner["id"] if isinstance(owner["id"], int) else gid.number(owner["id"], kind)
        where, parameters = "m.owner_kind = ? AND m.owner_id = ?", [kind, number]
        if args.get("namespace") is not None:
            where += " AND m.namespace = ?"
            parameters.append(namespace_of(call, args["namespace"]))
        wanted = args.get("keys")
        order, columns = Order("m.id"), "m.*"
        if wanted is not None:
            pairs = [key.split(".", 1) for key in wanted if "." in key]
            places = [(namespace_of(call, pair[0]), pair[1]) for pair in pairs]
            marks = " OR ".join("(m.namespace = ? AND m.key = ?)" for _ in places) or "0"
            where += f" AND ({marks})"
            parameters += [part for place in places for part in place]
            columns = "m.*, m.namespace || '.' || m.key AS shown_key"
        found = page(call.db, Select(columns, "metafields m", where, parameters, "m.id", order), args)
        if wanted is not None:
            # With `keys:` the nodes come in the order asked for.
            rank = {key: place for place, key in enumerate(wanted)}
            found.rows.sort(key=lambda row: rank.get(row["shown_key"], 0), reverse=bool(args.get("reverse")))
        return found

    return resolve


for _kind in metafields.OWNER_TABLES:
    registry.field(_kind, "metafield", "namespace key")(_one(_kind))
    registry.field(_kind, "metafields", f"{registry.CONNECTION_ARGUMENTS} namespace keys")(_many(_kind))

registry.keys("Metafield", "namespace type value")


@registry.field("Metafield", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Metafield", row["id"])


@registry.node("Metafield")
def _node(call: Call, identifier: str) -> Row | None:
    return source(call.db.get("metafields", gid.number(identifier, "Metafield")))


@registry.field("Metafield", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


@registry.field("Metafield", "key")
def _key(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row.get("shown_key") or row["key"])


@registry.field("Metafield", "jsonValue")
def _json_value(row: Row, _call: Call, _args: dict[str, Any]) -> Any:
    kind, value = row["type"], row["value"]
    if kind == "json" or kind.startswith("list.") or (value[:1] in "{[" and kind not in TEXT_TYPES):
        return json.loads(value)
    if kind == "number_integer":
        return int(value)
    if kind == "boolean":
        return value == "true"
    return value


TEXT_TYPES = frozenset({"single_line_text_field", "multi_line_text_field", "id", "url", "color"})


@registry.field("Metafield", "compareDigest")
def _digest(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["digest"])


@registry.field("Metafield", "ownerType")
def _owner_type(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return metafields.OWNER_TYPES[row["owner_kind"]]


@registry.field("Metafield", "owner")
def _owner(row: Row, call: Call, _args: dict[str, Any]) -> Any:
    return registry.NODES[row["owner_kind"]](call, gid.make(row["owner_kind"], row["owner_id"]))


@registry.field("Metafield", "definition")
def _definition(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    owner_type = metafields.OWNER_TYPES[row["owner_kind"]]
    return definition_source(metafields.definition(call.store, owner_type, row["namespace"], row["key"]))


@registry.field("Metafield", "createdAt")
def _created(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["created_at"])


@registry.field("Metafield", "updatedAt")
def _updated(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["updated_at"])


def definition_source(row: Row | None) -> Row | None:
    """A definition row as the executor passes it on."""
    return None if row is None else row | {"__typename": "MetafieldDefinition"}


registry.keys("MetafieldDefinition", "namespace key name description ownerType pinnedPosition")
registry.keys("MetafieldDefinitionType", "name category")
registry.keys("MetafieldDefinitionValidation", "name value type")
registry.keys("MetafieldCapabilities", "adminFilterable smartCollectionCondition uniqueValues")
registry.keys("MetafieldCapabilityAdminFilterable", "eligible enabled status")
registry.keys("MetafieldCapabilitySmartCollectionCondition", "eligible enabled")
registry.keys("MetafieldCapabilityUniqueValues", "eligible enabled")
registry.keys("MetafieldAccess", "admin storefront customerAccount")


@registry.field("MetafieldDefinition", "id")
def _definition_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("MetafieldDefinition", row["id"])


@registry.node("MetafieldDefinition")
def _definition_node(call: Call, identifier: str) -> Row | None:
    return definition_source(call.db.get("metafield_definitions", gid.number(identifier, "MetafieldDefinition")))


CATEGORIES = {"number": "NUMBER", "text": "TEXT", "date": "DATE_TIME", "boolean": "TRUE_FALSE", "id": "ID"}


@registry.field("MetafieldDefinition", "type")
def _definition_type(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    name = row["type"].removeprefix("list.")
    category = "OTHER"
    for part, label in CATEGORIES.items():
        if name.startswith(part) or part in name.split("_"):
            category = label
    return {"name": row["type"], "category": "REFERENCE" if name.endswith("_reference") else category}


@registry.field("MetafieldDefinition", "validations")
def _validations(row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    return list(json.loads(row["validations"]))


@registry.field("MetafieldDefinition", "access")
def _access(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return dict(json.loads(row["access"]))


@registry.field("MetafieldDefinition", "capabilities")
def _capabilities(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    filterable = bool(row["admin_filterable"])
    status = "FILTERABLE" if filterable else "NOT_FILTERABLE"
    return {
        "adminFilterable": {"eligible": True, "enabled": filterable, "status": status},
        "smartCollectionCondition": {"eligible": True, "enabled": bool(row["smart_collection"])},
        "uniqueValues": {"eligible": row["type"] in UNIQUE_TYPES, "enabled": bool(row["unique_values"])},
    }


UNIQUE_TYPES = frozenset({"id", "single_line_text_field", "number_integer", "url"})


@registry.field("MetafieldDefinition", "metafieldsCount")
def _metafields_count(row: Row, call: Call, _args: dict[str, Any]) -> int:
    kinds = {owner_type: kind for kind, owner_type in metafields.OWNER_TYPES.items()}
    sql = "SELECT COUNT(*) FROM metafields WHERE owner_kind = ? AND namespace = ? AND key = ?"
    return int(call.db.value(sql, (kinds.get(row["owner_type"]), row["namespace"], row["key"])))


@registry.field("QueryRoot", "metafieldDefinition", "id identifier")
def _definition_root(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    if args.get("id"):
        return _definition_node(call, args["id"])
    wanted = args.get("identifier") or {}
    namespace = namespace_of(call, wanted.get("namespace"))
    return definition_source(
        metafields.definition(call.store, wanted.get("ownerType", ""), namespace, wanted.get("key", ""))
    )


registry.inputs("MetafieldDefinitionIdentifierInput", "ownerType namespace key")


@registry.field(
    "QueryRoot",
    "metafieldDefinitions",
    f"{registry.CONNECTION_ARGUMENTS} ownerType namespace key sortKey query pinnedStatus",
)
def _definitions(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    orders = {"ID": Order("d.id"), "NAME": Order("d.name", nocase=True)}
    order = orders.get(args.get("sortKey") or "ID")
    if order is None:
        raise registry.not_built(f"the sort key {args['sortKey']} of QueryRoot.metafieldDefinitions")
    where, parameters = "d.owner_type = ?", [args["ownerType"]]
    if args.get("namespace"):
        where += " AND d.namespace = ?"
        parameters.append(namespace_of(call, args["namespace"]))
    if args.get("key"):
        where += " AND d.key = ?"
        parameters.append(args["key"])
    pinned = {"PINNED": " AND d.pinned_position IS NOT NULL", "UNPINNED": " AND d.pinned_position IS NULL"}
    where += pinned.get(args.get("pinnedStatus") or "ANY", "")
    for column, value in _searched(parse(args.get("query") or "")):
        where += f" AND d.{column} = ?"
        parameters.append(value)
    return page(call.db, Select("d.*", "metafield_definitions d", where, parameters, "d.id", order), args)


def _searched(tree: Node | None) -> list[tuple[str, str]]:
    if tree is None:
        return []
    if isinstance(tree, Group) and tree.joined_by == "and":
        return [pair for part in tree.parts for pair in _searched(part)]
    if isinstance(tree, Negation | Group) or not isinstance(tree, Term) or tree.field not in _SEARCHED:
        raise registry.not_built("this search of QueryRoot.metafieldDefinitions")
    return [(_SEARCHED[tree.field], tree.value)]


_SEARCHED = {"namespace": "namespace", "key": "key", "type": "type", "owner_type": "owner_type", "id": "id"}
