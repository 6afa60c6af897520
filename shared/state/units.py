"""Which rows each change of a pair touches: begin, save, complete, abandon as units for commits.py.

Pure: nothing is read or written here. The first change of a unit is always the row that holds the pair afterwards.
Must never touch a claim that the stored row does not say is its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from shared.errors import Invalid, SyncError
from shared.records import Pair, PairState
from shared.state import keys
from shared.state.commits import Unit
from shared.state.pair_rows import Version, claim_row, first_anchor, partition, pointer, to_row
from shared.state.tables import Change, Row, Verb

Maker = Callable[[int, Pair], Unit | SyncError]
_OPEN = {PairState.INTENT, PairState.WRITING}


def beginning(index: int, pair: Pair) -> Unit | SyncError:
    """The anchor under the source's key (or the row taken over) and the claim on the natural key."""
    if not (pair.shopify_id or pair.crm_id):
        return Invalid("A pair needs the id of its source.")
    version = Version.of(pair)
    claim = keys.claim_key(pair.natural_key) if pair.natural_key and pair.state in _OPEN else ""
    key = version.key if version else first_anchor(pair)
    row = to_row(pair, key, claim=claim, etag=version.etag if version else "")
    changes = [Change(Verb.REPLACE if version else Verb.INSERT, row)]
    held = version.claim if version else ""
    if claim and claim != held:
        changes.append(Change(Verb.INSERT, claim_row(row.partition, claim, key)))
    if held and claim != held:
        changes.append(Change(Verb.DELETE, Row(row.partition, held)))
    return Unit(index, tuple(changes))


def saving(index: int, pair: Pair) -> Unit | SyncError:
    """The row the pair lies in, under its version."""
    version = Version.of(pair)
    if version is None:
        return Invalid("A pair that was never stored cannot be saved: begin or complete it first.")
    return Unit(index, (Change(Verb.REPLACE, to_row(pair, version.key, claim=version.claim, etag=version.etag)),))


def finished(pair: Pair, now: datetime) -> Pair:
    """The pair as `complete` stores it: an intent has become PAIRED, nobody holds it."""
    if pair.state is not PairState.INTENT:
        return pair
    return replace(pair, state=PairState.PAIRED, holder=None, lease_until=None, paired_at=pair.paired_at or now)


def completion(index: int, pair: Pair) -> Unit | SyncError:
    """s~ with the pair, c~ with the Shopify id, no claim."""
    if not (pair.shopify_id and pair.crm_id):
        return Invalid("A pair is complete only when both ids are known.")
    version, place = Version.of(pair), partition(pair.shop, pair.kind)
    key, crm_key = keys.pair_key(pair.shopify_id), keys.crm_key(pair.crm_table, pair.crm_id)
    if version and version.key not in {key, crm_key}:
        return Invalid("A pair cannot be completed under another id than it was begun with.")
    own = version.etag if version and not version.crm_anchored else ""
    link = version.etag if version and version.crm_anchored else ""
    changes = [
        Change(Verb.REPLACE if own else Verb.INSERT, to_row(pair, key, claim="", etag=own)),
        Change(Verb.REPLACE if link else Verb.INSERT, pointer(place, crm_key, [pair.shopify_id], link)),
    ]
    if version and version.claim:
        changes.append(Change(Verb.DELETE, Row(place, version.claim)))
    return Unit(index, tuple(changes))


def abandonment(index: int, pair: Pair) -> Unit | SyncError:
    """The anchor and its claim, both away."""
    version, place = Version.of(pair), partition(pair.shop, pair.kind)
    if version is None:
        return Invalid("A pair that was never stored cannot be abandoned.")
    changes = [Change(Verb.DELETE, Row(place, version.key, etag=version.etag))]
    if version.claim:
        changes.append(Change(Verb.DELETE, Row(place, version.claim)))
    return Unit(index, tuple(changes))
