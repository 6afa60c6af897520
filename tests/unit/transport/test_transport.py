"""What the transport promises to both clients."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from decimal import Decimal

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError

from shared.errors import AuthFailed, SyncError, Throttled, Unavailable, UnknownOutcome
from shared.telemetry import correlated, metered
from shared.transport import Policy, Request, Transport
from tests.unit.transport.clocks import StillClock
from tests.unit.transport.replay import Replay, Reply, mounted

GET = Request("GET", "things", "things")
POST = Request("POST", "things", "make thing", json={"a": 1})
REPEATABLE = Request("POST", "things", "make thing", json={"a": 1}, repeatable=True)


class Badge:
    """A credential that counts its renewals."""

    def __init__(self) -> None:
        self.number = 1

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer token-{self.number}"}

    def renew(self, refused: Mapping[str, str]) -> None:
        if refused == self.headers():
            self.number += 1


def host(
    *script: Reply | Exception, credential: Badge | None = None, policy: Policy | None = None
) -> tuple[Transport, Replay]:
    """A transport and the adapter under it."""
    transport = Transport(
        "https://example.test/api/", clock=StillClock(), credential=credential, policy=policy, chance=lambda: 0.5
    )
    return transport, mounted(transport.session, *script)


def slept(transport: Transport) -> list[float]:
    """Every wait so far."""
    return transport._clock.slept  # type: ignore[attr-defined]


def refused_connection() -> requests.ConnectionError:
    """What requests raises when nobody listens."""
    pool_error = MaxRetryError(None, "/", NewConnectionError(None, "refused"))  # type: ignore[arg-type]
    return requests.ConnectionError(pool_error)


def test_numbers_keep_every_digit() -> None:
    """Promise: a fraction in an answer is a Decimal, digit for digit."""
    transport, _ = host(Reply('{"price": 19.90}'))
    assert transport.send(GET).json() == {"price": Decimal("19.90")}


def test_read_at_is_never_later_than_the_state_read() -> None:
    """Promise: read_at is the server's Date less the elapsed time, cut to the second."""
    transport, _ = host(Reply("{}"))
    answer = transport.send(GET)
    assert answer.at.isoformat() == "2026-11-23T12:00:00+00:00"
    assert answer.read_at.isoformat() == "2026-11-23T11:59:59+00:00"


@pytest.mark.parametrize("request_", [GET, REPEATABLE])
@pytest.mark.parametrize("failure", [Reply(status=502), requests.ReadTimeout(), requests.ConnectionError("gone")])
def test_a_repeatable_request_is_repeated(request_: Request, failure: Reply | Exception) -> None:
    """Promise: a lost answer to a request that may be repeated is asked for again."""
    transport, replay = host(failure, Reply("{}"))
    assert transport.send(request_).status == 200
    assert len(replay.seen) == 2


@pytest.mark.parametrize("failure", [Reply(status=502), requests.ReadTimeout(), requests.ConnectionError("gone")])
def test_a_write_is_never_sent_twice_after_a_lost_answer(failure: Reply | Exception) -> None:
    """Promise: a POST nobody called repeatable is sent once, and its lost answer is an unknown outcome."""
    transport, replay = host(failure, Reply("{}"))
    with pytest.raises(UnknownOutcome):
        transport.send(POST)
    assert len(replay.seen) == 1


def test_a_connection_never_opened_proves_that_nothing_was_sent() -> None:
    """Promise: a refused connection is tried again even for a write, and ends as Unavailable, not as unknown."""
    transport, replay = host(refused_connection(), Reply("{}"))
    assert transport.send(POST).status == 200
    transport, replay = host(refused_connection())
    with pytest.raises(Unavailable):
        transport.send(POST)
    assert len(replay.seen) == transport.policy.attempts


def test_retry_after_is_honoured() -> None:
    """Promise: a 429 waits as long as the server says, plus jitter, and counts as a wait."""
    transport, _ = host(Reply(status=429, headers={"Retry-After": "3"}), Reply("{}"))
    with metered() as usage:
        transport.send(POST)
    assert slept(transport) == [3.25]
    assert (usage.calls, usage.waited_s) == (2, 3.25)


def test_a_long_wait_is_handed_back_instead_of_slept() -> None:
    """Promise: a wait longer than our patience becomes Throttled with that wait, and nobody sleeps."""
    transport, _ = host(Reply(status=429, headers={"Retry-After": "120"}))
    with pytest.raises(Throttled) as caught:
        transport.send(POST)
    assert caught.value.retry_after_s == 120
    assert slept(transport) == []


def test_a_server_that_is_away_may_say_for_how_long() -> None:
    """Promise: what it says is the wait, exactly; where it says nothing the wait is of our own choice."""
    for headers, exact in (({"Retry-After": "120"}, True), ({}, False)):
        transport, _ = host(*[Reply(status=502, headers=headers)] * 9)
        with pytest.raises(Unavailable) as caught:
            transport.send(GET)
        assert (caught.value.retry_after_s, caught.value.exact) == (120 if exact else 30, exact)


def test_a_503_proves_nothing_unless_the_vendor_says_so() -> None:
    """Promise: 503 with Retry-After repeats a write only where the policy names it as a refusal."""
    busy = Reply(status=503, headers={"Retry-After": "1"})
    transport, _ = host(busy, Reply("{}"))
    with pytest.raises(UnknownOutcome):
        transport.send(POST)
    transport, replay = host(busy, Reply("{}"), policy=Policy(refused=frozenset({429, 503})))
    assert transport.send(POST).status == 200
    assert len(replay.seen) == 2


def test_attempts_end() -> None:
    """Promise: repeats are bounded, their waits grow, and the last failure is what the caller sees."""
    transport, replay = host(Reply(status=500, headers={"x-request-id": "abc"}))
    with pytest.raises(Unavailable) as caught:
        transport.send(GET)
    assert len(replay.seen) == 5
    assert slept(transport) == [0.25, 0.5, 1.0, 2.0]
    assert caught.value.facts == {"call": "things", "status": 500, "request_id": "abc"}


def test_a_refused_credential_is_renewed_once() -> None:
    """Promise: one 401 renews the credential and repeats, even for a write; the second one is AuthFailed."""
    badge = Badge()
    transport, replay = host(Reply(status=401), Reply("{}"), credential=badge)
    assert transport.send(POST).status == 200
    assert replay.seen[-1].headers["Authorization"] == "Bearer token-2"
    transport, replay = host(Reply(status=401), credential=Badge())
    with pytest.raises(AuthFailed):
        transport.send(POST)
    assert len(replay.seen) == 2


def test_what_the_caller_handles_comes_back() -> None:
    """Promise: an error answer that the caller asked for is returned, not raised."""
    transport, _ = host(Reply('{"error":{"code":"0x80040265"}}', status=500))
    asked = Request("POST", "things", "make", json={}, handles=lambda answer: b"error" in answer.body)
    assert transport.send(asked).status == 500


def test_an_answer_that_is_no_json_is_lost() -> None:
    """Promise: a page of HTML is Unavailable for a read and an unknown outcome for a write."""
    transport, _ = host(Reply("<html>"))
    with pytest.raises(Unavailable):
        transport.send(GET).json()
    with pytest.raises(UnknownOutcome):
        transport.send(POST).json()


def test_credentials_stay_on_their_host() -> None:
    """Promise: an absolute address on another host (a forged next link) gets no credentials."""
    transport, replay = host(Reply("{}"), credential=Badge())
    with pytest.raises(AuthFailed):
        transport.send(Request("GET", "https://evil.test/api/things", "things"))
    assert replay.seen == []


def test_the_correlation_id_travels() -> None:
    """Promise: what a trigger was given is sent with every call it causes."""
    transport, replay = host(Reply("{}"))
    with correlated("run-7"):
        transport.send(GET)
    assert replay.seen[0].headers["X-Correlation-Id"] == "run-7"


def test_no_secret_reaches_a_log_or_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """Promise: the vendor's and the network's own texts are never quoted, so what they repeat cannot leak."""
    leak = requests.ConnectionError("token=shpat_0123456789abcdef jane@example.com")
    transport, _ = host(leak)
    with caplog.at_level(logging.DEBUG), pytest.raises(SyncError) as caught:
        transport.send(GET)
    said = caplog.text + str(caught.value) + str(caught.value.facts)
    assert "shpat_" not in said
    assert "jane@" not in said


def test_redirects_are_not_followed() -> None:
    """Promise: a redirect comes back as it is; a POST never turns into a GET elsewhere."""
    transport, replay = host(Reply(status=302, headers={"Location": "https://evil.test/"}))
    assert transport.send(POST).status == 302
    assert len(replay.seen) == 1
