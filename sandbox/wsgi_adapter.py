"""Mounts a WSGI application onto a `requests.Session`: a sandbox called in process, without a socket.

    session.mount("https://acme.myshopify.com/", WsgiAdapter(app))

Everything above the adapter (sessions, cookies, redirects, decompression) is the real thing. Timeouts and TLS
options are ignored, bodies are read whole. The application's exceptions reach the caller, never as a 500.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from http.client import HTTPMessage
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class WsgiAdapter(HTTPAdapter):
    """A transport of `requests` that calls a WSGI application instead of a server."""

    def __init__(self, application: WSGIApplication) -> None:
        super().__init__()
        self._application = application

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Run the application on this request and return what it answers."""
        chunks, status, headers = run_wsgi_app(self._application, wsgi_environ(request), buffered=True)
        code, _, reason = status.partition(" ")
        message = HTTPMessage()
        for name, value in headers:
            message[name] = value
        body = b"" if request.method == "HEAD" else b"".join(chunks)
        raw = HTTPResponse(
            body=io.BytesIO(body),
            headers=HTTPHeaderDict(headers.items()),
            status=int(code),
            reason=reason,
            preload_content=False,
            request_method=request.method,  # a HEAD answer announces a length and has no body
            original_response=_CookieSource(message),  # type: ignore[arg-type]
        )
        response = self.build_response(request, raw)
        if not stream:
            response.content  # noqa: B018 -- as requests does: read now, so that errors surface here
        return response


class _CookieSource:
    """The one part of http.client's response that requests still reads: the headers its cookie jar parses."""

    def __init__(self, message: HTTPMessage) -> None:
        self.msg = message

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open: the body is in memory."""


def wsgi_environ(request: PreparedRequest) -> dict[str, Any]:
    """The WSGI environment (PEP 3333) of a prepared request."""
    url = urlsplit(str(request.url))
    body = _body_bytes(request.body)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote(url.path or "/", "latin-1"),
        "QUERY_STRING": url.query,
        "REQUEST_URI": (url.path or "/") + (f"?{url.query}" if url.query else ""),
        "SERVER_NAME": url.hostname,
        "SERVER_PORT": str(url.port or (443 if url.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": url.netloc.rpartition("@")[2],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": str(len(body)),
    }
    for name, value in request.headers.items():
        key = name.upper().replace("-", "_")
        text = value.decode("latin-1") if isinstance(value, bytes) else value
        if key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = text
    return environ


def _body_bytes(body: Any) -> bytes:
    """A prepared body is None, text, bytes, a file, or an iterable of bytes."""
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        return _body_bytes(body.read())
    if isinstance(body, Iterable):
        return b"".join(body)
    raise TypeError(f"cannot send a body of type {type(body).__name__}")
