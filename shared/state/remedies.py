"""What happens to a pair's change that met another row than expected: another try, Busy, or done.

Each remedy reads the row in the way once and decides from what it holds. Must never take over a claim or an intent
that somebody may still be working under.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from shared.errors import Busy
from shared.records import PairState
from shared.state.commits import Answer, Unit
from shared.state.pair_rows import (
    ANCHOR,
    CLAIM,
    IDS,
    claim_row,
    is_pair,
    lease_expired,
    moment,
    pointed,
    pointer,
)
from shared.state.tables import Change, Found, Row, Table, Verb

_WAIT_S = 30.0
_OPEN = {PairState.INTENT.value, PairState.WRITING.value}


class Remedies:
    """One per crossrefs table."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def busy(self, failed: Unit, at: int, found: Found) -> Busy:
        """The end for this pair: Busy, naming what the row in the way tells."""
        row = failed.changes[at].row
        return self._busy(
            "Another worker holds or has changed this record.", self._table.get(row.partition, row.key), found
        )

    def begin(self, failed: Unit, at: int, found: Found) -> Unit | Answer:
        """A claim is taken over where it is stale; an anchor in the way is Busy."""
        change = failed.changes[at]
        if change.verb is Verb.DELETE:
            return failed.without(at)
        if at == 0:
            return self.busy(failed, at, found)
        claim = self._table.get(change.row.partition, change.row.key)
        own = failed.changes[0].row.key
        if claim is None:
            return failed.with_change(at, Change(Verb.INSERT, claim_row(change.row.partition, change.row.key, own)))
        holder = str(claim.values.get(ANCHOR, ""))
        anchor = None if holder == own else self._table.get(claim.partition, holder)
        if anchor is not None and _claims(anchor, claim.key):
            return self._busy("Another record with the same natural key is being created.", anchor, found)
        taken = claim_row(claim.partition, claim.key, own, claim.etag)
        return failed.with_change(at, Change(Verb.REPLACE, taken))

    def complete(self, failed: Unit, at: int, found: Found, *, own_intent: bool) -> Unit | Answer:
        """A pointer gets one more id; an expired intent of the same CRM row is taken over; all else is Busy."""
        change = failed.changes[at]
        if change.verb is Verb.DELETE:
            return failed.without(at)
        if at == 0 or own_intent:
            return self.busy(failed, at, found)
        shopify_id = str(failed.changes[0].row.values["shopify_id"])
        present = self._table.get(change.row.partition, change.row.key)
        if present is None:
            return failed.with_change(at, Change(Verb.INSERT, replace(change.row, etag="")))
        if is_pair(present):
            return self._intent_taken(failed, at, present, shopify_id)
        known = pointed(present)
        if shopify_id in known:
            return failed.without(at)
        longer = pointer(present.partition, present.key, [*known, shopify_id], present.etag)
        return failed.with_change(at, Change(Verb.REPLACE, longer))

    def abandon(self, failed: Unit, at: int, found: Found) -> Unit | Answer:
        """What is gone is done; a row that somebody else has taken over since is theirs."""
        if found is not Found.MISSING:
            return self.busy(failed, at, found)
        return [] if at == 0 else failed.without(at)

    def _intent_taken(self, failed: Unit, at: int, intent: Row, shopify_id: str) -> Unit | Answer:
        if not lease_expired(intent, self._now()) or intent.values.get("shopify_id", shopify_id) != shopify_id:
            return self._busy("The CRM record is being created in Shopify right now.", intent, Found.EXISTS)
        linked = pointer(intent.partition, intent.key, [shopify_id], intent.etag)
        unit = failed.with_change(at, Change(Verb.REPLACE, linked))
        if claim := str(intent.values.get(CLAIM, "")):
            unit = replace(unit, changes=(*unit.changes, Change(Verb.DELETE, Row(intent.partition, claim))))
        return unit

    def _busy(self, sentence: str, row: Row | None, found: Found) -> Busy:
        facts: dict[str, object] = {"found": found.value}
        wait = _WAIT_S
        if row is not None:
            facts["anchor"] = row.key
            facts |= {name: row.values[name] for name in ("state", "holder", "lease_until", IDS) if name in row.values}
            until = moment(row.values.get("lease_until"))
            wait = _WAIT_S if until is None else max(1.0, (until - self._now()).total_seconds())
        return Busy(sentence, retry_after_s=wait, facts=facts)


def _claims(anchor: Row, claim: str) -> bool:
    """Whether that row is an open intent that still holds this claim."""
    return anchor.values.get("state") in _OPEN and anchor.values.get(CLAIM) == claim
