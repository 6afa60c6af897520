"""One kind of record in Dataverse as the engine sees it: the `Entity` port over any table with its child rows.

Reads go in batches, deltas carry ids only (the engine reads them live), writes are shared/dataverse/writing.py.
Source for deltas: learn.microsoft.com/power-apps/developer/data-platform, "Use change tracking to synchronize data".
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from shared.dataverse import odata
from shared.dataverse.by_child import ByChild, rows_anywhere
from shared.dataverse.client import Client, Reply
from shared.dataverse.collections import Collection
from shared.dataverse.edits import NAMESPACE, Editor, Lifecycle, PlainLifecycle, child_id
from shared.dataverse.metadata import Metadata, Table
from shared.dataverse.selection import Child, Selection, TableConfig, Watched
from shared.dataverse.writing import Writer
from shared.errors import Rejected, SchemaMismatch, TokenExpired
from shared.fields import FieldInfo
from shared.records import Changes, Item, Reading, Record, Side, Write, WriteResult

START_PAGE = 5000
"""Rows a page while a first token is fetched: the most Dataverse gives out."""
ACTIVE = " and statecode eq 0"
ID_COUNT, ID_CHARACTERS = 250, 12_000
"""Ids in one `In` filter. A GET address may have 32 KB; 12,000 characters also pass proxies that stop at 16 KB.

One GET with a filter is one request against the limits and needs no multipart answer, where a `$batch` of single GETs
counts each of them; so a filter is used for everything, cut into as many GETs as its length needs.
"""


class TableEntity:
    """`shared.sync.ports.Entity` for one configured table. Safe to share between threads."""

    def __init__(
        self, client: Client, metadata: Metadata, config: TableConfig, lifecycle: Lifecycle | None = None
    ) -> None:
        self.config = config
        self._client = client
        self._metadata = metadata
        self._selection = Selection(config, metadata)
        editor = Editor(self._selection, metadata)
        self._lifecycle = lifecycle or PlainLifecycle()
        self._writer = Writer(client, self._selection, editor, self._lifecycle)

    @property
    def side(self) -> Side:
        """Always CRM."""
        return Side.CRM

    @property
    def tables(self) -> Sequence[str]:
        """The table itself, then its children's and its lines'."""
        return tuple(dict.fromkeys((self.config.table, *(each.table for each in self.config.below))))

    @property
    def selection(self) -> str:
        """The digest of what a read selects."""
        return self.config.digest

    @property
    def batch_size(self) -> int:
        """Records a write call takes."""
        return self.config.batch_size

    def watched(self, paths: Iterable[str]) -> tuple[Watched, ...]:
        """The tables these paths are read from, with the columns whose change may change a record."""
        return self._selection.watched(paths)

    def describe(self, path: str) -> FieldInfo | None:
        """What the organization says of a path, child paths included; None where it does not exist."""
        return self._selection.describe(path)

    @property
    def names(self) -> tuple[str, ...]:
        """What a path may begin with."""
        return self._selection.names

    def required(self) -> tuple[FieldInfo, ...]:
        """The columns without which a create is refused."""
        return self._selection.required()

    def start_token(self, table: str) -> str:
        """A token for now. Dataverse gives one only at the end of a walk: one call per 5,000 rows, ids only.

        Raises SchemaMismatch, naming `ops setup`, where change tracking is off for the table.
        """
        known = self._metadata.table(table)
        url = odata.query(known.entity_set, {"$select": ",".join(self._tracked_columns(known))})
        prefer = f"odata.track-changes,odata.maxpagesize={START_PAGE}"
        link = ""
        for page in self._client.pages(url, name=f"first change token of {table}", prefer=prefer):
            link = str(page.data.get("@odata.deltaLink") or "")
        if not link:
            raise SchemaMismatch(f"Dataverse gave no change token for {table}.", facts={"table": table})
        return link

    def changes(self, table: str, token: str) -> Changes:
        """One page of ids that changed: one call, also when nothing did. Raises TokenExpired."""
        if not token.startswith(self._client.transport.base_url):
            raise TokenExpired(f"The change token of {table} belongs to another organization.", facts={"table": table})
        known = self._metadata.table(table)
        prefer = f"odata.track-changes,odata.maxpagesize={self.config.page_size}"
        try:
            page = self._client.get(token, name=f"changes of {table}", prefer=prefer)
        except Rejected as error:
            # A token of another organization or a restored copy is refused in other words; only a listing helps.
            raise TokenExpired(f"Dataverse refused the change token of {table}.", facts=error.facts) from None
        children = [child for child in self.config.below if child.table == table]
        rows = page.data["value"]
        gone = [odata.guid(str(row["id"])[-36:]) for row in rows if row.get("reason") == "deleted"]
        live = [row for row in rows if row.get("reason") != "deleted"]
        next_link, delta_link = page.data.get("@odata.nextLink"), page.data.get("@odata.deltaLink")
        found = self._child_changes(children, known, live) if children else _own_changes(known, live, gone)
        return Changes(
            items=found[0],
            read_at=page.answer.read_at,
            token=str(next_link or delta_link or token),
            more=bool(next_link),
            pointers=found[1],
            orphans=tuple(gone) if children else (),
        )

    def listing(self, after: str) -> Changes:
        """One page of everything in primary key order; `after` is the next link of the page before.

        A page that was begun under another selection gives ids only, which the engine reads live.
        """
        selection, _, link = after.partition(" ")
        name = f"list {self.config.table}"
        page = self._client.get(link or self._first_page(), name=name, prefer=self._prefer(self.config.page_size))
        records = self._records(page) if selection in ("", self.selection) else []
        ids = [str(row[self._selection.table.id_column]).lower() for row in page.data["value"]]
        items = tuple(Item(record.id, record) for record in records) or tuple(Item(each) for each in ids)
        next_link = page.data.get("@odata.nextLink")
        token = f"{selection or self.selection} {next_link}" if next_link else ""
        return Changes(items=items, read_at=page.answer.read_at, token=token, more=bool(next_link))

    def members(self, table: str, ids: Sequence[str]) -> Changes:
        """The ids of the records that rows of a table belong to; rows that are gone belong to none.

        Those are known to the pointers.
        """
        wanted = [odata.guid(each) for each in ids if odata.is_guid(each)]
        now = self._client.clock.now()
        if table == self.config.table:
            return Changes(tuple(map(Item, wanted)), now)
        parents: dict[str, None] = {}
        for child in (child for child in self.config.below if child.table == table):
            known = self._metadata.table(table)
            select = {"$select": ",".join(self._tracked_columns(known))}
            for page in self._filtered(known, known.id_column, wanted, select):
                parents.update(dict.fromkeys(self._parents(child, known, page.data["value"]).values()))
        return Changes(tuple(map(Item, parents)), now)

    def read(self, ids: Sequence[str]) -> Reading:
        """Those records live: one GET for up to 250 ids."""
        wanted = list(dict.fromkeys(odata.guid(each) for each in ids if odata.is_guid(each)))
        table = self._selection.table
        pages = list(self._filtered(table, table.id_column, wanted, self._selection.options()))
        if not pages:
            return Reading(self._client.clock.now(), {})
        records = [record for page in pages for record in self._records(page)]
        return Reading(min(page.answer.read_at for page in pages), {record.id: record for record in records})

    def find(self, path: str, values: Sequence[str], *, fold: bool = False) -> Mapping[str, Sequence[Record]]:
        """Records whose column holds exactly one of the values.

        The server compares without regard to case, accents and trailing spaces; here only the same characters count
        as equal, so a value that differs in case alone is no match (Dataverse then refuses it as a duplicate), unless
        `fold` says that case does not count. A child's column finds the records that such a child belongs to, a line's
        column the rows of anybody's lines.
        """
        wanted = {value.casefold() if fold else value: value for value in values if value}
        found: dict[str, list[Record]] = {}
        for value, record in self._found(path, sorted(wanted.values())):
            key = value.strip().casefold() if fold else value
            if key in wanted:
                found.setdefault(wanted[key], []).append(record)
        return found

    def _found(self, path: str, values: Sequence[str]) -> Iterator[tuple[str, Record]]:
        """Rows whose column holds one of the values, by the server's comparison, with the value they hold."""
        name, dot, own = path.partition(".")
        child = next((child for child in self.config.children if dot and child.name == name), None)
        if child is not None:
            yield from ByChild(self._selection, child, self._active, self.read).find(own, values)
            return
        lines = next((each for each in self.config.lines if dot and each.name == name), None)
        if lines is not None:
            seen = partial(self._filtered, only=f" and {lines.only}" if lines.only else "")
            yield from rows_anywhere(lines, self._metadata, own, values, seen)
            return
        table = self._selection.table
        column = table.column(path)
        only = ACTIVE if self.config.active_only and path != self.config.marker else ""
        for page in self._filtered(table, column.name, values, self._selection.options(), only=only):
            for row, record in zip(page.data["value"], self._records(page), strict=True):
                yield str(row.get(column.wire, record.content.get(path))), record

    def marked(self, source_ids: Sequence[str]) -> Mapping[str, Record]:
        """Records by the counterpart's id in their marker column; SchemaMismatch where two carry the same one."""
        marker = self.config.marker
        if marker is None:
            return {}
        found = self.find(marker, source_ids)
        double = next((value for value, records in found.items() if len(records) > 1), None)
        if double is not None:
            sentence = f"Two rows of {self.config.table} hold {double} in {marker}: its alternate key is missing."
            raise SchemaMismatch(
                f"{sentence} Clear one of them, then run `python -m ops setup`.",
                facts={"table": self.config.table, "column": marker, "rows": [each.id for each in found[double]]},
            )
        return {value: records[0] for value, records in found.items()}

    def closed(self, current: Record, values: Mapping[str, Any]) -> str:
        """What the table's life cycle says of the state the row is in."""
        return self._lifecycle.closed(current.content, values)

    def new_id(self, source_id: str, generation: int) -> str | None:
        """The primary key a create has: the same for every repeat, another for every generation."""
        name = f"{self.config.shop}|{self.config.kind}|{self.config.table}|{source_id}|{generation}"
        return str(uuid.uuid5(NAMESPACE, name))

    def line_id(self, record_id: str, line: str) -> str | None:
        """The primary key of a record's line: the same for every repeat, because the record's own is."""
        return child_id(record_id, line)

    def write(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        """All of them, each with the record as it was read back in the same round trip."""
        return self._writer.write(writes)

    def _first_page(self) -> str:
        table = self._selection.table
        return odata.query(table.entity_set, {**self._selection.options(), "$orderby": table.id_column})

    def _prefer(self, page_size: int | None = None) -> str:
        parts = [f"odata.maxpagesize={page_size}"] if page_size else []
        return ",".join([*parts, self._selection.prefer] if self._selection.prefer else parts)

    def _records(self, page: Reply) -> list[Record]:
        return list(map(self._selection.reader().record, page.data["value"]))

    def _filtered(
        self,
        table: Table,
        column: str,
        values: Sequence[str],
        options: Mapping[str, str],
        prefer: str | None = None,
        only: str = "",
    ) -> Iterator[Reply]:
        prefer = self._prefer() if prefer is None else prefer
        for part in odata.chunks(values, count=ID_COUNT, characters=ID_CHARACTERS):
            url = odata.query(table.entity_set, {**options, "$filter": odata.within(column, part) + only})
            yield from self._client.pages(url, name=f"read {table.name}", prefer=prefer)

    def _active(
        self, table: Table, column: str, values: Sequence[str], options: Mapping[str, str], prefer: str
    ) -> Iterator[Reply]:
        return self._filtered(table, column, values, options, prefer, ACTIVE)

    def _tracked_columns(self, table: Table) -> list[str]:
        """Ids only; of a child also what tells its parent, and whether it is one of ours."""
        lookups = {
            name for child in self.config.below if child.table == table.name for name in (child.parent, *child.where)
        }
        return [table.id_column, *sorted(table.column(name).wire for name in lookups)]

    def _child_changes(
        self, children: Sequence[Child | Collection], table: Table, rows: Sequence[Mapping[str, Any]]
    ) -> tuple[tuple[Item, ...], Mapping[str, str]]:
        pointers = {row: parent for child in children for row, parent in self._parents(child, table, rows).items()}
        return tuple(Item(parent) for parent in dict.fromkeys(pointers.values())), pointers

    def _parents(self, child: Child | Collection, table: Table, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        """Child row → its record, for the rows that match the configuration (another price list is not ours)."""
        fixed = {table.column(name).wire: wanted.lower() for name, wanted in child.where.items()}
        parent = table.column(child.parent).wire
        return {
            str(row[table.id_column]).lower(): str(row[parent]).lower()
            for row in rows
            if row.get(parent) and all(str(row.get(name) or "").lower() == wanted for name, wanted in fixed.items())
        }


def _own_changes(
    table: Table, rows: Sequence[Mapping[str, Any]], gone: Sequence[str]
) -> tuple[tuple[Item, ...], Mapping[str, str]]:
    """Changed rows, then deleted ones; what is both was deleted."""
    live = [Item(each) for row in rows if (each := str(row[table.id_column]).lower()) not in gone]
    return (*live, *(Item(each, deleted=True) for each in gone)), {}
