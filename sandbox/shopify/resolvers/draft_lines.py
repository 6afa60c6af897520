"""What the API tells of the lines of draft orders and of calculated ones, and what goes with a draft order's lists.

Reads only.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.money import Bag
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers.draft_orders import book, discount_source
from sandbox.shopify.resolvers.order_source import shop_money
from sandbox.shopify.resolvers.products import source as product_source
from sandbox.shopify.resolvers.variants import source as variant_source
from sandbox.shopify.store import products, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.draft_book import DraftBook

GRAMS = {
    "GRAMS": Decimal(1),
    "KILOGRAMS": Decimal(1000),
    "OUNCES": Decimal("28.349523125"),
    "POUNDS": Decimal("453.59237"),
}
SAVED, CALCULATED = "DraftOrderLineItem", "CalculatedDraftOrderLineItem"
for _kind in (SAVED, CALCULATED):
    registry.keys(_kind, "title variantTitle sku vendor quantity uuid")
registry.keys("DraftOrderAvailableDeliveryOptions", "availableShippingRates availableLocalDeliveryRates")
registry.keys("DraftOrderAvailableDeliveryOptions", "availableLocalPickupOptions pageInfo")
registry.inputs(
    "DraftOrderAvailableDeliveryOptionsInput", "lineItems shippingAddress marketRegionCountryCode appliedDiscount"
)


def _sourced(found: DraftBook, kind: str) -> list[Row]:
    return [line | {"__typename": kind, "book": found} for line in found.lines]


@registry.field("DraftOrder", "lineItems", registry.CONNECTION_ARGUMENTS)
def _lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(_sourced(book(call, row), SAVED), args)


@registry.field("CalculatedDraftOrder", "lineItems")
def _calculated(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    return _sourced(book(call, row), CALCULATED)


@registry.node("DraftOrderLineItem")
def _node(call: Call, identifier: str) -> Row | None:
    row = call.db.get("draft_lines", gid.number(identifier, SAVED))
    owner = call.db.get("draft_orders", row["draft_id"]) if row else None
    if row is None or owner is None:
        return None
    return row | {"__typename": SAVED, "book": book(call, owner)}


@registry.field("DraftOrderLineItem", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("DraftOrderLineItem", row["id"])


def _both(name: str) -> Callable[[registry.Resolver], registry.Resolver]:
    def register(function: registry.Resolver) -> registry.Resolver:
        for kind in (SAVED, CALCULATED):
            registry.field(kind, name)(function)
        return function

    return register


@_both("name")
def _name(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return " - ".join(part for part in (row["title"], row["variant_title"]) if part)


_both("custom")(lambda row, _call, _args: row["variant_id"] is None)
_both("requiresShipping")(lambda row, _call, _args: bool(row["requires_shipping"]))
_both("taxable")(lambda row, _call, _args: bool(row["taxable"]))
_both("isGiftCard")(lambda row, _call, _args: bool(row["gift_card"]))
registry.field(SAVED, "taxLines")(lambda _row, _call, _args: [])


@_both("customAttributes")
def _attributes(row: Row, _call: Call, _args: dict[str, Any]) -> list[Row]:
    kept = row["custom_attributes"]
    return list(json.loads(kept) if isinstance(kept, str) else kept)


@_both("variant")
def _variant(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return variant_source(variants.get(call.store, row["variant_id"]))


@_both("product")
def _product(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return product_source(products.get(call.store, row["product_id"]))


@_both("weight")
def _weight(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    if row["weight_unit"] is None:
        return None
    return {"value": row["weight_value"], "unit": row["weight_unit"]}


def grams(row: Row) -> int:
    """What one unit of a line weighs."""
    return round(Decimal(str(row["weight_value"] or 0)) * GRAMS[row["weight_unit"] or "GRAMS"])


@registry.field(SAVED, "grams")
def _grams(row: Row, _call: Call, _args: dict[str, Any]) -> int | None:
    return None if row["weight_unit"] is None else grams(row)


@registry.field("DraftOrder", "totalWeight")
def _total_weight(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return str(sum(grams(line) * line["quantity"] for line in book(call, row).lines))


@_both("appliedDiscount")
def _discount(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    found: DraftBook = row["book"]
    given = json.loads(row["discount"]) if row["discount"] else None
    return discount_source(found, given, found.discount_of(row))


@_both("priceOverride")
def _override(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    found: DraftBook = row["book"]
    if not row["override"]:
        return None
    return Bag.read(row["override"]).shown(found.pair)["presentmentMoney"]  # type: ignore[no-any-return]


@_both("originalUnitPriceWithCurrency")
def _with_currency(row: Row, _call: Call, _args: dict[str, Any]) -> Row | None:
    found: DraftBook = row["book"]
    if row["variant_id"] is not None:
        return None
    return Bag.read(row["price"]).shown(found.pair)["presentmentMoney"]  # type: ignore[no-any-return]


def _each(found: DraftBook, row: Row) -> Bag:
    return found.net(row).over(row["quantity"]).rounded(found.pair)


AMOUNTS: dict[str, Callable[[DraftBook, Row], Bag]] = {
    "originalUnitPrice": lambda found, row: found.unit(row),
    "originalTotal": lambda found, row: found.ordered(row),
    "discountedTotal": lambda found, row: found.net(row),
    "discountedUnitPrice": _each,
    "totalDiscount": lambda found, row: found.discount_of(row),
}


def _amount(name: str, of: Callable[[DraftBook, Row], Bag]) -> None:
    def as_bag(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
        return of(row["book"], row).shown(row["book"].pair)

    def as_money(row: Row, _call: Call, _args: dict[str, Any]) -> str:
        return f"{of(row['book'], row).rounded(row['book'].pair).shop:f}"

    _both(f"{name}Set")(as_bag)
    registry.field(SAVED, name)(as_money)
    registry.field(CALCULATED, name)(lambda row, _call, _args: shop_money(row["book"], of(row["book"], row)))


for _field, _of in AMOUNTS.items():
    _amount(_field, _of)


@_both("approximateDiscountedUnitPriceSet")
def _approximate(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return _each(row["book"], row).shown(row["book"].pair)


# No shipping rates, local delivery or pickup are set up in a sandbox's shop: there is nothing to offer.


@registry.field(
    "QueryRoot", "draftOrderAvailableDeliveryOptions", "input search localPickupFrom localPickupCount sessionToken"
)
def _delivery(_source: Any, _call: Call, _args: dict[str, Any]) -> Row:
    names = ("availableShippingRates", "availableLocalDeliveryRates", "availableLocalPickupOptions")
    info = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    return {name: [] for name in names} | {"pageInfo": info}


registry.keys("DraftOrderShippingRate", "code handle price source title")
registry.keys("PickupInStoreLocation", "title code instructions handle locationId source")
registry.keys("ShippingRate", "handle title price")
