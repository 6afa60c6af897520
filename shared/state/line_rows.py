"""The lines of pairs: ports.Lines on table `lines`, one row a line.

PartitionKey shop, kind and the id of the record on the side it was born on, RowKey group and line id. Rows are facts
of one line each, changed only under the version that was read, so that any part of them may be newer than the pair.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from shared.errors import Busy, SyncError
from shared.lines import LinePair
from shared.records import Pair, Side
from shared.state import keys
from shared.state.bulk import delete_all
from shared.state.commits import Answer, Commits, NewId, Refusal, Unit
from shared.state.reads import InTurn, Pool
from shared.state.tables import Change, Found, Row, Table, Value, Verb
from shared.sync.ports import LineChanges, LineKey

SOON_S = 5.0


class StoredLines:
    """ports.Lines on a table."""

    def __init__(self, table: Table, pool: Pool, new_id: NewId) -> None:
        self._table = table
        self._pool = pool
        self._commits = Commits(table, InTurn(), new_id)

    def load(self, pairs: Sequence[Pair]) -> Sequence[Mapping[LineKey, LinePair]]:
        """Per pair what is known of its lines: one query a pair (and per 1,000 lines), side by side."""
        return list(self._pool.map(self._known, [_partition(pair) for pair in pairs]))

    def save(self, changes: Sequence[LineChanges]) -> Sequence[Mapping[LineKey, LinePair] | SyncError]:
        """Per pair its lines as they are stored now, or why not all of them are; up to 100 rows a transaction."""
        return list(self._pool.map(self._save, changes))

    def remove(self, pairs: Sequence[Pair]) -> None:
        """Forget the lines of these pairs."""
        for place in {_partition(pair) for pair in pairs}:
            delete_all(self._table, [row for page in self._table.pages(place) for row in page])

    def strip(self, shop: str, kind: str, ids: Iterable[str]) -> None:
        """Leave nothing but ids of the lines of those records; whoever holds them reads them again."""
        for identifier in ids:
            place = _place(shop, kind, identifier)
            self._strip([row for page in self._table.pages(place) for row in page])

    def named(self, shop: str, kind: str, line: str) -> Iterator[tuple[str, LinePair]]:
        """(record, line) of every line of that id, whatever its group; all lines of the kind are looked through."""
        for page in self._table.beneath(f"{keys.join(shop, kind)}~"):
            for row in page:
                if row.values.get("id") == line:
                    yield keys.unpadded(row.partition.rpartition("~")[2]), _from_row(row)

    def strip_one(self, shop: str, kind: str, record: str, line: LinePair) -> None:
        """As `strip`, of one line."""
        row = self._table.get(_place(shop, kind, record), _key(line))
        self._strip([row] if row is not None else [])

    def _strip(self, rows: Iterable[Row]) -> None:
        bare = [
            Row(row.partition, row.key, {"id": row.values["id"], "row": row.values["row"]}, row.etag)
            for row in rows
            if not _bare(row)
        ]
        units = [Unit(index, (Change(Verb.REPLACE, row),)) for index, row in enumerate(bare)]
        self._commits.run(units, _busy)

    def _known(self, place: str) -> dict[LineKey, LinePair]:
        lines = (_from_row(row) for page in self._table.pages(place) for row in page)
        return {(line.group, line.id): line for line in lines}

    def _save(self, wanted: LineChanges) -> Mapping[LineKey, LinePair] | SyncError:
        place = _partition(wanted.pair)
        changes = [_change(place, line) for line in wanted.lines]
        changes += [Change(Verb.DELETE, Row(place, _key(line), etag=line.version or "")) for line in wanted.gone]
        answers = self._commits.run([Unit(at, (change,)) for at, change in enumerate(changes)], _remedy)
        error = next((answer for answer in answers.values() if isinstance(answer, SyncError)), None)
        if error is not None:
            return error
        stored = (_stored(line, answers[at]) for at, line in enumerate(wanted.lines))
        return {(line.group, line.id): line for line in stored}


def _partition(pair: Pair) -> str:
    """By the id that the pair has from its first moment on."""
    return _place(pair.shop, pair.kind, pair.id_on(pair.born) or "")


def _place(shop: str, kind: str, identifier: str) -> str:
    return f"{keys.join(shop, kind)}~{keys.padded(identifier)}"


def _key(line: LinePair) -> str:
    return f"{keys.encode(line.group)}~{keys.padded(line.id)}"


def _change(place: str, line: LinePair) -> Change:
    columns: dict[str, str | None] = {
        "id": line.id,
        "row": line.row,
        "sent": _json(line.sent),
        **{f"bases_{side.value}": _json(line.bases.get(side)) for side in Side},
    }
    values: dict[str, Value] = {name: value for name, value in columns.items() if value is not None}
    row = Row(place, _key(line), values, line.version or "")
    return Change(Verb.REPLACE if line.version else Verb.INSERT, row)


def _from_row(row: Row) -> LinePair:
    get = row.values.get
    return LinePair(
        group=keys.decode(row.key.partition("~")[0]),
        id=str(get("id")),
        row=str(get("row")),
        bases={side: _mapping(text) for side in Side if (text := get(f"bases_{side.value}"))},
        sent=_mapping(get("sent")),
        version=row.etag,
    )


def _line(row: Row) -> LinePair:
    return replace(_from_row(row), version=None)


def _stored(line: LinePair, answer: Answer) -> LinePair:
    etag = answer[0] if isinstance(answer, list) and answer else None
    return LinePair(line.group, line.id, line.row, line.bases, line.sent, etag)


def _bare(row: Row) -> bool:
    """Whether a row holds ids and nothing else."""
    return not any(name.startswith(("bases_", "sent")) for name in row.values)


def _remedy(refusal: Refusal) -> Unit | Answer:
    """A row that was left by a write that never was agreed on is taken over; one that is gone is gone.

    One that holds already what it is to hold is as it should be: whoever reads a record right after its write agrees on
    its lines without a claim, before the writer does. The writer would leave the record alone until its lease is over.
    """
    unit, row = refusal.unit, refusal.row
    if refusal.change.verb is Verb.DELETE and refusal.found is Found.MISSING:
        return []
    if refusal.change.verb is Verb.REPLACE and row is not None and _line(row) == _line(refusal.change.row):
        return [row.etag]
    if refusal.change.verb is not Verb.INSERT or (row is not None and "bases_" in "".join(row.values)):
        return _busy(refusal)
    if row is None:
        return unit
    return unit.with_change(0, Change(Verb.REPLACE, Row(row.partition, row.key, refusal.change.row.values, row.etag)))


def _busy(refusal: Refusal) -> Unit | Answer:
    facts = {"found": refusal.found.value}
    return Busy("Another worker has changed a line of this record.", retry_after_s=SOON_S, facts=facts)


def _json(values: Mapping[str, Any] | None) -> str | None:
    return json.dumps(dict(values), separators=(",", ":")) if values else None


def _mapping(text: Value | None) -> dict[str, str]:
    return dict(json.loads(str(text))) if text else {}
