"""productOptionsCreate, productOptionUpdate, productOptionsDelete.

Every variant has a value of every option; a product that loses its last option gets the default one back.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.mutations.option_input import DELIMITER, MAX_OPTIONS
from sandbox.shopify.mutations.variants import MAX_VARIANTS
from sandbox.shopify.resolvers.products import source
from sandbox.shopify.store import options, products, variants
from sandbox.shopify.store.database import Row

MAX_NAME = 255
registry.inputs("OptionUpdateInput", "id name position")
registry.inputs("OptionValueUpdateInput", "id name")


def _product(call: Call, identifier: str, **payload: Any) -> Row:
    product = products.get(call.store, gid.number(identifier, "Product"))
    if product is None:
        raise refuse(["productId"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST", **payload)
    return product


def answer(call: Call, product: int) -> Row:
    """The payload of a change to options: titles, times and index follow."""
    options.retitle(call.store, product)
    products.touch(call.store, product)
    products.reindex(call.store, product)
    call.target("Product", product)
    return {"product": source(products.get(call.store, product)), "userErrors": []}


@registry.mutation("productOptionsCreate", "productId options variantStrategy", "product userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = _product(call, args["productId"])
    given = args["options"]
    existing = options.of_product(call.store, product["id"])
    fresh = options.is_default(call.store, existing)
    names = set() if fresh else {row["name"].lower() for row in existing}
    payload = {"product": source(product)}
    _check(given, names, payload)
    rows = variants.of_product(call.store, product["id"])
    create_all = args.get("variantStrategy") == "CREATE"
    if create_all:
        total = len(rows)
        for option in given:
            total *= len(option["values"])
        if total > MAX_VARIANTS:
            text = f"The number of created variants would exceed the {MAX_VARIANTS} variants per product limit"
            raise refuse(["options"], text, "TOO_MANY_VARIANTS_CREATED", **payload)
    if fresh:
        options.delete(call.store, existing[0]["id"])
    made = [
        options.add(call.store, product["id"], one["name"], [value["name"] for value in one["values"]]) for one in given
    ]
    values = [[value["id"] for value in options.values_of(call.store, row["id"])] for row in made]
    for row in rows:
        _spread(call, product["id"], row, [] if fresh else variants.choices_of(row), values, create_all)
    return answer(call, product["id"])


def _spread(call: Call, product: int, row: Row, kept: list[int], values: list[list[int]], create_all: bool) -> None:
    chosen = [*kept, *(one[0] for one in values)]
    variants.change(call.store, row, {"choices": chosen}, {})
    call.wrote("ProductVariant", row["id"])
    if not create_all:
        return
    combinations: list[list[int]] = [[]]
    for one in values:
        combinations = [[*head, value] for head in combinations for value in one]
    same = ("price", "compare_at_price", "inventory_policy", "taxable", "tax_code")
    for combination in combinations[1:]:
        columns = {name: row[name] for name in same} | {"choices": [*kept, *combination]}
        call.wrote("ProductVariant", variants.create(call.store, product, columns, {}))


def _check(given: list[Row], taken: set[str], payload: Row) -> None:
    errors: list[Row] = []
    if len(taken) + len(given) > MAX_OPTIONS:
        text = f"Can only specify a maximum of {MAX_OPTIONS} options"
        raise refuse(["options"], text, "OPTIONS_OVER_LIMIT", **payload)
    seen: set[str] = set()
    for place, option in enumerate(given):
        found = _problem(option, seen, taken)
        if found is not None:
            below, text, code = found
            errors.append(user_error(["options", str(place), *below], text, code))
        seen.add((option.get("name") or "").lower())
    if errors:
        raise UserErrors(errors, **payload)


def _problem(option: Row, seen: set[str], taken: set[str]) -> tuple[list[str], str, str] | None:
    name = option.get("name") or ""
    checks: list[tuple[bool, list[str], str, str]] = [
        (not name.strip(), [], "Each option must have a name specified.", "OPTION_NAME_MISSING"),
        (DELIMITER in name, ["name"], f"The name contains unsupported sequence '{DELIMITER}'", "INVALID_NAME"),
        (name.lower() in seen, [], "Duplicated option name.", "DUPLICATED_OPTION_NAME"),
        (name.lower() in taken, [], f"Option '{name}' already exists.", "OPTION_ALREADY_EXISTS"),
        (len(name) > MAX_NAME, [], "Option name is too long.", "OPTION_NAME_TOO_LONG"),
        (
            not option.get("values"),
            [],
            f"Option '{name}' must specify at least one option value.",
            "OPTION_VALUES_MISSING",
        ),
    ]
    return next(((below, text, code) for wrong, below, text, code in checks if wrong), None)


@registry.mutation(
    "productOptionUpdate",
    "productId option optionValuesToAdd optionValuesToUpdate optionValuesToDelete variantStrategy",
    "product userErrors",
)
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    if args.get("variantStrategy") == "MANAGE":
        raise registry.not_built("productOptionUpdate(variantStrategy: MANAGE)")
    product = _product(call, args["productId"])
    payload = {"product": source(product)}
    given = args["option"]
    number = gid.number(given["id"], "ProductOption")
    row = call.db.get("options", number)
    if row is None or row["product_id"] != product["id"]:
        raise refuse(["option"], "Option does not exist", "OPTION_DOES_NOT_EXIST", **payload)
    if DELIMITER in (given.get("name") or ""):
        text = f"The name contains unsupported sequence '{DELIMITER}'"
        raise refuse(["option", "name"], text, "INVALID_NAME", **payload)
    if given.get("name"):
        call.db.update("options", row["id"], {"name": given["name"]})
    if given.get("position"):
        _move(call, product["id"], row["id"], given["position"])
    _change_values(call, row["id"], args, product["id"], payload)
    return answer(call, product["id"])


def _change_values(call: Call, option: int, args: dict[str, Any], product: int, payload: Row) -> None:
    for value in args.get("optionValuesToAdd") or []:
        options.value_number(call.store, option, value["name"])
    for value in args.get("optionValuesToUpdate") or []:
        number = gid.number(value["id"], "ProductOptionValue")
        if number is not None and value.get("name"):
            call.db.update("option_values", number, {"name": value["name"]})
    used = options.used_values(call.store, product)
    for place, identifier in enumerate(args.get("optionValuesToDelete") or []):
        number = gid.number(identifier, "ProductOptionValue")
        if number in used:
            # No recording: the words and the code are those of the schema.
            text = "Option value with variants linked cannot be deleted"
            path = ["optionValuesToDelete", str(place)]
            raise refuse(path, text, "OPTION_VALUE_HAS_VARIANTS", **payload)
        call.db.run("DELETE FROM option_values WHERE id = ? AND option_id = ?", (number, option))


def _move(call: Call, product: int, option: int, position: int) -> None:
    order = [row["id"] for row in options.of_product(call.store, product) if row["id"] != option]
    order.insert(max(0, position - 1), option)
    for place, number in enumerate(order, 1):
        call.db.update("options", number, {"position": place})
    for row in variants.of_product(call.store, product):
        by_option = {_owner(call, choice): choice for choice in variants.choices_of(row)}
        chosen = [by_option[number] for number in order if number in by_option]
        call.db.update("variants", row["id"], {"choices": chosen})


def _owner(call: Call, value: int) -> int:
    return int(call.db.value("SELECT option_id FROM option_values WHERE id = ?", (value,)))


@registry.mutation("productOptionsDelete", "productId options strategy", "deletedOptionsIds product userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = _product(call, args["productId"], deletedOptionsIds=[])
    existing = {row["id"]: row for row in options.of_product(call.store, product["id"])}
    numbers = [gid.number(identifier, "ProductOption") for identifier in args["options"]]
    payload: Row = {"product": source(product), "deletedOptionsIds": []}
    for place, number in enumerate(numbers):
        if number not in existing:
            path = ["options", str(place)]
            raise refuse(path, "Option does not exist", "OPTION_DOES_NOT_EXIST", **payload)
    gone = {number for number in numbers if number is not None}
    _check_collapse(call, product["id"], gone, args.get("strategy") or "DEFAULT", payload)
    _collapse(call, product["id"], gone)
    for number in gone:
        options.delete(call.store, number)
    if len(gone) == len(existing):
        row = options.add(call.store, product["id"], variants.DEFAULT_OPTION, [variants.DEFAULT_VALUE])
        choice = options.values_of(call.store, row["id"])[0]["id"]
        for variant in variants.of_product(call.store, product["id"]):
            variants.change(call.store, variant, {"choices": [choice]}, {})
    for place, option in enumerate(options.of_product(call.store, product["id"]), 1):
        call.db.update("options", option["id"], {"position": place})
    return answer(call, product["id"]) | {"deletedOptionsIds": list(args["options"])}


def _left(call: Call, row: Row, gone: set[int]) -> tuple[int, ...]:
    return tuple(choice for choice in variants.choices_of(row) if _owner(call, choice) not in gone)


def _check_collapse(call: Call, product: int, gone: set[int], strategy: str, payload: Row) -> None:
    rows = variants.of_product(call.store, product)
    collapses = len({_left(call, row, gone) for row in rows}) < len(rows)
    if collapses and strategy == "DEFAULT":
        text = "Can't delete option with multiple values"
        raise refuse(["options"], text, "CANNOT_DELETE_OPTION_WITH_MULTIPLE_VALUES", **payload)
    if collapses and strategy == "NON_DESTRUCTIVE":
        text = "Cannot delete options without deleting variants"
        raise refuse(["options"], text, "CANNOT_USE_NON_DESTRUCTIVE_STRATEGY", **payload)


def _collapse(call: Call, product: int, gone: set[int]) -> None:
    seen: set[tuple[int, ...]] = set()
    for row in variants.of_product(call.store, product):
        left = _left(call, row, gone)
        call.wrote("ProductVariant", row["id"])
        if left in seen:
            variants.delete(call.store, row)
        else:
            call.db.update("variants", row["id"], {"choices": list(left)})
        seen.add(left)
    variants.close_up(call.store, product)
