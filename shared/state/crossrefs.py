"""The pairs: which Shopify record and which CRM row are the same, kept so that no create can happen twice.

Rows of table `crossrefs`, one partition per shop and kind: `s~{id}` a pair, `c~{id}~{table}` the Shopify ids of a
CRM row (or the intent of a record born there), `k~{digest}` who claims a natural key. Must never change a row
without the version that was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from shared.errors import SyncError
from shared.records import Pair, PairState, Side
from shared.state import keys, units
from shared.state.commits import Answer, Commits, NewId, Refusal, Remedy, Unit
from shared.state.pair_rows import ANCHOR, CLAIM, Version, from_row, is_pair, partition, pointed, stored
from shared.state.reads import Pool, fetch, fetch_prefixed
from shared.state.remedies import Remedies
from shared.state.tables import Row, Table, Verb

_END_OF_PAIRS = "t"  # sorts after every key that begins with 's~'
Result = Pair | SyncError


class StoredCrossRefs:
    """ports.CrossRefs on a table."""

    def __init__(self, table: Table, pool: Pool, now: Callable[[], datetime], new_id: NewId) -> None:
        self._table = table
        self._pool = pool
        self._now = now
        self._commits = Commits(table, pool, new_id)
        self._remedies = Remedies(table, now)

    def load(
        self, shop: str, kind: str, side: Side, ids: Sequence[str], *, dense: bool = False, table: str = ""
    ) -> Mapping[str, Pair]:
        """Pairs by that side's id, intents included; of several that share a CRM row, the first that is not gone.

        `dense`: the ids are one stretch of a listing in id order, so one range is read. `table` narrows CRM ids to
        one table and makes their look-up a point read.
        """
        if side is Side.CRM:
            every = self.sharing(shop, kind, ids, dense=dense, table=table)
            return {identifier: _living_first(pairs) for identifier, pairs in every.items()}
        by_key = {keys.pair_key(identifier): identifier for identifier in ids}
        rows = fetch(self._table, self._pool, partition(shop, kind), list(by_key), dense=dense)
        return {by_key[key]: from_row(row) for key, row in rows.items()}

    def sharing(
        self, shop: str, kind: str, crm_ids: Sequence[str], *, dense: bool = False, table: str = ""
    ) -> Mapping[str, Sequence[Pair]]:
        """All pairs of each CRM id: several customers may share one account. Ids without a pair are left out."""
        place = partition(shop, kind)
        rows = self._crm_rows(place, crm_ids, dense=dense, table=table)
        wanted = {keys.pair_key(shopify_id) for row in rows if not is_pair(row) for shopify_id in pointed(row)}
        pairs = {
            key: from_row(row) for key, row in fetch(self._table, self._pool, place, list(wanted), dense=dense).items()
        }
        found: dict[str, list[Pair]] = {}
        for row in rows:
            identifier = keys.split(row.key)[1]
            own = (
                [from_row(row)]
                if is_pair(row)
                else [pair for shopify_id in pointed(row) if (pair := pairs.get(keys.pair_key(shopify_id)))]
            )
            for pair in own:  # a pair that was made anew with another CRM row has left an old pointer behind
                if (pair.crm_id or "").lower() == identifier:
                    found.setdefault(identifier, []).append(pair)
        return {asked: found[asked.lower()] for asked in crm_ids if asked.lower() in found}

    def scan(self, shop: str, kind: str, *, after: str = "") -> Iterable[Pair]:
        """All pairs, page by page, in Shopify id order (intents of records born in CRM are not among them)."""
        first = f"{keys.pair_key(after)}!" if after else "s~"  # '!' sorts before all else that a key can go on with
        for rows in self._table.pages(partition(shop, kind), first, _END_OF_PAIRS):
            yield from map(from_row, rows)

    def claiming(self, shop: str, kind: str) -> Iterable[Pair]:
        """The open intents that hold a claim: the only pairs that carry a natural key in clear text."""
        place = partition(shop, kind)
        for rows in self._table.pages(place, "k~", "k~~"):
            anchors = fetch(self._table, self._pool, place, [str(row.values[ANCHOR]) for row in rows])
            yield from (from_row(row) for row in anchors.values() if is_pair(row))

    def begin(self, pairs: Sequence[Pair]) -> Sequence[Result]:
        """Insert intents with their claims, two rows a pair; a pair with a version takes its row over under it."""
        return self._run(pairs, units.beginning, self._remedies.begin)

    def save(self, pairs: Sequence[Pair]) -> Sequence[Result]:
        """Replace rows under their versions, up to 100 pairs a transaction."""
        return self._run(pairs, units.saving, self._remedies.busy)

    def complete(self, pairs: Sequence[Pair]) -> Sequence[Result]:
        """Both ids known: s~ inserted or replaced, c~ a pointer to it, the claim gone, in one transaction each.

        An INTENT is stored as PAIRED, without holder and lease; any other state is stored as given. A pair without
        a version is an adoption: both rows are new. An expired intent of the same CRM row is taken over.
        """
        finished = [units.finished(pair, self._now()) for pair in pairs]
        anchored = {index for index, pair in enumerate(finished) if (of := Version.of(pair)) and of.crm_anchored}

        def remedy(refusal: Refusal) -> Unit | Answer:
            return self._remedies.complete(refusal, own_intent=refusal.unit.index in anchored)

        return self._run(finished, units.completion, remedy)

    def abandon(self, pairs: Sequence[Pair]) -> Sequence[Result]:
        """Take intents back: anchor and claim are deleted under the version; what is gone already is fine."""
        return self._run(pairs, units.abandonment, self._remedies.abandon)

    def _run(self, pairs: Sequence[Pair], make: units.Maker, remedy: Remedy) -> list[Result]:
        made = [make(index, pair) for index, pair in enumerate(pairs)]
        answers = self._commits.run([unit for unit in made if isinstance(unit, Unit)], remedy)
        return [
            unit if isinstance(unit, SyncError) else _result(pair, unit, answers[index])
            for index, (pair, unit) in enumerate(zip(pairs, made, strict=True))
        ]

    def _crm_rows(self, place: str, crm_ids: Sequence[str], *, dense: bool, table: str) -> list[Row]:
        if table:
            by_point = [keys.crm_key(table, identifier) for identifier in crm_ids]
            return list(fetch(self._table, self._pool, place, by_point, dense=dense).values())
        prefixes = sorted({keys.crm_prefix(identifier) for identifier in crm_ids})
        return fetch_prefixed(self._table, self._pool, place, prefixes, dense=dense)


def _result(pair: Pair, unit: Unit, answer: Answer) -> Result:
    if isinstance(answer, SyncError):
        return answer
    first = unit.changes[0]
    if first.verb is Verb.DELETE:
        return replace(pair, version=None)
    return stored(pair, first.row.key, str(first.row.values.get(CLAIM, "")), answer[0])


def _living_first(pairs: Sequence[Pair]) -> Pair:
    return next((pair for pair in pairs if pair.state is not PairState.TOMBSTONE), pairs[0])
