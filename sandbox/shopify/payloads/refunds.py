"""Bodies of refunds/create and order_transactions/create, and refunds within an order.

Subtotals of refunded lines are numbers, not texts, as REST has them.
"""

from __future__ import annotations

import json

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.money import Bag
from sandbox.shopify.payloads.order_parts import both, line, money_set, past_line
from sandbox.shopify.payloads.rest import CENT, amount, local, lower
from sandbox.shopify.store import order_payments
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

# Fields of a transaction that it has only where it is told by itself or with its refund.
ALONE = ("total_unsettled_set", "manual_payment_gateway", "amount_rounding")


def body(inside: Inside, number: int) -> Row | None:
    """A refund."""
    row = inside.store.db.get("refunds", number)
    if row is None:
        return None
    book = Book(inside.store, row["order_id"])
    return {
        "id": number,
        "order_id": book.number,
        "created_at": local(book.store, row["created_at"]),
        "note": row["note"],
        "user_id": row["user_id"],
        "processed_at": local(book.store, row["processed_at"]),
        "duties": [],
        "total_duties_set": money_set(book, _duties(book, row)),
        "return": _return(row),
        "refund_shipping_lines": _shipping(book, row),
        "restock": _restocked(book, row),
        "admin_graphql_api_id": gid.make("Refund", number),
        "order_adjustments": _adjustments(book, row),
        "refund_line_items": [
            _line(book, one) | {"line_item": past_line(book, _ordered(book, one))} for one in _lines(book, row)
        ],
        "transactions": [transaction(book, one) for one in book.transactions if one["refund_id"] == number],
    }


def in_order(book: Book, row: Row) -> Row:
    """A refund as its order shows it."""
    transactions = [transaction(book, one) for one in book.transactions if one["refund_id"] == row["id"]]
    return {
        "id": row["id"],
        "admin_graphql_api_id": gid.make("Refund", row["id"]),
        "created_at": local(book.store, row["created_at"]),
        "note": row["note"],
        "order_id": book.number,
        "processed_at": local(book.store, row["processed_at"]),
        "restock": _restocked(book, row),
        "total_duties_set": money_set(book, _duties(book, row)),
        "user_id": row["user_id"],
        "order_adjustments": _adjustments(book, row),
        "transactions": [{name: value for name, value in one.items() if name not in ALONE} for one in transactions],
        "refund_line_items": [
            _line(book, one) | {"line_item": line(book, _ordered(book, one))} for one in _lines(book, row)
        ],
        "duties": [],
        "return": _return(row),
        "refund_shipping_lines": _shipping(book, row),
    }


def _lines(book: Book, row: Row) -> list[Row]:
    return [one for one in book.refund_lines if one["refund_id"] == row["id"]]


def _ordered(book: Book, refunded: Row) -> Row:
    return next(one for one in book.lines if one["id"] == refunded["line_id"])


def _restocked(book: Book, row: Row) -> bool:
    return any(one["restocked"] for one in _lines(book, row))


def _return(row: Row) -> Row | None:
    number = row["return_id"]
    return None if number is None else {"id": number, "admin_graphql_api_id": gid.make("Return", number)}


def _duties(book: Book, row: Row) -> Bag:
    sql = "SELECT amount FROM refund_duties WHERE refund_id = ? AND order_id = ?"
    rows = book.store.db.all(sql, (row["id"], book.number))
    return sum((Bag.read(one["amount"]) for one in rows), Bag())


def _line(book: Book, row: Row) -> Row:
    subtotal, tax = Bag.read(row["subtotal"]), Bag.read(row["tax"])
    return {
        "id": row["id"],
        "quantity": row["quantity"],
        "line_item_id": row["line_id"],
        "location_id": row["location_id"],
        "restock_type": lower(row["restock_type"]),
        "subtotal": float(subtotal.shop.quantize(CENT)),
        "total_tax": float(tax.shop.quantize(CENT)),
        "subtotal_set": money_set(book, subtotal),
        "total_tax_set": money_set(book, tax),
    }


def _shipping(book: Book, row: Row) -> list[Row]:
    return [
        {
            "id": one["id"],
            "shipping_line_id": one["shipping_id"],
            "subtotal_set": money_set(book, Bag.read(one["subtotal"])),
            "tax_set": money_set(book, Bag.read(one["tax"])),
        }
        for one in book.refund_shipping
        if one["refund_id"] == row["id"]
    ]


def _adjustments(book: Book, row: Row) -> list[Row]:
    """Amounts that are no line's: what was given back more or less, and the shipping."""
    found = [one for one in book.adjustments if one["refund_id"] == row["id"]]
    return [
        {
            "id": one["id"],
            "order_id": book.number,
            "refund_id": row["id"],
            **both(book, "amount", Bag.read(one["amount"])),
            **both(book, "tax_amount", Bag.read(one["tax"])),
            "kind": "refund_discrepancy",
            "reason": one["reason"].replace("_", " ").capitalize(),
        }
        for one in found
    ]


def payment(inside: Inside, number: int) -> Row | None:
    """A transaction."""
    row = inside.store.db.get("order_transactions", number)
    return None if row is None else transaction(Book(inside.store, row["order_id"]), row)


def transaction(book: Book, row: Row) -> Row:
    """A transaction of an order."""
    unsettled, rounding = order_payments.capturable_of(book, row), order_payments.roundings(book).get(row["id"])
    return {
        "id": row["id"],
        "order_id": book.number,
        "kind": lower(row["kind"]),
        "gateway": row["gateway"],
        "status": lower(row["status"]),
        "message": None,
        "created_at": local(book.store, row["created_at"]),
        "test": bool(row["test"]),
        "authorization": row["authorization_code"],
        "location_id": row["location_id"],
        "user_id": row["user_id"],
        "parent_id": row["parent_id"],
        "processed_at": local(book.store, row["processed_at"]),
        "device_id": row["device_id"],
        "error_code": lower(row["error_code"]),
        "source_name": book.order["source_name"],
        "receipt": json.loads(row["receipt"]) if row["receipt"] else {},
        "amount": amount(Bag.read(row["amount"]).presentment),
        "currency": book.pair.presentment,
        "payment_id": row["payment_id"],
        "total_unsettled_set": {
            "presentment_money": {"amount": amount(unsettled.presentment), "currency": book.pair.presentment},
            "shop_money": {"amount": amount(unsettled.shop), "currency": book.pair.shop},
        },
        "manual_payment_gateway": bool(row["manual"]),
        "amount_rounding": None if rounding is None else amount(rounding.presentment),
        "admin_graphql_api_id": gid.make("OrderTransaction", row["id"]),
    }
