"""Many lives on all cores, in processes that are replaced now and then, and what they came to together.

A log holds one line of JSON per life, in the order of the seeds: a run that was killed goes on behind its last line.
"""

from __future__ import annotations

import gc
import json
import logging
import multiprocessing
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.life import live
from tests.simulation.weather import OUTLASTING, Trouble

TOGETHER = 4
IN_FLIGHT = 25
"""Chunks that are given out before the next ones are: whoever has seen enough waits for no more than these."""
ENOUGH = 100
"""Lives in which every trouble has to strike somewhere."""
RARELY = (50_000, 20, 50)
RENEWED_AFTER = 50
"""Chunks of lives after which a process is replaced by a fresh one, so that none grows."""


@dataclass(frozen=True)
class Outcome:
    """What is kept of a life."""

    seed: int
    digest: str
    broken: list[str]
    counts: dict[str, int]
    cpu_s: float


@dataclass
class Tally:
    """What many lives came to."""

    lives: int = 0
    cpu_s: float = 0.0
    broken: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    def add(self, outcome: Outcome) -> None:
        """One more life."""
        self.lives += 1
        self.cpu_s += outcome.cpu_s
        self.counts.update(outcome.counts)
        if outcome.broken:
            self.broken.append(outcome.seed)

    def idle(self) -> list[str]:
        """Troubles that never struck, though there were lives enough for each: then the rest proves little."""
        names = [f"trouble: {each}" for each in (*Trouble, OUTLASTING)] if self.lives >= ENOUGH else []
        return [name for name in names if not self.counts[name]]

    def report(self) -> list[str]:
        """Lives, what was done in them, and which broke a promise."""
        took = f"{self.cpu_s:.0f} CPU seconds, {time.monotonic() - self.began:.0f} s of this run"
        counts = [f"  {count:>9,}  {name}" for name, count in self.counts.items()]
        broken = f"{len(self.broken)} broke a promise: {self.broken or 'none'}"
        return [f"{self.lives} lives in {took}", *counts, *(f"never struck: {name}" for name in self.idle()), broken]


def lives(seeds: range, *, log: Path | None = None, bug: str = "") -> Iterator[Outcome]:
    """The outcome of each life, in order; those that the log has already are taken from there."""
    known = list(_logged(log)) if log is not None and log.is_file() else []
    yield from (outcome for outcome in known if outcome.seed in seeds)
    left = seeds[len([outcome for outcome in known if outcome.seed in seeds]) :]
    chunks = [left[at : at + TOGETHER] for at in range(0, len(left), TOGETHER)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(mp_context=context, max_tasks_per_child=RENEWED_AFTER) as pool:
        for start in range(0, len(chunks), IN_FLIGHT):
            for outcomes in pool.map(partial(_apart, bug), chunks[start : start + IN_FLIGHT]):
                if log is not None:
                    with log.open("a") as file:
                        file.writelines(json.dumps(asdict(outcome)) + "\n" for outcome in outcomes)
                yield from outcomes


def _logged(log: Path) -> Iterator[Outcome]:
    for line in log.read_text().splitlines():
        yield Outcome(**json.loads(line))


def _apart(bug: str, seeds: range) -> list[Outcome]:
    """Some lives in this process, whose logs and traces stay here. Looking for garbage is an eighth of a life."""
    gc.set_threshold(*RARELY)
    logging.disable(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch:
        if bug:
            BUGS[bug](patch)
        return [_outcome(seed) for seed in seeds]


def _outcome(seed: int) -> Outcome:
    began = time.process_time()
    verdict = live(seed)
    return Outcome(seed, verdict.digest, verdict.broken[:5], dict(verdict.counts), time.process_time() - began)
