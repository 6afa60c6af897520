"""Polling backs off from 100 ms to maxPollingInterval and starts again when something was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.host.backoff import Backoff, next_backoff


def _delays(count: int, maximum_s: float, random: float) -> list[float]:
    delays, state = [], Backoff()
    for _ in range(count):
        state = next_backoff(state, found=False, maximum_s=maximum_s, random=lambda: random)
        delays.append(state.delay_s)
    return delays


def test_delays_double_up_to_the_maximum() -> None:
    """Without randomness: 100 ms, then 100 ms more than each doubling, then the maximum for ever."""
    assert _delays(6, 1.0, 0.5) == pytest.approx([0.1, 0.2, 0.3, 0.5, 0.9, 1.0])
    assert _delays(5000, 5.0, 0.999)[-1] == 5.0


def test_a_message_resets_the_delay() -> None:
    """After a message the next empty poll waits 100 ms again."""
    worn = Backoff(5.0, 6)
    assert next_backoff(worn, found=True, maximum_s=5.0, random=lambda: 0.5) == Backoff(0.1, 1)


@given(st.floats(0, 1, exclude_max=True), st.floats(0.1, 60))
def test_delays_never_leave_their_bounds(random: float, maximum_s: float) -> None:
    """Whatever the randomness, every delay lies between 100 ms and the maximum."""
    assert all(0.1 <= delay <= maximum_s for delay in _delays(20, maximum_s, random))
