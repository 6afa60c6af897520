"""Child processes: ready or a clear error, ended by id, and never an orphan."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.processes import ChildProcess, ProcessFailedError, start_process

_ROOT = Path(__file__).resolve().parents[3]
_SLEEPER = "import time; print('up', flush=True); time.sleep(60)"
_STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {_SLEEPER}"
_PARENT_OF_ONE = (
    "import subprocess, sys, time;"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print('up', child.pid, flush=True); time.sleep(60)"
)


def _up(child: ChildProcess) -> bool:
    return "up" in child.output()


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def _alive(pid: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, 0)
        # A zombie answers signal 0: an ended process that nobody has collected is not alive.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def _wait_gone(pid: int, timeout_s: float = 10) -> bool:
    deadline = time.monotonic() + timeout_s
    while _alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _alive(pid)


def test_returns_once_the_child_says_it_is_ready() -> None:
    """A child is handed over only after its readiness check has been met."""
    child = start_process("sleeper", _python(_SLEEPER), ready=_up)
    assert child.running
    assert child.last_lines() == "up"
    assert child.stop() == -signal.SIGTERM
    assert not child.running


def test_a_child_that_ends_early_is_reported_with_its_last_lines() -> None:
    """A failed start names the child, its exit code and what it wrote last."""
    code = "import sys; print('the port is taken'); sys.exit(3)"
    with pytest.raises(ProcessFailedError, match=r"(?s)broken ended with code 3.*the port is taken"):
        start_process("broken", _python(code), ready=lambda child: False)


def test_a_child_that_never_gets_ready_is_ended_and_reported() -> None:
    """A start that takes too long fails in time and leaves no process behind."""
    seen: list[int] = []

    def never(child: ChildProcess) -> bool:
        seen.append(child.pid)
        return False

    with pytest.raises(ProcessFailedError, match=r"was not ready after 0\.3 s"):
        start_process("slow", _python(_SLEEPER), ready=never, timeout_s=0.3)
    assert _wait_gone(seen[0])


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace_time() -> None:
    """Stopping always succeeds: SIGTERM first, SIGKILL after the grace time."""
    child = start_process("stubborn", _python(_STUBBORN), ready=_up)
    assert child.stop(grace_s=0.2) == -signal.SIGKILL


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_grandchildren_end_with_the_child(end: str) -> None:
    """The whole process group ends, not only its leader."""
    child = start_process("family", _python(_PARENT_OF_ONE), ready=_up)
    grandchild = int(child.output().split()[1])
    assert _alive(grandchild)
    getattr(child, end)()
    assert _wait_gone(grandchild)


def test_what_a_child_leaves_behind_when_it_ends_by_itself_is_ended() -> None:
    """A child that ends while its own children run on takes them with it."""
    code = _PARENT_OF_ONE.rpartition("; time")[0]
    child = start_process("runaway", _python(code))
    assert child.wait(10) == 0
    assert _wait_gone(int(child.output().split()[1]))


def test_environment_replaces_the_inherited_one() -> None:
    """A child sees exactly the environment it was given."""
    child = start_process("env", _python("import os; print(sorted(os.environ))"), environment={"ONLY": "1"})
    child.wait(10)
    assert "'ONLY'" in child.output()
    assert "PATH" not in child.output()


def test_output_goes_to_the_log_file(tmp_path: Path) -> None:
    """A named log file holds stdout and stderr of the child."""
    log = tmp_path / "child.log"
    start_process("log", _python("import sys; print('out'); print('err', file=sys.stderr)"), log_file=log).wait(10)
    assert sorted(log.read_text().split()) == ["err", "out"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_children_end_when_their_parent_is_killed(number: int) -> None:
    """A parent that is killed, even by SIGKILL, leaves no orphan."""
    code = (
        "import sys, time; from sandbox.processes import start_process;"
        f"command = [sys.executable, '-c', {_SLEEPER!r}];"
        "child = start_process('x', command, ready=lambda c: 'up' in c.output());"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(_python(code), stdout=subprocess.PIPE, cwd=_ROOT)
    assert parent.stdout is not None
    try:
        orphan = int(parent.stdout.readline())
        assert _alive(orphan)
        parent.send_signal(number)
        parent.wait(10)
        assert _wait_gone(orphan)
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
