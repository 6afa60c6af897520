"""Serves a WSGI application on a loopback port with waitress, and stops it in two steps so that requests can finish.

Must never listen beyond loopback.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from waitress import wasyncore  # type: ignore[import-untyped]
from waitress.server import create_server  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_THREADS = 32
# FUNCTIONS_REQUEST_BODY_SIZE_LIMIT's default (https://learn.microsoft.com/azure/azure-functions/functions-app-settings):
# a larger body is refused (413) before a function sees it.
_MOST_BYTES = 104_857_600
_CONNECTIONS = 10_000
"""The real host sets no limit. waitress leaves whoever comes after the hundredth unheard for as long as those stay."""
_STOP_S = 5
_FLUSH_POLL_S = 0.01


class LoopbackServer:
    """One listening server and its thread."""

    def __init__(self, application: WSGIApplication, port: int) -> None:
        self._server: Any = create_server(
            application,
            host="127.0.0.1",
            port=port,
            threads=_THREADS,
            connection_limit=_CONNECTIONS,
            asyncore_use_poll=True,  # select() ends at 1,024 sockets
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_body_size=_MOST_BYTES + 1,  # waitress refuses what reaches its limit
        )
        self.port: int = self._server.effective_port
        self._thread = threading.Thread(target=self._server.run, name="http", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop_accepting(self) -> None:
        """Refuse new connections; those that are open can finish their requests."""
        self._in_loop(lambda: wasyncore.dispatcher.close(self._server))

    def stop(self) -> None:
        """Close every connection once what was answered has left, and end the thread."""
        self._flush()
        self._in_loop(self._close_all)
        self._thread.join(_STOP_S)
        self._server.task_dispatcher.shutdown(cancel_pending=True, timeout=_STOP_S)
        self._server.trigger.close()  # not before: whoever pulls it meanwhile would write to a closed descriptor

    def _flush(self) -> None:
        """An answer that a function gave is still to be written when the function is done: wait for its last byte."""
        deadline = time.monotonic() + _STOP_S
        while time.monotonic() < deadline:
            channels = list(self._server.active_channels.values())
            if not any(channel.requests or channel.total_outbufs_len for channel in channels):
                return
            time.sleep(_FLUSH_POLL_S)

    def _close_all(self) -> None:
        # The loop ends when its map is empty; the trigger that runs this is part of the map and leaves it last.
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()
        wasyncore.dispatcher.close(self._server)
        self._server.trigger.del_channel()

    def _in_loop(self, action: Callable[[], None]) -> None:
        """Run an action in the server's own thread, the only one that may touch its sockets."""
        self._server.trigger.pull_trigger(action)
