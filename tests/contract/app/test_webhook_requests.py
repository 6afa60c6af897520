"""Every request of the table through the real function, as the host calls it, and what happens when storing fails."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import Client

import function_app
from sandbox.host.host import Host, HostOptions
from shared import intake, settings, wiring
from shared.errors import SettingMissing, Unavailable
from shared.flows import FLOWS
from shared.records import Message
from shared.shopify import webhooks
from shared.state.queues import queue_name
from shared.sync.flow import Mode
from tests.contract.app.company_requests import FIRMS
from tests.contract.app.webhook_requests import (
    BODY,
    CRM,
    CUSTOMERS,
    IN,
    LIE,
    OTHER,
    OURSELVES,
    OUT,
    PEOPLE,
    ROW,
    SETTINGS,
    SHOPIFY,
    Sent,
)
from tests.support.clock import VirtualClock
from tests.support.memory import memory_state
from tests.support.plant import KEY, SHOP, notice, signed

HOST = {
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "HOUSEKEEPING_SCHEDULE": "0 0 0 29 2 *",
    **{f"{flow.setting}_SCHEDULE": "0 0 0 29 2 *" for flow in FLOWS},
}


class Door:
    """The app's HTTP side in this process, with its queues in memory."""

    def __init__(self) -> None:
        clock = VirtualClock()
        self.app = wiring.open_app(settings.read(SETTINGS, flows=FLOWS), clock=clock, state=memory_state(clock))
        self.host = Host(function_app.app, HOST, options=HostOptions(port=None))
        self._client = Client(self.host.web)

    def ask(self, sent: Sent) -> tuple[int, str]:
        """Send one request; the status and the text of the answer."""
        path = f"/api/webhooks/{sent.flow}"
        answer = self._client.open(path, method=sent.method, data=sent.body, headers=list(sent.headers))
        return answer.status_code, answer.get_data(as_text=True)

    def taken(self, flow: str) -> list[str]:
        """The texts of the messages on that flow's queue, which is empty afterwards."""
        queue, service = queue_name("sync", flow), self.app.state.queue_service
        found = service.receive(queue, 32, 60)
        for message in found:
            service.delete(queue, message)
        return [message.text for message in found]


@pytest.fixture(scope="module")
def opened() -> Iterator[Door]:
    """One door for all requests."""
    made = Door()
    made.app.lookups._own_user = OURSELVES
    made.app.state.ensure(flow.name for flow in FLOWS)
    yield made
    made.host.stop(0)
    made.app.close()


@pytest.fixture
def door(opened: Door, monkeypatch: pytest.MonkeyPatch) -> Door:
    """The same, as the process's app."""
    monkeypatch.setattr(wiring, "app", lambda: opened.app)
    for flow in FLOWS:
        opened.taken(flow.name)
    return opened


def _content(text: str) -> dict[str, Any]:
    kept = json.loads(text)
    return {name: value for name, value in kept.items() if name not in ("flow", "origin", "first_at")}


@pytest.mark.parametrize(
    "sent", [*SHOPIFY, *PEOPLE, *FIRMS, *CRM], ids=lambda sent: f"{'_'.join(sent.flow.split('_')[:2])}: {sent.what}"
)
def test_every_request_gets_its_answer(door: Door, sent: Sent, caplog: pytest.LogCaptureFixture) -> None:
    """Promise: status and messages are those of the table, and nothing of a body reaches queue, answer or log."""
    caplog.set_level(logging.DEBUG)
    status, said = door.ask(sent)
    texts = door.taken(sent.flow)
    assert status == sent.status
    assert [_content(text) for text in texts] == list(sent.stored)
    assert LIE not in said + "".join(texts) + "".join(str(vars(record)) for record in caplog.records)


GOOD = [
    Sent("", tuple(signed(BODY, topic="products/update").items()), BODY, 200, flow=IN),
    Sent("", (("x-api-key", KEY),), notice("product", ROW), 200, flow=OUT),
]


@pytest.mark.parametrize("sent", GOOD, ids=lambda sent: sent.flow)
def test_what_cannot_be_stored_is_sent_again(door: Door, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: 503 when the queue does not take it: Shopify repeats any failure, Dataverse only 502, 503 and 504."""

    def fail(message: Message, *, delay_s: float = 0.0) -> None:
        raise Unavailable("The storage did not answer.")

    monkeypatch.setattr(door.app.state.queues, "send", fail)
    assert door.ask(sent)[0] == 503


@pytest.mark.parametrize("sent", GOOD, ids=lambda sent: sent.flow)
def test_an_app_without_its_settings_asks_for_it_again(
    door: Door, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: a webhook that meets an app that cannot be made is not lost: 503, and the text says nothing."""

    def broken() -> wiring.App:
        raise SettingMissing("Setting SHOPIFY_SHOPS is missing: look there.")

    monkeypatch.setattr(wiring, "app", broken)
    status, said = door.ask(sent)
    assert (status, "SHOPIFY" in said) == (503, False)


def test_the_second_shop_gets_its_message_by_the_repetition(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: where the second of two writes fails the answer is 503, and repeating it stores both."""
    send, seen = door.app.state.queues.send, []

    def fail_once(message: Message, *, delay_s: float = 0.0) -> None:
        seen.append(message.shop)
        if len(seen) == 2:
            raise Unavailable("The storage did not answer.")
        send(message, delay_s=delay_s)

    monkeypatch.setattr(door.app.state.queues, "send", fail_once)
    statuses = [door.ask(GOOD[1])[0] for _ in range(2)]
    assert statuses == [503, 200]
    assert [_content(text)["shop"] for text in door.taken(OUT)] == [SHOP, SHOP, OTHER]


@pytest.mark.parametrize("sent", GOOD, ids=lambda sent: sent.flow)
def test_a_flow_that_is_off_keeps_no_webhook(door: Door, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: messages of a flow that nobody works on do not pile up; the sender is content, its cursors stay."""
    monkeypatch.setattr(door.app, "settings", replace(door.app.settings, modes={IN: Mode.OFF, OUT: Mode.OFF}))
    assert door.ask(sent) == (200, "the flow is off")
    assert door.taken(sent.flow) == []


@pytest.mark.parametrize("sent", [sent for sent in PEOPLE if sent.stored], ids=lambda sent: sent.what)
def test_of_customers_a_flow_that_is_off_takes_requests_only(
    door: Door, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: what Shopify asks of everybody is taken although the flow is off; changes of records are not."""
    monkeypatch.setattr(door.app, "settings", replace(door.app.settings, modes={CUSTOMERS: Mode.OFF}))
    asked = "notice" in sent.stored[0]
    assert door.ask(sent) == (200, "accepted" if asked else "the flow is off")
    assert [_content(text) for text in door.taken(CUSTOMERS)] == list(sent.stored) * asked


@pytest.mark.parametrize("sent", [sent for sent in [*SHOPIFY, *CRM] if sent.status == 413], ids=lambda sent: sent.flow)
def test_nothing_is_hashed_or_read_of_what_is_too_large(
    door: Door, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: beyond the limit not one byte is hashed, so that nobody can buy our time with large bodies."""

    def no_hash(*_: Any, **__: Any) -> None:
        raise AssertionError("hashed")

    monkeypatch.setattr(webhooks.hmac, "new", no_hash)
    assert door.ask(sent)[0] == 413


@pytest.mark.parametrize(
    ("sent", "event", "facts"),
    [
        ("a topic nobody asked for", "webhook refused", {"status": 200, "topic": "themes/publish"}),
        ("a table nobody asked for", "webhook refused", {"status": 200, "topic": "account"}),
        ("signed with a foreign secret", "webhook refused", {"status": 401}),
        ("a wrong key", "webhook refused", {"status": 401}),
        ("another API version than ours", "webhook of another API version", {"version": "2027-01", "ours": "2026-10"}),
    ],
)
def test_what_is_not_acted_on_is_counted(
    door: Door, sent: str, event: str, facts: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    """Promise: every refusal, and a version that is not ours, leaves one log event that can be counted."""
    caplog.set_level(logging.INFO)
    intake._other_version.cache_clear()  # told once per process
    door.ask(next(each for each in [*SHOPIFY, *CRM] if each.what == sent))
    (told,) = [record for record in caplog.records if record.getMessage() == event]
    assert {name: vars(told).get(name) for name in facts} == facts


def test_every_comparison_takes_its_full_time(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: signatures and keys are compared with every secret by compare_digest, whichever one fits."""
    compared: list[bool] = []
    real: Callable[[Any, Any], bool] = webhooks.hmac.compare_digest

    def counting(one: Any, other: Any) -> bool:
        compared.append(real(one, other))
        return compared[-1]

    monkeypatch.setattr(webhooks.hmac, "compare_digest", counting)
    for sent, results in ((SHOPIFY[1], [True, False]), (CRM[0], [True, False]), (CRM[2], [False, False])):
        compared.clear()
        door.ask(sent)
        assert compared == results
