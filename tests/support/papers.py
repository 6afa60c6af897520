"""The whole app with the documents' flows on, and what salespeople do with opportunities, orders and invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from sandbox.catalogue import CrmProduct
from sandbox.seed import Crm
from sandbox.shopify.store.mail import Mail
from shared import app as actions
from shared.flows import FLOWS
from shared.records import Message, Origin, Outcome, Pair, ParkedRow, Side
from tests.support.orders import Trade
from tests.support.paper_lines import mapped, text
from tests.support.paper_queries import DRAFTS, ORDERS
from tests.support.plant import CRM_URL, KEY, SHOP, notice

__all__ = ["BACK", "NEW", "OUTWARD", "PENDING", "Papers", "mapped", "of_money", "product_line", "text"]
OUTWARD, BACK = "sales_documents_crm_to_shopify", "sales_documents_shopify_to_crm"
PENDING, NEW = 2, 1
SETS = {
    "opportunity": ("opportunities", "product_opportunities", "opportunityproducts"),
    "salesorder": ("salesorders", "order_details", "salesorderdetails"),
    "invoice": ("invoices", "invoice_details", "invoicedetails"),
}


class Papers(Trade):
    """A Trade whose documents' flows are on; products, customers and orders are off unless the settings say on."""

    def __init__(self, **environment: str) -> None:
        off = {
            "PRODUCTS_CRM_TO_SHOPIFY_MODE": "off",
            "PRODUCTS_SHOPIFY_TO_CRM_MODE": "off",
            "CUSTOMERS_SHOPIFY_TO_CRM_MODE": "off",
            "ORDERS_SHOPIFY_TO_CRM_MODE": "off",
        }
        on = {f"{flow.upper()}_MODE": "on" for flow in (OUTWARD, BACK)}
        super().__init__(**{**off, **on, "DOCUMENTS_SINCE": "2020-01-01", **environment})
        self._account = ""

    # -- the salesperson ----------------------------------------------------------------------------------------

    def account(self, name: str = "Shoe Ltd", **columns: Any) -> str:
        """An account she enters."""
        return self.row("accounts", name=name, **columns)

    def write(self, *lines: Mapping[str, Any], table: str = "salesorder", **columns: Any) -> str:
        """A document with its lines, not yet in a state that is sent; its id."""
        basics = self.sales.basics()
        head = {
            "name": "Deal",
            "transactioncurrencyid@odata.bind": f"/transactioncurrencies({self.currency('EUR')})",
            "pricelevelid@odata.bind": f"/pricelevels({basics['list']})",
        }
        if not any(name.startswith("customerid") for name in columns):
            self._account = self._account or self.account()
            head["customerid_account@odata.bind"] = f"/accounts({self._account})"
        entity_set, navigation, _ = SETS[table]
        body = {**head, **columns, navigation: list(lines)} if lines else {**head, **columns}
        return self.row(entity_set, **body)

    def currency(self, code: str) -> str:
        """The id of a currency, made where it is missing."""
        found = self.rows("transactioncurrencies", f"isocurrencycode eq '{code}'")
        if found:
            return str(found[0]["transactioncurrencyid"])
        names = {"currencyname": code, "isocurrencycode": code, "currencysymbol": code}
        return self.row("transactioncurrencies", **names, exchangerate=2, currencyprecision=2)

    def in_currency(self, code: str, *lines: Mapping[str, Any], **columns: Any) -> str:
        """An order in another currency that is to be sent."""
        currency = f"/transactioncurrencies({self.currency(code)})"
        prices = self.row("pricelevels", name=f"In {code}", **{"transactioncurrencyid@odata.bind": currency})
        binds = {"transactioncurrencyid@odata.bind": currency, "pricelevelid@odata.bind": f"/pricelevels({prices})"}
        return self.sold(*lines, **{**columns, **binds})

    def pricing_precision(self, digits: int) -> None:
        """The administrator lets prices have more decimals."""
        self._organization(pricingdecimalprecision=digits)

    def switch_off_pricing(self) -> None:
        """The administrator has CRM compute nothing any more."""
        self._organization(oobpricecalculationenabled=False)

    def _organization(self, **values: Any) -> None:
        admin = Crm({"url": CRM_URL, "salesperson_token": "admin-token"})
        self.mount(admin._session, self.crm.wsgi)
        (organization,) = admin.get("organizations")["value"]
        admin.send("PATCH", f"organizations({organization['organizationid']})", values)

    def submit(self, document: str, reason: int = PENDING) -> str:
        """An order gets the status reason that is sent."""
        self.change("salesorders", document, statecode=0, statuscode=reason)
        return document

    def sold(self, *lines: Mapping[str, Any], **columns: Any) -> str:
        """An order that is to be sent."""
        return self.submit(self.write(*lines, **columns))

    def opportunity(self, *lines: Mapping[str, Any], **columns: Any) -> str:
        """An opportunity; its revenue is what its lines come to unless told otherwise."""
        return self.write(*lines, table="opportunity", **{"isrevenuesystemcalculated": True, **columns})

    def win(self, opportunity: str) -> str:
        """An opportunity is won."""
        close = {"subject": "Won", "opportunityid@odata.bind": f"/opportunities({opportunity})"}
        close["@odata.type"] = "Microsoft.Dynamics.CRM.opportunityclose"
        self.sales.send("POST", "WinOpportunity", {"OpportunityClose": close, "Status": -1})
        return opportunity

    def bill(self, invoice: str, reason: int = 4) -> str:
        """An invoice is billed."""
        self.change("invoices", invoice, statecode=0, statuscode=reason)
        return invoice

    def pay(self, invoice: str) -> None:
        """An invoice is paid."""
        self.change("invoices", invoice, statecode=2, statuscode=100001)

    def stop(self, order: str) -> None:
        """An order is cancelled, by CRM's own action."""
        close = {"subject": "Off", "salesorderid@odata.bind": f"/salesorders({order})"}
        close["@odata.type"] = "Microsoft.Dynamics.CRM.orderclose"
        self.sales.send("POST", "CancelSalesOrder", {"OrderClose": close, "Status": -1})

    def add_line(self, document: str, line: Mapping[str, Any], table: str = "salesorder") -> str:
        """One more line."""
        entity_set, _, lines = SETS[table]
        lookup = f"{table}id@odata.bind"
        return self.row(lines, **{**line, lookup: f"/{entity_set}({document})"})

    def lines_of(self, document: str, table: str = "salesorder") -> list[dict[str, Any]]:
        """The lines of a document, the first first."""
        lines = SETS[table][2]
        return self.rows(lines, f"_{table}id_value eq {document}")

    def goods(self, number: str, price: str = "10.00") -> str:
        """A product in CRM, published and priced; its id."""
        self.sales.create(CrmProduct(number, f"Product {number}", "", Decimal(price), ""))
        (row,) = self.rows("products", f"productnumber eq '{number}'")
        return str(row["productid"])

    def line_of(self, product: str, quantity: Any = 1) -> dict[str, Any]:
        """A line of a product at its own price."""
        return product_line(self, product, quantity)

    def stocked(self, sku: str, units: int) -> int:
        """The merchant has that many units of a variant; its stock's number."""
        store = self.shopify.store
        item = int(store.db.value("SELECT inventory_item_id FROM variants WHERE sku = ?", (sku,)))
        with store.db.transaction():
            store.db.run("UPDATE inventory_items SET tracked = 1 WHERE id = ?", (item,))
            store.db.run("UPDATE inventory_levels SET available = ? WHERE item_id = ?", (units, item))
        return item

    def available(self, item: int) -> int:
        """What is left of it."""
        return int(self.shopify.store.db.value("SELECT available FROM inventory_levels WHERE item_id = ?", (item,)))

    def paper(self, document: str, table: str = "salesorder") -> dict[str, Any]:
        """A document as CRM has it."""
        found: dict[str, Any] = self.sales.get(f"{SETS[table][0]}({document})")
        return found

    def finish(self, order: str) -> None:
        """An order is fulfilled in CRM."""
        close = {"subject": "Done", "salesorderid@odata.bind": f"/salesorders({order})"}
        close["@odata.type"] = "Microsoft.Dynamics.CRM.orderclose"
        self.sales.send("POST", "FulfillSalesOrder", {"OrderClose": close, "Status": -1})

    # -- the host -----------------------------------------------------------------------------------------------

    def development_store(self) -> None:
        """From now on the store makes five orders a minute."""
        store = self.shopify.store
        store.config = replace(store.config, development_store=True)

    def told_by_crm(self, table: str, row: str) -> int:
        """Dataverse calls the flow's webhook; the status of the answer. Nothing is worked yet."""
        return actions.receive(OUTWARD, {"x-api-key": KEY}, notice(table, row))[0]

    def told_of_deletion(self, order: str) -> None:
        """Shopify tells the way back of an order that was deleted."""
        self.app.state.queues.send(Message(BACK, SHOP, Origin.WEBHOOK, deleted=(order,)))

    def tick_once(self) -> None:
        """Timers fire once, and no worker works yet."""
        self.clock.advance(120)
        for flow in FLOWS:
            actions.tick(flow.name)

    def work_once(self, flow: str) -> bool:
        """A worker takes what is due of a flow's queue; whether there was any."""
        return self._work_one(flow, "sync") or self._work_one(flow, "load")

    # -- what came of it ----------------------------------------------------------------------------------------

    def made(self) -> list[dict[str, Any]]:
        """All Shopify orders, the oldest first."""
        found: list[dict[str, Any]] = self.merchant.call(ORDERS)["orders"]["nodes"]
        return found

    def only(self) -> dict[str, Any]:
        """The one Shopify order there is."""
        found = self.made()
        assert len(found) == 1, (len(found), self.waiting())
        return found[0]

    def of(self, document: str) -> dict[str, Any]:
        """The one order that was made from a document."""
        found = [order for order in self.made() if (order["mark"] or {}).get("value") == document]
        assert len(found) == 1, (len(found), self.waiting())
        return found[0]

    def drafts(self) -> list[dict[str, Any]]:
        """All draft orders."""
        found: list[dict[str, Any]] = self.merchant.call(DRAFTS)["draftOrders"]["nodes"]
        return found

    def mails(self) -> Sequence[Mail]:
        """Whom a real shop would have written to."""
        return self.shopify.store.mails

    def waiting(self) -> dict[str, tuple[str, str]]:
        """Code and sentence of each parked document."""
        rows = self.app.state.parked.list(SHOP, OUTWARD)
        return {row.source_id: (row.code, row.sentence) for row in rows}

    def parked_paper(self, document: str) -> ParkedRow:
        """A document's parked row."""
        return self.app.state.parked.known(SHOP, OUTWARD, [document])[document]

    def reason(self, document: str) -> str:
        """What the last run that spoke of a document said of it."""
        return self.told_of(document)[-1].reason

    def told_of(self, document: str, flow: str = OUTWARD) -> list[Outcome]:
        """What all runs said of a document, the oldest first."""
        found = []
        for run in reversed(list(self.app.state.runs.last(SHOP, flow, 200))):
            if run.outcomes_blob:
                told = self.app.state.journal.get_outcomes(run.outcomes_blob)
                found += [each for each in told if each.source_id == document]
        return found

    def link(self, document: str) -> Pair | None:
        """What the state knows of a document."""
        return self.app.state.crossrefs.load(SHOP, "documents", Side.CRM, [document], table="document").get(document)

    def retry(self, *documents: str) -> None:
        """These are tried again, as `parked retry` does."""
        self.app.state.queues.send(Message(OUTWARD, SHOP, Origin.RETRY, ids=documents))
        self.work()

    def silent(self) -> None:
        """Further runs, and a whole listing of both flows, write nothing."""
        self.run()
        before = self.writes()
        self.clock.advance(3600)
        self.run()
        assert self.writes() == before

    def equals(self, document: str, table: str = "salesorder") -> dict[str, Any]:
        """The order of a document, whose total, tax, freight and lines are CRM's to the cent."""
        order, row = self.of(document), self.paper(document, table)
        columns = {"totalamount": "currentTotalPriceSet", "totaltax": "currentTotalTaxSet"}
        for column, name in columns.items():
            assert of_money(order[name]) == _of(row, column), column
        freight = sum(
            (of_money(each["currentDiscountedPriceSet"]) for each in order["shippingLines"]["nodes"]), Decimal(0)
        )
        assert freight == _of(row, "freightamount")
        assert of_money(order["currentSubtotalPriceSet"]) == _of(row, "totalamountlessfreight")
        return order


def of_money(bag: Mapping[str, Any]) -> Decimal:
    """The buyer's amount."""
    return Decimal(bag["presentmentMoney"]["amount"])


def _of(row: Mapping[str, Any], column: str) -> Decimal:
    return Decimal(str(row[column] or 0))


def product_line(papers: Papers, product: str, quantity: Any = 1, price: Any = None, **more: Any) -> dict[str, Any]:
    """A line of a product, at its own price or another."""
    basics = papers.sales.basics()
    line = {
        "productid@odata.bind": f"/products({product})",
        "uomid@odata.bind": f"/uoms({basics['unit']})",
        "quantity": quantity,
    }
    return {**line, **({} if price is None else {"ispriceoverridden": True, "priceperunit": price}), **more}
