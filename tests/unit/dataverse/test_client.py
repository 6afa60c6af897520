from __future__ import annotations

import json
from decimal import Decimal

import pytest
import requests
from requests import PreparedRequest

from shared import errors
from shared.dataverse.batch import Operation, Part
from shared.dataverse.client import refusal, rows_of
from shared.telemetry import metered
from tests.unit.dataverse.organization import URL, HandClock, Script, batch, client_of, error, ok, part

GET = Operation("GET", "products(1)")
WRITE = (Operation("POST", "products", {"name": "x"}),)


def test_the_documented_headers_always_go_along() -> None:
    """Every read names its OData version, defeats caches and carries the token of this organization."""
    script = Script(ok({"value": []}))
    client_of(script).get("products", name="read", prefer="odata.maxpagesize=5")
    headers = script.sent[0].headers
    expected = {
        "Accept": "application/json",
        "OData-MaxVersion": "4.0",
        "OData-Version": "4.0",
        "If-None-Match": "null",
        "Prefer": "odata.maxpagesize=5",
        "Authorization": "Bearer token-1",
    }
    assert {name: headers[name] for name in expected} == expected
    assert script.sent[0].url == f"{URL}/api/data/v9.2/products"


def test_pages_are_followed_as_they_are_with_the_same_preferences() -> None:
    """A next link is opaque: no character of it changes, and the page size is asked for again."""
    link = f"{URL}/api/data/v9.2/products?$select=name&$skiptoken=%3Ccookie%20pagenumber=%222%22%20/%3E"
    script = Script(ok({"value": [1], "@odata.nextLink": link}), ok({"value": [2]}))
    pages = list(client_of(script).pages("products?$select=name", name="list", prefer="odata.maxpagesize=1"))
    assert [page.data["value"] for page in pages] == [[1], [2]]
    assert script.sent[1].url == link
    assert [each.headers["Prefer"] for each in script.sent] == ["odata.maxpagesize=1"] * 2


def test_a_link_to_another_host_is_never_followed() -> None:
    """The token does not leave for a host that a link names."""
    script = Script(ok({"value": [], "@odata.nextLink": "https://evil.example/api/data/v9.2/products?$skiptoken=1"}))
    with pytest.raises(errors.AuthFailed, match="another host"):
        list(client_of(script).pages("products", name="list"))
    assert len(script.sent) == 1


def test_numbers_stay_exact_both_ways() -> None:
    """An amount arrives and leaves digit for digit."""
    script = Script((200, {}, b'{"amount":0.10000000000000000001}'), (204, {}, b""))
    client = client_of(script)
    assert client.get("x", name="read").data["amount"] == Decimal("0.10000000000000000001")
    client.send("POST", "x", {"amount": Decimal("0.10000000000000000001")}, name="write")
    assert script.sent[1].body == b'{"amount":0.10000000000000000001}'


def test_a_refused_token_is_renewed_once() -> None:
    """An expired token costs one more call; a second refusal pauses the connection."""
    script = Script(error(401, "0x8005F101", "expired"), ok({"value": []}))
    client_of(script).get("products", name="read")
    assert script.sent[1].headers["Authorization"] == "Bearer token-2"
    refused = Script(error(401, "0x0", "no"), error(401, "0x0", "no"))
    with pytest.raises(errors.AuthFailed):
        client_of(refused).get("products", name="read")


def test_throttling_is_waited_out_or_handed_back() -> None:
    """A short Retry-After is slept once, a long one is the caller's; the call was not run either way."""
    clock = HandClock()
    script = Script(error(429, "0x80072322", "slow down", Retry_After="4"), ok({"value": []}))
    client_of(script, clock).get("products", name="read")
    assert clock.slept
    assert 4 <= clock.slept[0] <= 5
    long = Script(error(429, "0x80072322", "slow down", Retry_After="120"))
    with pytest.raises(errors.Throttled) as caught:
        client_of(long).batch([WRITE], name="write")
    assert caught.value.retry_after_s == 120


def test_a_read_that_met_a_deadlock_is_repeated() -> None:
    """What time heals is tried again where repeating is harmless."""
    script = Script(error(500, "0x80044150", "deadlock"), ok({"value": [1]}))
    assert client_of(script).get("products", name="read").data["value"] == [1]


@pytest.mark.parametrize("repeatable", [True, False])
def test_a_plugins_refusal_is_not_repeated_whatever_its_status(repeatable: bool) -> None:
    """A plug-in that throws with HTTP 500 is a refusal: asked once, shown to the merchant."""
    script = Script(error(500, "0x80040265", "Credit limit exceeded"))
    with pytest.raises(errors.Invalid, match="Credit limit"):
        client_of(script).send("PATCH", "x", {}, name="write", repeatable=repeatable)
    assert len(script.sent) == 1


def test_an_error_body_proves_that_a_write_did_not_happen() -> None:
    """A deadlock reported by Dataverse rolled back: the write may be sent again, its outcome is known."""
    with pytest.raises(errors.Unavailable):
        client_of(Script(error(500, "0x80044150", "deadlock"))).batch([WRITE], name="write")


@pytest.mark.parametrize(
    "lost", [requests.ReadTimeout(), requests.ConnectionError("reset"), (502, {}, b"<html>"), (200, {}, b"<html>")]
)
def test_without_an_answer_a_batch_of_writes_is_in_doubt(lost: object) -> None:
    """Writes are never repeated blindly: a lost or unreadable answer is an unknown outcome."""
    script = Script(lost)  # type: ignore[arg-type]
    with pytest.raises(errors.UnknownOutcome):
        client_of(script).batch([WRITE, GET], name="write")
    assert len(script.sent) == 1


def test_a_batch_of_reads_is_repeated_freely() -> None:
    """Reading twice is harmless, in a batch as well."""
    script = Script(requests.ReadTimeout(), batch(part(200, b'{"a":1}')))
    reply = client_of(script).batch([GET], name="read")
    assert rows_of(reply.results[0], call="read", answer=reply.answer) == {"a": 1}


def test_a_batch_goes_on_after_a_failure() -> None:
    """One bad record does not cost the others: continue-on-error is asked for, each part has its own answer."""
    refused = part(412, b'{"error":{"code":"0x80060882","message":"m"}}')

    def answer(request: PreparedRequest) -> tuple[int, dict[str, str], bytes]:
        assert request.headers["Prefer"] == "odata.continue-on-error"
        assert b"POST /api/data/v9.2/products HTTP/1.1" in (request.body or b"")
        return batch(part(204), refused, part(204))  # type: ignore[return-value]

    reply = client_of(Script(answer)).batch([WRITE, WRITE, WRITE], name="write")
    found = [refusal(each, call="write", answer=reply.answer) for each in reply.results]
    assert [type(each).__name__ for each in found] == ["NoneType", "RowChanged", "NoneType"]


def test_what_a_stopped_batch_did_not_run_may_be_sent_again() -> None:
    """The 400 form tells what ran; a reply that ends early without it leaves the rest in doubt."""
    stopped = client_of(Script(batch(part(400, b"{}"), status=400))).batch([WRITE, WRITE], name="write")
    assert isinstance(refusal(stopped.results[1], call="w", answer=stopped.answer), errors.Unavailable)
    short = client_of(Script(batch(part(204)))).batch([WRITE, WRITE], name="write")
    assert isinstance(short.results[0], Part)
    assert isinstance(refusal(short.results[1], call="w", answer=short.answer), errors.UnknownOutcome)


def test_a_malformed_batch_is_an_error_of_the_whole() -> None:
    """An error about the batch itself is judged by its code like any other."""
    with pytest.raises(errors.SchemaMismatch):
        client_of(Script(error(400, "0x80060888", "bad batch"))).batch([WRITE], name="write")


def test_calls_are_counted() -> None:
    """What a run cost is what went over the wire, repeats included."""
    script = Script(error(500, "0x80044150", "deadlock"), ok({"value": []}), ok({"value": []}))
    client = client_of(script)
    with metered() as usage:
        client.get("a", name="read")
        client.get("b", name="read")
    assert usage.calls == 3


def test_no_token_is_ever_part_of_an_error() -> None:
    """Errors carry facts, never credentials."""
    with pytest.raises(errors.Invalid) as caught:
        client_of(Script(error(400, "0x80040203", "Bearer token-1abcdefgh is wrong"))).get("x", name="read")
    assert "token-1" not in json.dumps([caught.value.sentence, caught.value.facts])
