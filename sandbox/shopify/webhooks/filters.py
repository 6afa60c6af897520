"""Whether a payload passes a subscription's filter.

Search syntax with the differences that the documentation lists: `:` is equality, case counts, a field must be named,
and a field that the payload does not have matches nothing. A list passes when one of its members does.
https://shopify.dev/docs/apps/build/webhooks/delivery-filtering
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from sandbox.shopify.search.query import Group, Negation, Node, Term, parse
from sandbox.shopify.store.database import Row


def passes(text: str, payload: Row) -> bool:
    """True when the filter is empty or the payload fulfils it."""
    tree = parse(text)
    return tree is None or _holds(tree, payload)


def names_fields(text: str) -> bool:
    """True when every condition of a filter names the field it is about."""
    tree = parse(text)
    return tree is not None and _named(tree)


def _named(node: Node) -> bool:
    if isinstance(node, Negation):
        return _named(node.part)
    if isinstance(node, Group):
        return all(_named(part) for part in node.parts)
    return node.field is not None


def _holds(node: Node, payload: Row) -> bool:
    if isinstance(node, Negation):
        return not _holds(node.part, payload)
    if isinstance(node, Group):
        found = (_holds(part, payload) for part in node.parts)
        return all(found) if node.joined_by == "and" else any(found)
    if node.field is None:
        return False
    return any(_matches(node, value) for value in _values(payload, node.field.split(".")))


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, list):
        for item in value:
            yield from _values(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict) and path[0] in value:
        yield from _keywords(path, _values(value[path[0]], path[1:]))


def _keywords(path: list[str], found: Iterator[Any]) -> Iterator[Any]:
    """Tags are one string in a payload and count as the keywords in it."""
    for value in found:
        yield value
        if path == ["tags"] and isinstance(value, str):
            yield from value.split(", ")


def _matches(term: Term, value: Any) -> bool:
    if value is None:
        return False
    if term.exists:
        return True
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    if term.comparator in {":", "="}:
        if term.prefix:
            return shown.startswith(term.value[:-1])
        return shown == term.value or (_is_amount(value) and _compared(shown, term.value) == 0)
    order = _compared(shown, term.value)
    if order is None:
        return False
    return {">": order > 0, ">=": order >= 0, "<": order < 0, "<=": order <= 0}[term.comparator]


def _is_amount(value: Any) -> bool:
    """Numbers are equal by value; a text of digits is a word unless it is an amount such as "10.00"."""
    return not isinstance(value, str) or "." in value


def _compared(left: str, right: str) -> int | None:
    """-1, 0 or 1 for two numbers or two times, None for things that have no order."""
    for read in (Decimal, _moment):
        try:
            first: Any = read(left)
            second: Any = read(right)
            return (first > second) - (first < second)
        except (InvalidOperation, ValueError):
            continue
    return None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
