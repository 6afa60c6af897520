"""Edits of orders that are not committed yet: a list of staged changes, and what the order would be with them.

A staged change is a plain dict with its `type`; removing something that was added in the same edit takes its change
away. Nothing here touches the order itself: `order_commit` does.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from sandbox.shopify.money import Bag, total
from sandbox.shopify.store import order_payments
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book, share_of
from sandbox.shopify.store.shop import Store

ADDED = {"custom", "variant"}
_SPACE = uuid.UUID("0c6f0a52-93b0-5c5c-8d0b-6a1e3ad2c7f5")


def begin(store: Store, order: int) -> Row:
    """Open an edit of an order."""
    row = {"id": store.db.next_id("CalculatedOrder"), "order_id": order, "changes": [], "created_at": store.now()}
    store.db.insert("order_edits", row)
    return find(store, row["id"]) or row


def find(store: Store, number: int | None) -> Row | None:
    """An edit that is still open."""
    row = store.db.get("order_edits", number)
    return None if row is None or row["committed_at"] is not None else row


def changes_of(row: Row) -> list[Row]:
    """The staged changes of an edit in the order they were made."""
    return list(json.loads(row["changes"]))


def save(store: Store, row: Row, changes: list[Row]) -> Row:
    """Keep the staged changes of an edit; the edit as it is now."""
    store.db.update("order_edits", row["id"], {"changes": changes})
    return store.db.get("order_edits", row["id"]) or row


def new_id(store: Store) -> str:
    """A random-looking id for something that was added in an edit."""
    return str(uuid.uuid5(_SPACE, str(store.db.next_id("OrderStagedChange"))))


@dataclass
class Line:
    """A line of the order as it would be: `row` is the line it was, None for one added in this edit."""

    key: str
    quantity: int
    price: Bag
    row: Row
    added: bool
    discounts: list[Row] = field(default_factory=list)
    change: Row | None = None


class Calculated:
    """An order with the staged changes of an edit."""

    def __init__(self, store: Store, edit: Row) -> None:
        self.book = Book(store, edit["order_id"])
        self.changes = changes_of(edit)
        self.pair = self.book.pair

    def of_type(self, *types: str) -> list[Row]:
        """The staged changes of some types."""
        return [one for one in self.changes if one["type"] in types]

    @cached_property
    def lines(self) -> list[Line]:
        """All lines, those of the order before those added."""
        staged = {one["line"]: one for one in self.of_type("quantity")}
        found = []
        for row in self.book.lines:
            key = str(row["id"])
            change = staged.get(key)
            quantity = change["quantity"] if change else self.book.current_quantity(row)
            found.append(Line(key, quantity, Bag.read(row["price"]), row, False, self._discounts(key), change))
        for one in self.of_type(*ADDED):
            line = Line(one["id"], one["quantity"], Bag.read(one["price"]), one, True, self._discounts(one["id"]), one)
            found.append(line)
        return found

    def _discounts(self, key: str) -> list[Row]:
        return [one for one in self.of_type("discount") if one["line"] == key]

    def line(self, key: str) -> Line | None:
        """A line by its number or the id it got in this edit."""
        return next((line for line in self.lines if line.key == key), None)

    @cached_property
    def gone_discounts(self) -> set[int]:
        """The discounts of the order that this edit takes away."""
        return {one["discount"] for one in self.of_type("remove_discount")}

    def standing_discount(self, line: Line, line_level: bool = False) -> Bag:
        """What the discounts of the order that stay take off the quantity of a line."""
        if line.added:
            return Bag()
        found = self.book.discount_of(("line", line.row["id"]), line_level=line_level, without=self.gone_discounts)
        return share_of(found, line.quantity, line.row["quantity"]).rounded(self.pair)

    def alone(self, line: Line, discount: Row) -> Bag:
        """What one discount of the order takes off the quantity of a line."""
        others = {row["id"] for row in self.book.discounts if row["id"] != discount["id"]}
        found = self.book.discount_of(("line", line.row["id"]), without=others)
        return share_of(found, line.quantity, line.row["quantity"]).rounded(self.pair)

    def staged_discount(self, line: Line) -> Bag:
        """What the discounts of this edit take off a line."""
        return total(self.amount_of(one, line) for one in line.discounts)

    def amount_of(self, discount: Row, line: Line) -> Bag:
        """What one staged discount takes off a line: fixed values are per unit (recorded)."""
        whole = line.price * line.quantity
        if discount.get("percent") is not None:
            return (whole * Decimal(str(discount["percent"]))).over(100).rounded(self.pair)
        wanted = Bag.read(discount["fixed"]) * line.quantity
        return Bag(min(wanted.shop, whole.shop), min(wanted.presentment, whole.presentment))

    def net(self, line: Line) -> Bag:
        """What a line would cost after all discounts."""
        return line.price * line.quantity - self.standing_discount(line) - self.staged_discount(line)

    def taxes(self, line: Line) -> list[tuple[Row, Bag]]:
        """The tax lines of a line at its new quantity and price; what is added in an edit is not taxed here."""
        if line.added:
            return []
        before = self.book.net(line.row)
        found = []
        for row in self.book.taxes_of["line", line.row["id"]]:
            amount = Bag.read(row["amount"])
            share = (amount * self.net(line).shop).over(before.shop) if before.shop else Bag()
            found.append((row, share.rounded(self.pair)))
        return found

    @cached_property
    def gone_shipping(self) -> set[int]:
        """The shipping lines of the order that this edit takes away."""
        return {one["shipping"] for one in self.of_type("remove_shipping")}

    @cached_property
    def subtotal(self) -> Bag:
        """All lines after discounts."""
        return total(self.net(line) for line in self.lines)

    @cached_property
    def shipping(self) -> Bag:
        """All shipping that would be charged."""
        kept = [row for row in self.book.shipping if row["id"] not in self.gone_shipping]
        standing = total(self.book.current_shipping_of(row) for row in kept)
        return standing + total(Bag.read(one["price"]) for one in self.of_type("shipping"))

    @cached_property
    def cart_discount(self) -> Bag:
        """What discounts on the order as a whole would take off."""
        lines = [line for line in self.lines if not line.added]
        return total(self.standing_discount(line) - self.standing_discount(line, line_level=True) for line in lines)

    @cached_property
    def tax_lines(self) -> list[tuple[Row, Bag]]:
        """All taxes that would be charged."""
        found = [pair for line in self.lines for pair in self.taxes(line)]
        for row in self.book.shipping:
            if row["id"] not in self.gone_shipping:
                found += self.book.current_taxes(("shipping", row["id"]))
        return found + self.book.current_taxes(("order", 0))

    @cached_property
    def total(self) -> Bag:
        """What the order would cost."""
        tax = Bag() if self.book.taxes_included else total(amount for _, amount in self.tax_lines)
        charges = self.book.charges_total - self.book.refunded_duties
        return self.subtotal + self.shipping + tax + charges + self.book.discrepancy

    @cached_property
    def outstanding(self) -> Bag:
        """What would still be to pay."""
        return self.total - order_payments.net(self.book) - order_payments.capturable(self.book)

    @cached_property
    def effective(self) -> list[Row]:
        """The staged changes that change anything."""
        current = {str(row["id"]): self.book.current_quantity(row) for row in self.book.lines}
        return [one for one in self.changes if one["type"] != "quantity" or current[one["line"]] != one["quantity"]]
