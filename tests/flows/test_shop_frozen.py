"""Two shops of which Shopify does not serve one: what that stops, and what it does not."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from werkzeug.wrappers import Response

from shared import app as actions
from shared.records import Message, Origin
from shared.state.queues import to_text
from shared.sync.pausing import stopped
from tests.flows.conftest import Open
from tests.support.clientele import FLOW, Clientele
from tests.support.plant import SHOP

FROZEN = "aaa.myshopify.com"
"""The shop that is polled first."""


@pytest.fixture
def people(opened: Open) -> Clientele:
    """Both shops served and in step: they are two names of one sandbox."""
    made = opened(SHOPIFY_SHOPS=f"{FROZEN},{SHOP}")
    made.run()
    return made


def _answers(people: Clientele, shop: str, status: int | None) -> None:
    """What a shop answers to every question from now on; None: as it should."""
    session = people.app.shopify[shop].transport.session

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        return Response("{}", status=status)(environ, start)  # type: ignore[arg-type]

    people.mount(session, people.shopify.wsgi if status is None else application)


def _alerts(caplog: pytest.LogCaptureFixture) -> list[tuple[str, str]]:
    records: list[Any] = [record for record in caplog.records if record.message == "alert"]
    return [(record.alert, record.target) for record in records if record.alert in ("paused", "resumed")]


def _worked(shop: str, customer: str) -> None:
    actions.work(FLOW, to_text(Message(FLOW, shop, Origin.WEBHOOK, ids=(customer,))).encode())


@pytest.mark.parametrize("status", [402, 403, 404, 423])
def test_a_shop_that_is_not_served_stops_no_other(
    people: Clientele, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    """Promise: the other shop is polled and its messages are worked, tick after tick, and the frozen one goes on by
    itself, what was held of it too, with one alert each."""
    caplog.set_level(logging.WARNING)
    _answers(people, FROZEN, status)
    for number in range(5):
        people.clock.advance(120)
        told, polled = (people.customer(firstName=name, lastName=str(number)) for name in ("Told", "Polled"))
        people.clock.advance(120)
        _worked(SHOP, told)
        assert people.account_of(told)["name"] == f"Told {number}"
        actions.tick(FLOW)
        people.work()
        assert people.account_of(polled)["name"] == f"Polled {number}"
        assert set(people.app.state.switches.all()) <= {FROZEN}
    _worked(FROZEN, told)
    assert people.app.state.queues.held(FLOW) == 1
    assert stopped(people.app.state.switches, FLOW, FROZEN)
    assert json.loads(actions.health()[1])["flows"][FLOW]["paused"].startswith(f"{FROZEN}: ")
    _answers(people, FROZEN, None)
    people.clock.advance(3600)
    people.run()
    assert not people.app.state.switches.troubled(FROZEN)
    assert people.app.state.queues.held(FLOW) == 0
    assert _alerts(caplog) == [("paused", FROZEN), ("resumed", FROZEN)]


def test_an_answer_of_one_shop_says_nothing_of_another(people: Clientele) -> None:
    """Promise: only what the frozen shop answers itself takes its pause back."""
    _answers(people, FROZEN, 402)
    actions.tick(FLOW)
    people.clock.advance(90)
    actions.poll(people.app, FLOW, SHOP)
    people.work()
    assert people.app.state.switches.troubled(FROZEN)


def test_webhooks_of_a_paused_shop_are_not_looked_at(people: Clientele, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: housekeeping does not ask a shop about its webhooks that does not serve us, and asks the others."""
    looked: list[str] = []
    monkeypatch.setattr(actions.subscribing, "places", lambda app: [FROZEN, SHOP, "crm"])
    monkeypatch.setattr(actions.subscribing, "_look", lambda app, place: looked.append(place))
    people.app.state.switches.back_off(FROZEN, "frozen")
    actions.subscribing.look_after(people.app)
    assert looked == [SHOP, "crm"]
