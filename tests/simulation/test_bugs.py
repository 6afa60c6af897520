"""Bugs planted on purpose: the simulation finds each one, or its silence about the real code would mean nothing."""

from __future__ import annotations

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.life import live

FOUND_AT = {
    "no_intent_row": 3,
    "digest_of_what_was_sent": 4,
    "journal_page_over_newer_content": 3,
    "delete_without_confirmation": 24,
}
"""Seeds that showed the bug when this was written: where to look first."""
MOST = 500


@pytest.mark.parametrize("name", sorted(FOUND_AT))
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the bug patched in, some life within 500 breaks a promise."""
    BUGS[name](monkeypatch)
    first = FOUND_AT[name]
    seeds = (first, *range(1, MOST + 1))
    assert any(live(seed).broken for seed in seeds), f"{name} was not found in {MOST} lives"
