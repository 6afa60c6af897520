"""The host's HTTP side, a WSGI application: the app's routes, a page that lists them, and the admin endpoints.

Keys are checked only when the host was started with some, as Azure does and `func start` does not.
"""

from __future__ import annotations

import hmac
import json
import logging
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from markupsafe import escape
from werkzeug.wrappers import Request, Response

from sandbox.host.functions import AppFunction
from sandbox.host.invocation import Invoker
from sandbox.host.payloads import http_request, http_response
from sandbox.host.routes import RouteTable

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_logger = logging.getLogger("sandbox.host")


@dataclass(frozen=True)
class Keys:
    """The function and master key; without a master key nothing is checked."""

    function: str | None = None
    master: str | None = None

    def allow(self, level: str, request: Request) -> bool:
        """Whether a request may call a function of this auth level (or, at ADMIN, an admin endpoint)."""
        if self.master is None or level == "ANONYMOUS":
            return True
        given = request.headers.get("x-functions-key") or request.args.get("code") or ""
        accepted = [self.master] if level == "ADMIN" else [self.master, self.function or self.master]
        return any(hmac.compare_digest(given.encode(), key.encode()) for key in accepted)


class WebApp:
    """Answers HTTP requests for one host."""

    def __init__(
        self,
        functions: list[AppFunction],
        routes: RouteTable,
        invoker: Invoker,
        keys: Keys,
        fire: Callable[[str, str], Future[Any] | None],
    ) -> None:
        self._functions = {function.name: function for function in functions}
        self._routes = routes
        self._invoker = invoker
        self._keys = keys
        self._fire = fire

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        request = Request(environ)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.path == "/" and request.method in ("GET", "HEAD"):
            return self._status_page(request)
        if request.path.startswith("/admin/"):
            return self._admin(request)
        found = self._routes.find(request.method, request.path)
        if found is None:
            return Response(status=404)
        route, parameters = found
        if not self._keys.allow(str(route.function.trigger.get("authLevel", "FUNCTION")), request):
            return Response(status=401)
        return self._invoke(route.function, request, {name: str(text) for name, text in parameters.items()})

    def _invoke(self, function: AppFunction, request: Request, parameters: dict[str, str]) -> Response:
        try:
            future = self._invoker.submit(
                function, http_request(request, parameters), request.headers.get("traceparent")
            )
        except RuntimeError:
            return Response(status=503)
        try:
            return http_response(future.result())
        except Exception as error:  # noqa: BLE001 -- whatever the function raised is an empty 500, as on Azure
            if future.exception() is None:
                _logger.error("function %s: %s", function.name, error)
            return Response(status=500)

    def _admin(self, request: Request) -> Response:
        if not self._keys.allow("ADMIN", request):
            return Response(status=401)
        parts = request.path.strip("/").split("/")[1:]
        if request.method == "GET" and parts == ["host", "status"]:
            return _json({"state": "Running", "version": "sandbox"})
        if request.method == "GET" and parts == ["functions"]:
            return _json([describe(function) for function in self._functions.values()])
        if request.method == "POST" and len(parts) == 2 and parts[0] == "functions":
            return self._fire_by_hand(request, parts[1])
        return Response(status=404)

    def _fire_by_hand(self, request: Request, name: str) -> Response:
        """Start a timer or queue function once, with {"input": "..."} as the message; 202 while it runs."""
        function = self._functions.get(name)
        if function is None:
            return Response(status=404)
        if function.trigger_type == "httpTrigger":
            return Response("an HTTP function is called by its own route", 400)
        document = request.get_json(silent=True) if request.get_data() else {}
        if not isinstance(document, dict) or not isinstance(document.get("input", ""), str):
            return Response('the body must be {"input": "text"}', 400)
        return Response(status=202 if self._fire(name, document.get("input", "")) else 503)

    def _status_page(self, request: Request) -> Response:
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(text)}</td>" for text in describe(function).values()) + "</tr>"
            for function in self._functions.values()
        )
        page = (
            "<!doctype html><title>Functions host</title><h1>Your functions are up and running</h1>"
            f"<table><tr><th>name<th>trigger<th>detail</tr>{rows}</table>"
        )
        return Response(page, content_type="text/html; charset=utf-8")


def describe(function: AppFunction) -> dict[str, str]:
    """Name, trigger and what starts it, for lists."""
    trigger = function.trigger
    detail = {
        "httpTrigger": lambda: f"{','.join(trigger.get('methods', ['*']))} {trigger.get('route', function.name)}",
        "timerTrigger": lambda: str(trigger["schedule"]),
        "queueTrigger": lambda: str(trigger["queueName"]),
    }[function.trigger_type]()
    return {"name": function.name, "trigger": function.trigger_type, "detail": detail}


def _json(value: object) -> Response:
    return Response(json.dumps(value), content_type="application/json")
