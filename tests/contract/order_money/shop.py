"""Orders in the Shopify sandbox: made and changed as merchants do, read as the app reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.money import Bag
from sandbox.shopify.server import ShopifySandbox, create
from sandbox.shopify.store import order_parts
from shared.flows.orders.paths import PATHS
from shared.shopify.client import Document, Secrets
from shared.shopify.roots import Root, RootReads
from tests.contract.shopify_client.conftest import Shop

ERRORS = "userErrors { field message }"
CREATE = f"""mutation M($o: OrderCreateOrderInput!) {{ orderCreate(order: $o) {{ order {{
  id lineItems(first: 250) {{ nodes {{ id }} }} shippingLines(first: 9) {{ nodes {{ id }} }} }} {ERRORS} }} }}"""
REFUND = """mutation M($i: RefundInput!) { refundCreate(input: $i) @idempotent(key: "%s") {
  refund { id } userErrors { field message } } }"""
BEGIN = f"mutation M($id: ID!) {{ orderEditBegin(id: $id) {{ calculatedOrder {{ id }} {ERRORS} }} }}"
SET = f"""mutation M($id: ID!, $line: ID!, $n: Int!) {{
  orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $n) {{ {ERRORS} }} }}"""
ADD = f"""mutation M($id: ID!, $title: String!, $n: Int!, $price: MoneyInput!) {{
  orderEditAddCustomItem(id: $id, title: $title, quantity: $n, price: $price) {{ {ERRORS} }} }}"""
DISCOUNT = f"""mutation M($id: ID!, $line: ID!, $d: OrderEditAppliedDiscountInput!) {{
  orderEditAddLineItemDiscount(id: $id, lineItemId: $line, discount: $d) {{ {ERRORS} }} }}"""
SHIP = f"""mutation M($id: ID!, $s: OrderEditAddShippingLineInput!) {{
  orderEditAddShippingLine(id: $id, shippingLine: $s) {{ {ERRORS} }} }}"""
UNSHIP = f"""mutation M($id: ID!, $s: ID!) {{
  orderEditRemoveShippingLine(id: $id, shippingLineId: $s) {{ {ERRORS} }} }}"""
COMMIT = f"mutation M($id: ID!) {{ orderEditCommit(id: $id) {{ order {{ id }} {ERRORS} }} }}"
CANCEL = f"""mutation M($id: ID!) {{
  orderCancel(orderId: $id, reason: OTHER, restock: false) {{ job {{ id }} {ERRORS} }} }}"""
DRAFT = f"mutation M($i: DraftOrderInput!) {{ draftOrderCreate(input: $i) {{ draftOrder {{ id }} {ERRORS} }} }}"
COMPLETE = f"mutation M($id: ID!) {{ draftOrderComplete(id: $id) {{ draftOrder {{ order {{ id }} }} {ERRORS} }} }}"
PARENT = "query M($id: ID!) { order(id: $id) { transactions { id kind } } }"


class Store:
    """A store and who acts in it: one of its own for all orders of the suite, or a world's."""

    def __init__(self, box: ShopifySandbox | None = None) -> None:
        config = ShopifyConfig(plan="enterprise")
        self._box = box or create(config, Clock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC)))
        self._shop = Shop(self._box)
        self._merchant = self._shop.signed_in(Secrets(token=config.merchant_token))
        self.orders = RootReads(self._shop.client, Root("Order", "orders"), PATHS)
        self._keys = 0
        self.lines: dict[str, list[str]] = {}
        self.shipping: dict[str, list[str]] = {}

    def close(self) -> None:
        """Let go of the database."""
        self._box.close()

    def read(self, order: str) -> Mapping[str, Any]:
        """An order's content as the app reads it."""
        (record,) = self.orders.read([order.rpartition("/")[2]]).records.values()
        return record.content

    def order(self, currency: str = "EUR", **given: Any) -> str:
        """A new order's GID."""
        made = self._shop.merchant(CREATE, o={"currency": currency} | given)["order"]
        self.lines[made["id"]] = [str(one["id"]) for one in made["lineItems"]["nodes"]]
        self.shipping[made["id"]] = [str(one["id"]) for one in made["shippingLines"]["nodes"]]
        return str(made["id"])

    def variant(self, sku: str, price: str) -> str:
        """A variant on sale; its GID."""
        made = self._shop.product(f"Product {sku}", [sku], price)
        return f"gid://shopify/ProductVariant/{made['variants'][0]}"

    def draft(self, **given: Any) -> str:
        """The order of a completed draft order."""
        draft = self._shop.merchant(DRAFT, i=given)["draftOrder"]["id"]
        return str(self._shop.merchant(COMPLETE, id=draft)["draftOrder"]["order"]["id"])

    def charge(self, order: str, charges: Sequence[tuple[str, ...]]) -> None:
        """Tips, duties and fees, which only a checkout can make: (kind, price, and the price as the buyer saw it)."""
        with self._box.store.db.transaction():
            for kind, *price in charges:
                row = {"kind": kind, "name": kind, "price": Bag.of(*price)}
                order_parts.add_charge(self._box.store, int(order.rpartition("/")[2]), row, [])

    def tax_as_a_whole(self, order: str, *amount: str, channel: bool | None = None) -> None:
        """A tax on no line, as older checkouts left it: its amount, and as the buyer saw it."""
        tax = {"title": "Eco", "rate": "0.001", "amount": Bag.of(*amount), "source": None}
        tax["channel_liable"] = None if channel is None else int(channel)
        with self._box.store.db.transaction():
            order_parts.add_taxes(self._box.store, int(order.rpartition("/")[2]), ("order", 0), [tax])

    def refund(self, order: str, money: str | None = None, **given: Any) -> None:
        """A refund; `money` goes back over the first payment."""
        self._keys += 1
        if money is not None and Decimal(money):
            given["transactions"] = self.payment(order, money)
        self._shop.merchant(REFUND % f"key-{self._keys}", i={"orderId": order} | given)

    def edit(self, order: str, *steps: tuple[str, dict[str, Any]]) -> None:
        """One edit of an order: (document, variables) each, committed."""
        edit = self._shop.merchant(BEGIN, id=order)["calculatedOrder"]["id"]
        for document, variables in steps:
            self._shop.merchant(document, id=edit, **variables)
        self._shop.merchant(COMMIT, id=edit)

    def attempt(self, order: str, *steps: tuple[str, dict[str, Any]]) -> None:
        """An edit of which what Shopify refuses is left out, and which is committed where anything is left.

        An order that takes no edits any more has none.
        """
        begun = self.try_out(BEGIN, id=order)["orderEditBegin"]["calculatedOrder"]
        for document, variables in steps if begun else ():
            self.try_out(document, id=begun["id"], **variables)
        if begun:
            self.try_out(COMMIT, id=begun["id"])

    def try_refund(self, order: str, **given: Any) -> None:
        """A refund that Shopify may refuse."""
        self._keys += 1
        self.try_out(REFUND % f"key-{self._keys}", i={"orderId": order} | given)

    def try_out(self, document: str, **variables: Any) -> Mapping[str, Any]:
        """A mutation whose refusal is as good an answer as any."""
        return self._merchant.execute(Document("Tried", document), variables).data

    def payment(self, order: str, amount: str) -> list[dict[str, Any]]:
        """Money back over the order's first payment, for a refund's `transactions`."""
        made = self._shop.merchant(PARENT, id=order)["transactions"]
        parent = next(one["id"] for one in made if one["kind"] == "SALE")
        return [{"orderId": order, "parentId": parent, "kind": "REFUND", "gateway": "manual", "amount": amount}]

    def cancel(self, order: str) -> None:
        """The whole order is cancelled, which takes Shopify a moment."""
        self._shop.merchant(CANCEL, id=order)
        self._shop.clock.sleep(5)


def bag(amount: str, currency: str = "EUR", presentment: tuple[str, str] | None = None) -> dict[str, Any]:
    """A MoneyBagInput."""
    found: dict[str, Any] = {"shopMoney": {"amount": amount, "currencyCode": currency}}
    if presentment is not None:
        found["presentmentMoney"] = {"amount": presentment[0], "currencyCode": presentment[1]}
    return found


def line(title: str, price: str, quantity: int = 1, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    """A line of orderCreate."""
    return {"title": title, "quantity": quantity, "priceSet": bag(price, currency)} | more


def tax(rate: float, amount: str | None = None, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    """A tax line of orderCreate; without an amount it is the rate of what is taxed."""
    found: dict[str, Any] = {"title": "VAT", "rate": rate} | more
    return found if amount is None else found | {"priceSet": bag(amount, currency)}


def sale(amount: str, currency: str = "EUR", **more: Any) -> dict[str, Any]:
    """A payment of orderCreate."""
    return {"kind": "SALE", "status": "SUCCESS", "gateway": "manual", "amountSet": bag(amount, currency)} | more
