"""Bodies of fulfillments/* and fulfilments within an order.

A line in a fulfilment has the quantity that was shipped with it, not the one that was ordered.
"""

from __future__ import annotations

import json

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.payloads import people
from sandbox.shopify.payloads.order_parts import line, past_line
from sandbox.shopify.payloads.rest import local, lower
from sandbox.shopify.store import fulfilments
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book


def body(inside: Inside, number: int) -> Row | None:
    """A fulfilment."""
    row = inside.store.db.get("fulfillments", number)
    if row is None:
        return None
    book = Book(inside.store, row["order_id"])
    destination = book.order["shipping_address"]
    shown = _common(book, row)
    head = ("id", "order_id", "status", "created_at", "service", "updated_at", "tracking_company", "shipment_status")
    tail = ("tracking_number", "tracking_numbers", "tracking_url", "tracking_urls", "receipt", "name")
    return {
        **{name: shown[name] for name in (*head, "location_id", "origin_address")},
        "email": book.order["email"],
        "destination": people.address(json.loads(destination)) if destination else None,
        "line_items": [past_line(book, ordered) | {"quantity": count} for ordered, count in _lines(book, row)],
        **{name: shown[name] for name in (*tail, "admin_graphql_api_id")},
    }


def of_order(book: Book) -> list[Row]:
    """The fulfilments of an order as the order shows them."""
    rows = book.store.db.all("SELECT * FROM fulfillments WHERE order_id = ? ORDER BY id", (book.number,))
    return [
        _common(book, row)
        | {"line_items": [line(book, ordered) | {"quantity": count} for ordered, count in _lines(book, row)]}
        for row in rows
    ]


def _common(book: Book, row: Row) -> Row:
    tracking = fulfilments.tracking(row)
    numbers = [one["number"] for one in tracking if one["number"]]
    urls = [one["url"] for one in tracking if one["url"]]
    happened = book.store.db.value(
        "SELECT status FROM fulfillment_events WHERE fulfillment_id = ? ORDER BY id DESC LIMIT 1", (row["id"],)
    )
    service = book.store.db.value("SELECT handle FROM fulfillment_services WHERE id = ?", (row["service_id"],))
    return {
        "id": row["id"],
        "admin_graphql_api_id": gid.make("Fulfillment", row["id"]),
        "created_at": local(book.store, row["created_at"]),
        "location_id": row["location_id"],
        "name": f"{book.order['name']}-F{row['number']}",
        "order_id": book.number,
        "origin_address": {},
        "receipt": {},
        "service": service or "manual",
        "shipment_status": lower(happened),
        "status": lower(row["status"]),
        "tracking_company": fulfilments.kept_tracking(row).get("company"),
        "tracking_number": numbers[0] if numbers else None,
        "tracking_numbers": numbers,
        "tracking_url": urls[0] if urls else None,
        "tracking_urls": urls,
        "updated_at": local(book.store, row["updated_at"]),
    }


def _lines(book: Book, row: Row) -> list[tuple[Row, int]]:
    sql = "SELECT line_id, quantity FROM fulfillment_lines WHERE fulfillment_id = ? ORDER BY id"
    by_number = {one["id"]: one for one in book.lines}
    found = book.store.db.all(sql, (row["id"],))
    return [(by_number[one["line_id"]], one["quantity"]) for one in found if one["line_id"] in by_number]
