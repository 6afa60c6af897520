"""What the search index keeps of an order, and what lists of orders are sorted by.

Names are Shopify's documented filters of `orders(query:)`; sku matches exactly, e-mail by its parts (as elsewhere).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sandbox.shopify.search.index import Document
from sandbox.shopify.store import metafields, order_payments, order_states
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

SHIPMENT = {
    "UNFULFILLED": ["unfulfilled", "unshipped"],
    "FULFILLED": ["fulfilled", "shipped"],
    "PARTIALLY_FULFILLED": ["partial", "partially_fulfilled"],
}


def document(book: Book) -> Document:
    """The document of an order as it stands."""
    order = book.order
    words = {
        "name": [order["name"]],
        "email": _given(order["email"]),
        "po_number": _given(order["po_number"]),
        "customer_name": _names(order),
        "title": [line["title"] for line in book.lines],
    }
    keywords = _keywords(book) | metafields.search_values(book.store, "Order", order["id"])
    default = ["name", "email", "po_number", "customer_name", "title", "sku", "tag", "confirmation_number"]
    return {"numbers": _numbers(book), "words": words, "keywords": keywords, "default": default}


def sorts(book: Book) -> Row:
    """What lists of orders are sorted by and an order's own columns do not say: an index, like the document."""
    order = book.order
    customer = book.store.db.get("customers", order["customer_id"]) or {}
    address = json.loads(order["shipping_address"]) if order["shipping_address"] else {}
    place = [address.get(name) for name in ("city", "province_code", "country_code")]
    return {
        "id": order["id"],
        "total_price": float(book.total.shop),
        "current_total_price": float(book.current_total.shop),
        "items": sum(line["quantity"] for line in book.lines),
        "financial_status": order_payments.financial_status(book) or "",
        "fulfillment_status": order_states.fulfillment_status(book),
        "customer_name": customer.get("sort_name") or next(iter(_names(order)), ""),
        "destination": ", ".join(_given(*place)),
    }


def _given(*values: Any) -> list[Any]:
    return [value for value in values if value not in (None, "")]


def _numbers(book: Book) -> dict[str, list[int]]:
    order = book.order
    numbers = {name: [order[name]] for name in ("id", "created_at", "updated_at", "processed_at")}
    numbers |= {name: _given(order[name]) for name in ("customer_id", "location_id")}
    numbers["test"] = [order["test"]]
    numbers["subtotal_line_items_quantity"] = [sum(line["quantity"] for line in book.lines)]
    return numbers


def _keywords(book: Book) -> dict[str, list[str]]:
    order = book.order
    status = order_payments.financial_status(book)
    shipment = order_states.fulfillment_status(book)
    return {
        "tag": json.loads(order["tags"]),
        "sku": sorted(set(_given(*(line["sku"] for line in book.lines)))),
        "status": list(_statuses(order)),
        "financial_status": _given(status and status.lower()),
        "fulfillment_status": SHIPMENT.get(shipment, [shipment.lower()]),
        "return_status": [order_states.return_status(book).lower()],
        "gateway": order_payments.gateways(book),
        "discount_code": [row["code"] for row in book.discounts if row["code"]],
        "source_name": _given(order["source_name"]),
        "source_identifier": _given(order["source_identifier"]),
        "confirmation_number": [order["confirmation_number"]],
        "payment_id": [row["payment_id"] for row in book.transactions],
    }


def _statuses(order: Row) -> Iterable[str]:
    if order["cancelled_at"] is not None:
        yield "cancelled"
    if order["closed_at"] is not None:
        yield "closed"
    else:
        yield "not_closed"
        if order["cancelled_at"] is None:
            yield "open"


def _names(order: Row) -> list[str]:
    found: dict[str, None] = {}
    for column in ("billing_address", "shipping_address"):
        address = json.loads(order[column]) if order[column] else {}
        name = " ".join(_given(address.get("first_name"), address.get("last_name")))
        if name:
            found[name] = None
    return list(found)
