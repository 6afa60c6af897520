"""Lines, shipping, taxes and the discount code of orderCreate, as parts of a new order.

What a line does not say comes from its variant; a variant that is not there counts as not given (recorded).
It writes nothing.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, user_error
from sandbox.shopify.money import Bag, Pair, spread, total
from sandbox.shopify.mutations import order_amounts
from sandbox.shopify.store import products, variants
from sandbox.shopify.store.database import Row

registry.inputs(
    "OrderCreateLineItemInput",
    "title variantTitle variantId productId quantity priceSet sku vendor requiresShipping taxable giftCard taxLines "
    "properties weight fulfillmentService",
)
registry.inputs("OrderCreateLineItemPropertyInput", "name value")
registry.inputs("OrderCreateTaxLineInput", "title rate priceSet channelLiable")
registry.inputs("OrderCreateShippingLineInput", "title code source priceSet taxLines")
registry.inputs("OrderCreateDiscountCodeInput", "itemFixedDiscountCode itemPercentageDiscountCode")
registry.inputs("OrderCreateDiscountCodeInput", "freeShippingDiscountCode")
registry.inputs("OrderCreateFixedDiscountCodeAttributesInput", "code amountSet")
registry.inputs("OrderCreatePercentageDiscountCodeAttributesInput", "code percentage")
registry.inputs("OrderCreateFreeShippingDiscountCodeAttributesInput", "code")
registry.inputs("WeightInput", "value unit")

CODE = {"kind": "DISCOUNT_CODE", "allocation_method": "ACROSS", "target_selection": "ALL", "target_type": "LINE_ITEM"}


def problems(call: Call, given: Row) -> list[Row]:
    """What is wrong with the lines and taxes of an order."""
    lines = given.get("lineItems") or []
    if not lines:
        return [user_error(["order", "lineItems"], "Line items must have at least one line item", "INVALID")]
    errors: list[Row] = []
    if any(_title(call, line) is None for line in lines):
        errors.append(user_error(["order"], "Order Line items is invalid", "INVALID"))
        errors += [
            user_error(["order", "lineItems"], f"Line items {name} can't be blank", "INVALID")
            for name in ("Name", "Title")
        ]
    if any(line["quantity"] < 1 for line in lines):
        message = "Line items Quantity must be greater than 0"
        errors.append(user_error(["order", "lineItems"], message, "INVALID"))
    for name in ("lineItems", "shippingLines"):
        errors += _rates(name, given.get(name) or [])
    if given.get("taxLines") and any(line.get("taxLines") for line in lines):
        message = "Tax lines must be associated with either order or line item but not both"
        errors.append(user_error(["order", "taxLines"], message, "INVALID"))
    return errors


def _rates(name: str, given: list[Row]) -> list[Row]:
    return [
        user_error(
            ["order", name, str(place), "taxLines", str(number), "rate"], "Rate can't be blank", "TAX_LINE_RATE_MISSING"
        )
        for place, line in enumerate(given)
        for number, tax in enumerate(line.get("taxLines") or [])
        if tax["rate"] is None or str(tax["rate"]).strip() == ""
    ]


def _variant(call: Call, given: Row) -> Row | None:
    return variants.get(call.store, gid.number(given.get("variantId"), "ProductVariant"))


def _title(call: Call, given: Row) -> str | None:
    variant = _variant(call, given)
    if given.get("title"):
        return str(given["title"])
    product = products.get(call.store, variant["product_id"]) if variant else None
    return product["title"] if product else None


def line(call: Call, given: Row) -> Row:
    """One line as a row of the store."""
    variant = _variant(call, given)
    row: Row = {
        "title": _title(call, given),
        "variant_title": given.get("variantTitle"),
        "sku": given.get("sku"),
        "vendor": given.get("vendor"),
        "product_id": _product_number(call, given),
        "quantity": given["quantity"],
        "price": order_amounts.read(given.get("priceSet")),
        "requires_shipping": int(bool(given.get("requiresShipping"))),
        "gift_card": int(bool(given.get("giftCard"))),
        "taxable": int(bool(given.get("taxable", True)) and not given.get("giftCard")),
        "custom_attributes": [{"key": one["name"], "value": one["value"]} for one in given.get("properties") or []],
        "fulfillment_service": given.get("fulfillmentService") or "manual",
    }
    if given.get("weight"):
        row |= {"weight_value": given["weight"]["value"], "weight_unit": given["weight"]["unit"]}
    return row if variant is None else of_variant(call, variant, row, "priceSet" in given)


def _product_number(call: Call, given: Row) -> int | None:
    product = products.get(call.store, gid.number(given.get("productId"), "Product"))
    return product["id"] if product else None


def of_variant(call: Call, variant: Row, row: Row, priced: bool) -> Row:
    """A line of a variant: what it does not say itself is the variant's."""
    product = products.get(call.store, variant["product_id"]) or {}
    item = call.db.get("inventory_items", variant["inventory_item_id"]) or {}
    title = variant["title"] if variant["title"] != variants.DEFAULT_VALUE else None
    own = {"title": product.get("title"), "variant_title": title, "sku": variant["sku"] or None}
    own |= {"vendor": product.get("vendor"), "weight_value": item.get("weight_value")}
    own |= {"weight_unit": item.get("weight_unit")}
    kept = {name: row.get(name) if row.get(name) is not None else value for name, value in own.items()}
    if not priced:
        kept["price"] = Bag.of(variant["price"])
    return row | kept | {"product_id": product.get("id"), "variant_id": variant["id"]}


def taxes(given: list[Row] | None, base: Bag, pair: Pair) -> list[Row]:
    """Tax lines as rows; one without an amount is its rate of what is taxed."""
    rows = []
    for one in given or []:
        rate = Decimal(str(one["rate"]))
        amount = order_amounts.read(one["priceSet"]) if one.get("priceSet") else (base * rate).rounded(pair)
        liable = one.get("channelLiable")
        row = {"title": one["title"], "rate": str(rate), "amount": amount}
        rows.append(row | {"channel_liable": None if liable is None else int(liable), "source": None})
    return rows


def shipping(given: Row, pair: Pair) -> Row:
    """A shipping line as a row of the store."""
    price = order_amounts.read(given["priceSet"])
    row = {name: given.get(name) for name in ("title", "code", "source")}
    return row | {"price": price, "taxes": taxes(given.get("taxLines"), price, pair)}


def discount(given: Row | None, lines: list[Row], shipped: list[Row], pair: Pair) -> Row | None:
    """The discount code of an order with what it takes off each line or shipping line."""
    if not given:
        return None
    totals = [row["price"] * row["quantity"] for row in lines]
    fixed, percentage = given.get("itemFixedDiscountCode"), given.get("itemPercentageDiscountCode")
    if fixed:
        wanted = order_amounts.read(fixed.get("amountSet"))
        row = CODE | {"code": fixed["code"], "value_type": "fixed", "value": wanted.write()}
        return row | {"shares": _shares("line", wanted, totals, pair)}
    if percentage:
        rate = Decimal(str(percentage.get("percentage") or 0))
        wanted = (total(totals) * rate).over(100).rounded(pair)
        row = CODE | {"code": percentage["code"], "value_type": "percentage", "value": str(rate)}
        return row | {"shares": _shares("line", wanted, totals, pair)}
    code = given["freeShippingDiscountCode"]["code"]
    prices = [row["price"] for row in shipped]
    row = CODE | {"code": code, "value_type": "percentage", "value": "100"}
    row |= {"allocation_method": "EACH", "target_type": "SHIPPING_LINE"}
    return row | {"shares": _shares("shipping", total(prices), prices, pair)}


def _shares(target: str, wanted: Bag, weights: list[Bag], pair: Pair) -> list[tuple[str, int, Bag]]:
    whole = total(weights)
    capped = Bag(min(wanted.shop, whole.shop), min(wanted.presentment, whole.presentment))
    parts = spread(capped, weights, pair)
    return [(target, place, part) for place, part in enumerate(parts) if part]


def spread_taxes(given: list[Row], lines: list[Row], nets: list[Bag], pair: Pair) -> list[list[Row]]:
    """The taxes of the order as a whole, divided among its taxable lines by what they cost after discounts."""
    places = [place for place, row in enumerate(lines) if row["taxable"]]
    found: list[list[Row]] = [[] for _ in lines]
    for tax in taxes(given, total(nets[place] for place in places), pair):
        parts = spread(tax["amount"], [nets[place] for place in places], pair)
        for place, part in zip(places, parts, strict=True):
            found[place].append(tax | {"amount": part})
    return found


def transaction(given: Row, moment: int | None) -> Row:
    """A transaction of orderCreate as a row of the store."""
    receipt: Any = given.get("receiptJson")
    row = {name: given.get(name) for name in ("kind", "status", "gateway")}
    return row | {
        "amount": order_amounts.read(given["amountSet"]),
        "test": int(bool(given.get("test"))),
        "authorization_code": given.get("authorizationCode"),
        "receipt": None if receipt is None else json.dumps(receipt),
        "location_id": gid.number(given.get("locationId"), "Location"),
        "gift_card_id": gid.number(given.get("giftCardId"), "GiftCard"),
    } | ({} if moment is None else {"processed_at": moment})
