"""Connections that only read, so that a long write holds up no reader and a long read holds up no writer.

Each sees the store as it was when its first statement ran (SQLite's WAL). One never writes: whoever finds out in the
middle of a read that something must be written is told so and starts again as a writer.
"""

from __future__ import annotations

import queue
import sqlite3
from collections.abc import Callable
from pathlib import Path


class NeedsTheWriter(Exception):
    """A read that turns out to write: do it again while holding the lock."""


class Readers:
    """As many connections as there are reads at the same time."""

    def __init__(self, path: str, prepare: Callable[[sqlite3.Connection], None]) -> None:
        self._uri = f"{Path(path).resolve().as_uri()}?mode=ro"
        self._prepare = prepare
        self._idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()

    def take(self) -> sqlite3.Connection:
        """A connection in a transaction of its own."""
        try:
            connection = self._idle.get_nowait()
        except queue.Empty:
            connection = sqlite3.connect(self._uri, uri=True, check_same_thread=False, isolation_level=None)
            self._prepare(connection)
        connection.execute("BEGIN")
        return connection

    def give(self, connection: sqlite3.Connection) -> None:
        """Take a connection back for the next read."""
        connection.execute("ROLLBACK")
        self._idle.put(connection)

    def close(self) -> None:
        """Close those that are not in use."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return
