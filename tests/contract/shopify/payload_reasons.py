"""Why a recorded body of a kind differs from what a webhook of 2026-10 carries: by line, or by how lines begin.

Most recorded bodies are answers of REST, some of them ten years old. `extra` needs no list: that a body has only
documented fields is what the tables are for.
"""

from __future__ import annotations

REST_ONLY = "in answers of REST; the documented body of the webhook does not have it"
DROPPED = "dropped from REST and webhooks since the recording"
MOVED = "told by a topic of its own since 2025: customer.tags_added, *_marketing_consent, customers/purchasing_summary"
RECEIPT = "what a payment provider or a carrier answered; nobody answers the sandbox"
NEWER = "in the documented body of the webhook; not in this recording"
VARIANT = ("fulfillment_service", "grams", "inventory_management", "requires_shipping", "weight", "weight_unit")
COUNTED = ("last_order_id", "last_order_name", "orders_count", "total_spent", "tags")
CONSENT = ("accepts_marketing", "email_marketing_consent", "marketing_opt_in_level", "sms_marketing_consent")
GONE = ("gateway", "payment_details", "processing_method", "source", "total_price_usd")
MONEY = ("amount_due_later", "amount_due_now", "subtotal_price", "total_discounts", "total_duties")
MONEY += ("total_line_items_price", "total_price", "total_shipping_price", "total_tax", "total_additional_fees")

CUSTOMER = {f"missing customer.{name}": MOVED for name in (*COUNTED, *CONSENT)}
WHY: dict[str, dict[str, str]] = {
    "product": {
        **{f"missing variants[].{name}": REST_ONLY for name in VARIANT},
        "missing variants[].presentment_prices": REST_ONLY,
        "extra ": NEWER,
    },
    "inventory_item": {"extra ": NEWER},
    "inventory_level": {"extra ": NEWER},
    "location": {"extra ": NEWER},
    "order": {
        **CUSTOMER,
        **{f"missing {name}": DROPPED for name in GONE},
        "missing checkout_id": REST_ONLY,
        "missing fulfillments[].receipt.": RECEIPT,
        "missing refunds[].transactions[].receipt.": RECEIPT,
        "missing refunds[].additional_fees": REST_ONLY,
        "missing refunds[].total_additional_fees_set": REST_ONLY,
        "extra ": NEWER,
    },
    "transaction": {"missing receipt.": RECEIPT, "missing currency_exchange_adjustment": REST_ONLY, "extra ": NEWER},
    "refund": {
        "missing additional_fees": REST_ONLY,
        "missing total_additional_fees_set": REST_ONLY,
        "extra ": NEWER,
    },
    "fulfillment": {"missing receipt.": RECEIPT, "extra ": NEWER},
    "draft_order": {
        **CUSTOMER,
        **{f"missing {name}_set": REST_ONLY for name in MONEY},
        "missing presentment_currency": REST_ONLY,
        "missing created_on_api_version": "created_on_api_version_handle in the documented body of the webhook",
        "extra ": NEWER,
    },
}
