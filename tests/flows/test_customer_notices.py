"""What becomes of Shopify's requests while something stands in their way: none is forgotten, none becomes another."""

from __future__ import annotations

import logging
from itertools import pairwise
from typing import Any

import pytest

from shared import app as actions
from shared import privacy
from shared.errors import AuthFailed, Invalid, SyncError, Unavailable
from shared.records import Message, Origin, PairState, ParkedRow
from shared.state.queues import POISON, queue_name, to_text
from shared.sync.returning import MESSAGE
from tests.flows.conftest import Open
from tests.support.clientele import FLOW, Clientele
from tests.support.plant import SHOP

REDACT = Message(FLOW, SHOP, Origin.WEBHOOK, ids=("4711", "299938", "280263"), notice="customers/redact")


def _aside(people: Clientele) -> list[ParkedRow]:
    return [row for row in people.app.state.parked.list(SHOP, FLOW) if row.kind == MESSAGE]


def _fails(monkeypatch: pytest.MonkeyPatch, *errors: SyncError) -> list[float]:
    """Have the next redactions fail so, then be done; the moments of all tries are noted."""
    left, tries, real = list(errors), [], privacy._DO["customers/redact"]

    def trying(app: Any, message: Message) -> None:
        tries.append(app.clock.now().timestamp())
        if left:
            raise left.pop(0)
        real(app, message)

    monkeypatch.setitem(privacy._DO, "customers/redact", trying)
    return tries


def test_what_fails_for_now_comes_back_later_and_later(people: Clientele, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a system that does not answer costs growing waits, no alert and no parked row; then it is done."""
    tries = _fails(monkeypatch, *[Unavailable("The storage did not answer.")] * 3)
    people.redacted("4711")
    people.work()
    waits = [round(after - before) for before, after in pairwise(tries)]
    assert waits[:3] == sorted(waits[:3])
    assert (waits[0] >= 60, waits[2] >= 240, _aside(people)) == (True, True, [])
    assert f"redacted {SHOP} 4711" in people.app.state.notes.all()


def test_what_a_person_has_to_mend_is_told_and_waited_for(
    people: Clientele, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Promise: a refused credential raises one alert, the request stays on the queue, and done it ends the alert."""
    _fails(monkeypatch, *[AuthFailed("Dataverse refused the credential.")] * 3)
    with caplog.at_level(logging.WARNING):
        people.redacted("4711")
        assert people._work_one(FLOW, "sync")
        about = (privacy.NOTICE, f"{SHOP} customers/redact 4711")
        assert people.app.state.alerts.open()[about] == "Dataverse refused the credential."
        monkeypatch.setitem(privacy._DO, "customers/data_request", lambda app, message: None)
        people.told("customers/data_request", {"shop_domain": SHOP, "customer": {"id": 4712}})
        assert people._work_one(FLOW, "sync")
        assert about in people.app.state.alerts.open(), "another notice that was done says nothing of this one"
        people.work()
    told = [vars(record)["alert"] for record in caplog.records if record.message == "alert"]
    assert told == ["notice", "cleared"]
    assert (_aside(people), privacy.NOTICE in dict(people.app.state.alerts.open())) == ([], False)


def test_what_is_refused_is_set_aside_for_a_person(people: Clientele, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a request that CRM refuses is parked as itself, with what to do by hand, and raises an alert."""
    _fails(monkeypatch, Invalid("Dataverse refused the task."))
    people.redacted("4711")
    people.work()
    (row,) = _aside(people)
    assert "Shopify asked for customers/redact: do by hand" in row.sentence
    assert "sync" not in row.releases


@pytest.mark.parametrize("notice", ["customers/redact", "customers/merge"])
def test_one_that_kills_every_worker_is_not_taken_apart(people: Clientele, notice: str) -> None:
    """Promise: from a poison queue once too often it is set aside whole: no order's id passes for a customer's."""
    text = to_text(Message(FLOW, SHOP, Origin.WEBHOOK, ids=("4711", "299938"), notice=notice, failed=2))
    people.app.state.queue_service.send(queue_name("sync", FLOW) + POISON, text)
    actions.housekeeping()
    people.work()
    (row,) = _aside(people)
    assert row.facts["text"] == text
    assert f"Shopify asked for {notice}" in row.sentence
    assert (people.pair("4711"), people.pair("299938")) == (None, None)


def test_one_that_every_worker_failed_on_is_tried_again_with_an_alert(people: Clientele) -> None:
    """Promise: workers that died five times over a request do not leave it to a person at once."""
    customer = people.customer(firstName="Jane", lastName="Doe")
    people.run()
    text = to_text(Message(FLOW, SHOP, Origin.WEBHOOK, ids=(customer,), notice="customers/redact"))
    people.app.state.queue_service.send(queue_name("sync", FLOW) + POISON, text)
    actions.housekeeping()
    about = (privacy.NOTICE, f"{SHOP} customers/redact {customer}")
    assert about in people.app.state.alerts.open()
    people.clock.advance(3_700)
    people.work()
    pair = people.pair(customer)
    assert pair is not None
    assert (pair.state, _aside(people), about in people.app.state.alerts.open()) == (PairState.TOMBSTONE, [], False)


def test_a_notice_nobody_knows_is_set_aside(people: Clientele) -> None:
    """Promise: a message that asks for something this version cannot do is parked, and nothing else happens."""
    actions.work(FLOW, to_text(Message(FLOW, SHOP, Origin.WEBHOOK, ids=("1",), notice="shop/sold")).encode())
    (row,) = _aside(people)
    assert "unknown notice" in row.sentence


def test_a_request_of_a_flow_that_is_paused_is_carried_out(people: Clientele) -> None:
    """Promise: a pause stops changes, not the law."""
    customer = people.customer(firstName="Jane", lastName="Doe")
    people.run()
    people.app.state.switches.pause(FLOW, "A person paused it.")
    people.redacted(customer)
    people.work()
    pair = people.pair(customer)
    assert pair is not None
    assert pair.state is PairState.TOMBSTONE


def test_a_redacted_customers_orders_are_searched_for_too(people: Clientele) -> None:
    """Promise: what the state holds of the orders that are named goes with the customer."""
    actions.work(FLOW, to_text(REDACT).encode())
    people.work()
    assert people.pair("299938") is None
    assert f"redacted {SHOP} 4711" in people.app.state.notes.all()


def test_rule_09_what_crm_refuses_keeps_nothing_of_her(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: where CRM refuses to empty her account the state is erased all the same, and looked through again, with
    the proof; the request is parked until a person settles it."""
    people = opened(CUSTOMER_ANONYMISE="true")
    customer = people.customer(firstName="Hadewijch", lastName="Zonderland", email="hadewijch@shoe.example")
    people.run()
    entity = type(people.app.job(FLOW, SHOP).target)
    monkeypatch.setattr(entity, "write", lambda self, writes: [Invalid("A plug-in refuses it.") for _ in writes])
    people.redacted(customer)
    assert people._work_one(FLOW, "sync")
    assert (people.held("hadewijch", "zonderland"), people.app.state.queues.depth(FLOW)) == ([], 1)
    people.work()
    assert f"redacted {SHOP} {customer}" in people.app.state.notes.all()
    (row,) = _aside(people)
    assert (row.code, "plug-in" in row.sentence) == ("Invalid", True)
