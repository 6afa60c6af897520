"""productSet: one call that makes a product be as the input says.

Lists that are present replace: options, variants and metafields left out of them are deleted. What is left out
altogether stays.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations import option_input, product_joins
from sandbox.shopify.mutations import product_fields as fields
from sandbox.shopify.mutations import variant_fields as variant_input
from sandbox.shopify.mutations.identify import product_of
from sandbox.shopify.mutations.metafields import put_all
from sandbox.shopify.mutations.products import create, update
from sandbox.shopify.resolvers.products import source
from sandbox.shopify.store import metafields, operations, options, products, stock, variants
from sandbox.shopify.store.database import Row

ROOT = ["input"]
MAX_STOCK_ENTRIES = 50_000
CODES = variant_input.Codes("INVALID_VARIANT", "INVALID_VARIANT")
registry.inputs("ProductSetIdentifiers", "id handle customId")
registry.inputs("UniqueMetafieldValueInput", "namespace key value")


@registry.mutation("productSet", "input identifier synchronous", "product productSetOperation userErrors")
def _product_set(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    if args.get("synchronous") is False:
        return _later(call, args)
    number = apply(call, args["input"], args.get("identifier"))
    row = source(products.get(call.store, number))
    return {"product": row, "productSetOperation": None, "userErrors": []}


def apply(call: Call, given: Row, identifier: Row | None) -> int:
    """Create or change the product that the identifier or the input's id names; the product's number."""
    if given.get("id") and identifier:
        raise refuse(ROOT, "The id field is not allowed if identifier is provided.", "ID_NOT_ALLOWED")
    product, seed = product_of(call, given.get("id"), identifier)
    fields.refuse_category(given)
    _check(given)
    product_joins.check(call, given, ROOT)
    product_joins.check_files(call, given)
    given = _seeded(given, seed)
    if product is None:
        fields.check(given, True, fields.SET)
        bare = given | {"metafields": [], "productOptions": []}
        number = create(call, bare, with_variant=given.get("variants") is None)
    else:
        number = product["id"]
        update(call, product, given | {"metafields": []}, fields.SET)
    call.target("Product", number)
    _write_lists(call, number, given)
    product_joins.write(call, number, {"collections": given.get("collections")})
    if given.get("files") is not None:
        product_joins.set_files(call, number, given["files"])
    products.reindex(call.store, number)
    return number


def _seeded(given: Row, seed: Row) -> Row:
    fresh = {name: value for name, value in given.items() if name != "id"}
    if seed.get("handle"):
        fresh.setdefault("handle", seed["handle"])
    custom = seed.get("customId")
    if custom:
        # A product made under a custom id carries that id from the start.
        place = (custom["namespace"], custom["key"])
        others = [one for one in fresh.get("metafields") or [] if (one.get("namespace"), one.get("key")) != place]
        fresh["metafields"] = [*others, custom | {"type": "id"}]
    return fresh


def _check(given: Row) -> None:
    wanted = given.get("productOptions")
    if wanted and given.get("variants") is None:
        raise refuse([*ROOT, "variants"], "Variants input is required when updating product options")
    for place, option in enumerate(wanted or []):
        if option_input.DELIMITER in (option.get("name") or ""):
            path = [*ROOT, "productOptions", str(place), "name"]
            raise refuse(path, "The name contains unsupported sequence ' / '", "INVALID_INPUT")
    if len(wanted or []) > option_input.MAX_OPTIONS:
        text = f"Can only specify a maximum of {option_input.MAX_OPTIONS} options"
        raise refuse([*ROOT, "productOptions"], text, "INVALID_INPUT")
    errors: list[Row] = []
    for place, variant in enumerate(given.get("variants") or []):
        errors += variant_input.amount_errors(variant, [*ROOT, "variants", str(place)], CODES)
    if errors:
        raise UserErrors(errors)
    entries = sum(len(one.get("inventoryQuantities") or []) for one in given.get("variants") or [])
    if entries > MAX_STOCK_ENTRIES:
        text = f"The total number of inventory quantities can't exceed {MAX_STOCK_ENTRIES}."
        raise refuse([*ROOT, "variants"], text, "INVENTORY_QUANTITIES_LIMIT_EXCEEDED")


def _write_lists(call: Call, number: int, given: Row) -> None:
    if given.get("productOptions") is not None:
        _write_options(call, number, given["productOptions"])
    if given.get("variants") is not None:
        _write_variants(call, number, given["variants"])
    if given.get("metafields") is not None:
        wanted = {(one.get("namespace"), one.get("key")) for one in given["metafields"]}
        for row in metafields.of_owner(call.store, "Product", number):
            if (row["namespace"], row["key"]) not in wanted:
                call.wrote("Metafield", row["id"])
                metafields.delete(call.store, row["id"])
        put_all(call, "Product", number, given["metafields"], ROOT)
    products.touch(call.store, number)


def _write_options(call: Call, product: int, wanted: list[Row]) -> None:
    existing = options.of_product(call.store, product)
    by_id = {row["id"]: row for row in existing}
    by_name = {row["name"]: row for row in existing}
    kept: set[int] = set()
    for place, option in enumerate(sorted(wanted, key=lambda one: one.get("position") or 0), 1):
        row = by_id.get(gid.number(option.get("id"), "ProductOption") or 0) or by_name.get(option.get("name") or "")
        if row is None:
            row = options.add(call.store, product, option.get("name") or "", [])
        changes = {"position": place} | ({"name": option["name"]} if option.get("name") else {})
        call.db.update("options", row["id"], changes)
        kept.add(row["id"])
        for value in option.get("values") or []:
            value_id = gid.number(value.get("id"), "ProductOptionValue")
            if value_id is not None and value.get("name"):
                call.db.update("option_values", value_id, {"name": value["name"]})
            elif value.get("name"):
                options.value_number(call.store, row["id"], value["name"])
    for row in existing:
        if row["id"] not in kept:
            options.delete(call.store, row["id"])


def _write_variants(call: Call, product: int, wanted: list[Row]) -> None:
    choices = variant_input.Choices(call, product)
    _check_choices(call, choices, wanted)
    existing = {row["id"]: row for row in variants.of_product(call.store, product)}
    numbers = [choices.numbers(one.get("optionValues") or [], []) for one in wanted]
    titles = [variants.title_of(call.store, one) for one in numbers]
    variant_input.duplicates(titles, [*ROOT, "variants"], None)
    matched = _match(existing, wanted, numbers)
    for number, row in existing.items():
        if number not in matched:
            call.wrote("ProductVariant", number)
            variants.delete(call.store, row)
    for place, (one, chosen, match) in enumerate(zip(wanted, numbers, matched, strict=True)):
        _write_variant(call, product, one, (place, chosen, existing.get(match or 0)))
    options.drop_unused(call.store, product)


def _check_choices(call: Call, choices: variant_input.Choices, wanted: list[Row]) -> None:
    errors: list[Row] = []
    for place, one in enumerate(wanted):
        entries = one.get("optionValues") or []
        path = [*ROOT, "variants", str(place)]
        for position, entry in enumerate(entries):
            if choices.option_of(entry) is None:
                where = [*path, "optionValues", str(position)]
                errors.append(user_error(where, "Option does not exist", "OPTION_DOES_NOT_EXIST"))
        missing = choices.missing(entries)
        if not errors and missing:
            message = f"You need to add option values for {', '.join(missing)}"
            errors.append(user_error(path, message, "NEED_TO_ADD_OPTION_VALUES"))
        if variant_input.unknown_location(call, one.get("inventoryQuantities") or []):
            where = [*path, "inventoryQuantities"]
            message = "Quantity couldn't be set because the location was deleted."
            errors.append(user_error(where, message, "INVALID_INPUT"))
        errors += _unnamed(one, path)
    if errors:
        raise UserErrors(errors)


def _unnamed(given: Row, path: list[str]) -> list[Row]:
    # The words are those of inventorySetQuantities, which takes the same two names.
    message = "The quantity name must be either 'available' or 'on_hand'."
    return [
        user_error([*path, "inventoryQuantities", str(place), "name"], message, "INVALID_INPUT")
        for place, one in enumerate(given.get("inventoryQuantities") or [])
        if one["name"] not in {"available", "on_hand"}
    ]


def _match(existing: dict[int, Row], wanted: list[Row], numbers: list[list[int]]) -> list[int | None]:
    by_choice = {tuple(variants.choices_of(row)): number for number, row in existing.items()}
    matched: list[int | None] = []
    for place, (one, chosen) in enumerate(zip(wanted, numbers, strict=True)):
        if one.get("id"):
            number = gid.number(one["id"], "ProductVariant")
            if number not in existing:
                path = [*ROOT, "variants", str(place), "id"]
                raise refuse(path, "Product variant does not exist", "PRODUCT_VARIANT_DOES_NOT_EXIST")
            matched.append(number)
        else:
            matched.append(by_choice.get(tuple(chosen)))
    return matched


def _write_variant(call: Call, product: int, one: Row, found: tuple[int, list[int], Row | None]) -> None:
    place, chosen, row = found
    columns = variant_input.columns(one) | {"choices": chosen, "position": one.get("position") or place + 1}
    item = variant_input.item_columns(one.get("inventoryItem") or {})
    places = variant_input.places(one.get("inventoryQuantities"))
    if row is None:
        number = variants.create(call.store, product, columns, item, places)
    else:
        number = row["id"]
        variants.change(call.store, row, columns, item)
        for location, amount in places.items():
            stock.put(call.store, row["inventory_item_id"], location, {"available": amount})
    call.wrote("ProductVariant", number)
    if one.get("metafields") is not None:
        wanted = {(entry.get("namespace"), entry.get("key")) for entry in one["metafields"]}
        for held in metafields.of_owner(call.store, "ProductVariant", number):
            if (held["namespace"], held["key"]) not in wanted:
                metafields.delete(call.store, held["id"])
        variant_input.put_metafields(call, number, one["metafields"])


def _later(call: Call, args: dict[str, Any]) -> Row:
    request = {"input": args["input"], "identifier": args.get("identifier")}
    operation = operations.ask(call.store, "ProductSetOperation", request)
    call.target("Product", f"operation {operation['id']}")
    return {"product": None, "productSetOperation": operation, "userErrors": []}


@operations.work("ProductSetOperation")
def _run(call: Call, _row: Row, request: Row) -> Row:
    return {"product_id": apply(call, request["input"], request["identifier"])}
