"""What a case tells of an order without showing it as one: the lines of an edit of it, its currencies, its payments.

Reads the records of the case; it plants nothing.
"""

from __future__ import annotations

from typing import Any

from sandbox.conformance.seeding.records import Record, Shown

# The answers of these show an order as it is after it was paid: before, it was not.
PAYING = frozenset(["orderMarkAsPaid", "orderCreateManualPayment"])


def lines_of(shown: Shown, order: Record) -> list[Record]:
    """The line items of an order: its own, else those that an edit of it was begun with."""
    own = [one for one in order.list("lineItems") if isinstance(one, Record)]
    return own or [one for edit in _edits_of(shown, order) for one in _numbered(edit)]


def _edits_of(shown: Shown, order: Record) -> list[Record]:
    edits = [one for one in shown.records.values() if one.kind == "CalculatedOrder"]
    named = [one for one in edits if one.record("originalOrder") is order]
    if named:
        return named[:1]
    # An original that nothing else names is the order that was sent, under the id it had when it was recorded.
    originals = [(one, one.record("originalOrder")) for one in edits]
    nameless = [one for one, original in originals if original is None or original.is_new]
    return nameless[:1] if len(shown.of("Order")) == 1 else []


def _numbered(edit: Record) -> list[Record]:
    # Only what was on the order before has a plain number; what the edit added has not.
    return [one for one in edit.list("lineItems") if isinstance(one, Record) and one.number.isdigit()]


def currencies(order: Record) -> dict[str, str]:
    """The currencies of an order as columns, as far as its amounts show them."""
    bags = [value for value in order.fields.values() if isinstance(value, dict)]
    found: dict[str, str] = {}
    for name, column in (("shopMoney", "currency"), ("presentmentMoney", "presentment_currency")):
        shown: list[Any] = [bag[name].get("currencyCode") for bag in bags if isinstance(bag.get(name), dict)]
        code = next((one for one in shown if one), None)
        if code:
            found[column] = code
    if "currency" in found:
        found.setdefault("presentment_currency", found["currency"])
    return found


def was_unpaid(order: Record) -> bool:
    """True when the case first shows the order in the answer of what paid for it."""
    return order.root in PAYING and order.depth <= 1
