"""The command: what it prints, where it says that an app cannot be hosted, and its HTTP side over a socket."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from tests.contract.host.world import World, wait_for

_ROOT = Path(__file__).resolve().parents[3]
_APP = Path(__file__).with_name("app")


def _run(*arguments: str | Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sandbox.host", *arguments],
        env={"PYTHONPATH": str(_ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_settings_come_from_the_file_where_the_environment_has_none(world: World, tmp_path: Path) -> None:
    """Values of a settings file are used, and never replace what the environment says."""
    settings = tmp_path / "settings.json"
    settings.write_text(json.dumps({"IsEncrypted": False, "Values": {"WORK_QUEUE": "other", "TICK": "* * * * * *"}}))
    del world.environment["TICK"]
    world.start_host("--settings", str(settings))
    world.send(id=1)
    assert wait_for(lambda: world.ids("end") == [1])
    assert wait_for(lambda: world.events("tick"))


def test_an_app_that_cannot_be_hosted_ends_with_code_2_and_every_reason() -> None:
    """A start with unset settings names each function, setting and connection, and ends with code 2."""
    done = _run("--app", _APP, "--port", "0")
    assert done.returncode == 2
    assert "function work: setting WORK_QUEUE is not set" in done.stderr
    assert "function tick: setting TICK is not set" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import nothing_like_this", "cannot be imported (ModuleNotFoundError"),
        ("x = 1", "must define exactly one FunctionApp"),
        (None, "has no function_app.py"),
    ],
)
def test_a_broken_app_is_explained(tmp_path: Path, code: str | None, reason: str) -> None:
    """A missing or broken function_app.py is one sentence, not a traceback."""
    (tmp_path / "host.json").write_text('{"version": "2.0"}', "utf-8")
    if code is not None:
        (tmp_path / "function_app.py").write_text(code, "utf-8")
    done = _run("--app", tmp_path, "--port", "0")
    assert done.returncode == 2
    assert reason in done.stderr


@pytest.mark.parametrize("text", ["{", '{"Values": {"A": 1}}', '{"IsEncrypted": true, "Values": {}}'])
def test_a_settings_file_that_cannot_be_used_is_named(tmp_path: Path, text: str) -> None:
    """Broken, encrypted or non-text settings are refused with the file's name."""
    file = tmp_path / "local.settings.json"
    file.write_text(text, "utf-8")
    done = _run("--app", _APP, "--port", "0", "--settings", file)
    assert done.returncode == 2
    assert "local.settings.json" in done.stderr


def test_one_json_line_per_invocation(world: World) -> None:
    """Each finished invocation is one JSON line: function, id, status, duration, the error's class."""
    host, info = world.start_host()
    requests.get(f"{info['url']}/api/ping/me", timeout=10)
    world.send(id=1, fail=99)
    assert wait_for(lambda: len(_records(host.output())) >= 2)
    records = {record["function"]: record for record in _records(host.output())}
    assert records["ping"]["status"] == "succeeded"
    assert (records["work"]["status"], records["work"]["error"]) == ("failed", "ValueError")
    assert set(records["ping"]) == {"function", "invocation_id", "status", "duration_ms", "error"}


def _records(output: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in output.splitlines() if line.startswith('{"function"')]


def test_a_request_under_way_is_answered_during_a_stop(world: World) -> None:
    """SIGTERM lets a running request finish and answers it."""
    host, info = world.start_host()
    answers: list[requests.Response] = []
    url = f"{info['url']}/api/ping/slow?sleep=1.5"
    caller = threading.Thread(target=lambda: answers.append(requests.get(url, timeout=10)))
    caller.start()
    time.sleep(0.7)
    assert host.stop() == 0
    caller.join(10)
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "pong slow")]


def test_a_function_that_exceeds_its_time_is_reported_while_it_runs(tmp_path: Path, world: World) -> None:
    """A run longer than functionTimeout is an error in the log, naming the function."""
    app = tmp_path / "app"
    app.mkdir()
    (app / "function_app.py").write_text((_APP / "function_app.py").read_text("utf-8"), "utf-8")
    (app / "host.json").write_text('{"version": "2.0", "functionTimeout": "00:00:01"}', "utf-8")
    host, info = world.start_host("--app", str(app))
    requests.get(f"{info['url']}/api/ping/slow?sleep=2.5", timeout=10)
    assert "function ping" in host.output()
    assert "runs longer than host.json's functionTimeout of 1 s" in host.output()


def test_the_server_listens_on_loopback_only(world: World) -> None:
    """The info file names a loopback address and the functions that are hosted."""
    _, info = world.start_host()
    assert info["url"].startswith("http://127.0.0.1:")
    assert info["functions"] == ["ping", "send", "tick", "work"]
