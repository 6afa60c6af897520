"""When what was held comes back: at the flow's next timer, as far as nothing stops it any more."""

from __future__ import annotations

import json
from dataclasses import replace
from unittest.mock import Mock

import pytest

from sandbox.catalogue import CrmProduct
from shared import app as actions
from shared import releasing
from shared.errors import Unavailable
from shared.records import Message, Origin
from shared.state.queues import LIVE, from_text, queue_name
from shared.telemetry import metered
from tests.support.plant import SHOP, Plant

IN, OUT = "products_shopify_to_crm", "products_crm_to_shopify"


def _hold(plant: Plant, count: int, flow: str = OUT) -> None:
    for number in range(count):
        row = f"{number:08}-0000-4000-8000-000000000000"
        plant.app.state.queues.hold(Message(flow, SHOP, Origin.WEBHOOK, ids=(row,)))


def test_a_timer_gives_back_what_nothing_stops_any_more(plant: Plant, chair: CrmProduct) -> None:
    """Promise: after a pause the next tick of the flow gives its messages back, not housekeeping minutes later."""
    plant.run()
    _hold(plant, 40)
    plant.app.state.switches.pause("crm", "month end")
    actions.tick(OUT)
    assert (plant.app.state.queues.held(OUT), plant.app.state.queues.depth(OUT)) == (40, 0)
    plant.app.state.switches.resume("crm")
    actions.tick(OUT)
    assert (plant.app.state.queues.held(OUT), plant.app.state.queues.depth(OUT)) == (0, 40)


def test_a_timer_tries_a_few_before_it_gives_back_all(plant: Plant) -> None:
    """Promise: a pause whose time is over is tried with some of what waits: all of it might only be held again."""
    _hold(plant, 100)
    plant.app.state.switches.back_off(OUT, "A column is missing.")
    plant.clock.advance(90)
    releasing.soon(plant.app, OUT)
    assert plant.app.state.queues.held(OUT) == 100 - releasing.TRIAL
    plant.app.state.switches.resume(OUT)
    releasing.soon(plant.app, OUT)
    assert plant.app.state.queues.held(OUT) == 0


def test_a_timer_has_what_was_refused_come_behind_the_rest(plant: Plant) -> None:
    """Promise: what had stopped its flow is not the first to be worked after the pause: it would stop it again."""
    state = plant.app.state
    refused = Message(OUT, SHOP, Origin.RETRY, ids=("1",), refused_at=plant.clock.now())
    for message in (refused, replace(refused, ids=("2",), refused_at=None)):
        state.queues.hold(message)
    releasing.soon(plant.app, OUT)
    assert [from_text(each.text).ids for each in state.queue_service.receive(queue_name(LIVE, OUT), 32, 1)] == [("2",)]


def test_a_silent_tick_costs_one_look_at_the_held_queue(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: where nothing is held a timer asks that once, and neither of the two systems."""
    plant.run()
    held, moved = Mock(return_value=0), Mock()
    monkeypatch.setattr(plant.app.state.queues, "held", held)
    monkeypatch.setattr(plant.app.state.queues, "release", moved)
    with metered() as usage:
        releasing.soon(plant.app, OUT)
        releasing.soon(plant.app, "orders_shopify_to_crm")  # off
    assert (held.call_count, moved.called, usage.calls) == (1, False, 0)


def test_a_storage_that_does_not_answer_ends_no_tick(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: what was polled is polled; what is held waits for the next look."""
    monkeypatch.setattr(plant.app.state.queues, "held", Mock(side_effect=Unavailable("No answer.")))
    actions.tick(OUT)
    assert json.loads(actions.health()[1])["ok"]
