"""The first load of a whole catalogue, and the same once more."""

from __future__ import annotations

from sandbox import catalogue
from tests.e2e.auditor import ACTIVE, text_of
from tests.e2e.conftest import Loaded
from tests.e2e.running import said


def test_everything_ends_on_both_sides_once(loaded: Loaded) -> None:
    """After the first load every record has one counterpart, equal in every field, and the exit code is 0."""
    said([f"first load: {loaded.seconds:.1f} s, exit code {loaded.exit_code}", str(loaded.audit)])
    seeded = loaded.running.catalogue
    born_in_crm = catalogue.CRM_PRODUCTS - catalogue.OVERLAPPING
    assert not loaded.audit.findings
    assert loaded.exit_code == 0
    assert len(loaded.audit.variants) == seeded.variants + born_in_crm
    assert len(loaded.audit.products) == len(seeded.crm) + seeded.variants - catalogue.OVERLAPPING - 6
    assert len(loaded.audit.pairs) == len(loaded.audit.products)
    assert len(loaded.audit.parked) == 2 * catalogue.SHARED_SKUS


def test_creates_are_counted_by_the_sandboxes(loaded: Loaded) -> None:
    """The sandboxes saw exactly the writes that were needed: creates, and one update per record that needed it."""
    adopted = catalogue.OVERLAPPING
    born_in_shopify = loaded.running.catalogue.variants - adopted - 2 * catalogue.SHARED_SKUS
    born_in_crm = catalogue.CRM_PRODUCTS - adopted
    counted = loaded.counted
    said([f"Shopify targets {dict(counted.shopify_targets)}, CRM rows written {counted.crm_rows}"])
    # An adopted product takes CRM's price and vendor part; a product born in CRM is one product with one variant.
    assert counted.shopify_targets == {"Product": born_in_crm, "ProductVariant": adopted}
    # A new CRM product is three rows' worth: inserted, priced, published. All others learn the Shopify title.
    assert counted.crm_rows == 3 * born_in_shopify + born_in_crm + adopted


def test_records_are_born_as_the_mapping_says(loaded: Loaded) -> None:
    """A product born in CRM arrives as a draft with its texts; a variant born in Shopify arrives active."""
    seeded = {row.number: row for row in loaded.running.catalogue.crm}
    theirs = [(variant, seeded[product.number]) for variant, product in loaded.audit.pairs if product.number in seeded]
    outward = [(variant, row) for variant, row in theirs if row.number not in loaded.running.catalogue.overlapping]
    assert len(outward) == catalogue.CRM_PRODUCTS - catalogue.OVERLAPPING
    for variant, row in outward:
        assert (variant.status, variant.product_title, variant.price) == ("DRAFT", row.name, row.price)
        assert (text_of(variant.html), variant.vendor) == (row.description, row.vendor_part)
    assert all(product.state == ACTIVE for _, product in loaded.audit.pairs)


def test_a_second_run_writes_nothing(loaded: Loaded) -> None:
    """The same state run again ends with exit code 0 and not one write of the app on either side."""
    before = loaded.running.counted()
    assert loaded.once() == 0
    again = loaded.running.counted().since(before)
    calls = f"{again.shopify_calls} Shopify calls, {again.crm_requests} CRM requests"
    said([f"second run: {calls}, {again.written} writes"])
    assert again.written == 0
    assert again.shopify_calls > 0
    assert again.crm_requests > 0
