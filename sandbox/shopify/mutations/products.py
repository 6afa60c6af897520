"""productCreate, productUpdate, productChangeStatus.

A product is created with its default variant, or with the first value of each option given.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.mutations import product_fields as fields
from sandbox.shopify.mutations import product_joins, product_media
from sandbox.shopify.mutations.metafields import put_all
from sandbox.shopify.mutations.option_input import check_names
from sandbox.shopify.resolvers.products import source
from sandbox.shopify.store import options, products, variants
from sandbox.shopify.store.database import Row


@registry.mutation("productCreate", "product input media", "product shop userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = _one_input(args, "productCreate", call)
    if given.get("id"):
        raise refuse(["input"], "id cannot be specified during creation")
    fields.refuse_category(given)
    fields.check(given, True, fields.CREATE_OR_UPDATE)
    check_names(given.get("productOptions") or [], ["options"], None)
    product_joins.check(call, given, [])
    product_media.refuse_bad(args.get("media"))
    number = create(call, given)
    product_joins.write(call, number, given)
    product_media.add(call, number, args.get("media"))
    call.target("Product", number)
    products.reindex(call.store, number)
    return {"product": source(products.get(call.store, number)), "userErrors": []} | _shop(call)


def create(call: Call, given: Row, with_variant: bool = True) -> int:
    """Add a product with its options and one variant, or without one when the caller is about to write them."""
    columns = fields.columns(given)
    columns["handle"] = fields.handle(call, given, columns["title"], None)
    if columns.get("vendor", "x") == "":
        del columns["vendor"]
    number = products.create(call.store, columns)
    wanted = given.get("productOptions") or []
    if not wanted:
        option = options.add(call.store, number, variants.DEFAULT_OPTION, [variants.DEFAULT_VALUE])
        rows = [option]
    else:
        rows = [
            options.add(call.store, number, option["name"], [value["name"] for value in option.get("values") or []])
            for option in wanted
        ]
    if with_variant:
        choices = [options.values_of(call.store, row["id"])[0]["id"] for row in rows]
        # A gift card is not taxed and not shipped (recorded).
        gift = bool(columns.get("is_gift_card"))
        own, item = ({"taxable": 0}, {"requires_shipping": 0}) if gift else ({}, {})
        call.wrote("ProductVariant", variants.create(call.store, number, {"choices": choices} | own, item))
    put_all(call, "Product", number, given.get("metafields") or [])
    return number


@registry.mutation("productUpdate", "product input media", "product userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    given = _one_input(args, "productUpdate", call)
    product = products.get(call.store, gid.number(given.get("id"), "Product"))
    if product is None:
        raise refuse(["id"], "Product does not exist")
    call.target("Product", product["id"])
    fields.refuse_category(given)
    product_joins.check(call, given, [])
    product_media.refuse_bad(args.get("media"), product=source(product))
    product_media.check_room(call, product["id"], args.get("media"))
    product_joins.write(call, product["id"], given)
    update(call, product, given, fields.CREATE_OR_UPDATE)
    product_media.add(call, product["id"], args.get("media"))
    products.reindex(call.store, product["id"])
    return {"product": source(products.get(call.store, product["id"])), "userErrors": []}


def update(call: Call, product: Row, given: Row, wording: fields.Wording) -> None:
    """Change a product's own fields and metafields; on refusal the product is answered as it stands."""
    standing = source(product)
    payload = {"product": standing}
    fields.check(given, False, wording, **payload)
    columns = fields.columns(given)
    if "handle" in given and given["handle"] is not None:
        title = str(columns.get("title", product["title"]))
        columns["handle"] = fields.handle(call, given, title, product["id"], **payload)
    products.change(call.store, product["id"], columns)
    put_all(call, "Product", product["id"], given.get("metafields") or [])


@registry.mutation("productChangeStatus", "productId status", "product userErrors")
def _change_status(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    product = products.get(call.store, gid.number(args["productId"], "Product"))
    if product is None:
        raise refuse(["productId"], "Product does not exist", "PRODUCT_NOT_FOUND")
    call.target("Product", product["id"])
    products.change(call.store, product["id"], {"status": args["status"]})
    products.reindex(call.store, product["id"])
    return {"product": source(products.get(call.store, product["id"])), "userErrors": []}


def _one_input(args: dict[str, Any], mutation: str, call: Call) -> Row:
    given = [args[name] for name in ("product", "input") if args.get(name) is not None]
    if len(given) != 1:
        text = f"{mutation} must include exactly one of the following arguments: input, product."
        raise FieldFailed(text, "INVALID_FIELD_ARGUMENTS")
    del call
    return dict(given[0])


def _shop(call: Call) -> Row:
    return {"shop": registry.FIELDS["QueryRoot", "shop"].resolve(None, call, {})}
