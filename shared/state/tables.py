"""The seam to Table Storage: rows, changes, one atomic submit, one ranged read; and its Azure side.

Everything else in this package speaks these words, so that a twin in memory (the tests have one) can
stand in for the whole service. Must never let a row out that the service would
refuse, nor an Azure exception.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError
from azure.data.tables import EdmType, TableClient, TableEntity, TableTransactionError, UpdateMode

from shared.errors import Busy, Invalid
from shared.state import limits
from shared.state.failures import failure, translated, vendor_code
from shared.state.wire import CountingTransport

Value = str | int | bool | float
PAGE_ROWS = 1000
_SMALL = range(-(2**31), 2**31)


class Verb(StrEnum):
    """What a change does to its row."""

    INSERT = "insert"  # the row must not exist
    REPLACE = "replace"  # the row must carry the etag
    MERGE = "merge"  # as replace, but columns that are not given stay
    UPSERT = "upsert"  # whatever is there
    DELETE = "delete"  # the row must exist, and carry the etag where one is given


@dataclass(frozen=True, slots=True)
class Row:
    """One row; `etag` is set on rows that were read."""

    partition: str
    key: str
    values: Mapping[str, Value] = field(default_factory=dict)
    etag: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One operation; REPLACE and MERGE need `row.etag`, DELETE may have it."""

    verb: Verb
    row: Row


class Found(StrEnum):
    """What stood in the way of a change."""

    EXISTS = "exists"
    MOVED = "moved"
    MISSING = "missing"


class Conflicted(Busy):
    """A change did not meet the row it expected; nothing of its transaction was done. For this package only."""

    def __init__(self, index: int, found: Found) -> None:
        super().__init__("Another process was there first.", facts={"found": found.value})
        self.index = index
        self.found = found


class Table(Protocol):
    """One table."""

    @property
    def name(self) -> str:
        """The table's name."""

    @property
    def transactions(self) -> int:
        """Requests sent to the service so far."""

    def ensure(self) -> None:
        """Create it where it does not exist."""

    def get(self, partition: str, key: str) -> Row | None:
        """One row, or None."""

    def pages(self, partition: str, first: str = "", last: str = "", *, size: int = PAGE_ROWS) -> Iterator[list[Row]]:
        """The partition's rows in key order from `first` to `last`, both included; one request a page."""

    def beneath(self, prefix: str, *, size: int = PAGE_ROWS) -> Iterator[list[Row]]:
        """The rows of all partitions whose key begins so, in key order; `prefix` ends with '~'. One request a page."""

    def submit(self, changes: Sequence[Change]) -> list[str]:
        """All or nothing, within one partition; the new etags ('' for deletes). Raises Conflicted.

        One change goes as a plain request, and then the DELETE of an absent row counts as done.
        """


def check_changes(changes: Sequence[Change]) -> None:
    """Refuse what the service would refuse: too many rows, two partitions, a row twice, too large a body."""
    if not 1 <= len(changes) <= limits.TRANSACTION_ROWS:
        raise Invalid("A transaction holds 1 to 100 rows.", facts={"rows": len(changes)})
    if len({change.row.partition for change in changes}) > 1:
        raise Invalid("A transaction stays within one partition.")
    if len({change.row.key for change in changes}) < len(changes):
        raise Invalid("A transaction names no row twice.")
    for change in changes:
        limits.check_row(change.row.partition, change.row.key, change.row.values)
        if change.verb in {Verb.REPLACE, Verb.MERGE} and not change.row.etag:
            raise Invalid(f"A {change.verb.value} needs the etag of the row that was read.")
    if sum(limits.wire_bytes(change.row.values) for change in changes) > limits.TRANSACTION_BYTES:
        raise Invalid("A transaction holds at most 4 MiB.")


class AzureTable:
    """One table of a storage account. Nothing connects before the first call."""

    def __init__(self, client: TableClient, transport: CountingTransport) -> None:
        self._client = client
        self._transport = transport

    @property
    def name(self) -> str:
        """The table's name."""
        return str(self._client.table_name)

    @property
    def transactions(self) -> int:
        """Requests sent so far, retries included."""
        return self._transport.sent

    def ensure(self) -> None:
        """Create it where it does not exist."""
        try:
            self._client.create_table()
        except AzureError as error:
            if vendor_code(error) != "TableAlreadyExists":
                raise failure(error, "creating a table", write=False) from None

    def get(self, partition: str, key: str) -> Row | None:
        """One row, or None."""
        limits.check_key(partition)
        limits.check_key(key)
        try:
            return _row(self._client.get_entity(partition, key))
        except AzureError as error:
            if _status(error) == 404 and vendor_code(error) != "TableNotFound":
                return None
            raise failure(error, self._doing("reading"), write=False) from None

    def pages(self, partition: str, first: str = "", last: str = "", *, size: int = PAGE_ROWS) -> Iterator[list[Row]]:
        """The partition's rows in key order from `first` to `last`, both included; one request a page."""
        limits.check_key(partition)
        text, values = "PartitionKey eq @partition", {"partition": partition}
        if first:
            text, values["first"] = text + " and RowKey ge @first", first
        if last:
            text, values["last"] = text + " and RowKey le @last", last
        yield from self._pages(text, values, size)

    def beneath(self, prefix: str, *, size: int = PAGE_ROWS) -> Iterator[list[Row]]:
        """The rows of all partitions whose key begins so, in key order; `prefix` ends with '~'. One request a page."""
        limits.check_key(prefix)
        text = "PartitionKey ge @first and PartitionKey lt @last"
        yield from self._pages(text, {"first": prefix, "last": f"{prefix}~"}, size)

    def _pages(self, text: str, values: Mapping[str, str], size: int) -> Iterator[list[Row]]:
        answer = self._client.query_entities(text, parameters=dict(values), results_per_page=size).by_page()
        while True:
            with translated(self._doing("reading"), write=False):
                page = next(answer, None)
                rows = [_row(entity) for entity in page] if page is not None else None
            if rows is None:
                return
            if rows:  # the service may give empty pages on the way
                yield rows

    def submit(self, changes: Sequence[Change]) -> list[str]:
        """All or nothing, within one partition; the new etags ('' for deletes). Raises Conflicted."""
        check_changes(changes)
        try:
            if len(changes) == 1:
                return [self._single(changes[0])]
            answers = self._client.submit_transaction([_operation(change) for change in changes])
        except AzureError as error:
            raise self._refusal(error, changes) from None
        return [str(answer.get("etag") or "") for answer in answers]

    def _single(self, change: Change) -> str:
        entity, match = _entity(change.row), _match(change)
        if change.verb is Verb.INSERT:
            answer = self._client.create_entity(entity)
        elif change.verb is Verb.UPSERT:
            answer = self._client.upsert_entity(entity, mode=UpdateMode.REPLACE)
        elif change.verb is Verb.DELETE:
            self._client.delete_entity(change.row.partition, change.row.key, **match)
            return ""
        else:
            answer = self._client.update_entity(entity, mode=_mode(change.verb), **match)
        return str(answer["etag"])

    def _refusal(self, error: AzureError, changes: Sequence[Change]) -> Exception:
        index = error.index if isinstance(error, TableTransactionError) else 0
        verb, status = changes[index].verb, _status(error)
        if status == 409 and verb is Verb.INSERT and vendor_code(error) in {"", "EntityAlreadyExists"}:
            return Conflicted(index, Found.EXISTS)
        if status == 412:
            return Conflicted(index, Found.MOVED)
        if status == 404 and vendor_code(error) != "TableNotFound":
            return Conflicted(index, Found.MISSING)
        return failure(error, self._doing("writing"), write=True)

    def _doing(self, verb: str) -> str:
        return f"{verb} table '{self.name}'"


def _status(error: AzureError) -> int:
    return (error.status_code or 0) if isinstance(error, HttpResponseError) else 0


def _entity(row: Row) -> dict[str, Any]:
    entity: dict[str, Any] = {"PartitionKey": row.partition, "RowKey": row.key}
    for name, value in row.values.items():
        wide = isinstance(value, int) and not isinstance(value, bool) and value not in _SMALL
        entity[name] = (value, EdmType.INT64) if wide else value
    return entity


def _row(entity: TableEntity) -> Row:
    values = {
        name: value[0] if isinstance(value, tuple) else value
        for name, value in entity.items()
        if name not in {"PartitionKey", "RowKey"}
    }
    return Row(entity["PartitionKey"], entity["RowKey"], values, str(entity.metadata["etag"]))


def _operation(change: Change) -> tuple[Any, ...]:
    entity = _entity(change.row)
    if change.verb is Verb.INSERT:
        return ("create", entity)
    if change.verb is Verb.UPSERT:
        return ("upsert", entity, {"mode": UpdateMode.REPLACE})
    if change.verb is Verb.DELETE:
        return ("delete", entity, _match(change))
    return ("update", entity, {"mode": _mode(change.verb), **_match(change)})


def _match(change: Change) -> dict[str, Any]:
    if not change.row.etag:
        return {}
    return {"etag": change.row.etag, "match_condition": MatchConditions.IfNotModified}


def _mode(verb: Verb) -> UpdateMode:
    return UpdateMode.MERGE if verb is Verb.MERGE else UpdateMode.REPLACE
