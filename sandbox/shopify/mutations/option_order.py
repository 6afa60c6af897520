"""productOptionsReorder and productVariantsBulkReorder.

The order of options and of their values decides the order of the variants; variants can also be put in order alone.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.mutations.options import answer
from sandbox.shopify.resolvers.products import source
from sandbox.shopify.store import options, products, variants
from sandbox.shopify.store.database import Row

registry.inputs("OptionReorderInput", "id name values")
registry.inputs("OptionValueReorderInput", "id name")
registry.inputs("ProductVariantPositionInput", "id position")
MIXED = "MIXING_ID_AND_NAME_KEYS_IS_NOT_ALLOWED"


@registry.mutation("productOptionsReorder", "productId options", "product userErrors")
def _reorder(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = args["options"]
    _check_keys(call, given, "OptionReorderInput")
    for one in given:
        _check_keys(call, one.get("values") or [], "OptionValueReorderInput")
    product = products.get(call.store, gid.number(args["productId"], "Product"))
    if product is None:
        raise refuse(["productId"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST")
    payload = {"product": source(product)}
    rows = options.of_product(call.store, product["id"])
    order = _chosen(given, rows, ("Option", "option", "options", "ProductOption"), payload)
    values: dict[int, list[int]] = {}
    for one, number in zip(given, order, strict=True):
        if one.get("values"):
            words = ("Option value", "option value", "option values", "ProductOptionValue")
            values[number] = _chosen(one["values"], options.values_of(call.store, number), words, payload)
    options.reorder(call.store, product["id"], order, values)
    return answer(call, product["id"])


def _check_keys(call: Call, given: list[Row], input_name: str) -> None:
    for one in given:
        if (one.get("id") is None) == (one.get("name") is None):
            failed = FieldFailed(f"{input_name} requires exactly one of id, name", "INVALID_FIELD_ARGUMENTS")
            failed.locate = [call.input_node] if call.input_node else []
            raise failed


def _chosen(given: list[Row], rows: list[Row], words: tuple[str, str, str, str], payload: Row) -> list[int]:
    label, single, plural, kind = words
    if len({one.get("id") is None for one in given}) > 1:
        raise refuse(["options"], f"Only specify one of `id` or `name` fields for {plural}.", MIXED, **payload)
    code = single.replace(" ", "_").upper()
    found: list[int] = []
    for place, one in enumerate(given):
        number = gid.number(one.get("id"), kind)
        match = [row["id"] for row in rows if (row["id"] == number if one.get("id") else row["name"] == one["name"])]
        if not match and one.get("id"):
            text = f"{label} id '{one['id'].rsplit('/', 1)[-1]}' does not exist."
            raise refuse(["options"], text, f"{code}_ID_DOES_NOT_EXIST", **payload)
        if not match:
            ending = "DOES_NOT_EXIST" if "value" in single else "NAME_DOES_NOT_EXIST"
            noun = label if "value" in single else f"{label} name"
            raise refuse(["options"], f"{noun} '{one['name']}' does not exist.", f"{code}_{ending}", **payload)
        if match[0] in found:
            _refuse_twice(one, place, (single, code), payload)
        found.append(match[0])
    return found


def _refuse_twice(one: Row, place: int, words: tuple[str, str], payload: Row) -> None:
    single, code = words
    noun = single if "value" in single else f"{single} name"
    ending = code if "value" in single else f"{code}_NAME"
    text = f"Duplicated {noun} '{one.get('name') or one['id'].rsplit('/', 1)[-1]}'."
    raise refuse(["options", str(place)], text, f"DUPLICATED_{ending}", **payload)


@registry.mutation("productVariantsBulkReorder", "productId positions", "product userErrors")
def _reorder_variants(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = products.get(call.store, gid.number(args["productId"], "Product"))
    if product is None:
        raise refuse(["productId"], "Product does not exist", "PRODUCT_DOES_NOT_EXIST")
    given = args["positions"]
    if len({one["id"] for one in given}) < len(given):
        raise refuse(["positions"], "Product variant IDs must be unique", "DUPLICATED_VARIANT_ID")
    standing = [row["id"] for row in variants.of_product(call.store, product["id"])]
    errors: list[Row] = []
    moves: list[tuple[int, int]] = []
    for place, one in enumerate(given):
        path = ["positions", str(place)]
        number = gid.number(one["id"], "ProductVariant")
        if one["position"] < 1:
            text = "Position can not be zero or negative number"
            errors.append(user_error([*path, "position"], text, "INVALID_POSITION"))
        elif number not in standing:
            errors.append(user_error([*path, "id"], "Product variant does not exist", "MISSING_VARIANT"))
        else:
            moves.append((one["position"], number or 0))
    if errors:
        raise UserErrors(errors)
    moved = {number for _, number in moves}
    order = [number for number in standing if number not in moved]
    for position, number in sorted(moves):
        order.insert(position - 1, number)
    variants.reorder(call.store, order)
    return answer(call, product["id"])
