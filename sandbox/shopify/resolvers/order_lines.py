"""Line items: what was ordered, what is left of it, what it costs.

Reads only. A line keeps the titles and price it was ordered with; product and variant are looked up and may be gone.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.money import Bag
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.resolvers.order_source import bag, book, money, of
from sandbox.shopify.resolvers.products import source as product_source
from sandbox.shopify.resolvers.variants import source as variant_source
from sandbox.shopify.store import products, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book, share_of

registry.keys("LineItem", "title variantTitle sku vendor quantity")
registry.keys("Attribute", "key value")
FLAGS = {"requiresShipping": "requires_shipping", "taxable": "taxable", "isGiftCard": "gift_card"}


def line_source(row: Row | None) -> Row | None:
    """A line item row as the executor passes it on."""
    return None if row is None else row | {"__typename": "LineItem"}


@registry.field("Order", "lineItems", registry.CONNECTION_ARGUMENTS)
def _lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    select = Select("l.*", "order_lines l", "l.order_id = ?", [row["id"]], "l.id", Order("l.id"))
    return _typed(page(call.db, select, args))


def _typed(found: Connection) -> Connection:
    rows = [one | {"__typename": "LineItem"} for one in found.rows]
    return Connection(rows, found.has_next, found.has_previous, found.cursor_of)


@registry.field("Order", "nonFulfillableLineItems", registry.CONNECTION_ARGUMENTS)
def _not_fulfillable(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    found = book(call, row["id"])
    gone = [line["id"] for line in found.lines if not found.current_quantity(line)]
    marks = ", ".join("?" * len(gone))
    where = f"l.order_id = ? AND l.id IN ({marks})"
    select = Select("l.*", "order_lines l", where, [row["id"], *gone], "l.id", Order("l.id"))
    return _typed(page(call.db, select, args))


@registry.node("LineItem")
def _node(call: Call, identifier: str) -> Row | None:
    return line_source(call.db.get("order_lines", gid.number(identifier, "LineItem")))


@registry.field("LineItem", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("LineItem", row["id"])


@registry.field("LineItem", "name")
def _name(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return " - ".join(part for part in (row["title"], row["variant_title"]) if part)


for _field, _column in FLAGS.items():
    registry.field("LineItem", _field)(lambda row, _call, _args, column=_column: bool(row[column]))  # type: ignore[misc]


@registry.field("LineItem", "customAttributes")
def _attributes(row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    return list(json.loads(row["custom_attributes"]))


@registry.field("LineItem", "product")
def _product(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return product_source(products.get(call.store, row["product_id"]))


@registry.field("LineItem", "variant")
def _variant(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return variant_source(variants.get(call.store, row["variant_id"]))


@registry.field("LineItem", "weight")
def _weight(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    if row["weight_unit"] is None:
        return None
    return {"value": row["weight_value"], "unit": row["weight_unit"]}


# Quantities

Count = Callable[[Book, Row], int]


QUANTITIES: dict[str, Count] = {
    "currentQuantity": lambda found, line: found.current_quantity(line),
    "refundableQuantity": lambda found, line: found.current_quantity(line),
    "unfulfilledQuantity": lambda found, line: found.unfulfilled_quantity(line),
    "nonFulfillableQuantity": lambda found, line: line["quantity"] - found.current_quantity(line),
}


def _register_quantity(name: str, value: Count) -> None:
    @registry.field("LineItem", name)
    def _quantity(row: Row, call: Call, _args: dict[str, Any]) -> int:
        return value(of(call, row), row)


for _field, _count in QUANTITIES.items():
    _register_quantity(_field, _count)


@registry.field("LineItem", "fulfillmentStatus")
def _status(row: Row, call: Call, _args: dict[str, Any]) -> str:
    found = of(call, row)
    shipped = found.fulfilled.get(row["id"], 0)
    if shipped and not found.unfulfilled_quantity(row):
        return "fulfilled"
    return "partial" if shipped else "unfulfilled"


@registry.field("LineItem", "restockable")
def _restockable(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return is_restockable(call, of(call, row), row)


@registry.field("LineItem", "canRestock")
def _can_restock(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return is_restockable(call, of(call, row), row)


def is_restockable(call: Call, found: Book, line: Row) -> bool:
    """True for a line of a variant that is still there and still has units to take back."""
    return variants.get(call.store, line["variant_id"]) is not None and found.current_quantity(line) > 0


@registry.field("LineItem", "merchantEditable")
def _editable(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    found = of(call, row)
    return found.order["cancelled_at"] is None and found.unfulfilled_quantity(row) > 0


# Money

Amount = Callable[[Book, Row], Bag]


def discounted(found: Book, line: Row, codes: bool = False) -> Bag:
    """The line after the discounts of its own; those by code only when asked for."""
    return found.ordered(line) - found.discount_of(("line", line["id"]), line_level=not codes, codes=codes)


def _unit(found: Book, line: Row, whole: Bag) -> Bag:
    del found
    return whole.over(line["quantity"]) if line["quantity"] else Bag()


def _open_part(found: Book, line: Row, whole: Bag) -> Bag:
    return share_of(whole, found.unfulfilled_quantity(line), line["quantity"])


def before_tax(found: Book, line: Row) -> Bag:
    """What is left of the line after all discounts, without the taxes that its price includes."""
    left = found.current_net(line)
    if not found.taxes_included:
        return left
    for _, amount in found.current_taxes(("line", line["id"])):
        left = left - amount
    return left


SETS: dict[str, Amount] = {
    "originalUnitPriceSet": lambda _found, line: Bag.read(line["price"]),
    "originalTotalSet": lambda found, line: found.ordered(line),
    "discountedUnitPriceSet": lambda found, line: _unit(found, line, discounted(found, line)),
    "discountedUnitPriceAfterAllDiscountsSet": lambda found, line: _unit(found, line, found.net(line)),
    "totalDiscountSet": lambda found, line: found.discount_of(("line", line["id"]), line_level=True),
    "unfulfilledOriginalTotalSet": lambda found, line: _open_part(found, line, found.ordered(line)),
    "unfulfilledDiscountedTotalSet": lambda found, line: _open_part(found, line, discounted(found, line)),
    "priceAfterAllDiscountsBeforeTaxesSet": before_tax,
}
SCALARS = {
    "originalUnitPrice": "originalUnitPriceSet",
    "originalTotal": "originalTotalSet",
    "discountedUnitPrice": "discountedUnitPriceSet",
    "totalDiscount": "totalDiscountSet",
    "unfulfilledOriginalTotal": "unfulfilledOriginalTotalSet",
    "unfulfilledDiscountedTotal": "unfulfilledDiscountedTotalSet",
}


def _register(name: str, value: Amount, scalar: str | None) -> None:
    @registry.field("LineItem", name)
    def _set(row: Row, call: Call, _args: dict[str, Any]) -> Row:
        found = of(call, row)
        return bag(found, value(found, row))

    if scalar is None:
        return

    @registry.field("LineItem", scalar)
    def _scalar(row: Row, call: Call, _args: dict[str, Any]) -> str:
        found = of(call, row)
        return money(found, value(found, row))


for _field, _amount in SETS.items():
    _register(_field, _amount, next((old for old, new in SCALARS.items() if new == _field), None))


@registry.field("LineItem", "discountedTotalSet", "withCodeDiscounts")
def _discounted_total(row: Row, call: Call, args: dict[str, Any]) -> Row:
    found = of(call, row)
    return bag(found, discounted(found, row, bool(args.get("withCodeDiscounts"))))


@registry.field("LineItem", "discountedTotal")
def _discounted_total_scalar(row: Row, call: Call, _args: dict[str, Any]) -> str:
    found = of(call, row)
    return money(found, discounted(found, row))


@registry.field("LineItem", "duties")
def _duties(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    charges = of(call, row).charges
    return [one | {"__typename": "Duty"} for one in charges if one["kind"] == "duty" and one["line_id"] == row["id"]]


def grams(line: Row) -> Decimal:
    """What one unit of a line weighs."""
    return Decimal(str(line["weight_value"] or 0)) * GRAMS[line["weight_unit"] or "GRAMS"]


GRAMS = {
    "GRAMS": Decimal(1),
    "KILOGRAMS": Decimal(1000),
    "OUNCES": Decimal("28.349523125"),
    "POUNDS": Decimal("453.59237"),
}
