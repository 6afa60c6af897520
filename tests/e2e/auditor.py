"""An auditor who knows the rules of the flat model by heart and trusts nobody: what is missing, doubled, different.

It lists both sides as people see them and compares. Must import nothing of the app: neither its mapping, nor its
state, nor its records; a mistake there would otherwise hide itself here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from typing import Any

from tests.e2e.reading import Merchant, Product, Salesperson, Variant

ACTIVE, RETIRED, DRAFT = 0, 1, 2
NAME_LENGTH, DESCRIPTION_LENGTH = 100, 2000


@dataclass
class Audit:
    """What was seen and what is wrong with it."""

    variants: dict[str, Variant]
    products: dict[str, Product]
    pairs: list[tuple[Variant, Product]] = field(default_factory=list)
    apart: list[Variant | Product] = field(default_factory=list)
    parked: list[Variant] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)

    @property
    def findings(self) -> list[str]:
        """Everything that is wrong, the worst first."""
        return [*self.doubled, *self.missing, *self.different]

    def __str__(self) -> str:
        head = (
            f"{len(self.variants)} variants, {len(self.products)} CRM products, {len(self.pairs)} pairs, "
            f"{len(self.parked)} parked, {len(self.apart)} left by a deleted counterpart; {len(self.doubled)} doubled, "
            f"{len(self.missing)} missing, {len(self.different)} different"
        )
        return "\n  ".join([head, *self.findings[:20]])


def audit(info: Mapping[str, Any], *, shared: frozenset[str], ended: frozenset[str] = frozenset()) -> Audit:
    """Compare both sides. `shared`: SKUs that several variants carry; `ended`: ids whose counterpart was deleted."""
    merchant, salesperson = Merchant(info["shopify"]), Salesperson(info["dataverse"])
    _, group, unit = salesperson.basics()
    found = Audit({one.id: one for one in merchant.variants()}, {one.id: one for one in salesperson.products()})
    return compare(found, (unit, group), shared=shared, ended=ended)


def compare(found: Audit, units: tuple[str, str], *, shared: frozenset[str], ended: frozenset[str]) -> Audit:
    """The same with both sides at hand; `units` are the default unit and its group."""
    _pair(found)
    _alone(found, shared, ended)
    _unique(found, shared)
    for variant, product in found.pairs:
        rules = _rules(variant, product, units)
        found.different += [f"{name}: {variant} | {product}" for name, right in rules.items() if not right]
    return found


def _pair(found: Audit) -> None:
    """Who belongs to whom by the marks; a record with two counterparts is a double."""
    links = {(one.mark, one.id) for one in found.products.values() if one.mark in found.variants}
    links |= {(one.id, one.mark) for one in found.variants.values() if one.mark in found.products}
    partners: dict[str, set[str]] = defaultdict(set)
    for variant, product in links:
        partners[variant].add(product)
        partners[product].add(variant)
    found.doubled += [f"{one} has several counterparts: {sorted(of)}" for one, of in partners.items() if len(of) > 1]
    found.pairs = [(found.variants[variant], found.products[product]) for variant, product in sorted(links)]


def _alone(found: Audit, shared: frozenset[str], ended: frozenset[str]) -> None:
    paired = {one.id for pair in found.pairs for one in pair}
    closed = {one.number for one in found.products.values() if one.state == RETIRED and one.id not in paired}
    for variant in found.variants.values():
        if variant.sku in shared:
            found.parked.append(variant)
            if variant.id in paired:
                found.different.append(f"variant {variant.id} shares SKU {variant.sku} and had to be parked")
        elif variant.id not in paired and variant.sku in closed:
            found.apart.append(variant)  # the product of its number takes no changes, so it is not linked either
        elif variant.id not in paired and not variant.gift_card:
            what = f"variant {variant.id}, SKU '{variant.sku}'"
            _left(found, variant, what, ended=variant.id in ended, alive=variant.status == "ACTIVE")
    for product in found.products.values():
        if product.id not in paired and product.structure == 1 and (product.state == ACTIVE or product.shopify_product):
            what = f"CRM product {product.id}, number '{product.number}'"
            _left(found, product, what, ended=product.id in ended, alive=product.state != RETIRED)


def _left(found: Audit, record: Variant | Product, what: str, *, ended: bool, alive: bool) -> None:
    """A record without a counterpart: fine only after a person deleted the counterpart, and then out of use."""
    if not ended:
        found.missing.append(f"no counterpart of {what}")
        return
    found.apart.append(record)
    if alive:
        found.different.append(f"{what} is still in use although its counterpart was deleted")


def _unique(found: Audit, shared: frozenset[str]) -> None:
    """A key that stands twice on one side betrays a double whose mark got lost."""
    kept = [one.sku for one in found.variants.values() if one.sku and one.sku not in shared]
    numbers = [one.number for one in found.products.values()]
    for what, keys in (("SKU", kept), ("product number", numbers)):
        found.doubled += [f"{what} {key} stands {keys.count(key)} times" for key in set(keys) if keys.count(key) > 1]
    found.different += [f"a CRM product carries the shared SKU {number}" for number in numbers if number in shared]


def _rules(variant: Variant, product: Product, units: tuple[str, str]) -> dict[str, bool]:
    """The rules of the flat model, each with whether it holds. A retired product takes no changes any more."""
    options = [(name, value) for name, value in variant.options if value != "Default Title"]
    name = variant.product_title if not options else f"{variant.product_title} - {variant.title}"
    values = {
        "product number": product.number == (variant.sku or f"SHOPIFY-{variant.id}"),
        "price": product.price is not None and _in_cents(product.price) == variant.price,
        "name": _cut(product.name, name, NAME_LENGTH),
        "description": _cut(_words(product.description), _words(text_of(variant.html)), DESCRIPTION_LENGTH),
        "Shopify title": product.shopify_title == variant.product_title,
        "Shopify options": product.shopify_options == ", ".join(f"{key}: {value}" for key, value in options),
        "Shopify product": product.shopify_product == variant.product_id,
        "vendor part": variant.vendor == product.vendor,
    }
    return ({} if product.state == RETIRED else values) | {
        "mark": product.mark == variant.id or variant.mark == product.id,
        "unit": (product.unit, product.unit_group) == units,
        "kind": (product.structure, product.decimals) == (1, 0),
        "state": product.state in (ACTIVE, RETIRED),
        "archived is retired": variant.status != "ARCHIVED" or product.state == RETIRED,
        "retired is not sold": product.state != RETIRED or variant.status != "ACTIVE",
    }


def _in_cents(amount: Decimal) -> Decimal:
    """As Shopify keeps it: in the currency's own decimals."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _cut(short: str, whole: str, length: int) -> bool:
    """Equal, or cut at the column's length."""
    return short == whole or (len(whole) > length >= len(short) and short[: length - 10] == whole[: length - 10])


def _words(text: str) -> str:
    """The words of a text; how lists and paragraphs are set is a matter of taste."""
    return " ".join(re.sub(r"^\s*[-*•]\s+", "", line) for line in text.split("\n")).strip().replace("  ", " ")


def text_of(markup: str) -> str:
    """What stands between the tags, a line per block."""
    reader = _Text()
    reader.feed(markup)
    reader.close()
    return "\n".join(line.strip() for line in reader.text.split("\n") if line.strip())


class _Text(HTMLParser):
    text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Every tag of the catalogue is a block."""
        self.text += "\n"

    def handle_endtag(self, tag: str) -> None:
        """And so is its end."""
        self.text += "\n"

    def handle_data(self, data: str) -> None:
        """Text as it stands."""
        self.text += data
