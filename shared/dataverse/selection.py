"""What one kind of record is in Dataverse: a table, the paths that are read and written, at most one row per child.

Turns a configuration into `$select` and `$expand`, and rows into records. A record's content holds the physical paths
literally: `defaultuomid` is a GUID, `price_item` a mapping or None. Reads only; shared/dataverse/edits.py writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.dataverse.collections import CollectionReader, column_of
from shared.dataverse.config import Child as Child
from shared.dataverse.config import TableConfig as TableConfig
from shared.dataverse.config import Watched as Watched
from shared.dataverse.metadata import Column, Lookup, Metadata, Table
from shared.dataverse.values import moment, read_value
from shared.dataverse.versions import Version as Version
from shared.errors import SchemaMismatch
from shared.fields import FieldInfo
from shared.lines import PENDING
from shared.records import Record

MODIFIED = "modifiedon"
TARGET = "@Microsoft.Dynamics.CRM.lookuplogicalname"
ANNOTATIONS = 'odata.include-annotations="Microsoft.Dynamics.CRM.lookuplogicalname"'


class Selection:
    """The query options of a configuration, and how its rows become records."""

    def __init__(self, config: TableConfig, metadata: Metadata) -> None:
        self.config = config
        self._metadata = metadata

    @property
    def table(self) -> Table:
        """The record's table."""
        return self._metadata.table(self.config.table)

    def child_table(self, child: Child) -> Table:
        """Its table."""
        return self._metadata.table(child.table)

    def describe(self, path: str) -> FieldInfo | None:
        """What a path is, child paths included; None where it does not exist."""
        for child in self.config.children:
            name, dot, column = path.partition(".")
            if name == child.name:
                if not dot:
                    return FieldInfo(path, "object", inside=tuple(self.child_table(child).columns))
                known = self._metadata.describe(child.table, column)
                return replace(known, path=path) if known else None
        inside = next((each for each in self.config.lines if path.partition(".")[0] == each.name), None)
        if inside is not None:
            return inside.describe(self._metadata, path)
        return self._metadata.describe(self.config.table, path)

    def required(self) -> tuple[FieldInfo, ...]:
        """Columns without which a create is refused; those we fill ourselves are left out."""
        own = (info for info in self._metadata.required(self.config.table) if info.path != self.config.marker)
        return (*own, *(info for each in self.config.lines for info in each.required(self._metadata)))

    @property
    def names(self) -> tuple[str, ...]:
        """What a path may begin with: columns, lookups by their target, children with their columns, collections."""
        table, config = self.table, self.config
        lookups = (f"{each.column}_{each.target}" for each in table.lookups if len(table.targets(each.column)) > 1)
        children = ((child.name, self.child_table(child).columns) for child in config.children)
        inside = (f"{child}.{name}" for child, columns in children for name in columns)
        return (*table.columns, *lookups, *(each.name for each in config.below), *inside)

    @property
    def prefer(self) -> str:
        """The annotations that are needed to tell the targets of a polymorphic lookup apart."""
        mixed = any(column_of(self.table, path).name != path for path in self.config.own_paths)
        return ANNOTATIONS if mixed else ""

    def options(self) -> dict[str, str]:
        """`$select` and `$expand`: what the paths need and nothing else."""
        table = self.table
        columns = {column_of(table, path).wire for path in self.config.own_paths}
        columns |= {table.id_column, MODIFIED, *filter(None, (self.config.marker, self.config.pending))}
        options = {"$select": ",".join(sorted(columns))}
        expanded = [self._expand(group) for group in self._by_navigation().values()]
        expanded += [reader.expand for reader in self._collections()]
        return {**options, "$expand": ",".join(expanded)} if expanded else options

    def _collections(self) -> tuple[CollectionReader, ...]:
        return tuple(each.reader(self._metadata, self.config.child_paths(each)) for each in self.config.lines)

    def _by_navigation(self) -> Mapping[str, list[Child]]:
        """The children that are read as one list, because OData expands a navigation once."""
        found: dict[str, list[Child]] = {}
        for child in self.config.children:
            found.setdefault(child.navigation, []).append(child)
        return found

    def _expand(self, children: Sequence[Child]) -> str:
        columns: set[str] = set()
        filters = []
        for child in children:
            table = self.child_table(child)
            columns |= {table.column(path).wire for path in self.config.child_paths(child)}
            columns |= {table.id_column, MODIFIED, *(table.column(name).wire for name in child.same)}
            columns |= {table.column(name).wire for name in child.where if len(children) > 1}
            conditions = [f"{table.column(name).wire} eq {wanted}" for name, wanted in child.where.items()]
            if child.marker:
                columns.add(child.marker)
                conditions.append(f"{child.marker} ne null")
            filters += [" and ".join(conditions)] if conditions else []
        filtered = f";$filter={' or '.join(filters)}" if filters else ""
        return f"{children[0].navigation}($select={','.join(sorted(columns))}{filtered})"

    def watched(self, paths: Iterable[str]) -> tuple[Watched, ...]:
        """The tables these paths are read from; the marker is ours alone, so nobody waits for its change."""
        table, config = self.table, replace(self.config, paths=frozenset(paths))
        lookups = {path: lookup.column for path in config.own_paths if (lookup := table.navigation(path))}
        own = frozenset(lookups.get(path, path) for path in config.own_paths)
        found = [Watched(config.table, own)]
        for group in self._by_navigation().values():
            named = (frozenset({*config.child_paths(each), *each.where, *each.same, each.parent}) for each in group)
            found.append(Watched(group[0].table, frozenset().union(*named), group[0].parent))
        found += [Watched(each.table, frozenset({*config.child_paths(each), each.parent}), each.parent)
                  for each in config.lines]  # fmt: skip
        return tuple(found)

    def reader(self) -> Reader:
        """What turns rows into records: prepared once for a page, because it runs once a record."""
        table = self.table
        own = []
        for path in self.config.own_paths:
            column = column_of(table, path)
            lookup = table.navigation(path) if column.name != path else None
            own.append((path, column, lookup.target if lookup else None))
        children = []
        for child in self.config.children:
            known = self.child_table(child)
            columns = [column_of(known, path) for path in self.config.child_paths(child)]
            same = [(known.column(mine).wire, theirs) for mine, theirs in child.same.items()]
            mark = self.config.marker or ""
            shared = len(self._by_navigation()[child.navigation]) > 1
            where = [(known.column(name).wire, wanted) for name, wanted in child.where.items() if shared]
            children.append(ChildReader(child, known.id_column, tuple(columns), tuple(same), mark, tuple(where)))
        marks = (self.config.marker, self.config.pending)
        return Reader(table.id_column, *marks, tuple(own), tuple(children), self._collections())


@dataclass(frozen=True, slots=True)
class ChildReader:
    """Which rows of a child's table belong to a record, and what they say. `mark`: the record's own marker column.

    `where`: what tells its rows from those of other children in the same list.
    """

    child: Child
    id_column: str
    columns: tuple[Column, ...]
    same: tuple[tuple[str, str], ...]
    mark: str
    where: tuple[tuple[str, str], ...] = ()

    def chosen(self, row: Mapping[str, Any], content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
        """The child rows that belong to the record. A single-level expand is never paged, so the list is complete."""
        rows: Sequence[Mapping[str, Any]] = row.get(self.child.navigation) or ()
        if self.child.marker:
            return [each for each in rows if row.get(self.mark) and each.get(self.child.marker) == row[self.mark]]
        mine = [each for each in rows if all(_same_id(each.get(name), wanted) for name, wanted in self.where)]
        return [each for each in mine if all(_same_id(each.get(name), content[theirs]) for name, theirs in self.same)]

    def content(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The child's columns."""
        return {column.name: read_value(column, row.get(column.wire)) for column in self.columns}

    def version(self, row: Mapping[str, Any]) -> tuple[str, str]:
        """Its id and ETag."""
        return str(row[self.id_column]).lower(), str(row.get("@odata.etag") or "")


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns rows of one selection into records. `own`: path, column and, for one target of several, that target."""

    id_column: str
    marker: str | None
    pending: str | None
    own: tuple[tuple[str, Column, str | None], ...]
    children: tuple[ChildReader, ...]
    collections: tuple[CollectionReader, ...]

    def record(self, row: Mapping[str, Any]) -> Record:
        """A row, with its expanded children, as a record."""
        content = {path: self._value(row, column, target) for path, column, target in self.own}
        modified = [row.get(MODIFIED) or ""]
        versions: dict[str, tuple[str, str] | None] = {}
        for child in self.children:
            found = child.chosen(row, content)
            name = child.child.name
            content[name] = child.content(found[0]) if len(found) == 1 else None
            modified += [each.get(MODIFIED) or "" for each in found]
            if found:
                versions[name] = child.version(found[0]) if len(found) == 1 else None
        for each in self.collections:
            content[each.name] = each.rows(row)
            modified += each.modified(row)
        if self.pending and row.get(self.pending):
            content[PENDING] = row[self.pending]
        return Record(
            id=str(row[self.id_column]).lower(),
            content=content,
            modified_at=max(filter(None, map(moment, modified)), default=None),
            etag=Version(str(row["@odata.etag"]), versions).text(),
            marker=row.get(self.marker) if self.marker else None,
        )

    @staticmethod
    def _value(row: Mapping[str, Any], column: Column, target: str | None) -> Any:
        value = row.get(column.wire)
        if target is not None and row.get(f"{column.wire}{TARGET}") != target:
            return None
        return read_value(column, value)


def binding(table: Table, path: str) -> Lookup:
    """The navigation property a lookup path is written through; SchemaMismatch where it is not clear which."""
    lookup = table.navigation(path)
    if lookup is None:
        choices = ", ".join(f"{each.column}_{each.target}" for each in table.targets(path)) or "none"
        sentence = f"{table.name}.{path} may point to several tables; name one of: {choices}."
        raise SchemaMismatch(sentence, facts={"table": table.name, "column": path})
    return lookup


def _same_id(one: Any, other: Any) -> bool:
    return one is not None and other is not None and str(one).lower() == str(other).lower()
