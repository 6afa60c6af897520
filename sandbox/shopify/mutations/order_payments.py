"""orderMarkAsPaid, orderCreateManualPayment, orderCreateMandatePayment, orderCapture, transactionVoid.

Money moves only through transactions; an order's statuses follow from them. Amounts in the buyer's currency are worth
in the shop's what the order's own rate makes them (assumed: real stores take the rate of the day).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.dialect import access_denied
from sandbox.shopify.money import Bag, unit
from sandbox.shopify.mutations.order_amounts import of_presentment
from sandbox.shopify.mutations.order_lookup import answer, standing, wanted
from sandbox.shopify.resolvers.order_transactions import transaction_source
from sandbox.shopify.resolvers.orders import can_mark_as_paid
from sandbox.shopify.store import order_parts, orders
from sandbox.shopify.store import order_payments as payments
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

MANUAL = "manual"
PLUS = ("plus", "enterprise")
registry.inputs("OrderMarkAsPaidInput", "id")
registry.keys("OrderCreateManualPaymentOrderCreateManualPaymentError", "field message code")
registry.inputs("OrderCaptureInput", "id parentTransactionId amount currency finalCapture")


def pay(call: Call, number: int, payment: Row) -> int:
    """Add a transaction to an order; its number."""
    with orders.moving(call.store, number):
        made = order_parts.add_transaction(call.store, number, payment)
    call.wrote("OrderTransaction", made)
    return made


@registry.mutation("orderMarkAsPaid", "input", "order userErrors")
def _mark(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = wanted(call, args["input"]["id"], ["id"])
    found = Book(call.store, row["id"])
    if not can_mark_as_paid(found):
        raise refuse(["id"], "Order cannot be marked as paid.", **standing(row))
    payment = {"kind": "SALE", "gateway": MANUAL, "manual": 1, "test": row["test"]}
    pay(call, row["id"], payment | {"amount": payments.outstanding(found)})
    return answer(call, row["id"])


@registry.mutation("orderCreateManualPayment", "id amount paymentMethodName processedAt", "order userErrors")
def _manual(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    if args.get("amount") is not None and call.store.config.plan not in PLUS:
        raise access_denied(
            "orderCreateManualPayment",
            "`write_orders` access scope. Also: The user must have mark_orders_as_paid permission. The API client must "
            "be installed on a Shopify Plus store to use the amount field.",
        )
    row = wanted(call, args["id"], ["id"], "ORDER_NOT_FOUND")
    found = Book(call.store, row["id"])
    amount = _wanted_amount(found, args.get("amount"))
    processed = parse_micros(args["processedAt"]) if args.get("processedAt") else call.store.now()
    if processed > call.store.clock.micros():
        raise refuse(["processedAt"], "Processed at cannot be in the future", "PROCESSED_AT_INVALID")
    payment = {"kind": "SALE", "gateway": args.get("paymentMethodName") or MANUAL, "manual": 1, "test": row["test"]}
    pay(call, row["id"], payment | {"amount": amount, "processed_at": processed})
    return answer(call, row["id"])


def _wanted_amount(found: Book, given: Row | None) -> Bag:
    left = payments.outstanding(found)
    if given is None:
        if left.presentment <= 0:
            raise refuse(["id"], "Order cannot be marked as paid.", "AMOUNT_EXCEEDS_BALANCE")
        return left
    if given["currencyCode"] != found.pair.presentment:
        message = "Currency must match the presentment currency of the order"
        raise refuse(["amount", "currencyCode"], message, "CURRENCY_MISMATCH")
    amount = Decimal(str(given["amount"]))
    if amount <= 0:
        raise refuse(["amount", "amount"], "Amount must be positive", "AMOUNT_NOT_POSITIVE")
    if amount > left.presentment:
        raise refuse(["amount", "amount"], "Amount exceeds the remaining balance", "AMOUNT_EXCEEDS_BALANCE")
    return of_presentment(amount, found.current_total, found.pair)


@registry.mutation(
    "orderCreateMandatePayment",
    "id mandateId amount autoCapture idempotencyKey paymentScheduleId",
    "paymentReferenceId job userErrors",
)
def _mandate(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    code = "ORDER_MANDATE_PAYMENT_ERROR_CODE"
    wanted(call, args["id"], ["id"], code)
    # No shop here has a payment provider that keeps mandates, so none is ever found.
    raise refuse(["mandateId"], "Mandate does not exist", code)


@registry.mutation("orderCapture", "input", "transaction userErrors")
def _capture(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    row = wanted(call, given["id"], ["id"])
    found = Book(call.store, row["id"])
    parent = _parent(found, given["parentTransactionId"])
    _check_currency(found, given)
    amount = Decimal(str(given["amount"]))
    if amount <= 0:
        raise refuse(None, "Amount must be greater than zero for capture transactions")
    left = payments.capturable_of(found, parent).presentment
    if amount > left:
        shown = f"{left.quantize(unit(found.pair.presentment)):f}"
        raise refuse(None, f"Cannot capture more than the authorized {shown} for this payment.")
    if given.get("finalCapture") is not None:
        message = (
            "Setting final capture is not supported for this transaction's payment gateway. "
            "Please remove the parameter or set it to null, then try again."
        )
        raise refuse(None, message)
    payment = {"kind": "CAPTURE", "parent_id": parent["id"], "gateway": parent["gateway"], "test": parent["test"]}
    worth = of_presentment(amount, Bag.read(parent["amount"]), found.pair)
    made = pay(call, row["id"], payment | {"amount": worth})
    call.target("Order", row["id"])
    return {"transaction": transaction_source(call.db.get("order_transactions", made)), "userErrors": []}


def _parent(found: Book, identifier: str) -> Row:
    number = gid.number(identifier, "OrderTransaction")
    parent = next((row for row in found.transactions if row["id"] == number), None)
    if parent is None:
        raise refuse(None, "Unable to find parent transaction")
    if parent["kind"] != "AUTHORIZATION":
        raise refuse(None, "Parent transaction should be a successful authorization")
    if not payments.capturable_of(found, parent):
        raise refuse(None, "Can only capture successful authorizations")
    return parent


def _check_currency(found: Book, given: Row) -> None:
    currency = found.pair.presentment
    if given.get("currency") == currency or (given.get("currency") is None and found.pair.single):
        return
    raise refuse(["currency"], f"Currency Currency must match parent transaction {currency}")


@registry.mutation("transactionVoid", "parentTransactionId", "transaction userErrors")
def _void(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    path = ["parentTransactionId"]
    number = gid.number(args["parentTransactionId"], "OrderTransaction")
    parent = call.db.get("order_transactions", number)
    if parent is None:
        raise refuse(path, "Transaction does not exist", "TRANSACTION_NOT_FOUND")
    if parent["kind"] != "AUTHORIZATION" or parent["status"] != "SUCCESS":
        raise refuse(path, "Parent transaction must be a successful authorization", "AUTH_NOT_SUCCESSFUL")
    found = Book(call.store, parent["order_id"])
    if payments.children(found, parent, {"VOID", "CAPTURE"}):
        message = "Parent transaction require a parent_id referring to a voidable transaction"
        raise refuse(path, message, "AUTH_NOT_VOIDABLE")
    made = pay(call, parent["order_id"], void_of(parent))
    call.target("Order", parent["order_id"])
    return {"transaction": transaction_source(call.db.get("order_transactions", made)), "userErrors": []}


def void_of(parent: Row) -> Row:
    """The transaction that releases an authorisation: it moves no money (recorded)."""
    row = {name: parent[name] for name in ("gateway", "test")}
    return row | {"kind": "VOID", "parent_id": parent["id"], "amount": Bag()}
