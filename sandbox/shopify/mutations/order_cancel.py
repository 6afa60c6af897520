"""orderCancel: a job that takes everything off an order and, when asked, gives the money back.

Authorisations are released whatever becomes of payments (the mutation's own text). The job is done half a second
after it was asked for; asked again before, the cancellation is already in progress (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, user_error
from sandbox.shopify.mutations.order_lookup import MISSING
from sandbox.shopify.mutations.order_payments import void_of
from sandbox.shopify.store import jobs, mail, order_parts, orders, refunds
from sandbox.shopify.store import order_payments as payments
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book
from sandbox.shopify.store.order_hooks import HOOKS
from sandbox.shopify.store.shop import Store

KIND, DELAY_S, NOTE_LIMIT = "order cancel", 0.5, 255
ARGUMENTS = "orderId reason restock notifyCustomer staffNote refund refundMethod"
registry.inputs("OrderCancelRefundMethodInput", "originalPaymentMethodsRefund")


def _refuse(field: list[str] | None, message: str, code: str | None = "INVALID") -> UserErrors:
    error = user_error(field, message, code)
    return UserErrors([error], orderCancelUserErrors=[error])


@registry.mutation("orderCancel", ARGUMENTS, "job userErrors orderCancelUserErrors")
def _cancel(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = orders.get(call.store, gid.number(args["orderId"], "Order"))
    if row is None:
        raise _refuse(["orderId"], MISSING, "NOT_FOUND")
    _check_arguments(args)
    _check_state(call, row)
    method = args.get("refundMethod") or {}
    request = {
        "order": row["id"],
        "reason": args["reason"],
        "restock": bool(args["restock"]),
        "note": args.get("staffNote"),
        "refund": bool(args.get("refund") or method.get("originalPaymentMethodsRefund")),
    }
    call.target("Order", row["id"])
    job = jobs.promise(call.store, KIND, request, DELAY_S)
    if args.get("notifyCustomer"):
        mail.tell(call.store, "order cancelled", "Order", row)
    return {"job": job, "userErrors": [], "orderCancelUserErrors": []}


def _check_arguments(args: dict[str, Any]) -> None:
    if args.get("refund") is not None and args.get("refundMethod") is not None:
        raise _refuse(["refund"], "Only one of the arguments `refund` or `refund_method` is allowed.")
    if len(args.get("staffNote") or "") > NOTE_LIMIT:
        raise _refuse(["staffNote"], f"Staff note is too long. Maximum length is {NOTE_LIMIT} characters.")


def _check_state(call: Call, row: Row) -> None:
    if row["cancelled_at"] is not None:
        raise _refuse(["orderId"], "Cannot cancel an order that has already been canceled")
    sql = "SELECT 1 FROM jobs WHERE kind = ? AND done = 0 AND json_extract(request, '$.order') = ?"
    if call.db.value(sql, (KIND, row["id"])):
        raise _refuse(None, "Cancellation is already in progress", None)
    found = Book(call.store, row["id"])
    if not payments.received(found):
        # Recorded: orders nobody paid for were cancelled shipped and with open returns, paid ones were not.
        return
    if any(one["status"] in {"OPEN", "REQUESTED"} for one in found.returns):
        raise _refuse(["orderId"], "Cannot cancel an order that has returns")
    if found.fulfilled:
        raise _refuse(["orderId"], "Cannot cancel an order that has outstanding fulfillments")


@jobs.work(KIND)
def _work(store: Store, request: Row) -> None:
    if orders.get(store, request["order"]) is not None:
        cancel(store, request["order"], request)


def cancel(store: Store, number: int, request: Row) -> None:
    """Take everything off an order; `request` says reason, note, restock and refund."""
    now = store.now()
    columns = {"cancelled_at": now, "cancel_reason": request["reason"]}
    with orders.moving(store, number, columns | {"cancel_note": request.get("note")}):
        found = Book(store, number)
        for row in found.transactions:
            if payments.capturable_of(found, row):
                order_parts.add_transaction(store, number, void_of(row))
        refund = refunds.everything(found, "CANCEL" if request["restock"] else "NO_RESTOCK")
        if request["refund"]:
            refund.payments = refunds.back(found, payments.net(found))
        if refund.lines or refund.shipping or refund.payments:
            refunds.make(store, found, refund)
        for hook in HOOKS.cancelled:
            hook(store, number)
    if not payments.outstanding(Book(store, number)):
        # Recorded: a cancelled order is closed at once, unless money has still to go back to the buyer.
        orders.change(store, number, {"closed_at": now})
    store.event("orders/cancelled", number)
