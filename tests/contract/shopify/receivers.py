"""Receivers of webhooks on loopback, for tests: quick, slow, failing, dripping, in the clear and under TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.contract.shopify.client import Shop

SUBSCRIBE = """mutation($t: WebhookSubscriptionTopic!, $w: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $t, webhookSubscription: $w) {
    webhookSubscription { id topic uri format } userErrors { field message } } }"""


class Receiver:
    """A receiver of webhooks; `answers` are the statuses it gives, the last one for ever, after `wait_s` seconds."""

    def __init__(self, tls: tuple[str, str] | None = None) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers = [200]
        self.wait_s = 0.0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        if tls:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "https" if tls else "http"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_port}/hook"
        self._thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                time.sleep(receiver.wait_s)
                status = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
                with suppress(OSError):
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Stay quiet."""

        return Handler

    def topics(self) -> list[str]:
        """The topics received."""
        return [headers["X-Shopify-Topic"] for headers, _ in self.got]

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
        self._thread.join()


@contextmanager
def receiving(tls: tuple[str, str] | None = None) -> Iterator[Receiver]:
    """A receiver for the length of a block."""
    made = Receiver(tls)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def raw_receiver(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """A receiver that does with the first connection what the function says; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/hook"
    thread.join(timeout=10)


def subscribe(shop: Shop, uri: str, *topics: str, **more: Any) -> None:
    """Subscribe an address to topics."""
    for topic in topics:
        answer = shop.data(SUBSCRIBE, {"t": topic, "w": {"uri": uri} | more})["webhookSubscriptionCreate"]
        assert answer["userErrors"] == []


def until(done: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait until something holds; fails when it does not within that time."""
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)
