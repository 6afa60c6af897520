"""Sends a page of writes: one batch, one changeset a record, and the read-back of all of them as the last part.

Write and read-back are one round trip. What a life cycle can solve (revise, then change, then publish) goes out in a
second batch for those records alone. A record with more lines than a batch takes goes out in several changesets, its
header first. Every write gets a result, in order; nothing is repeated blindly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from shared.dataverse import odata
from shared.dataverse.batch import MAX_BYTES, MAX_PARTS, Item, Operation, Part, Result, operations_in, size_of
from shared.dataverse.client import BatchReply, Client, refusal, rows_of
from shared.dataverse.collections import named
from shared.dataverse.edits import UNFINISHED, Edit, Editor, Lifecycle
from shared.dataverse.faults import KEY_EXISTS, NUMBER_EXISTS, AlreadyExists, RowChanged, RowGone
from shared.dataverse.selection import Selection
from shared.dataverse.values import same
from shared.errors import Invalid, Retryable, SyncError, UnknownOutcome
from shared.lines import PARTLY, ROW
from shared.records import Record, Write, WriteResult, Written

_TRIES = 4
"""A first try, and one for each thing a life cycle can solve: publish, revise, take off the list."""
_ROOM = 0.8
"""The share of a batch's limits that is used, the rest being boundaries and the read-back."""


@dataclass(slots=True)
class _Job:
    """One write on its way: what to send next, and what was refused so far. `follows`: a part of it is written."""

    index: int
    edit: Edit
    operations: tuple[Operation, ...]
    refused: frozenset[str] = field(default_factory=frozenset)
    follows: bool = False


class Writer:
    """Writes records of one configuration."""

    def __init__(self, client: Client, selection: Selection, editor: Editor, lifecycle: Lifecycle) -> None:
        self._client = client
        self._selection = selection
        self._editor = editor
        self._lifecycle = lifecycle

    def write(self, writes: Sequence[Write]) -> list[WriteResult]:
        """All of them; one result per write in order."""
        results: dict[int, WriteResult] = {}
        jobs: list[_Job] = []
        for index, write in enumerate(writes):
            try:
                jobs.append(self._job(index, self._editor.edit(write)))
            except SyncError as error:
                results[index] = error
        jobs = [job for job in jobs if self._ahead(job, results)]
        for _ in range(_TRIES):
            jobs = [again for group in _groups(jobs) for again in self._send(group, results)]
        return [results[index] for index in range(len(writes))]

    def _job(self, index: int, edit: Edit) -> _Job:
        """What to send of a record: what does not fit into one batch says so on its header until it is all there."""
        operations = self._lifecycle.operations(edit, frozenset()) or ()
        if edit.pending and len(_parts(operations)) > 1:
            edit = replace(edit, fields={**edit.fields, edit.pending: UNFINISHED}, unfinished=True)
            operations = self._lifecycle.operations(edit, frozenset()) or ()
        return _Job(index, edit, operations)

    def _ahead(self, job: _Job, results: dict[int, WriteResult]) -> bool:
        """Send all of a large record but its last part, each a changeset of its own; whether the last may follow."""
        *parts, last = _parts(job.operations)
        call = f"write {self._selection.config.table}"
        for number, part in enumerate(parts):
            try:
                reply = self._client.batch([part], name=call)
            except SyncError as error:
                refused: SyncError | None = error
            else:
                refused = _refusal([part], 0, reply, call)
            if refused is not None:
                results[job.index] = _partly(job.edit, refused) if number else _named(job.edit, refused)
                return False
        job.operations, job.follows = last, bool(parts)
        return True

    def _send(self, jobs: list[_Job], results: dict[int, WriteResult]) -> list[_Job]:
        """One batch; returns the jobs that have another way to go (their result stands until they take it)."""
        sent = [job for job in jobs if job.operations]
        items: list[Item] = [job.operations for job in sent]
        call = f"write {self._selection.config.table}"
        try:
            reply = self._client.batch([*items, self._read_back(jobs)], name=call)
        except SyncError as error:
            results.update({job.index: _partly(job.edit, error) if job.follows else error for job in jobs})
            return []
        records = self._records(jobs, reply, call)
        changesets = [job.operations for job in sent]
        errors = {job.index: _refusal(changesets, at, reply, call) for at, job in enumerate(sent)}
        again: list[_Job] = []
        for job in jobs:
            refused = errors.get(job.index)
            if refused is not None and "label" in refused.facts:
                refused.facts["column"] = self._selection.table.labelled(str(refused.facts["label"]))
            result = _settled(job.edit, refused, records, reply)
            results[job.index] = _partly(job.edit, result) if job.follows and isinstance(result, SyncError) else result
            if refused is not None and (next_try := self._next(job, refused)):
                again.append(next_try)
        return again

    def _next(self, job: _Job, error: SyncError) -> _Job | None:
        code = str(error.facts.get("vendor_code", ""))
        if not code or code in job.refused:
            return None
        refused = job.refused | {code}
        operations = self._lifecycle.operations(job.edit, refused)
        return None if operations is None else replace(job, operations=operations, refused=refused)

    def _read_back(self, jobs: Sequence[_Job]) -> Operation:
        ids = [job.edit.row_id for job in jobs]
        options = {**self._selection.options(), "$filter": odata.within(self._selection.table.id_column, ids)}
        prefer = self._selection.prefer
        url = odata.query(self._selection.table.entity_set, options)
        return Operation("GET", url, headers={"Prefer": prefer} if prefer else {})

    def _records(self, jobs: Sequence[_Job], reply: BatchReply, call: str) -> Mapping[str, Record] | SyncError:
        """The rows as they are after the batch; read once more where the last part failed."""
        try:
            data = rows_of(reply.results[-1], call=call, answer=reply.answer)
        except SyncError:
            try:
                second = self._client.batch([self._read_back(jobs)], name=call)
                data = rows_of(second.results[0], call=call, answer=second.answer)
            except SyncError as error:
                return error
        reader = self._selection.reader()
        return {record.id: record for record in map(reader.record, data["value"])}


def _parts(operations: tuple[Operation, ...]) -> list[tuple[Operation, ...]]:
    """A record's operations in their order, cut where a batch is full."""
    parts: list[tuple[Operation, ...]] = []
    part: list[Operation] = []
    size = 0
    for operation in operations:
        weight = size_of(operation)
        if part and (len(part) >= MAX_PARTS * _ROOM or size + weight > MAX_BYTES * _ROOM):
            parts.append(tuple(part))
            part, size = [], 0
        part.append(operation)
        size += weight
    return [*parts, tuple(part)]


def _refusal(changesets: Sequence[tuple[Operation, ...]], at: int, reply: BatchReply, call: str) -> SyncError | None:
    """Why a changeset failed, with the line that was refused where the answer tells."""
    result = reply.results[at]
    error = refusal(result, call=call, answer=reply.answer)
    line = _line(changesets, result) if error is not None else ""
    return named(error, line) if error is not None and line else error


def _line(changesets: Sequence[tuple[Operation, ...]], result: Result) -> str:
    """The name of the line whose operation failed. Content-IDs count all operations of a batch's changesets from 1."""
    number = result.content_id if isinstance(result, Part) else ""
    every = [operation for changeset in changesets for operation in changeset]
    known = number.isdigit() and 0 < int(number) <= len(every)
    return every[int(number) - 1].name if known else ""


def _partly(edit: Edit, error: SyncError) -> SyncError:
    """A part of the record is written already: what may be tried again is looked up before the rest is sent."""
    if not isinstance(error, Retryable) or isinstance(error, UnknownOutcome):
        error.facts[PARTLY] = True
        return _named(edit, error)
    sentence = f"A part of the record was written; the rest follows after a look at what is there. {error.sentence}"
    return UnknownOutcome(sentence, facts={**error.facts, **_facts(edit)}, said=error.said)


def _groups(jobs: Sequence[_Job]) -> Iterator[list[_Job]]:
    """Cut into batches that keep to the limits on requests and bytes."""
    group: list[_Job] = []
    parts = size = 0
    for job in jobs:
        cost, weight = operations_in(job.operations), size_of(job.operations) + 100
        if group and (parts + cost > MAX_PARTS * _ROOM or size + weight > MAX_BYTES * _ROOM):
            yield group
            group, parts, size = [], 0, 0
        group.append(job)
        parts, size = parts + cost, size + weight
    if group:
        yield group


def _settled(
    edit: Edit, error: SyncError | None, records: Mapping[str, Record] | SyncError, reply: BatchReply
) -> WriteResult:
    """What became of one write."""
    if isinstance(error, RowGone):
        return _missing(edit, error)
    repeated = edit.creates and _exists(error)
    if error is not None and not repeated:
        return _named(edit, _made_meanwhile(error) if edit.lines and _exists(error) else error)
    if isinstance(records, SyncError):
        sentence = "It was sent, and could not be read back; it is looked up before anything is sent again."
        return UnknownOutcome(sentence, facts={**records.facts, **_facts(edit)})
    record = records.get(edit.row_id)
    if error is not None:
        return _repeated(edit, error, record, reply)
    if record is None:
        return RowGone("It was deleted right after it was written.", retry_after_s=1.0, facts=_facts(edit))
    return Written(record, reply.answer.at)


def _exists(error: SyncError | None) -> bool:
    """Whether it was refused because a row of its id is there."""
    return isinstance(error, AlreadyExists) and error.facts.get("vendor_code") == KEY_EXISTS


def _made_meanwhile(error: SyncError) -> SyncError:
    return RowChanged("A line of it was made meanwhile; it is planned again.", facts=error.facts)


def _repeated(edit: Edit, error: SyncError, record: Record | None, reply: BatchReply) -> WriteResult:
    """A create whose id exists is the repeat of one whose answer was lost, if the row holds what was to be written.

    Where the id does not exist, a child row's id was taken: a person has to look.
    """
    if record is None:
        return _named(edit, error)
    if all(same(value, _at(record, path)) for path, value in edit.write.values.items()) and _all_lines(edit, record):
        return Written(record, reply.answer.at)
    return _named(edit, RowChanged("It was created before, with other values; it is planned again.", facts=error.facts))


def _all_lines(edit: Edit, record: Record) -> bool:
    """Whether every line that was to be made is there as wanted."""
    rows = {row[ROW]: row for each in {line.to for line in edit.write.lines} for row in record.content.get(each) or ()}
    return all(
        line.row in rows and all(same(value, rows[line.row].get(path)) for path, value in (line.values or {}).items())
        for line in edit.write.lines
    )


def _at(record: Record, path: str) -> Any:
    name, _, column = path.partition(".")
    value = record.content.get(name)
    return value.get(column) if column and isinstance(value, Mapping) else value


def _missing(edit: Edit, error: RowGone) -> SyncError:
    """Our own row is gone: plan again. Another one is: the value that points to it is wrong."""
    missing = error.facts.get("id")
    if missing is None or missing in edit.own_ids:
        return _named(edit, error)
    sentence = (
        f"It refers to a row of {error.facts.get('table')} that CRM does not have (any more): {missing}. Restore it "
        "there, or find what is linked to it (`pairs list`) and `pairs relink` or `pairs unlink` that; then "
        "`parked retry`."
    )
    return Invalid(sentence, facts={**error.facts, **_facts(edit)})


def _named(edit: Edit, error: SyncError) -> SyncError:
    """The error with the facts that tell which record; a product number is no personal data, so it is named too."""
    error.facts.update(_facts(edit))
    if error.facts.get("vendor_code") == NUMBER_EXISTS:
        error.facts["value"] = edit.write.values.get("productnumber")
    return error


def _facts(edit: Edit) -> dict[str, object]:
    return {"row": edit.row_id, "source_id": edit.write.source_id}
