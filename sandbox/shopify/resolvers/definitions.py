"""What the API tells of metafield definitions: by id, by identifier, as a searchable list, from a metafield.

Reads only.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, metafield_types, registry
from sandbox.shopify.call import Call
from sandbox.shopify.paging import Connection, Order, Select, listed, page
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.search import direct
from sandbox.shopify.search.match import Sql
from sandbox.shopify.search.query import Term
from sandbox.shopify.store import metafields
from sandbox.shopify.store.database import Row


def source(row: Row | None) -> Row | None:
    """A definition row as the executor passes it on."""
    return None if row is None else row | {"__typename": "MetafieldDefinition"}


registry.keys("MetafieldDefinition", "namespace key name description ownerType pinnedPosition validationStatus")
registry.keys("MetafieldDefinitionType", "name category")
registry.keys("MetafieldDefinitionValidation", "name value type")
registry.keys("MetafieldDefinitionIdentifier", "namespace key ownerType")
registry.keys("MetafieldCapabilities", "adminFilterable smartCollectionCondition uniqueValues cartToOrderCopyable")
registry.keys("MetafieldCapabilityAdminFilterable", "eligible enabled status")
registry.keys("MetafieldCapabilitySmartCollectionCondition", "eligible enabled")
registry.keys("MetafieldCapabilityUniqueValues", "eligible enabled")
registry.keys("MetafieldCapabilityCartToOrderCopyable", "eligible enabled")
registry.keys("MetafieldAccess", "admin storefront customerAccount")
registry.keys("MetafieldDefinitionConstraints", "key")
registry.keys("MetafieldDefinitionConstraintValue", "value")
registry.inputs("MetafieldDefinitionIdentifierInput", "ownerType namespace key")


@registry.field("Metafield", "definition")
def _of_metafield(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    owner_type = metafields.OWNER_TYPES[row["owner_kind"]]
    return source(metafields.definition(call.store, owner_type, row["namespace"], row["key"]))


@registry.field("MetafieldDefinition", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("MetafieldDefinition", row["id"])


@registry.node("MetafieldDefinition")
def _node(call: Call, identifier: str) -> Row | None:
    return source(call.db.get("metafield_definitions", gid.number(identifier, "MetafieldDefinition")))


@registry.field("MetafieldDefinition", "type")
def _type(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return metafield_types.shown(row["type"])


@registry.field("MetafieldDefinition", "validations")
def _validations(row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    return list(json.loads(row["validations"]))


@registry.field("MetafieldDefinition", "access")
def _access(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return dict(json.loads(row["access"]))


@registry.field("MetafieldDefinition", "capabilities")
def _capabilities(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    def shown_as(name: str, column: str) -> Row:
        able = metafield_types.eligible(name, row["type"], row["owner_type"])
        return {"eligible": able, "enabled": bool(row.get(column))}

    filterable = shown_as("admin_filterable", "admin_filterable")
    return {
        "adminFilterable": filterable | {"status": "FILTERABLE" if filterable["enabled"] else "NOT_FILTERABLE"},
        "smartCollectionCondition": shown_as("smart_collection_condition", "smart_collection"),
        "uniqueValues": shown_as("unique_values", "unique_values"),
        "cartToOrderCopyable": shown_as("cart_to_order_copyable", "cart_to_order_copyable"),
    }


@registry.field("MetafieldDefinition", "useAsCollectionCondition")
def _condition(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["smart_collection"])


@registry.field("MetafieldDefinition", "constraints")
def _constraints(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    # A definition without constraints still shows the object, with a null key (recorded).
    return json.loads(row["constraints"]) if row["constraints"] else {"key": None, "values": []}


@registry.field("MetafieldDefinitionConstraints", "values", registry.CONNECTION_ARGUMENTS)
def _constraint_values(row: Row, _call: Call, args: dict[str, Any]) -> Connection:
    return listed([{"id": place, "value": value} for place, value in enumerate(row["values"], 1)], args)


@registry.field("MetafieldDefinition", "metafieldsCount")
def _metafields_count(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return metafields.count_of(call.store, row)


@registry.field("MetafieldDefinition", "metafields", registry.CONNECTION_ARGUMENTS)
def _metafields(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    kind = metafields.OWNER_KINDS.get(row["owner_type"])
    where = "m.owner_kind = ? AND m.namespace = ? AND m.key = ?"
    select = Select("m.*", "metafields m", where, [kind, row["namespace"], row["key"]], "m.id", Order("m.id"), str)
    return page(call.db, select, args)


@registry.field("QueryRoot", "metafieldDefinition", "id identifier")
def _one(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    if args.get("id"):
        return _node(call, args["id"])
    wanted = args.get("identifier") or {}
    namespace = namespace_of(call, wanted.get("namespace"))
    return source(metafields.definition(call.store, wanted.get("ownerType", ""), namespace, wanted.get("key", "")))


_ORDERS = {
    "ID": Order("d.id"),
    "RELEVANCE": Order("d.id"),
    "NAME": Order("d.lower_name"),
    "PINNED_POSITION": Order("d.pin_rank"),
}
# Pins come last to first, definitions without a pin after them, newest first (recorded).
_SOURCE = (
    "(SELECT *, COALESCE(pinned_position, 0) AS pin_rank, LOWER(name) AS lower_name FROM metafield_definitions) d"
)
_PINNED = {"PINNED": " AND d.pinned_position IS NOT NULL", "UNPINNED": " AND d.pinned_position IS NULL"}
_CONSTRAINED = {"CONSTRAINED_ONLY": " AND d.constraints != ''", "UNCONSTRAINED_ONLY": " AND d.constraints = ''"}


@registry.field(
    "QueryRoot",
    "metafieldDefinitions",
    f"{registry.CONNECTION_ARGUMENTS} ownerType namespace key sortKey query pinnedStatus constraintStatus",
)
def _many(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    key = args.get("sortKey") or "ID"
    where, parameters = "d.owner_type = ?", [args["ownerType"]]
    if args.get("namespace"):
        where += " AND d.namespace = ?"
        parameters.append(namespace_of(call, args["namespace"]))
    if args.get("key"):
        where += " AND d.key = ?"
        parameters.append(args["key"])
    where += _PINNED.get(args.get("pinnedStatus") or "", "") + _CONSTRAINED.get(args.get("constraintStatus") or "", "")
    if (args.get("query") or "").strip():
        found = direct.condition(call, args["query"], _term)
        where += f" AND ({found.text})"
        parameters += found.parameters
    if key == "PINNED_POSITION":
        args = args | {"reverse": not args.get("reverse")}
    select = Select("d.*", _SOURCE, where, parameters, "d.id", _ORDERS[key], str)
    return page(call.db, select, args)


_EXACT = {"namespace", "key", "type", "owner_type"}


def _term(call: Call, term: Term) -> Sql | None:
    name = (term.field or "default").lower()
    if name == "default":
        start = term.value.rstrip("*").lower()
        return Sql("' ' || d.lower_name LIKE ?", [f"% {start}%"])
    if name == "id":
        return direct.number("d.id", term)
    if name in _EXACT:
        value = namespace_of(call, term.value) if name == "namespace" else term.value
        return Sql(f"d.{name} = ?", [value])
    if name in {"created_at", "updated_at"}:
        raise registry.not_built(f"the search field {name} of MetafieldDefinition")
    return None
