"""Which of a variant's paths can be written, and where Shopify's inputs want them.

One table for updates and creates (ProductVariantsBulkInput and ProductVariantSetInput share these names). A path that
is missing here cannot be written, and the error says so before anything is sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from shared.errors import SchemaMismatch
from shared.fields import FieldInfo
from shared.shopify.schema import Schema
from shared.shopify.selection import Selection, metafield_name, split

_ITEM = "inventoryItem"
_WEIGHT = (_ITEM, "measurement", "weight")
VARIANT_INPUTS: Mapping[str, tuple[str, ...]] = {
    "sku": (_ITEM, "sku"),
    "price": ("price",),
    "compareAtPrice": ("compareAtPrice",),
    "barcode": ("barcode",),
    "taxable": ("taxable",),
    "taxCode": ("taxCode",),
    "inventoryPolicy": ("inventoryPolicy",),
    "showUnitPrice": ("showUnitPrice",),
    "inventoryItem.sku": (_ITEM, "sku"),
    "inventoryItem.tracked": (_ITEM, "tracked"),
    "inventoryItem.requiresShipping": (_ITEM, "requiresShipping"),
    "inventoryItem.unitCost.amount": (_ITEM, "cost"),
    "inventoryItem.countryCodeOfOrigin": (_ITEM, "countryCodeOfOrigin"),
    "inventoryItem.provinceCodeOfOrigin": (_ITEM, "provinceCodeOfOrigin"),
    "inventoryItem.harmonizedSystemCode": (_ITEM, "harmonizedSystemCode"),
    "inventoryItem.measurement.weight.value": (*_WEIGHT, "value"),
    "inventoryItem.measurement.weight.unit": (*_WEIGHT, "unit"),
}
PRODUCT_INPUTS: Mapping[str, tuple[str, ...]] = {
    "product.title": ("title",),
    "product.descriptionHtml": ("descriptionHtml",),
    "product.vendor": ("vendor",),
    "product.productType": ("productType",),
    "product.tags": ("tags",),
    "product.status": ("status",),
    "product.handle": ("handle",),
    "product.templateSuffix": ("templateSuffix",),
    "product.requiresSellingPlan": ("requiresSellingPlan",),
    "product.category.id": ("category",),
    "product.seo.title": ("seo", "title"),
    "product.seo.description": ("seo", "description"),
}
_LENGTHS = {"product.title": 255, "product.vendor": 255, "product.productType": 255, "product.handle": 255}


@dataclass(slots=True)
class Inputs:
    """One write's values, sorted by where they go. Metafields are (namespace, key) → text, None to delete."""

    variant: dict[str, Any] = field(default_factory=dict)
    product: dict[str, Any] = field(default_factory=dict)
    variant_metafields: dict[tuple[str, str], str | None] = field(default_factory=dict)
    product_metafields: dict[tuple[str, str], str | None] = field(default_factory=dict)
    product_values: dict[str, Any] = field(default_factory=dict)
    """The parent's values by path, to find two records that want different things of one product."""


def inputs(schema: Schema, values: Mapping[str, Any]) -> Inputs:
    """Sort a write's values. Raises SchemaMismatch naming the path that cannot be written."""
    sorted_ = Inputs()
    for path, value in values.items():
        names = split(path)
        if path in VARIANT_INPUTS:
            _put(sorted_.variant, VARIANT_INPUTS[path], _encoded(schema, "ProductVariantsBulkInput", path, value))
        elif path in PRODUCT_INPUTS:
            _put(sorted_.product, PRODUCT_INPUTS[path], _encoded(schema, "ProductUpdateInput", path, value))
            sorted_.product_values[path] = value
        elif len(names) == 2 and names[0] == "metafields":
            sorted_.variant_metafields[metafield_name(names[1])] = metafield_text(value)
        elif len(names) == 3 and names[:2] == ("product", "metafields"):
            sorted_.product_metafields[metafield_name(names[2])] = metafield_text(value)
            sorted_.product_values[path] = value
        else:
            raise _unwritable(path)
    return sorted_


def describe(selection: Selection, path: str) -> FieldInfo | None:
    """What is known of a path: the schema's word on reading it, this table's on writing it."""
    info = selection.describe(path)
    if info is None:
        return None
    names = split(path)
    metafield = names[0] == "metafields" or names[:2] == ("product", "metafields")
    can = metafield or path in VARIANT_INPUTS or path in PRODUCT_INPUTS
    return replace(info, creatable=can, updatable=can, max_length=_LENGTHS.get(path), required=path == "product.title")


def metafield_text(value: Any) -> str | None:
    """A metafield's value as Shopify stores it: always text. Blank text is none: Shopify refuses it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _encoded(schema: Schema, type_name: str, path: str, value: Any) -> Any:
    """The value as the input's type wants it: Money and Decimal as text, Float as a number."""
    found = None
    for name in VARIANT_INPUTS.get(path) or PRODUCT_INPUTS[path]:
        found = schema.input(type_name, name)
        if found is None:
            raise _unwritable(path)
        type_name = found.type_name
    if isinstance(value, Decimal):
        return float(value) if type_name == "Float" else int(value) if type_name == "Int" else format(value, "f")
    return value


def _unwritable(path: str) -> SchemaMismatch:
    known = ", ".join((*VARIANT_INPUTS, *PRODUCT_INPUTS))
    return SchemaMismatch(
        f"{path!r} of a product variant cannot be written. Take it out of the mapping, or write one of: {known}, "
        'metafields."namespace.key", product.metafields."namespace.key".',
        facts={"path": path},
    )


def _put(target: dict[str, Any], names: tuple[str, ...], value: Any) -> None:
    for name in names[:-1]:
        target = target.setdefault(name, {})
    target[names[-1]] = value
