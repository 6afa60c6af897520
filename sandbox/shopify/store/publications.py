"""Where products and collections are published, and since or from when.

`published_at` of a product is the time it has at the online store, the first publication of a shop.
"""

from __future__ import annotations

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


def get(store: Store, number: int | None) -> Row | None:
    """A publication by its number."""
    return store.db.get("publications", number)


def online_store(store: Store) -> int:
    """The number of the publication that is the online store."""
    return int(store.db.value("SELECT id FROM publications ORDER BY id LIMIT 1"))


def announce(store: Store, kind: str, number: int) -> None:
    """Publish a new record where publishing is automatic."""
    for row in store.db.all("SELECT id FROM publications WHERE auto_publish = 1"):
        publish(store, (kind, number), row["id"], None)


def publish(store: Store, resource: tuple[str, int], publication: int, date: int | None) -> None:
    """Publish a record from a date on, now when there is none; one that is published keeps its date unless given."""
    kind, number = resource
    moment = store.now() if date is None else date
    how = "IGNORE" if date is None else "REPLACE"
    sql = f"INSERT OR {how} INTO resource_publications VALUES (?, ?, ?, ?)"  # noqa: S608 - one of two words
    store.db.run(sql, (kind, number, publication, moment))
    if kind == "Product" and publication == online_store(store):
        store.db.run("UPDATE products SET published_at = COALESCE(published_at, ?) WHERE id = ?", (moment, number))


def unpublish(store: Store, resource: tuple[str, int], publication: int) -> None:
    """Take a record out of a publication."""
    kind, number = resource
    sql = "DELETE FROM resource_publications WHERE kind = ? AND resource_id = ? AND publication_id = ?"
    store.db.run(sql, (kind, number, publication))
    if kind == "Product" and publication == online_store(store):
        store.db.update("products", number, {"published_at": None})


def forget(store: Store, kind: str, number: int) -> None:
    """Remove the publications of a record that is gone."""
    store.db.run("DELETE FROM resource_publications WHERE kind = ? AND resource_id = ?", (kind, number))


def is_shown(kind: str, row: Row) -> bool:
    """False for a product that is a draft or archived: it is staged where it was put, and published nowhere."""
    return kind != "Product" or row["status"] not in {"DRAFT", "ARCHIVED"}


def count(store: Store, kind: str, row: Row, only_published: bool) -> int:
    """At how many places a record is published, or is to be."""
    if only_published and not is_shown(kind, row):
        return 0
    sql = "SELECT COUNT(*) FROM resource_publications WHERE kind = ? AND resource_id = ?"
    parameters: list[object] = [kind, row["id"]]
    if only_published:
        sql += " AND publish_date <= ?"
        parameters.append(store.clock.micros())
    return int(store.db.value(sql, parameters))
