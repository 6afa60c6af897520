"""Pure parts: search syntax, handles, plain text, scalars, bucket."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.shopify import metafield_values, scalars, text
from sandbox.shopify.bucket import Bucket
from sandbox.shopify.clock import Clock
from sandbox.shopify.search.query import parse, shown


@pytest.mark.parametrize(
    ("query", "parsed"),
    [
        ("", None),
        ("email:grace@example.com", {"field": "email", "match_all": "grace@example.com"}),
        (
            "tracked:false sku:'A-BETA'",
            {"and": [{"field": "tracked", "match_all": "false"}, {"field": "sku", "match_phrase": "A-BETA"}]},
        ),
        ("title:swoo*", {"field": "title", "match_prefix": "swoo"}),
        ("inventory_total:<=0", {"field": "inventory_total", "range_lte": "0"}),
        (
            "a:1 OR b:2 c:3",
            {
                "and": [
                    {"or": [{"field": "a", "match_all": "1"}, {"field": "b", "match_all": "2"}]},
                    {"field": "c", "match_all": "3"},
                ]
            },
        ),
        ("-tag:x", {"not": {"field": "tag", "match_all": "x"}}),
        ("(a:1", {"field": "a", "match_all": "1"}),
        ("a:1)) b:2", {"and": [{"field": "a", "match_all": "1"}, {"field": "b", "match_all": "2"}]}),
        ("don't", {"field": "default", "match_all": "don't"}),
    ],
)
def test_search_trees(query: str, parsed: object) -> None:
    """Queries are read into the trees that recorded answers show, and broken ones into something."""
    assert shown(parse(query)) == parsed


@pytest.mark.parametrize(
    ("title", "handle"),
    [
        ("Black Sunglasses", "black-sunglasses"),
        ("  Mixed CASE / \u6771\u4eac 100 % ", "mixed-case-\u6771\u4eac-100"),
        ("Men's T-Shirt", "mens-t-shirt"),
        ("%%%", ""),
    ],
)
def test_handles(title: str, handle: str) -> None:
    """Handles are lower case words joined by hyphens."""
    assert text.handle(title) == handle


@pytest.mark.parametrize(
    ("taken", "following"), [("a", "a-1"), ("a-1", "a-2"), ("a-9", "a-10"), ("2026-09", "2026-10")]
)
def test_handles_count_on(taken: str, following: str) -> None:
    """A taken handle counts its trailing number on."""
    assert text.next_handle(taken) == following


def test_plain_text() -> None:
    """Tags go, entities are read, blocks are apart, scripts are not text."""
    html = "<p>One&nbsp;&amp; <b>two</b></p><script>x()</script><ul><li>3</li></ul>"
    assert text.plain(html) == "One & two 3"
    assert text.plain("<p>" + "x" * 50 + "</p>", 10) == "xxxxxxx..."


def test_amounts() -> None:
    """Prices have two places, amounts are trimmed to one."""
    assert (scalars.money("12.5"), scalars.money("3"), scalars.money("1.005")) == ("12.50", "3.00", "1.01")
    assert (scalars.amount("20.00"), scalars.amount("3.10"), scalars.amount("100")) == ("20.0", "3.1", "100.0")


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        ("boolean", "yes", "Value must be true or false."),
        ("date", "2026-13-01", "Value must be in YYYY-MM-DD format."),
        ("color", "red", "Value must be a hex color code."),
        ("single_line_text_field", "a\nb", "Value must be a single line text string."),
        ("weight", '{"value": -1, "unit": "kg"}', "Value must be a non-negative number."),
        ("money", '{"amount": "x", "currency_code": "EUR"}', "Value must have a numeric amount."),
        ("list.number_integer", "[1, 2.5]", "Value must be an integer."),
    ],
)
def test_metafield_values(kind: str, value: str, problem: str) -> None:
    """Values that do not fit their type are refused in the recorded words."""
    with pytest.raises(metafield_values.Invalid) as caught:
        metafield_values.normal(kind, value)
    assert str(caught.value) == problem


def test_the_bucket_restores_up_to_its_size() -> None:
    """Points come back at the rate, never beyond the size, and a failed reservation takes none."""
    clock = Clock(datetime(2026, 1, 1, tzinfo=UTC))
    bucket = Bucket(clock, 100.0, 10.0)
    assert bucket.reserve(90)
    assert not bucket.reserve(20)
    assert bucket.status()["currentlyAvailable"] == 10
    clock.advance(1)
    assert bucket.status()["currentlyAvailable"] == 20
    assert bucket.reserve(20)
    assert not bucket.reserve(1)
    clock.advance(1000)
    assert bucket.status()["currentlyAvailable"] == 100
