"""Shopify's requests, damaged, at the endpoint and on the queue: no 5xx, no crash, none becomes another."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from shared import app as actions
from shared import wiring
from shared.records import Message, Origin, PairState
from shared.state.queues import from_text, queue_name, to_text
from shared.sync.returning import MESSAGE
from tests.fuzz.mutations import damaged_bytes, damaged_json, damaged_text, written
from tests.support.clientele import FLOW, Clientele
from tests.support.plant import SHOP, signed

NOTICES = ("customers/redact", "customers/data_request", "customers/merge", "shop/redact", "app/uninstalled")
CUSTOMER = 7_000_000_000_001


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clientele]:
    """The app with one customer who is brought over."""
    made = Clientele()
    monkeypatch.setattr(wiring, "app", lambda: made.app)
    with made.shopify:
        made.customer(firstName="Jane", lastName="Doe", email="jane@shoe.example")
        made.run()
        yield made
    made.crm.close()


def _body(chance: random.Random, topic: str) -> dict[str, Any]:
    """What Shopify sends under that topic, of records that nobody knows."""
    about = {"id": CUSTOMER, "email": "a@b.example", "phone": "1"}
    shop = {"shop_id": 954889, "shop_domain": SHOP}
    orders = [5_000_000_000_000 + number for number in range(chance.randrange(4))]
    kept, gone = (f"gid://shopify/Customer/{CUSTOMER + number}" for number in range(2))
    return {
        "customers/redact": {**shop, "customer": about, "orders_to_redact": orders},
        "customers/data_request": {**shop, "customer": about, "orders_requested": orders, "data_request": {"id": 9}},
        "customers/merge": {"admin_graphql_api_customer_kept_id": kept, "admin_graphql_api_customer_deleted_id": gone},
        "shop/redact": shop,
        "app/uninstalled": {"id": 548380009, "domain": SHOP},
    }[topic]


def test_no_damaged_request_breaks_the_endpoint(people: Clientele) -> None:
    """Promise: each gets one of the table's answers, and a redact that is taken begins with a customer's id."""
    taken, refused = 0, 0
    for number in range(1_500):
        chance = random.Random(number)
        topic = chance.choice(NOTICES)
        body = written(chance, damaged_json(chance, _body(chance, topic)))
        body = damaged_bytes(chance, body) if chance.random() < 0.2 else body
        status, said = actions.receive(FLOW, signed(body, topic=topic), body)
        assert status in (200, 400), f"case {number}: {status}"
        taken, refused = taken + (said == "accepted"), refused + (status == 400)
        for message in _queued(people):
            assert message.notice == topic, f"case {number}"
            assert not any(each.startswith("50000000000") for each in message.ids[:1]), f"case {number}: {message.ids}"
            assert len(message.ids) >= (2 if topic == "customers/merge" else 1), f"case {number}: {message.ids}"
    assert min(taken, refused) > 200


def _queued(people: Clientele) -> list[Message]:
    service, queue = people.app.state.queue_service, queue_name("sync", FLOW)
    found = service.receive(queue, 32, 60)
    for each in found:
        service.delete(queue, each)
    return [from_text(each.text) for each in found]


def _text(chance: random.Random) -> str:
    """A message that asks for something, or one that was one."""
    ids = tuple(str(CUSTOMER + chance.randrange(50)) for _ in range(chance.randrange(4)))
    text = to_text(Message(FLOW, SHOP, Origin.WEBHOOK, ids=ids, notice=chance.choice(NOTICES)))
    kind = chance.randrange(4)
    if kind == 0:
        return text
    if kind == 1:
        odd = tuple(damaged_text(chance, each) or "0" for each in ids)
        return to_text(Message(FLOW, SHOP, Origin.WEBHOOK, ids=odd, notice=chance.choice(NOTICES)))
    if kind == 2:
        return written(chance, damaged_json(chance, json.loads(text))).decode("utf-8", "replace")
    return damaged_bytes(chance, text.encode()).decode("utf-8", "replace")


def test_no_damaged_message_breaks_a_worker(people: Clientele) -> None:
    """Promise: a worker carries it out or parks it; the customer whom none of them names stays as she is."""
    before = {row["accountid"]: row["name"] for row in people.rows("accounts")}
    for number in range(400):
        text = _text(random.Random(number))
        try:
            actions.work(FLOW, text.encode())
            people.work()
        except Exception as error:
            raise AssertionError(f"case {number}: {type(error).__name__} by {text[:300]}") from error
    assert {row["accountid"]: row["name"] for row in people.rows("accounts")} == before
    pairs = list(people.app.state.crossrefs.scan(SHOP, "customers"))
    assert [pair.crm_id for pair in pairs if pair.state is PairState.PAIRED] == list(before)
    assert any(row.kind == MESSAGE for row in people.app.state.parked.list(SHOP, FLOW))
    assert not people.app.state.switches.all()
