"""The small parts under the variants: the poll's token and the table of what can be written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from shared.errors import SchemaMismatch
from shared.shopify.polling import MOST_SEEN, Window, window
from shared.shopify.schema import load
from shared.shopify.variant_paths import PRODUCT_INPUTS, VARIANT_INPUTS, describe, inputs
from shared.shopify.variants import Variants
from tests.unit.shopify.shop import client, data

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def test_the_token_stays_small() -> None:
    """Promise: however much changes within the overlap, the token fits a property of Table Storage."""
    given = {str(8_000_000_000_000 + n): NOON + timedelta(milliseconds=n) for n in range(5_000)}
    token = Window(NOON).closed(NOON, 300.0, given).token()
    assert len(token) < 20_000
    assert len(window(token).seen) == MOST_SEEN


def test_what_left_the_overlap_is_forgotten() -> None:
    """Promise: entries older than the next overlap are dropped, younger ones kept."""
    closed = Window(NOON, seen={"1": int((NOON - timedelta(hours=1)).timestamp())}).closed(NOON, 300.0, {"2": NOON})
    assert set(closed.seen) == {"2"}
    assert closed.gave("2", NOON)
    assert not closed.gave("2", NOON + timedelta(seconds=1))


def test_a_token_survives_text() -> None:
    """Promise: a window in the middle of its pages comes back from its token as it was."""
    middle = Window(NOON).paged(NOON + timedelta(seconds=9), "cursor==", {"1": NOON})
    assert window(middle.token()) == middle


def test_time_never_goes_back() -> None:
    """Promise: a poll whose source clock lags behind the token does not move the window back."""
    assert Window(NOON).closed(NOON - timedelta(hours=1), 300.0, {}).since == NOON


@pytest.mark.parametrize("type_name", ["ProductVariantsBulkInput", "ProductVariantSetInput"])
def test_the_variants_write_table_exists_in_the_schema(type_name: str) -> None:
    """Promise: every writable path leads to an input field of both mutations that use the table."""
    for names in VARIANT_INPUTS.values():
        kind = type_name
        for name in names:
            found = load().input(kind, name)
            assert found is not None, (type_name, names)
            kind = found.type_name


@pytest.mark.parametrize("type_name", ["ProductUpdateInput", "ProductSetInput"])
def test_the_products_write_table_exists_in_the_schema(type_name: str) -> None:
    """Promise: the same for what is written on the parent."""
    for names in PRODUCT_INPUTS.values():
        kind = type_name
        for name in names:
            found = load().input(kind, name)
            assert found is not None, (type_name, names)
            kind = found.type_name


def test_every_writable_path_can_be_read() -> None:
    """Promise: what is written is compared with what comes back, so each writable path is a path of the schema."""
    made, _ = client(data({}))
    variants = Variants(made, [])
    for path in (*VARIANT_INPUTS, *PRODUCT_INPUTS):
        info = variants.describe(path)
        assert info is not None, path
        assert info.updatable, path


def test_values_are_encoded_for_their_inputs() -> None:
    """Promise: money goes as exact text, floats as numbers, metafields as text, nothing as a deletion."""
    found = inputs(
        load(),
        {
            "price": Decimal("1E+2"),
            "inventoryItem.measurement.weight.value": Decimal("1.5"),
            "inventoryItem.measurement.weight.unit": "KILOGRAMS",
            "compareAtPrice": None,
            'metafields."a.flag"': True,
            'metafields."a.size"': Decimal("10.50"),
            'metafields."a.gone"': "",
            "product.seo.title": "x",
        },
    )
    weight = {"value": 1.5, "unit": "KILOGRAMS"}
    assert found.variant == {
        "price": "100",
        "compareAtPrice": None,
        "inventoryItem": {"measurement": {"weight": weight}},
    }
    assert found.variant_metafields == {("a", "flag"): "true", ("a", "size"): "10.50", ("a", "gone"): None}
    assert found.product == {"seo": {"title": "x"}}


@pytest.mark.parametrize("path", ["title", "product.legacyResourceId", "selectedOptions.name", "inventoryItem.id"])
def test_unwritable_paths_are_named(path: str) -> None:
    """Promise: a path outside the table is refused by name and described as read-only."""
    with pytest.raises(SchemaMismatch, match="cannot be written"):
        inputs(load(), {path: "x"})
    made, _ = client(data({}))
    info = describe(Variants(made, [])._whole, path)
    assert info is not None
    assert not info.updatable
