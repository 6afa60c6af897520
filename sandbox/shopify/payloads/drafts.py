"""Bodies of draft_orders/*.

A draft's lines have a shape of their own; two of its fields end in a question mark, as documented.
"""

from __future__ import annotations

import hashlib
import json

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.money import Bag
from sandbox.shopify.payloads import people
from sandbox.shopify.payloads.order_parts import properties
from sandbox.shopify.payloads.rest import GRAMS, amount, local, lower, number
from sandbox.shopify.store import customers, draft_orders
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.draft_book import DraftBook
from sandbox.shopify.store.shop import Store


def body(inside: Inside, draft: int) -> Row | None:
    """A draft order."""
    store = inside.store
    row = draft_orders.get(store, draft)
    if row is None:
        return None
    book = draft_orders.book(store, row)
    customer = customers.get(store, row["customer_id"])
    return {
        "id": draft,
        "note": row["note"],
        "email": row["email"],
        "taxes_included": False,
        "currency": row["currency"],
        "invoice_sent_at": local(store, row["invoice_sent_at"]),
        "created_at": local(store, row["created_at"]),
        "updated_at": local(store, row["updated_at"]),
        "tax_exempt": bool(row["tax_exempt"]),
        "completed_at": local(store, row["completed_at"]),
        "name": draft_orders.name(row),
        "allow_discount_codes_in_checkout?": bool(row["allow_discount_codes"]),
        "b2b?": row["company_id"] is not None,
        "status": lower(row["status"]),
        **_contents(store, book),
        "admin_graphql_api_id": gid.make("DraftOrder", draft),
        "customer": None if customer is None else people.summary(store, customer),
    }


def _contents(store: Store, book: DraftBook) -> Row:
    row = book.row
    return {
        "line_items": [_line(book, line) for line in book.lines],
        "api_client_id": number(store.setting("app_id")),
        "shipping_address": _address(row["shipping_address"]),
        "billing_address": _address(row["billing_address"]),
        "invoice_url": _invoice(store, row["id"]),
        "created_on_api_version_handle": store.config.api_version,
        "applied_discount": _discount(book.discount, book.order_discount),
        "order_id": row["order_id"],
        "shipping_line": _shipping(book),
        "tax_lines": [],
        "tags": ", ".join(draft_orders.tags(row)),
        "note_attributes": properties(row["custom_attributes"]),
        "total_price": amount(book.total.shop),
        "subtotal_price": amount(book.subtotal.shop),
        "total_tax": amount(book.tax.shop),
        "payment_terms": None,
    }


def _line(book: DraftBook, row: Row) -> Row:
    title = row["variant_title"]
    given = json.loads(row["discount"]) if row["discount"] else None
    grams = round(row["weight_value"] * GRAMS[row["weight_unit"] or "KILOGRAMS"]) if row["weight_value"] else 0
    return {
        "id": row["id"],
        "variant_id": row["variant_id"],
        "product_id": row["product_id"],
        "title": row["title"],
        "variant_title": title,
        "sku": row["sku"],
        "vendor": row["vendor"],
        "quantity": row["quantity"],
        "requires_shipping": bool(row["requires_shipping"]),
        "taxable": bool(row["taxable"]),
        "gift_card": bool(row["gift_card"]),
        "fulfillment_service": "manual",
        "grams": grams,
        "tax_lines": [],
        "applied_discount": _discount(given, book.discount_of(row)),
        "name": f"{row['title']} - {title}" if title else row["title"],
        "properties": properties(row["custom_attributes"]),
        "custom": row["variant_id"] is None,
        "price": amount(book.unit(row).shop),
        "admin_graphql_api_id": gid.make("DraftOrderLineItem", row["id"]),
    }


def _discount(given: Row | None, taken: Bag) -> Row | None:
    if given is None:
        return None
    return {
        "description": given.get("description"),
        "value": str(float(given["value"])),
        "title": given.get("title"),
        "amount": amount(taken.shop),
        "value_type": lower(given["valueType"]),
    }


def _shipping(book: DraftBook) -> Row | None:
    row = book.shipping_row
    if row is None:
        return None
    return {"custom": True, "handle": None, "title": row["title"], "price": amount(book.shipping.shop)}


def _invoice(store: Store, draft: int) -> str:
    token = hashlib.sha256(f"invoice {store.setting('shop_id')}{draft}".encode()).hexdigest()[:32]
    return f"https://{store.config.shop}/{number(store.setting('shop_id'))}/invoices/{token}"


def _address(text: str | None) -> Row | None:
    values = json.loads(text) if text else None
    return people.address(values) if values else None
