"""The lines and discounts of a draft order's input: what is refused and how they become rows.

A line of a variant takes everything from the variant; title, price, sku and flags given beside it count for nothing
(recorded).
"""

from __future__ import annotations

import uuid
from decimal import Decimal

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse, user_error
from sandbox.shopify.money import Bag, Pair
from sandbox.shopify.store import products, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.variants import DEFAULT_VALUE

registry.inputs(
    "DraftOrderLineItemInput",
    "appliedDiscount customAttributes generatePriceOverride grams originalUnitPrice originalUnitPriceWithCurrency "
    "priceOverride quantity requiresShipping sku taxable title uuid variantId weight",
)
registry.inputs("DraftOrderAppliedDiscountInput", "amount amountWithCurrency description title value valueType")
registry.inputs("MoneyInput", "amount currencyCode")
registry.inputs("WeightInput", "value unit")
_SPACE = uuid.UUID("8d0a6d0e-5c5b-5d38-9a3c-5f3c1b6f2a11")


def line_errors(given: Row, path: list[str]) -> list[Row]:
    """What is wrong with the fields of a line."""
    errors = []
    if given["quantity"] < 1:
        errors.append(user_error([*path, "quantity"], "Quantity must be greater than or equal to 1"))
    return errors + discount_errors(given.get("appliedDiscount"), [*path, "appliedDiscount"])


def discount_errors(given: Row | None, path: list[str]) -> list[Row]:
    """What is wrong with a discount; a negative one is taken (recorded)."""
    if given is None:
        return []
    value = Decimal(str(given["value"]))
    if given["valueType"] == "PERCENTAGE" and value > 100:
        return [user_error([*path, "value"], "Applied discount value must be less than or equal to 100%")]
    if value != value.quantize(Decimal("0.01")):
        message = "Applied discount value can have at most 2 digits after decimal point"
        return [user_error([*path, "value"], message)]
    return []


def check_line(call: Call, given: Row) -> None:
    """Refuse a line that stands for nothing that can be sold."""
    if given.get("variantId"):
        if variants.get(call.store, gid.number(given["variantId"], "ProductVariant")) is None:
            number = given["variantId"].rsplit("/", 1)[-1]
            raise refuse(None, f"Product with ID {number} is no longer available.")
        return
    if not (given.get("title") or "").strip():
        raise refuse(None, "Merchandise title is empty.")
    prices = [given.get("originalUnitPrice"), (given.get("originalUnitPriceWithCurrency") or {}).get("amount")]
    if any(one is not None and Decimal(str(one)) < 0 for one in prices):
        raise refuse(None, "Cannot send negative price for line_item")


def discount(given: Row | None) -> Row | None:
    """A discount as it is kept; its amount is computed."""
    if given is None:
        return None
    kept = {name: given.get(name) for name in ("title", "value", "valueType")}
    return kept | {"description": given.get("description") or ""}


def attributes(given: list[Row] | None) -> list[Row]:
    """Custom attributes as they are kept."""
    return [{"key": one["key"], "value": one["value"]} for one in given or []]


def price(shop: str | None, other: Row | None, pair: Pair, rate: Decimal) -> Bag:
    """A price given in the shop's currency or in a named one, in both."""
    if other is not None:
        value = Decimal(str(other["amount"]))
        in_shop = value if other["currencyCode"] == pair.shop else value / rate
        in_presentment = value if other["currencyCode"] == pair.presentment else value * rate
        return Bag(in_shop, in_presentment).rounded(pair)
    value = Decimal(str(shop if shop is not None else 0))
    return Bag(value, value * rate).rounded(pair)


def line(call: Call, given: Row, pair: Pair, rate: Decimal) -> Row:
    """One line as a row of the store."""
    number = gid.number(given.get("variantId"), "ProductVariant")
    variant = variants.get(call.store, number)
    row = _custom(given, pair, rate) if variant is None else _of_variant(call, variant, pair, rate)
    override = given.get("priceOverride")
    if override is None and given.get("generatePriceOverride") and variant is not None:
        row["override"] = row["price"]
    elif override is not None and variant is not None:
        row["override"] = price(None, override, pair, rate).write()
    seed = f"{call.store.setting('shop_id')}/{call.db.next_id('DraftOrderLineSeed')}"
    return row | {
        "quantity": given["quantity"],
        "uuid": given.get("uuid") or str(uuid.uuid5(_SPACE, seed)),
        "custom_attributes": attributes(given.get("customAttributes")),
        "discount": discount(given.get("appliedDiscount")),
    }


def _custom(given: Row, pair: Pair, rate: Decimal) -> Row:
    cost = price(given.get("originalUnitPrice"), given.get("originalUnitPriceWithCurrency"), pair, rate)
    weight = given.get("weight") or {}
    if not weight and given.get("grams") is not None:
        weight = {"value": float(given["grams"]), "unit": "GRAMS"}
    return {
        "title": given["title"],
        "variant_title": None,
        "sku": given.get("sku"),
        "vendor": None,
        "product_id": None,
        "variant_id": None,
        "price": cost.write(),
        "override": None,
        "requires_shipping": int(given.get("requiresShipping") is not False),
        "taxable": int(given.get("taxable") is not False),
        "gift_card": 0,
        "weight_value": weight.get("value"),
        "weight_unit": weight.get("unit"),
    }


def _of_variant(call: Call, variant: Row, pair: Pair, rate: Decimal) -> Row:
    product = products.get(call.store, variant["product_id"]) or {}
    item = call.db.get("inventory_items", variant["inventory_item_id"]) or {}
    return {
        "title": product["title"],
        "variant_title": None if variant["title"] == DEFAULT_VALUE else variant["title"],
        # Recorded: a variant without a sku has an empty one in a draft order.
        "sku": variant["sku"] or "",
        "vendor": product["vendor"],
        "product_id": product["id"],
        "variant_id": variant["id"],
        "price": price(variant["price"], None, pair, rate).write(),
        "override": None,
        "requires_shipping": item["requires_shipping"],
        "taxable": variant["taxable"],
        "gift_card": product["is_gift_card"],
        "weight_value": item["weight_value"],
        "weight_unit": item["weight_unit"],
    }
