"""Random lives of both systems in bad weather: afterwards nothing is lost, doubled, different or still moving.

`make simulate` lives 500 of them; here is what makes that worth anything.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys

import pytest

from tests.simulation.chance import Chance
from tests.simulation.life import SAMPLE, live
from tests.simulation.many import ENOUGH, Outcome, Tally
from tests.simulation.weather import AT_CALLS, OUTLASTING, Actor, Killed, Trouble, Weather


@pytest.mark.parametrize("seed", random.Random(7).sample(range(1, 51), 3))
def test_a_seed_repeats_its_life(seed: int) -> None:
    """The same seed makes the same calls in the same order, so `make simulate SEED=n` replays a failure."""
    recorded = json.loads(SAMPLE.read_text())[str(seed)]
    verdict = live(seed)
    assert not verdict.broken, f"make simulate SEED={seed}: {verdict.broken}"
    assert verdict.digest == recorded, (
        "the app or a sandbox acts otherwise than when this was recorded: python -m tests.simulation --record"
    )


def test_a_life_is_the_same_in_any_process() -> None:
    """Neither what was lived before nor the order in which Python hashes anything changes a life."""
    live(90)
    here = live(91)
    command = [sys.executable, "-m", "tests.simulation", "--seed", "91"]
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "COLUMNS": "200"}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False).stdout
    assert f"seed 91, trace {here.digest}:" in told


def test_lives_in_which_a_trouble_never_struck_are_told() -> None:
    """`make simulate` fails where some trouble did not strike in a hundred lives: it would prove nothing about it."""
    tally = Tally()
    every = {f"trouble: {each}": 1 for each in (*Trouble, OUTLASTING) if each != Trouble.KILLED}
    for seed in range(ENOUGH - 1):
        tally.add(Outcome(seed, "", [], every, 0.0))
    assert not tally.idle()
    tally.add(Outcome(ENOUGH, "", [], every, 0.0))
    assert tally.idle() == [f"trouble: {Trouble.KILLED}"]
    assert f"never struck: trouble: {Trouble.KILLED}" in tally.report()


@pytest.mark.parametrize("trouble", AT_CALLS)
def test_a_trouble_does_what_its_name_says(trouble: Trouble) -> None:
    """What is said to have been carried out was, what is said not to was not, and a dead worker stays dead."""
    done: list[str] = []
    weather = Weather(Chance(1), sleep=lambda seconds: None, shares={trouble: 1.0})
    ended = _called(weather, done)
    carried_out = {
        Trouble.LOST, Trouble.CRASHED, Trouble.SLOW, Trouble.LATE, Trouble.KILLED_AFTER,
    }  # fmt: skip
    assert bool(done) is (trouble in carried_out)
    answered = {Trouble.SLOW: "answer", Trouble.LATE: "answer", Trouble.KILLED: "dead", Trouble.KILLED_AFTER: "dead"}
    assert ended == answered.get(trouble, "failed")
    if ended == "dead":
        assert _called(weather, done) == "dead"


def _called(weather: Weather, done: list[str]) -> str:
    """One call in that weather, by a worker that was at work before."""
    weather.actors = weather.actors or [Actor("worker", 0)]

    def run() -> str:
        done.append("x")
        return "answer"

    try:
        return weather.call("call", run, lambda trouble: "failed")
    except Killed:
        return "dead"
