"""`make load`: so many webhooks a second for so long, then a burst at once; prints a table, 1 when a promise breaks.

The plain endpoint is asked in the same seconds, and gets its own bursts in turn, so that its figures mean the same
machine. Promises: every answer is the expected one, every accepted id lies on its queue exactly once, the rate holds,
and no answer takes the five seconds after which Shopify gives up.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from sandbox.load import deliveries, report
from sandbox.load.client import Shot, fire
from sandbox.load.deliveries import Delivery
from sandbox.load.report import Phase
from sandbox.load.stage import Served, Stage, running


def main() -> int:
    """Measure, print, judge."""
    chosen = _parser().parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), chosen.hosts) as stage:
        warm = _steady(stage, "warm", (100, 100), 1, seed=0)
        phases = [
            _steady(stage, "steady", (chosen.rate, chosen.plain_rate), chosen.seconds, seed=chosen.seed),
            _burst(stage, chosen.burst, seed=chosen.seed + 1),
        ]
        for line in report.table(phases):
            print(line, flush=True)
        print("counting the messages …", flush=True)
        found = stage.accepted()
    wrong = list(report.broken([warm, *phases], found))
    for line in wrong:
        print(f"BROKEN: {line}")
    print("every promise held" if not wrong else "a promise broke")
    return int(bool(wrong))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox.load", description=__doc__)
    parser.add_argument("--rate", type=int, default=200, help="webhooks a second (200)")
    parser.add_argument("--seconds", type=int, default=60, help="for so long (60)")
    parser.add_argument("--burst", type=int, default=1_000, help="then so many at once (1000)")
    parser.add_argument("--hosts", type=int, default=2, help="host processes of the app, asked in turn (2)")
    parser.add_argument("--plain-rate", type=int, default=50, help="requests a second of the plain endpoint (50)")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _steady(stage: Stage, name: str, rates: tuple[int, int], seconds: int, *, seed: int) -> Phase:
    app, plain = (
        _due(served, make(rate * seconds, seed), 1 / rate)
        for served, make, rate in (
            (stage.apps, deliveries.mixed, rates[0]),
            ((stage.plain,), deliveries.plain, rates[1]),
        )
    )
    return _measured(stage, Phase(name, app, plain), [[*app, *plain]])


def _burst(stage: Stage, count: int, *, seed: int) -> Phase:
    """All at once, each over a connection of its own; first the plain endpoint, then the app."""
    plain = _due((stage.plain,), deliveries.plain(count, seed), 0.0)
    app = _due(stage.apps, deliveries.mixed(count, seed), 0.0)
    return _measured(stage, Phase("burst", app, plain), [plain, app], keep=False)


def _due(served: Sequence[Served], sent: Sequence[Delivery], apart_s: float) -> list[Shot]:
    ports = itertools.cycle(each.port for each in served)
    return [Shot(next(ports), place * apart_s, delivery) for place, delivery in enumerate(sent)]


def _measured(stage: Stage, phase: Phase, rounds: Sequence[Sequence[Shot]], *, keep: bool = True) -> Phase:
    before, started = stage.cpu_s(), time.monotonic()
    client_s = sum(fire(shots, keep=keep) for shots in rounds)
    phase.seconds = time.monotonic() - started
    phase.cpu_s = {"client": client_s, **{name: spent - before[name] for name, spent in stage.cpu_s().items()}}
    return phase


if __name__ == "__main__":
    raise SystemExit(main())
