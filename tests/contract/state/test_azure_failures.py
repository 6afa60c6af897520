"""What only a real service does: 503, lost connections, refused keys, missing places, and what the SDK would log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from sandbox.azurite import ACCOUNT_KEY, Azurite
from shared.errors import AuthFailed, SchemaMismatch, Throttled, Unavailable, UnknownOutcome
from shared.records import Message, Origin, Page, Side
from shared.state import wire
from shared.state.reads import InTurn
from shared.state.store import Endpoints, State, open_state
from shared.state.tables import Change, Row, Verb
from tests.contract.state.conftest import Bench, ManualClock
from tests.contract.state.faults import FaultyTransport
from tests.contract.state.pairs import KIND, crm_id, good, intent

Account = tuple[State, ManualClock, FaultyTransport]
PAGE = Page("f", "s", (), Origin.POLL)


def anything(sent: Any) -> bool:
    """Every request."""
    return True


CALLS: dict[str, Callable[[State], object]] = {
    "table read": lambda state: state.cursors.get("s", "f", "t"),
    "table query": lambda state: list(state.parked.list("s", "f")),
    "table write": lambda state: state.pointers.put("s", "t", {"1": "2"}),
    "blob write": lambda state: state.journal.put_page(PAGE),
    "blob list": lambda state: state.journal.delete_older("s", "f", state_time(state)),
    "queue measure": lambda state: state.queues.depth("f"),
    "queue send": lambda state: state.queues.send(Message("f", "s", Origin.POLL)),
}


def state_time(state: State) -> Any:
    """Some moment."""
    return ManualClock().now()


@pytest.mark.parametrize("name", CALLS)
def test_a_busy_service_is_asked_again_and_then_given_up(account: Account, name: str) -> None:
    """One 503 is waited out by the clock we gave; four in a row end as Throttled with the service's own wait."""
    state, clock, transport = account
    state.queues.ensure(["f"])
    before = state.transactions()
    transport.plan("refuse", anything)
    CALLS[name](state)
    assert sum(state.transactions().values()) - sum(before.values()) >= 2  # repetitions are counted
    clock.slept.clear()
    for _ in range(12):
        transport.plan("refuse", anything)
    with pytest.raises(Throttled) as caught:
        CALLS[name](state)
    transport.forget()
    assert caught.value.retry_after_s == 7
    assert caught.value.facts["status"] == 503
    assert 3 <= sum(clock.slept) < 60


@pytest.mark.parametrize("name", CALLS)
def test_a_service_that_cannot_be_reached_is_unavailable(account: Account, name: str) -> None:
    """Without a connection every call ends as Unavailable and never as an SDK exception."""
    state, _, transport = account
    for _ in range(12):
        transport.plan("vanish", anything)
    with pytest.raises(Unavailable) as caught:
        CALLS[name](state)
    transport.forget()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("name", CALLS)
def test_answers_that_never_come_are_unknown_for_writes_only(account: Account, name: str) -> None:
    """A write without an answer is UnknownOutcome (or was healed), a read is Unavailable."""
    state, _, transport = account
    for _ in range(1 if name == "blob write" else 12):
        transport.plan("lose", anything)
    if name == "blob write":  # its second try meets its own first
        assert state.journal.get_page(str(CALLS[name](state))) == PAGE
    else:
        with pytest.raises(UnknownOutcome if name.endswith(("write", "send")) else Unavailable):
            CALLS[name](state)
    transport.forget()


def test_a_wrong_key_is_a_matter_of_settings(azurite: Azurite) -> None:
    """A refused credential is AuthFailed everywhere, and no text holds the key."""
    wrong = azurite.connection_string.replace(ACCOUNT_KEY, "c2VjcmV0c2VjcmV0c2VjcmV0")
    state = open_state(wrong, clock=ManualClock(), pool=InTurn())
    for call in CALLS.values():
        with pytest.raises(AuthFailed) as caught:
            call(state)
        assert "c2VjcmV0" not in f"{caught.value} {caught.value.facts}"
    state.close()


def test_places_that_were_never_created_ask_for_setup(azurite: Azurite) -> None:
    """Before `ensure`, every call but a measure says to run setup; after it, all work, twice too."""
    clock = ManualClock()
    state = open_state(azurite.connection_string, clock=clock, pool=InTurn(), prefix="fresh")
    for name, call in CALLS.items():
        if name != "queue measure":
            with pytest.raises(SchemaMismatch, match="setup"):
                call(state)
    with pytest.raises(SchemaMismatch):
        state.crossrefs.begin([]) or state.crossrefs.load("s", "k", Side.SHOPIFY, ["1"])
    state.ensure(["f"])
    state.ensure(["f"])
    for call in CALLS.values():
        call(state)
    state.close()


class Broken:
    """A credential that has no token to give."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        raise ClientAuthenticationError("tenant 1234 said no")


def test_an_identity_without_a_token_is_auth_failed() -> None:
    """By identity nothing connects at construction, and a missing token is AuthFailed without the vendor's text."""
    urls = [f"https://127.0.0.1:9/{service}" for service in ("blob", "queue", "table")]
    state = open_state(Endpoints(*urls, Broken()), clock=ManualClock(), pool=InTurn())
    assert set(state.transactions().values()) == {0}
    for call in CALLS.values():
        with pytest.raises(AuthFailed) as caught:
            call(state)
        assert "1234" not in str(caught.value)
    state.close()


def test_nothing_of_a_person_or_a_secret_is_logged(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    """With every logger at DEBUG, neither the e-mail of a natural key nor a signature appears in the log."""
    state, clock, transport = account
    wire.quieten()
    bench = Bench("azurite", state, clock, "logged.example", "f", lambda fault: None, lambda s: None, transport.forget)
    with caplog.at_level(logging.DEBUG):
        transport.urls.clear()
        (begun,) = good(state.crossrefs.begin([intent(bench, 1, natural_key="jane@person.example")]))
        good(state.crossrefs.complete([replace(begun, crm_id=crm_id(1))]))
        state.crossrefs.load("logged.example", KIND, Side.CRM, [crm_id(1)])
    assert transport.urls
    written = caplog.text + " ".join(transport.urls)
    assert "jane" not in written
    assert "SharedKey" not in caplog.text
    assert "crossrefs" not in caplog.text


def test_threads_are_counted_one_by_one(account: Account) -> None:
    """The count of requests is exact when eight threads read at once."""
    state, _, _ = account
    table = state.tables["runs"]
    before = table.transactions
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: table.get("p", str(number)), range(200)))
    assert table.transactions - before == 200


def test_two_installations_in_one_account_keep_apart(azurite: Azurite) -> None:
    """A prefix gives an installation tables, queues and containers of its own."""
    states = [
        open_state(azurite.connection_string, clock=ManualClock(), pool=InTurn(), prefix=p) for p in ("pa", "pb")
    ]
    for state in states:
        state.ensure(["f"])
    states[0].tables["runs"].submit([Change(Verb.INSERT, Row("p", "r"))])
    states[0].queues.send(Message("f", "s", Origin.POLL))
    name = states[0].journal.put_page(PAGE)
    assert states[1].tables["runs"].get("p", "r") is None
    assert states[1].queues.depth("f") == 0
    assert states[1].blobs.get(name) is None
    assert states[0].journal.get_page(name) == PAGE
    for state in states:
        state.close()
