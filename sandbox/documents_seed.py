"""Sixty documents that a salesperson enters in CRM: opportunities, orders and invoices, some of them one deal.

Idempotent per database: a CRM that has opportunities is left alone. Never touches a sandbox's insides.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.catalogue import Catalogue
from sandbox.seed import Crm, Progress

ORDERS, DEALS, WHOLE, TWO_ORDERS, TWO_INVOICES = 20, 10, 6, 3, 1
"""Orders alone, won opportunities alone, deals in three documents, opportunities with two orders, orders with two
invoices."""
DOCUMENTS = ORDERS + DEALS + 3 * WHOLE + 3 * TWO_ORDERS + 3 * TWO_INVOICES
SALES = ORDERS + DEALS + WHOLE + 2 * TWO_ORDERS + 2 * TWO_INVOICES
"""What has to come of them: one Shopify order per sale."""
PENDING, BILLED = 2, 4
SETS = {
    "opportunity": ("opportunities", "product_opportunities"),
    "salesorder": ("salesorders", "order_details"),
    "invoice": ("invoices", "invoice_details"),
}
TOWNS = (("London", "United Kingdom"), ("Berlin", "Germany"), ("Lyon", "FR"), ("Utrecht", "Holland"))


def enter_all(info: Mapping[str, Any], catalogue: Catalogue, progress: Progress, seed: int = 1) -> None:
    """Enter the documents, unless CRM has some."""
    crm = Crm(info["dataverse"])
    if not crm.get("opportunities?$select=opportunityid&$top=1")["value"]:
        Salesperson(crm, catalogue, random.Random(seed)).enter()
        progress(f"Dataverse: {DOCUMENTS} documents, {SALES} sales")


@dataclass
class Salesperson:
    """The salesperson at work."""

    crm: Crm
    catalogue: Catalogue
    chance: random.Random
    _entered: int = 0
    _account: str = ""
    _currency: str = ""
    _products: Sequence[str] = ()

    def enter(self) -> None:
        """All documents, each in the state in which it is sent."""
        self._prepare()
        for _ in range(ORDERS):
            self._order()
        for _ in range(DEALS):
            self._opportunity()
        for _ in range(WHOLE):
            self._invoice(self._order(self._opportunity()))
        for _ in range(TWO_ORDERS):
            deal = self._opportunity()
            self._order(deal)
            self._order(deal)
        for _ in range(TWO_INVOICES):
            order = self._order()
            self._invoice(order)
            self._invoice(order)

    def _prepare(self) -> None:
        """An account that nobody in the shop is, the currency, and products that only CRM has."""
        address = {"address1_line1": "1 High Street", "address1_city": "London", "address1_country": "GB"}
        account = {"name": "Trade Partners", "emailaddress1": "trade@example.com"}
        self._account = self._post("accounts", account | address)
        found = self.crm.get("transactioncurrencies?$filter=isocurrencycode eq 'EUR'")["value"]
        self._currency = found[0]["transactioncurrencyid"]
        taken = {*self.catalogue.overlapping, *self.catalogue.shared}
        numbers = [row.number for row in self.catalogue.crm if row.number not in taken][:8]
        rows = self.crm.get("products?$select=productid,productnumber&$filter=statecode eq 0")["value"]
        self._products = [row["productid"] for row in rows if row["productnumber"] in numbers]

    def _post(self, path: str, body: Mapping[str, Any]) -> str:
        return self.crm.send("POST", path, body).rsplit("(", 1)[1].rstrip(")")

    def _document(self, table: str, **more: Any) -> str:
        entity_set, lines = SETS[table]
        self._entered += 1
        body = {
            "name": f"{table} {self._entered}",
            "customerid_account@odata.bind": f"/accounts({self._account})",
            "transactioncurrencyid@odata.bind": f"/transactioncurrencies({self._currency})",
            "pricelevelid@odata.bind": f"/pricelevels({self.crm.basics()['list']})",
            lines: list(self._lines()),
            **self._header(table),
            **more,
        }
        return self._post(entity_set, body)

    def _header(self, table: str) -> dict[str, Any]:
        """Freight, a discount on the whole and an address, on some."""
        found: dict[str, Any] = {}
        if self.chance.random() < 0.4:
            found["freightamount"] = Decimal(self.chance.randrange(100, 2000)) / 100
        if self.chance.random() < 0.3:
            found |= self.chance.choice([{"discountpercentage": 5}, {"discountamount": Decimal("3.33")}])
        if table == "opportunity":
            return {**found, "isrevenuesystemcalculated": True}
        city, country = self.chance.choice(TOWNS)
        return {**found, "shipto_line1": "2 Mill Lane", "shipto_city": city, "shipto_country": country}

    def _lines(self) -> Iterator[dict[str, Any]]:
        """One to four lines: products at their own or another price, written-in ones, discounts, taxes."""
        taxed = self.chance.random() < 0.4
        for number in range(self.chance.randrange(1, 5)):
            line: dict[str, Any] = {"quantity": self.chance.randrange(1, 8)}
            if self._products and self.chance.random() < 0.6:
                unit = self.crm.basics()["unit"]
                product = self.chance.choice(self._products)
                line |= {"productid@odata.bind": f"/products({product})", "uomid@odata.bind": f"/uoms({unit})"}
                line |= {"ispriceoverridden": True} if self.chance.random() < 0.5 else {}
            else:
                line |= {"isproductoverridden": True, "productdescription": f"Service {number + 1}"}
            if "productid@odata.bind" not in line or "ispriceoverridden" in line:
                line["priceperunit"] = Decimal(self.chance.randrange(500, 9000)) / 100
            if self.chance.random() < 0.3:
                line["manualdiscountamount"] = Decimal("1.00")
            if taxed:
                line["tax"] = Decimal(self.chance.randrange(50, 900)) / 100
            yield line

    def _opportunity(self) -> str:
        found = self._document("opportunity")
        close = {"subject": "Won", "opportunityid@odata.bind": f"/opportunities({found})"}
        close["@odata.type"] = "Microsoft.Dynamics.CRM.opportunityclose"
        self.crm.send("POST", "WinOpportunity", {"OpportunityClose": close, "Status": -1})
        return found

    def _order(self, deal: str = "") -> str:
        link = {"opportunityid@odata.bind": f"/opportunities({deal})"} if deal else {}
        found = self._document("salesorder", **link)
        self.crm.send("PATCH", f"salesorders({found})", {"statecode": 0, "statuscode": PENDING})
        return found

    def _invoice(self, order: str) -> None:
        found = self._document("invoice", **{"salesorderid@odata.bind": f"/salesorders({order})"})
        self.crm.send("PATCH", f"invoices({found})", {"statecode": 0, "statuscode": BILLED})
