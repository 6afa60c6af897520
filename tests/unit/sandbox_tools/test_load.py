"""What `make load` must see: every loss, every wrong answer, every wait."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sandbox.load import deliveries, report
from sandbox.load.client import Shot, fire
from sandbox.load.report import Phase

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def _phase() -> tuple[Phase, Counter[tuple[str, str]]]:
    """A steady second in which all went well, and what then lies on the queues."""
    shots = [Shot(1, place / 100, sent) for place, sent in enumerate(deliveries.mixed(100, seed=4))]
    for shot in shots:
        shot.sent_s, shot.done_s, shot.status = shot.due_s, shot.due_s + 0.01, shot.delivery.status
    found = Counter((shot.delivery.flow, shot.delivery.record_id) for shot in shots if shot.delivery.record_id)
    return Phase("steady", shots, [Shot(2, 0.0, shots[0].delivery, 0.0, 0.005, 200)], 1.0, {"app": 0.3}), found


def _spoil_status(phase: Phase, found: Counter[tuple[str, str]]) -> None:
    phase.app[0].status = 500


def _refuse(phase: Phase, found: Counter[tuple[str, str]]) -> None:
    phase.app[0].trouble = "ConnectionRefusedError"


def _lose(phase: Phase, found: Counter[tuple[str, str]]) -> None:
    del found[next(iter(found))]


def _double(phase: Phase, found: Counter[tuple[str, str]]) -> None:
    found[next(iter(found))] += 1


def _slow(phase: Phase, found: Counter[tuple[str, str]]) -> None:
    phase.app[0].done_s = phase.app[0].due_s + 5.1


def _lag(phase: Phase, found: Counter[tuple[str, str]]) -> None:
    phase.app[-1].done_s = phase.app[-1].due_s + 1.1


def test_a_run_in_which_all_went_well_breaks_nothing() -> None:
    """Promise: refused webhooks are part of the load and no trouble when they are refused as they must be."""
    phase, found = _phase()
    assert {shot.status for shot in phase.app} == {200, 401}
    assert list(report.broken([phase], found)) == []
    assert len(list(report.table([phase]))) == 6


@pytest.mark.parametrize("spoil", [_spoil_status, _refuse, _lose, _double, _slow, _lag])
def test_each_promise_can_break(spoil: Callable[[Phase, Counter[tuple[str, str]]], None]) -> None:
    """Promise: a wrong status, a refused connection, a lost or doubled message, a late answer and a queue are seen."""
    phase, found = _phase()
    spoil(phase, found)
    assert list(report.broken([phase], found))


@contextmanager
def _stalling(stall_s: float) -> Iterator[int]:
    """A server that answers one request after the other, and stalls once, before the first."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection:
            while connection.recv(65_536):
                connection.sendall(ANSWER)

    def serve() -> None:
        first = True
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            if first:
                time.sleep(stall_s)
            first = False
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    with server:
        yield server.getsockname()[1]


def test_waiting_in_line_is_counted() -> None:
    """Promise: requests that were due while the server stood still carry that wait: nothing is omitted."""
    with _stalling(0.4) as port:
        shots = [Shot(port, place / 50, sent) for place, sent in enumerate(deliveries.plain(20, seed=1))]
        fire(shots)
    assert [shot.wrong for shot in shots] == [""] * 20
    assert sum(shot.latency_ms > 100 for shot in shots) >= 10
    assert max(shot.late_ms for shot in shots) < 200, "the client was held up by the server"


def test_a_closed_port_is_an_error_of_its_own() -> None:
    """Promise: a refused connection is reported and ends the wait for its answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    shots = [Shot(port, 0.0, sent) for sent in deliveries.plain(3, seed=1)]
    fire(shots, keep=False)
    assert [shot.wrong for shot in shots] == ["ConnectionRefusedError"] * 3
