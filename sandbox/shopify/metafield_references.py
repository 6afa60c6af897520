"""What the references in metafield values point at, and whether it is there.

A reference of the wrong kind and one that leads nowhere are told apart, in the recorded sentences.
"""

from __future__ import annotations

import json

from sandbox.shopify import gid, metafield_types, registry
from sandbox.shopify.call import Call
from sandbox.shopify.metafield_json import Invalid
from sandbox.shopify.store.database import Row

FILES = ("MediaImage", "GenericFile", "Video", "Model3d")
# Kinds that a reference type takes, and what a value of another kind is told.
_KINDS: dict[str, tuple[tuple[str, ...], str]] = {
    "product_reference": (("Product",), "Value must be a valid product reference."),
    "variant_reference": (("ProductVariant",), "Value must be a valid product variant reference."),
    "collection_reference": (("Collection",), "Value must be a valid collection reference."),
    "customer_reference": (("Customer",), "Value must be a valid customer reference."),
    "company_reference": (("Company",), "Value must be a valid company reference."),
    "order_reference": (("Order",), "Value must be a valid order reference."),
    "page_reference": (("Page",), "Value must be a valid page reference."),
    "article_reference": (("Article",), "Value must be a valid article reference."),
    "file_reference": (FILES, "Value must be a file reference string."),
    "metaobject_reference": (("Metaobject",), "Value require that you select a metaobject."),
    "mixed_reference": (("Metaobject",), "Value must belong to one of the specified metaobject definitions."),
    "product_taxonomy_value_reference": (("TaxonomyValue",), "Value must be a valid product taxonomy value reference."),
}


def check(call: Call, type_name: str, value: str) -> None:
    """Refuse references of a wrong kind or to nothing; raises Invalid."""
    if not metafield_types.is_reference(type_name):
        return
    if type_name == metafield_types.inner(type_name):
        _check_one(call, type_name, value)
        return
    for position, identifier in enumerate(json.loads(value)):
        try:
            _check_one(call, metafield_types.inner(type_name), str(identifier))
        except Invalid as wrong:
            raise Invalid(str(wrong), position) from None


def _check_one(call: Call, type_name: str, identifier: str) -> None:
    kinds, sentence = _KINDS.get(type_name, ((), ""))
    if not kinds:
        raise registry.not_built(f"values of the metafield type {type_name}")
    kind = gid.kind_of(identifier)
    if kind not in kinds:
        raise Invalid(sentence)
    if target(call, identifier) is None:
        raise Invalid(f"Value references non-existent resource {identifier}.")


def target(call: Call, identifier: str) -> Row | None:
    """The record that a reference leads to, or None."""
    kind = gid.kind_of(identifier)
    finder = registry.NODES.get(kind)
    if finder is None:
        raise registry.not_built(f"references to {kind}")
    found: Row | None = finder(call, identifier)
    return found


def targets(call: Call, type_name: str, value: str) -> list[Row]:
    """The records that a value leads to, those that are gone left out."""
    if not metafield_types.is_reference(type_name):
        return []
    single = type_name == metafield_types.inner(type_name)
    identifiers = [value] if single else [str(one) for one in json.loads(value)]
    return [found for found in (target(call, identifier) for identifier in identifiers) if found is not None]
