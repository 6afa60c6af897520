"""An adapter for a `requests.Session` that answers from a list: the narrowest seam, below all of our code."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse


@dataclass(frozen=True)
class Reply:
    """One answer: a status, a body (text, bytes or JSON) and headers."""

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Script = Reply | Exception | Callable[[PreparedRequest], Reply]


class Replay(HTTPAdapter):
    """Answers the next entry of `script`; the last one again and again. `seen` keeps the requests."""

    def __init__(self, *script: Script) -> None:
        super().__init__()
        self.script = list(script)
        self.seen: list[PreparedRequest] = []

    def send(self, request: PreparedRequest, *_args: Any, **_options: Any) -> Response:
        self.seen.append(request)
        entry = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(entry, Exception):
            raise entry
        reply = entry(request) if callable(entry) else entry
        body = reply.body if isinstance(reply.body, bytes) else _text(reply.body).encode()
        headers = {"Date": "Mon, 23 Nov 2026 12:00:00 GMT", **reply.headers}
        raw = HTTPResponse(io.BytesIO(body), headers, reply.status, preload_content=False)
        return self.build_response(request, raw)

    def sent(self, position: int = -1) -> Any:
        """The JSON body of a request."""
        return json.loads(self.seen[position].body or b"null")


def _text(body: Any) -> str:
    return body if isinstance(body, str) else json.dumps(body)


def mounted(session: requests.Session, *script: Script) -> Replay:
    """The adapter, mounted for every address."""
    adapter = Replay(*script)
    session.mount("https://", adapter)
    return adapter
