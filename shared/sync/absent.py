"""Deletes inferred from a full listing: every pair older than the listing's start is asked for by its id.

A record that the listing gave out answers as it did then and costs no write; one that is gone is confirmed by that
very read and laid to rest by the engine. This needs no order of ids and no memory of what was listed, and costs one
more batch read of the paired records per full listing. Never decides that something was deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from shared.records import Pair, PairState
from shared.sync.flow import Job
from shared.sync.ports import CrossRefs

PAGE = 250
"""Ids in one message."""


@dataclass(frozen=True, slots=True)
class Suspects:
    """Source ids to be confirmed, and the Shopify id of the pair they reach up to."""

    ids: tuple[str, ...]
    upto: str


def suspects(job: Job, crossrefs: CrossRefs, *, before: datetime, after: str) -> Iterator[Suspects]:
    """Pages of source ids whose pairs are older than `before`, going on behind the Shopify id `after`.

    None where the source hides records from us: what it does not show may be there all the same.
    """
    whole = job.beside.whole
    if whole is not None and not whole():
        return
    ids: list[str] = []
    upto = ""
    for pair in crossrefs.scan(job.shop, job.flow.kind, after=after):
        upto = pair.shopify_id or upto
        source_id = pair.id_on(job.flow.source)
        if source_id is None or not _older(pair, before):
            continue
        ids.append(source_id)
        if len(ids) == PAGE:
            yield Suspects(tuple(ids), upto)
            ids = []
    if ids:
        yield Suspects(tuple(ids), upto)


def _older(pair: Pair, before: datetime) -> bool:
    """Whether the listing had to give the record out. An intent is as old as its lease: its create may have landed."""
    if pair.state is PairState.TOMBSTONE:
        return False
    moment = pair.lease_until if pair.state is PairState.INTENT else pair.paired_at
    return moment is not None and moment < before
