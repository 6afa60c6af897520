"""Bugs planted on purpose: the simulation finds each one, or its silence about the real code would mean nothing."""

from __future__ import annotations

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.life import kind_of, live

FOUND_AT = {
    "cursor_saved_before_the_messages": 13,
    "no_intent_row": 131,
    "update_without_claim": 214,
    "digest_of_what_was_sent": 5,
    "journal_page_over_newer_content": 5,
    "delete_without_confirmation": 6,
    "lookup_believed_at_once": 143,
    "dropped_conflict_never_repaired": 5,
    "journal_kept_of_the_redacted": 4,
    "merged_customers_forgotten": 320,
    "who_comes_late_is_forgotten": 33,
    "draft_orders_not_looked_for": 490,
}
"""Seeds that showed the bug when this was written: where to look first, then in lives of the same kind."""
MOST = 500


@pytest.mark.timeout(900)  # a change of the app moves every life: where the known seed shows nothing others have to
@pytest.mark.parametrize("name", sorted(BUGS))
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the bug patched in, some life within 500 breaks a promise."""
    BUGS[name](monkeypatch)
    kind = kind_of(FOUND_AT[name])
    seeds = (FOUND_AT[name], *(seed for seed in range(1, MOST + 1) if kind_of(seed) == kind))
    assert any(live(seed).broken for seed in seeds), f"{name} was not found in {MOST} lives"
