"""Many conditional changes at the least cost: units packed into transactions, conflicts taken out, lost answers healed.

A unit is what must happen together (one pair's rows). Every transaction stamps its rows with a mark of its own: when
its answer is lost, or when the SDK's own repetition meets what the first try did, one read of that mark decides.
Must never report a unit as written that was not, nor as refused that was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from shared.errors import Busy, Rejected, Retryable, SyncError
from shared.state import limits
from shared.state.reads import Pool, fetch
from shared.state.tables import Change, Conflicted, Found, Row, Table, Verb

MARK = "mark"
_ROUNDS = 4
_BYTES = limits.TRANSACTION_BYTES - 64 * 1024
_WEED_AFTER = 2
NewId = Callable[[], str]


@dataclass(frozen=True, slots=True)
class Unit:
    """Changes of one partition that happen together; `index` names the unit for its caller."""

    index: int
    changes: tuple[Change, ...]

    @property
    def partition(self) -> str:
        """Where all its rows lie."""
        return self.changes[0].row.partition

    def without(self, position: int) -> Unit:
        """The unit less one change."""
        return replace(self, changes=self.changes[:position] + self.changes[position + 1 :])

    def with_change(self, position: int, change: Change) -> Unit:
        """The unit with one change put in another's place."""
        return replace(self, changes=(*self.changes[:position], change, *self.changes[position + 1 :]))


Answer = list[str] | SyncError
Remedy = Callable[[Unit, int, Found], Unit | Answer]
"""What to do about the change at that position that met another row: a changed unit to try, or the final answer."""


class Commits:
    """Carries units out on one table. `new_id` gives marks; equal ones would confuse two writers."""

    def __init__(self, table: Table, pool: Pool, new_id: NewId) -> None:
        self._table = table
        self._pool = pool
        self._new_id = new_id

    def run(self, units: Sequence[Unit], remedy: Remedy) -> dict[int, Answer]:
        """Per unit its rows' new etags (in the order of its changes) or its error. Raises Misconfigured only."""
        answers: dict[int, Answer] = {}
        waiting = [unit for unit in units if self._fits(unit, answers)]
        for _ in range(_ROUNDS):
            refused: list[tuple[Unit, int, Found]] = []
            for batch in packed(waiting):
                refused += self._commit(batch, answers)
            waiting = []
            for unit, position, found in refused:
                changed = remedy(unit, position, found)
                if isinstance(changed, Unit):
                    waiting.append(changed)
                else:
                    answers[unit.index] = changed
            if not waiting:
                return answers
        answers.update({unit.index: Busy("Too many processes want this record.") for unit in waiting})
        return answers

    def _fits(self, unit: Unit, answers: dict[int, Answer]) -> bool:
        try:
            for change in unit.changes:
                limits.check_row(change.row.partition, change.row.key, change.row.values)
        except Rejected as error:
            answers[unit.index] = error
            return False
        return True

    def _commit(self, batch: list[Unit], answers: dict[int, Answer]) -> list[tuple[Unit, int, Found]]:
        """Submit until what is left goes through; returns the units that met another row."""
        refused: list[tuple[Unit, int, Found]] = []
        while batch:
            try:
                etags = iter(self._submit([change for unit in batch for change in unit.changes]))
            except Conflicted as conflict:
                unit, position = _located(batch, conflict.index)
                refused.append((unit, position, conflict.found))
                batch = [other for other in batch if other is not unit]
                if len(refused) == _WEED_AFTER:  # others will follow: look once instead of failing once for each
                    batch = self._weeded(batch, refused)
            except (Retryable, Rejected) as error:
                answers.update({unit.index: error for unit in batch})
                return refused
            else:
                for unit in batch:
                    answers[unit.index] = _moved_on_or(unit, [next(etags) for _ in unit.changes])
                return refused
        return refused

    def _submit(self, changes: list[Change]) -> list[str]:
        mark = self._new_id()
        marked = [change if change.verb is Verb.DELETE else _marked(change, mark) for change in changes]
        try:
            return self._table.submit(marked)
        except Retryable:  # Conflicted is one: the SDK repeats by itself and then meets its own first try
            etags = self._landed(marked, mark)
            if etags is None:
                raise
            return etags

    def _landed(self, changes: list[Change], mark: str) -> list[str] | None:
        """The etags of a transaction that happened although its answer says otherwise, or None.

        A row that somebody has changed since then gives '': its writer must not trust what it knows.
        """
        place = changes[0].row.partition
        written = [change.row.key for change in changes if change.verb is not Verb.DELETE]
        try:
            if not written:
                left = fetch(self._table, self._pool, place, [change.row.key for change in changes])
                return None if left else [""] * len(changes)
            probe = self._table.get(place, written[0])
            if probe is None or probe.values.get(MARK) != mark:
                return None
            rows = {probe.key: probe, **fetch(self._table, self._pool, place, written[1:])}
        except Retryable:
            return None  # the storage service is not to be reached: the first error stands
        return [_etag_if_ours(rows.get(change.row.key), mark) for change in changes]

    def _weeded(self, batch: list[Unit], refused: list[tuple[Unit, int, Found]]) -> list[Unit]:
        """Take out all units whose rows are not as they expect, by reading them once."""
        if not batch:
            return batch
        keys = [change.row.key for unit in batch for change in unit.changes]
        rows = fetch(self._table, self._pool, batch[0].partition, keys)
        kept = []
        for unit in batch:
            obstacles = [(at, found) for at, change in enumerate(unit.changes) if (found := _obstacle(change, rows))]
            if obstacles:
                refused.append((unit, *obstacles[0]))
            else:
                kept.append(unit)
        return kept


def packed(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """Transactions of whole units: one partition, at most 100 rows and 4 MiB, no row twice."""
    waiting = list(units)
    while waiting:
        batch: list[Unit] = []
        keys: set[str] = set()
        size, later = 0, []
        for unit in waiting:
            own = [change.row.key for change in unit.changes]
            weight = sum(limits.wire_bytes(change.row.values) for change in unit.changes)
            fits = len(keys) + len(own) <= limits.TRANSACTION_ROWS and size + weight <= _BYTES
            if batch and (not fits or unit.partition != batch[0].partition or not keys.isdisjoint(own)):
                later.append(unit)
                continue
            batch.append(unit)
            keys.update(own)
            size += weight
        yield batch
        waiting = later


def _located(batch: Sequence[Unit], index: int) -> tuple[Unit, int]:
    for unit in batch:
        if index < len(unit.changes):
            return unit, index
        index -= len(unit.changes)
    raise IndexError("the service named a change that was not sent")


def _marked(change: Change, mark: str) -> Change:
    return replace(change, row=replace(change.row, values={**change.row.values, MARK: mark}))


def _etag_if_ours(row: Row | None, mark: str) -> str:
    return row.etag if row is not None and row.values.get(MARK) == mark else ""


def _moved_on_or(unit: Unit, etags: list[str]) -> Answer:
    lost = any(not etag and change.verb is not Verb.DELETE for etag, change in zip(etags, unit.changes, strict=True))
    return Busy("Another process changed this record right after the write.") if lost else etags


def _obstacle(change: Change, rows: dict[str, Row]) -> Found | None:
    present = rows.get(change.row.key)
    if change.verb is Verb.INSERT:
        return Found.EXISTS if present else None
    if present is None:
        return None if change.verb is Verb.UPSERT else Found.MISSING
    return Found.MOVED if change.row.etag and change.row.etag != present.etag else None
