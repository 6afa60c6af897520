"""Where records are planted: one sandbox, its requests in process, and the recorded ids and times they shall have.

A planter asks for what it needs with GraphQL, like anybody; only ids, times and names are put in by hand, because a
real store's cannot be asked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from werkzeug.test import Client

from sandbox.conformance.seeding.records import Record
from sandbox.shopify.server import ShopifySandbox


class NotPlanted(Exception):
    """A record could not be made from what is shown of it."""


class Garden:
    """The sandbox of one case while it is given its records."""

    def __init__(self, box: ShopifySandbox) -> None:
        self.box = box
        self.planted: set[tuple[str, str]] = set()
        self._wanted: dict[str, list[int | None]] = defaultdict(list)
        self._highest: dict[str, int] = defaultdict(int)
        self._next_id = box.store.db.next_id
        box.store.db.next_id = self._number  # type: ignore[method-assign]

    def close(self) -> None:
        """From here on the sandbox numbers its records itself, above all that are there."""
        self.box.store.db.next_id = self._next_id  # type: ignore[method-assign]
        for kind, number in self._highest.items():
            self.box.store.db.count_on(kind, number)

    def expect(self, kind: str, records: Iterable[Record | None]) -> None:
        """The next records of a kind get these recorded numbers, in this order; None leaves one to the sandbox."""
        self._wanted[kind] = [int(one.number) if one and one.number.isdigit() else None for one in records]

    def _number(self, kind: str) -> int:
        waiting = self._wanted.get(kind)
        number = waiting.pop(0) if waiting else None
        if number is None:
            return self._next_id(kind)
        self._highest[kind] = max(number, self._highest[kind])
        return number

    def has(self, record: Record) -> bool:
        """True when the record is in the sandbox."""
        return (record.kind, record.number) in self.planted

    def mark(self, *records: Record | None) -> None:
        """These records are in the sandbox now."""
        self.planted.update((one.kind, one.number) for one in records if one is not None)

    def ask(self, query: str, **variables: Any) -> Any:
        """The payload of the one root field; raises NotPlanted when it complains."""
        body = {"query": query, "variables": variables}
        headers = {"X-Shopify-Access-Token": self.box.config.token}
        answer = Client(self.box.wsgi).post("/admin/api/2026-10/graphql.json", json=body, headers=headers).json
        if answer.get("errors"):
            raise NotPlanted(str(answer["errors"][0].get("message")))
        payload = next(iter(answer["data"].values()))
        complaints = payload.get("userErrors") if isinstance(payload, dict) else None
        if complaints:
            raise NotPlanted(str(complaints[0]))
        return payload

    def stamp(self, table: str, record: Record, **columns: Any) -> None:
        """Write a record's times, and columns no request can set, as recorded."""
        for name, column in (("createdAt", "created_at"), ("updatedAt", "updated_at")):
            moment = micros(record.fields.get(name))
            if moment is not None:
                columns.setdefault(column, moment)
        self.box.store.db.update(table, int(record.number), columns)


def micros(text: Any) -> int | None:
    """Microseconds of a recorded time."""
    if not isinstance(text, str):
        return None
    return round(datetime.fromisoformat(text).astimezone(UTC).timestamp() * 1_000_000)


def amount(value: Any) -> str | None:
    """The amount of a recorded price: a plain number, a MoneyV2 or the shop money of a bag."""
    if isinstance(value, dict):
        return amount(value.get("shopMoney") or value.get("amount"))
    return str(value) if isinstance(value, str | int | float) else None


def copied(fields: dict[str, Any], names: str) -> dict[str, Any]:
    """Those of the fields that have a plain value."""
    return {name: fields[name] for name in names.split() if fields.get(name) is not None}
