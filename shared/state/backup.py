"""The pairs of a shop as plain values, and how they come back: rows of tables `crossrefs` and `lines`.

A backup holds ids, times, states and digests. Natural keys (an e-mail address, a phone number) and the claims on them
are left out: they matter only while a record is being created. Must never put an older row over a newer one, nor
decide which of two records a third belongs to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby, islice

from shared.errors import Busy, SyncError
from shared.records import Pair, PairState, Side
from shared.state import keys
from shared.state.commits import MARK, Answer, Commits, NewId, Refusal, Unit
from shared.state.pair_rows import CLAIM, from_row, is_pair, pointer
from shared.state.reads import InTurn, Pool, fetch
from shared.state.remedies import Remedies
from shared.state.store import State
from shared.state.tables import PAGE_ROWS, Change, Row, Verb

PAIRS, LINES = "crossrefs", "lines"
CHUNK = 50
"""Pairs of one transaction: each has two rows."""
_KEYS = frozenset({"natural_key", CLAIM, MARK})
_DIGESTS = ("bases_", "planned", "flips", "sent")
_PARENT = "parent"
REDACTED, CUSTOMERS = "redacted", "customers"
_REST = PairState.TOMBSTONE.value
_NEVER = datetime.min.replace(tzinfo=UTC)


def dump(state: State, shop: str, *, ids_only: bool = False) -> Iterator[tuple[str, Row]]:
    """(table, row) of everything that is known of a shop's pairs, page by page, in the order of the keys.

    `ids_only` leaves the digests out: a short value, such as a phone number, can be guessed from its digest.
    """
    for name in (PAIRS, LINES):
        for page in state.tables[name].beneath(f"{keys.join(shop)}~"):
            for row in page:
                if name == LINES or is_pair(row):  # a pointer to a pair follows from the pair
                    yield name, bare(row, ids_only=ids_only)


def bare(row: Row, *, ids_only: bool = False) -> Row:
    """The row as it is kept outside."""
    left_out = _DIGESTS if ids_only else ()
    kept = {name: value for name, value in row.values.items() if name not in _KEYS and not name.startswith(left_out)}
    return Row(row.partition, row.key, kept)


@dataclass
class Restored:
    """What became of the rows of a backup, by table. `contested`: pairs that the state contradicts, left out."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: {PAIRS: Counter(), LINES: Counter()})
    contested: list[Pair] = field(default_factory=list)


class Restore:
    """Puts rows back. Repeating it is harmless, and finishes what was broken off. `write` False only counts.

    A row is `added`, `replaced` (the state's is older), `kept` (the state's is newer, or says more), `same`,
    `contested`, or `busy` (a worker was writing it just then).
    """

    def __init__(self, state: State, pool: Pool, now: Callable[[], datetime], new_id: NewId, *, write: bool) -> None:
        self._state = state
        self._erased = {(keys.join(shop, CUSTOMERS), keys.pair_key(each)) for shop, each in erased(state)}
        self._pool = pool
        self._now = now
        self._write = write
        self._pairs = Commits(state.tables[PAIRS], pool, new_id)
        self._lines = Commits(state.tables[LINES], InTurn(), new_id)
        self._remedies = Remedies(state.tables[PAIRS], now)
        self._refused: set[str] = set()
        self.done = Restored()

    def pairs(self, rows: Iterable[Row]) -> None:
        """Rows of `crossrefs`, in the order of the keys."""
        for _, same in groupby(rows, lambda row: row.partition):
            while chunk := list(islice(same, CHUNK)):
                self._put_pairs(chunk)

    def lines(self, rows: Iterable[Row]) -> None:
        """Rows of `lines`, in the order of the keys, behind all pairs: only of pairs that were taken."""
        groups = _by_record(rows)
        while several := list(islice(groups, CHUNK)):
            for counts in self._pool.map(self._put_lines, several):
                self.done.counts[LINES].update(counts)

    def _put_pairs(self, rows: Sequence[Row]) -> None:
        there = fetch(self._state.tables[PAIRS], self._pool, rows[0].partition, [row.key for row in rows], dense=True)
        owners, units = self._owners(rows), list[Unit]()
        for row in map(self._resting, rows):
            saved = from_row(row)
            verdict = self._judge(saved, row, there.get(row.key), owners)
            if verdict == "contested":
                self.done.contested.append(saved)
                self._refused.add(f"{row.partition}~{keys.padded(saved.id_on(saved.born) or '')}")
            elif verdict in ("added", "replaced"):
                units.append(_unit(len(units), saved, row, there.get(row.key)))
            if verdict == "replaced" and self._write:
                self._state.lines.remove([saved])  # the backup's follow
            self.done.counts[PAIRS][verdict] += 1
        if self._write:
            self.done.counts[PAIRS]["busy"] += _errors(self._pairs.run(units, self._remedy))

    def _resting(self, row: Row) -> Row:
        """The pair of a person who was erased since is laid to rest, and keeps its ids only."""
        if (row.partition, row.key) not in self._erased:
            return row
        return replace(bare(row, ids_only=True), values={**bare(row, ids_only=True).values, "state": _REST})

    def _owners(self, rows: Sequence[Row]) -> Mapping[str, Pair]:
        """The living pairs that the state has of these CRM rows."""
        pairs = [from_row(row) for row in rows]
        ids = [pair.crm_id for pair in pairs if pair.crm_id]
        first = pairs[0]
        found = self._state.crossrefs.load(first.shop, first.kind, Side.CRM, ids, table=first.crm_table)
        return {key: pair for key, pair in found.items() if pair.state is not PairState.TOMBSTONE}

    def _judge(self, saved: Pair, row: Row, there: Row | None, owners: Mapping[str, Pair]) -> str:
        if there is None:
            owner = owners.get(saved.crm_id or "")
            taken = owner is not None and owner.shopify_id not in (None, saved.shopify_id)
            return "contested" if taken and saved.state is not PairState.TOMBSTONE else "added"
        if not is_pair(there):
            return "kept"  # what was being created then was created since
        known = from_row(there)
        if bare(there).values == row.values:
            return "same"
        if known.crm_id and saved.crm_id and known.crm_id != saved.crm_id:
            return "contested"
        held = known.lease_until is not None and known.lease_until > self._now()
        older = _stamp(known) < _stamp(saved) and known.state is not PairState.TOMBSTONE and not held
        return "replaced" if older else "kept"

    def _remedy(self, refusal: Refusal) -> Unit | Answer:
        return self._remedies.complete(refusal, own_intent=False)

    def _put_lines(self, rows: Sequence[Row]) -> Counter[str]:
        """The lines of one record, or some pointers."""
        place, table = rows[0].partition, self._state.tables[LINES]
        if place in self._refused:
            return Counter(contested=len(rows))
        if _PARENT in rows[0].values:
            there = fetch(table, InTurn(), place, [row.key for row in rows], dense=True)
        else:
            there = {row.key: row for page in table.pages(place) for row in page}
        known = {row.key for row in rows if row.key in there and bare(there[row.key]).values == row.values}
        if _PARENT not in rows[0].values and len(known) < len(there):
            return Counter(kept=len(rows))  # the state has other lines of this record, which are newer
        new = [row for row in rows if row.key not in there]
        units = [Unit(at, (Change(Verb.INSERT, row),)) for at, row in enumerate(new)]
        busy = _errors(self._lines.run(units, self._remedies.busy)) if self._write else 0
        return Counter(added=len(new), same=len(known), kept=len(rows) - len(new) - len(known), busy=busy)


def erased(state: State) -> frozenset[tuple[str, str]]:
    """Shop and customer of everybody whom Shopify had erased, as far as it was noted (shared/privacy.py)."""
    notes = (name.partition(" ") for name in state.notes.all())
    abouts = (about.partition(" ") for what, _, about in notes if what == REDACTED)
    return frozenset((shop, customer) for shop, _, customer in abouts)


def _by_record(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The lines of one record together, however many; pointers, of which a table has any number, by pages."""
    for (_, pointers), same in groupby(rows, lambda row: (row.partition, _PARENT in row.values)):
        while part := list(islice(same, PAGE_ROWS if pointers else None)):
            yield part


def _unit(index: int, saved: Pair, row: Row, there: Row | None) -> Unit:
    """The pair's row and, where both ids are agreed on, the pointer to it."""
    etag = there.etag if there is not None else ""
    change = Change(Verb.REPLACE if etag else Verb.INSERT, Row(row.partition, row.key, row.values, etag))
    if saved.state is PairState.INTENT or not (saved.shopify_id and saved.crm_id):
        return Unit(index, (change,))
    link = pointer(row.partition, keys.crm_key(saved.crm_table, saved.crm_id), [saved.shopify_id])
    return Unit(index, (change, Change(Verb.INSERT, link)))


def _errors(answers: Mapping[int, Answer]) -> int:
    """How many somebody else was writing. Raises what is no matter of one row."""
    errors = [answer for answer in answers.values() if isinstance(answer, SyncError)]
    other = next((error for error in errors if not isinstance(error, Busy)), None)
    if other is not None:
        raise other
    return len(errors)


def _stamp(pair: Pair) -> datetime:
    """When the pair was last known to agree."""
    moments = [*pair.read_at.values(), *pair.own_at.values(), *filter(None, [pair.paired_at])]
    return max(moments, default=_NEVER)
