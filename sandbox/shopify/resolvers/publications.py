"""What the API tells of publications, and of where products and collections are published.

Reads only. The app of the sandbox is no sales channel: nothing is published on a current one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.store import collections, products, publications
from sandbox.shopify.store.database import Row

KINDS = ("Product", "Collection")
FINDERS: dict[str, Callable[..., Row | None]] = {"Product": products.get, "Collection": collections.get}
LIST = f"{registry.CONNECTION_ARGUMENTS} onlyPublished"
registry.keys("Publication", "name")
registry.keys("ResourcePublication", "isPublished publishDate publication publishable")
registry.keys("ResourcePublicationV2", "isPublished publishDate publication publishable")
registry.keys("ProductPublication", "isPublished publishDate product")
registry.keys("CollectionPublication", "isPublished publishDate publication collection")


def resource(call: Call, kind: str, number: int | None) -> Row | None:
    """A publishable record as the executor passes it on."""
    row = FINDERS[kind](call.store, number) if kind in FINDERS else None
    return row and row | {"__typename": kind}


def publication_source(row: Row | None) -> Row | None:
    """A publication row as the executor passes it on."""
    return row and row | {"__typename": "Publication"}


@registry.field("QueryRoot", "publications", f"{registry.CONNECTION_ARGUMENTS} catalogType")
def _publications(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    if args.get("catalogType") not in {None, "APP"}:
        return page(call.db, Select("b.*", "publications b", "0", [], "b.id", Order("b.id")), args)
    return page(call.db, Select("b.*", "publications b", "1", [], "b.id", Order("b.id")), args)


@registry.field("QueryRoot", "publicationsCount", "limit catalogType")
def _publications_count(_source: Any, call: Call, _args: dict[str, Any]) -> Row:
    return {"count": call.db.value("SELECT COUNT(*) FROM publications"), "precision": "EXACT"}


@registry.field("Shop", "publicationCount")
def _shop_count(_source: Any, call: Call, _args: dict[str, Any]) -> int:
    return int(call.db.value("SELECT COUNT(*) FROM publications"))


@registry.field("QueryRoot", "publication", "id")
def _publication(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return publication_source(publications.get(call.store, gid.number(args["id"], "Publication")))


@registry.node("Publication")
def _node(call: Call, identifier: str) -> Row | None:
    return publication_source(publications.get(call.store, gid.number(identifier, "Publication")))


@registry.field("Publication", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Publication", row["id"])


@registry.field("Publication", "autoPublish")
def _auto(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["auto_publish"])


@registry.field("Publication", "supportsFuturePublishing")
def _future(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["future"])


@registry.field("Publication", "hasCollection", "id")
def _has_collection(row: Row, call: Call, args: dict[str, Any]) -> bool:
    return _is_on(call, "Collection", gid.number(args["id"], "Collection"), row["id"])


def _is_on(call: Call, kind: str, number: int | None, publication: int | None) -> bool:
    sql = (
        "SELECT 1 FROM resource_publications WHERE kind = ? AND resource_id = ? AND publication_id = ? "
        "AND publish_date <= ?"
    )
    return call.db.one(sql, (kind, number, publication, call.store.clock.micros())) is not None


def _pages(call: Call, row: Row, args: dict[str, Any]) -> Connection:
    kind = row["__typename"]
    where, values = "r.kind = ? AND r.resource_id = ?", [kind, row["id"]]
    if args.get("onlyPublished", True):
        where += " AND 1" if publications.is_shown(kind, row) else " AND 0"
        where += " AND r.publish_date <= ?"
        values.append(call.store.clock.micros())
    source = "resource_publications r JOIN publications b ON b.id = r.publication_id"
    found = page(call.db, Select("b.*, r.publish_date", source, where, values, "b.id", Order("b.id")), args)
    found.rows = [_entry(call, row, one) for one in found.rows]
    return found


def _entry(call: Call, row: Row, publication: Row) -> Row:
    kind = row["__typename"]
    shown = publications.is_shown(kind, row)
    return {
        "id": publication["id"],
        "isPublished": shown and publication["publish_date"] <= call.store.clock.micros(),
        "publishDate": iso(publication["publish_date"]) if shown else None,
        "publication": publication_source(publication),
        "publishable": row,
        kind.lower(): row,
    }


def _register(kind: str) -> None:
    def published_on(row: Row, call: Call, args: dict[str, Any]) -> bool:
        number = gid.number(args["publicationId"], "Publication")
        return publications.is_shown(kind, row) and _is_on(call, kind, row["id"], number)

    def number(row: Row, call: Call, args: dict[str, Any]) -> int:
        return publications.count(call.store, kind, row, bool(args.get("onlyPublished", True)))

    def counted(row: Row, call: Call, args: dict[str, Any]) -> Row:
        return {"count": number(row, call, args), "precision": "EXACT"}

    def listed(row: Row, call: Call, args: dict[str, Any]) -> Connection:
        return _pages(call, row | {"__typename": kind}, args)

    def not_listed(row: Row, call: Call, args: dict[str, Any]) -> Connection:
        where = "b.id NOT IN (SELECT publication_id FROM resource_publications WHERE kind = ? AND resource_id = ?)"
        return page(call.db, Select("b.*", "publications b", where, [kind, row["id"]], "b.id", Order("b.id")), args)

    registry.field(kind, "publishedOnPublication", "publicationId")(published_on)
    for name in ("publishedOnCurrentPublication", "publishedOnCurrentChannel"):
        registry.field(kind, name)(lambda _row, _call, _args: False)
    registry.field(kind, "publicationCount", "onlyPublished")(number)
    registry.field(kind, "resourcePublicationsCount", "onlyPublished")(counted)
    registry.field(kind, "availablePublicationsCount")(counted)
    for name in ("resourcePublications", "resourcePublicationsV2", "publications"):
        registry.field(kind, name, LIST)(listed)
    registry.field(kind, "unpublishedPublications", registry.CONNECTION_ARGUMENTS)(not_listed)


for _kind in KINDS:
    _register(_kind)
