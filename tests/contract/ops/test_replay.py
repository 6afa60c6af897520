"""`replay`: ids from the journal and the runs, records live, today's mapping."""

from __future__ import annotations

import tracemalloc
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ops.replaying import _distinct
from shared import app as actions
from shared.records import Item, Message, Origin, Side
from tests.contract.ops.conftest import CHAIR, IN, OUT, Desk
from tests.support.plant import SHOP

SHOUTED = 'from = "upper(product.title)"\nto = "new_shopifytitle"'


def text(at: datetime) -> str:
    """A time as the command line takes it."""
    return at.isoformat()


def rested(desk: Desk) -> None:
    """Everything is in line and its echoes have passed."""
    for _ in range(3):
        desk("sync")
        desk.plant.clock.advance(600)


def titles(desk: Desk) -> set[str]:
    """What CRM holds as the store's titles."""
    rows = desk.plant.sales.get("products?$select=new_shopifytitle")["value"]
    return {row["new_shopifytitle"] for row in rows if row["new_shopifytitle"]}


def test_a_time_is_handled_again_under_todays_mapping(desk: Desk, tmp_path: Path) -> None:
    """Promise: records that no poll would name any more get what a changed mapping says, each id once, then rest."""
    began = desk.plant.clock.now()
    rested(desk)
    desk.remapped(tmp_path, IN, 'from = "product.title"\nto = "new_shopifytitle"', SHOUTED)
    desk("sync", IN)
    assert "BRASS LAMP" not in titles(desk)
    window = ("--since", text(began), "--until", text(desk.plant.clock.now()))
    (row,) = desk.json("replay", IN, *window, code=1)["flows"]  # the twins stay parked
    assert (row["found"], row["updated"], row["parked"]) == (5, 3, 2)
    assert "BRASS LAMP" in titles(desk)
    writes = desk.plant.writes()
    assert desk.json("replay", IN, *window, code=1)["flows"][0]["unchanged"] == 3
    assert desk.plant.writes() == writes


def test_a_plan_of_it_writes_nothing(synced: Desk, tmp_path: Path) -> None:
    """Promise: `--plan` shows field by field what a replay would write, and changes neither systems nor state."""
    synced.remapped(tmp_path, IN, 'from = "product.title"\nto = "new_shopifytitle"', SHOUTED)
    writes, stored = synced.plant.writes(), synced.stored()
    today = f"{synced.plant.clock.now():%Y-%m-%d}"
    (plan,) = synced.json("replay", IN, "--since", today, "--until", today, "--plan", code=1)["plans"]
    assert (plan["totals"]["update"], plan["totals"]["park"]) == (3, 2)
    assert (synced.plant.writes(), synced.stored()) == (writes, stored)


def test_what_crm_told_is_found_too(synced: Desk) -> None:
    """Promise: polls of CRM, whose pages hold ids only, are journaled like any other."""
    rested(synced)
    synced.plant.sales.send("PATCH", f"products({synced.product('CHAIR-1')})", {"vendorpartnumber": "VP-9"})
    synced.later()
    before = synced.plant.clock.now()
    synced("sync", OUT)
    (row,) = synced.json("replay", OUT, "--since", text(before))["flows"]
    assert (row["found"], row["unchanged"]) == (1, 1)


def test_what_only_a_webhook_brought_is_found_too(synced: Desk) -> None:
    """Promise: records that no poll has met yet are found by the verdicts of their runs, deletes as deletes."""
    before, app = synced.plant.clock.now(), synced.plant.app
    chair = synced.product(CHAIR.number)
    synced.plant.sales.send("PATCH", f"products({chair})", {"vendorpartnumber": "VP-9"})
    actions.handle(app, OUT, Message(OUT, SHOP, Origin.WEBHOOK, ids=(chair,)))
    synced.plant.sales.send("DELETE", f"products({chair})", {})
    actions.handle(app, OUT, Message(OUT, SHOP, Origin.WEBHOOK, deleted=(chair,)))
    (row,) = synced.json("replay", OUT, "--since", text(before))["flows"]
    assert (row["found"], row["skipped"]) == (2, 1)  # the engine takes both mentions as one record


def test_a_page_that_cannot_be_read_is_told(synced: Desk) -> None:
    """Promise: a damaged page hides nothing silently: the rest is replayed, the command says so and ends with 1."""
    state, today = synced.plant.app.state, f"{synced.plant.clock.now():%Y-%m-%d}"
    for blob in (next(state.blobs.list("journal/")), next(state.blobs.list("outcomes/"))):
        state.blobs.put(blob.name, b"no gzip", overwrite=True)
    answers = [synced.json("replay", flow, "--since", today, code=1) for flow in (IN, OUT)]
    assert sum(answer["unreadable"] for answer in answers) == 2
    assert "misses none" in synced("replay", OUT, "--since", today, "--plan").out


def test_a_named_record_is_replayed(synced: Desk) -> None:
    """Promise: `--id` needs no time and takes a pasted GID."""
    lamp = synced.variant("LAMP-M")
    (row,) = synced.json("replay", IN, "--id", f"gid://shopify/ProductVariant/{lamp}")["flows"]
    assert (row["found"], row["unchanged"]) == (1, 1)
    assert synced.plant.app.state.runs.last(SHOP, IN, 1)[0].origin is Origin.REPLAY


def test_a_paused_flow_is_not_replayed(synced: Desk) -> None:
    """Promise: a replay never writes where the app may not; its dry run works all the same."""
    synced("pause", IN, "--reason", "month end")
    today = f"{synced.plant.clock.now():%Y-%m-%d}"
    assert synced("replay", IN, "--since", today).code == 2
    assert synced("replay", IN, "--since", today, "--plan").code == 1


def test_a_time_without_records_is_said_to_be_one(synced: Desk) -> None:
    """Promise: where nothing was seen the command says so and ends with 0."""
    said = synced("replay", IN, "--since", text(synced.plant.clock.now() - timedelta(seconds=1)))
    assert (said.code, said.out.strip()) == (0, "Nothing was seen in that time.")


@pytest.mark.parametrize(
    ("times", "told"),
    [
        (["--since", "yesterday"], "'yesterday' is no date or time"),
        (["--since", "2026-11-31"], "'2026-11-31' is no date or time"),
        (["--since", "0001-01-01T00:00+14:00"], "is no date or time"),
        (["--since", "2026-11-23T10:00", "--until", "2026-11-23T09:59"], "That time is empty"),
        (["--since", "2026-11-24"], "That time is empty"),
        (["--since", "2026-10-23"], "kept for 30 days: nothing before 2026-10-24 00:00:00 UTC"),
        (["--until", "2026-11-23"], "Name records with --id, or a time"),
        (["--since", "2026-11-23", "--id", "1"], "Name records with --id, or a time"),
        ([], "Name records with --id, or a time"),
    ],
)
def test_a_time_that_cannot_be_is_refused(desk: Desk, times: list[str], told: str) -> None:
    """Promise: a wrong, an empty and a forgotten time end with 2 and a sentence; nothing is replayed in part."""
    said = desk("replay", IN, *times)
    assert said.code == 2
    assert told in " ".join(said.err.split())


def test_zones_are_understood(synced: Desk) -> None:
    """Promise: a time with a zone is that moment, one without is UTC."""
    synced.plant.clock.advance(600)
    for hours, zone in ((9, "+09:00"), (0, "")):
        there = synced.plant.clock.now() + timedelta(hours=hours)
        quiet, busy = (f"{there - timedelta(minutes=ago):%Y-%m-%dT%H:%M}{zone}" for ago in (1, 60))
        assert synced.json("replay", IN, "--since", quiet, "--plan")["plans"][0]["read"] == 0
        assert synced.json("replay", IN, "--since", busy, "--plan", code=1)["plans"][0]["read"] == 5


def test_any_number_of_ids_costs_no_memory() -> None:
    """Promise: 200,000 ids, each met twice, are given out once, within a few megabytes."""
    tracemalloc.start()
    met = sum(1 for _ in _distinct(Item(str(number % 200_000)) for number in range(400_000)))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert met == 200_000
    assert most < 4 * 1024 * 1024


def test_a_deleted_id_is_given_out_as_such() -> None:
    """Promise: one mention as deleted is enough for the delete to be confirmed."""
    items = [Item("7"), Item("7", deleted=True), Item("7"), Item("7", deleted=True)]
    assert [item.deleted for item in _distinct(items)] == [False, True]


def test_a_replay_leaves_permits_to_live_changes(synced: Desk) -> None:
    """Promise: where only the share for live changes is left, replayed records wait on the queue."""
    permits, lamp = synced.plant.app.state.permits, synced.variant("LAMP-M")
    held = [permits.hold(Side.CRM, load=True) for _ in range(9)]
    granted = [each.__enter__() for each in held]
    assert not granted[-1]
    (row,) = synced.json("replay", IN, "--id", lamp)["flows"]
    assert (row["unchanged"], row["waiting"]) == (0, 1)
    assert synced.json("sync", IN, "--id", lamp)["flows"][0]["unchanged"] == 1
    for each in held:
        each.__exit__(None, None, None)
