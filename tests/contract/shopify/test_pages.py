"""The pages to look at: every kind is shown and can be changed, through the API and in the person's own name."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sandbox.shopify.pages.layout import MENU
from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify import payload_makers as makers
from tests.contract.shopify.client import Shop, sized
from tests.contract.shopify.payload_makers import number
from tests.contract.shopify.receivers import receiving, subscribe

DEFINE = """mutation { metaobjectDefinitionCreate(definition: {name: "Author", type: "author", displayNameKey: "name",
  fieldDefinitions: [{key: "name", name: "Name", type: "single_line_text_field"}]}) {
  metaobjectDefinition { id } userErrors { message } } }"""
FILL = """mutation { metaobjectCreate(metaobject: {type: "author", fields: [{key: "name", value: "Ada"}]}) {
  metaobject { id } userErrors { message } } }"""


def page(shop: Shop, path: str, status: int = 200) -> str:
    """A page that must answer with that status, as HTML."""
    answer = shop.client.get(path)
    assert answer.status_code == status, answer.text
    return answer.text


def save(shop: Shop, path: str, **fields: str) -> None:
    """Post a form that must succeed."""
    answer = shop.client.post(path, data=fields)
    assert answer.status_code == 303, re.findall(r"role=alert>(.*?)<", answer.text)


def test_every_entry_of_the_menu_is_a_page(shop: Shop) -> None:
    """Of an empty store too; each page is marked in the menu and has one heading of the first rank."""
    for path, name in MENU:
        html = page(shop, path)
        assert f'<a href="{path}" aria-current=page>{name}</a>' in html
        assert html.count("<h1>") == 1
        assert "<script" not in html
    page(shop, "/nowhere", 404)
    page(shop, "/orders/1", 404)


def test_what_the_store_says_is_escaped(shop: Shop) -> None:
    """A title with markup is shown as it is written, in lists, forms and titles."""
    product = shop.create(title='<img src=x onerror="x">', vendor="<b>")
    for path in ("/", "/products", f"/products/{number(product['id'])}"):
        html = page(shop, path)
        assert "<img" not in html
        assert "<b>&lt;" not in html
        assert "&lt;img src=x onerror=&quot;x&quot;&gt;" in html


def test_the_overview_counts_and_shows_the_last_changed(box: ShopifySandbox, shop: Shop) -> None:
    """Counts, the last of each kind, calls with cost and deliveries with state stand on the first page."""
    with receiving() as receiver:
        subscribe(shop, receiver.url, "ORDERS_CREATE")
        makers.order(box, shop)
        box.webhooks.send_due()
        html = page(shop, "/")
    assert "<b>1</b>Orders" in html
    assert "#1001" in html
    assert "37.60\u00a0EUR" in html
    assert "mutation orderCreate" in html
    assert '<span class="pill good">Delivered</span>' in html
    assert receiver.url in html


def test_looking_costs_the_app_nothing(box: ShopifySandbox, shop: Shop) -> None:
    """No points of the app's bucket are used and no call is counted."""
    shop.create()
    before = box.buckets.of("app").status()["currentlyAvailable"]
    counted = box.counters.shown()
    page(shop, "/")
    page(shop, "/products")
    assert box.buckets.of("app").status()["currentlyAvailable"] == before
    assert box.counters.shown() == counted


def test_products_and_variants_are_edited(box: ShopifySandbox, shop: Shop) -> None:
    """Title, status, SKU and price, each by its own form; webhooks hear of it and the actor is the page."""
    product = shop.create(title="Chair")
    variant = number(product["variants"]["nodes"][0]["id"])
    with receiving() as receiver:
        subscribe(shop, receiver.url, "PRODUCTS_UPDATE")
        save(shop, f"/edit/product/{number(product['id'])}", title="Stool", status="DRAFT")
        save(shop, f"/edit/variant/{variant}", sku="A", price="4")
        box.webhooks.send_due()
        assert receiver.topics() == ["products/update"] * 2
    query = "query($i: ID!) { product(id: $i) { title status variants(first: 1) { nodes { sku price } } } }"
    read = shop.data(query, {"i": product["id"]})["product"]
    assert read == {"title": "Stool", "status": "DRAFT", "variants": {"nodes": [{"sku": "A", "price": "4.00"}]}}
    assert box.counters.shown()["page"]["operations"] == {
        "mutation productUpdate": 1,
        "mutation productVariantsBulkUpdate": 1,
    }


def test_a_refused_form_says_why_where_it_was(shop: Shop) -> None:
    """The page the form was on comes back with the API's words, and nothing has changed."""
    product = shop.create(title="Chair")
    variant, place = number(product["variants"]["nodes"][0]["id"]), f"/products/{number(product['id'])}"
    headers = {"Referer": f"http://localhost{place}"}
    answer = shop.client.post(f"/edit/variant/{variant}", data={"price": "-4"}, headers=headers)
    assert answer.status_code == 422
    assert "role=alert>Price must be greater than or equal to 0" in answer.text
    assert "<h1>Chair</h1>" in answer.text
    good = shop.client.post(f"/edit/variant/{variant}", data={"price": "4"}, headers=headers)
    assert good.headers["Location"] == place
    foreign = {"Referer": "http://elsewhere.example/x"}
    away = shop.client.post(f"/edit/variant/{variant}", data={"price": "5"}, headers=foreign)
    assert away.headers["Location"] == "/products"
    assert shop.client.post("/edit/nothing/1", data={}).status_code == 422
    assert shop.client.post("/edit/variant/1", data={"price": "1"}).status_code == 422


def test_customers_are_edited(shop: Shop) -> None:
    """Name, e-mail, note and tags; an emptied field is emptied."""
    customer = makers.customer(shop)
    path = f"/customers/{number(customer)}"
    assert 'value="ada@example.com"' in page(shop, path)
    fields = {"firstName": "Grace", "lastName": "", "email": "grace@example.com", "tags": "x, y", "note": "n"}
    save(shop, f"/edit/customer/{number(customer)}", **fields)
    query = "query($i: ID!) { customer(id: $i) { firstName lastName email tags note phone } }"
    read = shop.data(query, {"i": customer})["customer"]
    assert read == {
        "firstName": "Grace", "lastName": None, "email": "grace@example.com", "tags": ["x", "y"], "note": "n",
        "phone": "+4930123456",
    }  # fmt: skip
    assert "<h1>Grace</h1>" in page(shop, path)


def _order(shop: Shop, identifier: str) -> Any:
    query = "query($i: ID!) { order(id: $i) { note tags cancelledAt displayFinancialStatus } }"
    return shop.data(query, {"i": identifier})["order"]


def test_orders_are_edited_paid_and_cancelled(box: ShopifySandbox, shop: Shop) -> None:
    """Note and tags by a form, payment and cancellation by a button each, which go when they have nothing to do."""
    order = makers.order(box, shop)["id"]
    path = f"/orders/{number(order)}"
    html = page(shop, path)
    assert "Mark as paid" in html
    assert "27.60\u00a0EUR" in html
    save(shop, f"/edit/order/{number(order)}", note="ring twice", tags="vip")
    save(shop, f"/edit/order-paid/{number(order)}")
    read = _order(shop, order)
    assert (read["note"], read["tags"], read["displayFinancialStatus"]) == ("ring twice", ["vip"], "PAID")
    assert "Mark as paid" not in page(shop, path)
    save(shop, f"/edit/order-cancelled/{number(order)}")
    box.clock.advance(10)
    shop.data("{ productsCount { count } }")
    assert _order(shop, order)["cancelledAt"]
    assert "Cancel order" not in page(shop, path)


def test_drafts_are_edited_and_completed(box: ShopifySandbox, shop: Shop) -> None:
    """A draft's note by a form; the button makes an order of it, and the page leads to the order."""
    _, draft = makers.MAKERS["draft_order"](box, shop)
    save(shop, f"/edit/draft/{draft}", note="soon", tags="")
    assert 'value="soon"' in page(shop, f"/drafts/{draft}")
    save(shop, f"/edit/draft-completed/{draft}")
    assert ">#1001</a>" in page(shop, "/drafts")
    assert "Complete into an order" not in page(shop, f"/drafts/{draft}")


def test_companies_and_metaobjects_are_edited(shop: Shop) -> None:
    """A company's name and external id, and the fields of a metaobject."""
    company = makers.company(shop)["id"]
    save(shop, f"/edit/company/{number(company)}", name="Bolt", externalId="C9")
    html = page(shop, f"/companies/{number(company)}")
    assert "<h1>Bolt</h1>" in html
    assert "buyer@example.com" in html
    shop.data(DEFINE)
    metaobject = shop.data(FILL)["metaobjectCreate"]["metaobject"]["id"]
    assert "1 in all" in page(shop, "/metaobjects")
    save(shop, f"/edit/metaobject/{number(metaobject)}", name="Grace")
    assert "<h1>Grace</h1>" in page(shop, f"/metaobjects/{number(metaobject)}")


def test_lists_are_searched_and_paged(shop: Shop) -> None:
    """A list shows 25, links to the next ones, and searches with the API's own syntax."""
    for place in range(27):
        shop.set(sized("S", title=f"Chair {place}", handle=f"chair-{place}"))
    first = page(shop, "/products")
    assert first.count('action="/edit/product/') == 25
    following = re.findall(r'href="(/products\?after=[^"]+)"', first)
    second = page(shop, following[0].replace("&amp;", "&"))
    assert second.count('action="/edit/product/') == 2
    assert "First page" in second
    assert page(shop, "/products?q=handle:chair-3").count('action="/edit/product/') == 1


@pytest.mark.parametrize("state", ["due", "given up", "lost"])
def test_a_delivery_shows_its_body_and_state(box: ShopifySandbox, shop: Shop, state: str) -> None:
    """What was sent, or not, and why stands on a page of its own."""
    with receiving() as receiver:
        subscribe(shop, receiver.url, "PRODUCTS_CREATE")
        shop.create(title="Chair & more")
    with box.store.db.transaction():
        box.store.db.run("UPDATE webhook_deliveries SET state = ?, last_answer = '500'", (state,))
    identifier = box.store.db.value("SELECT id FROM webhook_deliveries")
    html = page(shop, f"/webhooks/{identifier}")
    assert state.capitalize() in html
    assert "&quot;title&quot;: &quot;Chair &amp; more&quot;" in html
    assert "PRODUCTS_CREATE" in page(shop, "/webhooks")
