"""The oracle itself: it sees what an app declares, runs it, and refuses what Microsoft's runtime refuses."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path

import pytest

from sandbox.host.errors import HostStartError
from sandbox.host.functions import find_app, read_functions
from tests.contract.runtime.oracle import Oracle

_APP = Path(__file__).with_name("fixture_app")


def _mutated(folder: Path, old: str, new: str) -> Path:
    """A copy of the fixture app with one change."""
    copy = folder / "app"
    shutil.copytree(_APP, copy, ignore=shutil.ignore_patterns("__pycache__"))
    file = copy / "function_app.py"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")
    return copy


def test_the_table_holds_what_the_app_declares(oracle: Oracle) -> None:
    """Name, trigger, route, methods, auth level, schedule, queue, connection and outputs come out as declared."""
    told = oracle.examine(_APP)
    assert told["error"] is None
    assert told["functions"] == json.loads((_APP / "expected_functions.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("%CLOCK_SCHEDULE%", "%OTHER_SCHEDULE%"),
        ("hooks/{shop}", "hook/{shop}"),
        ('["POST"]', '["POST", "GET"]'),
        ("AuthLevel.ANONYMOUS", "AuthLevel.FUNCTION"),
        ("work-items", "work-item"),
        ('function_name("worker")', 'function_name("workers")'),
        ("run_on_startup=False", "run_on_startup=True"),
    ],
)
def test_every_change_of_a_trigger_changes_the_table(oracle: Oracle, tmp_path: Path, old: str, new: str) -> None:
    """A changed name, schedule, route, method, auth level or queue does not pass as the expected table."""
    told = oracle.examine(_mutated(tmp_path, old, new))
    assert told["error"] is None
    assert told["functions"] != json.loads((_APP / "expected_functions.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("import os\n", "import os\nimport nothing_like_this\n", "nothing_like_this"),
        ("app = func", "app = other = func", "More than one FunctionApp"),
        ("app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)", "app = func.Blueprint()", "Could not find"),
        ('function_name("clock")', 'function_name("hook")', "does not have a unique function name"),
        ('arg_name="timer"', 'arg_name="other"', "cannot load the clock function"),
        ("msg: func.QueueMessage", "msg: func.TimerRequest", "TimerRequest"),
    ],
)
def test_a_broken_app_is_refused_by_the_runtime_and_by_the_local_host(
    oracle: Oracle, tmp_path: Path, old: str, new: str, error: str
) -> None:
    """What Microsoft's runtime refuses at indexing, the local host refuses at start."""
    broken = _mutated(tmp_path, old, new)
    assert error in str(oracle.examine(broken)["error"])
    with pytest.raises((HostStartError, ImportError)):
        _host_accepts(broken)


def _host_accepts(folder: Path) -> None:
    specification = importlib.util.spec_from_file_location("function_app", folder / "function_app.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    _, problems = read_functions(find_app(module))
    if problems:
        raise HostStartError(problems)


def test_every_function_runs_with_the_payload_it_is_given(oracle: Oracle) -> None:
    """Bodies, headers, parameters, counts and the environment reach the functions; answers and outputs come back."""
    payloads = {
        "hook": {"body": "é", "headers": {"x-topic": "orders"}, "params": {"shop": "acme"}},
        "worker": {"body": '{"id": 7}', "dequeue_count": 3},
    }
    ran = oracle.examine(_APP, payloads=payloads, environment={"GREETING": "hello"})["invocations"]
    assert ran["clock"] == {"succeeded": True, "returned": None, "outputs": {}}
    assert ran["hook"]["returned"] == {"status": "202", "body": json.dumps(["acme", "orders", "é", "hook"])}
    assert ran["worker"]["outputs"] == {"out": "7 3 hello"}


def test_a_function_that_fails_is_reported_with_its_error(oracle: Oracle) -> None:
    """An exception in a function is its own failure and nobody else's."""
    ran = oracle.examine(_APP, payloads={"clock": {"past_due": True}, "worker": {"body": '{"id": 1}'}})["invocations"]
    assert ran["clock"]["succeeded"] is False
    assert "past due" in ran["clock"]["error"]
    assert ran["worker"]["succeeded"]


def test_a_value_returned_without_a_binding_fails_at_the_call(oracle: Oracle, tmp_path: Path) -> None:
    """The runtime refuses a returned value that no binding takes, but only when the function runs."""
    app = _mutated(tmp_path, 'raise RuntimeError("past due")', "return 1")
    told = oracle.examine(app, payloads={"clock": {"past_due": True}})
    assert told["error"] is None
    assert "without a $return binding" in told["invocations"]["clock"]["error"]


def test_a_wrong_schedule_passes_the_runtime(oracle: Oracle, tmp_path: Path) -> None:
    """Cron strings are not the runtime's business: why the local host checks them."""
    assert oracle.examine(_mutated(tmp_path, "%CLOCK_SCHEDULE%", "banana"))["error"] is None
