"""What the API tells of checkouts that their buyers left: lists, own fields, lines.

Reads only. Prices are those that the buyer saw, without taxes and discounts; lines are known by their words alone.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.money import Bag, Pair
from sandbox.shopify.paging import Connection, Order, listed
from sandbox.shopify.resolvers import customers as customer_reads
from sandbox.shopify.store import abandoned, customers
from sandbox.shopify.store.database import Row

ORDERS = {
    "ID": Order("a.id"),
    "CHECKOUT_ID": Order("a.id"),
    "CREATED_AT": Order("a.created_at", time=True),
}
KIND = Kind("AbandonedCheckout", "a.*", "abandoned_checkouts a", "a.id", ORDERS, "a.updated_at")
LINE = "AbandonedCheckoutLineItem"
registry.keys("AbandonedCheckout", "note")
registry.keys(LINE, "title sku quantity")


def source(row: Row | None) -> Row | None:
    """A checkout as the executor passes it on."""
    return None if row is None else row | {"__typename": "AbandonedCheckout"}


@registry.field("QueryRoot", "abandonedCheckouts", f"{registry.CONNECTION_ARGUMENTS} query sortKey")
def _all(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    found = lists.connection(call, KIND, args)
    rows = [source(row) or row for row in found.rows]
    return Connection(rows, found.has_next, found.has_previous, found.cursor_of)


@registry.field("QueryRoot", "abandonedCheckoutsCount", "query limit")
def _count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return lists.count(call, KIND, args)


@registry.node("AbandonedCheckout")
def _node(call: Call, identifier: str) -> Row | None:
    return source(abandoned.get(call.store, gid.number(identifier, "AbandonedCheckout")))


@registry.field("AbandonedCheckout", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("AbandonedCheckout", row["id"])


@registry.field("AbandonedCheckout", "name")
def _name(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return f"#{row['id']}"


@registry.field("AbandonedCheckout", "abandonedCheckoutUrl")
def _url(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return f"https://{call.store.config.shop}/checkouts/ac/{row['id']}/recover"


for _field, _column in (("createdAt", "created_at"), ("updatedAt", "updated_at"), ("completedAt", "completed_at")):
    registry.field("AbandonedCheckout", _field)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]


@registry.field("AbandonedCheckout", "taxesIncluded")
def _taxes_included(_row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return False


@registry.field("AbandonedCheckout", "discountCodes")
def _codes(_row: Row, _call: Call, _args: dict[str, Any]) -> list[str]:
    return []


@registry.field("AbandonedCheckout", "lineItemsQuantity")
def _quantity(row: Row, call: Call, _args: dict[str, Any]) -> int:
    return sum(line["quantity"] for line in abandoned.lines(call.store, row["id"]))


for _field in ("totalPriceSet", "subtotalPriceSet", "totalLineItemsPriceSet"):
    registry.field("AbandonedCheckout", _field)(lambda row, _call, _args: _bag(row, Decimal(row["total"])))
for _field in ("totalDiscountSet", "totalTaxSet", "totalDutiesSet"):
    registry.field("AbandonedCheckout", _field)(lambda row, _call, _args: _bag(row, Decimal(0)))


def _bag(row: Row, value: Decimal) -> Row:
    return Bag.of(value).shown(Pair(row["currency"], row["currency"]))


@registry.field("AbandonedCheckout", "customer")
def _customer(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return customer_reads.source(customers.get(call.store, row["customer_id"]))


@registry.field("AbandonedCheckout", "lineItems", registry.CONNECTION_ARGUMENTS)
def _lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    found = abandoned.lines(call.store, row["id"])
    return listed([line | {"__typename": LINE, "currency": row["currency"]} for line in found], args)


@registry.field(LINE, "id")
def _line_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make(LINE, row["id"])


@registry.field(LINE, "variantTitle")
def _variant_title(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    return None


for _field in ("image", "product", "variant"):
    registry.field(LINE, _field)(lambda _row, _call, _args: None)
for _kind in ("AbandonedCheckout", LINE):
    registry.field(_kind, "customAttributes")(lambda _row, _call, _args: [])
for _field in ("originalUnitPriceSet", "discountedUnitPriceSet", "discountedUnitPriceWithCodeDiscount"):
    registry.field(LINE, _field)(lambda row, _call, _args: _bag(row, Decimal(row["price"])))
for _field in ("originalTotalPriceSet", "discountedTotalPriceSet", "discountedTotalPriceWithCodeDiscount"):
    registry.field(LINE, _field)(lambda row, _call, _args: _bag(row, Decimal(row["price"]) * row["quantity"]))
