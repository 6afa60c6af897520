"""What one kind of record is in Dataverse, as a configuration: its table, paths, children and collections.

Facts only; shared/dataverse/selection.py turns them into queries.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shared.dataverse.collections import Collection


@dataclass(frozen=True, slots=True)
class Child:
    """The one row of another table that belongs to a record, such as a product's price in the configured list.

    `parent`: the child's lookup to the record. `where`: the child's lookups that hold fixed ids. `same`: the child's
    lookups that hold what a lookup of the record holds (`uomid`: the product's `defaultuomid`). `create`: columns every
    new row gets. More than one matching row: it reads as None, and writing it is Ambiguous.
    `marker`: the child's column that holds the same mark as the record's; such a row is never deleted. `primary`: the
    record's lookup that is set to a new child where it points to none.
    """

    name: str
    table: str
    navigation: str
    parent: str
    where: Mapping[str, str] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    create: Mapping[str, Any] = field(default_factory=dict)
    marker: str = ""
    primary: str = ""


@dataclass(frozen=True, slots=True)
class TableConfig:
    """One kind on the CRM side. `paths`: columns, lookups and `child.column`; `marker` holds the counterpart's id.
    `active_only`: inactive rows are not found by a key. `lines` are its collections, read as lists. `pending`: a text
    column that says so while lines are being written."""

    shop: str
    kind: str
    table: str
    paths: frozenset[str]
    marker: str | None = None
    children: tuple[Child, ...] = ()
    batch_size: int = 50
    page_size: int = 250
    active_only: bool = False
    lines: tuple[Collection, ...] = ()
    pending: str | None = None
    further: tuple[str, Callable[[str], Child]] | None = None
    """Children that it has where a path names them: what such names begin with, and what makes one of the rest."""

    def reading(self, paths: Iterable[str]) -> TableConfig:
        """The same, with the children that these paths name."""
        if self.further is None:
            return self
        begin, make = self.further
        names = sorted({path.partition(".")[0] for path in paths if path.startswith(begin) and "." in path})
        return replace(self, children=(*self.children, *(make(name.removeprefix(begin)) for name in names)))

    @property
    def below(self) -> tuple[Child | Collection, ...]:
        """All whose rows belong to a record: a change of theirs is a change of it."""
        return (*self.children, *self.lines)

    @property
    def own_paths(self) -> tuple[str, ...]:
        """The record's own paths, with the lookups its children are chosen by."""
        names = {each.name for each in self.below}
        own = {path for path in self.paths if path.partition(".")[0] not in names}
        primary = {child.primary for child in self.children if child.primary}
        return tuple(sorted(own.union(primary, *(child.same.values() for child in self.children))))

    def child_paths(self, child: Child | Collection) -> tuple[str, ...]:
        """The child's columns that are read and written."""
        return tuple(sorted(path.partition(".")[2] for path in self.paths if path.startswith(f"{child.name}.")))

    @property
    def digest(self) -> str:
        """One text that changes whenever a read would select something else."""
        children = [
            [c.name, c.table, c.navigation, [*c.where.items()], [*c.same.items()], c.marker] for c in self.children
        ]
        rows = [[each.name, each.table, each.navigation, *filter(None, [each.only])] for each in self.lines]
        lines = [rows, self.pending]
        more = lines if self.lines else []
        text = json.dumps([self.table, sorted(self.paths), self.marker, children, *more])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


@dataclass(frozen=True, slots=True)
class Watched:
    """A table of a kind, the columns whose change may change a record (none: any), and a child's lookup to it."""

    name: str
    columns: frozenset[str] = frozenset()
    parent: str = ""
