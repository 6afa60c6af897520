"""The Dataverse sandbox's pages in a real browser: a person opens an order, edits it, and sees the totals move."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import world
from sandbox.dataverse.seed import fixed_id
from sandbox.processes import start_process
from tests.e2e.browser import Browser, browsing, missing

PICTURES = world.ROOT / ".run" / "pictures"
PHONE, DESK = (390, 844), (1400, 1000)


@dataclass
class Crm:
    """A running Dataverse sandbox without limits."""

    url: str
    token: str

    def create(self, entity_set: str, body: dict[str, Any]) -> str:
        """A row's id."""
        made = requests.post(f"{self.url}/api/data/v9.2/{entity_set}", json=body, timeout=30,
                             headers={"Authorization": f"Bearer {self.token}"})
        assert made.status_code == 204, made.text
        return made.headers["OData-EntityId"].split("(")[1].rstrip(")")

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """Change a row."""
        made = requests.patch(f"{self.url}/api/data/v9.2/{path}", json=body, timeout=30,
                              headers={"Authorization": f"Bearer {self.token}"})
        assert made.status_code == 204, made.text


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    """The sandbox in a process of its own."""
    info = tmp_path_factory.mktemp("crm") / "info.json"
    command = [sys.executable, "-m", "sandbox.dataverse", "--no-limits", "--info", str(info)]
    process = start_process("dataverse", command, ready=lambda _: _written(info), timeout_s=60)
    try:
        found = json.loads(info.read_text(encoding="utf-8"))
        yield Crm(found["url"], found["token"])
    finally:
        process.stop()


def _written(info: Path) -> bool:
    return info.exists() and info.read_text(encoding="utf-8").endswith("}")


@pytest.fixture(scope="module")
def order(crm: Crm) -> str:
    """An order with a catalogue line and a written-in one."""
    account = crm.create("accounts", {"name": "Buyer"})
    unit, price_list = f"/uoms({fixed_id('uom')})", f"/pricelevels({fixed_id('pricelevel')})"
    product = crm.create("products", {
        "name": "Rain jacket, long, recycled fabric", "productnumber": "SKU-1", "defaultuomid@odata.bind": unit,
        "defaultuomscheduleid@odata.bind": f"/uomschedules({fixed_id('uomschedule')})"})
    crm.create("productpricelevels", {
        "productid@odata.bind": f"/products({product})", "uomid@odata.bind": unit,
        "pricelevelid@odata.bind": price_list, "amount": 129})
    crm.patch(f"products({product})", {"statecode": 0})
    return crm.create("salesorders", {
        "name": "Order #1001", "customerid_account@odata.bind": f"/accounts({account})",
        "pricelevelid@odata.bind": price_list, "order_details": [
            {"productid@odata.bind": f"/products({product})", "uomid@odata.bind": unit, "quantity": 2, "tax": 49.02},
            {"isproductoverridden": True, "productdescription": "Shipping", "priceperunit": 4.9, "quantity": 1}]})


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One window for the module."""
    if missing():
        pytest.skip(missing())
    PICTURES.mkdir(parents=True, exist_ok=True)
    with browsing(tmp_path_factory.mktemp("profile")) as one:
        yield one


def test_an_order_is_edited_and_its_total_follows(crm: Crm, order: str, browser: Browser) -> None:
    """A quantity typed into a line moves the order's total; fulfilling it closes the order to edits."""
    browser.resize(*DESK)
    browser.open(f"{crm.url}/orders")
    browser.click(f"a[href='/orders/{order}']")
    assert browser.texts("#total") == ["311.92 EUR"]
    browser.picture(PICTURES / "dataverse-order.png")
    browser.fill("#lines tbody tr:first-child input[name=quantity]", "3")
    browser.click("#lines tbody tr:first-child form:has(input[name=quantity]) button")
    assert browser.texts("#total") == ["440.92 EUR"]
    browser.click("form:has(input[value=FulfillSalesOrder]) button")
    assert "Fulfilled" in browser.texts(".badge")
    browser.fill("main .card input[name=name]", "Too late")
    browser.click("main .card form:has(input[name=name]) button")
    assert "0x8004022E" in browser.texts("[role=alert]")[0]
    browser.picture(PICTURES / "dataverse-refused.png")


@pytest.mark.parametrize("path", ["/", "/pricelists", "/accounts", "/contacts", "/opportunities", "/quotes", "/orders",
                                  "/invoices", "/requests", "order"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_fit_the_window(crm: Crm, order: str, browser: Browser, path: str, size: tuple[int, int]) -> None:
    """No page is wider than a phone's screen or a desk's, so nobody scrolls sideways."""
    browser.resize(*size)
    browser.open(crm.url + (f"/orders/{order}" if path == "order" else path))
    (page,) = browser.values("html", "scrollWidth")
    (window,) = browser.values("html", "clientWidth")
    browser.picture(PICTURES / f"dataverse-{path.strip('/') or 'products'}-{size[0]}.png")
    assert int(page) <= int(window)
