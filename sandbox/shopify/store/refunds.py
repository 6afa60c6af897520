"""Refunds: what they take off an order and what they give back, counted line by line and written.

The share of a line is what it is worth before less what it is worth after, so that shares always add up. Whether a
refund may be made is for the caller to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.shopify.money import Bag, total
from sandbox.shopify.store import order_parts, order_stock, orders, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book
from sandbox.shopify.store.order_hooks import HOOKS
from sandbox.shopify.store.shop import Store

RESTOCKING = {"CANCEL", "RETURN"}


@dataclass
class Refund:
    """A refund to be made: `lines` are (line, quantity, restock type, location), `shipping` is (line, amount)."""

    lines: list[tuple[Row, int, str, int | None]] = field(default_factory=list)
    shipping: list[tuple[Row, Bag]] = field(default_factory=list)
    duties: list[tuple[Row, Bag]] = field(default_factory=list)
    payments: list[Row] = field(default_factory=list)
    columns: Row = field(default_factory=dict)
    reason: str = "REFUND_DISCREPANCY"
    # False when the whole order is cancelled: its fulfilment orders close as they are (recorded).
    reduces: bool = True


def part_of(book: Book, line: Row, quantity: int) -> tuple[Bag, Bag]:
    """What a quantity of a line is worth after discounts, and its taxes."""
    taxes = [Bag.read(row["amount"]) for row in book.taxes_of["line", line["id"]]]
    return _fall(book, line, book.net(line), quantity), total(_fall(book, line, tax, quantity) for tax in taxes)


def _fall(book: Book, line: Row, whole: Bag, quantity: int) -> Bag:
    now = book.current_quantity(line)
    return book.portion(line, whole, now) - book.portion(line, whole, now - quantity)


def shipping_tax(book: Book, line: Row, amount: Bag) -> Bag:
    """The taxes on a part of a shipping line."""
    whole = book.shipping_net(line)
    if not whole.shop:
        return Bag()
    taxes = total(Bag.read(row["amount"]) for row in book.taxes_of["shipping", line["id"]])
    return (taxes * amount.shop).over(whole.shop).rounded(book.pair)


def worth(book: Book, refund: Refund) -> Bag:
    """What a refund should give back: lines, shipping and duties with their taxes."""
    found = total(amount for _, amount in refund.duties)
    for line, quantity, _, _ in refund.lines:
        subtotal, tax = part_of(book, line, quantity)
        found = found + subtotal + (Bag() if book.taxes_included else tax)
    for row, amount in refund.shipping:
        found = found + amount + (Bag() if book.taxes_included else shipping_tax(book, row, amount))
    return found


def make(store: Store, book: Book, refund: Refund) -> int:
    """Write a refund with all its parts, move stock and tell whoever ships; its number."""
    now = store.now()
    order = book.number
    number = store.db.next_id("Refund")
    times = {"processed_at": now, "created_at": now, "updated_at": now}
    discrepancy = worth(book, refund) - total(row["amount"] for row in refund.payments)
    store.db.insert("refunds", times | refund.columns | {"id": number, "order_id": order})
    for entry in refund.lines:
        _write_line(store, book, number, entry)
    for row, amount in refund.shipping:
        values = {"id": store.db.next_id("RefundShippingLine"), "order_id": order, "refund_id": number}
        values |= {"shipping_id": row["id"], "subtotal": amount.write()}
        store.db.insert("refund_shipping", values | {"tax": shipping_tax(book, row, amount).write()})
    for charge, amount in refund.duties:
        values = {"id": store.db.next_id("RefundDuty"), "order_id": order, "refund_id": number}
        store.db.insert("refund_duties", values | {"charge_id": charge["id"], "amount": amount.write()})
    for payment in refund.payments:
        order_parts.add_transaction(store, order, payment | {"refund_id": number})
    if refund.payments and discrepancy:
        values = {"id": store.db.next_id("OrderAdjustment"), "order_id": order, "refund_id": number}
        values |= {"reason": refund.reason, "amount": discrepancy.write(), "tax": Bag().write()}
        store.db.insert("refund_adjustments", values)
    if refund.reduces:
        _tell(store, book, refund)
    store.event("refunds/create", number)
    return number


def _write_line(store: Store, book: Book, refund: int, entry: tuple[Row, int, str, int | None]) -> None:
    line, quantity, restock, location = entry
    subtotal, tax = part_of(book, line, quantity)
    variant = variants.get(store, line["variant_id"])
    restocked = restock in RESTOCKING and variant is not None
    if restocked and variant is not None:
        put = order_stock.take_back if restock == "RETURN" else order_stock.move
        put(store, variant, quantity, location)
    row = {"id": store.db.next_id("RefundLineItem"), "order_id": book.number, "refund_id": refund}
    row |= {"line_id": line["id"], "quantity": quantity, "restock_type": restock, "restocked": int(restocked)}
    row |= {"location_id": location if restock in RESTOCKING else None}
    store.db.insert("refund_lines", row | {"subtotal": subtotal.write(), "tax": tax.write()})


def _tell(store: Store, book: Book, refund: Refund) -> None:
    # What was already shipped stays shipped; only units that were still to go leave the fulfilment orders.
    gone = {
        line["id"]: min(quantity, book.unfulfilled_quantity(line))
        for line, quantity, restock, _ in refund.lines
        if restock != "RETURN"
    }
    open_ones = {line: quantity for line, quantity in gone.items() if quantity}
    for hook in HOOKS.removed if open_ones else ():
        hook(store, book.number, open_ones)


def everything(book: Book, restock: str) -> Refund:
    """A refund of all that is left of an order, without giving any money back."""
    left = [(line, book.current_quantity(line), restock, None) for line in book.lines]
    shipping = [(row, book.current_shipping_of(row)) for row in book.shipping]
    return Refund(
        lines=[entry for entry in left if entry[1]],
        shipping=[entry for entry in shipping if entry[1]],
        duties=[(row, Bag.read(row["price"])) for row in book.charges if row["kind"] == "duty"],
        reduces=False,
    )


def back(book: Book, wanted: Bag) -> list[Row]:
    """Refund transactions that give an amount back over the payments it came in by, oldest first."""
    found: list[Row] = []
    left = wanted
    for row, available in refundable_payments(book):
        amount = Bag(min(left.shop, available.shop), min(left.presentment, available.presentment))
        if amount.presentment <= 0:
            continue
        payment = {name: row[name] for name in ("gateway", "test", "gift_card_id")}
        found.append(payment | {"kind": "REFUND", "parent_id": row["id"], "amount": amount})
        left = left - amount
    return found


def refundable_payments(book: Book) -> list[tuple[Row, Bag]]:
    """The payments of an order with what can still be given back of each."""
    found = []
    for row in book.transactions:
        if row["kind"] in {"SALE", "CAPTURE"} and row["status"] == "SUCCESS":
            given = [one for one in book.transactions if one["parent_id"] == row["id"] and one["kind"] == "REFUND"]
            spent = total(Bag.read(one["amount"]) for one in given if one["status"] == "SUCCESS")
            found.append((row, Bag.read(row["amount"]) - spent))
    return found


def of_order(store: Store, order: int) -> list[Row]:
    """The refunds of an order, oldest first."""
    return order_parts.of(store, "refunds", order)


def get(store: Store, number: int | None) -> Row | None:
    """A refund by its number."""
    return store.db.get("refunds", number)


def order_of(store: Store, refund: Row) -> Row | None:
    """The order a refund belongs to."""
    return orders.get(store, refund["order_id"])
