"""From an edit in one sandbox to the value in the other, on the local host: with webhooks, and by the timers alone."""

from __future__ import annotations

import random
import statistics
import time
from pathlib import Path

import pytest

from sandbox.catalogue import Catalogue
from tests.e2e.chair import Chair, longest_wait_s, shown
from tests.e2e.running import FLOWS, Running, integrated, said, until

ROUNDS = 30
TICK_S = 10
LAG_S = 1.0
"""SYNC_LAG_S of the local host: a poll leaves what is younger to the next one."""


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_with_webhooks_an_edit_takes_less_than_a_queues_longest_wait_and_a_second(tmp_path: Path) -> None:
    """Promise: the median of both directions, over 30 edits each at any moment, while no timer fires."""
    never = {f"{flow.upper()}_SCHEDULE": "0 0 0 29 2 *" for flow in FLOWS}
    with integrated(tmp_path, Catalogue((), ()), **never) as running:
        outward, inward = _measured(running)
    limit_s = longest_wait_s() + 1
    assert statistics.median(outward) < limit_s
    assert statistics.median(inward) < limit_s


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_without_webhooks_an_edit_takes_one_tick(tmp_path: Path) -> None:
    """Promise: no edit needs a second tick once it is older than the lag; the median takes less than one and a wait."""
    every = {f"{flow.upper()}_SCHEDULE": f"*/{TICK_S} * * * * *" for flow in FLOWS}
    with integrated(tmp_path, Catalogue((), ()), **every, WEBHOOKS_URL="") as running:
        outward, inward = _measured(running)
    for times in (outward, inward):
        assert statistics.median(times) < TICK_S + longest_wait_s()
        assert max(times) < LAG_S + TICK_S + longest_wait_s() + 3


def _measured(running: Running) -> tuple[list[float], list[float]]:
    """Seconds of 30 edits each way, each at a random moment of the timers' and the queues' rhythm."""
    chance, chair = random.Random(ROUNDS), Chair(running.info)
    running.start()
    chair.make(running.last_lines)
    until(lambda: running.waiting() == 0, 60)
    outward, inward = [], []
    for number in range(ROUNDS):
        time.sleep(chance.uniform(0, longest_wait_s()))  # the random moment itself: nothing is waited for
        outward.append(chair.outward(number))
        time.sleep(chance.uniform(0, longest_wait_s()))
        inward.append(chair.inward(number))
    said([shown("CRM to Shopify", outward), shown("Shopify to CRM", inward), f"ticks: {dict(running.ticks())}"])
    return outward, inward
