"""returnCreate, returnRequest, their approval and decline, returnClose, returnReopen, returnCancel, removeFromReturn.

Closing what is closed, opening what is open and cancelling what is cancelled change nothing (recorded).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.money import Bag
from sandbox.shopify.mutations.order_amounts import of_presentment
from sandbox.shopify.mutations.return_input import BAD_QUANTITY, Reader
from sandbox.shopify.resolvers.order_source import bag
from sandbox.shopify.resolvers.returns import calculated_id, fee_on, shipped_line, source
from sandbox.shopify.store import orders, refunds, returns
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

MISSING, BAD_STATE = "Return not found.", "Return status is invalid."
NOT_APPROVABLE = "Return is not approvable. Only returns with status REQUESTED can be approved."
NOT_DECLINABLE = "Return is not declinable. Only non-refunded returns with status REQUESTED can be declined."
registry.inputs("ReturnApproveRequestInput", "id notifyCustomer unprocessed")
registry.inputs("ReturnDeclineRequestInput", "id declineReason declineNote notifyCustomer")
registry.inputs("ReturnLineItemRemoveFromReturnInput", "returnLineItemId quantity")
registry.inputs("CalculateReturnInput", "orderId returnLineItems returnShippingFee")
registry.inputs("CalculateReturnLineItemInput", "fulfillmentLineItemId quantity restockingFee")
registry.keys("CalculatedReturn", "id returnLineItems exchangeLineItems returnShippingFee")
registry.keys("CalculatedReturnLineItem", "id fulfillmentLineItem quantity restockingFee subtotalSet totalTaxSet")
registry.keys("CalculatedReturnLineItem", "subtotalBeforeOrderDiscountsSet")
registry.keys("CalculatedRestockingFee", "id percentage amountSet")
registry.keys("CalculatedReturnShippingFee", "id amountSet")


@registry.mutation("returnCreate", "returnInput", "return userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _make(call, args["returnInput"], "returnInput", "OPEN")


@registry.mutation("returnRequest", "input", "return userErrors")
def _request(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _make(call, args["input"], "input", "REQUESTED")


def _make(call: Call, given: Row, root: str, status: str) -> Row:
    order = orders.get(call.store, gid.number(given["orderId"], "Order"))
    if order is None:
        raise refuse([root, "orderId"], "Order not found.", "NOT_FOUND")
    entries, errors = Reader(call, order, root, status == "REQUESTED").read(given["returnLineItems"])
    if errors:
        raise UserErrors(errors)
    fee = given.get("returnShippingFee")
    amount = _fee(Book(call.store, order["id"]), fee).write() if fee else None
    return _answer(call, returns.create(call.store, order, status, entries, amount))


def _fee(found: Book, given: Row) -> Bag:
    return of_presentment(Decimal(str(given["amount"]["amount"])), found.total, found.pair)


def _answer(call: Call, number: int) -> Row:
    call.target("Return", number)
    return {"return": source(returns.get(call.store, number)), "userErrors": []}


def _wanted(call: Call, identifier: str, path: list[str]) -> Row:
    row = returns.get(call.store, gid.number(identifier, "Return"))
    if row is None:
        raise refuse(path, MISSING, "NOT_FOUND")
    return row


@registry.mutation("returnApproveRequest", "input", "return userErrors")
def _approve(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _wanted(call, args["input"]["id"], ["input", "id"])
    if row["status"] != "REQUESTED":
        raise refuse(["input", "id"], NOT_APPROVABLE, "INVALID_STATE")
    returns.approve(call.store, row["id"])
    return _answer(call, row["id"])


@registry.mutation("returnDeclineRequest", "input", "return userErrors")
def _decline(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["input"]
    row = _wanted(call, given["id"], ["input", "id"])
    if row["status"] == "DECLINED":
        raise refuse(["input", "id"], "The return is already declined.", "INVALID_STATE")
    if row["status"] != "REQUESTED":
        raise refuse(["input", "id"], NOT_DECLINABLE, "INVALID_STATE")
    returns.decline(call.store, row["id"], given["declineReason"], given.get("declineNote"))
    return _answer(call, row["id"])


def _move(call: Call, identifier: str, states: tuple[str, str], values: Row) -> Row:
    row = _wanted(call, identifier, ["id"])
    before, after = states
    if row["status"] == before:
        returns.change(call.store, row["id"], values | {"status": after})
    elif row["status"] != after:
        raise refuse(["id"], BAD_STATE, "INVALID_STATE")
    return _answer(call, row["id"])


@registry.mutation("returnClose", "id", "return userErrors")
def _close(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _move(call, args["id"], ("OPEN", "CLOSED"), {"closed_at": call.store.now()})


@registry.mutation("returnReopen", "id", "return userErrors")
def _reopen(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _move(call, args["id"], ("CLOSED", "OPEN"), {"closed_at": None})


@registry.mutation("returnCancel", "id notifyCustomer", "return userErrors")
def _cancel(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _wanted(call, args["id"], ["id"])
    if row["status"] in {"DECLINED", "CLOSED"}:
        raise refuse(["id"], "Return is not cancelable.", "INVALID_STATE")
    if row["status"] != "CANCELED":
        returns.cancel(call.store, row["id"])
    return _answer(call, row["id"])


@registry.mutation("removeFromReturn", "returnId returnLineItems", "return userErrors")
def _remove(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _wanted(call, args["returnId"], ["returnId"])
    if row["status"] not in {"OPEN", "REQUESTED"}:
        raise refuse(["returnId"], BAD_STATE, "INVALID_STATE")
    given = args.get("returnLineItems") or []
    if any(one["quantity"] < 1 for one in given):
        raise refuse(None, "Quantity must be greater than 0", "GREATER_THAN")
    by_number = {line["id"]: line for line in returns.lines(call.store, row["id"])}
    errors, chosen = [], []
    for place, one in enumerate(given):
        line = by_number.get(gid.number(one["returnLineItemId"], "ReturnLineItem") or 0)
        path = ["returnLineItems", str(place)]
        if line is None:
            errors.append(user_error([*path, "returnLineItemId"], "Return line item was not found.", "NOT_FOUND"))
        elif one["quantity"] > line["quantity"]:
            errors.append(user_error([*path, "quantity"], BAD_QUANTITY, "INVALID"))
        else:
            chosen.append((line, one["quantity"]))
    if errors:
        raise UserErrors(errors)
    for line, quantity in chosen:
        returns.take_out(call.store, line, quantity)
    return _answer(call, row["id"])


@registry.field("QueryRoot", "returnCalculate", "input")
def _calculate(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    given = args["input"]
    order = orders.get(call.store, gid.number(given["orderId"], "Order"))
    if order is None:
        return None
    found = Book(call.store, order["id"])
    shipped = Reader(call, order, "input", request=False).shipped()
    rows = []
    for one in given.get("returnLineItems") or []:
        line = shipped.get(gid.number(one["fulfillmentLineItemId"], "FulfillmentLineItem") or 0)
        if line is not None:
            rows.append(_calculated_line(call, found, one, line))
    fee = given.get("returnShippingFee")
    shown = fee and {"id": calculated_id("CalculatedReturnShippingFee", order["id"])}
    identifier = calculated_id("CalculatedReturn", order["id"], call.request_id)
    calculated: Row = {"id": identifier, "returnLineItems": rows, "exchangeLineItems": []}
    return calculated | {"returnShippingFee": shown and shown | {"amountSet": bag(found, _fee(found, fee))}}


def _calculated_line(call: Call, found: Book, one: Row, line: Row) -> Row:
    row = next(entry for entry in found.lines if entry["id"] == line["line_id"])
    quantity = one["quantity"]
    subtotal, tax = refunds.part_of(found, row, quantity)
    before = found.portion(row, found.ordered(row) - found.discount_of(("line", row["id"]), line_level=True), quantity)
    shown: Row = {
        "id": calculated_id("CalculatedReturnLineItem", line["id"], quantity),
        "fulfillmentLineItem": shipped_line(call, line["id"]),
        "quantity": quantity,
        "subtotalBeforeOrderDiscountsSet": bag(found, -before),
        "subtotalSet": bag(found, -subtotal),
        "totalTaxSet": bag(found, -tax),
        "restockingFee": None,
    }
    if one.get("restockingFee"):
        percentage = one["restockingFee"]["percentage"]
        fee = {"id": calculated_id("CalculatedRestockingFee", line["id"], quantity), "percentage": percentage}
        shown["restockingFee"] = fee | {"amountSet": bag(found, fee_on(found, row, quantity, percentage))}
    return shown
