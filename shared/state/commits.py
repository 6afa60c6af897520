"""Many conditional changes at the least cost: units packed into transactions, conflicts taken out, lost answers healed.

A unit is what must happen together (one pair's rows). Every transaction stamps its rows with a mark of its own: when
its answer is lost, or when the SDK's own repetition meets what the first try did, one read of that mark decides.
Must never report a unit as written that was not, nor as refused that was.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from shared.errors import Busy, Rejected, Retryable, SyncError
from shared.state import limits
from shared.state.reads import Pool, fetch
from shared.state.tables import Change, Conflicted, Found, Row, Table, Verb

MARK = "mark"
_ROUNDS = 4
_BYTES = limits.TRANSACTION_BYTES - 64 * 1024
_WEED_AT = (2, 4)
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

    @property
    def keys(self) -> set[str]:
        """The rows it touches."""
        return {change.row.key for change in self.changes}

    @property
    def weight(self) -> int:
        """About how many bytes it takes in a transaction's body."""
        return sum(limits.wire_bytes(change.row.values) for change in self.changes)

    def without(self, position: int) -> Unit:
        """The unit less one change."""
        return replace(self, changes=self.changes[:position] + self.changes[position + 1 :])

    def with_change(self, position: int, change: Change) -> Unit:
        """The unit with one change put in another's place."""
        return replace(self, changes=(*self.changes[:position], change, *self.changes[position + 1 :]))


Answer = list[str] | SyncError


@dataclass(frozen=True, slots=True)
class Refusal:
    """A unit whose change at that position met another row than expected; `row` is what lies there now."""

    unit: Unit
    at: int
    found: Found
    row: Row | None

    @property
    def change(self) -> Change:
        """The change that was refused."""
        return self.unit.changes[self.at]


Remedy = Callable[[Refusal], Unit | Answer]
"""What to do about a refusal: a changed unit to try, or the final answer."""


class Commits:
    """Carries units out on one table. `new_id` gives marks; equal ones would confuse two writers."""

    def __init__(self, table: Table, pool: Pool, new_id: NewId) -> None:
        self._table = table
        self._pool = pool
        self._new_id = new_id

    def run(self, units: Sequence[Unit], remedy: Remedy) -> dict[int, Answer]:
        """Per unit its rows' new etags (in the order of its changes) or its error. Raises Misconfigured only."""
        answers: dict[int, Answer] = {}
        waiting = [unit for unit in units if _fits(unit, answers)]
        for _ in range(_ROUNDS):
            refused = [refusal for batch in packed(waiting) for refusal in self._commit(batch, answers)]
            waiting = []
            for refusal in refused:
                changed = _remedied(refusal, remedy)
                if isinstance(changed, Unit):
                    waiting.append(changed)
                else:
                    answers[refusal.unit.index] = changed
            if not waiting:
                return answers
        answers.update({unit.index: Busy("Too many processes want this record.") for unit in waiting})
        return answers

    def _commit(self, batch: list[Unit], answers: dict[int, Answer]) -> list[Refusal]:
        """Submit until what is left goes through; returns the units that met another row."""
        refused: list[Refusal] = []
        conflicts = 0
        while batch:
            try:
                done = self._submit(batch)
            except (Retryable, Rejected) as error:
                answers.update({unit.index: error for unit in batch})
                return refused
            if not isinstance(done, Refusal):
                answers.update(done)
                return refused
            refused.append(done)
            batch = [unit for unit in batch if unit is not done.unit]
            conflicts += 1
            if conflicts in _WEED_AT:  # others will follow: look once instead of failing once for each
                batch = self._weeded(batch, refused, whole=conflicts > _WEED_AT[0])
        return refused

    def _submit(self, batch: list[Unit]) -> dict[int, Answer] | Refusal:
        """One transaction: its answers, or the first unit that met another row. Raises what the table raises."""
        mark = self._new_id()
        changes = [_marked(change, mark) for unit in batch for change in unit.changes]
        try:
            etags = self._table.submit(changes)
        except Conflicted as conflict:
            unit, at = _located(batch, conflict.index)
            row = self._table.get(unit.partition, unit.changes[at].row.key)
            if row is None or row.values.get(MARK) != mark:
                return Refusal(unit, at, conflict.found, row)
            etags = self._landed(changes, mark)  # the SDK had repeated it and met what its first try did
        except Retryable:
            if not self._has_landed(changes, mark):
                raise
            etags = self._landed(changes, mark)
        return _answers(batch, iter(etags))

    def _has_landed(self, changes: Sequence[Change], mark: str) -> bool:
        """Whether a transaction happened although its answer was lost. Raises where that cannot be read either."""
        place = changes[0].row.partition
        written = next((change.row.key for change in changes if change.verb is not Verb.DELETE), None)
        if written is None:
            return not fetch(self._table, self._pool, place, [change.row.key for change in changes])
        row = self._table.get(place, written)
        return row is not None and row.values.get(MARK) == mark

    def _landed(self, changes: Sequence[Change], mark: str) -> list[str]:
        """The etags of a transaction that happened; '' for a row that somebody has changed since."""
        keys = [change.row.key for change in changes if change.verb is not Verb.DELETE]
        rows = fetch(self._table, self._pool, changes[0].row.partition, keys)
        ours = {key: row.etag for key, row in rows.items() if row.values.get(MARK) == mark}
        return [ours.get(change.row.key, "") for change in changes]

    def _weeded(self, batch: list[Unit], refused: list[Refusal], *, whole: bool) -> list[Unit]:
        """Take out all units whose first rows (or, `whole`, any rows) are not as they expect, by one read of all."""
        if not batch:
            return batch
        depth = None if whole else 1
        keys = [change.row.key for unit in batch for change in unit.changes[:depth]]
        rows = fetch(self._table, self._pool, batch[0].partition, keys, dense=not whole)
        kept = []
        for unit in batch:
            refusal = _foreseen(unit, rows, depth)
            if refusal:
                refused.append(refusal)
            else:
                kept.append(unit)
        return kept


def packed(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """Transactions of whole units: one partition, at most 100 rows and 4 MiB, no row twice."""
    waiting = deque(units)
    while waiting:
        batch, later = [waiting.popleft()], []
        keys, size = batch[0].keys, batch[0].weight
        while waiting and len(keys) < limits.TRANSACTION_ROWS:
            unit = waiting.popleft()
            own = unit.keys
            if len(keys) + len(own) > limits.TRANSACTION_ROWS or size + unit.weight > _BYTES:
                later.append(unit)
                break
            if unit.partition != batch[0].partition or not keys.isdisjoint(own):
                later.append(unit)
                continue
            batch.append(unit)
            keys |= own
            size += unit.weight
        yield batch
        waiting.extendleft(reversed(later))


def _fits(unit: Unit, answers: dict[int, Answer]) -> bool:
    try:
        for change in unit.changes:
            limits.check_row(change.row.partition, change.row.key, change.row.values)
    except Rejected as error:
        answers[unit.index] = error
        return False
    return True


def _remedied(refusal: Refusal, remedy: Remedy) -> Unit | Answer:
    try:
        return remedy(refusal)
    except Retryable as error:
        return error


def _located(batch: Sequence[Unit], index: int) -> tuple[Unit, int]:
    for unit in batch:
        if index < len(unit.changes):
            return unit, index
        index -= len(unit.changes)
    raise IndexError("the service named a change that was not sent")


def _marked(change: Change, mark: str) -> Change:
    if change.verb is Verb.DELETE:
        return change
    return replace(change, row=replace(change.row, values={**change.row.values, MARK: mark}))


def _answers(batch: Sequence[Unit], etags: Iterator[str]) -> dict[int, Answer]:
    answers: dict[int, Answer] = {}
    for unit in batch:
        own = [next(etags) for _ in unit.changes]
        lost = any(not etag and change.verb is not Verb.DELETE for etag, change in zip(own, unit.changes, strict=True))
        answers[unit.index] = Busy("Another process changed this record right after the write.") if lost else own
    return answers


def _foreseen(unit: Unit, rows: Mapping[str, Row], depth: int | None) -> Refusal | None:
    """The refusal that a submit would bring, seen from the rows as they are."""
    for at, change in enumerate(unit.changes[:depth]):
        row = rows.get(change.row.key)
        if change.verb is Verb.INSERT:
            found = Found.EXISTS if row else None
        elif row is None:
            found = Found.MISSING
        else:
            found = Found.MOVED if change.row.etag and change.row.etag != row.etag else None
        if found:
            return Refusal(unit, at, found, row)
    return None
