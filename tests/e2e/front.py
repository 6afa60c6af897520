"""What stands between the two systems and several hosts: one address, any living host behind it, and a bad line.

As the platform's front end it hands each webhook to one of the instances; on purpose it loses, doubles and reorders
some. A host that is dead or dying means the next one; none at all means 503. It never looks into a request.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

LOST, DOUBLED, LATE = 0.05, 0.05, 0.10
LONGEST_S = 3.0
_HOP = {"host", "connection", "content-length", "accept-encoding", "user-agent"}


class Front:
    """Passes webhooks on to whatever `hosts` names at that moment; `seen` counts what became of them."""

    def __init__(self, hosts: Callable[[], Sequence[str]], seed: int) -> None:
        self._hosts = hosts
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self.spoils = True
        self.seen: Counter[str] = Counter()

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """The status for one webhook. What is lost or late is answered before anybody has read it."""
        fate = self._fate()
        with self._lock:
            self.seen[fate] += 1
        if fate == "lost":
            return 200
        if fate == "late":
            threading.Thread(target=self._later, args=(path, headers, body), daemon=True).start()
            return 200
        if fate == "doubled":
            self._pass(path, headers, body)
        return self._pass(path, headers, body)

    def _fate(self) -> str:
        with self._lock:
            drawn = self._chance.random()
        if not self.spoils:
            return "whole"
        bounds = (("lost", LOST), ("doubled", LOST + DOUBLED), ("late", LOST + DOUBLED + LATE))
        return next((name for name, bound in bounds if drawn < bound), "whole")

    def _later(self, path: str, headers: dict[str, str], body: bytes) -> None:
        with self._lock:
            wait_s = self._chance.uniform(0.2, LONGEST_S)
        time.sleep(wait_s)  # this is the disorder: what came meanwhile is ahead
        if self._pass(path, headers, body) != 200:
            self.seen["late and then lost"] += 1

    def _pass(self, path: str, headers: dict[str, str], body: bytes) -> int:
        with self._lock:
            hosts = list(self._hosts())
            self._chance.shuffle(hosts)
        for url in hosts:
            try:
                return requests.post(url + path, data=body, headers=headers, timeout=4).status_code
            except requests.RequestException:
                self.seen["met a dead host"] += 1
        return 503


@contextmanager
def standing(hosts: Callable[[], Sequence[str]], seed: int) -> Iterator[tuple[Front, str]]:
    """The front and its address, for the length of a block."""
    front = Front(hosts, seed)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name: text for name, text in self.headers.items() if name.lower() not in _HOP}
            self.send_response(front.answer(self.path, headers, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield front, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
