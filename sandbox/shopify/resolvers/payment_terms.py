"""What the API tells of payment terms: name, type, days, and the one date until which an owner has to pay.

Reads only. Amounts are the owner's in the buyer's currency (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers import draft_orders as drafts
from sandbox.shopify.resolvers import order_source
from sandbox.shopify.resolvers.payment_terms_templates import TEMPLATES
from sandbox.shopify.scalars import amount
from sandbox.shopify.store import draft_orders, order_payments, payment_terms
from sandbox.shopify.store.database import Row

registry.keys("PaymentTerms", "dueInDays paymentTermsName paymentTermsType translatedName")


def source(row: Row | None) -> Row | None:
    """Terms as the executor passes them on, with what their template says."""
    if row is None:
        return None
    template = TEMPLATES[row["template"]]
    shown = {"__typename": "PaymentTerms", "paymentTermsName": template["name"]}
    return row | shown | {name: template[name] for name in ("dueInDays", "paymentTermsType", "translatedName")}


for _type in ("Order", "DraftOrder"):

    @registry.field(_type, "paymentTerms")
    def _terms(row: Row, call: Call, _args: dict[str, Any], owner: str = _type) -> Row | None:
        return source(payment_terms.of(call.store, owner, row["id"]))


@registry.node("PaymentTerms")
def _node(call: Call, identifier: str) -> Row | None:
    return source(payment_terms.get(call.store, gid.number(identifier, "PaymentTerms")))


@registry.field("PaymentTerms", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("PaymentTerms", row["id"])


@registry.field("PaymentTerms", "order")
def _order(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return order_source.by_number(call, row["owner_id"]) if row["owner"] == "Order" else None


@registry.field("PaymentTerms", "draftOrder")
def _draft(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return drafts.source(draft_orders.get(call.store, row["owner_id"])) if row["owner"] == "DraftOrder" else None


def _completed(call: Call, row: Row) -> int | None:
    return payment_terms.paid_at(order_source.book(call, row["owner_id"])) if row["owner"] == "Order" else None


def _is_due(call: Call, row: Row) -> bool:
    return row["due_at"] is not None and row["due_at"] <= call.store.now() and _completed(call, row) is None


for _name in ("due", "overdue"):
    registry.field("PaymentTerms", _name)(lambda row, call, _args: _is_due(call, row))
registry.field("PaymentSchedule", "due")(lambda row, call, _args: _is_due(call, row))


@registry.field("PaymentTerms", "paymentSchedules", registry.CONNECTION_ARGUMENTS)
def _schedules(row: Row, _call: Call, args: dict[str, Any]) -> Connection:
    if row["schedule_id"] is None:
        return listed([], args)
    return listed([row | {"__typename": "PaymentSchedule", "terms": row["id"], "id": row["schedule_id"]}], args)


@registry.field("PaymentSchedule", "id")
def _schedule_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("PaymentSchedule", row["schedule_id"])


@registry.field("PaymentSchedule", "paymentTerms")
def _of_schedule(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return source(payment_terms.get(call.store, row["terms"]))


@registry.field("PaymentSchedule", "issuedAt")
def _issued(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["issued_at"])


@registry.field("PaymentSchedule", "dueAt")
def _due_at(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["due_at"])


@registry.field("PaymentSchedule", "completedAt")
def _completed_at(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
    return iso(_completed(call, row))


def _money(row: Row, call: Call, *, left: bool) -> Row:
    if row["owner"] == "DraftOrder":
        book = drafts.book(call, draft_orders.get(call.store, row["owner_id"]) or {})
        return {"amount": amount(book.total.rounded(book.pair).presentment), "currencyCode": book.pair.presentment}
    found = order_source.book(call, row["owner_id"])
    return order_source.presentment_money(found, order_payments.outstanding(found) if left else found.current_total)


registry.field("PaymentSchedule", "amount")(lambda row, call, _args: _money(row, call, left=False))
registry.field("PaymentSchedule", "totalBalance")(lambda row, call, _args: _money(row, call, left=True))
registry.field("PaymentSchedule", "balanceDue")(lambda row, call, _args: _money(row, call, left=True))
