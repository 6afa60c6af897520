"""The made-up catalogue that both sandboxes are seeded with: deterministic for a seed, no real names or people.

120 CRM products and 50 Shopify products. Twenty SKUs exist on both sides and have to be adopted; three SKUs are
shared by two Shopify variants each and have to be parked; four Shopify products have three options and 100 variants.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal

CRM_PRODUCTS = 120
SHOPIFY_PRODUCTS = 50
LARGE = 4
OVERLAPPING = 20
SHARED_SKUS = 3

MATERIALS = ("Oak", "Ash", "Steel", "Brass", "Linen", "Wool", "Cork", "Slate", "Copper", "Felt")
THINGS = ("Lamp", "Chair", "Table", "Shelf", "Basket", "Hook", "Bench", "Mirror", "Clock", "Stool", "Tray", "Vase")
COLOURS = ("Black", "White", "Green", "Blue", "Red")
SIZES = ("XS", "S", "M", "L", "XL")
FINISHES = ("Matt", "Gloss", "Oiled", "Raw")
DESIGNERS = ("Ingrid Solvang", "Tomas Ferreiro", "Yuki Hanabe")
"""Made up, like all else; personal all the same: no log may hold a name (tests/support/leaks.py)."""


@dataclass(frozen=True)
class SeedVariant:
    """One variant: option values in the order of the product's options."""

    sku: str
    price: Decimal
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeedProduct:
    """One Shopify product."""

    title: str
    html: str
    status: str
    options: tuple[str, ...]
    variants: tuple[SeedVariant, ...]


@dataclass(frozen=True)
class CrmProduct:
    """One CRM product with its price."""

    number: str
    name: str
    description: str
    price: Decimal
    vendor_part: str = ""


@dataclass(frozen=True)
class Catalogue:
    """Everything to seed, and what has to come of it."""

    shopify: tuple[SeedProduct, ...]
    crm: tuple[CrmProduct, ...]
    overlapping: frozenset[str] = field(default_factory=frozenset)
    shared: frozenset[str] = field(default_factory=frozenset)

    @property
    def variants(self) -> int:
        """How many Shopify variants are seeded."""
        return sum(len(product.variants) for product in self.shopify)


def build(seed: int = 1) -> Catalogue:
    """The catalogue of that seed."""
    chance = random.Random(seed)
    products = [_product(chance, number) for number in range(SHOPIFY_PRODUCTS)]
    products = _share_skus(products)
    shared = frozenset(product.variants[0].sku for product in products[-2 * SHARED_SKUS :: 2])
    adoptable = [v.sku for p in products[: -2 * SHARED_SKUS] for v in p.variants[:1] if v.sku]
    overlapping = adoptable[LARGE : LARGE + OVERLAPPING]
    crm = [_crm_product(chance, number, overlapping) for number in range(CRM_PRODUCTS)]
    return Catalogue(tuple(products), tuple(crm), frozenset(overlapping), shared)


def _price(chance: random.Random) -> Decimal:
    return Decimal(chance.randrange(199, 49_999)) / 100


def _title(chance: random.Random, number: int) -> str:
    return f"{chance.choice(MATERIALS)} {chance.choice(THINGS)} {number + 1:03d}"


def _product(chance: random.Random, number: int) -> SeedProduct:
    title = _title(chance, number)
    designer = DESIGNERS[number % len(DESIGNERS)]
    html = f"<p>{title}: made to last, by {designer}.</p><ul><li>Care: dry cloth &amp; patience</li></ul>"
    status = chance.choice(("ACTIVE", "ACTIVE", "ACTIVE", "DRAFT"))
    if number < LARGE:
        combinations = [(c, s, f) for c in COLOURS for s in SIZES for f in FINISHES]
        return SeedProduct(title, html, status, ("Colour", "Size", "Finish"), _variants(chance, number, combinations))
    if number % 3 == 0:
        sizes = [(size,) for size in SIZES[: chance.randrange(2, 6)]]
        return SeedProduct(title, html, status, ("Size",), _variants(chance, number, sizes))
    sku = "" if number % 17 == 0 else f"SKU-{number:03d}"
    return SeedProduct(title, html, status, (), (SeedVariant(sku, _price(chance)),))


def _variants(chance: random.Random, number: int, combinations: list[tuple[str, ...]]) -> tuple[SeedVariant, ...]:
    return tuple(
        SeedVariant(f"SKU-{number:03d}-{index:03d}", _price(chance), values)
        for index, values in enumerate(combinations)
    )


def _share_skus(products: list[SeedProduct]) -> list[SeedProduct]:
    """The last six products carry three SKUs in pairs: nobody can say which of the two is meant."""
    for index in range(SHARED_SKUS):
        first, second = SHOPIFY_PRODUCTS - 2 * (index + 1), SHOPIFY_PRODUCTS - 2 * (index + 1) + 1
        for position in (first, second):
            old = products[position]
            variant = SeedVariant(f"TWIN-{index + 1}", old.variants[0].price)
            products[position] = SeedProduct(old.title, old.html, old.status, (), (variant,))
    return products


def _crm_product(chance: random.Random, number: int, overlapping: list[str]) -> CrmProduct:
    code = overlapping[number] if number < len(overlapping) else f"CRM-{number:04d}"
    name = f"{chance.choice(MATERIALS)} {chance.choice(THINGS)} (CRM {number + 1:03d})"
    text = f"{name}, kept by sales. Ask {DESIGNERS[number % len(DESIGNERS)]}."
    return CrmProduct(code, name, text, _price(chance), vendor_part=f"VP-{number:04d}")
