"""What the API tells of refunds: lines, shipping, duties, adjustments, payments.

Reads only.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.money import Bag, total
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers.inventory import location_source
from sandbox.shopify.resolvers.order_lines import line_source
from sandbox.shopify.resolvers.order_shipping import shipping_source
from sandbox.shopify.resolvers.order_source import bag, book, by_number, money, of, shop_money
from sandbox.shopify.resolvers.order_transactions import transaction_source
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

registry.keys("Refund", "note")
registry.keys("RefundLineItem", "quantity")
registry.keys("OrderAdjustment", "reason")
registry.keys("RefundDuty", "amountSet originalDuty")


def source(row: Row | None) -> Row | None:
    """A refund row as the executor passes it on."""
    return None if row is None else row | {"__typename": "Refund"}


@registry.field("Order", "refunds", "first")
def _refunds(row: Row, call: Call, args: dict[str, Any]) -> list[Row | None]:
    return [source(one) for one in book(call, row["id"]).refunds[: args.get("first")]]


@registry.field("QueryRoot", "refund", "id")
def _refund(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.node("Refund")
def _node(call: Call, identifier: str) -> Row | None:
    return source(call.db.get("refunds", gid.number(identifier, "Refund")))


@registry.field("Refund", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("Refund", row["id"])


@registry.field("Refund", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


for _name in ("createdAt", "updatedAt", "processedAt"):
    _column = f"{_name[:-2].lower()}_at"
    registry.field("Refund", _name)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]


@registry.field("Refund", "order")
def _order(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return by_number(call, row["order_id"])


def payments_of(found: Book, row: Row) -> list[Row]:
    """The transactions of a refund."""
    return [one for one in found.transactions if one["refund_id"] == row["id"]]


def _given_back(found: Book, row: Row) -> Bag:
    return total(Bag.read(one["amount"]) for one in payments_of(found, row) if one["status"] == "SUCCESS")


@registry.field("Refund", "totalRefundedSet")
def _total_set(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = of(call, row)
    return bag(found, _given_back(found, row))


@registry.field("Refund", "totalRefunded")
def _total(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = of(call, row)
    return shop_money(found, _given_back(found, row))


@registry.field("Refund", "transactions", registry.CONNECTION_ARGUMENTS)
def _transactions(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    rows = [shown for one in payments_of(of(call, row), row) if (shown := transaction_source(one))]
    return listed(rows, args)


def _parts(table: str, row: Row, call: Call, typename: str) -> list[Row]:
    sql = f"SELECT * FROM {table} WHERE order_id = ? AND refund_id = ? ORDER BY id"  # noqa: S608 - names are our own
    return [one | {"__typename": typename} for one in call.db.all(sql, (row["order_id"], row["id"]))]


@registry.field("Refund", "refundLineItems", registry.CONNECTION_ARGUMENTS)
def _lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(_parts("refund_lines", row, call, "RefundLineItem"), args)


@registry.field("Refund", "refundShippingLines", registry.CONNECTION_ARGUMENTS)
def _shipping(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(_parts("refund_shipping", row, call, "RefundShippingLine"), args)


@registry.field("Refund", "orderAdjustments", registry.CONNECTION_ARGUMENTS)
def _adjustments(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(_parts("refund_adjustments", row, call, "OrderAdjustment"), args)


@registry.field("Refund", "duties")
def _duties(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    found = of(call, row)
    charges = {one["id"]: one | {"__typename": "Duty"} for one in found.charges}
    rows = _parts("refund_duties", row, call, "RefundDuty")
    return [{"amountSet": bag(found, one["amount"]), "originalDuty": charges.get(one["charge_id"])} for one in rows]


# Refunded lines

for _kind in ("RefundLineItem", "RefundShippingLine", "OrderAdjustment"):
    registry.field(_kind, "id")(lambda row, _call, _args, kind=_kind: row["id"] and gid.make(kind, row["id"]))  # type: ignore[misc]


@registry.field("RefundLineItem", "lineItem")
def _line(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return line_source(call.db.get("order_lines", row["line_id"]))


@registry.field("RefundLineItem", "location")
def _location(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return location_source(call.db.get("locations", row["location_id"]))


@registry.field("RefundLineItem", "restockType")
def _restock_type(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["restock_type"])


@registry.field("RefundLineItem", "restocked")
def _restocked(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return bool(row["restocked"])


def _price(row: Row) -> Bag:
    return Bag.read(row["subtotal"]).over(row["quantity"]) if row["quantity"] else Bag()


LINE_AMOUNTS = {
    "subtotal": lambda row: Bag.read(row["subtotal"]),
    "totalTax": lambda row: Bag.read(row["tax"]),
    "price": _price,
}


def _register(name: str, value: Any) -> None:
    @registry.field("RefundLineItem", f"{name}Set")
    def _amount_set(row: Row, call: Call, _args: dict[str, Any]) -> Row:
        return bag(of(call, row), value(row))

    @registry.field("RefundLineItem", name)
    def _amount(row: Row, call: Call, _args: dict[str, Any]) -> str:
        return money(of(call, row), value(row))


for _name, _value in LINE_AMOUNTS.items():
    _register(_name, _value)


@registry.field("RefundShippingLine", "shippingLine")
def _shipping_line(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return shipping_source(call.db.get("order_shipping", row["shipping_id"]))


for _kind, _name, _column in (
    ("RefundShippingLine", "subtotalAmountSet", "subtotal"),
    ("RefundShippingLine", "taxAmountSet", "tax"),
    ("OrderAdjustment", "amountSet", "amount"),
    ("OrderAdjustment", "taxAmountSet", "tax"),
):
    registry.field(_kind, _name)(lambda row, call, _args, column=_column: bag(of(call, row), row[column]))  # type: ignore[misc]
