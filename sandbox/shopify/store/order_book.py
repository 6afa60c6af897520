"""One order read as a whole: its parts, and every quantity and total that Shopify computes from them.

Read once, never written back. "Current" means after removals, refunds and cancellations; without the word it means
as ordered, edits that added something included (the schema's own texts on Order and LineItem).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container
from decimal import Decimal
from functools import cached_property

from sandbox.shopify.money import Bag, Pair, total
from sandbox.shopify.store import order_hooks, order_parts
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

Target = tuple[str, int]


class Book:
    """An order and what hangs on it; raises KeyError when there is no such order."""

    def __init__(self, store: Store, number: int) -> None:
        row = store.db.get("orders", number)
        if row is None:
            raise KeyError(number)
        self.store = store
        self.order = row
        self.number = number
        self.pair = Pair(row["currency"], row["presentment_currency"])
        self.taxes_included = bool(row["taxes_included"])
        # Totals that the order came with stand before the sums of its parts, which are cached under the same names.
        vars(self).update({name: Bag.read(text) for name, text in json.loads(row["stated"] or "{}").items()})

    def _rows(self, table: str, by: str = "id") -> list[Row]:
        return order_parts.of(self.store, table, self.number, by)

    @cached_property
    def lines(self) -> list[Row]:
        """The line items in order."""
        return self._rows("order_lines", "position, id")

    @cached_property
    def shipping(self) -> list[Row]:
        """The shipping lines, removed ones too."""
        return self._rows("order_shipping", "position, id")

    @cached_property
    def discounts(self) -> list[Row]:
        """The discount applications by index."""
        return self._rows("order_discounts", "position")

    @cached_property
    def charges(self) -> list[Row]:
        """Duties, tips and additional fees."""
        return self._rows("order_charges")

    @cached_property
    def taxes(self) -> list[Row]:
        """All tax lines."""
        return self._rows("order_taxes")

    @cached_property
    def transactions(self) -> list[Row]:
        """All payment transactions, oldest first."""
        return self._rows("order_transactions")

    @cached_property
    def refunds(self) -> list[Row]:
        """All refunds, oldest first."""
        return self._rows("refunds")

    @cached_property
    def refund_lines(self) -> list[Row]:
        """What all refunds took back."""
        return self._rows("refund_lines")

    @cached_property
    def refund_shipping(self) -> list[Row]:
        """What all refunds gave back of shipping."""
        return self._rows("refund_shipping")

    @cached_property
    def adjustments(self) -> list[Row]:
        """What refunds differ from what they should have been."""
        return self._rows("refund_adjustments")

    @cached_property
    def returns(self) -> list[Row]:
        """All returns, oldest first."""
        return self._rows("returns")

    @cached_property
    def shares(self) -> dict[Target, list[Row]]:
        """The discount allocations of each line and shipping line."""
        found: dict[Target, list[Row]] = defaultdict(list)
        for row in self._rows("order_allocations"):
            found[row["target"], row["target_id"]].append(row)
        return found

    @cached_property
    def taxes_of(self) -> dict[Target, list[Row]]:
        """The tax lines of each line, shipping line and charge; those of the order as a whole at ("order", 0)."""
        found: dict[Target, list[Row]] = defaultdict(list)
        for row in self.taxes:
            found[row["target"], row["target_id"]].append(row)
        return found

    # Quantities

    @cached_property
    def fulfilled(self) -> order_hooks.Quantities:
        """How much of each line was shipped; an order that was made as shipped is, without any shipment (recorded)."""
        claimed = self.order["given_fulfillment_status"]
        known = order_hooks.fulfilled(self.store, self.number)
        if known or claimed not in {"FULFILLED", "PARTIAL"}:
            return known
        lines = self.lines if claimed == "FULFILLED" else self.lines[:1]
        return {line["id"]: line["quantity"] for line in lines}

    @cached_property
    def refunded(self) -> dict[int, int]:
        """How much of each line was refunded."""
        found: dict[int, int] = defaultdict(int)
        for row in self.refund_lines:
            found[row["line_id"]] += row["quantity"]
        return found

    def current_quantity(self, line: Row) -> int:
        """Units that are neither removed nor refunded."""
        return int(line["quantity"] - line["removed"] - self.refunded[line["id"]])

    def unfulfilled_quantity(self, line: Row) -> int:
        """Units that are still to be shipped."""
        return max(self.current_quantity(line) - self.fulfilled.get(line["id"], 0), 0)

    # Money of one line

    def ordered(self, line: Row) -> Bag:
        """Unit price times quantity, before discounts."""
        return Bag.read(line["price"]) * line["quantity"]

    def discount_of(
        self, target: Target, line_level: bool = False, codes: bool = True, without: Container[int] = ()
    ) -> Bag:
        """What discounts take off a line or shipping line: all, only its own ones, only those without a code."""
        by_number = {row["id"]: row for row in self.discounts if row["id"] not in without}
        found = Bag()
        for share in self.shares[target]:
            discount = by_number.get(share["discount_id"])
            if discount is None or (line_level and is_order_level(discount)):
                continue
            if codes or discount["kind"] != "DISCOUNT_CODE":
                found = found + Bag.read(share["amount"])
        return found

    def net(self, line: Row) -> Bag:
        """What the line costs after all discounts, refunded and removed units included."""
        return self.ordered(line) - self.discount_of(("line", line["id"]))

    def current_net(self, line: Row) -> Bag:
        """What the line costs after all discounts, without what was removed or refunded."""
        return self.left_of(line, self.net(line))

    def left_of(self, line: Row, whole: Bag) -> Bag:
        """What is left of an amount of a line when removed and refunded units are taken out of it."""
        return self.portion(line, whole, self.current_quantity(line))

    def portion(self, line: Row, whole: Bag, quantity: int) -> Bag:
        """The part of an amount of a line that falls on a quantity of it."""
        return share_of(whole, quantity, line["quantity"]).rounded(self.pair)

    def current_taxes(self, target: Target) -> list[tuple[Row, Bag]]:
        """The tax lines of a target with what is left of them."""
        return [(row, self._left(target, Bag.read(row["amount"]))) for row in self.taxes_of[target]]

    def _left(self, target: Target, amount: Bag) -> Bag:
        kind, number = target
        if kind == "line":
            return self.left_of(next(line for line in self.lines if line["id"] == number), amount)
        if kind == "shipping":
            row = next(line for line in self.shipping if line["id"] == number)
            whole = self.shipping_net(row)
            if row["removed"] or not whole.shop:
                return Bag() if row["removed"] else amount
            return (amount * self.current_shipping_of(row).shop).over(whole.shop).rounded(self.pair)
        return amount

    # Money of shipping

    def shipping_net(self, row: Row) -> Bag:
        """A shipping line after its discounts."""
        return Bag.read(row["price"]) - self.discount_of(("shipping", row["id"]))

    def refunded_shipping_of(self, row: Row) -> Bag:
        """What was given back of a shipping line."""
        return total(Bag.read(one["subtotal"]) for one in self.refund_shipping if one["shipping_id"] == row["id"])

    def current_shipping_of(self, row: Row) -> Bag:
        """What is left of a shipping line."""
        return Bag() if row["removed"] else self.shipping_net(row) - self.refunded_shipping_of(row)

    # Totals as ordered

    @cached_property
    def subtotal(self) -> Bag:
        """All lines after discounts."""
        return total(self.net(line) for line in self.lines)

    @cached_property
    def shipping_total(self) -> Bag:
        """All shipping before discounts."""
        return total(Bag.read(row["price"]) for row in self.shipping if not row["removed"])

    @cached_property
    def discounts_total(self) -> Bag:
        """All discounts on lines and shipping."""
        return total(Bag.read(share["amount"]) for shares in self.shares.values() for share in shares)

    @cached_property
    def tax_total(self) -> Bag:
        """All taxes."""
        gone = {("shipping", row["id"]) for row in self.shipping if row["removed"]}
        return total(Bag.read(row["amount"]) for row in self.taxes if (row["target"], row["target_id"]) not in gone)

    def charged(self, kind: str) -> Bag:
        """All duties, tips or fees."""
        return total(Bag.read(row["price"]) for row in self.charges if row["kind"] == kind)

    @cached_property
    def charges_total(self) -> Bag:
        """Duties, tips and fees together."""
        return total(Bag.read(row["price"]) for row in self.charges)

    @cached_property
    def total(self) -> Bag:
        """What the buyer was asked for, before refunds and removals."""
        shipping = total(self.shipping_net(row) for row in self.shipping if not row["removed"])
        tax = Bag() if self.taxes_included else self.tax_total
        return self.subtotal + shipping + tax + self.charges_total

    # Totals as they stand

    @cached_property
    def current_subtotal(self) -> Bag:
        """All lines as they stand, after discounts."""
        return total(self.current_net(line) for line in self.lines)

    @cached_property
    def current_shipping(self) -> Bag:
        """Shipping as it stands."""
        return total(self.current_shipping_of(row) for row in self.shipping)

    @cached_property
    def current_discounts(self) -> Bag:
        """Discounts on what is left."""
        lines = total(self.left_of(line, self.discount_of(("line", line["id"]))) for line in self.lines)
        shipping = total(self.discount_of(("shipping", row["id"])) for row in self.shipping if not row["removed"])
        return lines + shipping

    @cached_property
    def current_tax(self) -> Bag:
        """Taxes on what is left."""
        return total(amount for target in self.taxes_of for _, amount in self.current_taxes(target))

    @cached_property
    def refunded_duties(self) -> Bag:
        """Duties given back."""
        return total(Bag.read(row["amount"]) for row in self._rows("refund_duties"))

    @cached_property
    def current_total(self) -> Bag:
        """What the order is worth as it stands."""
        tax = Bag() if self.taxes_included else self.current_tax
        charges = self.charges_total - self.refunded_duties
        return self.current_subtotal + self.current_shipping + tax + charges + self.discrepancy

    @cached_property
    def discrepancy(self) -> Bag:
        """What refunds gave back more (negative) or less than what they took."""
        return total(Bag.read(row["amount"]) + Bag.read(row["tax"]) for row in self.adjustments)


def is_order_level(discount: Row) -> bool:
    """True for a discount on the order as a whole, which is shared among its lines."""
    return bool(discount["allocation_method"] == "ACROSS" and discount["target_selection"] == "ALL")


def share_of(whole: Bag, part: int, of_all: int) -> Bag:
    """The part of an amount that falls on some of its units, unrounded."""
    return (whole * Decimal(part)).over(of_all) if of_all else Bag()
