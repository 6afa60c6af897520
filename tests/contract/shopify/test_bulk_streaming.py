"""A bulk export streams: what it holds in memory does not grow with the store."""

from __future__ import annotations

import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import ShopifySandbox, create
from tests.contract.shopify.client import Shop

RUN = """mutation($q: String!) { bulkOperationRunQuery(query: $q) { bulkOperation { id } userErrors { message } } }"""
READ = "query($i: ID!) { bulkOperation(id: $i) { status objectCount rootObjectCount } }"
PRODUCTS = "{ products { edges { node { id title variants { edges { node { id sku } } } } } } }"


def multiply(box: ShopifySandbox, table: str, times: int, changed: dict[str, str]) -> None:
    """Copy the rows of a table so many times; `changed` are expressions over the copy's number `n`."""
    columns = [row["name"] for row in box.store.db.all(f"PRAGMA table_info({table})")]
    shown = ", ".join(changed.get(name, name) for name in columns)
    sql = (
        f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {times}) "  # noqa: S608
        f"INSERT INTO {table} SELECT {shown} FROM {table} CROSS JOIN numbers"
    )
    box.store.db.run(sql)


def filled(path: Path, size: int) -> ShopifySandbox:
    """A store on disk with so many products of one variant each."""
    box = create(ShopifyConfig(db=str(path)), Clock(datetime(2026, 11, 2, 12, tzinfo=UTC)))
    Shop(box).create(title="Copied")
    multiply(box, "products", size - 1, {"id": "id + n", "handle": "handle || '-' || n"})
    multiply(box, "variants", size - 1, {"id": "id + n", "product_id": "product_id + n"})
    return box


def exported(path: Path, size: int) -> int:
    """The most memory an export of a store of that size holds at once, in bytes."""
    with filled(path, size) as box:
        shop = Shop(box)
        number = shop.data(RUN, {"q": PRODUCTS})["bulkOperationRunQuery"]["bulkOperation"]["id"]
        box.clock.advance(2)
        tracemalloc.start()
        try:
            assert box.bulk.run_due() == 1
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        read = shop.data(READ, {"i": number})["bulkOperation"]
        assert read == {"status": "COMPLETED", "objectCount": str(2 * size), "rootObjectCount": str(size)}
    return peak


@pytest.mark.long
def test_memory_stays_flat(tmp_path: Path) -> None:
    """Ten times the store takes no more memory than a fifth more, and more than the depth limit of a list is read."""
    small, large = exported(tmp_path / "small.db", 3_000), exported(tmp_path / "large.db", 30_000)
    assert large < small * 1.2, f"{small / 1e6:.1f} MB for 3,000 products, {large / 1e6:.1f} MB for 30,000"


def test_an_export_goes_beyond_a_page(tmp_path: Path) -> None:
    """More products than fit a page are all in the file, once each."""
    exported(tmp_path / "pages.db", 600)
