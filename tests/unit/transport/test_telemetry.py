"""What a run knows of its own cost, and what logs may say."""

from __future__ import annotations

import io
import logging
import traceback
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import Invalid, SettingMissing
from shared.telemetry import (
    Discreet,
    FunctionFailed,
    carried,
    correlated,
    correlation_id,
    discreet,
    guard_logs,
    metered,
    redact,
    spend,
)


def test_threads_count_for_their_run() -> None:
    """Promise: calls made in a pool count on the meter of the run that fed it, and on no other."""

    def work(_: int) -> str:
        spend(calls=1, points=10)
        return correlation_id()

    with ThreadPoolExecutor(4) as pool, metered() as outer:
        with metered() as run, correlated("r1"):
            names = list(pool.map(carried(work), range(200)))
        spend(calls=1)
    assert set(names) == {"r1"}
    assert (run.calls, run.points) == (200, 2000)
    assert (outer.calls, outer.points) == (201, 2000)


@pytest.mark.parametrize(
    "secret",
    [
        "shpat_0123456789abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
        "Bearer abcdef1234567890",
        "client_secret=verysecretvalue",
        '"access_token": "abcd1234"',
        "sig=abc%2Fdef1234",
        "jane.doe@example.com",
        "+49 170 1234567",
    ],
)
def test_secrets_and_people_are_redacted(secret: str) -> None:
    """Promise: tokens, secrets, e-mail addresses and telephone numbers do not survive a text."""
    text = redact(f"before {secret} after")
    assert text.startswith("before ")
    assert text.endswith(" after")
    assert not any(part in text for part in ("0123", "eyJz", "abcdef1234", "verysecret", "abcd1234", "def1234", "jane"))
    assert "1234567" not in text


def test_ids_survive_redaction() -> None:
    """Promise: what is needed to find a record is not taken for a telephone number."""
    text = "gid://shopify/Product/8474977763649 changed at 2026-11-23T12:00:00+00:00, cost 12"
    assert redact(text) == text


def test_facts_are_written_and_redacted() -> None:
    """Promise: what the host ships is text: message, facts and correlation id stand in it, nothing personal does."""
    record = logging.makeLogRecord({"name": "x", "msg": "told %s", "args": ("jane@example.com",), "flow": "f", "n": 2})
    record.__dict__["why"] = "ask jo@example.com"
    before = dict(vars(record))
    with correlated("r2"):
        text = Discreet(logging.Formatter("%(name)s: %(message)s")).format(record)
    assert text == 'x: told [e-mail] {"flow": "f", "n": 2, "why": "ask [e-mail]", "correlation_id": "r2"}'
    assert vars(record) == before  # other handlers get it as it was


def test_every_handler_of_the_process_is_guarded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: the handlers that were there before the app keep their layout, and asking twice changes nothing."""
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("<%(message)s>"))
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    guard_logs()
    guard_logs()
    logging.getLogger("x").warning("told", extra={"flow": "f"})
    assert handler.stream.getvalue() == '<told {"flow": "f"}>\n'


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KeyError("jane@example.com"), "KeyError"),
        (Invalid("create: Jane Doe is a fool", facts={"vendor_code": "0x1"}, said="Jane Doe is a fool"),
         "Invalid: create: [0x1]"),
        (SettingMissing("Setting X is missing: look there."), "SettingMissing: Setting X is missing: look there."),
    ],
)  # fmt: skip
def test_what_leaves_a_function_says_nothing_of_a_record(error: Exception, text: str) -> None:
    """Promise: the host logs what an error says and what caused it; neither holds a value or a vendor's words."""
    with pytest.raises(FunctionFailed) as caught, discreet():
        raise error
    assert str(caught.value) == text
    told = "".join(traceback.format_exception(caught.value))
    assert "Jane" not in told.split("FunctionFailed")[-1]
    assert "test_telemetry.py" in told  # and it says where
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
