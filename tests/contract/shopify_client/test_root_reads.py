"""What polling, listing and finding customers and other root connections promise, on the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from shared.errors import SchemaMismatch, TokenExpired
from shared.shopify.roots import Root, RootReads
from shared.telemetry import metered
from tests.contract.shopify_client.conftest import Shop

EMAIL = "defaultEmailAddress.emailAddress"
CUSTOMERS = Root("Customer", "customers", {EMAIL: "email"})
PATHS = ("firstName", "lastName", EMAIL, "defaultAddress.city", "tags")
CREATE = "mutation M($c: CustomerInput!) { done: customerCreate(input: $c) { customer { id } userErrors { message } } }"
UPDATE = "mutation M($c: CustomerInput!) { done: customerUpdate(input: $c) { customer { id } userErrors { message } } }"


def create(shop: Shop, **values: Any) -> str:
    """A customer made by the merchant; the numeric id."""
    return str(shop.merchant(CREATE, c=values)["customer"]["id"].rpartition("/")[2])


@pytest.fixture
def customers(shop: Shop) -> RootReads:
    """The customers of a fresh store."""
    return RootReads(shop.client, CUSTOMERS, PATHS)


def drained(reads: RootReads, token: str) -> tuple[list[str], str]:
    """All ids a poll gives out from a token, and the token after it."""
    ids: list[str] = []
    while True:
        page = reads.changes("customers", token)
        ids += [item.id for item in page.items]
        token = page.token
        if not page.more:
            return ids, token


def test_a_poll_finds_each_change_once(shop: Shop, customers: RootReads) -> None:
    """Promise: a new or edited customer is given out once after the lag, with content, and not again."""
    token = customers.start_token("customers")
    shop.sandbox.clock.advance(5)
    first = create(shop, firstName="Una", email="una@example.com")
    early, token = drained(customers, token)
    assert early == []
    shop.sandbox.clock.advance(61)
    found, token = drained(customers, token)
    assert found == [first]
    assert drained(customers, token)[0] == []
    shop.sandbox.clock.advance(30)
    shop.merchant(UPDATE, c={"id": f"gid://shopify/Customer/{first}", "lastName": "Quill"})
    shop.sandbox.clock.advance(61)
    (item,) = customers.changes("customers", token).items
    assert item.record is not None
    assert (item.id, item.record.content["lastName"]) == (first, "Quill")


def test_an_idle_tick_is_one_call(shop: Shop, customers: RootReads) -> None:
    """Promise: when nothing changed a poll costs one call and moves its token on."""
    create(shop, firstName="Una")
    shop.sandbox.clock.advance(1000)
    token = customers.start_token("customers")
    shop.sandbox.clock.advance(300)
    with metered() as usage:
        page = customers.changes("customers", token)
    assert (usage.calls, page.items, page.more) == (1, (), False)
    assert page.token != token


def test_a_listing_walks_everything_once_in_order(
    shop: Shop, customers: RootReads, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: every customer is listed once, whatever the page's size, in id order."""
    monkeypatch.setitem(vars(customers), "_size", 2)
    made = [create(shop, firstName=f"P{n}") for n in range(5)]
    listed, after, more = [], "", True
    while more:
        page = customers.listing(after)
        listed += [item.id for item in page.items]
        after, more = page.token, page.more
    assert listed == sorted(made, key=int)


def test_reading_leaves_out_what_does_not_exist(shop: Shop, customers: RootReads) -> None:
    """Promise: unknown and impossible ids are missing from the answer, and ids asked for twice are read once."""
    made = create(shop, firstName="Una", addresses=[{"city": "Bruges", "countryCode": "BE"}])
    reading = customers.read([made, "999", "no number", made])
    assert {record.content["defaultAddress"]["city"] for record in reading.records.values()} == {"Bruges"}
    assert list(reading.records) == [made]
    assert [item.id for item in customers.members("customers", [made]).items] == [made]


def test_a_search_is_compared_exactly(shop: Shop, customers: RootReads) -> None:
    """Promise: Shopify's search finds words; only customers with that very address are given out (rule 6)."""
    wanted = create(shop, email="una@example.com")
    create(shop, email="una@example.com.au")
    found = customers.find(EMAIL, ["una@example.com", "nobody@example.com", ""])
    assert {value: [record.id for record in records] for value, records in found.items()} == {
        "una@example.com": [wanted], "nobody@example.com": [], "": [],
    }  # fmt: skip


def test_what_cannot_be_searched_is_named(customers: RootReads) -> None:
    """Promise: an unknown filter would match everybody in Shopify; ours is refused before it is sent."""
    with pytest.raises(SchemaMismatch, match=r"customers cannot be searched by 'lastName', only by: default"):
        customers.find("lastName", ["Quill"])


@pytest.mark.parametrize(
    ("root", "says"),
    [
        (Root("Location", "locations"), "locations cannot be asked by UPDATED_AT"),
        (Root("Customer", "custmers"), "no connection 'custmers'.*customers"),
    ],
)
def test_a_connection_that_cannot_be_polled_is_refused(shop: Shop, root: Root, says: str) -> None:
    """Promise: what has no order by time is said when it is set up, not when changes are missed."""
    with pytest.raises(SchemaMismatch, match=says):
        RootReads(shop.client, root, ())


def test_a_page_is_as_large_as_its_price_allows(shop: Shop, customers: RootReads) -> None:
    """Promise: plain customers come 250 a page; what costs more comes in fewer, within our share of the limit."""
    rich = RootReads(shop.client, CUSTOMERS, ['"orders(first: 100)".nodes.lineItems.nodes.title'])
    assert customers._size == 250
    assert 1 <= rich._size < 250
    assert rich.client.cost(rich._listed("ID"), {"first": rich._size}) <= 500


def test_a_busy_day_costs_one_call_a_tick(shop: Shop, customers: RootReads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: customers' updated_at is compared by whole days, yet a tick does not page through the day again."""
    monkeypatch.setitem(vars(customers), "_size", 3)
    for n in range(9):
        create(shop, firstName=f"P{n}")
    shop.sandbox.clock.advance(1000)
    token = customers.start_token("customers")
    late = create(shop, firstName="Late")
    shop.sandbox.clock.advance(61)
    with metered() as usage:
        found, token = drained(customers, token)
    assert (found, usage.calls) == ([late], 1)


def test_a_long_backlog_comes_page_by_page(shop: Shop, customers: RootReads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: many changes are given out over several pages, none twice, edits meanwhile found in the next window."""
    monkeypatch.setitem(vars(customers), "_size", 2)
    token = customers.start_token("customers")
    shop.sandbox.clock.advance(2)
    made = [create(shop, firstName=f"P{n}") for n in range(7)]
    shop.sandbox.clock.advance(61)
    page = customers.changes("customers", token)
    shop.merchant(UPDATE, c={"id": f"gid://shopify/Customer/{made[0]}", "lastName": "Moved"})
    found, token = drained(customers, page.token)
    shop.sandbox.clock.advance(61)
    again, _ = drained(customers, token)
    ids = [item.id for item in page.items] + found
    assert sorted({*ids, *again}) == sorted(made)
    assert len(ids) == len(set(ids))
    assert again == made[:1]


def test_a_broken_token_asks_for_a_listing(customers: RootReads) -> None:
    """Promise: a token nobody can read is TokenExpired, so that everything is listed again."""
    with pytest.raises(TokenExpired):
        customers.changes("customers", "{")
