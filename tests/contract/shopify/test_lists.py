"""Lists: pages, cursors, search, warnings, lag."""

from __future__ import annotations

import base64
import json

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop, sized

PAGE = """query($n: Int, $a: String, $k: ProductSortKeys, $r: Boolean, $q: String) {
  products(first: $n, after: $a, sortKey: $k, reverse: $r, query: $q) {
    nodes { id title } pageInfo { hasNextPage hasPreviousPage endCursor } } }"""


def walk(shop: Shop, size: int, **more: object) -> list[str]:
    """All titles, page by page."""
    titles: list[str] = []
    cursor = None
    while True:
        found = shop.data(PAGE, {"n": size, "a": cursor} | more)["products"]
        titles += [node["title"] for node in found["nodes"]]
        if not found["pageInfo"]["hasNextPage"]:
            return titles
        cursor = found["pageInfo"]["endCursor"]


@pytest.fixture
def five(box: ShopifySandbox, shop: Shop) -> Shop:
    """Five products; two of them in the same second."""
    for title in ("delta", "Alpha", "echo", "Bravo", "charlie"):
        shop.create(title=title, vendor="Acme Inc", tags=[title[0]], status="ACTIVE" if title < "a" else "DRAFT")
        if title != "echo":
            box.clock.advance(1)
    return shop


@pytest.mark.parametrize("size", [1, 2, 250])
@pytest.mark.parametrize("query", [None, "vendor:'Acme Inc'"])
def test_every_record_comes_once_in_order(five: Shop, size: int, query: str | None) -> None:
    """Paging by any size, searched or not, shows each product once in the order asked for."""
    by_time = ["delta", "Alpha", "echo", "Bravo", "charlie"]
    assert walk(five, size, k="UPDATED_AT", q=query) == by_time
    assert walk(five, size, k="UPDATED_AT", r=True, q=query) == by_time[::-1]
    assert walk(five, size, k="TITLE", q=query) == ["Alpha", "Bravo", "charlie", "delta", "echo"]
    assert walk(five, size, k="PUBLISHED_AT", r=True, q=query) == by_time[::-1]


def test_last_and_before_walk_backwards(five: Shop) -> None:
    """`last` gives the end in list order, `before` what precedes it."""
    query = """query($b: String) { products(last: 2, before: $b) {
      nodes { title } pageInfo { startCursor hasPreviousPage } } }"""
    end = five.data(query)["products"]
    assert [node["title"] for node in end["nodes"]] == ["Bravo", "charlie"]
    before = five.data(query, {"b": end["pageInfo"]["startCursor"]})["products"]
    assert [node["title"] for node in before["nodes"]] == ["Alpha", "echo"]
    assert before["pageInfo"]["hasPreviousPage"] is True


def test_cursors_say_id_and_value(five: Shop) -> None:
    """A cursor is base64 JSON of the last id and the last value, as text with a search it is a number."""
    plain = five.data(PAGE, {"n": 1, "k": "UPDATED_AT"})["products"]["pageInfo"]["endCursor"]
    assert json.loads(base64.b64decode(plain))["last_value"] == "2026-11-02 12:00:00.000000"
    searched = five.data(PAGE, {"n": 1, "k": "UPDATED_AT", "q": "title:*"})["products"]["pageInfo"]["endCursor"]
    assert json.loads(base64.b64decode(searched))["last_value"] == 1793620800000


def test_the_page_must_be_asked_for_properly(shop: Shop) -> None:
    """No size, two sizes, too large a size and a broken cursor are refused in the vendor's words."""
    texts = [
        ("{ products { nodes { id } } }", "you must provide one of first or last"),
        ("{ products(first: 1, last: 1) { nodes { id } } }", "providing both first and last is not supported"),
        ('{ products(first: 1, after: "zz") { nodes { id } } }', "Malformed cursor"),
    ]
    for query, message in texts:
        body = shop.run(query)
        assert body["data"] is None
        assert body["errors"][0]["message"] == message
        assert body["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}
    assert "errors" in shop.run("{ products(first: 251) { nodes { id } } }")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("title:alpha", ["Alpha"]),
        ("bra*", ["Bravo"]),
        ("vendor:'acme inc'", ["delta", "Alpha", "echo", "Bravo", "charlie"]),
        ("tag:d OR tag:e", ["delta", "echo"]),
        ("tag:d OR tag:A status:ACTIVE", ["Alpha"]),
        ("NOT status:ACTIVE", ["delta", "echo", "charlie"]),
        ("-tag:d -tag:e", ["Alpha", "Bravo", "charlie"]),
        ("status:DRAFT AND (tag:c OR tag:d)", ["delta", "charlie"]),
        ("updated_at:>='2026-11-02T12:00:03Z'", ["charlie"]),
        ("updated_at:<'2026-11-02T12:00:01Z'", ["delta", "Alpha"]),
        ("created_at:2026-11-01", []),
        ("title:nothing", []),
    ],
)
def test_search_syntax(five: Shop, query: str, expected: list[str]) -> None:
    """Terms, prefixes, connectives, negation, groups and times find what Shopify's would."""
    assert walk(five, 10, q=query) == expected


def test_a_time_without_quotes_falls_apart(five: Shop) -> None:
    """An unquoted time ends at its first colon: its hour counts, the rest becomes an unknown field with a warning."""
    body = five.run(PAGE, {"n": 10, "q": "updated_at:>=2026-11-02T12:00:03Z"})
    warnings = body["extensions"]["search"][0]["warnings"]
    assert [warning["field"] for warning in warnings] == ["00"]
    assert len(body["data"]["products"]["nodes"]) == 5


def test_an_unknown_field_matches_everything_and_warns(five: Shop) -> None:
    """A search by an unknown field finds all and says so in `extensions.search`."""
    body = five.run(PAGE, {"n": 10, "q": "colour:red"})
    assert len(body["data"]["products"]["nodes"]) == 5
    assert body["extensions"]["search"] == [
        {
            "path": ["products"],
            "query": "colour:red",
            "parsed": {"field": "colour", "match_all": "red"},
            "warnings": [
                {"field": "colour", "message": "Invalid search field for this query.", "code": "invalid_field"}
            ],
        }
    ]


def test_the_index_lags_and_reads_by_id_do_not(box: ShopifySandbox, shop: Shop) -> None:
    """With a lag a write is found only after it, and each write waits its own time."""
    box.store.index.lag_s = 5
    product = shop.create(title="first")
    update = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"
    box.clock.advance(3)
    shop.data(update, {"p": {"id": product["id"], "title": "second"}})
    assert (
        shop.data("query($i: ID!) { product(id: $i) { title } }", {"i": product["id"]})["product"]["title"] == "second"
    )
    assert walk(shop, 5, q="title:*") == []
    box.clock.advance(2)
    assert walk(shop, 5, q="title:first") == ["second"]
    assert walk(shop, 5, q="title:second") == []
    box.clock.advance(3)
    assert walk(shop, 5, q="title:second") == ["second"]


def test_a_sku_search_finds_more_than_the_sku(shop: Shop) -> None:
    """A SKU search matches whole words of a SKU, so a client must compare what it gets."""
    shop.set(sized("A", "A-1", "B"))
    found = shop.data('{ productVariants(first: 9, query: "sku:S-A") { nodes { sku } } }')["productVariants"]["nodes"]
    assert [node["sku"] for node in found] == ["S-A", "S-A-1"]


def test_a_page_costs_a_page(shop: Shop, box: ShopifySandbox) -> None:
    """The database's steps for a page do not grow with the store, first page and next ones, searched or not."""
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    def fill(start: int, stop: int) -> None:
        for number in range(start, stop):
            shop.create(title=f"p{number}", status="ACTIVE")
            box.clock.advance(1)

    def measured(query: str | None) -> int:
        nonlocal steps
        steps = 0
        box.store.db.watch(count)
        cursor = None
        for _ in range(3):
            found = shop.data(PAGE, {"n": 20, "a": cursor, "k": "UPDATED_AT", "q": query})["products"]
            cursor = found["pageInfo"]["endCursor"]
        box.store.db.watch(None)
        return steps

    queries = (None, "status:ACTIVE", "updated_at:>'2026-01-01T00:00:00Z'")
    fill(0, 320)
    small = {query: measured(query) for query in queries}
    fill(320, 960)
    assert [query for query in queries if measured(query) > small[query] * 1.3] == []
