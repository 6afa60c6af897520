"""Bugs planted on purpose, each as a patch of the app from outside: the simulation has to find every one of them.

A check that cannot fail proves nothing. The product has no switch for any of these.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from sandbox.shopify.mutations import metafield_checks
from shared import pending, privacy
from shared.awaiting import Ways
from shared.errors import SyncError, UnknownOutcome
from shared.records import PairState, Record
from shared.shopify.graph import any_of, search
from shared.shopify.sale_reads import SaleReads
from shared.shopify.variant_reads import VariantReads
from shared.state import erasing
from shared.state.crossrefs import StoredCrossRefs
from shared.sync import claiming, deletes, looking, reading, remembering, writing
from shared.sync.bases import agree_wholly
from shared.sync.plan import Decision
from shared.sync.poll import Poll
from shared.sync.work import Batch, Work

Patch = pytest.MonkeyPatch


def cursor_saved_before_the_messages(patch: Patch) -> None:
    """A poll stores its cursor first and sends what it found after that."""
    store, save = Poll._store, Poll._save
    kept: list[tuple[Any, ...]] = []

    def later(self: Poll, *args: Any, **named: Any) -> None:
        kept.append((args, named))

    def first(self: Poll, *args: Any) -> Any:
        saved = save(self, *args)
        while kept:
            held, named = kept.pop(0)
            store(self, *held, **named)
        return saved

    patch.setattr(Poll, "_store", later)
    patch.setattr(Poll, "_save", first)


def no_intent_row(patch: Patch) -> None:
    """Creates are sent without being claimed, and what another worker just made is not looked for."""
    patch.setattr(VariantReads, "find", _searched)
    patch.setattr(StoredCrossRefs, "begin", lambda self, pairs: [replace(pair, version=None) for pair in pairs])


def update_without_claim(patch: Patch) -> None:
    """Updates are sent without a claim on their pairs."""

    def claim(batch: Batch, works: list[Work]) -> list[Work]:
        fresh = [work for work in works if claiming.is_new(work)]
        for work in works:
            work.claimed = work.pair
        return [*claiming.claim(batch, fresh), *(work for work in works if work not in fresh)]

    patch.setattr(writing, "claim", claim)
    patch.setattr(deletes, "claim", claim)


def digest_of_what_was_sent(patch: Patch) -> None:
    """The base is what we sent, not what the other system made of it."""
    agree = remembering.agree

    def sent(scope: Any, plan: Any, sides: Any, after: Record | None) -> Any:
        if after is not None:
            content = copy.deepcopy(dict(after.content))
            for path, value in plan.values.items():
                _put(content, path, value)
            after = replace(after, content=content)
        return agree(scope, plan, sides, after)

    patch.setattr(remembering, "agree", sent)


def journal_page_over_newer_content(patch: Patch) -> None:
    """Content of a journaled page is applied however old it is."""
    patch.setattr(reading, "_stale", lambda work, source, oldest: work.record is None)


def delete_without_confirmation(patch: Patch) -> None:
    """Whatever somebody calls deleted is deleted."""
    read_live = reading._read_live

    def believe(batch: Batch, works: list[Work]) -> None:
        named = [work for work in works if work.deleted]
        read_live(batch, [work for work in works if not work.deleted])
        for work in named:
            work.record, work.live = None, True

    patch.setattr(reading, "_read_live", believe)


def dropped_conflict_never_repaired(patch: Patch) -> None:
    """A change that lost to the field's owner counts as agreed on, and the owner's flow is not told."""
    agree = remembering.agree

    def shrug(scope: Any, plan: Any, sides: Any, after: Record | None) -> Any:
        found = agree(scope, plan, sides, after)
        lost = any(decision is Decision.OWNER_KEEPS for decision in plan.decisions.values())
        return agree_wholly(scope, plan, sides, after) if lost else found

    patch.setattr(remembering, "agree", shrug)


def _searched(
    self: VariantReads, path: str, values: Sequence[str], *, fold: bool = False
) -> Mapping[str, Sequence[Record]]:
    """`VariantReads.find` without the look at the newest variants, which saves the app from mistakes that bugs make."""
    found: dict[str, dict[str, Record]] = {value: {} for value in values}
    asked = self._document("variants_found", both=True)
    for query in any_of(path, values):
        self._sort(found, path, search(self.client, asked, "productVariants", {"query": query}), fold=fold)
    return {value: list(records.values()) for value, records in found.items()}


def lookup_believed_at_once(patch: Patch) -> None:
    """After an unknown create the record is looked for at once, in the search index, and made anew if not found.

    The shop's marks need not be unique here, and the newest variants are not looked at beside the search: each of the
    two saves the app from this mistake by itself.
    """
    taken, release, held = VariantReads.taken, writing.release, looking.held

    def indexed(self: VariantReads, source_ids: Sequence[str]) -> tuple[Mapping[str, Record], Mapping[str, str]]:
        found = taken(self, source_ids)[0]
        shown = self.find("sku", [str(record.content["sku"]) for record in found.values()]) if found else {}
        seen = {record.id for records in shown.values() for record in records}
        return {source: record for source, record in found.items() if record.id in seen}, {}

    def at_once(batch: Batch, failed: list[tuple[Work, SyncError]]) -> None:
        now = batch.ports.clock.now()
        for work, error in failed:
            if isinstance(error, UnknownOutcome) and work.pair is not None and claiming.is_new(work):
                work.pair = replace(work.pair, lease_until=now)
        release(batch, failed)

    def free(pair: Any, now: datetime) -> Any:
        return None if pair.state is PairState.INTENT else held(pair, now)

    patch.setattr(metafield_checks, "_check_unique", lambda *given: None)
    patch.setattr(VariantReads, "find", _searched)
    patch.setattr(VariantReads, "taken", indexed)
    patch.setattr(writing, "release", at_once)
    patch.setattr(reading, "held", free)
    patch.setattr(looking, "held", free)


def journal_kept_of_the_redacted(patch: Patch) -> None:
    """Who is redacted is taken out of rows, but not out of pages and verdicts."""
    patch.setattr(erasing, "_edit", lambda state, name, edited: None)


def merged_customers_forgotten(patch: Patch) -> None:
    """Who is redacted is not looked for under the numbers that were merged into his."""
    patch.setattr(privacy, "merged_into", lambda app, shop, kept: [])


def who_comes_late_is_forgotten(patch: Patch) -> None:
    """An order waits for nobody, and is not read again for who was not there."""
    patch.setattr(Ways, "awaited", lambda self, kind, ids: set())
    patch.setattr(pending, "next_try", lambda record, now: None)


def draft_orders_not_looked_for(patch: Patch) -> None:
    """A document's draft order is made without a look whether one is there already."""
    patch.setattr(SaleReads, "drafts", lambda self, source_ids: {})


def _put(content: dict[str, Any], path: str, value: Any) -> None:
    """Set a value at a dotted path where its parents are there."""
    *parents, last = path.split(".")
    at: Any = content
    for part in parents:
        at = at.get(part) if isinstance(at, Mapping) else None
    if isinstance(at, dict):
        at[last] = value


BUGS: Mapping[str, Callable[[Patch], None]] = {
    bug.__name__: bug
    for bug in (
        cursor_saved_before_the_messages,
        no_intent_row,
        update_without_claim,
        digest_of_what_was_sent,
        journal_page_over_newer_content,
        delete_without_confirmation,
        lookup_believed_at_once,
        dropped_conflict_never_repaired,
        journal_kept_of_the_redacted,
        merged_customers_forgotten,
        who_comes_late_is_forgotten,
        draft_orders_not_looked_for,
    )
}
