"""A search tree turned into SQL over the index.

An unknown field matches everything and leaves a warning, as at Shopify. A selective term drives the query by its
record numbers, a broad one is looked up row by row in the order of the list, so that a page costs a page.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.shopify.clock import parse_micros
from sandbox.shopify.dialect import FieldFailed, NotBuilt
from sandbox.shopify.search import fields
from sandbox.shopify.search.query import Group, Negation, Node, Term
from sandbox.shopify.store.database import Database
from sandbox.shopify.text import tokens

_FEW = 300
_OPERATORS = {":": "=", "=": "=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}


@dataclass
class Sql:
    """A condition and its parameters."""

    text: str
    parameters: list[Any] = field(default_factory=list)


@dataclass
class Matcher:
    """Compiles the search of one kind of record; `warnings` collects what Shopify would warn of."""

    database: Database
    kind: str
    time_zone: str
    filterable: frozenset[str]
    warnings: list[dict[str, str]] = field(default_factory=list)
    # The fields a search may name, when they are fewer than the kind's own.
    fewer: dict[str, str] | None = None

    @property
    def _known(self) -> dict[str, str]:
        return fields.KNOWN[self.kind] if self.fewer is None else self.fewer

    def condition(self, node: Node | None, record: str) -> Sql:
        """The condition on the column that holds the record's number."""
        if node is None:
            return Sql("1")
        if isinstance(node, Negation):
            inner = self.condition(node.part, record)
            return Sql(f"NOT ({inner.text})", inner.parameters)
        if isinstance(node, Group):
            parts = [self.condition(part, record) for part in node.parts]
            joint = f" {node.joined_by.upper()} "
            return Sql(joint.join(f"({part.text})" for part in parts), [p for part in parts for p in part.parameters])
        return self._term(node, record)

    def _term(self, term: Term, record: str) -> Sql:
        name = (term.field or "default").lower()
        if name == "default":
            return self._words("default", term, record)
        if name.startswith(("metafields.", "fields.")):
            return self._metafield(name, term, record)
        how = self._known.get(name)
        if how is None:
            if self.fewer is None and name in fields.DOCUMENTED.get(self.kind, frozenset()):
                raise NotBuilt(f"the search field {name} of {self.kind}")
            return self._unknown(term)
        return self._compared(name, how, term, record)

    def _compared(self, name: str, how: str, term: Term, record: str) -> Sql:
        if name == "tag_not":
            inner = self._keyword("tag", term, record)
            return Sql(f"NOT ({inner.text})", inner.parameters)
        if how == fields.BOOLEAN:
            return self._number(name, "=", 1 if term.value.lower() in {"true", "1"} else 0, record)
        by_text = {fields.WORDS: self._words, fields.KEYWORD: self._keyword}
        return by_text[how](name, term, record) if how in by_text else self._ordered(name, how, term, record)

    def _unknown(self, term: Term) -> Sql:
        text = "Invalid search field for this query."
        self.warnings.append({"field": str(term.field), "message": text, "code": "invalid_field"})
        return Sql("1")

    def _metafield(self, name: str, term: Term, record: str) -> Sql:
        if name not in self.filterable:
            return self._unknown(term)
        return self._keyword(name, term, record)

    def _words(self, name: str, term: Term, record: str) -> Sql:
        if term.exists:
            return self._any_token(name, record)
        parts = tokens(term.value.rstrip("*") if term.prefix else term.value)
        if not parts:
            return Sql("1" if not term.value else "0")
        if term.quoted:
            return self._lookup(name, "t.token = ? AND t.phrase LIKE ?", [parts[0], f"% {' '.join(parts)} %"], record)
        found: list[Sql] = []
        for position, part in enumerate(parts):
            if term.prefix and position == len(parts) - 1:
                found.append(self._lookup(name, "t.token >= ? AND t.token < ?", [part, part + "\U0010ffff"], record))
            else:
                found.append(self._lookup(name, "t.token = ?", [part], record))
        return Sql(" AND ".join(one.text for one in found), [p for one in found for p in one.parameters])

    def _keyword(self, name: str, term: Term, record: str) -> Sql:
        if term.exists:
            return self._any_token(name, record)
        if term.prefix:
            start = term.value[:-1].lower()
            return self._lookup(name, "t.token >= ? AND t.token < ?", [start, start + "\U0010ffff"], record)
        options = [value.lower() for value in ([term.value] if term.quoted else term.value.split(",")) if value]
        marks = ", ".join("?" * len(options))
        return self._lookup(name, f"t.token IN ({marks})", list(options), record)

    def _any_token(self, name: str, record: str) -> Sql:
        if fields.KNOWN[self.kind].get(name) in {fields.TIME, fields.DAY, fields.NUMBER, fields.IDENTIFIER}:
            return self._row("index_numbers", name, "1", [], record)
        return self._row("index_terms", name, "1", [], record)

    def _ordered(self, name: str, how: str, term: Term, record: str) -> Sql:
        if term.exists:
            return self._any_token(name, record)
        if how in {fields.TIME, fields.DAY}:
            return self._time(name, term, record, how == fields.DAY)
        options = [part for part in term.value.split(",") if part]
        if not options or not all(part.rsplit("/", 1)[-1].lstrip("-").isdigit() for part in options):
            return Sql("0")
        numbers = [int(part.rsplit("/", 1)[-1]) for part in options]
        found = [self._number(name, _OPERATORS[term.comparator], number, record) for number in numbers]
        return Sql(" OR ".join(one.text for one in found), [p for one in found for p in one.parameters])

    def _time(self, name: str, term: Term, record: str, whole_days: bool) -> Sql:
        try:
            moment = moment_of(term.value, self.time_zone)
        except ValueError:
            raise FieldFailed(f"Invalid timestamp for query filter `{name}`.", "BAD_REQUEST") from None
        end = moment + (86_400_000_000 if len(term.value) <= 10 else 999_999)
        if whole_days:
            moment, end = day_of(moment, self.time_zone)
        if term.comparator in {":", "="}:
            return self._row("index_numbers", name, "t.number BETWEEN ? AND ?", [moment, end], record)
        # Recorded parses turn `<` into range_lte and cut to the second: both ends are inclusive.
        if term.comparator in {">", ">="}:
            return self._number(name, ">=", moment, record)
        return self._number(name, "<=", end if whole_days else moment + 999_999, record)

    def _number(self, name: str, operator: str, number: int, record: str) -> Sql:
        return self._row("index_numbers", name, f"t.number {operator} ?", [number], record)

    def _lookup(self, name: str, condition: str, parameters: list[Any], record: str) -> Sql:
        return self._row("index_terms", name, condition, parameters, record)

    def _row(self, table: str, name: str, condition: str, parameters: list[Any], record: str) -> Sql:
        given = [self.kind, name, *parameters]
        where = f"t.kind = ? AND t.field = ? AND {condition}"
        count = f"SELECT COUNT(*) AS n FROM (SELECT 1 FROM {table} t WHERE {where} LIMIT {_FEW + 1})"  # noqa: S608
        if (self.database.value(count, given) or 0) <= _FEW:
            return Sql(f"{record} IN (SELECT t.record FROM {table} t WHERE {where})", given)  # noqa: S608
        return Sql(f"EXISTS (SELECT 1 FROM {table} t WHERE t.record = {record} AND {where})", given)  # noqa: S608


def moment_of(text: str, time_zone: str) -> int:
    """A time of a search in microseconds; without an offset it is the shop's local time. Raises ValueError."""
    value = f"{text}:00:00" if "T" in text and ":" not in text else text
    moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(time_zone))
    return parse_micros(moment.astimezone(UTC).isoformat())


def day_of(moment: int, time_zone: str) -> tuple[int, int]:
    """First and last microsecond of the shop's day that a moment falls into."""
    local = datetime.fromtimestamp(moment // 1_000_000, UTC).astimezone(ZoneInfo(time_zone))
    start = local.replace(hour=0, minute=0, second=0, microsecond=0)
    following = (start + timedelta(days=1)).replace(tzinfo=ZoneInfo(time_zone))
    return parse_micros(start.isoformat()), parse_micros(following.isoformat()) - 1


def local_moment(text: str, time_zone: str) -> str | None:
    """A time of a search as answers show it: with the shop's offset; None when it is none."""
    try:
        moment = moment_of(text, time_zone)
    except ValueError:
        return None
    return datetime.fromtimestamp(moment // 1_000_000, UTC).astimezone(ZoneInfo(time_zone)).isoformat()


def lower_bound(node: Node | None, name: str, time_zone: str, whole_days: bool = False) -> int | None:
    """The least live time a match can have on an updated-at column: the index never runs ahead of the store."""
    terms = node.parts if isinstance(node, Group) and node.joined_by == "and" else (node,)
    found: list[int] = []
    for term in terms:
        if isinstance(term, Term) and term.field == name and term.comparator in {">", ">="} and not term.exists:
            try:
                moment = moment_of(term.value, time_zone)
                found.append(day_of(moment, time_zone)[0] if whole_days else moment)
            except ValueError:
                return None
    return max(found) if found else None
