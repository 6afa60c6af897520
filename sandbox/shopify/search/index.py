"""The search index: what `query:` sees, which lags behind the store when told to.

A document is a snapshot at the time of the write; it becomes visible after the lag of the sandbox's clock.
Reads by id never come here.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sandbox.shopify.clock import Clock
from sandbox.shopify.store.database import Database
from sandbox.shopify.text import tokens

Document = dict[str, Any]


class SearchIndex:
    """Terms and numbers of all searchable records of a store."""

    def __init__(self, database: Database, clock: Clock, lag_s: float) -> None:
        self._database = database
        self._clock = clock
        self.lag_s = lag_s

    def put(self, kind: str, record: int, document: Document | None) -> None:
        """Index a record's document, or forget the record when it is None, now or after the lag."""
        if not self._changed(kind, record, document):
            return
        if self.lag_s <= 0 and not self._database.value("SELECT 1 FROM index_queue LIMIT 1"):
            self._apply(kind, record, document)
            return
        text = None if document is None else json.dumps(document)
        due_at = self._clock.micros() + round(self.lag_s * 1_000_000)
        row = {"due_at": due_at, "kind": kind, "record": record, "document": text}
        self._database.insert("index_queue", row)

    def _changed(self, kind: str, record: int, document: Document | None) -> bool:
        # A write to one of a product's 2,048 variants must not index the other 2,047 again.
        text = "" if document is None else json.dumps(document, sort_keys=True)
        digest = hashlib.sha256(text.encode()).hexdigest()
        sql = "SELECT digest FROM index_documents WHERE kind = ? AND record = ?"
        if self._database.value(sql, (kind, record)) == digest:
            return False
        self._database.run("INSERT OR REPLACE INTO index_documents VALUES (?, ?, ?)", (kind, record, digest))
        return True

    def catch_up(self) -> None:
        """Make visible what is due; every search calls this first."""
        now = self._clock.micros()
        if not self._database.value("SELECT 1 FROM index_queue WHERE due_at <= ? LIMIT 1", (now,)):
            return
        with self._database.transaction():
            due = self._database.all("SELECT * FROM index_queue WHERE due_at <= ? ORDER BY id", (now,))
            newest = {(row["kind"], row["record"]): row for row in due}
            for (kind, record), row in newest.items():
                self._apply(kind, record, json.loads(row["document"]) if row["document"] else None)
            self._database.run("DELETE FROM index_queue WHERE due_at <= ?", (now,))

    def _apply(self, kind: str, record: int, document: Document | None) -> None:
        with self._database.transaction():
            for table in ("index_terms", "index_numbers"):
                self._database.run(f"DELETE FROM {table} WHERE kind = ? AND record = ?", (kind, record))  # noqa: S608
            if document is None:
                return
            for field, values in document["numbers"].items():
                for number in values:
                    row = {"kind": kind, "field": field, "record": record, "number": number}
                    self._database.insert("index_numbers", row)
            for field, token, phrase in _terms(document):
                self._database.run(
                    "INSERT OR IGNORE INTO index_terms VALUES (?, ?, ?, ?, ?)", (kind, field, token, record, phrase)
                )


def _terms(document: Document) -> set[tuple[str, str, str]]:
    found: set[tuple[str, str, str]] = set()
    for field, values in document["words"].items():
        for value in values:
            parts = tokens(value)
            phrase = f" {' '.join(parts)} "
            found.update((field, part, phrase) for part in parts)
            found.update(("default", part, phrase) for part in parts if field in document["default"])
    for field, values in document["keywords"].items():
        for value in values:
            found.add((field, value.lower(), ""))
            if field in document["default"]:
                parts = tokens(value)
                found.update(("default", part, f" {' '.join(parts)} ") for part in parts)
    return found
