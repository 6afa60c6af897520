"""Searches of short lists straight in the store: the tree of a query as a condition on live columns.

For kinds that are few and need no words; unknown fields fail open with the recorded warning, as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable

from sandbox.shopify.call import Call
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.search.match import Sql, moment_of
from sandbox.shopify.search.query import Group, Negation, Node, Term, parse, shown

Compile = Callable[[Call, Term], Sql | None]
_SIGNS = {":": "=", "=": "=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


def condition(call: Call, text: str, term: Compile) -> Sql:
    """The condition of a search; `term` compiles one term, or gives None for a field it does not know."""
    tree = parse(text)
    warnings: list[dict[str, str]] = []
    found = _node(call, tree, term, warnings) if tree is not None else Sql("1")
    if warnings:
        entry = {"path": list(call.path), "query": text, "parsed": shown(tree), "warnings": warnings}
        call.searches.append(entry)
    return found


def _node(call: Call, tree: Node, term: Compile, warnings: list[dict[str, str]]) -> Sql:
    if isinstance(tree, Negation):
        inner = _node(call, tree.part, term, warnings)
        return Sql(f"NOT ({inner.text})", inner.parameters)
    if isinstance(tree, Group):
        parts = [_node(call, part, term, warnings) for part in tree.parts]
        joint = f" {tree.joined_by.upper()} "
        return Sql(joint.join(f"({part.text})" for part in parts), [one for part in parts for one in part.parameters])
    found = term(call, tree)
    if found is not None:
        return found
    text = "Invalid search field for this query."
    warnings.append({"field": str(tree.field), "message": text, "code": "invalid_field"})
    return Sql("1")


def number(column: str, term: Term) -> Sql:
    """A comparison with a number."""
    value = term.value.rsplit("/", 1)[-1]
    return Sql(f"{column} {_SIGNS[term.comparator]} ?", [int(value)]) if value.isdigit() else Sql("0")


def time(column: str, name: str, term: Term, time_zone: str) -> Sql:
    """A comparison with a moment; a bare date means its whole day."""
    try:
        moment = moment_of(term.value, time_zone)
    except ValueError:
        raise FieldFailed(f"Invalid timestamp for query filter `{name}`.", "BAD_REQUEST") from None
    if term.comparator in {":", "="}:
        end = moment + (86_400_000_000 if len(term.value) <= 10 else 999_999)
        return Sql(f"{column} BETWEEN ? AND ?", [moment, end])
    if term.comparator in {">", ">="}:
        return Sql(f"{column} >= ?", [moment])
    return Sql(f"{column} <= ?", [moment + 999_999])
