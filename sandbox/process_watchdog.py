"""Ends process groups when the program that started them dies. Run by sandbox/processes.py, never by hand.

Reads `+GROUP` and `-GROUP` lines from stdin; end-of-file means the parent is gone (however it died), and each
group still listed gets SIGTERM, then SIGKILL. Standard library only, and never a group that was not listed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

GRACE_S = 5.0


def main() -> None:
    """Follow the list until the parent's end of the pipe closes, then end what is left."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # it must outlive a terminal that goes away
    groups: set[int] = set()
    for line in sys.stdin:
        group = int(line[1:])
        if line[0] == "+":
            groups.add(group)
        else:
            groups.discard(group)
    end_groups(groups)


def end_groups(groups: set[int]) -> None:
    """SIGTERM to each group, SIGKILL to those that are still there after the grace time."""
    groups = {group for group in groups if _send(group, signal.SIGTERM)}
    deadline = time.monotonic() + GRACE_S
    while groups and time.monotonic() < deadline:
        time.sleep(0.05)
        groups = {group for group in groups if _send(group, 0)}
    for group in groups:
        _send(group, signal.SIGKILL)


def _send(group: int, number: int) -> bool:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
        return True
    return False


if __name__ == "__main__":
    main()
