"""The merchant at work with orders, by Shopify's public API as anybody. Nothing here knows the app."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sandbox.catalogue import SeedProduct, SeedVariant
from sandbox.dataverse.clock import SandboxClock
from sandbox.seed import Shop

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


class Till:
    """What the merchant does, at the shop he is signed in to."""

    merchant: Shop
    clock: SandboxClock
    _keys = 0

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
