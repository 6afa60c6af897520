"""How a pair lies in the `crossrefs` table: its columns, its anchor, and what its version means.

A row is replaced whole and columns that this code does not know are dropped, on purpose: after a rollback a kept
column would speak of a pair that has moved on, and a later version takes a missing one for its default. Must never
put a natural key or any other personal data into a key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from shared.records import Flip, Pair, PairState, Side
from shared.state import keys
from shared.state.tables import Row, Value

CLAIM = "claim"
IDS = "ids"
ANCHOR = "anchor"


@dataclass(frozen=True, slots=True)
class Version:
    """What `Pair.version` says: under which row the pair is anchored, which claim it holds, and that row's ETag."""

    key: str
    claim: str
    etag: str

    def text(self) -> str:
        """The opaque form a Pair carries."""
        return json.dumps([self.key, self.claim, self.etag], separators=(",", ":"))

    @staticmethod
    def of(pair: Pair) -> Version | None:
        """The version of a pair that was stored before."""
        return None if pair.version is None else Version(*json.loads(pair.version))

    @property
    def crm_anchored(self) -> bool:
        """Whether the pair still lies under its CRM id: born there, Shopify id not known yet."""
        return self.key.startswith("c~")


def partition(shop: str, kind: str) -> str:
    """The PartitionKey of a shop's kind."""
    return keys.join(shop, kind)


def first_anchor(pair: Pair) -> str:
    """The row a new intent is inserted under: its source's key."""
    if pair.born is Side.SHOPIFY:
        return keys.pair_key(pair.shopify_id or "")
    return keys.crm_key(pair.crm_table, pair.crm_id or "")


def to_row(pair: Pair, key: str, *, claim: str, etag: str = "") -> Row:
    """The pair as a row under `key`; absent values take no column."""
    columns: dict[str, Value | None] = {
        "born": pair.born.value,
        "state": pair.state.value,
        "crm_table": pair.crm_table,
        "shopify_id": pair.shopify_id,
        "crm_id": pair.crm_id,
        "natural_key": pair.natural_key,
        "holder": pair.holder,
        "lease_until": _time(pair.lease_until),
        "paired_at": _time(pair.paired_at),
        "evidence": pair.evidence or None,
        "chosen": pair.chosen or None,
        "planned": _json(pair.planned),
        "mappings": _json(pair.mappings),
        "flips": _json({name: _flip(flip) for name, flip in pair.flips.items()}),
        "moved": ",".join(sorted(side.value for side in pair.moved)) or None,
        "attempt": pair.attempt or None,
        "generation": pair.generation or None,
        CLAIM: claim or None,
    }
    for side in Side:
        columns[f"bases_{side.value}"] = _json(pair.bases.get(side))
        columns[f"read_at_{side.value}"] = _time(pair.read_at.get(side))
        columns[f"own_at_{side.value}"] = _time(pair.own_at.get(side))
    values = {name: value for name, value in columns.items() if value is not None}
    return Row(partition(pair.shop, pair.kind), key, values, etag)


def from_row(row: Row) -> Pair:
    """The pair that a row holds, with the version that its next change needs."""
    get, (shop, kind) = row.values.get, keys.split(row.partition)
    return Pair(
        shop=shop,
        kind=kind,
        born=Side(str(get("born"))),
        state=PairState(str(get("state"))),
        crm_table=str(get("crm_table", "")),
        shopify_id=_text(get("shopify_id")),
        crm_id=_text(get("crm_id")),
        natural_key=_text(get("natural_key")),
        holder=_text(get("holder")),
        lease_until=moment(get("lease_until")),
        planned=_mapping(get("planned")),
        moved=frozenset(Side(name) for name in str(get("moved") or "").split(",") if name),
        bases={side: _mapping(text) for side in Side if (text := get(f"bases_{side.value}"))},
        read_at=_moments(row, "read_at"),
        own_at=_moments(row, "own_at"),
        mappings=_mapping(get("mappings")),
        flips={name: _unflip(flip) for name, flip in _mapping(get("flips")).items()},
        attempt=int(get("attempt") or 0),
        generation=int(get("generation") or 0),
        paired_at=moment(get("paired_at")),
        evidence=str(get("evidence") or ""),
        chosen=str(get("chosen") or ""),
        version=Version(row.key, str(get(CLAIM) or ""), row.etag).text(),
    )


def stored(pair: Pair, key: str, claim: str, etag: str) -> Pair:
    """The pair as it is after a write, carrying its new version."""
    return replace(pair, version=Version(key, claim, etag).text())


def is_pair(row: Row) -> bool:
    """Whether a row holds a pair (a c~ row may hold one, or a pointer)."""
    return "state" in row.values


def pointer(place: str, key: str, shopify_ids: list[str], etag: str = "") -> Row:
    """A c~ row that leads to the pairs of a CRM row."""
    return Row(place, key, {IDS: json.dumps(shopify_ids, separators=(",", ":"))}, etag)


def pointed(row: Row) -> list[str]:
    """The Shopify ids that a pointer holds."""
    return [str(identifier) for identifier in json.loads(str(row.values.get(IDS, "[]")))]


def claim_row(place: str, claim: str, anchor: str, etag: str = "") -> Row:
    """A k~ row: which anchor holds a natural key."""
    return Row(place, claim, {ANCHOR: anchor}, etag)


def lease_expired(row: Row, now: datetime) -> bool:
    """Whether nobody holds the intent in this row any more."""
    until = moment(row.values.get("lease_until"))
    return until is None or until <= now


def _json(values: Mapping[str, Any] | None) -> str | None:
    return json.dumps(dict(values), separators=(",", ":")) if values else None


def _mapping(text: Value | None) -> dict[str, Any]:
    return dict(json.loads(str(text))) if text else {}


def _flip(flip: Flip) -> list[object]:
    return [flip.last, flip.before, flip.count, _time(flip.since)]


def _unflip(values: list[Any]) -> Flip:
    return Flip(values[0], values[1], values[2], datetime.fromisoformat(values[3]))


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def moment(text: Value | None) -> datetime | None:
    """A stored time, or None."""
    return datetime.fromisoformat(str(text)) if text else None


def _moments(row: Row, column: str) -> dict[Side, datetime]:
    found = {side: moment(row.values.get(f"{column}_{side.value}")) for side in Side}
    return {side: moment for side, moment in found.items() if moment is not None}


def _text(value: Value | None) -> str | None:
    return None if value is None else str(value)
