"""A system's one kind of record in memory, at the engine's own port: rows with versions, marks and modified times.

It knows neither the engine nor the mapping. It is stricter than kind: it normalises what it stores, refuses doubled
unique values, checks ETags where the real side does, gives moments to the second only, and can fail at every call.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.errors import Busy, Conflict, SyncError, UnknownOutcome
from shared.lines import ETAG, ROW, LineWrite
from shared.mapping.paths import get, split_path
from shared.records import Action, Changes, Item, Reading, Record, Side, Write, WriteResult, Written
from tests.support.clock import VirtualClock
from tests.support.faults import Fault, Faults, Killed

Normalise = Callable[[Any], Any]


@dataclass
class Row:
    """One stored record."""

    content: dict[str, Any]
    version: int
    modified_at: datetime
    marker: str | None = None


@dataclass
class FakeEntity:
    """One kind of record on one side. `blank` makes a new row's content from its id."""

    side: Side
    clock: VirtualClock
    faults: Faults
    tables: Sequence[str] = ("things",)
    selection: str = "selection-1"
    batch_size: int = 50
    unique: str | None = None
    normalise: Mapping[str, Normalise] = field(default_factory=dict)
    blank: Callable[[str], dict[str, Any]] = lambda record_id: {"id": record_id}
    gives_content: bool = True
    tells_deletes: bool = True
    page_size: int = 100
    closes: Callable[[str], str] = lambda record_id: ""

    def __post_init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.log: list[str] = []
        self.writes: list[Write] = []
        self._versions = 0
        self._created = 0

    # -- people -------------------------------------------------------------------------------------------------

    def add(self, values: Mapping[str, Any], *, record_id: str | None = None) -> str:
        """A person makes a record."""
        record_id = record_id or self._next_id()
        self.rows[record_id] = Row(self.blank(record_id), 0, self._second())
        self._store(record_id, values)
        return record_id

    def edit(self, record_id: str, values: Mapping[str, Any]) -> None:
        """A person changes fields."""
        self._store(record_id, values)

    def remove(self, record_id: str) -> None:
        """A person deletes a record."""
        del self.rows[record_id]
        self.log.append(record_id)

    def value(self, record_id: str, path: str) -> Any:
        """What a field holds now."""
        return get(self.rows[record_id].content, path)

    # -- the port -----------------------------------------------------------------------------------------------

    def start_token(self, table: str) -> str:
        """The end of the log."""
        with self._call("start_token"):
            return str(len(self.log))

    def changes(self, table: str, token: str) -> Changes:
        """What the log says after the token; an id once, as it is now."""
        with self._call("changes"):
            start = int(token)
            end = min(len(self.log), start + self.page_size)
            ids = dict.fromkeys(self.log[start:end])
            return Changes(self._items(ids), self._second(), str(end), more=end < len(self.log))

    def listing(self, after: str) -> Changes:
        """Everything in id order."""
        with self._call("listing"):
            ids = sorted(record_id for record_id in self.rows if record_id > after)
            page = ids[: self.page_size]
            items = self._items(dict.fromkeys(page))
            return Changes(items, self._second(), page[-1] if page else after, more=len(ids) > len(page))

    def members(self, table: str, ids: Sequence[str]) -> Changes:
        """Every row is its own parent."""
        with self._call("members"):
            return Changes(self._items(record_id for record_id in ids if record_id in self.rows), self._second())

    def read(self, ids: Sequence[str]) -> Reading:
        """Those rows now."""
        with self._call("read"):
            read_at = self._second()
            return Reading(read_at, {each: self._record(each) for each in ids if each in self.rows})

    def find(self, path: str, values: Sequence[str], *, fold: bool = False) -> Mapping[str, Sequence[Record]]:
        """Rows by value."""
        with self._call("find"):
            found: dict[str, list[Record]] = {}
            for record_id in sorted(self.rows):
                value = self.value(record_id, path)
                value = value.casefold() if fold and isinstance(value, str) else value
                if value in values:
                    found.setdefault(value, []).append(self._record(record_id))
            return found

    def marked(self, source_ids: Sequence[str]) -> Mapping[str, Record]:
        """Rows by their mark."""
        with self._call("marked"):
            asked = set(source_ids)
            return {row.marker: self._record(each) for each, row in self.rows.items() if row.marker in asked}

    def new_id(self, source_id: str, generation: int) -> str | None:
        """CRM ids are chosen by us, Shopify's by Shopify."""
        return f"crm-of-{source_id}-{generation}" if self.side is Side.CRM else None

    def line_id(self, record_id: str, line: str) -> str | None:
        """CRM rows have ids of our choice."""
        return f"row-of-{record_id}-{line}" if self.side is Side.CRM else None

    def closed(self, current: Record, values: Mapping[str, Any]) -> str:
        """What the test says of this record."""
        return self.closes(current.id)

    def write(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        """All of them; a lost answer leaves the rows written and every result unknown."""
        fault = self.faults.before(f"{self.side.value}.write")
        results = [self._write(write) for write in writes]
        if fault is Fault.KILL_AFTER:
            raise Killed(f"{self.side.value}.write")
        if fault is Fault.FAIL_AFTER:
            return [UnknownOutcome("The answer was lost.") for _ in writes]
        return results

    # -- inside -------------------------------------------------------------------------------------------------

    def _write(self, write: Write) -> WriteResult:
        record_id = write.id
        if write.action is Action.CREATE:
            made = self._create(write)
            if isinstance(made, SyncError):
                return made
            record_id = made
        elif record_id not in self.rows:
            return Busy("The row is gone.", retry_after_s=1.0)
        elif self.side is Side.CRM and write.current and write.current.etag != self._etag(record_id):
            return Busy("The row changed since it was looked at.", retry_after_s=1.0)
        refused = self._doubled(record_id, write.values) or self._write_lines(record_id, write.lines)
        if refused is not None:
            if write.action is Action.CREATE:
                del self.rows[record_id]
            return refused
        self.writes.append(write)
        if write.mark or write.action is Action.CREATE:
            self.rows[record_id].marker = write.source_id
        self._store(record_id, write.values)
        return Written(self._record(record_id), self._second(up=True))

    def _write_lines(self, record_id: str, lines: Sequence[LineWrite]) -> SyncError | None:
        """All of them or none, each under its own version."""
        content = copy.deepcopy(self.rows[record_id].content)
        for line in lines:
            rows = {row[ROW]: row for row in content.setdefault(line.to, [])}
            there = rows.get(line.row)
            if (there is None) != (line.etag is None) or (there is not None and there[ETAG] != line.etag):
                return Busy("The line changed since it was looked at.", retry_after_s=1.0, facts={"line": line.name})
            if line.values is None:
                del rows[line.row]
            else:
                rows[line.row] = self.row(line.row, {**(there or {}), **self._shaped(line.to, line.values)})
            content[line.to] = [rows[each] for each in sorted(rows)]
        self.rows[record_id].content = content
        return None

    def row(self, row_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """A row of a collection, with a version nobody has seen."""
        self._versions += 1
        return {**values, ROW: row_id, ETAG: f'W/"{self._versions}"'}

    def _shaped(self, to: str, values: Mapping[str, Any]) -> dict[str, Any]:
        shape = self.normalise
        return {path: shape[f"{to}.{path}"](each) if f"{to}.{path}" in shape else each for path, each in values.items()}

    def _create(self, write: Write) -> str | SyncError:
        """A new row. Shopify's create is keyed by the mark (productSet by custom id): its repeat is an update."""
        if self.side is Side.SHOPIFY:
            record_id = next((each for each, row in self.rows.items() if row.marker == write.source_id), None)
            if record_id is not None:
                return record_id
            record_id = self._next_id()
        else:
            record_id = str(write.id)
            if record_id in self.rows:
                return Busy("It was created before; it is planned again.", retry_after_s=1.0)
        self.rows[record_id] = Row(self.blank(record_id), 0, self._second())
        return record_id

    def _doubled(self, record_id: str, values: Mapping[str, Any]) -> SyncError | None:
        wanted = values.get(self.unique) if self.unique else None
        if wanted is None:
            return None
        taken = any(each != record_id and self.value(each, str(self.unique)) == wanted for each in self.rows)
        return Conflict("Another row has this value already.", facts={"value": wanted}) if taken else None

    def _store(self, record_id: str, values: Mapping[str, Any]) -> None:
        row = self.rows[record_id]
        for path, value in values.items():
            shaped = self.normalise[path](value) if path in self.normalise and value is not None else value
            put(row.content, path, shaped)
        self._versions += 1
        row.version, row.modified_at = self._versions, self._second()
        self.log.append(record_id)

    def _items(self, ids: Mapping[str, None]) -> tuple[Item, ...]:
        there = [Item(each, self._record(each) if self.gives_content else None) for each in ids if each in self.rows]
        gone = [Item(each, deleted=True) for each in ids if each not in self.rows and self.tells_deletes]
        return (*there, *gone)

    def _record(self, record_id: str) -> Record:
        row = self.rows[record_id]
        etag = self._etag(record_id) if self.side is Side.CRM else None
        return Record(record_id, copy.deepcopy(row.content), row.modified_at, etag, row.marker)

    def _etag(self, record_id: str) -> str:
        return f'W/"{self.rows[record_id].version}"'

    def _next_id(self) -> str:
        self._created += 1
        return f"{1000 + self._created}" if self.side is Side.SHOPIFY else f"crm-{self._created:04d}"

    def _second(self, *, up: bool = False) -> datetime:
        """The moment as a `Date` header gives it: whole seconds, down for reads, up for writes."""
        seconds = self.clock.now().timestamp()
        return datetime.fromtimestamp(math.ceil(seconds) if up else math.floor(seconds), UTC)

    def _call(self, name: str) -> _Reading:
        return _Reading(self.faults, f"{self.side.value}.{name}")


class _Reading:
    """One reading call passing by the faults."""

    def __init__(self, faults: Faults, name: str) -> None:
        self._faults, self._name = faults, name

    def __enter__(self) -> None:
        self._fault = self._faults.before(self._name)

    def __exit__(self, *_: object) -> None:
        if self._fault is Fault.KILL_AFTER:
            raise Killed(self._name)


def put(content: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a path, making the objects on the way."""
    *way, last = split_path(path)
    for name in way:
        content = content.setdefault(name, {})
    content[last] = value
