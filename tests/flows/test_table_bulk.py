"""Long lists of a table are read by one bulk operation, and by pages where Shopify does not carry it out."""

from __future__ import annotations

from collections import Counter

import pytest

from shared.shopify import bulk
from tests.flows.conftest import OpenTables
from tests.flows.test_table_rows import COLLECT, ISSUE
from tests.support.tables import Tables

CARDS, BEGUN = 7, "mutation bulkOperationRunQuery"


@pytest.fixture
def shop(tabling: OpenTables, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """More gift cards than are paged through, and files of more than one page."""
    monkeypatch.setattr(bulk, "ABOVE", 3)
    monkeypatch.setattr(bulk, "PAGE", 2)
    made = tabling(TABLES="gift_cards")
    for number in range(CARDS):
        made.done(ISSUE, i={"initialValue": str(number + 1)})
    made.clock.advance(3600)  # long ago: only a listing finds them
    return made


def _asked(shop: Tables) -> Counter[str]:
    return Counter(str(call["operation"]) for call in shop.shopify.counters.calls if call["actor"] == "app")


def _values(shop: Tables) -> list[float]:
    return sorted(row["new_value"] for row in shop.rows_of("new_shopifygiftcard", "new_shopifygiftcards").values())


def test_a_long_list_is_one_operation(shop: Tables) -> None:
    """All records arrive from the file, page by page, and none is asked for by paging; then silence."""
    shop.run()
    assert _values(shop) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert _asked(shop)[BEGUN] == 1
    shop.silent()


def test_an_operation_that_takes_long_is_waited_for_by_the_next_ticks(shop: Tables) -> None:
    """A tick that cannot go on ends; nothing is begun a second time, and the records arrive when it is done."""
    shop.shopify.bulk.switches.hold = True
    shop.run()
    assert _values(shop) == []
    shop.shopify.bulk.switches.hold = False
    shop.run()
    assert len(_values(shop)) == CARDS
    assert _asked(shop)[BEGUN] == 1


def test_an_operation_that_fails_is_replaced_by_pages(shop: Tables) -> None:
    """Shopify gives up in the middle: the list is paged through, and nothing of it is missing."""
    shop.shopify.bulk.switches.fail_after = 1
    shop.run()
    assert len(_values(shop)) == CARDS
    assert shop.waiting("gift_cards") == {}


def test_a_list_with_lists_inside_is_paged_through(tabling: OpenTables, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file does not say of which list a line is, so such records are never read in bulk."""
    monkeypatch.setattr(bulk, "ABOVE", 0)
    shop = tabling(TABLES="collections")
    shop.done(COLLECT, i={"title": "Winter"})
    shop.run()
    assert len(shop.rows("new_shopifycollections")) == 1
    assert _asked(shop)[BEGUN] == 0
