"""Reading the records of any root connection of the Admin schema: customers, companies, orders, locations.

    customers = RootReads(client, Root("Customer", "customers", {"email": "email"}), mapping_paths)

The reading half of an `Entity`: what changed by `updatedAt`, a listing in id order, by ids, by a value that Shopify can
search. Documents are made from the paths; pages are as large as Shopify's prices allow. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from shared.errors import SchemaMismatch
from shared.fields import FieldInfo
from shared.records import Changes, Item, Reading, Record, Side
from shared.shopify.client import Document, ShopifyClient
from shared.shopify.documents import document
from shared.shopify.graph import MOST_POINTS, PAGE, Reader, any_of, gid, moment, nodes, number, search
from shared.shopify.polling import Window, fresh, window
from shared.shopify.read_only import ReadOnly
from shared.shopify.schema import Schema
from shared.shopify.selection import Selection, split

SIZES = (PAGE, 100, 50, 25, 10, 5, 1)
_PAGE = "nodes { ...RecordFields } pageInfo { hasNextPage endCursor }"


@dataclass(frozen=True, slots=True)
class Root:
    """A type and the connection of the schema's root that lists it.

    `search`: paths by which a record can be found, each with the filter of the connection's `query` that finds it.
    """

    type_name: str
    connection: str
    search: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of a poll (docs: defaults)."""

    overlap_s: float = 300.0
    lag_s: float = 60.0


class RootReads:
    """What an `Entity` of one root connection reads; see shared/sync/ports.py for what each method promises.

    Raises SchemaMismatch where the connection does not exist, or cannot be sorted by the time of the last change.
    """

    side = Side.SHOPIFY

    def __init__(self, client: ShopifyClient, root: Root, paths: Iterable[str], windows: Windows | None = None) -> None:
        self._check(client.schema, root)
        self.client = client
        self.root = root
        self.windows = windows or Windows()
        self.tables: Sequence[str] = (root.connection,)
        self._reader = Reader(client, Selection(client.schema, root.type_name, {*paths, *self._always}))

    def _check(self, schema: Schema, root: Root) -> None:
        check(schema, root)

    @property
    def _always(self) -> Iterable[str]:
        """Paths that are read whatever the mapping names."""
        return ("id", "updatedAt")

    @property
    def type_name(self) -> str:
        """The type that its records have in the Admin API."""
        return self.root.type_name

    @property
    def searchable(self) -> Collection[str]:
        """The paths that `find` takes."""
        return self.root.search.keys()

    @property
    def selection(self) -> str:
        """The digest of what a read selects."""
        return self._reader.selection.digest

    def describe(self, path: str) -> FieldInfo | None:
        """What the schema says of a path, for the mapping check; None where it does not exist."""
        return self._reader.selection.describe(path)

    def start_token(self, table: str) -> str:
        """A token for now, by Shopify's clock; one call."""
        return Window(self.client.execute(document("shop"), {}).read_at).token()

    def changes(self, table: str, token: str) -> Changes:
        """One page of what changed, with content; ONE call when nothing did."""
        start, asked = window(token), self._listed("UPDATED_AT")
        variables = {"query": start.search(self.windows.overlap_s), "after": start.cursor or None}
        answer = self.client.execute(asked, {**variables, "first": self._size})
        page, times = answer.data[self.root.connection], self.windows
        found = fresh(start, page, answer.at, overlap_s=times.overlap_s, lag_s=times.lag_s, newest_first=True)
        return Changes(self._items(found.nodes), answer.read_at, found.token, found.more)

    def listing(self, after: str) -> Changes:
        """One page of everything in id order, with content."""
        answer = self.client.execute(self._listed("ID"), {"first": self._size, "after": after or None})
        page = answer.data[self.root.connection]
        info = page["pageInfo"]
        items = self._items(page["nodes"])
        return Changes(items, answer.read_at, info["endCursor"] or after, bool(info["hasNextPage"]))

    def members(self, table: str, ids: Sequence[str]) -> Changes:
        """Those records: rows of the connection are the records themselves."""
        reading = self.read(ids)
        return Changes(tuple(Item(record.id, record) for record in reading.records.values()), reading.read_at)

    def read(self, ids: Sequence[str]) -> Reading:
        """Those records live, a page a call; `read_at` is that of the first call."""
        text = f"query {self._name}Read($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...RecordFields }} }}"
        names = [self._gid(each) for each in dict.fromkeys(ids)]
        answers = list(nodes(self.client, self._document("Read", text), names, self._size))
        records = {record.id: record for _, answered in answers for record in map(self._record, filter(None, answered))}
        return Reading(answers[0][0] if answers else self.client.now(), records)

    def find(self, path: str, values: Sequence[str], *, fold: bool = False) -> Mapping[str, Sequence[Record]]:
        """Records whose `path` equals each value exactly; Shopify's search compares words and runs behind its writes.

        Raises SchemaMismatch for a path that Shopify cannot search.
        """
        if path not in self.root.search:
            known = ", ".join(self.root.search) or "nothing"
            raise SchemaMismatch(f"{self.root.connection} cannot be searched by {path!r}, only by: {known}.")
        found: dict[str, dict[str, Record]] = {value: {} for value in values}
        for query in any_of(self.root.search[path], values):
            asked = {"query": query, "first": self._size}
            for record in map(self._record, search(self.client, self._listed("ID"), self.root.connection, asked)):
                value = _at(record.content, path)
                value = value.casefold() if fold and isinstance(value, str) else value
                if value in found:
                    found[value][record.id] = record
        return {value: tuple(records.values()) for value, records in found.items()}

    def _gid(self, record_id: str) -> str:
        return gid(self.root.type_name, record_id)

    @property
    def _name(self) -> str:
        return self.root.connection[:1].upper() + self.root.connection[1:]

    def _listed(self, order: str) -> Document:
        """The connection in that order: by id from the first, by time from the last change back."""
        order = f"{order}, reverse: true" if order == "UPDATED_AT" else order
        name = order.partition(",")[0].title().replace("_", "")
        text = (
            f"query {self._name}By{name}($first: Int!, $after: String, $query: String) {{ "
            f"{self.root.connection}(first: $first, after: $after, query: $query, sortKey: {order}) {{ {_PAGE} }} }}"
        )
        return self._document("By", text)

    def _document(self, name: str, text: str) -> Document:
        fragment = self._reader.selection.fragment("RecordFields")
        return Document(f"{self._name}{name}", f"{text}\n{fragment}")

    @cached_property
    def _size(self) -> int:
        """How many records a page has: as many as our share of Shopify's limit pays for."""
        asked = self._listed("ID")
        affordable = (size for size in SIZES if self.client.cost(asked, {"first": size}) <= MOST_POINTS)
        return next(affordable, SIZES[-1])

    def _items(self, answered: Iterable[Mapping[str, Any]]) -> tuple[Item, ...]:
        return tuple(Item(record.id, record) for record in map(self._record, answered))

    def _record(self, node: Mapping[str, Any]) -> Record:
        content = self._reader.shape(node)
        return Record(number(str(node["id"])), content, moment(str(node["updatedAt"])))


class RootSource(RootReads, ReadOnly):
    """The whole `Entity` of a kind that no flow writes to Shopify."""

    @property
    def named(self) -> str:
        """The connection they are read from."""
        return self.root.connection


def check(schema: Schema, root: Root) -> None:
    """Raise SchemaMismatch naming what the connection lacks for being polled."""
    found = schema.field("QueryRoot", root.connection)
    if found is None:
        near = schema.suggest("QueryRoot", root.connection)
        raise SchemaMismatch(f"Shopify has no connection {root.connection!r}{near}", facts={"root": root.connection})
    orders = schema.entry(found.args.get("sortKey", "").partition(" ")[0].rstrip("!")).get("e", ())
    missing = [each for each in ("ID", "UPDATED_AT") if each not in orders]
    missing += [] if "query" in found.args else ["query"]
    if missing:
        sentence = f"Shopify's {root.connection} cannot be asked by {', '.join(missing)}, so changes are not found."
        raise SchemaMismatch(sentence, facts={"root": root.connection})


def _at(content: Mapping[str, Any], path: str) -> Any:
    value: Any = content
    for name in split(path):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
