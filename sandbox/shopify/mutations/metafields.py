"""metafieldsSet, metafieldsDelete, and the metafields inside the inputs of other mutations.

Atomic: one bad entry and none is written. A digest guards a value that is about to change, and only that.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations.metafield_checks import NOT_ALLOWED, checked, is_foreign, owner_of
from sandbox.shopify.resolvers.metafields import namespace_of, source
from sandbox.shopify.store import customers, metafields, products, variants
from sandbox.shopify.store.database import Row

MAX_ENTRIES = 25
STALE = "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value."
Touch = Callable[[Call, int], None]
# What counts as changed when the metafields of a record change; each area adds its own kinds.
TOUCH: dict[str, Touch] = {}

registry.inputs("MetafieldsSetInput", "ownerId namespace key type value compareDigest")
registry.inputs("MetafieldIdentifierInput", "ownerId namespace key")
registry.keys("MetafieldIdentifier", "ownerId namespace key")


def touches(kind: str) -> Callable[[Touch], Touch]:
    """Register how a record of a kind is marked changed and indexed again after its metafields changed."""

    def register(function: Touch) -> Touch:
        TOUCH[kind] = function
        return function

    return register


@registry.mutation("metafieldsSet", "metafields", "metafields userErrors")
def _set(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["metafields"]
    if len(given) > MAX_ENTRIES:
        message = f"Exceeded the maximum metafields input limit of {MAX_ENTRIES}."
        raise UserErrors([user_error(["metafields"], message, "LESS_THAN_OR_EQUAL_TO")], metafields=[])
    errors: list[Row] = []
    prepared: list[tuple[str, int, Row]] = []
    for place, entry in enumerate(given):
        try:
            prepared.append(_prepare(call, entry, ["metafields", str(place)]))
        except UserErrors as refused:
            errors += refused.errors
    if errors:
        raise UserErrors(errors, metafields=[])
    rows = []
    for kind, owner, wanted in prepared:
        row = metafields.put(call.store, kind, owner, wanted)
        call.target("Metafield", row["id"])
        rows.append(source(row))
    for kind, owner in dict.fromkeys((kind, owner) for kind, owner, _ in prepared):
        touch_owner(call, kind, owner)
    return {"metafields": rows, "userErrors": []}


def touch_owner(call: Call, kind: str, owner: int) -> None:
    """A record whose metafields changed counts as changed."""
    if kind in TOUCH:
        TOUCH[kind](call, owner)


@touches("Product")
def _touch_product(call: Call, number: int) -> None:
    products.touch(call.store, number)
    products.reindex(call.store, number)


@touches("ProductVariant")
def _touch_variant(call: Call, number: int) -> None:
    row = variants.get(call.store, number)
    assert row is not None  # noqa: S101 - checked before
    call.db.update("variants", number, {"updated_at": call.store.now()})
    _touch_product(call, row["product_id"])


@touches("Customer")
def _touch_customer(call: Call, number: int) -> None:
    customers.touch(call.store, number)
    customers.reindex(call.store, number)


def _prepare(call: Call, entry: Row, path: list[str]) -> tuple[str, int, Row]:
    owner = owner_of(call, entry["ownerId"])
    if owner is None:
        raise refuse([*path, "ownerId"], "Owner does not exist.", "INVALID_VALUE")
    wanted = checked(call, *owner, entry, path)
    if "compareDigest" in entry:
        _compare(call, owner, wanted, entry["compareDigest"], path)
    return *owner, wanted


def _compare(call: Call, owner: tuple[str, int], wanted: Row, digest: str | None, path: list[str]) -> None:
    row = metafields.find(call.store, *owner, wanted["namespace"], wanted["key"])
    if row is None and digest is None:
        return
    if row is not None and row["value"] == wanted["value"] and row["type"] == wanted["type"]:
        return
    if row is None and digest is not None and not _is_digest(digest):
        raise refuse(path, "Invalid `compareDigest` value.", "INVALID_COMPARE_DIGEST")
    if row is None or digest != row["digest"]:
        raise refuse(path, STALE, "STALE_OBJECT")


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)


def put_all(call: Call, kind: str, owner: int, given: list[Row], root: list[str] | None = None) -> None:
    """Write the metafields inside another mutation's input, after the same checks."""
    for place, one in enumerate(given):
        entry = one
        if one.get("id"):
            row = call.db.get("metafields", gid.number(one["id"], "Metafield"))
            if row is not None:
                entry = {"namespace": row["namespace"], "key": row["key"], "type": row["type"]} | {
                    name: value for name, value in one.items() if value is not None
                }
        wanted = checked(call, kind, owner, entry, [*(root or []), "metafields", str(place)])
        row = metafields.put(call.store, kind, owner, wanted)
        call.wrote("Metafield", row["id"])


@registry.mutation("metafieldsDelete", "metafields", "deletedMetafields userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    if any(is_foreign(call, namespace_of(call, entry["namespace"])) for entry in args["metafields"]):
        raise refuse(["metafields"], NOT_ALLOWED, None, deletedMetafields=[])
    deleted: list[Row | None] = []
    owners: dict[tuple[str, int], None] = {}
    for entry in args["metafields"]:
        owner = owner_of(call, entry["ownerId"])
        namespace = namespace_of(call, entry["namespace"])
        row = None if owner is None else metafields.find(call.store, *owner, namespace, entry["key"])
        if row is None or owner is None:
            deleted.append(None)
            continue
        metafields.delete(call.store, row["id"])
        call.target("Metafield", row["id"])
        owners[owner] = None
        deleted.append({"ownerId": entry["ownerId"], "namespace": entry["namespace"], "key": entry["key"]})
    for kind, owner_number in owners:
        touch_owner(call, kind, owner_number)
    return {"deletedMetafields": deleted, "userErrors": []}
