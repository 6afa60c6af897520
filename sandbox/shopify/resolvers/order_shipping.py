"""Shipping lines, duties and additional fees of an order.

Reads only. A removed shipping line is kept and shown only when it is asked for.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.money import Bag
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers.order_source import bag, book, money, of, shop_money
from sandbox.shopify.resolvers.order_taxes import taxes
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

registry.keys("ShippingLine", "title code source phone carrierIdentifier")


def shipping_source(row: Row | None) -> Row | None:
    """A shipping line row as the executor passes it on."""
    return None if row is None else row | {"__typename": "ShippingLine"}


def shown(found: Book, removed: bool = False) -> list[Row]:
    """The shipping lines of an order, with those removed only when asked for."""
    return [row | {"__typename": "ShippingLine"} for row in found.shipping if removed or not row["removed"]]


@registry.field("Order", "shippingLines", f"{registry.CONNECTION_ARGUMENTS} includeRemovals")
def _lines(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    return listed(shown(book(call, row["id"]), bool(args.get("includeRemovals"))), args)


@registry.field("Order", "shippingLine")
def _line(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return next(iter(shown(book(call, row["id"]))), None)


@registry.field("ShippingLine", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("ShippingLine", row["id"])


for _field, _column in {"custom": "custom", "isRemoved": "removed"}.items():
    registry.field("ShippingLine", _field)(lambda row, _call, _args, column=_column: bool(row[column]))  # type: ignore[misc]


@registry.field("ShippingLine", "deliveryCategory")
def _category(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    # Only rates of carriers and checkouts have one, and no order here comes from either.
    return None


@registry.field("ShippingLine", "originalPriceSet")
def _original(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return bag(of(call, row), row["price"])


@registry.field("ShippingLine", "originalPrice")
def _original_money(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return shop_money(of(call, row), row["price"])


@registry.field("ShippingLine", "price")
def _price(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return money(of(call, row), row["price"])


@registry.field("ShippingLine", "discountedPriceSet")
def _discounted(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = of(call, row)
    return bag(found, found.shipping_net(row))


@registry.field("ShippingLine", "discountedPrice")
def _discounted_money(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = of(call, row)
    return shop_money(found, found.shipping_net(row))


@registry.field("ShippingLine", "currentDiscountedPriceSet")
def _current(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = of(call, row)
    return bag(found, found.current_shipping_of(row))


# Duties and fees

registry.keys("AdditionalFee", "name")
registry.keys("Duty", "harmonizedSystemCode")


@registry.field("Order", "additionalFees")
def _fees(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
    charges = book(call, row["id"]).charges
    return [one | {"__typename": "AdditionalFee"} for one in charges if one["kind"] == "fee"]


@registry.field("Duty", "countryCodeOfOrigin")
def _origin(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return row["country_code"]  # type: ignore[no-any-return]


def _register(kind: str) -> None:
    @registry.field(kind, "id")
    def _charge_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
        return gid.make(kind, row["id"])

    @registry.field(kind, "price")
    def _charge_price(row: Row, call: Call, _args: dict[str, Any]) -> Row:
        return bag(of(call, row), Bag.read(row["price"]))

    @registry.field(kind, "taxLines")
    def _charge_taxes(row: Row, call: Call, _args: dict[str, Any]) -> list[Row]:
        return taxes(of(call, row), ("charge", row["id"]))


for _kind in ("AdditionalFee", "Duty"):
    _register(_kind)
