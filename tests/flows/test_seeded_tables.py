"""What `make run` carries of tables: everything the merchant's seed enters is a row, and both sides agree."""

from __future__ import annotations

from rich.console import Console

from sandbox import tables_seed
from sandbox.report import agreement
from sandbox.run import TABLES
from tests.flows.conftest import OpenTables
from tests.flows.test_table_rows import PRODUCT


def test_what_the_seed_enters_is_in_crm(tabling: OpenTables) -> None:
    """Each location, collection with its products, gift card and size chart has its row; nothing differs."""
    shop = tabling(TABLES=TABLES)
    for title in ("Hat", "Scarf", "Glove", "Boot"):
        shop.done(PRODUCT, p={"title": title})
    tables_seed.enter(shop.merchant)
    shop.run()
    found = {name: len(shop.rows(name)) for name in (
        "new_shopifylocations", "new_shopifycollections", "new_shopifycollectionproducts", "new_shopifygiftcards",
        "new_shopifysizecharts",
    )}  # fmt: skip
    assert list(found.values()) == [len(tables_seed.PLACES) + 1, 3, 4, 3, 3]
    assert agreement(shop.app, Console(quiet=True))
    shop.silent()
