"""The SQLite file of one store: tables, transactions, numbers for new records.

It knows rows, not rules. One connection writes, under one lock: a mutation is one transaction. A store in a file is
read beside it (`reading`); one in memory has that one connection for all.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandbox.shopify.store.readers import NeedsTheWriter, Readers
from sandbox.shopify.store.tables import DDL, FIRST_IDS

Row = dict[str, Any]
ID_STEP = 32768


class _Here(threading.local):
    """What the running thread reads with, None: the writer."""

    reader: sqlite3.Connection | None = None


class Database:
    """A store's rows; `lock` is held by whoever reads or writes more than once and wants one picture."""

    def __init__(self, path: str, first_ids: Mapping[str, int] | None = None, image: bytes = b"") -> None:
        self.lock = threading.RLock()
        self._depth = 0
        self._writing: int | None = None
        self._here = _Here()
        self._readers = None if path == ":memory:" else Readers(path, _prepare)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        if image:
            self._connection.deserialize(image)
        _prepare(self._connection)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(DDL)
        self._first_ids = {**FIRST_IDS, **(first_ids or {})}
        self._next: dict[str, int] = {row["kind"]: row["next"] for row in self.all("SELECT * FROM sequences")}

    def image(self) -> bytes:
        """The whole database, for a store in memory that begins where this one is."""
        with self.lock:
            return self._connection.serialize()

    def close(self) -> None:
        """Leave the file in a clean state."""
        if self._readers is not None:
            self._readers.close()
        with self.lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """One picture of the store for all reads of this thread; a write within raises NeedsTheWriter.

        In memory, and within a transaction, which must see its own writes, it is the writer's picture under the lock.
        """
        if self._readers is None or self._here.reader is not None or self._writing == threading.get_ident():
            with self.lock:
                yield
            return
        reader = self._readers.take()
        self._here.reader = reader
        try:
            yield
        finally:
            self._here.reader = None
            self._readers.give(reader)

    def _writer(self) -> sqlite3.Connection:
        if self._here.reader is not None:
            raise NeedsTheWriter
        return self._connection

    @property
    def changes(self) -> int:
        """How many rows were written since the store was opened: whoever keeps what it read compares this."""
        if self._here.reader is not None:
            return -1
        with self.lock:
            return self._connection.total_changes

    def watch(self, step: Callable[[], None] | None) -> None:
        """Call a function every ten steps of SQLite's machine, to measure what a query costs without a clock."""
        self._connection.set_progress_handler(step and (lambda: step()), 10)

    def run(self, sql: str, parameters: Iterable[Any] = ()) -> int:
        """Execute one statement; the number of rows it changed."""
        connection = self._writer()
        with self.lock:
            return connection.execute(sql, tuple(parameters)).rowcount

    def one(self, sql: str, parameters: Iterable[Any] = ()) -> Row | None:
        """The first row, or None."""
        if self._here.reader is not None:
            return self._here.reader.execute(sql, tuple(parameters)).fetchone()  # type: ignore[no-any-return]
        with self.lock:
            return self._connection.execute(sql, tuple(parameters)).fetchone()  # type: ignore[no-any-return]

    def all(self, sql: str, parameters: Iterable[Any] = ()) -> list[Row]:
        """All rows."""
        if self._here.reader is not None:
            return self._here.reader.execute(sql, tuple(parameters)).fetchall()
        with self.lock:
            return self._connection.execute(sql, tuple(parameters)).fetchall()

    def value(self, sql: str, parameters: Iterable[Any] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, parameters)
        return next(iter(row.values())) if row else None

    def get(self, table: str, number: int | None) -> Row | None:
        """A row by its id."""
        if number is None:
            return None
        return self.one(f"SELECT * FROM {table} WHERE id = ?", (number,))  # noqa: S608 - table names are our own

    def insert(self, table: str, row: Row) -> None:
        """Add a row."""
        names = ", ".join(row)
        marks = ", ".join("?" * len(row))
        self.run(f"INSERT INTO {table} ({names}) VALUES ({marks})", _plain(row))  # noqa: S608 - names are our own

    def update(self, table: str, number: int, changes: Row) -> None:
        """Change columns of a row."""
        if changes:
            pairs = ", ".join(f"{name} = ?" for name in changes)
            sql = f"UPDATE {table} SET {pairs} WHERE id = ?"  # noqa: S608 - names are our own
            self.run(sql, (*_plain(changes), number))

    def next_id(self, kind: str) -> int:
        """The number of the next record of a kind: increasing, of the size real stores have."""
        self._writer()
        with self.lock:
            number = self._next.get(kind) or self._first_ids.get(kind, 1_000_000_000_000)
            self._next[kind] = number + ID_STEP
            self.run("INSERT OR REPLACE INTO sequences (kind, next) VALUES (?, ?)", (kind, self._next[kind]))
            return number

    def count_on(self, kind: str, number: int) -> None:
        """Number the next records of a kind above this one, which was put in by hand."""
        with self.lock:
            if self._next.get(kind, self._first_ids.get(kind, 0)) <= number:
                self._next[kind] = number + ID_STEP

    def insert_many(self, table: str, names: list[str], rows: list[tuple[Any, ...]]) -> None:
        """Add many rows of the same columns."""
        marks = ", ".join("?" * len(names))
        sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})"  # noqa: S608 - names are our own
        connection = self._writer()
        with self.lock:
            connection.executemany(sql, rows)

    def skip_ids(self, kind: str, count: int) -> None:
        """Leave out numbers that were given away without asking one by one."""
        with self.lock:
            self._next[kind] = self._next[kind] + count * ID_STEP
            self.run("INSERT OR REPLACE INTO sequences (kind, next) VALUES (?, ?)", (kind, self._next[kind]))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; nested ones join the outer."""
        self._writer()
        with self.lock:
            if self._depth:
                yield
                return
            self._depth = 1
            self._writing = threading.get_ident()
            numbers = dict(self._next)
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                self._next = numbers
                raise
            else:
                self._connection.execute("COMMIT")
            finally:
                self._depth = 0
                self._writing = None


def _prepare(connection: sqlite3.Connection) -> None:
    connection.row_factory = _as_dict


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}


def _plain(row: Row) -> list[Any]:
    return [json.dumps(value) if isinstance(value, list | dict) else value for value in row.values()]
