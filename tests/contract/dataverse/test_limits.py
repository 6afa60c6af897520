"""Service protection limits, faults and counters (api-limits)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from .conftest import Org, fault


def test_request_limit(make_org: Any) -> None:
    """The request over the limit answers 429 0x80072322 with Retry-After, and works after the window."""
    # api-limits: number of requests
    org = make_org(requests_per_window=3)
    assert [org.call("GET", "WhoAmI").status_code for _ in range(3)] == [200] * 3
    refused = org.call("GET", "WhoAmI")
    assert fault(refused) == (429, "0x80072322")
    assert refused.json()["error"]["message"] == (
        "Number of requests exceeded the limit of 3 over time window of 300 seconds.")
    org.sandbox.clock.advance(int(refused.headers["Retry-After"]))
    assert org.call("GET", "WhoAmI").status_code == 200


def test_limits_are_per_user(make_org: Any) -> None:
    """One user's requests do not count against another's limit."""
    # api-limits: evaluated per user
    org = make_org(requests_per_window=1)
    org.call("GET", "WhoAmI")
    assert org.call("GET", "WhoAmI").status_code == 429
    assert org.call("GET", "WhoAmI", actor="salesperson").status_code == 200


def test_the_window_slides(make_org: Any) -> None:
    """Requests leave the window one by one as they grow old."""
    # api-limits: sliding window
    org = make_org(requests_per_window=2)
    org.call("GET", "WhoAmI")
    org.sandbox.clock.advance(200)
    org.call("GET", "WhoAmI")
    org.sandbox.clock.advance(101)
    assert [org.call("GET", "WhoAmI").status_code for _ in range(2)] == [200, 429]


def test_execution_time_limit(make_org: Any) -> None:
    """Execution time is charged by rows, and its limit answers 0x80072321."""
    # api-limits: execution time
    org = make_org(execution_s_per_window=1, costs_ms={"request": 100.0, "row_read": 0.0, "row_write": 500.0})
    org.create("accounts", {"name": "A"})
    org.create("accounts", {"name": "B"})
    refused = org.call("GET", "WhoAmI")
    assert fault(refused) == (429, "0x80072321")
    assert "1,000 milliseconds" in refused.text


def test_retry_after_grows_when_ignored(make_org: Any) -> None:
    """Calling on in spite of 429 makes the wait longer."""
    # api-limits: retry-after
    org = make_org(requests_per_window=1)
    org.call("GET", "WhoAmI")
    waits = [int(org.call("GET", "WhoAmI").headers["Retry-After"]) for _ in range(3)]
    assert waits == sorted(set(waits))


def test_concurrent_limit(make_org: Any) -> None:
    """More calls at once than the limit answer 0x80072326."""
    # api-limits: concurrent requests
    org = make_org(concurrent_requests=1)
    user = org.sandbox.core.actors["app"].user_id
    org.sandbox.core.limits.enter(user, org.sandbox.clock.now())
    refused = org.call("GET", "WhoAmI")
    assert fault(refused) == (429, "0x80072326")
    org.sandbox.core.limits.leave(user, org.sandbox.clock.now(), 1.0)
    assert org.call("GET", "WhoAmI").status_code == 200


def test_informational_headers(make_org: Any) -> None:
    """Answers tell how many requests and seconds are left."""
    # api-limits: HTTP response headers
    org = make_org(costs_ms={"request": 1500.0, "row_read": 0.0, "row_write": 0.0})
    headers = org.call("GET", "WhoAmI").headers
    assert headers["x-ms-ratelimit-burst-remaining-xrm-requests"] == "5999"
    assert headers["x-ms-ratelimit-time-remaining-xrm-requests"] == "1198.50"


@pytest.mark.parametrize(("kind", "facts", "status", "code"), [
    ("unauthorized", {}, 401, "0x8005F101"), ("throttled", {"retry_after_s": 9}, 429, "0x80072322"),
    ("server_error", {"status": 503}, 503, "0x80040216"), ("deadlock", {}, 500, "0x80044150")])
def test_faults_strike_once(org: Org, kind: str, facts: dict[str, Any], status: int, code: str) -> None:
    """An armed fault answers one call in place of running it, then is gone."""
    # reference a.8, a.9
    org.sandbox.faults.add(kind, match="POST accounts", **facts)
    refused = org.call("POST", "accounts", {"name": "A"})
    assert fault(refused) == (status, code)
    assert refused.headers.get("Retry-After") == (str(facts["retry_after_s"]) if kind == "throttled" else None)
    assert org.get("accounts?$select=name")["value"] == []
    assert org.call("POST", "accounts", {"name": "A"}).status_code == 204


def test_lost_answer(org: Org) -> None:
    """A lost answer was executed although the caller sees only a broken connection."""
    # own switch: the unknown outcome
    org.sandbox.faults.add("lost_answer", match="POST accounts")
    with pytest.raises(requests.ConnectionError):
        org.call("POST", "accounts", {"name": "A"})
    assert len(org.get("accounts?$select=name")["value"]) == 1


def test_slow_answers_take_sandbox_time(org: Org) -> None:
    """Slow calls and latency move the sandbox clock by what was set."""
    # own switch
    before = org.sandbox.clock.now()
    org.sandbox.faults.add("slow", seconds=7)
    org.call("GET", "WhoAmI")
    org.sandbox.faults.latency.per_call_s = 2
    org.call("GET", "WhoAmI")
    assert (org.sandbox.clock.now() - before).total_seconds() == 9


def test_faults_by_rate(org: Org) -> None:
    """A fault with a rate strikes about that share of calls."""
    # own switch
    org.sandbox.faults.add("server_error", rate=0.5)
    failed = [org.call("GET", "WhoAmI").status_code for _ in range(200)].count(503)
    assert 70 < failed < 130


def test_counters_per_actor(org: Org) -> None:
    """Requests, reads, writes and rows are counted per actor."""
    # own measurement
    org.create("accounts", {"name": "A"})
    org.get("accounts?$select=name")
    org.call("GET", "accounts", actor="salesperson")
    mine = org.sandbox.counters.of("app")
    assert (mine.requests, mine.reads, mine.writes, mine.rows_written, mine.rows_read) == (2, 1, 1, 1, 1)
    assert org.sandbox.counters.of("salesperson").requests == 1


def test_switches_over_http(org: Org) -> None:
    """Counters, faults, latency and clock can be worked over HTTP."""
    # own switches
    root = "https://org.example/_sandbox/"
    org.call("GET", "WhoAmI")
    assert org.call("GET", root + "counters").json()["app"]["requests"] == 1
    assert org.call("POST", root + "faults", {"kind": "deadlock"}).status_code == 200
    assert org.call("GET", "WhoAmI").status_code == 500
    assert org.call("POST", root + "faults", {"kind": "nope"}).status_code == 400
    org.call("POST", root + "reset-counters")
    assert org.call("GET", root + "counters").json() == {}


def test_callers_at_once(org: Org) -> None:
    """Many threads creating rows at once lose and double nothing."""
    # own rule: one lock guards the rows
    threads = [threading.Thread(target=lambda n=n: org.create("accounts", {"name": f"T{n}"})) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert org.get("accounts?$select=name&$count=true")["@odata.count"] == 12
