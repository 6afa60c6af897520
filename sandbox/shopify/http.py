"""HTTP: routes, tokens, headers, ordered faults and latency around the executor.

It adds nothing to an answer that Shopify would not send; what only a sandbox has lives under /_sandbox and /.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.http import http_date
from werkzeug.routing import BaseConverter, Map, Rule
from werkzeug.wrappers import Request, Response

from sandbox.shopify import control, faults, idempotency, uploads
from sandbox.shopify.auth import MERCHANT
from sandbox.shopify.bulk import outputs
from sandbox.shopify.call import Actor, Call
from sandbox.shopify.clock import iso
from sandbox.shopify.dialect import internal_error, throttled
from sandbox.shopify.execution import Answer
from sandbox.shopify.listen import ConnectionDropped
from sandbox.shopify.pages import site
from sandbox.shopify.payloads import shop
from sandbox.shopify.store import jobs

if TYPE_CHECKING:
    from sandbox.shopify.server import ShopifySandbox

INVALID_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105 - a message


class _Version(BaseConverter):
    """The name of an API version; a path that names none is not found."""

    regex = r"(?:\d{4}-\d{2}|unstable)"


ROUTES = Map(
    [
        Rule("/admin/api/<version:version>/graphql.json", endpoint="graphql", methods=["POST"]),
        Rule("/admin/api/<version:version>/shop.json", endpoint="shop", methods=["GET"]),
        Rule("/admin/oauth/access_token", endpoint="grant", methods=["POST"]),
        Rule("/admin/oauth/access_scopes.json", endpoint="scopes", methods=["GET"]),
        Rule(f"{outputs.PATH}/<name>", endpoint="output", methods=["GET"]),
        Rule(uploads.PATH, endpoint="upload", methods=["POST"]),
        Rule(f"{uploads.PATH}<path:key>", endpoint="upload", methods=["PUT"]),
        Rule("/_sandbox/<what>", endpoint="control", methods=["GET", "POST"]),
        Rule("/", endpoint="page", methods=["GET"]),
        Rule("/<what>", endpoint="page", methods=["GET"]),
        Rule("/<what>/<int:number>", endpoint="page", methods=["GET"]),
        Rule("/edit/<kind>/<int:number>", endpoint="edit", methods=["POST"]),
    ],
    converters={"version": _Version},
)


class Application:
    """The WSGI callable of one sandbox."""

    def __init__(self, sandbox: ShopifySandbox) -> None:
        self._sandbox = sandbox

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer one HTTP request."""
        request = Request(environ)
        try:
            endpoint, values = ROUTES.bind_to_environ(environ).match()
            response = getattr(self, f"_{endpoint}")(request, **values)
        except HTTPException as error:
            known = isinstance(error, NotFound)
            response = _json({"errors": "Not Found" if known else error.description}, error.code or 500)
        response.headers.setdefault("X-Request-Id", self._request_id())
        response.headers["Date"] = http_date(self._sandbox.clock.timestamp())
        return response(environ, start_response)

    def _graphql(self, request: Request, version: str) -> Response:
        box = self._sandbox
        actor = box.tokens.actor(request.headers.get("X-Shopify-Access-Token"))
        if actor is None:
            box.counters.note_refused("unknown", 401, self._at())
            return _json({"errors": INVALID_TOKEN}, 401)
        body = _body(request)
        if not isinstance(body, dict) or not body.get("query"):
            return _json({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        request_id = self._request_id()
        fault = box.faults.strike(actor.name, str(body["query"]))
        refused = self._struck(fault, actor.name)
        if refused is not None:
            return refused
        call = Call(box.store, actor, version, request_id)
        call.restricted = actor.name != MERCHANT
        call.base_url = f"{request.scheme}://{request.host}"
        call.debug_cost = request.headers.get("Shopify-GraphQL-Cost-Debug") == "1"
        try:
            answer = self._run(call, body, fault)
            self._wait(answer)
        finally:
            idempotency.leave(call)
        served = version if version <= box.config.api_version else box.config.api_version
        headers = {"X-Shopify-API-Version": served, "X-Request-Id": request_id}
        return _delivered(fault, _json(answer.body, 200, headers | {"X-Shopify-Shop-Domain": box.config.shop}))

    def _run(self, call: Call, body: dict[str, Any], fault: faults.Fault | None) -> Answer:
        box = self._sandbox
        if fault is not None and fault.kind == faults.THROTTLE:
            errors = [throttled()]
            status = box.buckets.of(call.actor.name).status()
            cost = {"requestedQueryCost": 1, "actualQueryCost": None, "throttleStatus": status}
            answer = Answer({"errors": errors, "extensions": {"cost": cost}}, 0, 0, "", errors)
        elif fault is not None and fault.kind == faults.INTERNAL and not fault.executed:
            answer = _failed(call.request_id, None)
        else:
            jobs.catch_up(box.store)
            box.bulk.catch_up()
            answer = box.executor.run(call, body)
            if fault is not None and fault.kind == faults.INTERNAL:
                answer = _failed(call.request_id, answer)
        box.counters.note(call, answer, self._at())
        return answer

    def _struck(self, fault: faults.Fault | None, actor: str) -> Response | None:
        """What an ordered fault does before anything runs: an answer in its place, no answer, or time."""
        if fault is None:
            return None
        if fault.kind == faults.REQUEST_LOST:
            raise ConnectionDropped
        if fault.kind == faults.SLOW:
            time.sleep(fault.delay_s)
        refusal = fault.refusal()
        if refusal is None:
            return None
        status, words = refusal
        self._sandbox.counters.note_refused(actor, status, self._at())
        headers = {"Retry-After": f"{fault.retry_after_s:.1f}"} if status == 429 else {}
        return _json({"errors": words}, status, headers)

    def _wait(self, answer: Answer) -> None:
        per_call, per_row = self._sandbox.faults.latency_per_call_s, self._sandbox.faults.latency_per_row_s
        delay = per_call + per_row * (_rows(answer.body.get("data")) if per_row else 0)
        if delay > 0:
            time.sleep(delay)

    def _shop(self, request: Request, version: str) -> Response:
        return self._told(request, "shop", lambda _: {"shop": shop.body(self._sandbox.inside)}, version)

    def _scopes(self, request: Request) -> Response:
        def answer(actor: Actor) -> Any:
            return {"access_scopes": [{"handle": scope} for scope in sorted(actor.scopes)]}

        return self._told(request, "scopes", answer)

    def _told(self, request: Request, endpoint: str, answer: Callable[[Actor], Any], version: str = "") -> Response:
        """One of the small endpoints that only a token may read."""
        box = self._sandbox
        actor = box.tokens.actor(request.headers.get("X-Shopify-Access-Token"))
        if actor is None:
            return _json({"errors": INVALID_TOKEN}, 401)
        fault = box.faults.strike(actor.name, "", endpoint)
        response = self._struck(fault, actor.name)
        if response is None:
            headers = {"X-Shopify-API-Version": version} if version else {}
            response = _json(answer(actor), 200, headers)
        return _delivered(fault, response)

    def _grant(self, request: Request) -> Response:
        given = _body(request) if request.is_json else request.form.to_dict()
        fault = self._sandbox.faults.strike("", "", "grant")
        response = self._struck(fault, "unknown")
        if response is None:
            status, body = self._sandbox.tokens.grant(given if isinstance(given, dict) else {})
            response = _json(body, status)
        return _delivered(fault, response)

    def _output(self, _request: Request, name: str) -> Response:
        return outputs.answer(self._sandbox.store, name)

    def _upload(self, request: Request, key: str | None = None) -> Response:
        return uploads.answer(self._sandbox.store, request, key)

    def _control(self, request: Request, what: str) -> Response:
        status, body = control.answer(self._sandbox, request.method, what, _body(request))
        return _json(body, status)

    def _page(self, request: Request, what: str = "", number: int | None = None) -> Response:
        return site.show(self._sandbox, request, what, number)

    def _edit(self, request: Request, kind: str, number: int) -> Response:
        return site.edit(self._sandbox, request, kind, number)

    def _request_id(self) -> str:
        return f"{uuid.uuid4()}-{int(self._sandbox.clock.timestamp())}"

    def _at(self) -> str:
        return iso(self._sandbox.clock.micros()) or ""


def _delivered(fault: faults.Fault | None, response: Response) -> Response:
    """The answer, unless it is to be lost on its way."""
    if fault is not None and fault.kind == faults.REPLY_LOST:
        raise ConnectionDropped
    return response


def _failed(request_id: str, ran: Answer | None) -> Answer:
    errors = [internal_error(request_id)]
    operation = ran.operation if ran else ""
    return Answer({"data": None, "errors": errors}, 0, 0, operation, errors)


def _body(request: Request) -> Any:
    try:
        return json.loads(request.get_data() or b"{}")
    except ValueError:
        return None


def _json(body: Any, status: int, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, headers, content_type="application/json; charset=utf-8")


def _rows(value: Any) -> int:
    if isinstance(value, dict):
        return ("id" in value) + sum(_rows(item) for item in value.values())
    if isinstance(value, list):
        return sum(_rows(item) for item in value)
    return 0
