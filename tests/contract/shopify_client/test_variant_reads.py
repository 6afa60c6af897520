"""What polling, listing, finding and signing in promise, on the sandbox."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from shared.errors import AuthFailed, SchemaMismatch, SettingMissing, TokenExpired, Unavailable
from shared.records import Changes
from shared.shopify.client import Document, Secrets
from shared.shopify.setup import ensure_definitions, shop_facts
from shared.shopify.variants import VariantOptions, Variants
from shared.telemetry import metered
from tests.contract.shopify_client.conftest import MARKER, PATHS, SHOP, Shop

TITLE = "mutation M($p: ProductUpdateInput!) { productUpdate(product: $p) { product { id } userErrors { message } } }"
PRICE = """mutation M($id: ID!, $v: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $id, variants: $v) { product { id } userErrors { message } } }"""
DELETE = "mutation M($i: ProductDeleteInput!) { productDelete(input: $i) { deletedProductId userErrors { message } } }"


def drained(shop: Shop, token: str) -> tuple[list[str], str]:
    """All ids a poll gives out from a token, and the token after it."""
    ids: list[str] = []
    while True:
        page = shop.variants.changes("products", token)
        ids += [item.id for item in page.items]
        token = page.token
        if not page.more:
            return ids, token


def test_a_poll_finds_each_change_once(shop: Shop) -> None:
    """Promise: a change is given out once after the lag, with all variants of its product, and not again."""
    token = shop.variants.start_token("products")
    shop.sandbox.clock.advance(5)
    shirt = shop.product("Shirt", ["A", "B", "C"])
    early, token = drained(shop, token)
    assert early == []
    shop.sandbox.clock.advance(61)
    found, token = drained(shop, token)
    assert sorted(found) == sorted(shirt["variants"])
    for _ in range(3):
        again, token = drained(shop, token)
        assert again == []
    shop.sandbox.clock.advance(30)
    shop.merchant(TITLE, p={"id": f"gid://shopify/Product/{shirt['id']}", "title": "Shirt 2"})
    shop.sandbox.clock.advance(61)
    changed, token = drained(shop, token)
    assert sorted(changed) == sorted(shirt["variants"])


def test_a_variant_edit_is_found_by_its_product(shop: Shop) -> None:
    """Promise: a price changed on one variant is found, with the new price in the content."""
    shirt = shop.product("Shirt", ["A", "B"])
    shop.sandbox.clock.advance(400)
    token = shop.variants.start_token("products")
    shop.sandbox.clock.advance(10)
    row = {"id": f"gid://shopify/ProductVariant/{shirt['variants'][1]}", "price": "99.00"}
    shop.merchant(PRICE, id=f"gid://shopify/Product/{shirt['id']}", v=[row])
    shop.sandbox.clock.advance(61)
    page = shop.variants.changes("products", token)
    content = {item.id: item.record.content for item in page.items if item.record}
    assert str(content[shirt["variants"][1]]["price"]) == "99.00"


def test_an_idle_tick_is_one_call(shop: Shop) -> None:
    """Promise: when nothing changed, a poll costs one call, moves its token on and stays small."""
    shop.product("Shirt", ["A"])
    shop.sandbox.clock.advance(1000)
    token = shop.variants.start_token("products")
    shop.sandbox.clock.advance(300)
    with metered() as usage:
        page = shop.variants.changes("products", token)
    assert (usage.calls, page.items, page.more) == (1, (), False)
    assert page.token != token
    assert len(page.token) < 100


def test_a_long_backlog_comes_page_by_page(shop: Shop) -> None:
    """Promise: many products and a product with many variants are all given out, none twice, across pages."""
    shop.variants = Variants(shop.client, PATHS, VariantOptions(products=3, variants=2))
    token = shop.variants.start_token("products")
    shop.sandbox.clock.advance(2)
    wanted = [id_ for n in range(7) for id_ in shop.product(f"P{n}", [f"{n}-{k}" for k in range(5)])["variants"]]
    shop.sandbox.clock.advance(61)
    found, _ = drained(shop, token)
    assert sorted(found) == sorted(wanted)


def test_a_burst_younger_than_the_lag_costs_one_call(shop: Shop) -> None:
    """Promise: pages of changes that are too young to be given out are not fetched one after the other."""
    shop.variants = Variants(shop.client, PATHS, VariantOptions(products=2))
    token = shop.variants.start_token("products")
    shop.sandbox.clock.advance(10)
    for number in range(9):
        shop.product(f"P{number}", [f"S{number}"])
    with metered() as usage:
        assert drained(shop, token)[0] == []
    assert usage.calls == 1


def test_the_index_may_lag(shop: Shop) -> None:
    """Promise: a product that the search index shows minutes late is still found, by the overlap."""
    shop.sandbox.store.index.lag_s = 200
    token = shop.variants.start_token("products")
    shop.sandbox.clock.advance(2)
    shirt = shop.product("Shirt", ["A"])
    found: list[str] = []
    for _ in range(6):
        shop.sandbox.clock.advance(60)
        seen, token = drained(shop, token)
        found += seen
    assert found == shirt["variants"]


def test_a_broken_token_asks_for_a_listing(shop: Shop) -> None:
    """Promise: a token nobody can read is TokenExpired, so that everything is listed again."""
    with pytest.raises(TokenExpired):
        shop.variants.changes("products", "{not json")


def test_a_listing_gives_everything_in_id_order(shop: Shop) -> None:
    """Promise: a full listing names every variant once, in numeric id order, with content and marks."""
    made = shop.create("c1")
    shirts = [shop.product(f"P{n}", [f"{n}-{k}" for k in range(60)]) for n in range(5)]
    pages: list[Changes] = [shop.variants.listing("")]
    while pages[-1].more:
        pages.append(shop.variants.listing(pages[-1].token))
    records = [item.record for page in pages for item in page.items if item.record]
    assert len(pages) == 2
    assert [int(record.id) for record in records] == sorted(int(record.id) for record in records)
    assert {record.id for record in records} == {made.id, *(id_ for shirt in shirts for id_ in shirt["variants"])}
    assert [record.marker for record in records if record.marker] == ["c1"]


def test_members_of_a_product(shop: Shop) -> None:
    """Promise: a product's variants come whole in one call, a long list page by page; a deleted product has none."""
    large = shop.product("Large", [f"L{n}" for n in range(300)])
    small = shop.product("Small", ["S"])
    with metered() as usage:
        found = shop.variants.members("products", [small["id"], large["id"], "12345"])
    ids = [item.id for item in found.items]
    assert ids == [*small["variants"], *shop.members(large["id"])]
    assert len(set(ids)) == 301
    assert usage.calls == 3
    live = shop.variants.read(ids)
    assert {item.id: item.record for item in found.items} == live.records
    assert shop.clock.now() - timedelta(seconds=3) <= found.read_at <= live.read_at
    shop.merchant(DELETE, i={"id": f"gid://shopify/Product/{small['id']}"})
    assert shop.members(small["id"]) == []


def test_reading_many_takes_few_calls(shop: Shop) -> None:
    """Promise: 300 variants are read in two calls; an id that does not exist is simply missing."""
    large = shop.product("Large", [f"L{n}" for n in range(300)])
    ids = [item.id for item in shop.variants.listing("").items]
    more = shop.members(large["id"])
    with metered() as usage:
        reading = shop.variants.read([*more, "4711"])
    assert usage.calls == 2
    assert set(reading.records) == set(more) >= set(ids)
    assert reading.read_at <= shop.clock.now()
    assert reading.read_at >= shop.clock.now() - timedelta(seconds=3)


def test_find_compares_exactly(shop: Shop) -> None:
    """Promise: the search's loose hits are sifted: letter case, quotes and blanks cannot find a wrong record."""
    odd = "O'Brien \\ (x): *"
    shop.product("P1", ["abc", "ABC", "abc-1", odd])
    shop.product("P2", ["abc", ""])
    found = shop.variants.find("sku", ["abc", "ABC", odd, "", "nothing"])
    assert {value: len(records) for value, records in found.items()} == {
        "abc": 2,
        "ABC": 1,
        odd: 1,
        "": 0,
        "nothing": 0,
    }
    with pytest.raises(SchemaMismatch):
        shop.variants.find("price", ["1"])


def test_find_reads_every_page(shop: Shop) -> None:
    """Promise: more hits than a page holds are all found."""
    shop.product("P1", ["same"] * 200)
    shop.product("P2", ["same"] * 100)
    assert len(shop.variants.find("sku", ["same"])["same"]) == 300


def test_marks_are_found_at_once(shop: Shop) -> None:
    """Promise: the mark of a record is readable immediately, however far the search index lags."""
    shop.sandbox.store.index.lag_s = 3600
    made = shop.create("c1")
    assert shop.variants.marked(["c1", "c2"]) == {"c1": made}


def test_what_no_search_shows_yet_is_found_among_the_newest(shop: Shop) -> None:
    """Promise: a number that was entered a moment ago is found, so that nobody makes it once more; older ones cost
    no call more."""
    shop.product("P1", ["old"])
    shop.sandbox.clock.advance(10)
    shop.sandbox.store.index.lag_s = 120
    shop.product("P2", ["new", "NEW"])
    with metered() as usage:
        found = shop.variants.find("sku", ["old", "new", "none"])
    assert {value: len(records) for value, records in found.items()} == {"old": 1, "new": 1, "none": 0}
    with metered() as less:
        shop.variants.find("sku", ["old", ""])
    assert (usage.calls, less.calls) == (2, 1)


def test_one_token_serves_many_threads(shop: Shop) -> None:
    """Promise: threads that start together, or meet a revoked token together, ask for one new token."""
    client = shop.signed_in(Secrets("sandbox-client", "sandbox-secret"))
    asked: list[str] = []
    transport = client.transport.credential._transport  # type: ignore[union-attr]
    send = transport.send
    transport.send = lambda request: (asked.append(request.name), send(request))[1]  # type: ignore[func-returns-value]
    document = Document("Shop", "query Shop { shop { id } }")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: client.execute(document, {}), range(16)))
    assert len(asked) == 1
    credential = client.transport.credential
    assert credential is not None
    refused = credential.headers()
    shop.sandbox.tokens.revoke(refused["X-Shopify-Access-Token"])
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: credential.renew(refused), range(8)))
        list(pool.map(lambda _: client.execute(document, {}), range(16)))
    assert len(asked) == 2


def test_a_token_is_renewed_before_it_ends(shop: Shop) -> None:
    """Promise: shortly before the 24 hours are over a new token is used, without a single refused call."""
    before = shop.client.transport.credential.headers()  # type: ignore[union-attr]
    shop.sandbox.clock.advance(86399 - 200)
    with metered() as usage:
        shop_facts(shop.client)
    assert usage.calls == 2
    assert shop.client.transport.credential.headers() != before  # type: ignore[union-attr]


def test_a_wrong_secret_is_told(shop: Shop) -> None:
    """Promise: a refused secret is AuthFailed, and neither id nor secret is in the sentence."""
    client = shop.signed_in(Secrets("sandbox-client", "wrong-secret"))
    with pytest.raises(AuthFailed) as caught:
        shop_facts(client)
    assert "wrong-secret" not in str(caught.value)


def test_throttling_is_waited_for(shop: Shop) -> None:
    """Promise: a refused query waits for the bucket and succeeds; the wait is counted."""
    shop.sandbox.faults.add("throttle", times=2)
    with metered() as usage:
        assert shop_facts(shop.client).domain == SHOP
    assert usage.calls == 3
    assert usage.points > 0


def test_doctor_sees_scopes_and_currency(shop: Shop) -> None:
    """Promise: the shop's facts name its currency, and a write scope counts as its read scope."""
    facts = shop_facts(shop.client)
    assert (facts.currency, facts.api_version) == ("EUR", "2026-10")
    assert facts.missing_scopes(["read_products", "write_products"]) == ()
    assert facts.missing_scopes(["read_products", "write_themes"]) == ("write_themes",)


def test_setup_is_repeatable_and_honest(shop: Shop) -> None:
    """Promise: setup creates what is missing once; a dry run only says so; a mark of another type is called wrong."""
    again = ensure_definitions(shop.client, MARKER, PATHS, dry_run=False)
    assert {step.state for step in again} == {"present"}
    planned = ensure_definitions(shop.client, ("dynamics", "other_id"), PATHS, dry_run=True)
    assert [step.state for step in planned] == ["needed", "needed", "present"]
    wrong = ensure_definitions(shop.client, ("dynamics", "vendor_part_number"), (), dry_run=False)
    assert [step.state for step in wrong] == ["done", "wrong"]


def test_an_unknown_search_field_is_an_error(shop: Shop) -> None:
    """Promise: Shopify ignores an unknown search field and would return everything; we refuse the answer."""
    document = Document("Loose", 'query Loose { products(first: 1, query: "nosuchfield:1") { nodes { id } } }')
    with pytest.raises(SchemaMismatch, match="nosuchfield"):
        shop.client.execute(document, {})


def test_a_query_lost_on_the_way_is_asked_again(shop: Shop) -> None:
    """Promise: a query whose answer is lost, or that failed inside Shopify, is repeated within bounds."""
    shop.sandbox.faults.add("reply_lost")
    assert shop_facts(shop.client).domain == SHOP
    shop.sandbox.faults.add("server_error", times=None)
    with pytest.raises(Unavailable):
        shop_facts(shop.client)


def test_no_way_to_sign_in_is_a_setting(shop: Shop) -> None:
    """Promise: a shop without secrets says what to set, before any call."""
    with pytest.raises(SettingMissing):
        shop.signed_in(Secrets())
