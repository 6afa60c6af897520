"""`$batch`: many operations in one request, changesets among them, and the reading of its multipart answer.

Pure text in and out; the client sends it. A changeset is all or nothing; Dataverse runs the parts in order.
Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/execute-batch-operations-using-web-api.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from itertools import count
from typing import Any

from shared.dataverse import odata

MAX_PARTS = 1000
MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Operation:
    """One request of a batch. `url` is relative to the API root, or `$n` for the row that Content-ID n created.

    `content_id` is needed only where a later operation of the changeset refers to it; others are numbered.
    """

    method: str
    url: str
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_id: str = ""


Item = Operation | tuple[Operation, ...]
"""A single request, or a changeset of writes."""


@dataclass(frozen=True, slots=True)
class Part:
    """The answer to one operation."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def failed(self) -> bool:
        """Whether it was refused."""
        return self.status >= 400

    def json(self) -> Any:
        """The body, numbers exact."""
        return odata.loads(self.body)


Result = Part | tuple[Part, ...] | None
"""A single answer (also the one failure of a changeset), a changeset's answers, or None: not run, or not told."""


def operations_in(item: Item) -> int:
    """How many requests an item counts for."""
    return 1 if isinstance(item, Operation) else len(item)


class Composer:
    """Writes the multipart body. `boundary` is any text that no body contains at the start of a line."""

    def __init__(self, root: str, boundary: str) -> None:
        self._root = root
        self._boundary = boundary
        self._free: Iterator[str] = iter(())

    @property
    def content_type(self) -> str:
        """The header that goes with `body`."""
        return f'multipart/mixed; boundary="batch_{self._boundary}"'

    def body(self, items: Sequence[Item]) -> bytes:
        """All items; ValueError beyond 1000 requests or the byte limit (callers split before)."""
        if sum(map(operations_in, items)) > MAX_PARTS:
            raise ValueError(f"a batch holds at most {MAX_PARTS} requests")
        outer = f"batch_{self._boundary}"
        taken = {op.content_id for item in items if isinstance(item, tuple) for op in item}
        self._free = (str(n) for n in count(1) if str(n) not in taken)
        lines: list[str] = []
        for number, item in enumerate(items):
            lines.append(f"--{outer}")
            lines += self._single(item) if isinstance(item, Operation) else self._changeset(item, number)
        lines += [f"--{outer}--", ""]
        whole = "\r\n".join(lines).encode()
        if len(whole) > MAX_BYTES:
            raise ValueError(f"a batch holds at most {MAX_BYTES} bytes")
        return whole

    def _changeset(self, operations: tuple[Operation, ...], number: int) -> list[str]:
        inner = f"changeset_{self._boundary}_{number}"
        lines = [f'Content-Type: multipart/mixed; boundary="{inner}"', ""]
        for operation in operations:
            if operation.method == "GET":
                raise ValueError("a changeset holds writes only")
            lines += [f"--{inner}", *self._single(operation, operation.content_id or next(self._free))]
        return [*lines, f"--{inner}--"]

    def _single(self, operation: Operation, content_id: str = "") -> list[str]:
        url = operation.url if operation.url.startswith("$") else self._root + operation.url
        lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
        if content_id:
            lines.append(f"Content-ID: {content_id}")
        lines += ["", f"{operation.method} {url} HTTP/1.1", "Accept: application/json"]
        lines += [f"{name}: {value}" for name, value in operation.headers.items()]
        if operation.body is None:
            return [*lines, "", ""]
        return [*lines, "Content-Type: application/json; type=entry", "", odata.dumps(operation.body)]


def size_of(item: Item) -> int:
    """About how many bytes an item takes: its bodies and URLs, and 300 for the headers of each request."""
    operations = (item,) if isinstance(item, Operation) else item
    return sum(
        300 + len(operation.url) + (len(odata.dumps(operation.body).encode()) if operation.body is not None else 0)
        for operation in operations
    )


def parse(content_type: str, body: bytes, sent: int) -> list[Result]:
    """The answers in the order of the `sent` items; ValueError when the reply is no multipart text.

    A reply that ends early (HTTP 400 ends with the part that failed) leaves None for what is not told.
    """
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    if not message.is_multipart():
        raise ValueError("the batch was not answered in parts")
    results: list[Result] = [_result(part) for part in _children(message)]
    if len(results) > sent:
        raise ValueError(f"{len(results)} answers to {sent} requests")
    return results + [None] * (sent - len(results))


def _result(message: Message) -> Result:
    if not message.is_multipart():
        return _part(message)
    parts = tuple(_part(child) for child in _children(message))
    return next((part for part in parts if part.failed), parts)


def _children(message: Message) -> Iterator[Message]:
    payload = message.get_payload()
    if not isinstance(payload, list):
        raise TypeError("not a multipart message")
    for child in payload:
        if isinstance(child, Message):
            yield child


def _part(message: Message) -> Part:
    """An embedded HTTP answer: status line, headers, blank line, body."""
    raw = message.get_payload(decode=True)
    if not isinstance(raw, bytes):
        raise TypeError("a part without a body")
    line, _, rest = raw.lstrip().partition(b"\r\n")
    words = line.split(None, 2)
    if len(words) < 2 or not words[0].startswith(b"HTTP/") or not words[1].isdigit():
        raise ValueError("a part of the batch answer is no HTTP answer")
    head, _, body = rest.partition(b"\r\n\r\n") if not rest.startswith(b"\r\n") else (b"", b"", rest[2:])
    headers: dict[str, str] = {}
    for text in head.decode("latin-1").split("\r\n"):
        name, _, value = text.partition(":")
        if name:
            headers[name.strip()] = value.strip()
    return Part(int(words[1]), headers, body.strip())
