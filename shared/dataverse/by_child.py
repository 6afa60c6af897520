"""Records found by their children: the account whose contact has an e-mail address.

A row of the child's table leads to its parent, which is given out as if that row were its child already, so that
pairing the parent marks the row in the same changeset. Where the row cannot become that child, the record says why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.dataverse.client import Reply
from shared.dataverse.collections import Collection, column_of
from shared.dataverse.metadata import Metadata, Table
from shared.dataverse.selection import ANNOTATIONS, MODIFIED, TARGET, Child, ChildReader, Selection, Version
from shared.records import Reading, Record

Row = Mapping[str, Any]
Filtered = Callable[[Table, str, Sequence[str], Mapping[str, str], str], Iterator[Reply]]
"""(table, column, values, query options, Prefer) → the pages of rows that are active and hold one of the values."""


@dataclass(frozen=True, slots=True)
class ByChild:
    """Finds records of one selection by one of their children."""

    selection: Selection
    child: Child
    filtered: Filtered
    read: Callable[[Sequence[str]], Reading]

    def find(self, path: str, values: Sequence[str]) -> Iterator[tuple[str, Record]]:
        """Each value found, as Dataverse holds it, with its record; one call, and one more where there is any."""
        table, lookup = self.selection.child_table(self.child), self._parent()
        reader = next(each for each in self.selection.reader().children if each.child == self.child)
        columns = {column.wire for column in reader.columns} | {table.column(path).wire, lookup, self.child.marker}
        columns |= {table.id_column, MODIFIED}
        options = {"$select": ",".join(sorted(filter(None, columns)))}
        pages = self.filtered(table, table.column(path).name, values, options, ANNOTATIONS)
        rows = [row for page in pages for row in page.data["value"]]
        parents = self.read([str(row[lookup]) for row in rows if self._owner(row)]).records if rows else {}
        for row in rows:
            yield str(row[table.column(path).wire]), self._record(row, reader, parents.get(self._owner(row)))

    def _parent(self) -> str:
        """The property that leads from the child to its record."""
        table = self.selection.child_table(self.child)
        lookup = table.navigation(self.child.parent)
        return table.column(lookup.column if lookup else self.child.parent).wire

    def _owner(self, row: Row) -> str:
        """The id of the record the row belongs to; empty where it belongs to none, or to a row of another table."""
        wire = self._parent()
        target = row.get(f"{wire}{TARGET}", self.selection.config.table)
        return str(row[wire]).lower() if row.get(wire) and target == self.selection.config.table else ""

    def _record(self, row: Row, reader: ChildReader, parent: Record | None) -> Record:
        row_id, child = str(row[reader.id_column]).lower(), self.child
        what = f"The {child.table} {row_id} with the same value"
        if parent is None:
            fix = f"Give it one, or let the mapping's target be the {child.table}."
            return Record(row_id, {}, unfit=f"{what} belongs to no {self.selection.config.table}. {fix}")
        first = parent.content.get(child.primary) if child.primary else None
        if first not in (None, row_id):
            sentence = f"{what} is not the {child.primary} of {parent.id}. Make it that, or link the right record by "
            return replace(parent, unfit=f"{sentence}`pairs relink`.")
        if child.marker and row.get(child.marker) not in (None, parent.marker):
            return replace(parent, unfit=f"{what} carries the mark of {row[child.marker]}. Clear that mark first.")
        known = Version.of(parent.etag)
        version = Version(known.etag if known else "*", {child.name: reader.version(row)})
        return replace(parent, content={**parent.content, child.name: reader.content(row)}, etag=version.text())


def rows_anywhere(
    each: Collection, metadata: Metadata, column: str, values: Sequence[str], filtered: Filtered
) -> Iterator[tuple[str, Record]]:
    """(value, row) for the rows of a collection's table that have one of the values, whoever's; `unfit` says whose."""
    table = metadata.table(each.table)
    parent, wanted = column_of(table, each.parent), table.column(column)
    options = {"$select": ",".join(sorted({table.id_column, parent.wire, wanted.wire}))}
    for page in filtered(table, wanted.name, values, options, ANNOTATIONS):
        for row in page.data["value"]:
            row_id, owner = str(row[table.id_column]).lower(), row.get(parent.wire)
            whose = f"{row.get(f'{parent.wire}{TARGET}') or 'record'} {str(owner).lower()}" if owner else "nobody"
            told = f"The {each.table} {row_id} has the same value and belongs to {whose}"
            yield str(row[wanted.wire]), Record(row_id, {}, unfit=told)
