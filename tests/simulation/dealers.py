"""A salesperson who sells by orders of CRM, and a merchant who ships what comes of them.

What is shipped is at its end: nobody touches it any more, and nothing is shipped before both sides agree about it, as
people who talk to each other do. Nothing here knows the app.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.seed import SeedFailedError
from tests.simulation.book import CRM, SHOPIFY, Book
from tests.simulation.chance import Chance
from tests.support.paper_lines import text
from tests.support.paper_queries import ORDERS
from tests.support.plant import World
from tests.support.till import Till

MOST = 8
PENDING = 2
LINES = "salesorderdetails?$select=salesorderdetailid&$filter=_salesorderid_value eq "


class Dealers(Till):
    """Both of them. `act` makes one edit. `sold`: the documents that were to be sent; `shipped`: those at their end."""

    def __init__(self, world: World, chance: Chance) -> None:
        self.merchant, self.clock = world.merchant, world.clock
        self._sales, self._chance = world.sales, chance
        self.book = Book()
        self.sold: list[str] = []
        self.shipped: set[str] = set()
        self._accounts: list[str] = []
        self._number = itertools.count(1)
        common = [self.sell, self.sell, self.add, self.recount, self.reprice, self.note]
        self._kinds: list[Callable[[], str]] = [*common, *common, self.drop, self.ship, self.archived]

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
        for _ in range(2):
            self._chance.note(f"person sell {self.sell()}")

    def done(self, text: str, **variables: Any) -> Any:
        """A mutation; its payload. Raises SeedFailedError where Shopify refuses it."""
        payload = next(iter(self.merchant.call(text, variables).values()))
        if payload["userErrors"]:
            raise SeedFailedError(f"{payload['userErrors']}")
        return payload

    # -- the salesperson ----------------------------------------------------------------------------------------

    def sell(self) -> str:
        """An order with one to three written-in lines, which gets the status reason that is sent."""
        if len(self.sold) >= MOST:
            return ""
        basics, account = self._sales.basics(), self._account()
        head: dict[str, Any] = {
            "name": f"Deal {next(self._number):04d}",
            "pricelevelid@odata.bind": f"/pricelevels({basics['list']})",
            "customerid_account@odata.bind": f"/accounts({account})",
            "order_details": [self._line() for _ in range(1 + self._chance.below(3))],
        }
        if self._chance.happens(0.3):
            head["freightamount"] = Decimal("4.90")
        document = _id(self._sales.send("POST", "salesorders", head))
        self._sales.send("PATCH", f"salesorders({document})", {"statecode": 0, "statuscode": PENDING})
        self.sold.append(document)
        return document

    def add(self) -> str:
        """Another line."""

        def added(document: str) -> None:
            whole = {"salesorderid@odata.bind": f"/salesorders({document})"}
            self._sales.send("POST", "salesorderdetails", {**self._line(), **whole})

        return self._with_document("lines", added)

    def recount(self) -> str:
        """Other units of a line."""
        return self._with_line({"quantity": 1 + self._chance.below(6)})

    def reprice(self) -> str:
        """Another price of a line."""
        return self._with_line({"priceperunit": self._price()})

    def drop(self) -> str:
        """A line goes, where there is another one."""

        def dropped(document: str) -> None:
            rows = self._lines(document)
            if len(rows) > 1:
                self._sales.send("DELETE", f"salesorderdetails({self._chance.among(rows)})", {})

        return self._with_document("lines", dropped)

    def note(self) -> str:
        """What the merchant is to know of the order."""
        values = {"description": f"Ring {next(self._number)} times"}
        change = self._sales.send
        return self._with_document("note", lambda document: change("PATCH", f"salesorders({document})", values))

    # -- the merchant -------------------------------------------------------------------------------------------

    def ship(self) -> str:
        """All of an order goes out, where both sides agree about its total."""
        for order in self.merchant.call(ORDERS)["orders"]["nodes"]:
            document = str((order["mark"] or {}).get("value") or "")
            if document in self.shipped or document not in self.sold:
                continue
            total = Decimal(order["currentTotalPriceSet"]["presentmentMoney"]["amount"])
            if Decimal(str(self._sales.get(f"salesorders({document})")["totalamount"])) == total:
                self.shipped.add(document)
                self.fulfil(str(order["legacyResourceId"]))
                self.book.note(SHOPIFY, document, shipped=True)
                return document
        return ""

    def archived(self) -> str:
        """An order that was shipped is archived."""
        for order in self.merchant.call(ORDERS)["orders"]["nodes"]:
            if str((order["mark"] or {}).get("value")) in self.shipped:
                self.archive(str(order["legacyResourceId"]))
                return str(order["legacyResourceId"])
        return ""

    # -- both ---------------------------------------------------------------------------------------------------

    def _with_document(self, what: str, act: Callable[[str], Any]) -> str:
        free = [document for document in self.sold if document not in self.shipped]
        if not free:
            return ""
        document = str(self._chance.among(free))
        act(document)
        self.book.note(CRM, document, **{what: True})
        return document

    def _with_line(self, change: dict[str, Any]) -> str:
        def changed(document: str) -> None:
            row = self._chance.among(self._lines(document))
            self._sales.send("PATCH", f"salesorderdetails({row})", change)

        return self._with_document("lines", changed)

    def _lines(self, document: str) -> list[str]:
        return [str(row["salesorderdetailid"]) for row in self._sales.get(f"{LINES}{document}")["value"]]

    def _account(self) -> str:
        if not self._accounts or self._chance.happens(0.5):
            account = {"name": f"Firm {next(self._number):04d}"}
            if self._chance.happens(0.5):
                account["emailaddress1"] = f"p{next(self._number):04d}x@example.com"
            self._accounts.append(_id(self._sales.send("POST", "accounts", account)))
        return str(self._chance.among(self._accounts))

    def _line(self) -> dict[str, Any]:
        off = {"manualdiscountamount": Decimal("0.35")} if self._chance.happens(0.4) else {}
        return text(f"Thing {next(self._number):04d}", self._price(), 1 + self._chance.below(4), **off)

    def _price(self) -> Decimal:
        return Decimal(self._chance.below(9000) + 100) / 100


def _id(address: str) -> str:
    return address.rsplit("(", 1)[1].rstrip(")").lower()
