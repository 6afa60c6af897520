"""Recorded cases: reading the file, the flags that select them, the shop they were recorded on.

A case is data: nothing here sends or compares.
"""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_SHOP = re.compile(r"([a-z0-9][a-z0-9\-]*)\.myshopify\.com")


@dataclass(frozen=True)
class Step:
    """One request and what the real store answered."""

    query: str
    variables: dict[str, Any]
    expected: dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One recorded conversation."""

    name: str
    version: str
    area: str
    source: str
    flags: frozenset[str]
    steps: tuple[Step, ...]

    @property
    def is_core(self) -> bool:
        """True when it needs no state, uses only roots of this project and a schema that still holds."""
        return {"self_contained", "in_scope", "valid_in_2026_10"} <= self.flags

    @property
    def is_stateful(self) -> bool:
        """True when it is in scope and starts from records that were there before."""
        return "in_scope" in self.flags and "self_contained" not in self.flags

    @property
    def shop(self) -> str | None:
        """The domain of the store it was recorded on, where the source names it."""
        found = _SHOP.search(self.source)
        return found[0] if found else None

    @property
    def currency(self) -> str | None:
        """The currency of that store: the one its shop money is in."""
        found = Counter(currency for step in self.steps for currency in _shop_currencies(step.expected))
        return found.most_common(1)[0][0] if found else None

    @property
    def location_name(self) -> str | None:
        """The name of the location that orders went to when nobody chose one, where an answer shows it."""
        places = (value for step in self.steps for value in _values(step.expected, "assignedLocation"))
        names = Counter(place["name"] for place in places if isinstance(place, dict) and place.get("name"))
        return next(iter(names), None)

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that the app had asked for on that store, where an answer lists its scopes.

        They come first and by letter; those that follow are implied by them.
        """
        lists = (value for step in self.steps for value in _values(step.expected, "accessScopes"))
        listed = next((tuple(scope["handle"] for scope in one) for one in lists if isinstance(one, list)), ())
        ends = (place for place in range(1, len(listed)) if listed[place] < listed[place - 1])
        return listed[: next(ends, len(listed))]

    @property
    def moment(self) -> datetime | None:
        """When it was recorded: the latest time that an answer gives a record."""
        names = ("createdAt", "updatedAt")
        texts = (text for step in self.steps for name in names for text in _values(step.expected, name))
        found = (datetime.fromisoformat(text) for text in texts if isinstance(text, str) and _MOMENT.fullmatch(text))
        return max(found, default=None)

    @property
    def polled_steps(self) -> int:
        """For how many steps after the last write a repeated search went on answering as before, where one did."""
        longest, written = 0, 0
        for number, (step, following) in enumerate(pairwise(self.steps)):
            if "mutation" in step.query:
                written = number
            repeated = (step.query, step.variables) == (following.query, following.variables)
            if repeated and "query:" in step.query and step.expected.get("data") != following.expected.get("data"):
                longest = max(longest, number - written)
        return longest


def read(path: Path) -> list[Case]:
    """Every case of a .jsonl or .jsonl.gz file."""
    raw = path.read_bytes()
    text = gzip.decompress(raw) if path.suffix == ".gz" else raw
    return [_case(json.loads(line)) for line in text.decode().splitlines() if line.strip()]


def _case(record: dict[str, Any]) -> Case:
    steps = tuple(Step(step["query"], step.get("variables") or {}, step["expected"]) for step in record["steps"])
    flags = frozenset(name for name in ("self_contained", "in_scope", "valid_in_2026_10") if record.get(name))
    return Case(record["name"], record["version"], record["area"], str(record.get("source") or ""), flags, steps)


def _values(value: Any, wanted: str) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _values(item, wanted)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == wanted:
                yield item
            yield from _values(item, wanted)


def _shop_currencies(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _shop_currencies(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in {"shopMoney", "shop"} and isinstance(item, dict) and isinstance(item.get("currencyCode"), str):
                yield item["currencyCode"]
            yield from _shop_currencies(item)
