"""A scripted Dataverse for unit tests: an HTTP adapter that answers from a list, and a clock that moves by hand."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse

from shared.dataverse.client import Client, connect

URL = "https://acme.crm.dynamics.com"
START = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
Answer = tuple[int, Mapping[str, str], bytes] | Exception


class HandClock:
    """Time that passes only when somebody sleeps or a test says so."""

    def __init__(self) -> None:
        self.at = START
        self.slept: list[float] = []

    def now(self) -> datetime:
        """The present moment."""
        return self.at

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.slept.append(seconds)
        self.at += timedelta(seconds=seconds)


class Tokens:
    """A token source that counts: token-1, token-2, ... each good for an hour."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.scopes: list[str] = []

    def get_token(self, *scopes: str) -> Any:
        """The next token."""
        self.scopes += scopes
        expires = (self.clock.now() + timedelta(hours=1)).timestamp()
        return SimpleNamespace(token=f"token-{len(self.scopes)}", expires_on=int(expires))


class Script(HTTPAdapter):
    """Answers one after the other; keeps what was sent. An answer may be a function of the request, or an exception."""

    def __init__(self, *answers: Answer | Callable[[PreparedRequest], Answer]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.sent: list[PreparedRequest] = []

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """The next answer."""
        self.sent.append(request)
        answer = self.answers.pop(0)
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        status, headers, body = answer
        raw = HTTPResponse(body=io.BytesIO(body), headers=HTTPHeaderDict(headers), status=status, preload_content=False)
        return self.build_response(request, raw)


def ok(data: Any, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    """200 with JSON."""
    return 200, {"Content-Type": "application/json", **headers}, json.dumps(data).encode()


def error(status: int, code: str, message: str, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    """An OData error."""
    body = json.dumps({"error": {"code": code, "message": message}}).encode()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **sent}, body


def part(status: int, body: bytes = b"", *headers: str) -> bytes:
    """One answer inside a batch answer."""
    lines = [b"Content-Type: application/http", b"Content-Transfer-Encoding: binary", b""]
    lines += [f"HTTP/1.1 {status} Reason".encode(), b"OData-Version: 4.0", *(each.encode() for each in headers)]
    return b"\r\n".join([*lines, b"", body])


def changeset(*parts: bytes) -> bytes:
    """A changeset's answers."""
    return b"Content-Type: multipart/mixed; boundary=changesetresponse_b\r\n\r\n" + _joined(
        parts, b"changesetresponse_b"
    )


def batch(*parts: bytes, status: int = 200) -> tuple[int, Mapping[str, str], bytes]:
    """A whole batch answer."""
    return status, {"Content-Type": "multipart/mixed; boundary=batchresponse_a"}, _joined(parts, b"batchresponse_a")


def _joined(parts: Sequence[bytes], boundary: bytes) -> bytes:
    return b"".join(b"--" + boundary + b"\r\n" + each + b"\r\n" for each in parts) + b"--" + boundary + b"--\r\n"


def client_of(script: HTTPAdapter, clock: HandClock | None = None) -> Client:
    """A client whose every call is answered by the adapter."""
    clock = clock or HandClock()
    client = connect(URL, Tokens(clock), clock)
    client.transport.session.mount("https://", script)
    return client
