"""Tax lines and discounts as orders, lines and shipping lines show them.

Reads only. Tax lines of an order are summed by title and rate, as the schema says of Order.taxLines.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call
from sandbox.shopify.money import Bag
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers.order_source import bag, book, money, of, presentment_money, shop_money
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book, Target

registry.keys("TaxLine", "title rate ratePercentage channelLiable source priceSet price")
registry.keys("PricingPercentageValue", "percentage")

APPLICATIONS = {
    "DISCOUNT_CODE": "DiscountCodeApplication",
    "MANUAL": "ManualDiscountApplication",
    "AUTOMATIC": "AutomaticDiscountApplication",
    "SCRIPT": "ScriptDiscountApplication",
}
for _kind in APPLICATIONS.values():
    registry.keys(_kind, "index allocationMethod targetSelection targetType value")
for _kind in ("ManualDiscountApplication", "AutomaticDiscountApplication", "ScriptDiscountApplication"):
    registry.keys(_kind, "title")
registry.keys("DiscountCodeApplication", "code")
registry.keys("ManualDiscountApplication", "description")
registry.keys("DiscountAllocation", "allocatedAmountSet allocatedAmount discountApplication")


def tax(found: Book, row: Row, amount: Bag) -> Row:
    """One tax line with an amount."""
    rate = float(Decimal(row["rate"]))
    return {
        "title": row["title"],
        "rate": rate,
        "ratePercentage": float(Decimal(row["rate"]) * 100),
        "channelLiable": None if row["channel_liable"] is None else bool(row["channel_liable"]),
        "source": row["source"],
        "priceSet": bag(found, amount),
        "price": money(found, amount),
    }


def taxes(found: Book, target: Target) -> list[Row]:
    """The tax lines of a line, shipping line or charge, removed and refunded units included."""
    return [tax(found, row, Bag.read(row["amount"])) for row in found.taxes_of[target]]


def summed(found: Book, lines: Iterable[tuple[Row, Bag]]) -> list[Row]:
    """Tax lines added up by title and rate."""
    first: dict[tuple[str, Decimal], Row] = {}
    sums: dict[tuple[str, Decimal], Bag] = {}
    for row, amount in lines:
        key = (row["title"], Decimal(row["rate"]))
        first.setdefault(key, row)
        sums[key] = sums.get(key, Bag()) + amount
    return [tax(found, first[key], amount) for key, amount in sums.items()]


@registry.field("Order", "taxLines")
def _tax_lines(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    found = book(call, row["id"])
    return summed(found, ((one, Bag.read(one["amount"])) for one in found.taxes))


@registry.field("Order", "currentTaxLines")
def _current_tax_lines(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    found = book(call, row["id"])
    left = (pair for target in list(found.taxes_of) for pair in found.current_taxes(target))
    return summed(found, (pair for pair in left if pair[1]))


@registry.field("LineItem", "taxLines", "first")
def _line_taxes(row: Row, call: Call, args: dict[str, Any]) -> list[Row]:
    return taxes(of(call, row), ("line", row["id"]))[: args.get("first")]


@registry.field("ShippingLine", "taxLines")
def _shipping_taxes(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return taxes(of(call, row), ("shipping", row["id"]))


def application(found: Book, row: Row) -> Row:
    """A discount application as the API shows it."""
    shown: Row = {
        "__typename": APPLICATIONS[row["kind"]],
        "id": row["id"],
        "index": found.discounts.index(row),
        "allocationMethod": row["allocation_method"],
        "targetSelection": row["target_selection"],
        "targetType": row["target_type"],
        "code": row["code"],
        "title": row["title"] or "",
        "description": row["description"],
    }
    if row["value_type"] == "percentage":
        return shown | {"value": {"__typename": "PricingPercentageValue", "percentage": float(row["value"])}}
    # In the currency the buyer saw, as the codes of a shop are converted for him.
    return shown | {"value": {"__typename": "MoneyV2"} | presentment_money(found, row["value"])}


@registry.field("Order", "discountApplications", registry.CONNECTION_ARGUMENTS)
def _applications(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    found = book(call, row["id"])
    return listed([application(found, one) for one in found.discounts if not one["added"]], args)


def allocations(found: Book, target: Target) -> list[Row]:
    """What each discount takes off a line or shipping line."""
    by_number = {row["id"]: row for row in found.discounts}
    return [
        {
            "allocatedAmountSet": bag(found, share["amount"]),
            "allocatedAmount": shop_money(found, share["amount"]),
            "discountApplication": application(found, by_number[share["discount_id"]]),
        }
        for share in found.shares[target]
    ]


@registry.field("LineItem", "discountAllocations")
def _line_allocations(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return allocations(of(call, row), ("line", row["id"]))


@registry.field("ShippingLine", "discountAllocations")
def _shipping_allocations(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return allocations(of(call, row), ("shipping", row["id"]))


@registry.field("Order", "discountCodes")
def _codes(row: Row, call: Call, _args: dict[str, Any]) -> list[str]:
    return [one["code"] for one in book(call, row["id"]).discounts if one["code"]]


@registry.field("Order", "discountCode")
def _code(row: Row, call: Call, args: dict[str, Any]) -> str | None:
    return next(iter(_codes(row, call, args)), None)
