"""`$batch`: multipart requests taken apart, run in order, and put together again.

Reference: webapi/execute-batch-operations-using-web-api. Change sets are one transaction each; without
continue-on-error the first failure ends the batch and the whole answer is 400, earlier work stays.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from urllib.parse import unquote

from .context import Context
from .errors import DataverseError, bad_request, error
from .http import Request, Response, error_response, parse_prefer
from .writes.resolve import content_reference

MAX_PARTS = 1000
MAX_URL = 64 * 1024
_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_REQUEST_LINE = re.compile(r"^(GET|POST|PATCH|PUT|DELETE)\s+(\S.*?)\s+HTTP/1\.1$")
_STARTS_WITH_REFERENCE = re.compile(r"^/?\$([A-Za-z0-9_.\-]+)(.*)$")


@dataclass
class Part:
    """One request of a batch, with its Content-ID."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    content_id: str | None = None


@dataclass
class ChangeSet:
    """Requests that run all or none."""

    parts: list[Part] = field(default_factory=list)


Item: TypeAlias = Part | ChangeSet
Runner: TypeAlias = Callable[[Context, Request], Response]


def boundary_of(content_type: str) -> str:
    """The boundary a multipart content type names; 400 when there is none."""
    match = _BOUNDARY.search(content_type)
    if not content_type.lower().startswith("multipart/mixed") or match is None:
        raise bad_request("The content-type of a batch must be multipart/mixed with a boundary.")
    return match.group(1).strip()


def split_parts(body: bytes, boundary: str) -> list[bytes]:
    """The raw parts between the boundary lines; lines must end with CRLF."""
    marker = b"--" + boundary.encode()
    lines = body.split(b"\r\n")
    if marker not in lines:
        if marker in body:
            raise bad_request("The batch must use CRLF line ends.")
        raise bad_request("The batch does not contain its boundary.")
    parts: list[list[bytes]] = []
    for line in lines:
        if line.rstrip() == marker:
            parts.append([])
        elif line.rstrip() == marker + b"--":
            return [b"\r\n".join(p) for p in parts]
        elif parts:
            parts[-1].append(line)
    raise bad_request("The batch ends without its closing boundary.")


def _head(raw: bytes) -> tuple[dict[str, str], bytes]:
    head, _, rest = raw.partition(b"\r\n\r\n")
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return headers, rest


def parse_batch(body: bytes, content_type: str) -> list[Item]:
    """The requests and change sets of a batch; 400 for more than 1,000 requests or a nested batch."""
    items: list[Item] = []
    count = 0
    for raw in split_parts(body, boundary_of(content_type)):
        headers, rest = _head(raw)
        if headers.get("content-type", "").lower().startswith("multipart/mixed"):
            inner = [_part(*_head(p)) for p in split_parts(rest, boundary_of(headers["content-type"]))]
            _check_change_set(inner)
            items.append(ChangeSet(inner))
            count += len(inner)
        else:
            items.append(_part(headers, rest))
            count += 1
    if count > MAX_PARTS:
        raise error("InvalidArgument", message=f"The batch contains {count} requests, more than the maximum of "
                    f"{MAX_PARTS}.")
    return items


def _part(headers: dict[str, str], rest: bytes) -> Part:
    if not headers.get("content-type", "").lower().startswith("application/http"):
        raise bad_request("A batch part must have the content-type application/http.")
    line, _, remaining = rest.partition(b"\r\n")
    match = _REQUEST_LINE.match(line.decode("utf-8", "replace").strip())
    if match is None:
        raise bad_request(f"The request line '{line.decode('utf-8', 'replace')}' of a batch part is not valid.")
    inner, body = _head(remaining) if not remaining.startswith(b"\r\n") else ({}, remaining[2:])
    if len(match.group(2)) > MAX_URL:
        raise bad_request("The request URI of a batch part is too long.")
    if "$batch" in match.group(2):
        raise bad_request("A batch cannot contain another batch.")
    return Part(match.group(1), match.group(2), inner, body.removesuffix(b"\r\n"), headers.get("content-id"))


def _check_change_set(parts: list[Part]) -> None:
    seen: set[str] = set()
    for part in parts:
        if part.method == "GET":
            raise bad_request("GET requests are not allowed in change sets.")
        if part.content_id is None or part.content_id in seen:
            raise bad_request("Each request of a change set needs a Content-ID of its own.")
        seen.add(part.content_id)


class Batch:
    """Runs the items of one batch and writes the multipart answer."""

    def __init__(self, ctx: Context, run: Runner, admit: Callable[[], None]) -> None:
        self._ctx = ctx
        self._run = run
        self._admit = admit
        self._parts: list[Context] = []

    def answer(self, request: Request) -> Response:
        """The multipart answer to a batch request."""
        body = request.body
        if self._ctx.core.config.lf_batches and b"\r\n" not in body:
            body = body.replace(b"\n", b"\r\n")
        items = parse_batch(body, request.header("content-type") or "")
        keep_going = parse_prefer(request.header("prefer")).continue_on_error
        boundary = f"batchresponse_{self._ctx.core.ids.new()}"
        chunks: list[bytes] = []
        failed = False
        for item in items:
            ok, raw = self._change_set(item) if isinstance(item, ChangeSet) else self._single(item)
            chunks.append(raw)
            if not ok and not keep_going:
                failed = True
                break
        # Summed here and not part by part: totals at the end of a change set are work of its parts too.
        self._ctx.rows_read += sum(part.rows_read for part in self._parts)
        self._ctx.rows_written += sum(part.rows_written for part in self._parts)
        body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), c) for c in chunks)
        body += b"--%s--\r\n" % boundary.encode()
        headers = {"Content-Type": f"multipart/mixed; boundary={boundary}", "OData-Version": "4.0"}
        return Response(400 if failed else 200, headers, body)

    def _single(self, part: Part) -> tuple[bool, bytes]:
        response = self._guarded(part)
        return response.status < 400, render(response, part.content_id)

    def _guarded(self, part: Part) -> Response:
        try:
            self._admit()
            return self._one(part)
        except DataverseError as exc:
            return error_response(exc, bool(parse_prefer(part.headers.get("prefer")).annotations))

    def _one(self, part: Part) -> Response:
        ctx = replace(self._ctx, prefer=parse_prefer(part.headers.get("prefer")), rows_read=0, rows_written=0)
        self._parts.append(ctx)
        try:
            response = self._run(ctx, self._request(part))
        except sqlite3.IntegrityError as exc:
            raise error("DuplicateRecord") from exc
        if ctx.prefer.applied:
            response.headers["Preference-Applied"] = ", ".join(ctx.prefer.applied)
        if part.content_id is not None and "OData-EntityId" in response.headers:
            self._ctx.content_ids[part.content_id] = response.headers["OData-EntityId"]
        elif part.content_id is not None and response.status == 201:
            self._ctx.content_ids[part.content_id] = self._ctx.scratch.get("last_url", "")
        return response

    def _request(self, part: Part) -> Request:
        target = part.target
        match = _STARTS_WITH_REFERENCE.match(target)
        if match and match.group(1) not in ("metadata", "batch"):
            target = content_reference(self._ctx, match.group(1)) + match.group(2)
        path, _, query = target.partition("?")
        path = re.sub(r"^(?:https?://[^/]+)?/api/data/v9\.\d+/?", "", path)
        return make_request(part.method, path, query, part.headers, part.body)

    def _change_set(self, item: ChangeSet) -> tuple[bool, bytes]:
        boundary = f"changesetresponse_{self._ctx.core.ids.new()}"
        chunks: list[bytes] = []
        known = dict(self._ctx.content_ids)
        try:
            with self._ctx.store.transaction():
                for part in item.parts:
                    self._admit()
                    chunks.append(render(self._one(part), part.content_id))
        except DataverseError as exc:
            self._ctx.content_ids.clear()
            self._ctx.content_ids.update(known)
            failing = item.parts[min(len(chunks), len(item.parts) - 1)]
            annotated = bool(parse_prefer(failing.headers.get("prefer")).annotations)
            return False, _wrap(boundary, [render(error_response(exc, annotated), failing.content_id)])
        return True, _wrap(boundary, chunks)


def _wrap(boundary: str, chunks: list[bytes]) -> bytes:
    mark = boundary.encode()
    body = b"".join(b"--%s\r\n%s\r\n" % (mark, c) for c in chunks) + b"--%s--\r\n" % mark
    return b"Content-Type: multipart/mixed; boundary=%s\r\n\r\n%s" % (mark, body)


_REASONS = {200: "OK", 201: "Created", 204: "No Content", 304: "Not Modified", 400: "Bad Request",
            401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
            412: "Precondition Failed", 429: "Too Many Requests", 500: "Internal Server Error",
            501: "Not Implemented", 503: "Service Unavailable"}


def render(response: Response, content_id: str | None) -> bytes:
    """One answer as a part of the multipart body."""
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary"]
    if content_id is not None:
        lines.append(f"Content-ID: {content_id}")
    lines += ["", f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Error')}"]
    lines += [f"{name}: {value}" for name, value in response.headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + response.body


def make_request(method: str, path: str, query: str, headers: dict[str, str], body: bytes) -> Request:
    """A request whose path is decoded; the query stays raw."""
    return Request(method, unquote(path), query, headers, body)
