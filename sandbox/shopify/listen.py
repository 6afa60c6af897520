"""A WSGI application on a loopback port: waitress in the clear, werkzeug under TLS.

Waitress does not speak TLS; werkzeug's threaded server does, which is enough for a local program.
"""

from __future__ import annotations

import ssl
from typing import Any, Protocol

import waitress.channel
import waitress.server
import waitress.task
import waitress.wasyncore
import werkzeug.serving


class ConnectionDropped(ConnectionError):
    """The request ran and its reply is to be lost: the connection is closed without an answer.

    A ConnectionError, because that is how werkzeug's server knows that nobody is to be answered.
    """


class _Task(waitress.task.WSGITask):  # type: ignore[misc]
    def execute(self) -> None:
        try:
            super().execute()
        except ConnectionDropped:
            # Nothing is to be written, not even an error page, and the socket is to close.
            self.wrote_header = True
            self.close_on_finish = True


class _Channel(waitress.channel.HTTPChannel):  # type: ignore[misc]
    task_class = _Task


class _Handler(werkzeug.serving.WSGIRequestHandler):
    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """Close the connection too: a client that waits for its next answer would not know that this one is lost."""
        del error, environ
        self.close_connection = True


class Server(Protocol):
    """Something that serves until told to stop."""

    url: str

    def serve_forever(self) -> None:
        """Serve until stopped."""

    def stop(self) -> None:
        """Stop serving."""


class _Waitress:
    def __init__(self, application: Any, host: str, port: int) -> None:
        self._server = waitress.server.create_server(
            application, host=host, port=port, threads=8, ident=None, expose_tracebacks=False
        )
        self._server.channel_class = _Channel
        self.url = f"http://{host}:{self._server.effective_port}"

    def serve_forever(self) -> None:
        try:
            self._server.run()
        except OSError:
            # Closing the listening socket from another thread wakes the loop with a bad descriptor.
            return

    def stop(self) -> None:
        self._server.task_dispatcher.shutdown()
        self._server.close()
        # Kept-alive connections stay in waitress's map and its loop runs as long as there is one.
        waitress.wasyncore.close_all(self._server._map, ignore_all=True)


class _Tls:
    def __init__(self, application: Any, host: str, port: int, files: tuple[str, str]) -> None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*files)
        self._server = werkzeug.serving.make_server(
            host, port, application, threaded=True, request_handler=_Handler, ssl_context=context
        )
        self.url = f"https://{host}:{self._server.server_port}"

    def serve_forever(self) -> None:
        self._server.serve_forever(poll_interval=0.1)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def listen(application: Any, host: str, port: int, tls: tuple[str, str] | None) -> Server:
    """A server bound to the port (0: any free one), not yet serving."""
    return _Tls(application, host, port, tls) if tls else _Waitress(application, host, port)
