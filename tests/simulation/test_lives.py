"""Random lives of both systems in bad weather: afterwards nothing is lost, doubled, different or still moving."""

from __future__ import annotations

import json
import random

import pytest

from tests.simulation.life import SAMPLE, live

SEEDS = range(1, 26)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_life_keeps_every_promise(seed: int) -> None:
    """Whatever failed, died, was doubled or came late: one counterpart each, owners' edits kept, equal, silent."""
    verdict = live(seed)
    assert not verdict.broken, f"make simulate SEED={seed}: {verdict.broken}"


@pytest.mark.parametrize("seed", random.Random(7).sample(range(1, 51), 3))
def test_a_seed_repeats_its_life(seed: int) -> None:
    """The same seed makes the same calls in the same order, so `make simulate SEED=n` replays a failure."""
    recorded = json.loads(SAMPLE.read_text())[str(seed)]
    assert live(seed).digest == recorded, (
        "the app or a sandbox acts otherwise than when this was recorded: python -m tests.simulation --record"
    )


def test_lives_have_weather() -> None:
    """Troubles strike, and people edit: a life in which nothing happens proves nothing."""
    verdicts = [live(seed, steps=30) for seed in range(100, 108)]
    assert sum(sum(verdict.struck.values()) for verdict in verdicts) > 10
    assert sum(verdict.edits for verdict in verdicts) > 20
