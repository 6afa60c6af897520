"""What a page of products costs, in a store of many."""

from __future__ import annotations

import pytest

from sandbox.bench import many_products, shopify_pages
from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop


def test_what_is_put_in_directly_reads_as_written(box: ShopifySandbox, shop: Shop) -> None:
    """Products put straight into the tables read like any other, are found, and are followed by new ones."""
    many_products.add(box.store, 3, 2)
    query = """{ products(first: 9, query: "vendor:'Vendor 1'") { nodes { title totalInventory totalVariants
      variants(first: 9) { nodes { title sku inventoryQuantity } } } } }"""
    (found,) = shop.data(query)["products"]["nodes"]
    assert (found["title"], found["totalInventory"], found["totalVariants"]) == ("Product number 1", 10, 2)
    assert found["variants"]["nodes"][1] == {"title": "S1", "sku": "SKU-1-1", "inventoryQuantity": 5}
    made = shop.create()
    assert shop.data("{ productsCount { count } }")["productsCount"]["count"] == 4
    assert made["variants"]["nodes"][0]["title"] == "Default Title"


@pytest.mark.long
def test_a_page_costs_what_it_holds() -> None:
    """A page of 250 products with ten variants takes about as long in a store twenty times as large."""
    for entry in shopify_pages.measure(500, 10_000):
        assert entry.ratio <= 1.3, entry.line()
