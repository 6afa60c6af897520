"""What the API tells of metafields: on their owners, by themselves, and the records they refer to.

Reads only; `keys:` answers with the qualified key, as recorded.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, metafield_references, metafield_types, metafield_values, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.paging import Connection, Order, Select, encode, listed, page
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


for _kind in metafields.OWNER_TYPES:
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
    return metafield_values.shown(row["type"], row["value"])


@registry.field("Metafield", "sizeInBytes")
def _size(row: Row, _call: Call, _args: dict[str, Any]) -> int:
    return len(row["value"].encode())


@registry.field("Metafield", "reference")
def _reference(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return one_reference(call, row["type"], row["value"])


@registry.field("Metafield", "references", "first last after before")
def _references(row: Row, call: Call, args: dict[str, Any]) -> Connection | None:
    return many_references(call, row["type"], row["value"], args)


def one_reference(call: Call, type_name: str, value: str | None) -> Row | None:
    """The record a single reference leads to; lists and other types have none."""
    if value is None or metafield_types.inner(type_name) != type_name:
        return None
    return next(iter(metafield_references.targets(call, type_name, value)), None)


def many_references(call: Call, type_name: str, value: str | None, args: dict[str, Any]) -> Connection | None:
    """The records a list of references leads to; None for what is no list of references."""
    if value is None or metafield_types.inner(type_name) == type_name or not metafield_types.is_reference(type_name):
        return None
    found = metafield_references.targets(call, type_name, value)
    # Such a list is paged by position, from nought (recorded cursors).
    places = listed([{"id": place} for place in range(len(found))], args)
    rows = [found[one["id"]] | {"__place": one["id"]} for one in places.rows]
    return Connection(rows, places.has_next, places.has_previous, lambda row: encode(row["__place"], row["__place"]))


@registry.field("Metafield", "compareDigest")
def _digest(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["digest"])


@registry.field("Metafield", "ownerType")
def _owner_type(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return metafields.OWNER_TYPES[row["owner_kind"]]


@registry.field("Metafield", "owner")
def _owner(row: Row, call: Call, _args: dict[str, Any]) -> Any:
    return registry.NODES[row["owner_kind"]](call, gid.make(row["owner_kind"], row["owner_id"]))


@registry.field("Metafield", "createdAt")
def _created(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["created_at"])


@registry.field("Metafield", "updatedAt")
def _updated(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["updated_at"])
