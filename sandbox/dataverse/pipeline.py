"""From WSGI to an answer: who calls, what limits and faults say, run, count, headers.

One lock guards the rows, so calls run one after the other; waiting and faults happen outside it.
"""

from __future__ import annotations

import hmac
import sqlite3
from collections import deque
from collections.abc import Iterable, Iterator
from email.utils import format_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import requests

from . import control
from .batch import Batch
from .context import Actor, Context, Core
from .dispatch import dispatch
from .errors import DataverseError, error
from .faults import answer
from .http import Request, Response, error_response, parse_prefer
from .pages.serve import answer as pages
from .security import demand_named
from .values import is_uuid

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

API_ROOTS = ("/api/data/v9.0", "/api/data/v9.1", "/api/data/v9.2")
KEPT_REQUESTS = 50
# webapi/query/overview: 32 KB for a GET, 64 KB for one inside a batch.
MAX_URL = 32 * 1024
_BEFORE = ("unauthorized", "throttled", "deadlock", "server_error")


class LostAnswerError(requests.ConnectionError):
    """Breaks an answer off after the call was executed."""


class Pipeline:
    """The WSGI application of one sandbox."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.recent: deque[dict[str, Any]] = deque(maxlen=KEPT_REQUESTS)
        config = core.config
        self._tokens = {"app": config.token, "salesperson": config.salesperson_token, "admin": config.admin_token}

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one call."""
        path = _raw_path(environ)
        for root in API_ROOTS:
            if path == root or path.startswith(root + "/"):
                return self._api(environ, start_response, path[len(root):], root)
        request = _request(environ, path)
        if path.startswith("/_sandbox/"):
            response = control.answer(self._core, request)
        else:
            response = pages(self._core, request, list(self.recent))
        return _send(start_response, response)

    def _api(
        self, environ: dict[str, Any], start_response: StartResponse, path: str, root: str,
    ) -> Iterable[bytes]:
        request = _request(environ, unquote(path.strip("/")))
        base = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', 'localhost')}{root}/"
        what = f"{request.method} {request.path}"
        actor = self._actor(request)
        if actor is None:
            return _send(start_response, self._headers(error_response(error("AccessTokenExpired")), None, request))
        if request.method == "GET" and len(_raw_path(environ)) + len(request.query) > MAX_URL:
            too_long = error("CrmHttpError", status=414, message="The request URI is too long.")
            return _send(start_response, self._headers(error_response(too_long), actor, request))
        response = self._limited(actor, request, base, what)
        self._note(actor, request, response)
        lost = self._core.faults.take(what, actor.name, ("lost_answer",)) if response.status < 500 else None
        if lost is not None:
            return _lose(start_response)
        return _send(start_response, response)

    def _actor(self, request: Request) -> Actor | None:
        sent = (request.header("authorization") or "").removeprefix("Bearer ").strip()
        for name, token in self._tokens.items():
            if sent and hmac.compare_digest(sent.encode(), token.encode()):
                return self._core.actors[name]
        return None

    def _limited(self, actor: Actor, request: Request, base: str, what: str) -> Response:
        core = self._core
        tally = core.counters.of(actor.name)
        tally.requests += 1
        try:
            core.limits.enter(actor.user_id, core.clock.now())
        except DataverseError as exc:
            tally.throttled += 1
            return self._headers(error_response(exc), actor, request)
        ctx = Context(core, actor, base, parse_prefer(request.header("prefer")))
        try:
            response = self._run(ctx, request, what)
        finally:
            cost = core.limits.cost(ctx.rows_read, ctx.rows_written)
            core.limits.leave(actor.user_id, core.clock.now(), cost)
        tally.reads += request.method == "GET"
        tally.writes += request.method != "GET"
        tally.rows_read += ctx.rows_read
        tally.rows_written += ctx.rows_written
        tally.errors += response.status >= 400
        self._wait(ctx, what, actor)
        return self._headers(response, actor, request, ctx)

    def _wait(self, ctx: Context, what: str, actor: Actor) -> None:
        latency = self._core.faults.latency
        slow = self._core.faults.take(what, actor.name, ("slow",))
        seconds = latency.per_call_s + latency.per_row_s * (ctx.rows_read + ctx.rows_written)
        seconds += slow.seconds if slow else 0.0
        if seconds > 0:
            self._core.clock.sleep(seconds)

    def _run(self, ctx: Context, request: Request, what: str) -> Response:
        fault = self._core.faults.take(what, ctx.actor.name, _BEFORE)
        refused = answer(fault) if fault else None
        if refused is not None:
            return error_response(refused, bool(ctx.prefer.annotations))
        try:
            with self._core.store.lock:
                self._core.registry.settle(self._core.clock.now())
                if request.path == "$batch":
                    return self._batch(ctx, request)
                return dispatch(self._impersonated(ctx, request), request)
        except DataverseError as exc:
            return error_response(exc, bool(ctx.prefer.annotations))
        except sqlite3.IntegrityError as exc:
            return error_response(error("DuplicateRecord", message=f"A record with matching key values already "
                                        f"exists. ({exc})"))

    def _impersonated(self, ctx: Context, request: Request) -> Context:
        """`MSCRMCallerID` and `CallerObjectId`: the row changes carry the other user's id."""
        wanted = (request.header("mscrmcallerid") or "").lower()
        table = ctx.table("systemuser")
        oid = (request.header("callerobjectid") or "").lower()
        if oid:
            found = ctx.store.find(table, {"azureactivedirectoryobjectid": oid}, [table.pk], limit=1)
            wanted = found[0][table.pk] if found else oid
        if not wanted:
            return ctx
        if not is_uuid(wanted) or ctx.store.get(table, wanted, [table.pk]) is None:
            raise error("ObjectDoesNotExist", "systemuser", wanted)
        demand_named(ctx, "prvActOnBehalfOfAnotherUser")
        ctx.caller_id, ctx.actor = ctx.actor.user_id, Actor(ctx.actor.name, wanted)
        return ctx

    def _batch(self, ctx: Context, request: Request) -> Response:
        core, actor = self._core, ctx.actor
        tally = core.counters.of(actor.name)

        def admit() -> None:
            tally.batch_parts += 1
            core.limits.count(actor.user_id, core.clock.now())

        if request.method != "POST":
            raise error("CrmHttpError", "$batch")
        return Batch(ctx, lambda inner, part: dispatch(self._impersonated(inner, part), part), admit).answer(request)

    def _headers(
        self, response: Response, actor: Actor | None, request: Request, ctx: Context | None = None,
    ) -> Response:
        core = self._core
        now = core.clock.now()
        response.headers["Date"] = format_datetime(now, usegmt=True)
        response.headers["x-ms-service-request-id"] = core.ids.new()
        response.headers["REQ_ID"] = response.headers["x-ms-service-request-id"]
        client_id = request.header("x-ms-client-request-id")
        if client_id:
            response.headers["x-ms-client-request-id"] = client_id
        if actor is not None:
            response.headers.update(core.limits.headers(actor.user_id, now))
        if ctx is not None and ctx.prefer.applied and request.path != "$batch":
            response.headers["Preference-Applied"] = ", ".join(ctx.prefer.applied)
        return response

    def _note(self, actor: Actor, request: Request, response: Response) -> None:
        self.recent.appendleft({
            "at": self._core.clock.now(), "actor": actor.name, "method": request.method,
            "path": request.path, "query": request.query, "status": response.status})


def _raw_path(environ: dict[str, Any]) -> str:
    raw = environ.get("REQUEST_URI") or environ.get("RAW_URI")
    if raw:
        path = str(raw).split("?", 1)[0]
        return "/" + path.split("/", 3)[3] if "://" in path.split("?", 1)[0][:8] else path
    return str(environ.get("PATH_INFO", "/"))


def _request(environ: dict[str, Any], path: str) -> Request:
    headers = {name[5:].replace("_", "-").lower(): value for name, value in environ.items()
               if name.startswith("HTTP_")}
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    length = environ.get("CONTENT_LENGTH") or ""
    body = environ["wsgi.input"].read(int(length)) if length.isdigit() else b""
    if not length and environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read()
    return Request(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers, body)


def _send(start_response: StartResponse, response: Response) -> Iterable[bytes]:
    phrase = HTTPStatus(response.status).phrase
    headers = [(n, v.encode().decode("latin-1")) for n, v in response.headers.items()]
    if response.status not in (204, 304):
        headers.append(("Content-Length", str(len(response.body))))
    start_response(f"{response.status} {phrase}", headers)
    return [response.body] if response.status not in (204, 304) else []


def _lose(start_response: StartResponse) -> Iterator[bytes]:
    """The call was executed; the answer breaks off, so that the caller cannot know."""
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", "1000")])

    def broken() -> Iterator[bytes]:
        yield b" "
        raise LostAnswerError("the sandbox dropped this answer on purpose")

    return broken()
