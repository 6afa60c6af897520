"""Which product an identifier means: by id, by handle, or by the value of a unique metafield.

A custom id needs a definition of type `id`; a value that no product has seeds the one to be created.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.resolvers.products import source
from sandbox.shopify.resolvers.variants import source as variant_source
from sandbox.shopify.store import metafields, products, variants
from sandbox.shopify.store.database import Row

registry.inputs("ProductIdentifierInput", "id handle customId")
registry.inputs("ProductVariantIdentifierInput", "id customId")


def product_of(call: Call, identifier: str | None, wanted: Row | None) -> tuple[Row | None, Row]:
    """The product meant, or None for a new one with the fields the identifier seeds it with."""
    wanted = wanted or {}
    if identifier or wanted.get("id"):
        path = ["input", "id"] if identifier else ["identifier", "id"]
        product = products.get(call.store, gid.number(identifier or wanted["id"], "Product"))
        if product is None:
            raise refuse(path, "Product does not exist", "PRODUCT_DOES_NOT_EXIST")
        return product, {}
    if wanted.get("handle"):
        return products.by_handle(call.store, wanted["handle"]), {"handle": wanted["handle"]}
    if wanted.get("customId"):
        namespace, custom = _custom(call, "PRODUCT", wanted["customId"])
        owner = metafields.holder(call.store, "Product", namespace, custom["key"], custom["value"])
        if owner is not None:
            return products.get(call.store, owner), {}
        return None, {"customId": {"namespace": namespace, "key": custom["key"], "value": custom["value"]}}
    return None, {}


def _custom(call: Call, owner_type: str, custom: Row) -> tuple[str, Row]:
    namespace = namespace_of(call, custom.get("namespace"))
    definition = metafields.definition(call.store, owner_type, namespace, custom["key"])
    if definition is None or definition["type"] != "id":
        text = "Metafield definition of type 'id' is required when using custom ids."
        raise FieldFailed(text, "NOT_FOUND")
    return namespace, custom


@registry.field("QueryRoot", "productByIdentifier", "identifier")
def _product_by_identifier(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    wanted = args["identifier"]
    if wanted.get("id"):
        return source(products.get(call.store, gid.number(wanted["id"], "Product")))
    if wanted.get("handle"):
        return source(products.by_handle(call.store, wanted["handle"]))
    namespace, custom = _custom(call, "PRODUCT", wanted["customId"])
    owner = metafields.holder(call.store, "Product", namespace, custom["key"], custom["value"])
    return source(products.get(call.store, owner))


@registry.field("QueryRoot", "productVariantByIdentifier", "identifier")
def _variant_by_identifier(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    wanted = args["identifier"]
    if wanted.get("id"):
        return variant_source(variants.get(call.store, gid.number(wanted["id"], "ProductVariant")))
    namespace, custom = _custom(call, "PRODUCTVARIANT", wanted["customId"])
    owner = metafields.holder(call.store, "ProductVariant", namespace, custom["key"], custom["value"])
    return variant_source(variants.get(call.store, owner))
