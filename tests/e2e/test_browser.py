"""Both sandboxes' pages in a real browser: a person looks, edits, and sees the edit arrive on the other side."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox import world
from tests.e2e.auditor import Audit, audit
from tests.e2e.browser import Browser, browsing, missing
from tests.e2e.conftest import Loaded

PICTURES = world.ROOT / ".run" / "pictures"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One window for the module."""
    if missing():
        pytest.skip(missing())
    PICTURES.mkdir(parents=True, exist_ok=True)
    with browsing(tmp_path_factory.mktemp("profile")) as one:
        yield one


def test_both_pages_show_their_products(loaded: Loaded, browser: Browser) -> None:
    """Each page shows a table of products with a field for every price."""
    info = loaded.running.info
    browser.open(info["shopify"]["url"])
    browser.picture(PICTURES / "shopify.png")
    assert info["shopify"]["shop"] in browser.title()
    assert len(browser.texts("table tr")) > 50
    assert all(price for price in browser.values("form[action^='/edit/variant/'] input[name=price]"))
    browser.open(info["dataverse"]["url"])
    browser.picture(PICTURES / "dataverse.png")
    assert "Dataverse" in browser.title()
    assert len(browser.texts("#products tr")) > 50


def test_a_price_typed_on_one_page_arrives_on_the_other(loaded: Loaded, browser: Browser) -> None:
    """A price saved in Shopify's page appears on Dataverse's page, and the other way round."""
    running = loaded.running
    shopify, dataverse = running.info["shopify"]["url"], running.info["dataverse"]["url"]
    host = running.start()
    try:
        running.settle()
        variant, number = _editable(audit(running.info, shared=loaded.shared, ended=loaded.ended))
        search, amount = f"{dataverse}/?q={number}", "#products input[name=amount]"
        ours = f"form[action='/edit/variant/{variant}']"
        _bring_up(browser, search, amount, "55.55")
        browser.wait_for(shopify, f"{ours} input[name=price]", "55.55")
        browser.picture(PICTURES / "shopify-after-crm-edit.png")
        browser.fill(f"{ours} input[name=price]", "77.25")
        browser.click(f"{ours} button")
        browser.wait_for(search, amount, "77.2500")
        browser.picture(PICTURES / "dataverse-after-shopify-edit.png")
    finally:
        host.process.stop()


def _bring_up(browser: Browser, search: str, amount: str, price: str) -> None:
    """Type a price on Dataverse's page: the Shopify page lists what changed last, so it will be on top there."""
    browser.open(search)
    browser.fill(amount, price)
    browser.click("#products form:has(input[name=amount]) button")


def _editable(found: Audit) -> tuple[str, str]:
    """A variant that stands alone in its product, and its CRM number, which finds exactly one row."""
    families = [variant.product_id for variant, _ in found.pairs]
    numbers = [product.number for product in found.products.values()]
    return next(
        (variant.id, product.number)
        for variant, product in found.pairs
        if families.count(variant.product_id) == 1
        and product.state == 0
        and product.price is not None
        and sum(product.number in number for number in numbers) == 1
    )
