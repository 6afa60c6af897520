"""productCreateMedia, productUpdateMedia, productDeleteMedia, productReorderMedia, and the `media` of products.

Creation takes what is good of a list and names the rest; changing and deleting are all or nothing (recorded).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.resolvers.files import source
from sandbox.shopify.resolvers.products import source as product_source
from sandbox.shopify.store import files, products
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.settled import job_done_soon

registry.inputs("CreateMediaInput", "alt mediaContentType originalSource")
registry.inputs("UpdateMediaInput", "id alt")
LIMIT = 250
LABELS = {"IMAGE": "Image", "VIDEO": "Video", "EXTERNAL_VIDEO": "External video", "MODEL_3D": "Model"}


def problems(given: list[Row] | None) -> list[Row]:
    """The user errors of media that cannot be made, by their place."""
    errors = []
    for place, one in enumerate(given or []):
        if not files.is_address(one["originalSource"]):
            text = f"{LABELS[one['mediaContentType']]} URL is invalid"
            errors.append(user_error(["media", str(place), "originalSource"], text, "INVALID"))
    return errors


def check_room(call: Call, product: int, given: list[Row] | None) -> None:
    """Refuse more media than a product may have, in the schema's words."""
    if given and len(files.of_product(call.store, product)) + len(given) > LIMIT:
        raise refuse(["media"], "Exceeded the limit of media per product.", "PRODUCT_MEDIA_LIMIT_EXCEEDED")


def add(call: Call, product: int, given: list[Row] | None) -> list[int]:
    """Make files of the good ones and append them to a product's media."""
    numbers = []
    for one in given or []:
        if files.is_address(one["originalSource"]):
            number = files.create(call.store, one["mediaContentType"], one, call.request_id)
            files.attach(call.store, product, number)
            numbers.append(number)
    return numbers


def _product(call: Call, identifier: str, path: str) -> Row:
    product = products.get(call.store, gid.number(identifier, "Product"))
    if product is None:
        raise refuse([path], "Product does not exist", "PRODUCT_DOES_NOT_EXIST")
    call.target("Product", product["id"])
    return product


def _touched(call: Call, product: Row) -> Row | None:
    products.touch(call.store, product["id"])
    products.reindex(call.store, product["id"])
    return product_source(products.get(call.store, product["id"]))


@registry.mutation("productCreateMedia", "productId media", "media product userErrors mediaUserErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = _product(call, args["productId"], "productId")
    check_room(call, product["id"], args["media"])
    errors = problems(args["media"])
    numbers = add(call, product["id"], args["media"])
    shown = _touched(call, product) if numbers else product_source(product)
    media = [source(files.get(call.store, number)) for number in numbers]
    return {"media": media, "product": shown, "userErrors": errors}


@registry.mutation("productUpdateMedia", "productId media", "media product userErrors mediaUserErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = _product(call, args["productId"], "productId")
    numbers = _own(call, product, [one["id"] for one in args["media"]], "media")
    for number, one in zip(numbers, args["media"], strict=True):
        if "alt" in one:
            files.change(call.store, number, {"alt": one["alt"] or ""})
    shown = _touched(call, product) if numbers else product_source(product)
    media = [source(files.get(call.store, number)) for number in numbers]
    return {"media": media, "product": shown, "userErrors": []}


@registry.mutation(
    "productDeleteMedia",
    "productId mediaIds",
    "deletedMediaIds deletedProductImageIds product userErrors mediaUserErrors",
)
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = _product(call, args["productId"], "productId")
    numbers = _own(call, product, args["mediaIds"], "mediaIds")
    held = {row["id"]: row for row in files.of_product(call.store, product["id"])}
    images = [held[number]["image_id"] for number in numbers if held[number]["kind"] == "MediaImage"]
    for number in numbers:
        files.delete(call.store, number)
    shown = _touched(call, product) if numbers else product_source(product)
    answer = {"deletedMediaIds": list(args["mediaIds"]), "product": shown, "userErrors": []}
    return answer | {"deletedProductImageIds": [gid.make("ProductImage", number) for number in images]}


def _own(call: Call, product: Row, identifiers: list[str], path: str) -> list[int]:
    held = {gid.make(row["kind"], row["id"]): row["id"] for row in files.of_product(call.store, product["id"])}
    unknown = [identifier for identifier in identifiers if identifier not in held]
    if unknown:
        some, are = ("Media id", "does") if len(unknown) == 1 else ("Media ids", "do")
        raise refuse([path], f"{some} {','.join(unknown)} {are} not exist", "MEDIA_DOES_NOT_EXIST")
    return [held[identifier] for identifier in identifiers]


@registry.mutation("productReorderMedia", "id moves", "job userErrors mediaUserErrors")
def _reorder(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = _product(call, args["id"], "id")
    moves = []
    for move in args["moves"]:
        kind = gid.kind_of(move["id"])
        moves.append((gid.number(move["id"], kind) or 0, int(move["newPosition"])))
    files.reorder(call.store, product["id"], moves)
    _touched(call, product)
    return {"job": job_done_soon(call.store), "userErrors": []}


registry.inputs("ProductVariantAppendMediaInput", "variantId mediaIds")
registry.inputs("ProductVariantDetachMediaInput", "variantId mediaIds")
MOST_PAIRS = 100


@registry.mutation("productVariantAppendMedia", "productId variantMedia", "product productVariants userErrors")
def _append(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product, pairs = _pairs(call, args)
    for place, (variant, number) in enumerate(pairs):
        path = ["variantMedia", str(place)]
        row = files.get(call.store, number) or {}
        _check_media(call, path, row, product)
        if files.of_variant(call.store, variant):
            text = "The given variant already has attached media."
            raise refuse([*path, "variantId"], text, "PRODUCT_VARIANT_ALREADY_HAS_MEDIA")
    for variant, number in pairs:
        files.set_variant(call.store, variant, number)
    return _variants_answer(call, product, pairs)


def _check_media(call: Call, path: list[str], row: Row, product: Row) -> None:
    if row and row["kind"] != "MediaImage":
        text = "Non-image media cannot be attached to variants."
        raise refuse([*path, "mediaIds"], text, "INVALID_MEDIA_TYPE")
    if not any(one["id"] == row.get("id") for one in files.of_product(call.store, product["id"])):
        text = "Media does not exist on the specified product."
        raise refuse([*path, "mediaIds"], text, "MEDIA_DOES_NOT_EXIST_ON_PRODUCT")
    if not files.is_ready(call.store, row):
        text = "Non-ready media cannot be attached to variants."
        raise refuse([*path, "mediaIds"], text, "NON_READY_MEDIA")


@registry.mutation("productVariantDetachMedia", "productId variantMedia", "product productVariants userErrors")
def _detach(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product, pairs = _pairs(call, args)
    for place, (variant, number) in enumerate(pairs):
        if not any(row["id"] == number for row in files.of_variant(call.store, variant)):
            text = "The specified media is not attached to the specified variant."
            raise refuse(["variantMedia", str(place), "variantId"], text, "MEDIA_IS_NOT_ATTACHED_TO_VARIANT")
    for variant, _ in pairs:
        files.set_variant(call.store, variant, None)
    return _variants_answer(call, product, pairs)


def _pairs(call: Call, args: dict[str, Any]) -> tuple[Row, list[tuple[int, int]]]:
    product = _product(call, args["productId"], "productId")
    given = args["variantMedia"]
    if len(given) > MOST_PAIRS:
        text = f"Exceeded {MOST_PAIRS} variant-media pairs per mutation."
        raise refuse(["variantMedia"], text, "MAXIMUM_VARIANT_MEDIA_PAIRS_EXCEEDED")
    named = [one["variantId"] for one in given]
    found = []
    for place, one in enumerate(given):
        path = ["variantMedia", str(place)]
        if len(one["mediaIds"]) > 1:
            text = "Only one mediaId is allowed per media input."
            raise refuse([*path, "mediaIds"], text, "TOO_MANY_MEDIA_PER_INPUT_PAIR")
        if not one["mediaIds"]:
            raise refuse([*path, "mediaIds"], "The mediaIds list cannot be empty.", "BLANK")
        if named.count(one["variantId"]) > 1:
            text = "Variant was specified in more than one media input."
            raise refuse([*path, "variantId"], text, "PRODUCT_VARIANT_SPECIFIED_MULTIPLE_TIMES")
    for place, one in enumerate(given):
        found.append(_pair(call, product, one, ["variantMedia", str(place), "variantId"]))
    return product, found


def _pair(call: Call, product: Row, one: Row, path: list[str]) -> tuple[int, int]:
    variant = call.db.get("variants", gid.number(one["variantId"], "ProductVariant"))
    if variant is None or variant["product_id"] != product["id"]:
        text = "Variant does not exist on the specified product."
        raise refuse(path, text, "PRODUCT_VARIANT_DOES_NOT_EXIST_ON_PRODUCT")
    media = one["mediaIds"][0]
    return variant["id"], gid.number(media, gid.kind_of(media)) or 0


def _variants_answer(call: Call, product: Row, pairs: list[tuple[int, int]]) -> Row:
    shown = _touched(call, product)
    rows = [call.db.get("variants", variant) for variant, _ in pairs]
    found = [row | {"__typename": "ProductVariant"} for row in rows if row]
    return {"product": shown, "productVariants": found, "userErrors": []}


def refuse_bad(given: list[Row] | None, **payload: Any) -> None:
    """Refuse a product's whole input when one of its media cannot be made (recorded)."""
    errors = problems(given)
    if errors:
        raise UserErrors(errors, **payload)
