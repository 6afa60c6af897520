"""Puts the orders of sandbox/orderbook.py into Shopify, and has happen to them what happens; and what sales needs.

Many mutations go in one request, as aliases: a store restores 100 points a second, and each costs 10 of them.
Idempotent per database: a store that has orders is left alone. Never touches a sandbox's insides.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox.catalogue import SeedProduct, SeedVariant
from sandbox.orderbook import (
    DECIMALS,
    GONE,
    GUESTS,
    KNOWN_LATER,
    MOVED,
    REFUNDS,
    OrderBook,
    SeedOrder,
    address,
    amount,
)
from sandbox.orders_checkout import agree_terms, check_out, open_returns
from sandbox.seed import Crm, Progress, SeedFailedError, Shop

AT_ONCE = 40
THIRD = {"percentValue": 33.3, "description": "Third"}
COUNT = "query { ordersCount { count } }"
VARIANTS = """
query($after: String) { productVariants(first: 250, after: $after) {
  nodes { id sku product { id } } pageInfo { hasNextPage endCursor } } }
"""
CUSTOMERS = "query { customers(first: 250, sortKey: ID) { nodes { id } } }"
SITES = "query { companies(first: 250, sortKey: ID) { nodes { locations(first: 1) { nodes { id } } } } }"
TO_FULFIL = """
query($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { id fulfillmentOrders(first: 2) {
  nodes { id lineItems(first: 5) { nodes { id remainingQuantity } } } } } } }
"""
MADE = "order { id }"
WITH_LINES = "order { id lineItems(first: 3) { nodes { id quantity } } }"
NEED_LINES = frozenset({"edit", *REFUNDS})
PAID = "order { id totalReceivedSet { shopMoney { amount } } transactions { id } }"


@dataclass(frozen=True)
class Ask:
    """One mutation of a request: its name, its arguments with their types, what is asked back."""

    name: str
    arguments: Mapping[str, tuple[str, Any]]
    answer: str = ""
    directive: str = ""


def order_all(info: Mapping[str, Any], book: OrderBook, progress: Progress) -> None:
    """Seed the orders into the sandboxes named in `info`, unless the store has some."""
    shop = Shop(info["shopify"])
    if shop.call(COUNT)["ordersCount"]["count"] == 0:
        prepare(Crm(info["dataverse"]))
        Merchant(shop, progress).serve(book)


def prepare(crm: Crm) -> None:
    """What sales has before orders come: an account for guests, and the currencies it trades in."""
    crm.send("POST", "accounts", {"name": GUESTS})
    for code in KNOWN_LATER:
        body = {"currencyname": code, "isocurrencycode": code, "currencysymbol": code, "exchangerate": 2}
        crm.send("POST", "transactioncurrencies", body | {"currencyprecision": DECIMALS.get(code, 2)})


def ask_all(shop: Shop, asks: Sequence[Ask], progress: Callable[[int], None] = lambda _: None) -> list[Any]:
    """The payloads of those mutations, in their order; raises SeedFailedError where one was refused."""
    found: list[Any] = []
    for start in range(0, len(asks), AT_ONCE):
        part = asks[start : start + AT_ONCE]
        told = shop.call(_document(part), _variables(part))
        found += [told[f"a{place}"] for place in range(len(part))]
        progress(len(found))
    for ask, payload in zip(asks, found, strict=True):
        if payload["userErrors"]:
            raise SeedFailedError(f"Shopify sandbox refused {ask.name}: {payload['userErrors']}")
    return found


def _document(asks: Sequence[Ask]) -> str:
    declared, fields = [], []
    for place, ask in enumerate(asks):
        declared += [f"$a{place}_{name}: {kind}" for name, (kind, _) in ask.arguments.items()]
        passed = ", ".join(f"{name}: $a{place}_{name}" for name in ask.arguments)
        asked_back = f"{{ {ask.answer} userErrors {{ field message }} }}"
        fields.append(f"a{place}: {ask.name}({passed}) {ask.directive} {asked_back}")
    return f"mutation Seed({', '.join(declared)}) {{\n" + "\n".join(fields) + "\n}"


def _variables(asks: Sequence[Ask]) -> dict[str, Any]:
    return {
        f"a{place}_{name}": value for place, ask in enumerate(asks) for name, (_, value) in ask.arguments.items()
    }


@dataclass
class Merchant:
    """The merchant at work: takes the orders in, and sees to them."""

    shop: Shop
    progress: Progress
    ids: dict[int, str] = field(default_factory=dict)
    lines: dict[int, list[dict[str, Any]]] = field(default_factory=dict)

    def serve(self, book: OrderBook) -> None:
        """All orders, and all that happens to them."""
        self.shop.create(SeedProduct("Last of its kind", "", "ACTIVE", (), (SeedVariant(GONE, Decimal("12.50")),)))
        variants = dict(self._variants())
        customers = [node["id"] for node in self.shop.call(CUSTOMERS)["customers"]["nodes"]]
        sites = [node["locations"]["nodes"][0]["id"] for node in self.shop.call(SITES)["companies"]["nodes"]]
        self._create([order for order in book.orders if not order.draft], variants, customers, sites)
        check_out(self.shop, [order for order in book.orders if order.checkout], self.ids)
        self._draft([order for order in book.orders if order.draft], variants, customers)
        agree_terms(self.shop, book.happened("terms"), self.ids)
        self._edit(book.happened("edit"))
        self._move(book.happened("address"))
        self._refund([order for order in book.orders if set(order.after).intersection(REFUNDS)])
        self._cancel(book.happened("cancel"))
        self._fulfil(book.happened("fulfil"), whole=True)
        self._fulfil(book.happened("fulfil part"), whole=False)
        open_returns(self.shop, book.happened("return"), self.ids)
        gone = {"id": variants[GONE][1]}
        ask_all(self.shop, [Ask("productDelete", {"input": ("ProductDeleteInput!", gone)})])
        self.progress(f"Shopify: {len(book.orders)} orders, and what happened to them")

    def _variants(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """The variant's and the product's id of each SKU."""
        after, more = None, True
        while more:
            page = self.shop.call(VARIANTS, {"after": after})["productVariants"]
            yield from ((node["sku"], (node["id"], node["product"]["id"])) for node in page["nodes"] if node["sku"])
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    def _create(
        self, orders: Sequence[SeedOrder], variants: Any, customers: Sequence[str], sites: Sequence[str]
    ) -> None:
        asks = []
        for order in orders:
            buyer: dict[str, Any] = {}
            if order.company is not None:
                buyer = {"companyLocationId": sites[order.company]}
            elif order.customer is not None:
                buyer = {"customer": {"toAssociate": {"id": customers[order.customer]}}}
            given = {**order.values, **buyer, "lineItems": _of_variants(order, variants)}
            told = MADE if order.after or order.checkout else ""
            answer = WITH_LINES if NEED_LINES.intersection(order.after) else told
            asks.append(Ask("orderCreate", {"order": ("OrderCreateOrderInput!", given)}, answer))
        made = ask_all(self.shop, asks, lambda count: self.progress(f"Shopify: {count} of {len(orders)} orders"))
        for order, payload in zip(orders, made, strict=True):
            if order.after or order.checkout:
                self.ids[order.number] = payload["order"]["id"]
                self.lines[order.number] = payload["order"].get("lineItems", {}).get("nodes", [])

    def _draft(self, orders: Sequence[SeedOrder], variants: Any, customers: Sequence[str]) -> None:
        asks = []
        for order in orders:
            buyer = {} if order.customer is None else {"purchasingEntity": {"customerId": customers[order.customer]}}
            given = {**order.values, **buyer, "lineItems": _of_variants(order, variants)}
            asks.append(Ask("draftOrderCreate", {"input": ("DraftOrderInput!", given)}, "draftOrder { id }"))
        drafts = [payload["draftOrder"]["id"] for payload in ask_all(self.shop, asks)]
        ask_all(self.shop, [Ask("draftOrderComplete", {"id": ("ID!", draft)}) for draft in drafts])

    def _edit(self, orders: Sequence[SeedOrder]) -> None:
        begun = [
            Ask("orderEditBegin", {"id": ("ID!", self.ids[order.number])}, "calculatedOrder { id }") for order in orders
        ]
        edits = [payload["calculatedOrder"]["id"] for payload in ask_all(self.shop, begun)]
        for order, edit in zip(orders, edits, strict=True):
            ask_all(self.shop, list(_edited(order, edit, [line["id"] for line in self.lines[order.number]])))

    def _move(self, orders: Sequence[SeedOrder]) -> None:
        chance = random.Random(len(orders))
        inputs = [
            {"id": self.ids[order.number], "shippingAddress": address(chance, order.number), "note": MOVED}
            for order in orders
        ]
        ask_all(self.shop, [Ask("orderUpdate", {"input": ("OrderInput!", given)}) for given in inputs])

    def _refund(self, orders: Sequence[SeedOrder]) -> None:
        """All of an order with what was paid for it, or one unit of its first line with a coin."""
        paid = [{"id": self.ids[order.number]} for order in orders]
        asks = [Ask("orderMarkAsPaid", {"input": ("OrderMarkAsPaidInput!", given)}, PAID) for given in paid]
        refunds = []
        for order, payload in zip(orders, ask_all(self.shop, asks), strict=True):
            made, whole = payload["order"], "refund all" in order.after
            lines = self.lines[order.number][: None if whole else 1]
            money = made["totalReceivedSet"]["shopMoney"]["amount"] if whole else amount(100, order.currency)
            given = {
                "orderId": made["id"],
                "refundLineItems": [
                    {"lineItemId": line["id"], "quantity": line["quantity"] if whole else 1} for line in lines
                ],
                "transactions": [_back(made, money)],
                **({"shipping": {"fullRefund": True}} if whole else {}),
            }
            directive = f'@idempotent(key: "seed-refund-{order.number}")'
            refunds.append(Ask("refundCreate", {"input": ("RefundInput!", given)}, directive=directive))
        ask_all(self.shop, refunds)

    def _cancel(self, orders: Sequence[SeedOrder]) -> None:
        how = {"reason": ("OrderCancelReason!", "CUSTOMER"), "restock": ("Boolean!", True)}
        asks = [
            Ask("orderCancel", {"orderId": ("ID!", self.ids[order.number]), **how}, "job { id }") for order in orders
        ]
        ask_all(self.shop, asks)

    def _fulfil(self, orders: Sequence[SeedOrder], *, whole: bool) -> None:
        """Everything that is left of them, or one unit of their first line."""
        asks = []
        for order in self.shop.call(TO_FULFIL, {"ids": [self.ids[order.number] for order in orders]})["nodes"]:
            rows = []
            for wanted in order["fulfillmentOrders"]["nodes"]:
                left = [line["id"] for line in wanted["lineItems"]["nodes"] if line["remainingQuantity"]]
                units = [{"id": each, "quantity": 1} for each in left[:1]]
                part = {} if whole else {"fulfillmentOrderLineItems": units}
                rows += [{"fulfillmentOrderId": wanted["id"], **part}] if left else []
            given = {"lineItemsByFulfillmentOrder": rows if whole else rows[:1]}
            asks.append(Ask("fulfillmentCreate", {"fulfillment": ("FulfillmentInput!", given)}))
        ask_all(self.shop, asks)


def _edited(order: SeedOrder, edit: str, lines: Sequence[str]) -> Iterator[Ask]:
    """The first line grows or, in every other order, gets a discount; a line comes; the last of three goes."""
    this = {"id": ("ID!", edit)}
    first, last = ({"lineItemId": ("ID!", line)} for line in (lines[0], lines[-1]))
    if order.number // 50 % 2:
        yield Ask("orderEditSetQuantity", this | first | {"quantity": ("Int!", 9)})
    else:
        third = {"discount": ("OrderEditAppliedDiscountInput!", THIRD)}
        yield Ask("orderEditAddLineItemDiscount", this | first | third)
    price = ("MoneyInput!", {"amount": amount(150, order.currency), "currencyCode": order.currency})
    yield Ask("orderEditAddCustomItem", this | {"title": ("String!", "Card"), "quantity": ("Int!", 2), "price": price})
    if len(lines) > 2:
        yield Ask("orderEditSetQuantity", this | last | {"quantity": ("Int!", 0)})
    yield Ask("orderEditCommit", this)


def _of_variants(order: SeedOrder, variants: Mapping[str, tuple[str, str]]) -> list[dict[str, Any]]:
    """The lines with the ids of the variants they name."""
    lines: Iterable[dict[str, Any]] = order.values["lineItems"]
    return [
        {"variantId": variants[line["sku"]][0], **{name: each for name, each in line.items() if name != "sku"}}
        if "sku" in line
        else line
        for line in lines
    ]


def _back(order: Mapping[str, Any], money: str) -> dict[str, Any]:
    """Money back over the order's payment."""
    (payment,) = order["transactions"]
    return {
        "orderId": order["id"], "parentId": payment["id"], "kind": "REFUND", "gateway": "manual", "amount": money,
    }  # fmt: skip
