"""Metaobjects and their definitions in the store: rows, values, handles, display names, search documents.

Rows and what follows from them; what may be written is decided by the mutations.
"""

from __future__ import annotations

import json

from sandbox.shopify import text
from sandbox.shopify.store import references
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

KIND = "Metaobject"


def definition(store: Store, number: int | None) -> Row | None:
    """A definition by its number."""
    return store.db.get("metaobject_definitions", number)


def definition_of_type(store: Store, type_name: str) -> Row | None:
    """A definition by its type."""
    return store.db.one("SELECT * FROM metaobject_definitions WHERE type = ?", (type_name,))


def fields(store: Store, definition_id: int) -> list[Row]:
    """The field definitions of a definition, in their order."""
    return store.db.all("SELECT * FROM metaobject_fields WHERE definition_id = ? ORDER BY position", (definition_id,))


def by_handle(store: Store, type_name: str, handle: str) -> Row | None:
    """An entry by type and handle."""
    return store.db.one("SELECT * FROM metaobjects WHERE type = ? AND handle = ?", (type_name, handle))


def values(store: Store, number: int) -> dict[str, str]:
    """The values of an entry by field key."""
    rows = store.db.all("SELECT key, value FROM metaobject_values WHERE metaobject_id = ?", (number,))
    return {row["key"]: row["value"] for row in rows}


def count(store: Store, definition_id: int) -> int:
    """How many entries a definition has."""
    return int(store.db.value("SELECT COUNT(*) FROM metaobjects WHERE definition_id = ?", (definition_id,)))


def titled(name: str) -> str:
    """A handle or key as words, each with a capital."""
    return " ".join(word[:1].upper() + word[1:] for word in name.replace("_", "-").split("-") if word)


def free_handle(store: Store, type_name: str, wanted: str) -> str:
    """A handle that no entry of the type has: the wanted one, or with a number."""
    candidate = text.handle(wanted) or f"{text.handle(type_name)}-{store.db.next_id('handle') % 10**8:08d}"
    base, number = candidate, 0
    while by_handle(store, type_name, candidate) is not None:
        number += 1
        candidate = f"{base}-{number}"
    return candidate


def set_values(store: Store, entry: Row, given: dict[str, str | None]) -> None:
    """Write values of an entry; an empty one is none."""
    kinds = {field["key"]: field["type"] for field in fields(store, entry["definition_id"])}
    for key, value in given.items():
        sql = "SELECT id FROM metaobject_values WHERE metaobject_id = ? AND key = ?"
        held = store.db.value(sql, (entry["id"], key))
        if held is not None:
            references.unlink(store, held)
            store.db.run("DELETE FROM metaobject_values WHERE id = ?", (held,))
        if value is None:
            continue
        # A value of an entry is a metafield of the entry's type, with a number of its own.
        number = held or store.db.next_id("Metafield")
        store.db.insert("metaobject_values", {"id": number, "metaobject_id": entry["id"], "key": key, "value": value})
        place = references.Place(number, KIND, entry["id"], entry["type"], key)
        references.link(store, place, kinds[key], value)


def settle(store: Store, number: int) -> None:
    """Compute the display name of an entry from its values and put it in the index."""
    entry = store.db.get("metaobjects", number)
    if entry is None:
        store.index.put(KIND, number, None)
        return
    kind = definition(store, entry["definition_id"]) or {}
    held = values(store, number)
    name = held.get(kind.get("display_name_key") or "") or titled(entry["handle"])
    if name != entry["display_name"]:
        store.db.update("metaobjects", number, {"display_name": name})
    filterable = [field["key"] for field in fields(store, entry["definition_id"]) if field["admin_filterable"]]
    document = {
        "words": {"display_name": [name]},
        "keywords": {"handle": [entry["handle"]]}
        | {f"fields.{key}".lower(): _terms(held[key]) for key in filterable if key in held},
        "numbers": {"id": [number], "updated_at": [entry["updated_at"]]},
        "default": ["display_name", "handle"],
    }
    store.index.put(KIND, number, document)


def _terms(value: str) -> list[str]:
    if value.startswith("["):
        return [str(one) for one in json.loads(value)]
    return [value]


def filterable(store: Store, definition_id: int) -> frozenset[str]:
    """The fields of a type that `query:` may filter by."""
    rows = [row for row in fields(store, definition_id) if row["admin_filterable"]]
    return frozenset(f"fields.{row['key']}".lower() for row in rows)


def delete(store: Store, number: int) -> None:
    """Remove an entry and its values."""
    store.db.run("DELETE FROM metaobject_values WHERE metaobject_id = ?", (number,))
    store.db.run("DELETE FROM metaobjects WHERE id = ?", (number,))
    references.unlink_source(store, KIND, number)
    store.index.put(KIND, number, None)


def delete_definition(store: Store, number: int) -> None:
    """Remove a definition with its fields and entries."""
    for row in store.db.all("SELECT id FROM metaobjects WHERE definition_id = ?", (number,)):
        delete(store, row["id"])
    store.db.run("DELETE FROM metaobject_fields WHERE definition_id = ?", (number,))
    store.db.run("DELETE FROM metaobject_definitions WHERE id = ?", (number,))
