"""What waits for a paused table, beside others that run, and what becomes of it when the table is carried no more."""

from __future__ import annotations

import json
import logging

import pytest

from shared import app as actions
from shared.mapping.tables import FLOW, name_of
from shared.state.queues import queue_name
from tests.flows.conftest import OpenTables
from tests.flows.test_table_rows import ADD, ANTWERP, COLLECT, DROP
from tests.support.plant import ENVIRONMENT, signed
from tests.support.tables import Tables, number

COLLECTIONS = name_of("collections")


def _told(record: str, event: str = "update") -> None:
    body = json.dumps({"id": int(record)}).encode()
    assert actions.receive(FLOW, signed(body, topic=f"collections/{event}"), body)[0] == 200


def _worked(shop: Tables) -> int:
    """Work what can be worked, one message after the other; how many there were."""
    queues, count = shop.app.state.queue_service, 0
    for use in ("sync", "load"):
        while taken := queues.receive(queue_name(use, FLOW), 1, 600):
            actions.work(FLOW, taken[0].text.encode())
            queues.delete(queue_name(use, FLOW), taken[0])
            count += 1
    return count


def _carried(shop: Tables, tables: str) -> None:
    """The app starts again under that setting."""
    state, shop.environment["TABLES"] = shop.app.state, tables
    shop.app = shop.wired({**ENVIRONMENT, **shop.environment})
    shop.app.state = state


def _swept(shop: Tables) -> int:
    """Housekeeping, and what it gave back worked; how many messages."""
    shop.clock.advance(600)
    actions.housekeeping()
    return _worked(shop)


def _group(shop: Tables, title: str) -> str:
    return number(str(shop.done(COLLECT, i={"title": title})["collection"]["id"]))


def test_what_waits_for_a_paused_table_stays_where_it_is_while_others_run(tabling: OpenTables) -> None:
    """No sweep gives it to the workers; what is held of another table comes back, and its own after the resume."""
    shop = tabling(TABLES="collections,locations")
    shop.run()
    for table in ("collections", "locations"):
        shop.app.state.switches.pause(name_of(table), "month end")
    group = _group(shop, "Winter")
    place = number(str(shop.done(ADD, input=ANTWERP)["location"]["id"]))
    for _ in range(40):
        _told(group)
    body = json.dumps({"id": int(place)}).encode()
    assert actions.receive(FLOW, signed(body, topic="locations/create"), body)[0] == 200
    assert _worked(shop) == 41
    shop.app.state.switches.resume(name_of("locations"))
    assert [_swept(shop) for _ in range(3)] == [1, 0, 0]
    assert place in shop.rows_of("new_shopifylocation", "new_shopifylocations")
    assert (shop.app.state.queues.held(FLOW), shop.rows("new_shopifycollections")) == (40, [])
    shop.app.state.switches.resume(COLLECTIONS)
    _swept(shop)
    assert [row["new_name"] for row in shop.rows("new_shopifycollections")] == ["Winter"]
    assert shop.app.state.queues.held(FLOW) == 0


def test_what_waits_for_a_table_that_is_carried_no_more_is_set_aside_and_found_again(
    tabling: OpenTables, caplog: pytest.LogCaptureFixture
) -> None:
    """One alert, each message parked with its text, nothing goes round; when the table is back all of it is listed."""
    shop = tabling(TABLES="collections,locations")
    old = _group(shop, "Spring")
    shop.run()
    new = _group(shop, "Winter")
    shop.clock.advance(120)
    actions.tick(FLOW)  # its page is stored, and the cursor moved
    shop.done(DROP, i={"id": f"gid://shopify/Collection/{old}"})
    _told(old, "delete")
    shop.app.state.switches.pause(COLLECTIONS, "month end")
    held = _worked(shop) - 1
    assert shop.app.state.queues.held(FLOW) > 1
    _carried(shop, "locations")
    shop.app.state.switches.resume(COLLECTIONS)
    caplog.set_level(logging.ERROR)
    assert [_swept(shop) for _ in range(3)] == [0, 0, 0]
    assert [each.target for each in caplog.records if getattr(each, "alert", "") == "message"] == [COLLECTIONS]
    kept = shop.waiting("collections").values()
    assert {each.kind for each in kept} == {"message"}
    assert any(new in str(each.facts) or "blob" in str(each.facts) for each in kept)
    assert (shop.app.state.queues.held(FLOW), len(kept) >= held > 0) == (0, True)
    assert [row["new_name"] for row in shop.rows("new_shopifycollections")] == ["Spring"]
    _carried(shop, "collections,locations")
    for _ in range(3):
        shop.clock.advance(120)
        actions.tick(FLOW)
        _worked(shop)
    assert {row["new_name"]: row["statecode"] for row in shop.rows("new_shopifycollections")} == {"Winter": 0}
