"""Rows in SQLite: one real table per Dataverse table, real columns, real indexes, one row version counter.

It knows storage only: no OData, no business rules. All access goes through one connection and its lock.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .metadata.model import Column, Key, Link, Table
from .totals import Average, Total
from .values import WILDCARDS, decode, encode, fold, fold_case, like_regex, sql_type

Row = dict[str, Any]
_UNINDEXED_LOOKUPS = frozenset({
    "createdby", "modifiedby", "createdonbehalfby", "modifiedonbehalfby", "owningbusinessunit", "owninguser",
    "owningteam", "ownerid", "organizationid", "createdbyexternalparty", "modifiedbyexternalparty"})
_INDEXED_COLUMNS = frozenset({"productnumber", "isocurrencycode", "emailaddress1"})
_SYSTEM = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;
CREATE TABLE IF NOT EXISTS _meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS _definitions (kind TEXT, owner TEXT, name TEXT, body TEXT,
    PRIMARY KEY (kind, owner, name));
CREATE TABLE IF NOT EXISTS _deleted (tbl TEXT, version INTEGER, id TEXT, at TEXT, PRIMARY KEY (tbl, version));
CREATE INDEX IF NOT EXISTS _deleted_id ON _deleted (tbl, id);
"""


def type_column(name: str) -> str:
    """The physical column that holds which table a polymorphic lookup refers to."""
    return f"{name}__t"


class Store:
    """A SQLite file (or memory) with transactions that nest, a version counter and after-commit work."""

    def __init__(self, path: str, accent_insensitive: bool, image: bytes = b"") -> None:
        self.lock = threading.RLock()
        self._depth = 0
        self.on_commit: list[Callable[[], None]] = []
        self.before_commit: dict[str, Callable[[], None]] = {}
        self.kept: dict[str, Callable[[], int]] = {"version": lambda: self.version}
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=1024)
        if image:
            self._db.deserialize(image)
        key = fold if accent_insensitive else fold_case
        self._db.create_collation("DATAVERSE", lambda a, b: (key(a) > key(b)) - (key(a) < key(b)))
        self._text_function("contains", lambda s, p: p in s, "{}", key)
        self._text_function("startswith", str.startswith, "^{}", key)
        self._text_function("endswith", str.endswith, "{}$", key)
        # typeshed's protocol wants one fixed step signature; ours takes the value and the column's type.
        self._db.create_aggregate("dv_sum", 2, Total)  # type: ignore[arg-type]
        self._db.create_aggregate("dv_average", 2, Average)  # type: ignore[arg-type]
        self._db.executescript(_SYSTEM)
        self.version = self.meta("version", 1000)
        self.is_new = not self.meta("born")

    def _text_function(
        self, name: str, plain: Callable[[str, str], bool], shape: str, key: Callable[[str], str],
    ) -> None:
        """A text test; a pattern with SQL's wildcards is matched as LIKE does (wildcard-characters)."""
        def test(text: str | None, pattern: str) -> bool:
            if text is None or WILDCARDS.isdisjoint(pattern):
                return text is not None and plain(key(text), key(pattern))
            return like_regex(key(pattern), shape).search(key(text)) is not None

        self._db.create_function(f"dv_{name}", 2, test, deterministic=True)

    def set_meta(self, name: str, value: int) -> None:
        """Keep a number for the next start."""
        self._db.execute("INSERT OR REPLACE INTO _meta VALUES (?, ?)", (name, value))

    def meta(self, name: str, default: int = 0) -> int:
        """A kept number."""
        found = self._db.execute("SELECT value FROM _meta WHERE name = ?", (name,)).fetchone()
        return int(found[0]) if found else default

    def image(self) -> bytes:
        """The whole database, for one in memory that begins where this one is."""
        with self.lock:
            return self._db.serialize()

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self._db.close()

    # transactions -----------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; an inner one is a savepoint, work before and after the commit waits for the outermost."""
        with self.lock:
            outer = self._depth == 0
            mark, queued = f"s{self._depth}", len(self.on_commit)
            self._db.execute("BEGIN IMMEDIATE" if outer else f"SAVEPOINT {mark}")
            self._depth += 1
            try:
                yield
                if outer:
                    self.settle()
            except BaseException:
                self._depth -= 1
                del self.on_commit[queued:]
                if outer:
                    self.before_commit.clear()
                self._db.execute("ROLLBACK" if outer else f"ROLLBACK TO {mark}")
                if not outer:
                    self._db.execute(f"RELEASE {mark}")
                raise
            self._depth -= 1
            if outer:
                self._finish()
            else:
                self._db.execute(f"RELEASE {mark}")

    def settle(self) -> None:
        """Do the work that waits for the end of the transaction; it may add to itself."""
        while self.before_commit:
            self.before_commit.pop(next(iter(self.before_commit)))()

    def _finish(self) -> None:
        for name, read in self.kept.items():
            self.set_meta(name, read())
        self._db.execute("COMMIT")
        work, self.on_commit = self.on_commit, []
        for action in work:
            action()

    def next_version(self) -> int:
        """The next row version of the whole database."""
        self.version += 1
        return self.version

    # definitions ------------------------------------------------------------------------------------------

    def define(self, kind: str, owner: str, name: str, body: str) -> None:
        """Keep a custom definition."""
        self._db.execute("INSERT OR REPLACE INTO _definitions VALUES (?,?,?,?)", (kind, owner, name, body))

    def definitions(self, kind: str) -> list[tuple[str, str, str]]:
        """All kept definitions of a kind: owner, name, body."""
        rows = self._db.execute("SELECT owner, name, body FROM _definitions WHERE kind = ? ORDER BY rowid", (kind,))
        return list(rows.fetchall())

    def create_link(self, link: Link) -> None:
        """Create an intersect table if it is not there, found from either side."""
        first, second = sorted((link.mine, link.theirs))
        self._db.execute(f'CREATE TABLE IF NOT EXISTS "{link.intersect}" ("{first}" TEXT, "{second}" TEXT, '
                         f'PRIMARY KEY ("{first}", "{second}"))')
        self._index(link.intersect, second, second)

    def drop_table(self, table: Table) -> None:
        """Remove a table with its rows and definitions."""
        self._db.execute(f'DROP TABLE "{table.name}"')
        self._db.execute("DELETE FROM _definitions WHERE owner = ? OR (kind = 'table' AND name = ?)",
                         (table.name, table.name))
        self._db.execute("DELETE FROM _deleted WHERE tbl = ?", (table.name,))

    def drop_column(self, table: Table, column: Column) -> None:
        """Remove a physical column, its index and its definition."""
        self._db.execute(f'DROP INDEX IF EXISTS "ix_{table.name}_{column.name}"')
        for name in (column.name, type_column(column.name)) if column.polymorphic else (column.name,):
            self._db.execute(f'ALTER TABLE "{table.name}" DROP COLUMN "{name}"')
        self._db.execute("DELETE FROM _definitions WHERE kind = 'column' AND owner = ? AND name = ?",
                         (table.name, column.name))

    def create_table(self, table: Table) -> None:
        """Create the table and its indexes if they are not there."""
        parts = []
        for column in table.columns.values():
            parts.append(_declaration(column, column.name == table.pk))
            if column.polymorphic:
                parts.append(f'"{type_column(column.name)}" TEXT')
        self._db.execute(f'CREATE TABLE IF NOT EXISTS "{table.name}" ({", ".join(parts)})')
        self._index(table.name, "versionnumber", "versionnumber")
        for column in table.columns.values():
            if _wants_index(table, column):
                self._index(table.name, column.name, column.name)

    def add_column(self, table: Table, column: Column) -> None:
        """Add a physical column, unless the file already has it."""
        known = {r[1] for r in self._db.execute(f'PRAGMA table_info("{table.name}")')}
        if column.name not in known:
            self._db.execute(f'ALTER TABLE "{table.name}" ADD COLUMN {_declaration(column, False)}')
            if column.polymorphic:
                self._db.execute(f'ALTER TABLE "{table.name}" ADD COLUMN "{type_column(column.name)}" TEXT')
        if column.is_lookup:
            self._index(table.name, column.name, column.name)

    def _index(self, table: str, name: str, column: str) -> None:
        self._db.execute(f'CREATE INDEX IF NOT EXISTS "ix_{table}_{name}" ON "{table}" ("{column}")')

    def build_key(self, table: Table, key: Key) -> bool:
        """Build the unique index of an alternate key; False when existing rows violate it."""
        cols = ", ".join(f'"{c}"' for c in key.columns)
        where = " AND ".join(f'"{c}" IS NOT NULL' for c in key.columns)
        try:
            self._db.execute(
                f'CREATE UNIQUE INDEX IF NOT EXISTS "key_{table.name}_{key.name}" ON "{table.name}" ({cols}) '
                f"WHERE {where}")
        except sqlite3.IntegrityError:
            return False
        return True

    def drop_key(self, table: Table, key: Key) -> None:
        """Drop the unique index of an alternate key."""
        self._db.execute(f'DROP INDEX IF EXISTS "key_{table.name}_{key.name}"')

    # rows -------------------------------------------------------------------------------------------------

    def query(self, sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a SELECT and return raw rows."""
        with self.lock:
            return self._db.execute(sql, params).fetchall()

    def get(self, table: Table, row_id: str, columns: Sequence[str] | None = None) -> Row | None:
        """One row by primary key, whole or only some physical columns."""
        found = self.find(table, {table.pk: row_id}, columns, limit=1)
        return found[0] if found else None

    def find(
        self, table: Table, equal: dict[str, Any], columns: Sequence[str] | None = None, limit: int = 0,
    ) -> list[Row]:
        """Rows whose columns equal the given values (None means null)."""
        names = list(columns) if columns is not None else physical_columns(table)
        where, params = [], []
        for name, value in equal.items():
            column = table.columns.get(name)
            if value is None:
                where.append(f'"{name}" IS NULL')
                continue
            where.append(f'"{name}" = ?')
            params.append(encode(column.type if column else "String", value))
        sql = f'SELECT {", ".join(chr(34) + n + chr(34) for n in names)} FROM "{table.name}"'
        sql += f" WHERE {' AND '.join(where)}" if where else ""
        sql += f" LIMIT {limit}" if limit else ""
        return [to_row(table, names, raw) for raw in self.query(sql, params)]

    def insert(self, table: Table, row: Row) -> None:
        """Insert a row; it gets its row version here."""
        row["versionnumber"] = self.next_version()
        names = list(row)
        marks = ",".join("?" * len(names))
        cols = ",".join(f'"{n}"' for n in names)
        self._db.execute(
            f'INSERT INTO "{table.name}" ({cols}) VALUES ({marks})', [_encode(table, n, row[n]) for n in names])
        self._db.execute("DELETE FROM _deleted WHERE tbl = ? AND id = ?", (table.name, row[table.pk]))

    def update(self, table: Table, row_id: str, changes: Row) -> None:
        """Change columns of one row; it gets a new row version here."""
        changes["versionnumber"] = self.next_version()
        sets = ",".join(f'"{n}" = ?' for n in changes)
        params = [_encode(table, n, v) for n, v in changes.items()]
        self._db.execute(f'UPDATE "{table.name}" SET {sets} WHERE "{table.pk}" = ?', [*params, row_id])

    def delete(self, table: Table, row_id: str, at: str) -> None:
        """Remove a row and remember that it was removed, for change tracking."""
        self._db.execute(f'DELETE FROM "{table.name}" WHERE "{table.pk}" = ?', (row_id,))
        self._db.execute("INSERT INTO _deleted VALUES (?,?,?,?)", (table.name, self.next_version(), row_id, at))


def _declaration(column: Column, primary: bool) -> str:
    return f'"{column.name}" {sql_type(column.type)}' + (" PRIMARY KEY NOT NULL" if primary else "")


def _wants_index(table: Table, column: Column) -> bool:
    if column.is_lookup:
        return column.name not in _UNINDEXED_LOOKUPS
    return column.name in _INDEXED_COLUMNS or column.name == table.primary_name


def _encode(table: Table, name: str, value: Any) -> Any:
    column = table.columns.get(name)
    return encode(column.type, value) if column else value


def physical_columns(table: Table) -> list[str]:
    """All physical column names, those of polymorphic types included."""
    names = []
    for column in table.columns.values():
        names.append(column.name)
        if column.polymorphic:
            names.append(type_column(column.name))
    return names


def to_row(table: Table, names: Sequence[str], raw: Sequence[Any]) -> Row:
    """A raw SQLite row as a dict of decoded values."""
    columns = table.columns
    row: Row = {}
    for name, value in zip(names, raw, strict=True):
        column = columns.get(name)
        row[name] = value if column is None or value is None else decode(column.type, value)
    return row
