"""refundCreate: money and goods given back, in part or in whole.

A refund never gives back more than was received, whatever it is told to allow (recorded). The order is answered as it
stands when the refund is refused.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.money import Bag, rounded, total
from sandbox.shopify.mutations.order_amounts import of_presentment
from sandbox.shopify.mutations.order_lookup import standing, wanted
from sandbox.shopify.resolvers.order_source import by_number
from sandbox.shopify.resolvers.refunds import source
from sandbox.shopify.store import order_payments as payments
from sandbox.shopify.store import orders, refunds
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

registry.inputs(
    "RefundInput",
    "orderId currency note notify processedAt refundLineItems refundDuties shipping transactions allowOverRefunding "
    "discrepancyReason",
)
registry.inputs("RefundLineItemInput", "lineItemId quantity restockType locationId")
registry.inputs("RefundDutyInput", "dutyId refundType")
registry.inputs("ShippingRefundInput", "amount fullRefund")
registry.inputs("OrderTransactionInput", "amount gateway kind orderId parentId")
SIGNS = {"EUR": "\u20ac", "GBP": "\u00a3", "JPY": "\u00a5"}


@registry.mutation("refundCreate", "input", "refund order userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    row = wanted(call, given["orderId"], ["orderId"])
    found = Book(call.store, row["id"])
    try:
        refund = _refund(call, found, given)
    except UserErrors as refused:
        raise UserErrors(refused.errors, **standing(row)) from None
    with orders.moving(call.store, row["id"]):
        made = refunds.make(call.store, found, refund)
    call.target("Order", row["id"])
    call.wrote("Refund", made)
    return {"refund": source(refunds.get(call.store, made)), "order": by_number(call, row["id"]), "userErrors": []}


def _refund(call: Call, found: Book, given: Row) -> refunds.Refund:
    made = refunds.Refund(
        lines=read_lines(found, given.get("refundLineItems") or []),
        shipping=read_shipping(found, given.get("shipping") or {}),
        duties=read_duties(found, given.get("refundDuties") or []),
        payments=_payments(found, given.get("transactions") or []),
    )
    _check_amount(found, made)
    processed = parse_micros(given["processedAt"]) if given.get("processedAt") else call.store.now()
    made.columns = {"note": given.get("note"), "processed_at": processed}
    if given.get("discrepancyReason"):
        made.reason = given["discrepancyReason"]
    return made


def read_lines(found: Book, given: list[Row]) -> list[tuple[Row, int, str, int | None]]:
    """The lines of a refund; refuses lines that are not there and more than is left of them."""
    errors, entries = [], []
    by_number = {line["id"]: line for line in found.lines}
    for place, one in enumerate(given):
        path = ["refundLineItems", str(place)]
        line = by_number.get(gid.number(one["lineItemId"], "LineItem") or 0)
        if line is None:
            errors.append(user_error([*path, "lineItemId"], "Line item does not exist"))
        elif one["quantity"] > found.current_quantity(line):
            errors.append(user_error([*path, "quantity"], "Quantity cannot refund more items than were purchased"))
        else:
            location = gid.number(one.get("locationId"), "Location")
            entries.append((line, one["quantity"], one.get("restockType") or "NO_RESTOCK", location))
    if errors:
        raise UserErrors(errors)
    return entries


def read_shipping(found: Book, given: Row) -> list[tuple[Row, Bag]]:
    """What a refund gives back of shipping, over the shipping lines in order."""
    left = [(row, found.current_shipping_of(row)) for row in found.shipping]
    if given.get("fullRefund"):
        return [entry for entry in left if entry[1]]
    if given.get("amount") is None:
        return []
    whole = total(amount for _, amount in left)
    wanted_sum = of_presentment(Decimal(str(given["amount"])), whole, found.pair)
    if wanted_sum.presentment > whole.presentment:
        raise refuse(["shipping", "amount"], "Shipping refund amount exceeds the amount that is left to refund")
    entries = []
    for row, amount in left:
        part = Bag(min(wanted_sum.shop, amount.shop), min(wanted_sum.presentment, amount.presentment))
        if part:
            entries.append((row, part))
        wanted_sum = wanted_sum - part
    return entries


def read_duties(found: Book, given: list[Row]) -> list[tuple[Row, Bag]]:
    """The duties of a refund."""
    by_number = {row["id"]: row for row in found.charges if row["kind"] == "duty"}
    entries = []
    for place, one in enumerate(given):
        duty = by_number.get(gid.number(one["dutyId"], "Duty") or 0)
        if duty is None:
            raise refuse(["refundDuties", str(place), "dutyId"], "Duty does not exist")
        entries.append((duty, Bag.read(duty["price"])))
    return entries


def _payments(found: Book, given: list[Row]) -> list[Row]:
    rows = []
    by_number = {row["id"]: row for row in found.transactions}
    for one in given:
        if one["kind"] != "REFUND":
            raise refuse(None, f"Kind {one['kind'].lower()} is not a valid transaction")
        parent = by_number.get(gid.number(one.get("parentId"), "OrderTransaction") or 0)
        if parent is None:
            raise refuse(["transactions"], "Transactions require a parent_id associated with the order")
        amount = of_presentment(Decimal(str(one["amount"])), Bag.read(parent["amount"]), found.pair)
        # Recorded: the money goes back the way it came, whatever gateway the input names.
        row = {"kind": "REFUND", "parent_id": parent["id"], "gateway": parent["gateway"], "amount": amount}
        rows.append(row | {"test": parent["test"], "gift_card_id": parent["gift_card_id"]})
    return rows


def _check_amount(found: Book, made: refunds.Refund) -> None:
    amount = total(row["amount"] for row in made.payments).presentment
    left = payments.net(found).presentment
    if amount > left:
        shown = [money_text(value, found.pair.presentment) for value in (amount, left)]
        raise refuse(None, f"Refund amount {shown[0]} is greater than net payment received {shown[1]}")


def money_text(amount: Decimal, currency: str) -> str:
    """An amount as texts for people show it (recorded for dollars; other signs are assumed)."""
    return f"{SIGNS.get(currency, '$')}{rounded(amount, currency):,f}"
