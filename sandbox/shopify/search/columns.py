"""The search syntax over plain columns, for short lists that no search index is kept of.

An unknown field matches everything and leaves a warning, as in the indexed lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.shopify.call import Call
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.search.match import Sql, moment_of
from sandbox.shopify.search.query import Group, Negation, Node, Term, parse, shown

ID, TEXT, TIME, WORDS = "id", "text", "time", "words"
Known = Mapping[str, tuple[str, str]]
_OPERATORS = {":": "=", "=": "=", ">": ">", ">=": ">=", "<": "<", "<=": "<="}


def condition(call: Call, text: str | None, known: Known) -> Sql:
    """The condition a query text means; `known` leads from fields to their column and how it compares."""
    if not (text or "").strip():
        return Sql("1")
    tree = parse(text or "")
    warnings: list[dict[str, str]] = []
    found = _node(call, tree, known, warnings)
    if warnings:
        entry = {"path": list(call.path), "query": text, "parsed": shown(tree), "warnings": warnings}
        call.searches.append(entry)
    return found


def _node(call: Call, node: Node | None, known: Known, warnings: list[dict[str, str]]) -> Sql:
    if node is None:
        return Sql("1")
    if isinstance(node, Negation):
        inner = _node(call, node.part, known, warnings)
        return Sql(f"NOT ({inner.text})", inner.parameters)
    if isinstance(node, Group):
        parts = [_node(call, part, known, warnings) for part in node.parts]
        joint = f" {node.joined_by.upper()} "
        return Sql(joint.join(f"({part.text})" for part in parts), [p for part in parts for p in part.parameters])
    return _term(call, node, known, warnings)


def _term(call: Call, term: Term, known: Known, warnings: list[dict[str, str]]) -> Sql:
    found = known.get((term.field or "default").lower())
    if found is None:
        text = "Invalid search field for this query."
        warnings.append({"field": str(term.field or "default"), "message": text, "code": "invalid_field"})
        return Sql("1")
    column, how = found
    if term.exists:
        return Sql(f"{column} IS NOT NULL")
    if how == TIME:
        return _time(call, term, column)
    if how == WORDS:
        return Sql(f"{column} LIKE ? ESCAPE '\\'", [f"%{_escaped(term.value.rstrip('*'))}%"])
    if term.prefix:
        return Sql(f"{column} LIKE ? ESCAPE '\\'", [f"{_escaped(term.value[:-1])}%"])
    return _equal(term, column, how)


def _equal(term: Term, column: str, how: str) -> Sql:
    options: list[Any] = [part for part in ([term.value] if term.quoted else term.value.split(",")) if part]
    if how == TEXT:
        marks = ", ".join("?" * len(options))
        return Sql(f"LOWER({column}) IN ({marks})", [value.lower() for value in options])
    numbers = [part.rsplit("/", 1)[-1].split("?")[0] for part in options]
    if not numbers or not all(part.lstrip("-").isdigit() for part in numbers):
        return Sql("0")
    sign = _OPERATORS[term.comparator]
    return Sql(" OR ".join(f"{column} {sign} ?" for _ in numbers), [int(part) for part in numbers])


def _time(call: Call, term: Term, column: str) -> Sql:
    try:
        moment = moment_of(term.value, call.store.config.time_zone)
    except ValueError:
        raise FieldFailed(f"Invalid timestamp for query filter `{term.field}`.", "BAD_REQUEST") from None
    if term.comparator in {":", "="}:
        end = moment + (86_400_000_000 if len(term.value) <= 10 else 999_999)
        return Sql(f"{column} BETWEEN ? AND ?", [moment, end])
    if term.comparator in {">", ">="}:
        return Sql(f"{column} >= ?", [moment])
    return Sql(f"{column} <= ?", [moment + 999_999])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
