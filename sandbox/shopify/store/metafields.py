"""Metafields in the store: rows, digests, the values that a definition makes unique.

Rows only: which owners exist is known to their areas, which values are valid to `metafield_values`.
"""

from __future__ import annotations

import hashlib

from sandbox.shopify.store import references
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

# The kinds of records that may have metafields here, and what a definition calls them.
OWNER_TYPES = {
    "Product": "PRODUCT",
    "ProductVariant": "PRODUCTVARIANT",
    "Customer": "CUSTOMER",
    "Company": "COMPANY",
    "CompanyLocation": "COMPANY_LOCATION",
    "Order": "ORDER",
    "DraftOrder": "DRAFTORDER",
    "Collection": "COLLECTION",
    "Location": "LOCATION",
    "Shop": "SHOP",
}
OWNER_KINDS = {owner_type: kind for kind, owner_type in OWNER_TYPES.items()}


def find(store: Store, kind: str, owner: int, namespace: str, key: str) -> Row | None:
    """One metafield of an owner."""
    sql = "SELECT * FROM metafields WHERE owner_kind = ? AND owner_id = ? AND namespace = ? AND key = ?"
    return store.db.one(sql, (kind, owner, namespace, key))


def of_owner(store: Store, kind: str, owner: int) -> list[Row]:
    """All metafields of an owner in the order they were made."""
    return store.db.all("SELECT * FROM metafields WHERE owner_kind = ? AND owner_id = ? ORDER BY id", (kind, owner))


def digest(type_name: str, value: str) -> str:
    """The opaque digest of a stored value: equal values have equal ones (recorded), and it is no plain hash."""
    return hashlib.sha256("\x1f".join(("metafield", type_name, value)).encode()).hexdigest()


def put(store: Store, kind: str, owner: int, wanted: Row) -> Row:
    """Create or change a metafield; an equal value and type leave the row as it is."""
    now = store.now()
    row = find(store, kind, owner, wanted["namespace"], wanted["key"])
    if row is None:
        number = store.db.next_id("Metafield")
        row = {"id": number, "owner_kind": kind, "owner_id": owner, "namespace": wanted["namespace"]}
        row |= {"key": wanted["key"], "type": wanted["type"], "value": wanted["value"]}
        row |= {"created_at": now, "updated_at": now}
        row["digest"] = digest(row["type"], row["value"])
        store.db.insert("metafields", row)
        _link(store, row)
        return row
    if row["value"] != wanted["value"] or row["type"] != wanted["type"]:
        row |= {"value": wanted["value"], "type": wanted["type"], "updated_at": now}
        row["digest"] = digest(row["type"], row["value"])
        changes = {name: row[name] for name in ("value", "type", "updated_at", "digest")}
        store.db.update("metafields", row["id"], changes)
        _link(store, row)
    return row


def _link(store: Store, row: Row) -> None:
    place = references.Place(row["id"], row["owner_kind"], row["owner_id"], row["namespace"], row["key"])
    references.link(store, place, row["type"], row["value"])


def delete(store: Store, number: int) -> None:
    """Remove one metafield."""
    references.unlink(store, number)
    store.db.run("DELETE FROM metafields WHERE id = ?", (number,))


def delete_owner(store: Store, kind: str, owner: int) -> None:
    """Remove all metafields of an owner."""
    references.unlink_source(store, kind, owner)
    store.db.run("DELETE FROM metafields WHERE owner_kind = ? AND owner_id = ?", (kind, owner))


def definition(store: Store, owner_type: str, namespace: str, key: str) -> Row | None:
    """The definition of a metafield for a kind of owner."""
    sql = "SELECT * FROM metafield_definitions WHERE owner_type = ? AND namespace = ? AND key = ?"
    return store.db.one(sql, (owner_type, namespace, key))


def holder(store: Store, kind: str, namespace: str, key: str, value: str) -> int | None:
    """The owner whose metafield has that value, for unique ones."""
    sql = "SELECT owner_id FROM metafields WHERE owner_kind = ? AND namespace = ? AND key = ? AND value = ?"
    row = store.db.one(sql, (kind, namespace, key, value))
    return row["owner_id"] if row else None


def filterable(store: Store, kind: str) -> frozenset[str]:
    """The metafields of a kind that `query:` may filter by: those whose definition says so."""
    sql = "SELECT namespace, key FROM metafield_definitions WHERE owner_type = ? AND admin_filterable = 1"
    rows = store.db.all(sql, (OWNER_TYPES.get(kind, ""),))
    return frozenset(f"metafields.{row['namespace']}.{row['key']}".lower() for row in rows)


def search_values(store: Store, kind: str, owner: int) -> dict[str, list[str]]:
    """An owner's metafields as fields of its search document."""
    rows = of_owner(store, kind, owner)
    return {f"metafields.{row['namespace']}.{row['key']}".lower(): [row["value"]] for row in rows}


def count_of(store: Store, definition_row: Row) -> int:
    """How many metafields a definition describes."""
    sql = "SELECT COUNT(*) FROM metafields WHERE owner_kind = ? AND namespace = ? AND key = ?"
    kind = OWNER_KINDS.get(definition_row["owner_type"])
    return int(store.db.value(sql, (kind, definition_row["namespace"], definition_row["key"])))


def described(store: Store, definition_row: Row) -> list[Row]:
    """The metafields that a definition describes."""
    sql = "SELECT * FROM metafields WHERE owner_kind = ? AND namespace = ? AND key = ? ORDER BY id"
    kind = OWNER_KINDS.get(definition_row["owner_type"])
    return store.db.all(sql, (kind, definition_row["namespace"], definition_row["key"]))
