"""What a run knows of its own cost, and what logs may say."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.telemetry import LogFilter, carried, correlated, correlation_id, metered, redact, spend


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


def test_log_records_are_stamped() -> None:
    """Promise: the filter redacts the finished message and adds the correlation id."""
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "to %s", ("jane@example.com",), None)
    with correlated("r2"):
        assert LogFilter().filter(record)
    assert record.getMessage() == "to [e-mail]"
    assert record.__dict__["correlation_id"] == "r2"
