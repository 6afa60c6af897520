"""Plants orders with their lines and payments, as the store's own way of making one takes them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.conformance.seeding import order_views
from sandbox.conformance.seeding.garden import Garden, amount, copied, micros
from sandbox.conformance.seeding.records import Record, Shown
from sandbox.shopify.money import Bag
from sandbox.shopify.store import orders

PAID = {"PAID": "SALE", "AUTHORIZED": "AUTHORIZATION"}
TOTALS = ("currentTotalPriceSet", "totalPriceSet", "totalReceivedSet", "subtotalPriceSet", "totalOutstandingSet")
TIMES = {"closedAt": "closed_at", "cancelledAt": "cancelled_at", "processedAt": "processed_at"}


def plant(garden: Garden, shown: Shown) -> None:
    """Plant every order that was there before, oldest first."""
    for order in sorted(shown.of("Order"), key=lambda one: int(one.number)):
        lines = order_views.lines_of(shown, order)
        payments = [one for one in shown.of("OrderTransaction") if one.above in (order, None) and not garden.has(one)]
        waiting = [one for one in order.list("fulfillmentOrders") if isinstance(one, Record) and not one.is_new]
        waiting += [one for one in shown.of("FulfillmentOrder") if one.record("order") is order and one not in waiting]
        garden.expect("FulfillmentOrder", waiting)
        garden.mark(*waiting)
        plant_one(garden, order, lines, payments)


def plant_one(garden: Garden, order: Record, lines: list[Record], payments: list[Record] | None = None) -> int:
    """Plant one order; its number."""
    store = garden.box.store
    garden.expect("Order", [order])
    garden.expect("LineItem", lines)
    garden.expect("OrderTransaction", (payments or [])[:1])
    with store.db.transaction():
        number = orders.create(store, _new(order, lines, payments or []))
        store.forget_events()
    order.number = str(number)
    garden.mark(order, *lines, *(payments or []))
    garden.stamp("orders", order)
    orders.reindex(store, number)
    return number


def _new(order: Record, lines: list[Record], payments: list[Record]) -> orders.NewOrder:
    columns: dict[str, Any] = copied(order.fields, "email phone note tags") | order_views.currencies(order)
    if order.fields.get("name"):
        columns["name"] = order.fields["name"]
        columns["number"] = int("".join(filter(str.isdigit, order.fields["name"])) or 0)
    columns |= {column: micros(order.fields[name]) for name, column in TIMES.items() if order.fields.get(name)}
    customer = order.record("customer")
    if customer is not None and customer.number.isdigit():
        columns["customer_id"] = int(customer.number)
    total = amount(order.text(*TOTALS)) or "10.00"
    made = [_line(one) for one in lines] or [{"title": "Seeded item", "quantity": 1, "price": _bag(total)}]
    return orders.NewOrder(columns=columns, lines=made, transactions=_paid(order, payments, total))


def _bag(text: str) -> Bag:
    return Bag(Decimal(text), Decimal(text))


def _line(line: Record) -> dict[str, Any]:
    price = amount(line.text("originalUnitPriceSet", "originalUnitPrice", "discountedUnitPriceSet")) or "10.00"
    given = {"title": "Seeded item", "quantity": 1} | copied(line.fields, "title quantity sku vendor")
    variant = line.record("variant")
    if variant is not None:
        given["variant_id"] = int(variant.number)
    return given | {"price": _bag(price)}


def _paid(order: Record, payments: list[Record], total: str) -> list[dict[str, Any]]:
    if order_views.was_unpaid(order):
        return []
    kind = PAID.get(order.fields.get("displayFinancialStatus") or "")
    if kind is None and not payments:
        return []
    shown = payments[0].fields if payments else {}
    sum_paid = amount(shown.get("amountSet")) or total
    entry = {"kind": shown.get("kind") or kind or "SALE", "status": shown.get("status") or "SUCCESS"}
    return [entry | {"gateway": shown.get("gateway") or "manual", "amount": _bag(sum_paid)}]
