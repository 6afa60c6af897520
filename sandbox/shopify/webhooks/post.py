"""One HTTP POST with Shopify's limits: one second to connect, five seconds for all of it.

Written on the socket because a library's read time-out starts anew with every byte, and a receiver that drips its
answer must not get more than five seconds. Redirects are answers like any other, and bodies are read and dropped.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from collections.abc import Mapping
from http.client import HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

CONNECT_S, TOTAL_S = 1.0, 5.0


class NotDelivered(Exception):
    """No HTTP answer came in time; the message says in one word why."""


def context(ca_file: str | None) -> ssl.SSLContext:
    """How certificates of receivers are checked: against that authority, or not at all without one."""
    made = ssl.create_default_context(cafile=ca_file)
    if ca_file is None:
        # Receivers under test have self-made certificates; Shopify itself checks them.
        made.check_hostname = False
        made.verify_mode = ssl.CERT_NONE
    return made


def post(uri: str, headers: Mapping[str, str], body: bytes, tls: ssl.SSLContext) -> int:
    """The status of the answer; raises NotDelivered when there is none within the limits."""
    deadline = time.monotonic() + TOTAL_S
    parts = urlsplit(uri)
    try:
        connection = _connect(parts.hostname or "", parts.port, parts.scheme == "https")
        with connection:
            connection.settimeout(_left(deadline))
            if parts.scheme == "https":
                connection = tls.wrap_socket(connection, server_hostname=parts.hostname)
            with connection:
                connection.sendall(_head(parts, headers, len(body)) + body)
                return _status(connection, deadline)
    except TimeoutError as error:
        raise NotDelivered("ReadTimeout") from error
    except (OSError, HTTPException, ValueError) as error:
        raise NotDelivered(type(error).__name__) from error


def _connect(host: str, port: int | None, secure: bool) -> socket.socket:
    try:
        return socket.create_connection((host, port or (443 if secure else 80)), timeout=CONNECT_S)
    except TimeoutError as error:
        raise NotDelivered("ConnectTimeout") from error


def _head(parts: Any, headers: Mapping[str, str], length: int) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    host = parts.netloc.rsplit("@", 1)[-1]
    fixed = {"Host": host, "Content-Length": str(length), "Accept": "*/*", "Connection": "close"}
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in {**fixed, **headers}.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _left(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TimeoutError
    return seconds


def _status(connection: socket.socket, deadline: float) -> int:
    answer = HTTPResponse(_Readable(connection, deadline), method="POST")  # type: ignore[arg-type]
    with answer:
        answer.begin()
        while answer.read(65_536):
            pass
        return answer.status


class _Readable:
    """What HTTPResponse wants of a socket: a file that reads no longer than the deadline allows."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._raw = _Deadlined(connection, deadline)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self._raw)


class _Deadlined(io.RawIOBase):
    def __init__(self, connection: socket.socket, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(_left(self._deadline))
        return self._connection.recv_into(buffer)
