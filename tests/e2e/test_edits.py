"""Two hundred edits on both sides while the app runs, and then silence."""

from __future__ import annotations

import time

from tests.e2e.auditor import audit
from tests.e2e.conftest import Loaded
from tests.e2e.edits import SCRIPT, Editors
from tests.e2e.running import TICKS, Counted, Running, said, until

WRITES_PER_RECORD = 1.1


def test_two_hundred_edits_converge_and_then_nothing_moves(loaded: Loaded) -> None:
    """Edits of both sides meet within minutes, at most 1.1 written records for one that had to be, and then silence."""
    running = loaded.running
    host = running.start()
    try:
        running.settle()
        before, started = running.counted(), time.monotonic()
        editors = Editors(running.info, audit(running.info, shared=loaded.shared, ended=loaded.ended), seed=7)
        assert len(list(editors.steps())) == sum(SCRIPT.values()) == 200
        edited = time.monotonic()
        loaded.ended |= editors.made.ended
        running.settle()
        written = running.counted().since(before)
        _report(editors, written, edited - started, time.monotonic() - edited)
        found = audit(running.info, shared=loaded.shared, ended=loaded.ended)
        assert not found.findings, str(found)
        assert written.written <= WRITES_PER_RECORD * sum(editors.made.needed.values())
        _assert_silence(running)
    finally:
        host.process.stop()


def _report(editors: Editors, written: Counted, editing_s: float, settling_s: float) -> None:
    made = editors.made
    needed = sum(made.needed.values())
    said(
        [
            f"{sum(made.edits.values())} edits of {len(made.records)} records in {editing_s:.1f} s, "
            f"settled {settling_s:.1f} s later (three quiet ticks included)",
            f"written: {dict(written.shopify_targets)} in Shopify, {written.crm_rows} rows in CRM = {written.written}",
            f"needed: {needed} ({made.needed}); written per needed record: {written.written / needed:.3f}",
        ]
    )


def _assert_silence(running: Running, ticks: int = 3) -> None:
    """Over the next ticks: no write, and at most one read call per flow and source table in each."""
    start = running.ticks()
    until(lambda: all(running.ticks()[name] > start[name] for name in TICKS), 30)
    ticked, before = running.ticks(), running.counted()
    until(lambda: all(running.ticks()[name] >= ticked[name] + ticks for name in TICKS), 60, step_s=0.05)
    after, passed = running.counted().since(before), running.ticks()
    inward, outward = (passed[name] - ticked[name] for name in TICKS)
    said(
        [
            f"silence: {inward} ticks with {after.shopify_calls} Shopify calls {dict(after.shopify_operations)}, "
            f"{outward} ticks with {after.crm_requests} CRM requests, {after.written} writes"
        ]
    )
    assert after.written == 0
    assert 0 < after.shopify_calls <= inward
    assert 0 < after.crm_requests <= 2 * outward
