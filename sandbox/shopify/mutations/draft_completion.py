"""draftOrderComplete, draftOrderInvoiceSend, draftOrderInvoicePreview.

Completing makes an order of the draft order's lines, discounts and shipping, claims its stock and, unless the payment
is pending, pays it by hand. The buyer is told, if the draft says how to reach him.
"""

from __future__ import annotations

import html
import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.money import Bag
from sandbox.shopify.mutations.draft_orders import found
from sandbox.shopify.resolvers.draft_orders import invoice_url, source
from sandbox.shopify.store import draft_orders, mail, order_stock, orders, payment_terms
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.draft_book import PERCENT, DraftBook
from sandbox.shopify.store.orders import NewOrder

PAID = "This order has been paid"
CUSTOM = "Custom discount"
EACH = {"allocation_method": "EACH", "target_selection": "EXPLICIT"}
registry.inputs("EmailInput", "subject to from body bcc customMessage")
COPIED = (
    "email phone note po_number customer_id company_location_id company_contact_id tax_exempt currency "
    "presentment_currency"
)


@registry.mutation("draftOrderComplete", "id paymentGatewayId paymentPending sourceName", "draftOrder userErrors")
def _complete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = found(call, args["id"], ["id"])
    if row["status"] == "COMPLETED":
        raise refuse(None, PAID, draftOrder=source(row))
    if args.get("paymentGatewayId") is not None:
        # No gateway but paying by hand is set up, and that one has no id.
        raise refuse(None, "Invalid payment gateway", draftOrder=source(row))
    book = draft_orders.book(call.store, row)
    # Recorded: with payment terms nothing is paid yet, whatever the argument says.
    pending = bool(args.get("paymentPending")) or payment_terms.of(call.store, "DraftOrder", row["id"]) is not None
    new = _order(book, pending)
    app = str(call.store.setting("app_id")).rsplit("/", 1)[-1]
    # Recorded: a source name that is no channel's handle is not taken over.
    new.columns |= {"source_name": app, "app_name": call.actor.name, "draft_order_id": row["id"]}
    number = orders.create(call.store, new)
    payment_terms.copy(call.store, row["id"], number)
    order_stock.claim(call.store, number, "DECREMENT_IGNORING_POLICY")
    orders.reindex(call.store, number)
    call.wrote("Order", number)
    done = {"status": "COMPLETED", "completed_at": call.store.now(), "order_id": number}
    draft_orders.change(call.store, row["id"], done)
    mail.tell(call.store, "order confirmation", "Order", row | {"id": number})
    return {"draftOrder": source(draft_orders.get(call.store, row["id"])), "userErrors": []}


def _order(book: DraftBook, pending: bool) -> NewOrder:
    row = book.row
    columns: Row = {name: row[name] for name in COPIED.split()}
    for name in ("tags", "custom_attributes"):
        columns[name] = json.loads(row[name])
    for name in ("billing_address", "shipping_address"):
        columns[name] = json.loads(row[name]) if row[name] else None
    lines = [_line(book, line) for line in book.lines]
    payment = {"kind": "SALE", "status": "PENDING" if pending else "SUCCESS", "gateway": "manual", "manual": 1}
    payments = [payment | {"amount": book.total}]
    return NewOrder(columns, lines, _shipping(book), discounts=_discounts(book), transactions=payments)


def _line(book: DraftBook, line: Row) -> Row:
    names = (
        "title variant_title vendor product_id variant_id quantity requires_shipping taxable gift_card weight_value "
        "weight_unit"
    )
    kept = {name: line[name] for name in names.split()}
    # Recorded: an empty sku of a variant is none in the order.
    return kept | {
        "sku": line["sku"] or None,
        "price": book.unit(line),
        "custom_attributes": json.loads(line["custom_attributes"]),
    }


def _shipping(book: DraftBook) -> list[Row]:
    row = book.shipping_row
    if row is None:
        return []
    return [{"title": row["title"], "code": "custom", "custom": 1, "price": Bag.read(row["price"])}]


def _discounts(book: DraftBook) -> list[Row]:
    rows: list[Row] = []
    for place, line in enumerate(book.lines):
        given = json.loads(line["discount"]) if line["discount"] else None
        if given is not None:
            shares = [("line", place, book.discount_of(line))]
            rows.append(_discount(given) | EACH | {"shares": shares})
    if book.discount is not None:
        shares = [("line", place, share) for place, share in enumerate(book.order_shares())]
        # Recorded: the discount of the order stands among the codes, by its title.
        code = book.discount["title"] or CUSTOM
        rows.append(_discount(book.discount) | {"code": code, "shares": shares})
    return rows


def _discount(given: Row) -> Row:
    percent = given["valueType"] == PERCENT
    return {
        "kind": "MANUAL",
        "title": given["title"] or CUSTOM,
        "description": given["description"],
        "value_type": "percentage" if percent else "fixed_amount",
        "value": str(given["value"]) if percent else Bag.of(str(given["value"])).write(),
    }


@registry.mutation("draftOrderInvoiceSend", "id email", "draftOrder userErrors")
def _send(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _for_invoice(call, args["id"])
    if row["status"] == "COMPLETED":
        message = "Draft order Invoice can't be sent. This draft order is already paid."
        raise refuse(None, message, draftOrder=source(row))
    if not ((args.get("email") or {}).get("to") or row["email"]):
        raise refuse(None, "To can't be blank", draftOrder=source(row))
    draft_orders.change(call.store, row["id"], {"status": "INVOICE_SENT", "invoice_sent_at": call.store.now()})
    mail.tell(call.store, "invoice", "DraftOrder", row, to=(args.get("email") or {}).get("to"))
    return {"draftOrder": source(draft_orders.get(call.store, row["id"])), "userErrors": []}


def _for_invoice(call: Call, identifier: str) -> Row:
    row = draft_orders.get(call.store, gid.number(identifier, "DraftOrder"))
    if row is None:
        raise refuse(None, "Draft order not found")
    call.target("DraftOrder", row["id"])
    return row


@registry.mutation("draftOrderInvoicePreview", "id email", "previewHtml previewSubject userErrors")
def _preview(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _for_invoice(call, args["id"])
    email = args.get("email") or {}
    subject = email.get("subject") or f"Invoice {draft_orders.name(row)}"
    lines = "".join(
        f"<tr><td>{html.escape(line['title'])} x {line['quantity']}</td></tr>"
        for line in draft_orders.lines(call.store, row["id"])
    )
    text = html.escape(email.get("customMessage") or "")
    link = f'<a href="{html.escape(invoice_url(call, row))}">Complete your purchase</a>'
    content = f"<h1>{html.escape(subject)}</h1><p>{text}</p><table>{lines}</table>{link}"
    body = f"<!DOCTYPE html><html><body>{content}</body></html>"
    return {"previewHtml": body, "previewSubject": subject, "userErrors": []}
