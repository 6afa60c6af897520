"""Tables after the state was lost: their rows are found by their marks, and nothing is doubled."""

from __future__ import annotations

import pytest

from tests.flows.conftest import OpenTables
from tests.flows.restoring import Operator
from tests.flows.test_table_changes import COLLECT, PRODUCT


def test_a_tables_pairs_are_made_again_from_its_marks(
    tabling: OpenTables, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Promise: `pairs rebuild` knows the tables that are carried; then every row stays the one it was, lines too."""
    shop = tabling(TABLES="collections")
    product = shop.done(PRODUCT, p={"title": "Hat"})["product"]["id"]
    shop.done(COLLECT, i={"title": "Winter", "products": [product]})
    shop.done(COLLECT, i={"title": "Summer", "products": []})
    shop.run()
    rows = {name: shop.rows(name) for name in ("new_shopifycollections", "new_shopifycollectionproducts")}
    operator = Operator(shop, monkeypatch, capsys)
    pairs = operator.links()
    operator.lose()
    counts = operator.rebuild()
    assert list(counts) == ["collections"]
    assert (counts["collections"]["marks"], counts["collections"]["paired"]) == (2, 2)
    assert operator.links() == pairs
    shop.silent()
    assert {name: shop.rows(name) for name in rows} == rows
