"""The one place where business rules meet writes: rules per table and per moment, registered once.

A rule sees a `Change` and may alter it or refuse it; it never talks HTTP.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sandbox.dataverse.context import Context
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.store import Row

MOMENTS = ("before_create", "after_create", "before_update", "after_update", "before_delete", "after_delete",
           "before_read")


@dataclass
class Change:
    """One write: the row before it (None on create) and the columns it sets."""

    table: Table
    row_id: str
    before: Row | None
    values: Row
    sent: frozenset[str] = frozenset()

    def final(self, column: str) -> object:
        """The column's value as it will be after the write."""
        if column in self.values:
            return self.values[column]
        return self.before.get(column) if self.before else None

    def moves(self, column: str) -> bool:
        """Whether the write really changes the column."""
        return column in self.values and (self.before is None or self.before.get(column) != self.values[column])


Rule = Callable[[Context, Change], None]


@dataclass
class Rules:
    """Registered rules, run in the order of registration."""

    _rules: dict[tuple[str, str], list[Rule]] = field(default_factory=dict)

    def on(self, moment: str, tables: str | Iterable[str], rule: Rule) -> None:
        """Register a rule for tables (`*` for all) at one of MOMENTS."""
        if moment not in MOMENTS:
            raise ValueError(moment)
        for table in (tables,) if isinstance(tables, str) else tables:
            self._rules.setdefault((moment, table), []).append(rule)

    def has(self, moment: str, table: str) -> bool:
        """Whether the table has rules of its own at that moment."""
        return (moment, table) in self._rules

    def run(self, moment: str, ctx: Context, change: Change) -> None:
        """Run every rule of that table and moment, the table's own before the general ones."""
        for table in (change.table.name, "*"):
            for rule in self._rules.get((moment, table), ()):
                rule(ctx, change)
