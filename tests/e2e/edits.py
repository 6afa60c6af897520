"""A seeded script of edits as a merchant and a salesperson make them, and what each of them makes necessary.

Every edit says how many target records have to be written because of it. Must import nothing of the app.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.e2e.auditor import Audit
from tests.e2e.reading import Merchant, Product, Salesperson, Variant

Pair = tuple[Variant, Product]
UPDATE_VARIANT = """
mutation Edit($product: ID!, $variants: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $product, variants: $variants) { userErrors { message } }
}
"""
DELETE_VARIANT = """
mutation Delete($product: ID!, $variants: [ID!]!) {
  productVariantsBulkDelete(productId: $product, variantsIds: $variants) { userErrors { message } }
}
"""
UPDATE_PRODUCT = """
mutation Edit($product: ProductUpdateInput!) { productUpdate(product: $product) { userErrors { message } } }
"""
DELETE_PRODUCT = """
mutation Delete($input: ProductDeleteInput!) { productDelete(input: $input) { userErrors { message } } }
"""

# How often each edit is made; 200 in all. Deletes in Shopify have a test of their own: a poll cannot see them.
SCRIPT: Mapping[str, int] = {
    "shopify_price": 46,
    "crm_price": 36,
    "shopify_price_again": 8,
    "crm_price_again": 8,
    "shopify_sku": 20,
    "crm_number": 12,
    "crm_number_again": 4,
    "shopify_title": 14,
    "shopify_description": 10,
    "crm_rename": 10,
    "crm_description": 8,
    "crm_vendor_part": 16,
    "crm_retire": 3,
    "crm_delete": 2,
    "shopify_archive": 3,
}


AGAIN = "_again"
"""The ending of edits of a record that was edited moments before, on whichever side: some of them are conflicts."""


@dataclass
class Made:
    """What was done: by kind how many edits, and how many written target records they ask for."""

    edits: dict[str, int] = field(default_factory=dict)
    needed: dict[str, int] = field(default_factory=dict)
    records: set[str] = field(default_factory=set)
    ended: set[str] = field(default_factory=set)

    def note(self, kind: str, pair: Pair, needed: int) -> None:
        """One edit was made."""
        self.edits[kind] = self.edits.get(kind, 0) + 1
        self.needed[kind] = self.needed.get(kind, 0) + needed
        self.records.add(pair[1].id)


class Editors:
    """A merchant and a salesperson at work. Records that were taken out of use are not edited again."""

    def __init__(self, info: Mapping[str, Any], seen: Audit, seed: int) -> None:
        self.merchant, self.salesperson = Merchant(info["shopify"]), Salesperson(info["dataverse"])
        self._chance = random.Random(seed)
        self._items = {row["_productid_value"]: row["productpricelevelid"] for row in self.salesperson.price_items()}
        self._family: dict[str, list[Pair]] = {}
        for pair in seen.pairs:
            self._family.setdefault(pair[0].product_id, []).append(pair)
        living = [pair for pair in seen.pairs if pair[1].state == 0 and pair[1].id in self._items]
        self._chance.shuffle(living)
        self._pool = living
        self._edited: list[Pair] = []
        self.made = Made()

    def steps(self, script: Mapping[str, int] = SCRIPT) -> Iterator[str]:
        """Make one edit per step, in random order; yields its kind."""
        kinds = [kind for kind, count in script.items() for _ in range(count)]
        self._chance.shuffle(kinds)
        for kind in kinds:
            pair = self._choose(kind)
            needed = getattr(self, f"_{kind.removesuffix(AGAIN)}")(*pair)
            self.made.note(kind, pair, needed)
            if kind not in _LAST:
                self._edited.append(pair)
            yield kind

    def _choose(self, kind: str) -> Pair:
        """A record that this edit makes sense for: not edited before, or, for an edit "again", surely edited before."""
        if kind.endswith(AGAIN) and self._edited:
            return self._chance.choice(self._edited)
        fits = _FITS.get(kind, lambda pair, family: True)
        chosen = next(pair for pair in self._pool if fits(pair, self._family[pair[0].product_id]))
        family = self._family[chosen[0].product_id] if kind in _WHOLE_PRODUCT else [chosen]
        gone = {pair[0].id for pair in family}
        self._pool = [pair for pair in self._pool if pair[0].id not in gone]
        return chosen

    def _price(self) -> Decimal:
        return Decimal(self._chance.randrange(100, 99_999)) / 100

    def _shopify_price(self, variant: Variant, product: Product) -> int:
        return self._change_variant(variant, {"price": str(self._price())})

    def _shopify_sku(self, variant: Variant, product: Product) -> int:
        return self._change_variant(variant, {"inventoryItem": {"sku": f"NEW-{self._code()}"}})

    def _shopify_title(self, variant: Variant, product: Product) -> int:
        return self._change_product(variant, {"title": f"Retitled {self._code()}"})

    def _shopify_description(self, variant: Variant, product: Product) -> int:
        return self._change_product(variant, {"descriptionHtml": f"<p>Text {self._code()} &amp; more.</p>"})

    def _shopify_archive(self, variant: Variant, product: Product) -> int:
        return 2 * self._change_product(variant, {"status": "ARCHIVED"})

    def _shopify_delete(self, variant: Variant, product: Product) -> int:
        self._merchant(DELETE_PRODUCT, {"input": {"id": f"gid://shopify/Product/{variant.product_id}"}})
        self.made.ended.add(product.id)
        return 2

    def _shopify_delete_variant(self, variant: Variant, product: Product) -> int:
        variables = {
            "product": f"gid://shopify/Product/{variant.product_id}",
            "variants": [f"gid://shopify/ProductVariant/{variant.id}"],
        }
        self._merchant(DELETE_VARIANT, variables)
        self.made.ended.add(product.id)
        return 2

    def _crm_price(self, variant: Variant, product: Product) -> int:
        body = {"amount": self._price()}
        self.salesperson.send("PATCH", f"productpricelevels({self._items[product.id]})", body)
        return 1

    def _crm_number(self, variant: Variant, product: Product) -> int:
        return self._change_row(product, {"productnumber": f"NUM-{self._code()}"})

    def _crm_rename(self, variant: Variant, product: Product) -> int:
        return self._change_row(product, {"name": f"Renamed {self._code()}"})

    def _crm_description(self, variant: Variant, product: Product) -> int:
        return self._change_row(product, {"description": f"Rewritten {self._code()}"})

    def _crm_vendor_part(self, variant: Variant, product: Product) -> int:
        return self._change_row(product, {"vendorpartnumber": f"VP-{self._code()}"})

    def _crm_retire(self, variant: Variant, product: Product) -> int:
        """Off the price list first: Dataverse asks for it."""
        self.salesperson.send("DELETE", f"productpricelevels({self._items[product.id]})")
        self._change_row(product, {"statecode": 1, "statuscode": 2})
        return 1

    def _crm_delete(self, variant: Variant, product: Product) -> int:
        self.salesperson.send("DELETE", f"products({product.id})")
        self.made.ended.add(variant.id)
        return 1

    def _change_variant(self, variant: Variant, change: Mapping[str, Any]) -> int:
        variables = {
            "product": f"gid://shopify/Product/{variant.product_id}",
            "variants": [{"id": f"gid://shopify/ProductVariant/{variant.id}", **change}],
        }
        self._merchant(UPDATE_VARIANT, variables)
        return 1

    def _change_product(self, variant: Variant, change: Mapping[str, Any]) -> int:
        """Every variant of the product is a CRM product of its own."""
        given = {"id": f"gid://shopify/Product/{variant.product_id}", **change}
        self._merchant(UPDATE_PRODUCT, {"product": given})
        return len(self._family[variant.product_id])

    def _change_row(self, product: Product, change: Mapping[str, Any]) -> int:
        self.salesperson.send("PATCH", f"products({product.id})", change)
        return 1

    def _merchant(self, query: str, variables: Mapping[str, Any]) -> None:
        for payload in self.merchant.call(query, variables).values():
            assert not payload["userErrors"], f"the merchant was refused: {payload['userErrors']} {variables}"

    def _code(self) -> str:
        return uuid.UUID(int=self._chance.getrandbits(128)).hex[:10]


def _alone(pair: Pair, family: list[Pair]) -> bool:
    """The only variant of its product."""
    return len(family) == 1


def _sold(pair: Pair, family: list[Pair]) -> bool:
    return len(family) == 1 and pair[0].status == "ACTIVE"


def _few(pair: Pair, family: list[Pair]) -> bool:
    return len(family) <= 5


_WHOLE_PRODUCT = {"shopify_title", "shopify_description", "shopify_archive", "shopify_delete", "shopify_delete_variant"}
_LAST = {"crm_retire", "crm_delete", "shopify_archive", "shopify_delete", "shopify_delete_variant"}
_FITS: Mapping[str, Callable[[Pair, list[Pair]], bool]] = {
    "shopify_title": _few,
    "shopify_description": _few,
    "shopify_archive": _alone,
    "shopify_delete": _alone,
    "shopify_delete_variant": lambda pair, family: 1 < len(family) <= 5,
    "crm_retire": _sold,
    "crm_delete": _sold,
}
