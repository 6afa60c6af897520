"""Bodies of orders/*: the whole order with lines, payments' sums, refunds and fulfilments.

Every total is computed by the order's book, the same as for the API; amounts have two places whatever the currency.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

from sandbox.shopify import gid
from sandbox.shopify.inside import Inside
from sandbox.shopify.money import Bag
from sandbox.shopify.payloads import fulfilments, order_parts, people, refunds
from sandbox.shopify.payloads.order_parts import both, money_set
from sandbox.shopify.payloads.rest import amount, local, lower, number
from sandbox.shopify.store import customers, order_payments, order_states
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

# displayFulfillmentStatus as REST tells it: only what has been shipped counts.
SHIPPED = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}


def body(inside: Inside, order: int) -> Row | None:
    """An order."""
    row = inside.store.db.get("orders", order)
    if row is None:
        return None
    book = Book(inside.store, order)
    return {
        **_identity(book),
        **_totals(book),
        **_people(book),
        "discount_applications": [order_parts.discount(one) for one in book.discounts],
        "fulfillments": fulfilments.of_order(book),
        "line_items": [order_parts.line(book, one) for one in book.lines],
        "payment_terms": None,
        "refunds": [refunds.in_order(book, one) for one in book.refunds],
        "shipping_address": _address(row["shipping_address"]),
        "shipping_lines": [order_parts.shipping(book, one) for one in book.shipping],
        "returns": [],
        "line_item_groups": [],
    }


def _identity(book: Book) -> Row:
    row, store = book.order, book.store
    return {
        "id": book.number,
        "admin_graphql_api_id": gid.make("Order", book.number),
        "app_id": number(store.setting("app_id")),
        "browser_ip": None,
        "buyer_accepts_marketing": bool(row["accepts_marketing"]),
        "cancel_reason": lower(row["cancel_reason"]),
        "cancelled_at": local(store, row["cancelled_at"]),
        "cart_token": None,
        "checkout_token": None,
        "client_details": None,
        "closed_at": local(store, row["closed_at"]),
        "confirmation_number": row["confirmation_number"],
        "confirmed": True,
        "contact_email": row["email"],
        "created_at": local(store, row["created_at"]),
        "currency": row["currency"],
    } | _state(book)


def _state(book: Book) -> Row:
    row, store = book.order, book.store
    token = hashlib.sha256(f"{store.setting('shop_id')}{book.number}".encode()).hexdigest()[:32]
    shop = number(store.setting("shop_id"))
    entity = base64.b64encode(f"1{shop}".encode()).decode().rstrip("=")
    return {
        "customer_locale": row["customer_locale"],
        "device_id": None,
        "discount_codes": order_parts.codes(book),
        "duties_included": False,
        "email": row["email"] or "",
        "estimated_taxes": False,
        "financial_status": lower(order_payments.financial_status(book)),
        "fulfillment_status": SHIPPED.get(order_states.fulfillment_status(book)),
        "landing_site": None,
        "landing_site_ref": None,
        "location_id": row["location_id"],
        "merchant_business_entity_id": entity,
        "merchant_of_record_app_id": None,
        "name": row["name"],
        "note": row["note"],
        "note_attributes": order_parts.properties(row["custom_attributes"]),
        "number": row["number"] - 1000,
        "order_number": row["number"],
        "order_status_url": f"https://{store.config.shop}/{shop}/orders/{token}/authenticate?key={token[:16]}",
        "payment_gateway_names": order_payments.gateways(book),
        "phone": row["phone"],
        "po_number": row["po_number"],
        "presentment_currency": row["presentment_currency"],
        "processed_at": local(store, row["processed_at"]),
        "reference": row["source_identifier"],
        "referring_site": row["referring_site"],
        "source_identifier": row["source_identifier"],
        "source_name": row["source_name"] or str(number(store.setting("app_id"))),
        "source_url": row["source_url"],
        "token": token,
    } | _rest(book)


def _rest(book: Book) -> Row:
    row = book.order
    return {
        "tags": ", ".join(json.loads(row["tags"])),
        "tax_exempt": bool(row["tax_exempt"]),
        "tax_lines": order_parts.tax_summary(book),
        "taxes_included": book.taxes_included,
        "test": bool(row["test"]),
        "total_weight": sum(order_parts.line(book, line)["grams"] * line["quantity"] for line in book.lines),
        "updated_at": local(book.store, row["updated_at"]),
        "user_id": row["user_id"],
    }


def _totals(book: Book) -> Row:
    lines = sum((book.ordered(line) for line in book.lines), Bag())
    outstanding = order_payments.outstanding(book)
    plain: dict[str, Any] = {
        "current_shipping_price_set": money_set(book, book.current_shipping),
        **both(book, "current_subtotal_price", book.current_subtotal),
        "current_total_additional_fees_set": _charged(book, "fee", book.charged("fee")),
        **both(book, "current_total_discounts", book.current_discounts),
        "current_total_duties_set": _charged(book, "duty", book.charged("duty") - book.refunded_duties),
        **both(book, "current_total_price", book.current_total),
        **both(book, "current_total_tax", book.current_tax),
        "original_total_additional_fees_set": _charged(book, "fee", book.charged("fee")),
        "original_total_duties_set": _charged(book, "duty", book.charged("duty")),
        **both(book, "subtotal_price", book.subtotal),
        "total_cash_rounding_payment_adjustment_set": money_set(book, order_payments.rounded(book)),
        "total_cash_rounding_refund_adjustment_set": money_set(book, order_payments.rounded(book, refunded=True)),
        **both(book, "total_discounts", book.discounts_total),
        **both(book, "total_line_items_price", lines),
        "total_outstanding": amount(outstanding.shop),
        **both(book, "total_price", book.total),
        "total_shipping_price_set": money_set(book, book.shipping_total),
        **both(book, "total_tax", book.tax_total),
        "total_tip_received": amount(book.charged("tip").shop),
    }
    return plain


def _charged(book: Book, kind: str, bag: Bag) -> Row | None:
    """Duties or fees, null for an order that never had any."""
    return money_set(book, bag) if any(row["kind"] == kind for row in book.charges) else None


def _people(book: Book) -> Row:
    row = customers.get(book.store, book.order["customer_id"])
    return {
        "billing_address": _address(book.order["billing_address"]),
        "customer": None if row is None else people.summary(book.store, row),
    }


def _address(text: str | None) -> Row | None:
    values = json.loads(text) if text else None
    return people.address(values) if values else None


def edited(inside: Inside, edit: int) -> Row | None:
    """A committed edit of an order: which lines grew and shrank by how much."""
    row = inside.store.db.get("order_edits", edit)
    if row is None or not row["told"]:
        return None
    told = json.loads(row["told"])
    lines = {
        name: [{"id": int(line), "delta": delta} for line, delta in told[kept].items()]
        for name, kept in (("additions", "added"), ("removals", "removed"))
    }
    return {
        "order_edit": {
            "id": edit,
            "app_id": number(inside.store.setting("app_id")),
            "created_at": local(inside.store, row["created_at"]),
            "committed_at": local(inside.store, row["committed_at"]),
            "notify_customer": False,
            "order_id": row["order_id"],
            "staff_note": "",
            "user_id": None,
            "line_items": lines,
            "discounts": {"line_item": {"additions": [], "removals": []}},
            "shipping_lines": {"additions": [], "removals": []},
        }
    }
