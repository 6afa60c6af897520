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
from shared.state.commits import Answer, Refusal, Unit
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


SOON_S = 5.0
"""A claim is usually laid down within seconds; only a crash leaves it standing to the end of its lease."""


class Remedies:
    """One per crossrefs table."""

    def __init__(self, table: Table, now: Callable[[], datetime]) -> None:
        self._table = table
        self._now = now

    def busy(self, refusal: Refusal) -> Unit | Answer:
        """The end for this pair, naming who has it; where the row in the way is gone again, another try."""
        if refusal.row is None and refusal.change.verb is Verb.INSERT:
            return refusal.unit
        return self._busy("Another worker holds or has changed this record.", refusal.row, refusal.found)

    def begin(self, refusal: Refusal) -> Unit | Answer:
        """A claim is taken over where it is stale; an anchor in the way is Busy."""
        unit, at, claim = refusal.unit, refusal.at, refusal.row
        if refusal.change.verb is Verb.DELETE:
            return unit.without(at)
        if at == 0:
            return self.busy(refusal)
        own, wanted = unit.changes[0].row.key, refusal.change.row
        if claim is None:
            return unit.with_change(at, Change(Verb.INSERT, claim_row(wanted.partition, wanted.key, own)))
        holder = str(claim.values.get(ANCHOR, ""))
        anchor = None if holder == own else self._table.get(claim.partition, holder)
        if anchor is not None and _claims(anchor, claim.key):
            return self._busy("Another record with the same natural key is being created.", anchor, refusal.found)
        return unit.with_change(at, Change(Verb.REPLACE, claim_row(claim.partition, claim.key, own, claim.etag)))

    def complete(self, refusal: Refusal, *, own_intent: bool) -> Unit | Answer:
        """A pointer gets one more id; an expired intent of the same CRM row is taken over; all else is Busy."""
        unit, at, link = refusal.unit, refusal.at, refusal.row
        if refusal.change.verb is Verb.DELETE:
            return unit.without(at)
        if at == 0 or own_intent:
            return self.busy(refusal)
        if link is None:
            return unit.with_change(at, Change(Verb.INSERT, replace(refusal.change.row, etag="")))
        shopify_id = str(unit.changes[0].row.values["shopify_id"])
        if is_pair(link):
            return self._intent_taken(refusal, link, shopify_id)
        known = pointed(link)
        if shopify_id in known:
            return unit.without(at)
        longer = pointer(link.partition, link.key, [*known, shopify_id], link.etag)
        return unit.with_change(at, Change(Verb.REPLACE, longer))

    def abandon(self, refusal: Refusal) -> Unit | Answer:
        """What is gone is done; a row that somebody else has taken over since is theirs."""
        if refusal.found is not Found.MISSING:
            return self.busy(refusal)
        return [] if refusal.at == 0 else refusal.unit.without(refusal.at)

    def _intent_taken(self, refusal: Refusal, intent: Row, shopify_id: str) -> Unit | Answer:
        if not lease_expired(intent, self._now()) or intent.values.get("shopify_id", shopify_id) != shopify_id:
            return self._busy("The CRM record is being created in Shopify right now.", intent, refusal.found)
        linked = pointer(intent.partition, intent.key, [shopify_id], intent.etag)
        unit = refusal.unit.with_change(refusal.at, Change(Verb.REPLACE, linked))
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
        return Busy(sentence, retry_after_s=min(wait, SOON_S), facts=facts)


def _claims(anchor: Row, claim: str) -> bool:
    """Whether that row is an open intent that still holds this claim."""
    return anchor.values.get("state") in _OPEN and anchor.values.get(CLAIM) == claim
