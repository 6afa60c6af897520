"""What housekeeping finds out about the app itself: each trouble is one alert, and one event when it is over."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from shared import app as actions
from shared import watching
from shared.flows import FLOWS
from shared.records import Message, Origin
from shared.state.queues import queue_name
from tests.support.plant import ENVIRONMENT, SHOP, Plant

IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"
HOUR = 3600.0


Events = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture) -> Events:
    """Kind and target of every alert event so far; what is over is told by the kind that it was."""
    caplog.set_level(logging.WARNING)

    def told() -> list[tuple[str, str]]:
        records: list[Any] = [record for record in caplog.records if record.message == "alert"]
        return [(f"end of {r.cleared}" if r.alert == "cleared" else r.alert, r.target) for r in records]

    return told


def ticks(plant: Plant, *flows: str) -> None:
    """Timers fire, work is done, housekeeping looks."""
    for flow in flows:
        actions.tick(flow)
    plant.work()
    watching.watch(plant.app)


def test_a_working_app_raises_nothing(plant: Plant, events: Events) -> None:
    """Ticks every half hour for a day: no alert, not even at the very first look, before any poll."""
    watching.watch(plant.app)
    for _ in range(48):
        plant.clock.advance(HOUR / 2)
        ticks(plant, IN, OUT)
    assert events() == []
    assert json.loads(actions.health()[1])["alerts"] == []


def test_a_flow_whose_timer_stands_still_is_told_once(plant: Plant, events: Events) -> None:
    """Longer than ALERT_POLL_MIN without a finished poll: one alert, in health too, and its end by the next poll."""
    ticks(plant, IN, OUT)
    for _ in range(6):
        plant.clock.advance(HOUR / 2)
        ticks(plant, IN)
    assert events() == [("standstill", OUT)]
    assert json.loads(actions.health()[1])["alerts"] == [{"alert": "standstill", "target": OUT}]
    ticks(plant, OUT)
    assert events() == [("standstill", OUT), ("end of standstill", OUT)]


def test_a_poll_that_fails_every_time_is_no_finished_poll(
    plant: Plant, events: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A timer that fires and never gets to its end counts as standing still."""
    ticks(plant, IN, OUT)
    monkeypatch.setattr(actions, "poll", lambda app, flow, shop: None)
    for _ in range(4):
        plant.clock.advance(HOUR / 2)
        ticks(plant, IN, OUT)
    assert sorted(events()) == [("standstill", OUT), ("standstill", IN)]


def test_what_is_off_or_paused_is_not_expected_to_run(plant: Plant, events: Events) -> None:
    """No alert while paused or off; back on, it has its whole time again."""
    ticks(plant, IN, OUT)
    plant.app.state.switches.pause(OUT, "a person said so")
    modes = dict(plant.app.settings.modes)
    off = plant.wired({**ENVIRONMENT, "PRODUCTS_SHOPIFY_TO_CRM_MODE": "off"})
    object.__setattr__(plant.app.settings, "modes", off.settings.modes)
    for _ in range(6):
        plant.clock.advance(HOUR)
        watching.watch(plant.app)
    plant.app.state.switches.resume(OUT)
    object.__setattr__(plant.app.settings, "modes", modes)
    watching.watch(plant.app)
    assert events() == [("held", OUT), ("end of held", OUT)]
    plant.clock.advance(2 * HOUR)
    watching.watch(plant.app)
    assert len(events()) == 4


def test_a_pause_that_only_a_person_ends_is_not_forgotten(plant: Plant, events: Events) -> None:
    """Told when it is found, once more after a day, and when it is over; one that ends by itself is not told so."""
    plant.app.state.switches.pause("crm", "month end.")
    plant.app.state.switches.back_off("shopify", "its credential was refused.")
    for _ in range(30):
        watching.watch(plant.app)
        plant.clock.advance(HOUR)
    assert events() == [("held", "crm"), ("forgotten", "crm")]
    body = json.loads(actions.health()[1])
    assert {flow["paused"] for flow in body["flows"].values()} == {"crm: month end."}
    assert body["alerts"] == [{"alert": "forgotten", "target": "crm"}, {"alert": "held", "target": "crm"}]
    plant.app.state.switches.resume("crm")
    watching.watch(plant.app)
    assert sorted(events()[2:4]) == [("end of forgotten", "crm"), ("end of held", "crm")]


def test_a_frozen_shop_is_no_timer_that_stands_still(plant: Plant, events: Events) -> None:
    """Promise: while the only shop is paused nothing counts as polled, and no timer is told to stand still."""
    ticks(plant, IN, OUT)
    before = plant.app.state.notes.all()[f"poll {IN}"]
    for _ in range(6):
        plant.app.state.switches.back_off(SHOP, "it is frozen.")
        ticks(plant, IN, OUT)
        plant.clock.advance(HOUR / 2)
    assert plant.app.state.notes.all()[f"poll {IN}"] == before
    assert events() == []


def test_a_change_that_waits_too_long_is_told(plant: Plant, events: Events) -> None:
    """Measured by what is at the front of the live queue; what was tried before waits on purpose and does not count."""
    ticks(plant, IN, OUT)
    now, queues = plant.clock.now(), plant.app.state.queues
    queues.send(Message(OUT, SHOP, Origin.RETRY, ids=("x",), attempt=3, first_at=datetime(2026, 1, 1, tzinfo=UTC)))
    queues.send(Message(IN, SHOP, Origin.LOAD, ids=("1",), first_at=now))
    plant.app.state.queue_service.send(queue_name("sync", IN), "not a message of ours")
    queues.send(Message(IN, SHOP, Origin.WEBHOOK, ids=("1",), first_at=now))
    for _ in range(3):
        watching.watch(plant.app)
        plant.clock.advance(600)
    assert events() == [("lag", IN)]
    service, live = plant.app.state.queue_service, queue_name("sync", IN)
    for taken in service.receive(live, 32, 600):
        service.delete(live, taken)
    watching.watch(plant.app)
    assert events() == [("lag", IN), ("end of lag", IN)]


def test_a_queue_that_grows_is_told_and_a_long_one_that_shrinks_is_not(plant: Plant, events: Events) -> None:
    """Three growths in a row above ALERT_QUEUE begin it; it ends when the queue is below it, not when it rests."""
    object.__setattr__(plant.app.settings.limits, "queue", 10.0)
    message = Message(IN, SHOP, Origin.LOAD, ids=("1",))

    def look(depth: int) -> None:
        queues, service, load = plant.app.state.queues, plant.app.state.queue_service, queue_name("load", IN)
        while queues.depth(IN) < depth:
            queues.send(message)
        while queues.depth(IN) > depth:
            service.delete(load, service.receive(load, 1, 60)[0])
        watching.watch(plant.app)

    for depth in (20, 18, 15, 17, 19, 19, 18, 5, 6, 7, 8):
        look(depth)
    assert events() == []
    for depth in (9, 11, 12, 12, 15):
        look(depth)
    assert events() == [("queue", IN)]
    look(3)
    assert events() == [("queue", IN), ("end of queue", IN)]


def test_an_api_version_near_its_end_is_told_sixty_days_before(plant: Plant, events: Events) -> None:
    """2026-10 is served until October 2027 at least: nothing in July, one alert in August, however often it looks."""
    ticks(plant, IN, OUT)
    for day in (datetime(2027, 8, 1, tzinfo=UTC), datetime(2027, 8, 4, tzinfo=UTC), datetime(2027, 9, 1, tzinfo=UTC)):
        plant.clock.advance((day - plant.clock.now()).total_seconds())
        watching.watch(plant.app)
    assert [event for event in events() if event[0] == "api_version"] == [("api_version", SHOP)]
    (why,) = [why for (kind, _), why in plant.app.state.alerts.open().items() if kind == "api_version"]
    assert "until 2027-10-01" in why
    assert "SHOPIFY_API_VERSION" in why


def test_an_answer_in_another_version_is_told(plant: Plant, events: Events) -> None:
    """Shopify falls forward silently; the header says so, and the alert names both versions."""
    ticks(plant, IN, OUT)
    client = plant.app.shopify[SHOP]
    assert client.served == client.version
    client.served = "2027-01"
    watching.watch(plant.app)
    assert events() == [("api_version", SHOP)]
    assert "2027-01" in plant.app.state.alerts.open()["api_version", SHOP]


def test_watching_and_ticking_stay_cheap(plant: Plant) -> None:
    """At most three requests to the storage for a flow and three for all; a tick's note costs one."""
    ticks(plant, IN, OUT)
    for _ in range(4):
        watching.watch(plant.app)
    plant.clock.advance(60)
    before = sum(plant.app.state.transactions().values())
    watching.watch(plant.app)
    assert sum(plant.app.state.transactions().values()) - before <= 3 * len(FLOWS) + 3
    before = sum(plant.app.state.transactions().values())
    watching.polled(plant.app, IN)
    assert sum(plant.app.state.transactions().values()) - before == 1


def test_no_alert_sentence_names_a_record(plant: Plant) -> None:
    """Sentences are about flows and shops; every one says what to look at."""
    ticks(plant, IN, OUT)
    plant.app.state.queues.send(Message(IN, SHOP, Origin.WEBHOOK, ids=("4711",), first_at=plant.clock.now()))
    plant.clock.advance(400 * 24 * HOUR)
    watching.watch(plant.app)
    opened = plant.app.state.alerts.open()
    assert {kind for kind, _ in opened} == {"standstill", "lag", "api_version"}
    assert all("4711" not in why and why.endswith(".") for why in opened.values())
