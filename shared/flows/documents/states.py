"""The tables of documents, and what their states mean here: due, cancelled, or neither.

What is due is chosen by status reasons in the settings. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PARENTS: Mapping[str, tuple[str, ...]] = {
    "opportunity": (),
    "salesorder": ("opportunityid",),
    "invoice": ("salesorderid", "opportunityid"),
}
"""The lookups that lead to the document a document was made from, the nearest first."""
_CANCELLED: Mapping[str, int] = {"opportunity": 2, "salesorder": 2, "invoice": 3}
_OPEN = 0
_PAID = 2
"""The state of an invoice."""


@dataclass(frozen=True, slots=True)
class State:
    """A document's state, by its table. `due`: its status reason is one of those that are sent."""

    table: str
    code: int
    reason: int
    due: bool

    @property
    def cancelled(self) -> bool:
        """Cancelled, or a lost opportunity."""
        return self.code == _CANCELLED[self.table]

    @property
    def left(self) -> bool:
        """It is open, and not (or no longer) in a state that is sent. What goes on (fulfilled, invoiced) stays sent."""
        return self.code == _OPEN and not self.due

    @property
    def paid(self) -> bool:
        """Whether CRM says that the money has come: only an invoice can."""
        return self.table == "invoice" and self.code == _PAID


def state_of(table: str, row: Mapping[str, Any], reasons: Mapping[str, frozenset[int]]) -> State:
    """The state of a row of that table."""
    reason = int(row.get("statuscode") or 0)
    return State(table, int(row.get("statecode") or 0), reason, reason in reasons.get(table, frozenset()))
