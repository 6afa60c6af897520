"""host.json: what is taken from it and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.host.host_json import QueueOptions, load_host_json, parse_timespan, read_host_json

_ROOT = Path(__file__).resolve().parents[3]


def test_the_projects_own_host_json_is_read_without_a_problem() -> None:
    """The deployed host.json has no key the host does not know, and says what the design asks for."""
    host, problems = load_host_json(_ROOT / "host.json")
    assert problems == []
    assert host.queues == QueueOptions(
        batch_size=8,
        new_batch_threshold=4,
        max_dequeue_count=5,
        visibility_timeout_s=60.0,
        max_polling_interval_s=5.0,
        base64=False,
    )
    assert host.function_timeout_s == 600


def test_defaults_are_the_extensions_own() -> None:
    """Without a word on queues the storage extension's defaults hold: 16, 8, 5, at once, a minute, base64."""
    host, problems = read_host_json({"version": "2.0"})
    assert problems == []
    assert (host.route_prefix, host.queues) == ("api", QueueOptions(16, 8, 5, 0.0, 60.0, True))


def test_the_threshold_follows_the_batch_size() -> None:
    """Without its own value, newBatchThreshold is half the batch size."""
    host, _ = read_host_json({"version": "2.0", "extensions": {"queues": {"batchSize": 6}}})
    assert host.queues.new_batch_threshold == 3


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"version": "1.0"}, '"version" must be "2.0"'),
        ({"functionTimeOut": "00:10:00"}, 'did you mean "functionTimeout"'),
        ({"functionTimeout": "10 minutes"}, '"functionTimeout" must be a time span'),
        ({"extensions": []}, '"extensions" must be an object'),
        ({"extensions": {"queues": {"batchSise": 1}}}, 'did you mean "batchSize"'),
        ({"extensions": {"queues": {"batchSize": 33}}}, '"batchSize" must be a whole number from 1 to 32'),
        ({"extensions": {"queues": {"batchSize": True}}}, '"batchSize" must be a whole number'),
        ({"extensions": {"queues": {"maxDequeueCount": 0}}}, '"maxDequeueCount" must be'),
        ({"extensions": {"queues": {"maxPollingInterval": "00:00:00.05"}}}, '"maxPollingInterval" must be'),
        ({"extensions": {"queues": {"messageEncoding": "utf8"}}}, '"messageEncoding" must be'),
        ({"extensions": {"http": {"prefix": ""}}}, '"prefix" is not a key'),
    ],
)
def test_every_wrong_key_or_value_is_named(change: dict[str, Any], problem: str) -> None:
    """A key or value the real host would ignore or refuse is reported with its place and its fix."""
    _, problems = read_host_json({"version": "2.0"} | change)
    assert len(problems) == 1
    assert problem in problems[0]


def test_a_missing_or_broken_file_is_a_problem(tmp_path: Path) -> None:
    """No host.json, no JSON, no object: each is one sentence with the file's name."""
    file = tmp_path / "host.json"
    assert "does not exist" in load_host_json(file)[1][0]
    file.write_text("{", "utf-8")
    assert "is not JSON" in load_host_json(file)[1][0]
    file.write_text("[]", "utf-8")
    assert "must hold a JSON object" in load_host_json(file)[1][0]


def test_unbounded_timeout_and_empty_prefix() -> None:
    """A functionTimeout of -1 means none, an empty routePrefix means none."""
    document = {"version": "2.0", "functionTimeout": "-1", "extensions": {"http": {"routePrefix": ""}}}
    host, problems = read_host_json(json.loads(json.dumps(document)))
    assert (problems, host.function_timeout_s, host.route_prefix) == ([], None, "")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("00:00:05", 5), ("1.02:03:04", 93784), ("00:00:00.2500000", 0.25), ("00:10", 600), ("24:00:00", None), (5, None)],
)
def test_time_spans(text: object, seconds: float | None) -> None:
    """Time spans are read as .NET reads them."""
    assert parse_timespan(text) == seconds
