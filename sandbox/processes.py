"""Starts child processes for the sandbox and the tests, and makes sure that none outlives its parent.

Every child leads its own process group and writes to a file, so that its last lines can be shown when it
fails. One watchdog per parent (sandbox/process_watchdog.py) ends all groups when the parent dies, however it
dies. Must never end a process it did not start, and never search for processes by name.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, cast

Ready = Callable[["ChildProcess"], bool]
_READINESS_POLL_S = 0.02
_OUTPUT_KEPT = 1 << 20
_WATCHDOG = Path(__file__).with_name("process_watchdog.py")


class ProcessFailedError(RuntimeError):
    """A child ended or stalled before it was ready; the message carries the last lines it wrote."""


class ChildProcess:
    """One running child and its process group. `pid` is the child's own id (and its group's)."""

    def __init__(self, name: str, popen: subprocess.Popen[bytes], output: BinaryIO) -> None:
        self.name = name
        self.pid = popen.pid
        self._popen = popen
        self._output = output
        self._kept: str | None = None

    @property
    def running(self) -> bool:
        """Whether the child has not ended yet."""
        if self._popen.returncode is None and self._popen.poll() is not None:
            self._end_leftovers()
        return self._popen.returncode is None

    def output(self) -> str:
        """What the child has written to stdout and stderr so far (the last megabyte of it)."""
        if self._kept is not None:
            return self._kept
        size = os.fstat(self._output.fileno()).st_size
        start = max(0, size - _OUTPUT_KEPT)
        return os.pread(self._output.fileno(), size - start, start).decode("utf-8", "replace")

    def last_lines(self, count: int = 20) -> str:
        """The last lines the child wrote, for error messages."""
        return "\n".join(self.output().splitlines()[-count:])

    def wait(self, timeout_s: float | None = None) -> int:
        """Wait for the child to end by itself; returns its exit code (negative: the signal that ended it)."""
        if self._popen.returncode is None:
            self._popen.wait(timeout_s)
            self._end_leftovers()
        return self._popen.returncode

    def signal(self, number: int) -> None:
        """Send one signal to the whole group; a child that has ended is left alone."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def kill(self) -> int:
        """End the group at once (SIGKILL), as a crash would, and return the exit code."""
        self.signal(signal.SIGKILL)
        return self.wait()

    def stop(self, grace_s: float = 10) -> int:
        """Ask the group to end (SIGTERM); after the grace time end it (SIGKILL). Returns the exit code."""
        self.signal(signal.SIGTERM)
        try:
            return self.wait(grace_s)
        except subprocess.TimeoutExpired:
            return self.kill()

    def _end_leftovers(self) -> None:
        """End what the child left running; only right after its end: later its id may be somebody else's."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        _watchdog.forget(self.pid)
        self._kept = self.output()
        self._output.close()


def start_process(
    name: str,
    command: Sequence[str | Path],
    *,
    ready: Ready | None = None,
    timeout_s: float = 30,
    environment: Mapping[str, str] | None = None,
    log_file: Path | None = None,
) -> ChildProcess:
    """Start a command in its own process group and return once `ready` says so.

    `environment` replaces the child's whole environment (None: inherit). Output goes to `log_file`, or to a
    nameless file. Raises ProcessFailedError, with the child's last lines, when it ends or stalls.
    """
    output = _output_file(log_file)
    _watchdog.start()
    popen = subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=None if environment is None else dict(environment),
        start_new_session=True,
    )
    _watchdog.watch(popen.pid)
    child = ChildProcess(name, popen, output)
    try:
        _wait_until_ready(child, ready, timeout_s)
    except BaseException:
        child.stop(grace_s=2)
        raise
    return child


def _output_file(log_file: Path | None) -> BinaryIO:
    """Open as long as the child runs; read by offset, so that reading never moves the child's position."""
    return log_file.open("w+b") if log_file else cast(BinaryIO, tempfile.TemporaryFile())


def _wait_until_ready(child: ChildProcess, ready: Ready | None, timeout_s: float) -> None:
    deadline = time.monotonic() + timeout_s
    while ready is not None and not ready(child):
        if not child.running:
            code = child.wait()
            raise ProcessFailedError(f"{child.name} ended with code {code} at its start.\n{child.last_lines()}")
        if time.monotonic() > deadline:
            raise ProcessFailedError(f"{child.name} was not ready after {timeout_s:g} s.\n{child.last_lines()}")
        time.sleep(_READINESS_POLL_S)


class _Watchdog:
    """The parent's end of the watchdog: one line per group, over a pipe that closes when the parent dies."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._lock:
            if self._popen is not None and self._popen.poll() is None:
                return
            self._popen = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_WATCHDOG)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                bufsize=0,
            )
            atexit.register(self._close)

    def watch(self, group: int) -> None:
        self._send(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._send(f"-{group}\n")

    def _send(self, line: str) -> None:
        with self._lock:
            if self._popen is not None and self._popen.stdin is not None:
                # A watchdog that was ended from outside must not break the program it guards.
                with contextlib.suppress(BrokenPipeError):
                    self._popen.stdin.write(line.encode())

    def _close(self) -> None:
        with self._lock:
            if self._popen is not None and self._popen.stdin is not None:
                self._popen.stdin.close()
                self._popen.wait()
                self._popen = None


_watchdog = _Watchdog()
