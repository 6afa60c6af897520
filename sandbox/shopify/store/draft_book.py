"""The money of a draft order: every total, computed from its row and lines, saved or not.

Line discounts first, then the discount of the order on what they leave, then shipping. No tax is set up in a
sandbox's shop, so there is none. A fixed discount of a line is per unit (reported by users of the API).
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cached_property

from sandbox.shopify.money import Bag, Pair, spread, total
from sandbox.shopify.store.database import Row

PERCENT = "PERCENTAGE"


class DraftBook:
    """A draft order's row with its lines, and what follows from them."""

    def __init__(self, row: Row, lines: list[Row]) -> None:
        self.row = row
        self.lines = lines
        self.pair = Pair(row["currency"], row["presentment_currency"])
        self.rate = Decimal(row["rate"])

    def of_shop(self, value: Decimal | float | str) -> Bag:
        """An amount in the shop's currency as a bag."""
        number = Decimal(str(value))
        return Bag(number, number * self.rate).rounded(self.pair)

    def unit(self, line: Row) -> Bag:
        """The unit price of a line before discounts."""
        return Bag.read(line["override"] or line["price"])

    def ordered(self, line: Row) -> Bag:
        """A line before discounts."""
        return self.unit(line) * line["quantity"]

    def discount_of(self, line: Row) -> Bag:
        """What the discount of a line takes off it."""
        given = json.loads(line["discount"]) if line["discount"] else None
        return self._amount(given, self.ordered(line), line["quantity"])

    def _amount(self, given: Row | None, base: Bag, times: int = 1) -> Bag:
        if given is None:
            return Bag()
        value = Decimal(str(given["value"]))
        if given["valueType"] == PERCENT:
            found = (base * value).over(100).rounded(self.pair)
        else:
            found = self.of_shop(value) * times
        # A discount takes at most what there is, and a negative one nothing.
        kept = found.floored()
        return Bag(min(kept.shop, base.shop), min(kept.presentment, base.presentment))

    def net(self, line: Row) -> Bag:
        """A line after its own discount."""
        return self.ordered(line) - self.discount_of(line)

    @cached_property
    def lines_total(self) -> Bag:
        """All lines before discounts."""
        return total(self.ordered(line) for line in self.lines)

    @cached_property
    def lines_net(self) -> Bag:
        """All lines after their own discounts."""
        return total(self.net(line) for line in self.lines)

    @property
    def discount(self) -> Row | None:
        """The discount of the order as it was given."""
        return json.loads(self.row["discount"]) if self.row["discount"] else None

    @cached_property
    def order_discount(self) -> Bag:
        """What the discount of the order takes off."""
        return self._amount(self.discount, self.lines_net)

    def order_shares(self) -> list[Bag]:
        """The discount of the order shared among the lines."""
        return spread(self.order_discount, [self.net(line) for line in self.lines], self.pair)

    @cached_property
    def subtotal(self) -> Bag:
        """All lines after all discounts."""
        return self.lines_net - self.order_discount

    @cached_property
    def discounts(self) -> Bag:
        """All discounts."""
        return self.lines_total - self.subtotal

    @property
    def shipping_row(self) -> Row | None:
        """The shipping line as it is kept."""
        return json.loads(self.row["shipping"]) if self.row["shipping"] else None

    @property
    def shipping(self) -> Bag:
        """What shipping costs."""
        row = self.shipping_row
        return Bag.read(row["price"]) if row else Bag()

    @property
    def tax(self) -> Bag:
        """All taxes: none are set up."""
        return Bag()

    @cached_property
    def total(self) -> Bag:
        """What the buyer is asked for."""
        return self.subtotal + self.shipping + self.tax

    @property
    def units(self) -> int:
        """How many units there are."""
        return sum(line["quantity"] for line in self.lines)

    # What the fields of a shipping line ask of the book it hangs on.

    def shipping_net(self, row: Row) -> Bag:
        """A shipping line after discounts: a draft's shipping has none."""
        return Bag.read(row["price"])

    def current_shipping_of(self, row: Row) -> Bag:
        """What is left of a shipping line: all of it."""
        return Bag.read(row["price"])

    @property
    def taxes_of(self) -> dict[tuple[str, int], list[Row]]:
        """The tax lines of each target."""
        return _NoTaxes()

    @property
    def shares(self) -> dict[tuple[str, int], list[Row]]:
        """The shares of discounts of each target."""
        return _NoTaxes()


class _NoTaxes(dict[tuple[str, int], list[Row]]):
    def __missing__(self, key: tuple[str, int]) -> list[Row]:
        del key
        return []
