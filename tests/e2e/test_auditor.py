"""The auditor sees what it is there to see: every kind of finding, on a small made-up catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.e2e.auditor import Audit, compare
from tests.e2e.reading import Product, Variant

UNITS = ("unit", "group")
VARIANT = Variant(
    id="1",
    sku="A-1",
    price=Decimal("10.50"),
    title="Red",
    options=(("Colour", "Red"),),
    mark="",
    vendor="VP",
    product_id="9",
    product_title="Lamp",
    html="<p>Bright &amp; warm</p>",
    status="ACTIVE",
    gift_card=False,
)
PRODUCT = Product(
    id="p1",
    number="A-1",
    name="Lamp - Red",
    description="Bright & warm",
    state=0,
    structure=1,
    decimals=0,
    vendor="VP",
    unit="unit",
    unit_group="group",
    shopify_title="Lamp",
    shopify_options="Colour: Red",
    shopify_product="9",
    mark="1",
    price=Decimal("10.5000"),
)


def _compared(variants: list[Variant], products: list[Product], ended: frozenset[str] = frozenset()) -> Audit:
    seen = Audit({one.id: one for one in variants}, {one.id: one for one in products})
    return compare(seen, UNITS, shared=frozenset({"TWIN"}), ended=ended)


def test_a_pair_as_it_should_be_is_no_finding() -> None:
    """Two records that follow every rule are one pair and no finding."""
    found = _compared([VARIANT], [PRODUCT])
    assert not found.findings
    assert found.pairs == [(VARIANT, PRODUCT)]


@pytest.mark.parametrize(
    "change",
    [
        {"number": "A-2"},
        {"price": Decimal("10.51")},
        {"price": None},
        {"name": "Lamp"},
        {"description": "Bright"},
        {"shopify_title": "Lamps"},
        {"shopify_options": "Color: Red"},
        {"shopify_product": "8"},
        {"vendor": ""},
        {"unit": "dozen"},
        {"structure": 2},
        {"state": 2},
        {"state": 1},
    ],
    ids=str,
)
def test_every_field_that_differs_is_found(change: dict[str, object]) -> None:
    """One value that breaks a rule is one difference."""
    found = _compared([VARIANT], [replace(PRODUCT, **change)])  # type: ignore[arg-type]
    assert len(found.different) == 1
    assert not found.doubled
    assert not found.missing


@pytest.mark.parametrize(
    ("variants", "products", "kind"),
    [
        ([VARIANT], [], lambda found: found.missing),
        ([], [replace(PRODUCT, mark="")], lambda found: found.missing),
        ([VARIANT], [PRODUCT, replace(PRODUCT, id="p2", number="A-3")], lambda found: found.doubled),
        ([replace(VARIANT, mark="p1"), replace(VARIANT, id="2", sku="B", mark="p1")], [PRODUCT], lambda f: f.doubled),
        ([VARIANT, replace(VARIANT, id="2")], [PRODUCT], lambda found: found.doubled),
        ([VARIANT], [PRODUCT, replace(PRODUCT, id="p2", mark="")], lambda found: found.doubled),
        ([replace(VARIANT, sku="TWIN")], [replace(PRODUCT, number="TWIN")], lambda found: found.different),
        ([replace(VARIANT, status="ARCHIVED")], [PRODUCT], lambda found: found.different),
    ],
    ids=["no product", "no variant", "two products", "two variants", "SKU twice", "number twice", "shared", "archived"],
)
def test_what_is_missing_or_doubled_is_found(
    variants: list[Variant], products: list[Product], kind: Callable[[Audit], list[str]]
) -> None:
    """A record without its counterpart, with two of them, or of a key that stands twice is a finding of its kind."""
    assert kind(_compared(variants, products))


def test_what_lost_its_counterpart_has_to_be_out_of_use() -> None:
    """After a delete the other side is fine when it is retired, and a finding while it is still in use."""
    left = replace(PRODUCT, mark="gone", state=0)
    assert _compared([], [left], ended=frozenset({"p1"})).different
    assert not _compared([], [replace(left, state=1)], ended=frozenset({"p1"})).findings


def test_a_variant_without_a_sku_is_known_by_its_id() -> None:
    """A blank SKU asks for the number SHOPIFY-<id> and no other."""
    bare = replace(VARIANT, sku="")
    assert not _compared([bare], [replace(PRODUCT, number="SHOPIFY-1")]).findings
    assert _compared([bare], [PRODUCT]).different
