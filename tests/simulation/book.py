"""The book of what each person wrote, in order: what the promises are held against. Nothing here knows the app."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SHOPIFY, CRM = "shopify", "crm"


@dataclass(frozen=True)
class Entry:
    """One person's word on one field of one record. `between`: made while the app was between look and write there.

    `standing`: what CRM's rows, which own the field, held when somebody wrote another value into Shopify.
    """

    by: str
    record: str
    field: str
    value: Any
    between: bool = False
    standing: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Book:
    """All that people wrote, the records that somebody deleted, and the CRM rows that somebody retired."""

    entries: list[Entry] = field(default_factory=list)
    removed: list[tuple[str, str]] = field(default_factory=list)
    """(side, id) of records that a person deleted."""
    retired: list[str] = field(default_factory=list)

    def note(self, by: str, record: str, *, between: bool = False, **values: Any) -> None:
        """A person wrote these fields."""
        self.entries += [Entry(by, record, name, value, between) for name, value in values.items()]

    def remove(self, by: str, record: str) -> None:
        """A person deleted a record, and with it all that people had written into it.

        A create of ours that nobody answered may make it once more, under the same id: then what it holds is ours.
        """
        self.removed.append((by, record))
        self.entries = [entry for entry in self.entries if entry.record != record]

    def of(self, name: str, *records: str) -> list[Entry]:
        """What people wrote into that field of those records, in order."""
        return [entry for entry in self.entries if entry.field == name and entry.record in records]
