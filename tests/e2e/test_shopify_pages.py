"""The Shopify sandbox's pages in a real browser, on a desk and on a phone: what fits, what can be changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from sandbox import world
from sandbox.shopify.server import ShopifySandbox, create
from tests.contract.shopify import payload_makers as makers
from tests.contract.shopify.client import Shop, sized
from tests.contract.shopify.payload_makers import number
from tests.e2e.browser import Browser, browsing, missing

PICTURES = world.ROOT / ".run" / "pictures"
SCREENS = {"desk": (1280, 900), "phone": (390, 844)}


@dataclass
class Seen:
    """A store with something of each kind, a window, and where the store is."""

    box: ShopifySandbox
    browser: Browser
    url: str
    paths: dict[str, str]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """One store and one window for the module."""
    if missing():
        pytest.skip(missing())
    PICTURES.mkdir(parents=True, exist_ok=True)
    with create() as box, browsing(tmp_path_factory.mktemp("profile")) as browser:
        shop = Shop(box)
        product = shop.set(sized("Small", "Large", title="Chair with arms and a title that is rather long"))["product"]
        order = makers.order(box, shop)
        company = makers.company(shop)
        paths = {
            "overview": "/",
            "products": "/products",
            "product": f"/products/{number(product['id'])}",
            "customer": f"/customers/{box.store.db.value('SELECT MIN(id) FROM customers')}",  # noqa: S608
            "orders": "/orders",
            "order": f"/orders/{number(order['id'])}",
            "company": f"/companies/{number(company['id'])}",
            "webhooks": "/webhooks",
            "calls": "/calls",
        }
        yield Seen(box, browser, box.serve(), paths)


@pytest.mark.parametrize("screen", SCREENS)
def test_pages_fit_their_screen(seen: Seen, screen: str) -> None:
    """No page is wider than the window, on a desk or on a phone, and each has its heading."""
    width, height = SCREENS[screen]
    seen.browser.resize(width, height)
    for name, path in seen.paths.items():
        seen.browser.open(seen.url + path)
        seen.browser.picture(PICTURES / f"shopify-{name}-{screen}.png")
        assert seen.browser.texts("h1"), name
        (whole,) = seen.browser.values("html", "scrollWidth")
        (window,) = seen.browser.values("html", "clientWidth")
        assert int(whole) <= int(window), f"{name} is {whole} wide on {window}"


def test_every_field_has_a_name_that_is_read_aloud(seen: Seen) -> None:
    """The browser's own computation finds a label for each field and a text for each button."""
    for name, path in seen.paths.items():
        seen.browser.open(seen.url + path)
        labels = seen.browser.labels("main input, main select, main button, main a")
        assert all(labels), f"{name}: {labels}"


def test_a_person_changes_an_order_and_a_customer(seen: Seen) -> None:
    """Typing and saving changes the store; the page shows it after, and the button that is done goes."""
    seen.browser.resize(*SCREENS["desk"])
    order, customer = seen.paths["order"], seen.paths["customer"]
    seen.browser.open(seen.url + order)
    seen.browser.fill("input[name=note]", "ring twice")
    seen.browser.click("form[action^='/edit/order/'] button")
    assert seen.browser.values("input[name=note]") == ["ring twice"]
    seen.browser.click("form[action^='/edit/order-paid/'] button")
    assert seen.browser.texts("form[action^='/edit/order-paid/'] button") == []
    assert "Paid" in seen.browser.texts("dd .pill")
    seen.browser.open(seen.url + customer)
    seen.browser.fill("input[name=firstName]", "Grace")
    seen.browser.click("form[action^='/edit/customer/'] button")
    assert seen.browser.texts("h1") == ["Grace Byron"]
    assert seen.box.store.db.value("SELECT first_name FROM customers ORDER BY id") == "Grace"


def test_a_refusal_is_shown_in_place(seen: Seen) -> None:
    """A price that cannot be leaves the page where it was, with the reason on top."""
    seen.browser.open(seen.url + seen.paths["product"])
    seen.browser.fill("form[action^='/edit/variant/']:first-of-type input[name=price]", "-1")
    seen.browser.click("form[action^='/edit/variant/']:first-of-type button")
    assert "greater than or equal to 0" in seen.browser.texts("[role=alert]")[0]
    assert seen.browser.texts("h1") == ["Chair with arms and a title that is rather long"]
