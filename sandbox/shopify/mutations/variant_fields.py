"""The fields of a variant's input: which are honoured, what is refused, how they become columns.

Shared by productSet and the bulk mutations; it writes only through the store's functions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, user_error
from sandbox.shopify.mutations import item_checks
from sandbox.shopify.mutations.metafields import put_all
from sandbox.shopify.scalars import money
from sandbox.shopify.store import files, options
from sandbox.shopify.store.database import Row

TOO_MUCH = Decimal(10) ** 18
COMMON = (
    "barcode compareAtPrice inventoryItem inventoryPolicy metafields optionValues price requiresComponents "
    "showUnitPrice taxCode taxable unitPriceMeasurement"
)
registry.inputs("ProductVariantSetInput", f"{COMMON} id sku position inventoryQuantities")
registry.inputs("ProductVariantsBulkInput", f"{COMMON} id inventoryQuantities mediaId")
registry.inputs("VariantOptionValueInput", "id name optionId optionName")
registry.inputs("ProductSetInventoryInput", "locationId name quantity")
registry.inputs("InventoryLevelInput", "locationId availableQuantity")
registry.inputs("UnitPriceMeasurementInput", "quantityUnit quantityValue referenceUnit referenceValue")
registry.inputs(
    "InventoryItemInput",
    "cost countryCodeOfOrigin harmonizedSystemCode measurement provinceCodeOfOrigin requiresShipping sku tracked",
)
registry.inputs("InventoryItemMeasurementInput", "weight")
registry.inputs("WeightInput", "unit value")

PLAIN = {"barcode": "barcode", "inventoryPolicy": "inventory_policy", "taxCode": "tax_code"}
FLAGS = {"taxable": "taxable", "requiresComponents": "requires_components", "showUnitPrice": "show_unit_price"}
ITEM_PLAIN = {
    "cost": "cost",
    "countryCodeOfOrigin": "country_code_of_origin",
    "provinceCodeOfOrigin": "province_code_of_origin",
}


def columns(given: Row) -> Row:
    """The columns of the variant itself that an input changes."""
    found: Row = {column: given[name] for name, column in PLAIN.items() if name in given}
    if found.get("inventory_policy", "") is None:
        del found["inventory_policy"]
    found |= {column: int(bool(given[name])) for name, column in FLAGS.items() if given.get(name) is not None}
    if given.get("price") is not None:
        found["price"] = money(given["price"])
    if "compareAtPrice" in given:
        asked = given["compareAtPrice"]
        found["compare_at_price"] = None if asked is None else money(asked)
    if "unitPriceMeasurement" in given:
        found["unit_price_measurement"] = given["unitPriceMeasurement"]
    item = given.get("inventoryItem") or {}
    for holder in (given, item):
        if "sku" in holder:
            found["sku"] = holder["sku"] or None
    return found


def item_columns(given: Row) -> Row:
    """The columns of the inventory item that an input changes."""
    found: Row = {column: given[name] for name, column in ITEM_PLAIN.items() if name in given}
    for name, column in (("tracked", "tracked"), ("requiresShipping", "requires_shipping")):
        if given.get(name) is not None:
            found[column] = int(given[name])
    if "harmonizedSystemCode" in given:
        code = given["harmonizedSystemCode"]
        found["harmonized_system_code"] = re.sub(r"\D", "", code) if code else None
    weight = (given.get("measurement") or {}).get("weight")
    if weight:
        found |= {"weight_value": weight["value"], "weight_unit": weight["unit"]}
    return found


@dataclass(frozen=True)
class Codes:
    """The codes one mutation gives for amounts that are too low or too high; some say a bad cost twice."""

    low: str | None
    high: str | None
    cost_twice: bool = False


def amount_errors(given: Row, place: list[str], codes: Codes) -> list[Row]:
    """The user errors of prices and costs that are negative or too large, in the recorded order."""
    errors: list[Row] = []
    for name, label in (("compareAtPrice", ""), ("price", "Price ")):
        found = _out_of_bounds(given.get(name), codes)
        if found is not None:
            errors.append(user_error([*place, name], f"{label}{found[0]}", found[1]))
    found = _out_of_bounds((given.get("inventoryItem") or {}).get("cost"), codes)
    if found is not None:
        if codes.cost_twice:
            errors.append(user_error(place, found[0], None))
        errors.append(user_error([*place, "inventoryItem", "cost"], f"Cost per item {found[0]}", found[1]))
    return [*errors, *item_checks.problems(given.get("inventoryItem") or {}, [*place, "inventoryItem"], codes.high)]


def _out_of_bounds(value: Any, codes: Codes) -> tuple[str, str | None] | None:
    if value is None:
        return None
    if Decimal(str(value)) < 0:
        return "must be greater than or equal to 0", codes.low
    if Decimal(str(value)) >= TOO_MUCH:
        return f"must be less than {TOO_MUCH:f}", codes.high
    return None


class Choices:
    """Turns `optionValues` of variants into option values of one product, making new values where allowed."""

    def __init__(self, call: Call, product: int) -> None:
        self._store = call.store
        self._options = options.of_product(call.store, product)
        self._by_name = {row["name"]: row for row in self._options}
        self._by_id = {row["id"]: row for row in self._options}

    def option_of(self, entry: Row) -> Row | None:
        """The option an entry names, by id or by name; None when the product has no such option."""
        if entry.get("optionId"):
            return self._by_id.get(gid.number(entry["optionId"], "ProductOption") or 0)
        return self._by_name.get(entry.get("optionName") or "")

    def numbers(self, entries: list[Row], current: list[int]) -> list[int]:
        """The option values of a variant: those asked for, else those it has."""
        by_option = {self._option_number(choice): choice for choice in current}
        for entry in entries:
            option = self.option_of(entry)
            assert option is not None  # noqa: S101 - the caller has checked that it exists
            by_option[option["id"]] = self._value(option["id"], entry)
        return [by_option[row["id"]] for row in self._options if row["id"] in by_option]

    def missing(self, entries: list[Row]) -> list[str]:
        """The names of the product's options that the entries leave out."""
        named = {option["id"] for option in map(self.option_of, entries) if option}
        return [row["name"] for row in self._options if row["id"] not in named]

    def _value(self, option: int, entry: Row) -> int:
        number = gid.number(entry.get("id"), "ProductOptionValue")
        if number is not None:
            return number
        return options.value_number(self._store, option, entry.get("name") or "")

    def _option_number(self, value: int) -> int:
        return int(self._store.db.value("SELECT option_id FROM option_values WHERE id = ?", (value,)) or 0)


def places(given: list[Row] | None) -> dict[int, int]:
    """What an input makes available where; `name` is missing in the older form, which means available."""
    found: dict[int, int] = {}
    for entry in given or []:
        location = gid.number(entry["locationId"], "Location")
        assert location is not None  # noqa: S101 - checked before
        found[location] = int(entry["quantity"] if "quantity" in entry else entry["availableQuantity"])
    return found


def unknown_location(call: Call, given: list[Row]) -> bool:
    """True when one of the quantities is for a location that does not exist."""
    return any(call.db.get("locations", gid.number(one["locationId"], "Location")) is None for one in given)


def duplicates(titles: list[str], root: list[str], code: str | None) -> None:
    """Refuse variants that share all option values with an earlier one."""
    seen: set[str] = set()
    errors: list[Row] = []
    for place, title in enumerate(titles):
        if title in seen:
            message = f"The variant '{title}' already exists. Please change at least one option value."
            errors.append(user_error([*root, str(place)], message, code))
        seen.add(title)
    if errors:
        raise UserErrors(errors)


def put_metafields(call: Call, variant: int, given: Any) -> None:
    """Write the metafields of a variant's input."""
    put_all(call, "ProductVariant", variant, given or [])


def put_media(call: Call, variant: int, given: Row) -> None:
    """Give a variant the image its input names, or take it away."""
    if "mediaId" in given:
        number = gid.number(given["mediaId"], "MediaImage")
        if given["mediaId"] is not None and files.get(call.store, number) is None:
            raise registry.not_built("a mediaId that does not exist")
        files.set_variant(call.store, variant, number)
