"""productVariantsBulkCreate, productVariantsBulkUpdate, productVariantsBulkDelete.

All or nothing unless `allowPartialUpdates` says otherwise; a product always keeps a variant.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations import variant_fields as fields
from sandbox.shopify.resolvers.products import source as product_source
from sandbox.shopify.resolvers.variants import source
from sandbox.shopify.store import options, products, variants
from sandbox.shopify.store.database import Row

MAX_VARIANTS = 2048
UPDATE_CODES = fields.Codes("GREATER_THAN_OR_EQUAL_TO", "INVALID_INPUT", cost_twice=True)
ON_UPDATE = (
    "Inventory quantities can only be provided during create. To update inventory for existing variants, "
    "use inventoryAdjustQuantities."
)


def _product(call: Call, identifier: str, **payload: Any) -> Row:
    product = products.get(call.store, gid.number(identifier, "Product"))
    if product is None:
        raise refuse(["productId"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST", **payload)
    return product


def _done(call: Call, product: int, numbers: list[int], **more: Any) -> Row:
    if call.written:
        products.touch(call.store, product)
        products.reindex(call.store, product)
    rows = [source(variants.get(call.store, number)) for number in numbers]
    answer: Row = {"product": product_source(products.get(call.store, product)), "userErrors": []}
    return answer | {"productVariants": rows} | more


@registry.mutation("productVariantsBulkCreate", "productId variants strategy", "product productVariants userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = _product(call, args["productId"], productVariants=[])
    given = args["variants"]
    standing = variants.of_product(call.store, product["id"])
    choices = fields.Choices(call, product["id"])
    _check_new(call, choices, given)
    lone = _lone(standing, given, args.get("strategy") or "DEFAULT")
    if len(standing) + len(given) - (lone is not None) > MAX_VARIANTS:
        text = f"You can only have a maximum of {MAX_VARIANTS} variants per product"
        raise refuse(["variants"], text, "LIMIT_EXCEEDED", productVariants=[])
    chosen = [choices.numbers(one.get("optionValues") or [], []) for one in given]
    _check_taken(call, [row for row in standing if row is not lone], chosen)
    if lone is not None:
        variants.delete(call.store, lone)
    numbers = []
    for one, numbers_of in zip(given, chosen, strict=True):
        item = fields.item_columns(one.get("inventoryItem") or {})
        columns = fields.columns(one) | {"choices": numbers_of}
        places = fields.places(one.get("inventoryQuantities"))
        number = variants.create(call.store, product["id"], columns, item, places)
        call.target("ProductVariant", number)
        fields.put_metafields(call, number, one.get("metafields"))
        fields.put_media(call, number, one)
        numbers.append(number)
    if lone is not None:
        options.drop_unused(call.store, product["id"])
        variants.close_up(call.store, product["id"])
    return _done(call, product["id"], numbers)


def _lone(standing: list[Row], given: list[Row], strategy: str) -> Row | None:
    if not given or len(standing) != 1 or strategy not in {"DEFAULT", "REMOVE_STANDALONE_VARIANT"}:
        return None
    if strategy == "REMOVE_STANDALONE_VARIANT":
        return standing[0]
    # DEFAULT replaces only the variant that a product without options of its own has.
    return standing[0] if variants.is_default_only(standing) else None


def _check_new(call: Call, choices: fields.Choices, given: list[Row]) -> None:
    errors: list[Row] = []
    for place, one in enumerate(given):
        path = ["variants", str(place)]
        found = _choice_errors(choices, one, path, "INVALID_INPUT")
        if not found:
            missing = choices.missing(one.get("optionValues") or [])
            if missing:
                message = f"You need to add option values for {', '.join(missing)}"
                found = [user_error(path, message, "NEED_TO_ADD_OPTION_VALUES")]
        found = found or fields.amount_errors(one, path, UPDATE_CODES)
        if not found and fields.unknown_location(call, one.get("inventoryQuantities") or []):
            names = " / ".join(entry.get("name") or "" for entry in one.get("optionValues") or [])
            message = f"Quantity for {names} couldn't be set because the location was deleted."
            found = [user_error([*path, "inventoryQuantities"], message, "TRACKED_VARIANT_LOCATION_NOT_FOUND")]
        errors += found
    if errors:
        raise UserErrors(errors, productVariants=[])


def _choice_errors(choices: fields.Choices, one: Row, path: list[str], code: str) -> list[Row]:
    errors: list[Row] = []
    seen: set[str] = set()
    for position, entry in enumerate(one.get("optionValues") or []):
        option = choices.option_of(entry)
        name = entry.get("optionName") or (option or {}).get("name") or ""
        if name in seen:
            message = f"Duplicated option name '{name}'"
            return [user_error([*path, "optionValues"], message, code)]
        seen.add(name)
        if option is None:
            errors.append(user_error([*path, "optionValues", str(position)], "Option does not exist", code))
    return errors


def _check_taken(call: Call, standing: list[Row], chosen: list[list[int]]) -> None:
    taken = {tuple(variants.choices_of(row)) for row in standing}
    errors: list[Row] = []
    for place, numbers in enumerate(chosen):
        if tuple(numbers) in taken:
            title = variants.title_of(call.store, numbers)
            message = f"The variant '{title}' already exists. Please change at least one option value."
            errors.append(user_error(["variants", str(place)], message, "VARIANT_ALREADY_EXISTS"))
        taken.add(tuple(numbers))
    if errors:
        raise UserErrors(errors, productVariants=[])


@registry.mutation(
    "productVariantsBulkUpdate", "productId variants allowPartialUpdates", "product productVariants userErrors"
)
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = _product(call, args["productId"])
    given = args["variants"]
    choices = fields.Choices(call, product["id"])
    standing = {row["id"]: row for row in variants.of_product(call.store, product["id"])}
    unusable = [_unusable(choices, standing, one, place) for place, one in enumerate(given)]
    partial = bool(args.get("allowPartialUpdates"))
    if any(unusable) and not partial:
        raise UserErrors([e for found in unusable for e in found], product=product_source(product))
    named = [gid.number(one.get("id"), "ProductVariant") or 0 for one in given]
    bad = [
        found or fields.amount_errors(one, ["variants", str(place)], UPDATE_CODES)
        for place, (one, found) in enumerate(zip(given, unusable, strict=True))
    ]
    errors = [error for found in bad for error in found]
    if errors and (not partial or all(bad)):
        # Variants that were named come back as they stand, although nothing was written (recorded).
        rows = [source(standing[number]) for number in named if number in standing]
        raise UserErrors(errors, product=product_source(product), productVariants=rows)
    for number, one, found in zip(named, given, bad, strict=True):
        if not found:
            _update_one(call, choices, standing[number], one)
    if any(one.get("optionValues") for one in given):
        options.drop_unused(call.store, product["id"])
    return _done(call, product["id"], [number for number in named if number in standing]) | {"userErrors": errors}


def _unusable(choices: fields.Choices, standing: dict[int, Row], one: Row, place: int) -> list[Row]:
    path = ["variants", str(place)]
    if not one.get("id"):
        message = "Product variant is missing ID attribute"
        return [user_error([*path, "id"], message, "PRODUCT_VARIANT_ID_MISSING")]
    if gid.number(one["id"], "ProductVariant") not in standing:
        return [user_error([*path, "id"], "Product variant does not exist", "PRODUCT_VARIANT_DOES_NOT_EXIST")]
    if one.get("inventoryQuantities"):
        where = [*path, "inventoryQuantities"]
        return [user_error(where, ON_UPDATE, "NO_INVENTORY_QUANTITIES_ON_VARIANTS_UPDATE")]
    return _choice_errors(choices, one, path, "OPTION_DOES_NOT_EXIST")


def _update_one(call: Call, choices: fields.Choices, row: Row, one: Row) -> None:
    columns = fields.columns(one)
    if one.get("optionValues"):
        columns["choices"] = choices.numbers(one["optionValues"], variants.choices_of(row))
    variants.change(call.store, row, columns, fields.item_columns(one.get("inventoryItem") or {}))
    call.target("ProductVariant", row["id"])
    fields.put_metafields(call, row["id"], one.get("metafields"))
    fields.put_media(call, row["id"], one)


@registry.mutation("productVariantsBulkDelete", "productId variantsIds", "product userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = _product(call, args["productId"])
    standing = {row["id"]: row for row in variants.of_product(call.store, product["id"])}
    wanted = [gid.number(identifier, "ProductVariant") for identifier in args["variantsIds"]]
    text, code = (
        "At least one variant does not belong to the product",
        "AT_LEAST_ONE_VARIANT_DOES_NOT_BELONG_TO_THE_PRODUCT",
    )
    strange = [place for place, number in enumerate(wanted) if number not in standing]
    if strange:
        raise UserErrors([user_error(["variantsIds", str(place)], text, code) for place in strange])
    if len(set(wanted)) == len(standing):
        message = "Cannot delete default variant"
        raise refuse(["variantsIds"], message, "CANNOT_DELETE_LAST_VARIANT")
    for number in wanted:
        row = standing[number or 0]
        call.target("ProductVariant", row["id"])
        variants.delete(call.store, row)
    variants.close_up(call.store, product["id"])
    options.drop_unused(call.store, product["id"])
    return _done(call, product["id"], [])
