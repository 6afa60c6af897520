"""The refund that an order suggests for some lines, shipping and duties, before one is made.

Reads only. Counted by the same rules as the refund itself; money goes back over the payments it came in by.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call
from sandbox.shopify.money import Bag, total
from sandbox.shopify.mutations import refunds as inputs
from sandbox.shopify.resolvers.order_source import bag, book, money
from sandbox.shopify.resolvers.order_transactions import transaction_source
from sandbox.shopify.store import order_payments as payments
from sandbox.shopify.store import refunds
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

SETS = ("amountSet", "discountedSubtotalSet", "maximumRefundableSet", "subtotalSet", "totalCartDiscountAmountSet")
registry.keys("SuggestedRefund", " ".join((*SETS, "totalDutiesSet", "totalTaxSet", "amount", "maximumRefundable")))
registry.keys("SuggestedRefund", "subtotal totalTaxes refundDuties refundLineItems shipping suggestedTransactions")
registry.keys("SuggestedRefund", "suggestedRefundMethods")
registry.keys("ShippingRefund", "amountSet maximumRefundableSet taxSet amount maximumRefundable tax")
registry.keys("SuggestedOrderTransaction", "amountSet maximumRefundableSet gateway formattedGateway kind amount")
registry.keys("SuggestedOrderTransaction", "maximumRefundable parentTransaction accountNumber paymentDetails")
ARGUMENTS = "refundDuties refundLineItems refundShipping shippingAmount suggestFullRefund refundMethodAllocation"


@registry.field("Order", "suggestedRefund", ARGUMENTS)
def _suggested(row: Row, call: Call, args: dict[str, Any]) -> Row:
    if args.get("refundMethodAllocation") == "STORE_CREDIT":
        raise registry.not_built("suggestedRefund(refundMethodAllocation: STORE_CREDIT)")
    found = book(call, row["id"])
    refund = _wanted(found, args)
    lines = [(entry, refunds.part_of(found, entry[0], entry[1])) for entry in refund.lines]
    taxes = [tax for _, (_, tax) in lines] + [refunds.shipping_tax(found, line, part) for line, part in refund.shipping]
    amount = _capped(refunds.worth(found, refund), payments.net(found))
    sums = {
        "amount": amount,
        "maximumRefundable": payments.net(found),
        "subtotal": total(subtotal for _, (subtotal, _) in lines),
        "totalTaxes": total(taxes),
    }
    shown: Row = {name: money(found, value) for name, value in sums.items()}
    shown |= {
        "amountSet": bag(found, amount),
        "maximumRefundableSet": bag(found, sums["maximumRefundable"]),
        "subtotalSet": bag(found, sums["subtotal"]),
        "discountedSubtotalSet": bag(found, sums["subtotal"]),
        "totalTaxSet": bag(found, sums["totalTaxes"]),
        "totalDutiesSet": bag(found, total(value for _, value in refund.duties)),
        "totalCartDiscountAmountSet": bag(found, total(_cart_discount(found, *entry[:2]) for entry in refund.lines)),
        "refundLineItems": [_line(found, entry, *parts) for entry, parts in lines],
        "refundDuties": [
            {"amountSet": bag(found, value), "originalDuty": duty | {"__typename": "Duty"}}
            for duty, value in refund.duties
        ],
        "shipping": _shipping(found, refund),
        "suggestedTransactions": [_payment(call, found, one) for one in refunds.back(found, amount)],
        "suggestedRefundMethods": [],
    }
    return shown


def _capped(wanted: Bag, most: Bag) -> Bag:
    return Bag(min(wanted.shop, most.shop), min(wanted.presentment, most.presentment)).floored()


def _wanted(found: Book, args: dict[str, Any]) -> refunds.Refund:
    if args.get("suggestFullRefund"):
        return refunds.everything(found, "NO_RESTOCK")
    shipping: Row = {"fullRefund": args.get("refundShipping"), "amount": args.get("shippingAmount")}
    return refunds.Refund(
        lines=inputs.read_lines(found, args.get("refundLineItems") or []),
        shipping=inputs.read_shipping(found, shipping),
        duties=inputs.read_duties(found, args.get("refundDuties") or []),
    )


def _cart_discount(found: Book, line: Row, quantity: int) -> Bag:
    target = ("line", line["id"])
    whole = found.discount_of(target) - found.discount_of(target, line_level=True)
    return found.portion(line, whole, quantity)


def _line(found: Book, entry: tuple[Row, int, str, int | None], subtotal: Bag, tax: Bag) -> Row:
    line, quantity, restock, location = entry
    row = {"id": None, "order_id": found.number, "line_id": line["id"], "quantity": quantity, "restocked": 0}
    row |= {"restock_type": restock, "location_id": location, "__typename": "RefundLineItem"}
    return row | {"subtotal": subtotal.write(), "tax": tax.write()}


def _shipping(found: Book, refund: refunds.Refund) -> Row:
    amounts = {
        "amount": total(part for _, part in refund.shipping),
        "maximumRefundable": found.current_shipping,
        "tax": total(refunds.shipping_tax(found, line, part) for line, part in refund.shipping),
    }
    return {name: money(found, value) for name, value in amounts.items()} | {
        f"{name}Set": bag(found, value) for name, value in amounts.items()
    }


def _payment(call: Call, found: Book, payment: Row) -> Row:
    parent = call.db.get("order_transactions", payment["parent_id"])
    left = next(left for row, left in refunds.refundable_payments(found) if row["id"] == payment["parent_id"])
    return {
        "amountSet": bag(found, payment["amount"]),
        "maximumRefundableSet": bag(found, left),
        "amount": money(found, payment["amount"]),
        "maximumRefundable": money(found, left),
        "gateway": payment["gateway"],
        "formattedGateway": payment["gateway"],
        "kind": "SUGGESTED_REFUND",
        "parentTransaction": transaction_source(parent),
        "accountNumber": None,
        "paymentDetails": None,
    }
