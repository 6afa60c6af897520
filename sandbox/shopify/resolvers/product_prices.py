"""What the API tells of prices: ranges of a product, unit prices, and what a context makes of them.

Reads only. No price lists are modelled, so every context sees the shop's own prices.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.scalars import amount
from sandbox.shopify.store import variants
from sandbox.shopify.store.database import Row

registry.keys("ProductPriceRangeV2", "maxVariantPrice minVariantPrice")
registry.keys("ProductPriceRange", "maxVariantPrice minVariantPrice")
registry.keys("ProductCompareAtPriceRange", "maxVariantCompareAtPrice minVariantCompareAtPrice")
registry.keys("MoneyV2", "amount currencyCode")
registry.keys("ProductVariantContextualPricing", "price compareAtPrice unitPrice quantityRule")
registry.keys("ProductContextualPricing", "priceRange minVariantPricing maxVariantPricing fixedQuantityRulesCount")
registry.keys("QuantityRule", "increment isDefault maximum minimum originType")
registry.inputs("ContextualPricingContext", "country companyLocationId locationId")
UNITS: dict[str, int | str] = {
    "ML": 1, "CL": 10, "L": 1000, "M3": 1_000_000, "MG": "0.001", "G": 1, "KG": 1000, "MM": "0.1", "CM": 1, "M": 100,
}  # fmt: skip
UNITS |= {"M2": 1, "ITEM": 1, "FLOZ": "29.5735295625", "PT": "473.176473", "QT": "946.352946", "GAL": "3785.411784"}
UNITS |= {"OZ": "28.349523125", "LB": "453.59237", "IN": "2.54", "FT": "30.48", "YD": "91.44", "FT2": "0.09290304"}


def _money(call: Call, value: Decimal | str) -> Row:
    return {"amount": amount(value), "currencyCode": call.store.config.currency}


def _range(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    prices = [Decimal(one["price"]) for one in variants.of_product(call.store, row["id"])]
    return {"maxVariantPrice": _money(call, max(prices)), "minVariantPrice": _money(call, min(prices))}


registry.field("Product", "priceRangeV2")(_range)


@registry.field("Product", "priceRange")
def _old_range(row: Row, call: Call, args: dict[str, Any]) -> Row:
    # The older range counts in hundredths of the currency, as its type says.
    found = _range(row, call, args)
    return {name: one | {"amount": amount(Decimal(one["amount"]) * 100)} for name, one in found.items()}


@registry.field("Product", "compareAtPriceRange")
def _compare_range(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    rows = variants.of_product(call.store, row["id"])
    prices = [Decimal(one["compare_at_price"]) for one in rows if one["compare_at_price"] is not None]
    if not prices:
        return None
    top, least = _money(call, max(prices)), _money(call, min(prices))
    return {"maxVariantCompareAtPrice": top, "minVariantCompareAtPrice": least}


@registry.field("ProductVariant", "unitPrice")
def _unit_price(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    given = json.loads(row["unit_price_measurement"]) if row["unit_price_measurement"] else None
    if not given or not given.get("quantityValue") or not given.get("referenceValue"):
        return None
    held = Decimal(str(given["quantityValue"])) * Decimal(UNITS[given["quantityUnit"]])
    asked = Decimal(str(given["referenceValue"])) * Decimal(UNITS[given["referenceUnit"]])
    return _money(call, (Decimal(row["price"]) * asked / held).quantize(Decimal("0.01")))


def _pricing(row: Row, call: Call) -> Row:
    compared = row["compare_at_price"]
    return {
        "price": _money(call, row["price"]),
        "compareAtPrice": None if compared is None else _money(call, compared),
        "unitPrice": _unit_price(row, call, {}),
        "quantityRule": {"increment": 1, "isDefault": True, "maximum": None, "minimum": 1, "originType": "RELATIVE"},
    }


@registry.field("ProductVariant", "contextualPricing", "context")
def _variant_pricing(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return _pricing(row, call)


@registry.field("Product", "contextualPricing", "context")
def _product_pricing(row: Row, call: Call, args: dict[str, Any]) -> Row:
    rows = sorted(variants.of_product(call.store, row["id"]), key=lambda one: Decimal(one["price"]))
    return {
        "priceRange": _range(row, call, args),
        "minVariantPricing": _pricing(rows[0], call),
        "maxVariantPricing": _pricing(rows[-1], call),
        "fixedQuantityRulesCount": 0,
    }


@registry.field("ProductVariantContextualPricing", "quantityPriceBreaks", f"{registry.CONNECTION_ARGUMENTS} sortKey")
def _breaks(_row: Row, _call: Call, args: dict[str, Any]) -> Connection:
    return listed([], args)
