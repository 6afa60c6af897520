"""The whole app with customers, products and orders on, and what people do with orders at both systems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.catalogue import SeedProduct, SeedVariant
from sandbox.seed import Crm
from shared import app as actions
from shared.records import Message, Origin, Outcome, Pair, ParkedRow, Side
from tests.support.clientele import Clientele
from tests.support.plant import CRM_URL, SHOP, signed

ORDERS = "orders_shopify_to_crm"
ORDER_MARK = "new_shopifyorderid_acme"
JANE = {"email": "jane@shoe.example", "firstName": "Jane", "lastName": "Doe"}
ERRORS = "userErrors { field message }"
CREATE = f"""mutation($o: OrderCreateOrderInput!) {{ orderCreate(order: $o) {{
  order {{ legacyResourceId }} {ERRORS} }} }}"""
UPDATE = f"mutation($i: OrderInput!) {{ orderUpdate(input: $i) {{ {ERRORS} }} }}"
BEGIN = f"""mutation($id: ID!) {{ orderEditBegin(id: $id) {{ calculatedOrder {{
  id lineItems(first: 250) {{ nodes {{ id title }} }} }} {ERRORS} }} }}"""
SET = f"""mutation($id: ID!, $line: ID!, $n: Int!) {{
  orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $n) {{ {ERRORS} }} }}"""
ADD = f"""mutation($id: ID!, $title: String!, $n: Int!, $price: MoneyInput!) {{
  orderEditAddCustomItem(id: $id, title: $title, quantity: $n, price: $price) {{ {ERRORS} }} }}"""
DISCOUNT = f"""mutation($id: ID!, $line: ID!, $d: OrderEditAppliedDiscountInput!) {{
  orderEditAddLineItemDiscount(id: $id, lineItemId: $line, discount: $d) {{ {ERRORS} }} }}"""
SHIP = f"""mutation($id: ID!, $s: OrderEditAddShippingLineInput!) {{
  orderEditAddShippingLine(id: $id, shippingLine: $s) {{ {ERRORS} }} }}"""
COMMIT = f"mutation($id: ID!) {{ orderEditCommit(id: $id) {{ {ERRORS} }} }}"
CANCEL = f"""mutation($id: ID!) {{
  orderCancel(orderId: $id, reason: CUSTOMER, restock: true, notifyCustomer: false) {{ {ERRORS} }} }}"""
DELETE = f"mutation($id: ID!) {{ orderDelete(orderId: $id) {{ deletedId {ERRORS} }} }}"
CLOSE = f"mutation($i: OrderCloseInput!) {{ orderClose(input: $i) {{ {ERRORS} }} }}"
PARTS = "query($id: ID!) { order(id: $id) { fulfillmentOrders(first: 9) { nodes { id } } } }"
FULFIL = f"mutation($f: FulfillmentInput!) {{ fulfillmentCreate(fulfillment: $f) {{ {ERRORS} }} }}"
REFUND = f"""mutation($i: RefundInput!) {{ refundCreate(input: $i) @idempotent(key: "%s") {{ {ERRORS} }} }}"""
TOTAL = """query($id: ID!) { order(id: $id) { currentTotalPriceSet { shopMoney { amount } }
  currentTotalTaxSet { shopMoney { amount } } lineItems(first: 250) { nodes { id title } }
  shippingLines(first: 9) { nodes { id } } transactions { id kind } } }"""
VARIANTS = "{ productVariants(first: 100) { nodes { sku legacyResourceId product { id } } } }"


class Trade(Clientele):
    """A Plant with customers, products and orders on."""

    def __init__(self, **environment: str) -> None:
        on = {"PRODUCTS_CRM_TO_SHOPIFY_MODE": "on", "PRODUCTS_SHOPIFY_TO_CRM_MODE": "on"}
        mine = {"ORDERS_SHOPIFY_TO_CRM_MODE": "on", "ORDERS_SINCE": "2020-01-01"}
        super().__init__(**{**on, **mine, **environment})
        self._keys = 0

    # -- the merchant -------------------------------------------------------------------------------------------

    def offer(self, *skus: str, price: str = "20.00", status: str = "ACTIVE") -> list[str]:
        """A product with a variant per SKU; the variants' ids."""
        variants = tuple(SeedVariant(sku, Decimal(price), (f"Size {sku}",)) for sku in skus)
        self.merchant.create(SeedProduct(f"Lamp {skus[0]}", "", status, ("Size",), variants))
        found = {node["sku"]: node["legacyResourceId"] for node in self._variants()}
        return [str(found[sku]) for sku in skus]

    def withdraw(self, sku: str) -> None:
        """The merchant deletes the product of a SKU."""
        (product,) = [node["product"]["id"] for node in self._variants() if node["sku"] == sku]
        text = f"mutation($input: ProductDeleteInput!) {{ productDelete(input: $input) {{ {ERRORS} }} }}"
        self.done(text, input={"id": product})

    def _variants(self) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = self.merchant.call(VARIANTS)["productVariants"]["nodes"]
        return nodes

    def order(self, *lines: Mapping[str, Any], by: Mapping[str, Any] | None = None, **given: Any) -> str:
        """An order; its number. `by`: the customer."""
        customer = {"customer": {"toUpsert": dict(by)}} if by else {}
        items = list(lines) or [item("Tea", "10.00")]
        return str(self.done(CREATE, o={"lineItems": items, **customer, **given})["order"]["legacyResourceId"])

    def update(self, order: str, **given: Any) -> None:
        """The merchant changes an order's note, address, tags or e-mail."""
        self.done(UPDATE, i={"id": gid(order), **given})

    def amend(self, order: str, *steps: tuple[str, dict[str, Any]], **quantities: int) -> None:
        """The merchant edits an order: quantities by title, then (document, variables) each."""
        begun = self.done(BEGIN, id=gid(order))["calculatedOrder"]
        lines = {node["title"]: node["id"] for node in begun["lineItems"]["nodes"]}
        for title, quantity in quantities.items():
            self.done(SET, id=begun["id"], line=lines[title], n=quantity)
        for document, variables in steps:
            title = variables.pop("of", None)
            self.done(document, id=begun["id"], **variables, **({"line": lines[title]} if title else {}))
        self.done(COMMIT, id=begun["id"])

    def cancel(self, order: str) -> None:
        """The merchant cancels an order, which takes Shopify a moment."""
        self.done(CANCEL, id=gid(order))
        self.clock.advance(5)

    def erase(self, order: str) -> None:
        """The merchant deletes an order."""
        self.done(DELETE, id=gid(order))

    def archive(self, order: str) -> None:
        """The merchant archives an order."""
        self.done(CLOSE, i={"id": gid(order)})

    def fulfil(self, order: str) -> None:
        """The merchant ships all of an order."""
        for part in self.merchant.call(PARTS, {"id": gid(order)})["order"]["fulfillmentOrders"]["nodes"]:
            self.done(FULFIL, f={"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": part["id"]}]})

    def refund(self, order: str, money: str = "", *, shipping: str = "", **quantities: int) -> None:
        """The merchant gives back units by title, shipping, and money over the first payment."""
        told = self._told(order)
        lines = {node["title"]: node["id"] for node in told["lineItems"]["nodes"]}
        back = [{"lineItemId": lines[title], "quantity": n} for title, n in quantities.items()]
        given: dict[str, Any] = {"orderId": gid(order), "refundLineItems": back}
        if shipping:
            given["shipping"] = {"amount": shipping}
        if money:
            parent = next(each["id"] for each in told["transactions"] if each["kind"] == "SALE")
            paid = {"orderId": gid(order), "parentId": parent, "kind": "REFUND", "gateway": "manual", "amount": money}
            given["transactions"] = [paid]
        self._keys += 1
        self.done(REFUND % f"key-{self._keys}", i=given)

    def charge(self, order: str, kind: str, amount: str) -> None:
        """A tip, duties or a fee, which only a checkout can make."""
        self.merchant.at_checkout([{"id": order, "charges": [{"kind": kind, "amount": amount}]}])

    def bundled(self, order: str, bundle: str, *titles: str) -> None:
        """Those lines are components of a bundle, which only a checkout can say."""
        lines = [node["title"] for node in self._told(order)["lineItems"]["nodes"]]
        group = {"title": bundle, "lines": [lines.index(title) for title in titles]}
        self.merchant.at_checkout([{"id": order, "bundles": [group]}])

    def done(self, text: str, **variables: Any) -> Any:
        """A mutation that Shopify takes; its payload."""
        payload = next(iter(self.merchant.call(text, variables).values()))
        assert not payload["userErrors"], payload["userErrors"]
        return payload

    def _told(self, order: str) -> dict[str, Any]:
        found: dict[str, Any] = self.merchant.call(TOTAL, {"id": gid(order)})["order"]
        return found

    # -- the salesperson ----------------------------------------------------------------------------------------

    def crm_orders(self, order: str = "") -> list[dict[str, Any]]:
        """The CRM orders (of that order) with their lines."""
        where = f"&$filter={ORDER_MARK} eq '{order}'" if order else ""
        found: list[dict[str, Any]] = self.sales.get(f"salesorders?$expand=order_details{where}")["value"]
        return found

    def crm_order(self, order: str) -> dict[str, Any]:
        """The one CRM order of that order."""
        found = self.crm_orders(order)
        assert len(found) == 1, (len(found), self.parked_orders())
        return found[0]

    def lines(self, order: str) -> dict[str, tuple[Decimal, Decimal]]:
        """Quantity and price of each line by its text, or by its product's number."""
        return {name: (_of(row, "quantity"), _of(row, "priceperunit")) for name, row in self.rows_of(order).items()}

    def rows_of(self, order: str) -> dict[str, dict[str, Any]]:
        """The lines by their text, or by their product's number."""
        numbers = {row["productid"]: row["productnumber"] for row in self.rows("products")}
        rows = self.crm_order(order)["order_details"]
        return {row["productdescription"] or numbers[row["_productid_value"]]: row for row in rows}

    def retire(self, number: str) -> None:
        """She takes a product off its price lists and retires it."""
        self.change("products", self._unpriced(number), statecode=1, statuscode=2)

    def discard(self, number: str) -> None:
        """She deletes a product that no order names."""
        self.delete("products", self._unpriced(number))

    def _unpriced(self, number: str) -> str:
        (product,) = self.rows("products", f"productnumber eq '{number}'")
        for price in self.rows("productpricelevels", f"_productid_value eq {product['productid']}"):
            self.delete("productpricelevels", price["productpricelevelid"])
        return str(product["productid"])

    def discount_method(self, method: int) -> None:
        """The administrator chooses how line discounts count: 0 once, 1 per unit."""
        admin = Crm({"url": CRM_URL, "salesperson_token": "admin-token"})
        self.mount(admin._session, self.crm.wsgi)
        (organization,) = admin.get("organizations")["value"]
        values = {"discountcalculationmethod": method}
        admin.send("PATCH", f"organizations({organization['organizationid']})", values)

    def by_hand(self, order: str, text: str, **values: Any) -> None:
        """She changes a line, adds one that is not there, or (without values) deletes it."""
        row = self.rows_of(order).get(text)
        if row is None:
            whole = {"salesorderid@odata.bind": f"/salesorders({self.crm_order(order)['salesorderid']})"}
            known = {"isproductoverridden": True, "productdescription": text, "quantity": 1, **whole}
            self.sales.send("POST", "salesorderdetails", {**known, **values})
            return
        url = f"salesorderdetails({row['salesorderdetailid']})"
        self.sales.send("PATCH" if values else "DELETE", url, values)

    # -- what came of it ----------------------------------------------------------------------------------------

    def equal(self, order: str) -> dict[str, Any]:
        """The CRM order, whose totals are Shopify's to the cent, as is the sum of its lines."""
        told, row = self._told(order), self.crm_order(order)
        shop = [Decimal(told[f"currentTotal{name}Set"]["shopMoney"]["amount"]) for name in ("Price", "Tax")]
        assert [_of(row, "totalamount"), _of(row, "totaltax")] == shop
        extended = sum((_of(line, "extendedamount") for line in row["order_details"]), Decimal(0))
        assert extended + _of(row, "freightamount") == shop[0]
        return row

    def parked_orders(self) -> dict[str, tuple[str, str]]:
        """Code and sentence of each parked order."""
        rows = self.app.state.parked.list(SHOP, ORDERS)
        return {row.source_id: (row.code, row.sentence) for row in rows}

    def parked_order(self, order: str) -> ParkedRow:
        """An order's parked row."""
        return self.app.state.parked.known(SHOP, ORDERS, [order])[order]

    def paired(self, order: str) -> Pair | None:
        """What the state knows of an order."""
        return self.app.state.crossrefs.load(SHOP, "orders", Side.SHOPIFY, [order]).get(order)

    def again(self, *ids: str, flow: str = ORDERS, work: bool = True) -> None:
        """These are tried again, as `parked retry` does; worked until nothing is left, or once."""
        self.app.state.queues.send(Message(flow, SHOP, Origin.RETRY, ids=ids))
        if work:
            self.work()
        else:
            assert self._work_one(flow, "sync")

    def outcomes(self, order: str) -> list[Outcome]:
        """What all runs said of an order, the oldest first."""
        found = []
        for run in reversed(list(self.app.state.runs.last(SHOP, ORDERS, 200))):
            if run.outcomes_blob:
                told = self.app.state.journal.get_outcomes(run.outcomes_blob)
                found += [each for each in told if each.source_id == order]
        return found

    def quiet(self) -> None:
        """Further runs, and a whole listing, write nothing."""
        before = self.writes()
        self.clock.advance(3600)
        self.run()
        self.list_orders()
        assert self.writes() == before

    def order_told(self, topic: str, order: str) -> int:
        """Shopify calls the orders' webhook; the status of the answer."""
        raw = json.dumps({"id": int(order), "admin_graphql_api_id": gid(order)}).encode()
        return actions.receive(ORDERS, signed(raw, topic=topic), raw)[0]

    def list_orders(self) -> None:
        """All orders are listed again, as `sync --all` does, and worked."""
        actions.poll(self.app, ORDERS, SHOP, restart=True)
        self.run(ticks=1)


def gid(order: str) -> str:
    """An order's GID."""
    return f"gid://shopify/Order/{order}"


def bag(amount: str, currency: str = "EUR") -> dict[str, Any]:
    """A MoneyBagInput."""
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def item(title: str, price: str, quantity: int = 1, *, tax: str = "", currency: str = "EUR", **more: Any) -> Any:
    """A custom line."""
    taxes = [{"title": "VAT", "rate": 0.2, "priceSet": bag(tax, currency)}] if tax else []
    return {"title": title, "quantity": quantity, "priceSet": bag(price, currency), "taxLines": taxes, **more}


def bought(variant: str, price: str, quantity: int = 1, *, tax: str = "", currency: str = "EUR") -> Any:
    """A line of a variant."""
    line = item("", price, quantity, tax=tax, currency=currency, variantId=f"gid://shopify/ProductVariant/{variant}")
    del line["title"]
    return line


def _of(row: Mapping[str, Any], column: str) -> Decimal:
    return Decimal(str(row[column] or 0))
