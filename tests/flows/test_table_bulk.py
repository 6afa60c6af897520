"""Long lists of a table are read by one bulk operation, and by pages where Shopify does not carry it out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared import app as actions
from shared.mapping.tables import FLOW, name_of
from shared.records import Message, Origin, ParkedRow
from shared.shopify import bulk
from shared.state.queues import queue_name
from tests.flows.conftest import OpenTables
from tests.flows.test_table_rows import COLLECT, ISSUE, SPEND
from tests.support.plant import ENVIRONMENT, SHOP
from tests.support.tables import SHIPPED, Tables, number, shipped, written

CARDS, BEGUN = 7, "mutation bulkOperationRunQuery"


@pytest.fixture
def shop(tabling: OpenTables, monkeypatch: pytest.MonkeyPatch) -> Tables:
    """More gift cards than are paged through, and files of more than one page."""
    return _long(tabling, monkeypatch)


def _long(tabling: OpenTables, monkeypatch: pytest.MonkeyPatch, **environment: str) -> Tables:
    monkeypatch.setattr(bulk, "ABOVE", 3)
    monkeypatch.setattr(bulk, "PAGE", 2)
    made = tabling(TABLES="gift_cards", **environment)
    for value in range(CARDS):
        made.done(ISSUE, i={"initialValue": str(value + 1)})
    made.clock.advance(3600)  # long ago: only a listing finds them
    return made


def _held(shop: Tables, minutes: int) -> None:
    """The listing begins, and its operation takes so long."""
    shop.shopify.bulk.switches.hold = True
    actions.poll(shop.app, name_of("gift_cards"), SHOP)
    shop.clock.advance(60 * minutes)


def _filed(shop: Tables) -> None:
    """The operation ends, and the pages of its file wait for a worker."""
    shop.shopify.bulk.switches.hold = False
    actions.poll(shop.app, name_of("gift_cards"), SHOP)


def _worked(shop: Tables, use: str = "load") -> Iterator[None]:
    """One message after the other, each delivered once, for what comes a second time is read anew."""
    queues, queue = shop.app.state.queue_service, queue_name(use, FLOW)
    while taken := queues.receive(queue, 1, 600):
        actions.work(FLOW, taken[0].text.encode())
        queues.delete(queue, taken[0])
        yield


def _asked(shop: Tables) -> Counter[str]:
    return Counter(str(call["operation"]) for call in shop.shopify.counters.calls if call["actor"] == "app")


def _values(shop: Tables) -> list[float]:
    return sorted(row["new_value"] for row in shop.rows_of("new_shopifygiftcard", "new_shopifygiftcards").values())


def _balances(shop: Tables) -> dict[str, float]:
    rows = shop.rows_of("new_shopifygiftcard", "new_shopifygiftcards")
    return {mark: row["new_balance"] for mark, row in rows.items()}


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


@pytest.mark.parametrize("minutes", [0, 7, 60])
def test_each_record_is_read_once_however_long_the_operation_takes(shop: Tables, minutes: int) -> None:
    """What the file holds is applied: no record of it is asked for once more, one by one or by pages."""
    _held(shop, minutes)
    before = _asked(shop)
    _filed(shop)
    assert len(list(_worked(shop))) > 1
    assert len(_values(shop)) == CARDS
    assert [name for name in _asked(shop) - before if "nodes" in name] == []


def _spent(shop: Tables) -> str:
    """A card, in a page that has waited for an hour, of which somebody spends 40 of 100 meanwhile."""
    card = str(shop.done(ISSUE, i={"initialValue": "100"})["giftCard"]["id"])
    _held(shop, 1)
    _filed(shop)
    shop.clock.advance(3600)
    shop.done(SPEND, id=card, i={"debitAmount": {"amount": "40", "currencyCode": "EUR"}})
    return number(card)


def test_an_old_page_never_overwrites_what_was_applied_since(shop: Tables) -> None:
    """A card that changed while its page waited keeps its newer content at every moment, and the others arrive."""
    card = _spent(shop)
    shop.app.state.queues.send(Message(name_of("gift_cards"), SHOP, Origin.WEBHOOK, ids=(card,)))
    list(_worked(shop, "sync"))
    assert _balances(shop)[card] == 60.0
    assert {_balances(shop)[card] for _ in _worked(shop)} == {60.0}
    assert len(_values(shop)) == CARDS + 1


def test_an_old_page_is_not_believed_of_a_record_that_was_parked_since(shop: Tables) -> None:
    """What is parked for its newer content is read anew: an older one would bring it over as it is no more."""
    card, now = _spent(shop), shop.clock.now()
    kept = (SHOP, name_of("gift_cards"), "gift_cards", card, "rejected", "No.", {}, 1, now, now, "by hand")
    shop.app.state.parked.put([ParkedRow(*kept)])
    list(_worked(shop))
    assert _balances(shop)[card] == 60.0


def test_a_file_that_was_begun_under_another_selection_is_begun_anew(
    tabling: OpenTables, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The mapping changes while an operation runs: its lines lack the new field, which is blank at no moment."""
    text = (SHIPPED / "tables" / "gift_cards.toml").read_text(encoding="utf-8")
    folder = written(shipped(tmp_path), gift_cards=text)
    shop = _long(tabling, monkeypatch, MAPPINGS_DIR=str(folder))
    shop.run()
    shop.shopify.bulk.switches.hold = True
    actions.poll(shop.app, name_of("gift_cards"), SHOP, restart=True)
    written(folder, gift_cards=text.replace("join(' ', ['…', lastCharacters])", "maskedCode"))
    state, shop.app = shop.app.state, shop.wired({**ENVIRONMENT, **shop.environment})
    shop.app.state = state
    seen = set[str]()
    for _ in range(2):
        _filed(shop)
        for _ in _worked(shop):
            seen |= {str(row["new_name"])[:1] for row in shop.rows("new_shopifygiftcards")}
    assert seen == {"…", "•"}
    assert {row["new_name"][:1] for row in shop.rows("new_shopifygiftcards")} == {"•"}


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
