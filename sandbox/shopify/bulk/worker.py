"""Runs bulk operations when they are due: in a thread of their own while the sandbox listens, else when asked.

Each object or line is written as it comes, so that memory does not grow with the store. Between pages and lines
others get their turn, and a cancelation is noticed.
"""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sandbox.shopify.bucket import Buckets
from sandbox.shopify.bulk import reading
from sandbox.shopify.bulk.walk import Walker
from sandbox.shopify.call import Actor, Call
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.execution import Executor
from sandbox.shopify.schema import AdminSchema
from sandbox.shopify.store import bulk_operations as operations
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

ENDLESS = 1e12
REPORT_EVERY = 250
# A cancelation does not stop work at once: canceled operations were recorded with all 1,432 objects of a store.
STOP_EVERY = 2_500


@dataclass
class Switches:
    """What goes wrong on purpose: operations that do not begin, or fail after so many objects."""

    hold: bool = False
    fail_after: int | None = None


class Stopped(Exception):
    """The operation was asked to stop."""


class Broken(Exception):
    """The operation failed; the text is its error code."""


@dataclass
class Output:
    """The file an operation writes and what it counted."""

    path: Path
    file: BinaryIO
    objects: int = 0
    roots: int = 0

    def write(self, line: Row, root: bool) -> None:
        """Add one line."""
        self.file.write(text_of(line).encode() + b"\n")
        self.objects += 1
        self.roots += root


def text_of(line: Row) -> str:
    """A line as the vendor writes it: slashes are escaped (the sizes of recorded files say so)."""
    text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
    return text.replace("/", "\\/").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


class BulkWorker:
    """The bulk operations of one store."""

    def __init__(self, schema: AdminSchema, store: Store) -> None:
        self._schema = schema
        self._store = store
        self._executor = Executor(schema, Buckets(store.clock, ENDLESS, ENDLESS))
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self.switches = Switches()

    def start(self) -> None:
        """Begin to work in the background."""
        self._thread = threading.Thread(target=self._work, name="bulk", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Work no more; what is running is left as it is."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._stopped.wait(0.05):
            self.run_due()

    def catch_up(self) -> None:
        """Do what is due, unless the thread does it."""
        if self._thread is not None:
            return
        with self._store.db.reading():
            if operations.due(self._store) is None:
                return
        self.run_due()

    def run_due(self) -> int:
        """Run every operation that is due, one after the other; how many there were."""
        done = 0
        while not self.switches.hold:
            row = operations.due(self._store)
            if row is None:
                break
            self._run(row)
            done += 1
        return done

    def _run(self, row: Row) -> None:
        operations.begin(self._store, row["id"])
        path = self._store.blobs.new()
        with path.open("wb") as file:
            output = Output(path, file)
            status, error = self._outcome(row, output)
        now = operations.get(self._store, row["id"]) or row
        canceled = status == "COMPLETED" and now["status"] == "CANCELING"
        self._close(row["id"], output, "CANCELED" if canceled else status, error)

    def _outcome(self, row: Row, output: Output) -> tuple[str, str | None]:
        try:
            if row["type"] == "QUERY":
                self._query(row, output)
            else:
                self._mutations(row, output)
        except Stopped:
            return "CANCELED", None
        except Broken as broken:
            return "FAILED", str(broken)
        except FieldFailed as failed:
            denied = failed.extensions.get("code") == "ACCESS_DENIED"
            return "FAILED", "ACCESS_DENIED" if denied else "INTERNAL_SERVER_ERROR"
        return "COMPLETED", None

    def _close(self, number: int, output: Output, status: str, error: str | None) -> None:
        changes: Row = {"object_count": output.objects, "root_count": output.roots, "error_code": error}
        if output.objects:
            # A canceled operation gives what it had, and no size (recorded).
            size = None if status == "CANCELED" else output.path.stat().st_size
            changes |= {"file": output.path.name, "file_size": size}
        else:
            output.path.unlink()
        operations.finish(self._store, number, status, changes)

    def _report(self, number: int, output: Output) -> None:
        if self.switches.fail_after is not None and output.objects >= self.switches.fail_after:
            raise Broken("INTERNAL_SERVER_ERROR")
        if output.objects % REPORT_EVERY:
            return
        running = operations.progress(self._store, number, output.objects, output.roots)
        if self._stopped.is_set() or (not running and output.objects % STOP_EVERY == 0):
            raise Stopped

    def _actor(self, row: Row) -> Actor:
        return Actor(row["actor"], frozenset(json.loads(row["scopes"])))

    def _query(self, row: Row, output: Output) -> None:
        document = reading.query(self._store, row["query"])
        walker = Walker(self._schema, self._store, self._actor(row), row["api_version"], document)
        for item in walker.items(bool(row["group_objects"])):
            line = item.line if item.parent is None else item.line | {"__parentId": item.parent}
            output.write(line, item.parent is None)
            self._report(row["id"], output)

    def _mutations(self, row: Row, output: Output) -> None:
        path = self._store.blobs.path(row["staged_path"])
        if path is None:
            raise Broken("INTERNAL_SERVER_ERROR")
        with path.open("rb") as lines:
            for number, line in enumerate(lines):
                if not line.strip():
                    continue
                output.write(self._line(row, line) | {"__lineNumber": number}, True)
                self._report(row["id"], output)

    def _line(self, row: Row, line: bytes) -> Row:
        try:
            variables: Any = json.loads(line)
        except ValueError as error:
            return {"errors": [{"message": f"The line is not JSON: {error}"}]}
        call = Call(self._store, self._actor(row), row["api_version"], "bulk")
        with self._store.db.lock:
            body = self._executor.run(call, {"query": row["query"], "variables": variables}).body
        return {name: value for name, value in body.items() if name != "extensions"}
