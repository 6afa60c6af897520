"""Price lists and their items: one item per product and unit, currency from the list.

Reference: productpricelevel entity page and the web service error codes. What lines make of them is in `sales`.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.store import Row

from .rules import Change, Rules

FAMILY, RETIRED = 2, 1
INACTIVE = 1
AMOUNT_METHOD = 1
PERCENT_LIMIT = Decimal(100000)


def register(rules: Rules) -> None:
    """Hook the rules in."""
    rules.on("before_create", "productpricelevel", check_item)
    rules.on("before_update", "productpricelevel", check_item)
    rules.on("before_create", "pricelevel", list_currency)
    rules.on("before_update", "pricelevel", check_deactivation)
    rules.on("before_create", "transactioncurrency", check_currency_code)
    rules.on("before_update", "transactioncurrency", check_currency_code)


def list_currency(ctx: Context, change: Change) -> None:
    """A price list without a currency gets the base currency."""
    if change.values.get("transactioncurrencyid") is None:
        change.values["transactioncurrencyid"] = ctx.core.organization()["basecurrencyid"]


def check_deactivation(ctx: Context, change: Change) -> None:
    """A list that is somebody's default stays active (0x80043B04)."""
    if not change.moves("statecode") or change.values["statecode"] != INACTIVE:
        return
    defaults = (("account", "defaultpricelevelid"), ("contact", "defaultpricelevelid"), ("product", "pricelevelid"))
    for name, column in defaults:
        table = ctx.table(name)
        if ctx.store.find(table, {column: change.row_id}, [table.pk], limit=1):
            raise error("unManagedidscannotdeactivatepricelevel")


def check_currency_code(ctx: Context, change: Change) -> None:
    """One currency per ISO code (0x80048CF3)."""
    if not change.moves("isocurrencycode"):
        return
    found = ctx.store.find(
        change.table, {"isocurrencycode": change.values["isocurrencycode"]}, ["transactioncurrencyid"])
    if any(row["transactioncurrencyid"] != change.row_id for row in found):
        raise error("DuplicateIsoCurrencyCode")


def check_item(ctx: Context, change: Change) -> None:
    """Complete and check a price list item."""
    if change.final("pricelevelid") is None:
        raise error("MissingPriceLevelId")
    product = _product(ctx, change)
    if change.final("uomid") is None:
        if change.before is not None:
            raise error("MissingUomId")
        change.values["uomid"] = product["defaultuomid"]
    _check_unit(ctx, change, product)
    _check_percentage(change)
    _check_single(ctx, change)
    price_list = ctx.store.get(
        ctx.table("pricelevel"), str(change.final("pricelevelid")), ["pricelevelid", "transactioncurrencyid"])
    if price_list is not None:
        change.values["transactioncurrencyid"] = price_list["transactioncurrencyid"]
        _check_currencies(ctx, change, product, price_list["transactioncurrencyid"])
    if change.before is None or "productid" in change.values:
        change.values["productnumber"] = product["productnumber"]


def _product(ctx: Context, change: Change) -> Row:
    product_id = change.final("productid")
    if product_id is None:
        raise error("MissingProductId")
    columns = ["productid", "productnumber", "productstructure", "statecode", "defaultuomid", "defaultuomscheduleid",
               "transactioncurrencyid"]
    product = ctx.store.get(ctx.table("product"), str(product_id), columns)
    if product is None:
        raise error("ObjectDoesNotExist", "product", product_id)
    if change.before is None or change.moves("productid"):
        if product["productstructure"] == FAMILY:
            raise error("CannotAddPricelistToProductFamily")
        if product["statecode"] == RETIRED:
            raise error("CannotAddRetiredProductToPricelist")
    return product


def _check_unit(ctx: Context, change: Change, product: Row) -> None:
    unit = ctx.store.get(ctx.table("uom"), str(change.final("uomid")), ["uomid", "uomscheduleid"])
    if unit is None or unit["uomscheduleid"] != product["defaultuomscheduleid"]:
        raise error("ProductInvalidUnit")
    if change.moves("uomid"):
        change.values["uomscheduleid"] = unit["uomscheduleid"]


def _check_currencies(ctx: Context, change: Change, product: Row, currency: object) -> None:
    """A percentage method needs the product's currency, a discount list of amounts its own, to be the list's."""
    method = change.final("pricingmethodcode") or AMOUNT_METHOD
    if method != AMOUNT_METHOD and product["transactioncurrencyid"] not in (None, currency):
        raise error("InvalidPriceLevelCurrencyForPricingMethod")
    if change.final("discounttypeid") is not None and change.moves("discounttypeid"):
        kind = ctx.store.get(ctx.table("discounttype"), str(change.final("discounttypeid")))
        if kind and kind["isamounttype"] and kind["transactioncurrencyid"] != currency:
            raise error("DiscountTypeAndPriceLevelCurrencyNotEqual")


def _check_percentage(change: Change) -> None:
    percentage = change.final("percentage")
    if isinstance(percentage, Decimal) and not 0 <= percentage < PERCENT_LIMIT:
        raise error("ProductInvalidPriceLevelPercentage")


def _check_single(ctx: Context, change: Change) -> None:
    if not any(change.moves(c) for c in ("productid", "uomid", "pricelevelid")):
        return
    same = {c: change.final(c) for c in ("productid", "uomid", "pricelevelid")}
    found = ctx.store.find(change.table, same, [change.table.pk])
    if any(row[change.table.pk] != change.row_id for row in found):
        raise error("DuplicateProductPriceLevel")
