"""A merchant and a salesperson who have to do with orders: who sells, changes, refunds, ships and cancels what.

An order that is shipped or cancelled is at its end: CRM locks it, and nobody touches it any more. Nothing here knows
the app.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.seed import SeedFailedError
from tests.simulation.book import CRM, SHOPIFY, Book
from tests.simulation.chance import Chance
from tests.support.plant import World
from tests.support.till import ADD, DISCOUNT, Till, bag, item

MOST = 8
SHIP_TO = {"firstName": "Jane", "lastName": "Doe", "city": "Berlin", "zip": "10117", "countryCode": "DE"}
MARKED = "new_shopifyorderid_acme"
ROWS = f"salesorders?$select=salesorderid,{MARKED}&$filter={MARKED} ne null and statecode eq 0"
PAY = "mutation($i: OrderMarkAsPaidInput!) { orderMarkAsPaid(input: $i) { userErrors { field message } } }"


@dataclass
class Sale:
    """An order that is still open: the units of each line, by title."""

    units: dict[str, int] = field(default_factory=dict)
    paid: bool = False


class Traders(Till):
    """Both of them. `act` makes one edit. `open`: orders that may still be changed; `erased`: those deleted since."""

    def __init__(self, world: World, chance: Chance) -> None:
        self.merchant, self.clock = world.merchant, world.clock
        self._sales, self._chance = world.sales, chance
        self.book = Book()
        self.open: dict[str, Sale] = {}
        self.erased: set[str] = set()
        self._emails: list[str] = []
        self._number = itertools.count(1)
        common = [self.sell, self.sell, self.recount, self.add, self.note, self.readdress, self.give_back, self.due]
        rare = [self.discount, self.pay, self.ship, self.call_off, self.call_off_and_delete]
        self._kinds: list[Callable[[], str]] = [*common, *common, *rare]

    def act(self) -> None:
        """One edit by one of them; a refusal is their own affair."""
        kind = self._chance.among(self._kinds)
        try:
            told = kind()
        except SeedFailedError as error:
            told = f"refused: {str(error)[:60]}"
        if told:
            self._chance.note(f"person {kind.__name__} {told}")

    correct = act

    def open_shop(self) -> None:
        """What was sold before anything goes wrong."""
        for _ in range(3):
            self._chance.note(f"person sell {self.sell()}")

    def done(self, text: str, **variables: Any) -> Any:
        """A mutation; its payload. Raises SeedFailedError where Shopify refuses it."""
        payload = next(iter(self.merchant.call(text, variables).values()))
        if payload["userErrors"]:
            raise SeedFailedError(f"{payload['userErrors']}")
        return payload

    # -- the merchant -------------------------------------------------------------------------------------------

    def sell(self) -> str:
        """A new order with one to three lines, of a new customer or one who bought before."""
        if len(self.open) + len(self.erased) >= MOST:
            return ""
        titles = [f"Thing {next(self._number):04d}" for _ in range(1 + self._chance.below(3))]
        sale = Sale({title: 1 + self._chance.below(4) for title in titles})
        lines = [item(title, self._price(), sale.units[title], tax=self._tax()) for title in titles]
        given: dict[str, Any] = {"shippingAddress": self._address()} if self._chance.happens(0.5) else {}
        if self._chance.happens(0.4):
            given["note"] = self._text()
        order = self.order(*lines, by=self._customer(), **given)
        self.open[order] = sale
        return f"{order} {sale.units}"

    def recount(self) -> str:
        """More or fewer units of a line, perhaps none."""
        return self._with_line(lambda order, title, units: self._recounted(order, title, self._chance.below(6)))

    def _recounted(self, order: str, title: str, units: int) -> None:
        self.amend(order, **{title: units})
        self.open[order].units[title] = units

    def add(self) -> str:
        """Another line."""
        title, units = f"Thing {next(self._number):04d}", 1 + self._chance.below(3)

        def added(order: str, sale: Sale) -> None:
            self.amend(order, (ADD, {"title": title, "n": units, "price": _money(self._price())}))
            sale.units[title] = units

        return self._with_order("add", added)

    def discount(self) -> str:
        """A line becomes cheaper."""
        off = {"fixedValue": _money("0.35"), "description": "Scratched"}
        return self._with_line(lambda order, title, units: self.amend(order, (DISCOUNT, {"of": title, "d": off})))

    def note(self) -> str:
        """Another note."""
        return self._with_order("note", lambda order, sale: self.update(order, note=self._text()))

    def readdress(self) -> str:
        """Another address to ship to."""
        return self._with_order("address", lambda order, sale: self.update(order, shippingAddress=self._address()))

    def give_back(self) -> str:
        """A unit of a line is given back, whether it was paid for or not."""

        def given_back(order: str, title: str, units: int) -> None:
            self.refund(order, **{title: 1})
            self.open[order].units[title] = units - 1

        return self._with_line(given_back)

    def pay(self) -> str:
        """An order is paid."""
        return self._with_order("pay", lambda order, sale: self.done(PAY, i={"id": f"gid://shopify/Order/{order}"}))

    def ship(self) -> str:
        """All that is left of an order goes out, which is its end."""
        return self._with_order("ship", lambda order, sale: self._ended(order, self.fulfil))

    def call_off(self) -> str:
        """An order is cancelled, which is its end."""
        return self._with_order("cancel", lambda order, sale: self._ended(order, self.cancel))

    def call_off_and_delete(self) -> str:
        """An order is cancelled and deleted: what CRM holds of it stays as it was, whatever of it that was."""

        def gone(order: str, sale: Sale) -> None:
            self._ended(order, self.cancel)
            self.erase(order)
            self.erased.add(order)

        return self._with_order("delete", gone)

    def _ended(self, order: str, act: Callable[[str], None]) -> None:
        act(order)
        del self.open[order]

    # -- the salesperson ----------------------------------------------------------------------------------------

    def due(self) -> str:
        """She writes into a column of an order that no flow writes."""
        rows = self._sales.get(ROWS)["value"]
        if not rows:
            return ""
        row, value = self._chance.among(rows), f"2027-01-{1 + self._chance.below(28):02d}"
        self._sales.send("PATCH", f"salesorders({row['salesorderid']})", {"requestdeliveryby": value})
        self.book.note(CRM, row["salesorderid"], requestdeliveryby=value)
        return f"{row[MARKED]} {value}"

    # -- both ---------------------------------------------------------------------------------------------------

    def _with_order(self, what: str, act: Callable[[str, Sale], Any]) -> str:
        if not self.open:
            return ""
        order = str(self._chance.among(sorted(self.open)))
        act(order, self.open[order])
        self.book.note(SHOPIFY, order, **{what: True})
        return order

    def _with_line(self, act: Callable[[str, str, int], Any]) -> str:
        sales = sorted(self.open.items())
        lines = [(order, title) for order, sale in sales for title, units in sale.units.items() if units]
        if not lines:
            return ""
        order, title = self._chance.among(lines)
        act(order, title, self.open[order].units[title])
        self.book.note(SHOPIFY, order, lines=True)
        return f"{order} {title}"

    def _customer(self) -> dict[str, str]:
        if not self._emails or self._chance.happens(0.5):
            self._emails.append(f"p{next(self._number):04d}x@example.com")
        email = str(self._chance.among(self._emails))
        return {"email": email, "firstName": f"Given{email[1:6]}", "lastName": f"Family{email[1:6]}"}

    def _address(self) -> dict[str, str]:
        return {**SHIP_TO, "address1": f"{next(self._number):04d} Alleyway"}

    def _text(self) -> str:
        return f"Ring {next(self._number)} times"

    def _price(self) -> str:
        return f"{self._chance.below(9000) / 100 + 1:.2f}"

    def _tax(self) -> str:
        return self._chance.among(("", "0.37", "1.90"))


def _money(amount: str) -> dict[str, Any]:
    money: dict[str, Any] = bag(amount)["shopMoney"]
    return money
