"""A record's lines in Dataverse: all rows of a child table that belong to it, such as an order's details.

Reads an expanded collection as a list of mappings, each with its row's id and version, and turns line writes into
operations of the record's changeset. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.dataverse import odata
from shared.dataverse.batch import Operation
from shared.dataverse.metadata import Column, Metadata, Table
from shared.dataverse.values import read_value
from shared.errors import Retryable, SyncError
from shared.fields import FieldInfo
from shared.lines import ETAG, ROW, LineWrite

MODIFIED = "modifiedon"
Columns = Callable[..., dict[str, Any]]
"""`Editor._columns`: (table, values by path, create) → the properties of a body."""


@dataclass(frozen=True, slots=True)
class Collection:
    """A child collection. `name` is its path in records, `parent` the rows' lookup to the record.

    `create`: columns every new row gets. `beside`: its rows take changes whatever the record's state is. All its rows
    belong to the record, so `where` is empty. `only`: a filter; what it leaves out is not seen, as if not there.
    """

    name: str
    table: str
    navigation: str
    parent: str
    create: Mapping[str, Any] = field(default_factory=dict)
    beside: bool = False
    where: Mapping[str, str] = field(default_factory=dict, init=False)
    only: str = ""

    def describe(self, metadata: Metadata, path: str) -> FieldInfo | None:
        """The collection itself, or a column of its rows; None where there is none."""
        _, dot, column = path.partition(".")
        if not dot:
            return FieldInfo(path, "object", is_list=True, inside=tuple(metadata.table(self.table).columns))
        known = metadata.describe(self.table, column)
        return replace(known, path=path) if known else None

    def required(self, metadata: Metadata) -> Iterator[FieldInfo]:
        """Columns without which a new row is refused, less those that are filled here."""
        parent = column_of(metadata.table(self.table), self.parent).name
        for info in metadata.required(self.table):
            if info.path != parent and info.path not in self.create:
                yield replace(info, path=f"{self.name}.{info.path}")

    def reader(self, metadata: Metadata, paths: Sequence[str]) -> CollectionReader:
        """What selects and reads its rows."""
        table = metadata.table(self.table)
        columns = tuple((path, column_of(table, path)) for path in paths)
        return CollectionReader(self.name, self.navigation, table.id_column, columns, self.only)


@dataclass(frozen=True, slots=True)
class CollectionReader:
    """Reads the rows of one collection. A single-level expand is never paged, so the list is complete."""

    name: str
    navigation: str
    id_column: str
    columns: tuple[tuple[str, Column], ...]
    only: str = ""

    @property
    def expand(self) -> str:
        """Its part of `$expand`."""
        wires = {self.id_column, MODIFIED, *(column.wire for _, column in self.columns)}
        filtered = f";$filter={self.only}" if self.only else ""
        return f"{self.navigation}($select={','.join(sorted(wires))}{filtered})"

    def rows(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The collection of a record, in the order of the rows' ids, so that equal lists have equal digests."""
        return sorted(map(self._content, row.get(self.navigation) or ()), key=lambda each: str(each[ROW]))

    def modified(self, row: Mapping[str, Any]) -> list[str]:
        """When its rows changed last."""
        return [str(each.get(MODIFIED) or "") for each in row.get(self.navigation) or ()]

    def _content(self, row: Mapping[str, Any]) -> dict[str, Any]:
        known = {ROW: str(row[self.id_column]).lower(), ETAG: str(row.get("@odata.etag") or "")}
        return {**known, **{path: read_value(column, row.get(column.wire)) for path, column in self.columns}}


def column_of(table: Table, path: str) -> Column:
    """The column behind a path, a lookup's own or `customerid_account`; SchemaMismatch where there is none."""
    lookup = None if path in table.columns else table.navigation(path)
    return table.column(lookup.column if lookup else path)


def operations(
    table: Table, lines: Sequence[LineWrite], fixed: Mapping[str, Any], columns: Columns
) -> Iterator[Operation]:
    """Deletes, then changes, then new rows. `fixed` are the properties every new row gets, its parent among them.

    A row made by us has an id of our choice and is bound to its parent by id, so that a repeat makes no second one.
    """
    for line in sorted(lines, key=_order):
        seen = line.etag if table.versioned else None
        url, headers = odata.row(table.entity_set, line.row), {"If-Match": seen or "*"}
        if line.values is None:
            yield Operation("DELETE", url, None, headers, name=line.name)
            continue
        try:
            body = columns(table, line.values, create=line.etag is None)
        except SyncError as error:
            raise named(error, line.name) from None
        if line.etag is not None:
            yield Operation("PATCH", url, body, headers, name=line.name)
        else:
            yield Operation("POST", table.entity_set, {table.id_column: line.row, **fixed, **body}, name=line.name)


def _order(line: LineWrite) -> int:
    if line.values is None:
        return 0
    return 1 if line.etag is not None else 2


def named(error: SyncError, line: str) -> SyncError:
    """The same error with the line it is about."""
    sentence, facts = f"{line}: {error.sentence}", {**error.facts, "line": line}
    if isinstance(error, Retryable):
        wait_s, exact = error.retry_after_s, error.exact
        return type(error)(sentence, retry_after_s=wait_s, exact=exact, facts=facts, said=error.said)
    return type(error)(sentence, facts=facts, said=error.said)
