"""`sync`, `runs`, `pause` and `resume`: flows run by hand, beside an app or without one."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from shared.records import Message, Origin
from shared.state.queues import LIVE, from_text, queue_name
from shared.sync.poll import LISTING
from tests.contract.ops.conftest import BACK, CHAIR, COMPANIES, CUSTOMERS, DOCUMENTS, IN, ORDERS, OUT, Desk
from tests.support.plant import SHOP


def test_both_sides_are_brought_into_line_and_then_rest(desk: Desk) -> None:
    """One `sync` polls, works all queues and leaves nothing waiting; the next one writes nothing."""
    outward, inward = desk.json("sync", code=1)["flows"]
    assert (outward["created"], outward["updated"]) == (1, 1)
    assert (inward["created"], inward["parked"], inward["waiting"]) == (1, 2, 0)
    (variant,) = desk.plant.variants(CHAIR.number)
    assert variant["price"] == str(CHAIR.price)
    desk.later()
    writes = desk.plant.writes()
    desk("sync")
    assert desk.plant.writes() == writes


def test_an_edit_is_carried_over(synced: Desk) -> None:
    """What a salesperson changed is found by the poll of `sync` and arrives."""
    synced.plant.sales.send("PATCH", f"products({synced.product('CHAIR-1')})", {"vendorpartnumber": "VP-9"})
    synced.later()
    (row, *_) = synced.json("sync", OUT)["flows"]
    assert row["updated"] == 1


def test_all_lists_everything_again(synced: Desk) -> None:
    """`--all` reads records that no poll would name any more, and finds them unchanged."""
    synced("sync", OUT)
    (quiet,) = synced.json("sync", OUT)["flows"]
    (everything,) = synced.json("sync", OUT, "--all")["flows"]
    assert quiet["found"] == 0
    assert everything["unchanged"] == everything["found"] >= 3


def test_a_limit_handles_so_many_records_and_moves_no_cursor(desk: Desk) -> None:
    """`--limit 1` brings one record over and leaves polling to begin where it would have begun."""
    (row,) = desk.json("sync", OUT, "--limit", "1")["flows"]
    assert (row["found"], row["created"] + row["updated"]) == (1, 1)
    assert desk.plant.app.state.cursors.get(SHOP, OUT, LISTING).version is None


def test_one_record_is_brought_over_by_its_id(desk: Desk) -> None:
    """`--id` with a pasted GID handles that variant alone."""
    lamp = desk.variant("LAMP-M")
    (row,) = desk.json("sync", IN, "--id", f"gid://shopify/ProductVariant/{lamp}")["flows"]
    assert (row["found"], row["created"]) == (1, 1)
    assert desk.product("LAMP-M")


@pytest.mark.parametrize("mode", ["off", "plan"])
def test_a_flow_that_may_not_write_is_refused(desk: Desk, mode: str) -> None:
    """A flow in mode off or plan is not run; the sentence names the setting."""
    desk.environment["PRODUCTS_CRM_TO_SHOPIFY_MODE"] = mode
    writes = desk.plant.writes()
    said = desk("sync", OUT)
    assert said.code == 2
    assert "PRODUCTS_CRM_TO_SHOPIFY_MODE=on" in " ".join(said.err.split())
    assert desk.plant.writes() == writes


def test_a_paused_flow_is_refused_until_it_is_resumed(desk: Desk) -> None:
    """`pause` stops a flow with its reason for everybody; `resume` lets it go on."""
    desk.json("pause", OUT, "--reason", "month end")
    said = desk("sync", OUT)
    assert (said.code, "month end." in said.err) == (2, True)
    assert desk.json("resume", OUT)["was_paused"]
    assert desk("sync", OUT).code == 0


def test_a_flow_whose_connection_is_paused_says_what_to_resume(desk: Desk) -> None:
    """The refusal names the connection, because resuming the flow would not help."""
    desk("pause", "crm", "--reason", "maintenance")
    said = desk("sync", IN)
    assert said.code == 2
    assert "crm is paused: maintenance. When mended: python -m ops resume crm" in " ".join(said.err.split())
    assert "python -m ops resume crm" in " ".join(desk("doctor").out.split())


def test_a_planning_run_is_not_told_as_if_it_had_written(synced: Desk) -> None:
    """`runs` marks a run of mode plan, whose counts say what would have been done."""
    (last,) = synced.plant.app.state.runs.last(SHOP, IN, 1)
    synced.plant.app.state.runs.put(replace(last, run_id="p", started_at=synced.plant.clock.now(), planned=True))
    runs = synced.json("runs", IN)["runs"]
    assert [run["planned"] for run in runs] == [True, *[False] * (len(runs) - 1)]
    assert "(plan only)" in " ".join(synced("runs", IN).out.split())


def test_resume_puts_back_what_was_kept(desk: Desk) -> None:
    """Messages that were held while a system was paused are on the flow's queue again, and are worked by `sync`."""
    desk("pause", "crm", "--reason", "maintenance.")
    desk.plant.app.state.queues.hold(Message(IN, SHOP, Origin.RETRY, ids=(desk.variant("LAMP-M"),)))
    others = dict.fromkeys((OUT, CUSTOMERS, COMPANIES, ORDERS, DOCUMENTS, BACK), 0)
    assert desk.json("resume", "crm")["released"] == {**others, IN: 1}
    assert desk.json("sync", IN, code=1)["flows"][0]["created"] == 1


def test_resume_has_what_was_refused_come_behind_the_rest(desk: Desk) -> None:
    """Promise: what had stopped its flow is not the first to be worked after `resume`: it would stop it again."""
    queues, service = desk.plant.app.state.queues, desk.plant.app.state.queue_service
    desk("pause", "crm", "--reason", "maintenance.")
    refused = Message(IN, SHOP, Origin.RETRY, ids=("1",), refused_at=desk.plant.clock.now())
    for message in (refused, replace(refused, ids=("2",), refused_at=None)):
        queues.hold(message)
    assert desk.json("resume", "crm")["released"][IN] == 2
    assert [from_text(each.text).ids for each in service.receive(queue_name(LIVE, IN), 32, 1)] == [("2",)]


def test_a_flow_that_something_else_stops_stays_stopped(desk: Desk) -> None:
    """Resuming one system does not wake a flow that is paused itself: its messages stay kept, exit code 1."""
    desk("pause", OUT, "--reason", "we look into it")
    desk("pause", "shopify", "--reason", "maintenance")
    answer = desk.json("resume", "shopify", code=1)
    assert answer["still_paused"] == {OUT: "we look into it."}
    assert set(answer["released"]) == {IN, CUSTOMERS, COMPANIES, ORDERS, DOCUMENTS, BACK}


def test_resuming_shopify_lets_a_refused_shop_go_on(desk: Desk) -> None:
    """Promise: `resume shopify` ends a shop's pause by a refusal, gives its messages back, and leaves one that a person
    or an uninstallation made to the shop's own name."""
    switches, queues = desk.plant.app.state.switches, desk.plant.app.state.queues
    queues.hold(Message(IN, SHOP, Origin.RETRY, ids=(desk.variant("LAMP-M"),)))
    switches.pause(SHOP, "The app was uninstalled.")
    answer = desk.json("resume", "shopify", code=1)
    assert (answer["still_paused"][IN], answer["released"]) == ("The app was uninstalled.", {})
    assert f"python -m ops resume {SHOP}" in " ".join(desk("sync", IN).err.split())
    assert desk.json("resume", SHOP)["released"][IN] == 1
    switches.back_off(SHOP, "It is frozen.")
    answer = desk.json("resume", "shopify")
    assert (answer["was_paused"], answer["still_paused"]) == (True, {})


def test_messages_of_a_shop_that_stays_stopped_stay_kept(desk: Desk) -> None:
    """Promise: what goes on is put back, and the rest waits for what still stops it."""
    desk.environment["SHOPIFY_SHOPS"] = f"{SHOP},other.myshopify.com"
    queues = desk.plant.app.state.queues
    desk.plant.app.state.switches.back_off("other.myshopify.com", "It is frozen.")
    for shop in (SHOP, "other.myshopify.com"):
        queues.hold(Message(IN, shop, Origin.RETRY, ids=("1",)))
    answer = desk.json("resume", IN, code=1)
    assert (answer["released"], answer["still_paused"]) == ({IN: 1}, {IN: "It is frozen."})
    assert queues.held(IN) == 1
    assert desk.json("resume", SHOP)["still_paused"] == {}


def test_many_deletes_are_accepted_for_a_day(desk: Desk) -> None:
    """`resume --accept` is believed for 24 hours; for a whole system it is refused."""
    assert desk("resume", "crm", "--accept").code == 2
    assert desk.json("resume", OUT, "--accept")["deletes_accepted_until"] is not None
    state, clock = desk.plant.app.state, desk.plant.clock
    assert state.switches.deletes_accepted(OUT, clock.now())
    clock.advance(24 * 3600 + 1)
    assert not state.switches.deletes_accepted(OUT, clock.now())


def test_runs_are_told_newest_first(synced: Desk) -> None:
    """`runs` says what ran with its counts and costs; `--last` bounds it; a flow's name narrows it."""
    runs = synced.json("runs")["runs"]
    assert [run["started_at"] for run in runs] == sorted((run["started_at"] for run in runs), reverse=True)
    assert {run["flow"] for run in synced.json("runs", OUT)["runs"]} == {OUT}
    assert len(synced.json("runs", "--last", "1")["runs"]) == 1
    assert sum(run["counts"]["created"] for run in runs) == 2
    assert "created" in synced("runs").out


def test_a_refused_credential_ends_in_one_sentence(desk: Desk) -> None:
    """A wrong token ends `sync` with exit code 2 and a sentence without the token, never with a traceback."""
    desk.environment["DATAVERSE_TOKEN"] = "a-wrong-token"
    said = desk("sync", OUT)
    assert said.code == 2
    assert "refused" in said.err
    assert "Traceback" not in said.err
    assert "a-wrong-token" not in said.out + said.err


def test_a_price_is_equal_on_both_sides_afterwards(synced: Desk) -> None:
    """The record that both sides had is adopted by its number, and its price is the owner's."""
    (variant,) = synced.plant.variants("LAMP-S")
    assert Decimal(variant["price"]) == Decimal("19.00")
