"""Documents to sell with: a customer, priced products, and the four documents with their lines."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from .conftest import Org

# header set, lines by navigation name, line set, lookup of the line
KINDS = {
    "salesorder": ("salesorders", "order_details", "salesorderdetails", "salesorderid"),
    "invoice": ("invoices", "invoice_details", "invoicedetails", "invoiceid"),
    "quote": ("quotes", "quote_details", "quotedetails", "quoteid"),
    "opportunity": ("opportunities", "product_opportunities", "opportunityproducts", "opportunityid"),
}
TOTALS = ("totallineitemamount", "totallineitemdiscountamount", "totaldiscountamount", "totalamountlessfreight",
          "totaltax", "totalamount")


class Shop:
    """One organization with an account; makes products on sale and documents."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.account = org.create("accounts", {"name": "Buyer"})

    def on_sale(self, number: str = "P-1", amount: Any = 10, item: dict[str, Any] | None = None, **more: Any) -> str:
        """An active product with a price list item."""
        product = self.org.product(number, **more)
        if amount is not None:
            self.org.price(product, amount, **(item or {}))
        assert self.org.patch(f"products({product})", {"statecode": 0}).status_code == 204
        return product

    def head(self, kind: str = "salesorder", currency: str = "EUR", **more: Any) -> dict[str, Any]:
        """The body of a header with customer, currency and price list."""
        body = {
            "name": "Deal", "customerid_account@odata.bind": f"/accounts({self.account})",
            "transactioncurrencyid@odata.bind": f"/transactioncurrencies({self.org.id_of(f'currency/{currency}')})",
            "pricelevelid@odata.bind": f"/pricelevels({self.org.id_of('pricelevel')})"}
        return {**body, **more}

    def document(self, kind: str = "salesorder", lines: list[dict[str, Any]] | None = None, **more: Any) -> str:
        """A document, its lines deep inserted."""
        entity_set, nav, _, _ = KINDS[kind]
        body = self.head(kind, **more)
        return self.org.create(entity_set, {**body, nav: lines} if lines else body)

    def existing(self, product: str, quantity: Any = 1, **more: Any) -> dict[str, Any]:
        """The body of a line with a catalogue product."""
        return {"productid@odata.bind": f"/products({product})", "uomid@odata.bind": f"/uoms({self.org.id_of('uom')})",
                "quantity": quantity, **more}

    def written_in(self, price: Any = 10, quantity: Any = 1, **more: Any) -> dict[str, Any]:
        """The body of a line with a written-in product."""
        return {"isproductoverridden": True, "productdescription": "Written in", "priceperunit": price,
                "quantity": quantity, **more}

    def line(self, header: str, body: dict[str, Any], kind: str = "salesorder") -> str:
        """A line added to a document."""
        entity_set, _, line_set, lookup = KINDS[kind]
        return self.org.create(line_set, {**body, f"{lookup}@odata.bind": f"/{entity_set}({header})"})

    def add(self, header: str, body: dict[str, Any], kind: str = "salesorder") -> Any:
        """The answer to adding a line."""
        entity_set, _, line_set, lookup = KINDS[kind]
        return self.org.call("POST", line_set, {**body, f"{lookup}@odata.bind": f"/{entity_set}({header})"})

    def row(self, header: str, kind: str = "salesorder") -> Any:
        """The header as a listing shows it (a listing does not calculate)."""
        entity_set, _, _, lookup = KINDS[kind]
        return self.org.get(f"{entity_set}?$filter={lookup} eq {header}")["value"][0]

    def lines(self, header: str, kind: str = "salesorder") -> list[Any]:
        """The lines of a document in the order they were made."""
        _, _, line_set, lookup = KINDS[kind]
        return list(self.org.get(f"{line_set}?$filter=_{lookup}_value eq {header}&$orderby=versionnumber")["value"])

    def total(self, header: str, kind: str = "salesorder") -> Decimal:
        """The header's total."""
        return Decimal(self.row(header, kind)["totalamount"])

    def activate(self, quote: str) -> None:
        """Activate a quote."""
        assert self.org.patch(f"quotes({quote})", {"statecode": 1, "statuscode": 2}).status_code == 204

    def fulfil(self, order: str, action: str = "FulfillSalesOrder", status: int = -1, actor: str = "app") -> Any:
        """Close an order by an action."""
        return self.org.call("POST", action, {"OrderClose": {
            "subject": "Done", "salesorderid@odata.bind": f"/salesorders({order})"}, "Status": status}, actor)

    def close_quote(self, quote: str, action: str = "CloseQuote", status: int = -1) -> Any:
        """Close a quote by an action."""
        return self.org.call("POST", action, {"QuoteClose": {
            "subject": "Over", "quoteid@odata.bind": f"/quotes({quote})"}, "Status": status})

    def close_opportunity(self, opportunity: str, action: str = "WinOpportunity", status: int = -1, **more: Any) -> Any:
        """Close an opportunity by an action."""
        return self.org.call("POST", action, {"OpportunityClose": {
            "subject": "Over", "opportunityid@odata.bind": f"/opportunities({opportunity})", **more},
            "Status": status})
