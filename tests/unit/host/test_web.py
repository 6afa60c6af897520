"""HTTP as the real host answers it: routes, methods, bodies, keys, admin endpoints."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import azure.functions as func
import pytest
import requests

from sandbox.host.host import Host, HostOptions
from sandbox.host.invocation import InvocationRecord
from sandbox.host.web import Keys
from sandbox.wsgi_adapter import WsgiAdapter

_BASE = "http://host"


def _app() -> func.FunctionApp:
    app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
    _declare_paths(app)
    _declare_answers(app)

    @app.route(route="master", auth_level=func.AuthLevel.ADMIN)
    def master(req: func.HttpRequest) -> str:
        return "master"

    @app.timer_trigger(arg_name="timer", schedule="0 0 0 1 1 *")
    def tick(timer: func.TimerRequest) -> None:
        logging.getLogger("tick").info("past due: %s", timer.past_due)

    return app


def _declare_paths(app: func.FunctionApp) -> None:
    @app.route(route="shops/{shop}/items/{id:int}", methods=["GET", "POST"])
    def item(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
        seen = {
            "route": dict(req.route_params),
            "query": dict(req.params),
            "body": req.get_body().decode(),
            "method": req.method,
            "url": req.url,
            "header": req.headers.get("X-Thing"),
            "trace": context.trace_context.trace_parent,
            "name": context.function_name,
            "id": context.invocation_id,
        }
        answer = func.HttpResponse(json.dumps(seen), mimetype="application/json", status_code=201)
        answer.headers.add("Set-Cookie", "a=1; Path=/")
        answer.headers.add("Set-Cookie", "b=2; Path=/")
        return answer

    @app.route(route="shops/{shop}/items/{name}", methods=["GET"])
    def named(req: func.HttpRequest) -> str:
        return f"named {req.route_params['name']}"

    @app.route(route="files/{*path}", auth_level=func.AuthLevel.ANONYMOUS)
    def files(req: func.HttpRequest) -> str:
        return f"file {req.route_params.get('path')}"

    @app.route(route="maybe/{id?}")
    def maybe(req: func.HttpRequest) -> str:
        return f"maybe {req.route_params.get('id')}"


def _declare_answers(app: func.FunctionApp) -> None:
    @app.route(route="broken")
    def broken(req: func.HttpRequest) -> str:
        raise ValueError("secret text")

    @app.route(route="nothing")
    def nothing(req: func.HttpRequest) -> None:
        return None

    @app.route(route="wrong")
    def wrong(req: func.HttpRequest) -> dict[str, str]:
        return {}

    @app.route(route="later")
    async def later(req: func.HttpRequest) -> str:
        return "later"


@pytest.fixture
def records() -> list[InvocationRecord]:
    """The records of the invocations so far."""
    return []


@pytest.fixture
def host(records: list[InvocationRecord]) -> Iterator[Host]:
    """A host in process, without keys."""
    yield from _running(records, Keys())


@pytest.fixture
def keyed(records: list[InvocationRecord]) -> Iterator[Host]:
    """A host in process that checks keys."""
    yield from _running(records, Keys("fkey", "mkey"))


def _running(records: list[InvocationRecord], keys: Keys) -> Iterator[Host]:
    options = HostOptions(port=None, keys=keys)
    host = Host(_app(), {"AzureWebJobsStorage": "UseDevelopmentStorage=true"}, options=options, report=records.append)
    yield host
    assert host.stop(5)


def _call(host: Host, method: str, path: str, **options: object) -> requests.Response:
    with requests.Session() as session:
        session.mount(_BASE, WsgiAdapter(host.web))
        return session.request(method, _BASE + path, **options)  # type: ignore[arg-type]


def test_a_function_sees_the_whole_request(host: Host) -> None:
    """Route parameters (as text), query, body, headers and the URL arrive; status, type and cookies go back."""
    answer = _call(host, "POST", "/api/shops/acme/items/007?x=1", data=b"body", headers={"X-Thing": "7"})
    seen = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/json"
    assert seen["route"] == {"shop": "acme", "id": "007"}
    assert (seen["query"], seen["body"], seen["method"], seen["header"]) == ({"x": "1"}, "body", "POST", "7")
    assert seen["url"] == "http://host/api/shops/acme/items/007?x=1"
    assert answer.cookies.get_dict() == {"a": "1", "b": "2"}


def test_the_context_continues_the_callers_trace(host: Host, records: list[InvocationRecord]) -> None:
    """A valid traceparent is continued under a new span, anything else starts a new trace."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    path, span = "/api/shops/acme/items/1", "b7ad6b7169203331"
    seen = _call(host, "GET", path, headers={"traceparent": f"00-{trace}-{span}-01"}).json()
    assert seen["trace"].split("-")[1] == trace
    assert seen["trace"].split("-")[2] != span
    fresh = [_call(host, "GET", path, headers={"traceparent": "junk"}).json()["trace"] for _ in range(2)]
    assert len({text.split("-")[1] for text in (*fresh, seen["trace"])}) == 3
    assert (seen["name"], seen["id"]) == ("item", records[0].invocation_id)


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/api/shops/acme/items/blue", 200, "named blue"),
        ("POST", "/api/shops/acme/items/blue", 404, ""),
        ("DELETE", "/api/shops/acme/items/1", 404, ""),
        ("HEAD", "/api/shops/acme/items/1", 404, ""),
        ("GET", "/shops/acme/items/1", 404, ""),
        ("PUT", "/api/files/a/b/c.txt", 200, "file a/b/c.txt"),
        ("GET", "/api/files", 200, "file None"),
        ("GET", "/api/maybe/7", 200, "maybe 7"),
        ("GET", "/api/maybe", 200, "maybe None"),
        ("GET", "/api/nothing", 204, ""),
        ("GET", "/api/broken", 500, ""),
        ("GET", "/api/wrong", 500, ""),
        ("GET", "/api/later", 200, "later"),
        ("GET", "/admin/none", 404, ""),
    ],
)
def test_routes(host: Host, method: str, path: str, status: int, text: str) -> None:
    """Constraints, catch-alls, optional parts and methods decide as on Azure: a wrong method is 404, never 405."""
    answer = _call(host, method, path)
    assert (answer.status_code, answer.text) == (status, text)


def test_each_invocation_is_recorded_without_its_error_text(
    host: Host, records: list[InvocationRecord], caplog: pytest.LogCaptureFixture
) -> None:
    """The record holds function, id, status, duration and the error's class, not its text."""
    _call(host, "GET", "/api/broken")
    _call(host, "GET", "/api/later")
    assert [(r.function, r.status, r.error) for r in records] == [
        ("broken", "failed", "ValueError"),
        ("later", "succeeded", None),
    ]
    assert all(record.duration_ms >= 0 for record in records)
    assert "secret text" not in repr(records)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/api/nothing", {}, 401),
        ("/api/nothing?code=fkey", {}, 204),
        ("/api/nothing", {"x-functions-key": "fkey"}, 204),
        ("/api/nothing", {"x-functions-key": "mkey"}, 204),
        ("/api/nothing?code=other", {}, 401),
        ("/api/files/x", {}, 200),
        ("/api/master?code=fkey", {}, 401),
        ("/api/master?code=mkey", {}, 200),
        ("/admin/host/status", {}, 401),
        ("/admin/host/status?code=mkey", {}, 200),
    ],
)
def test_keys(keyed: Host, path: str, headers: dict[str, str], status: int) -> None:
    """With keys, FUNCTION wants one, ADMIN the master key, ANONYMOUS none."""
    assert _call(keyed, "GET", path, headers=headers).status_code == status


def test_without_keys_everything_is_open(host: Host) -> None:
    """Started without keys the host checks none, as `func start` does."""
    assert _call(host, "GET", "/api/master").status_code == 200


def test_the_start_page_lists_the_functions(host: Host) -> None:
    """GET / names every function with its trigger."""
    page = _call(host, "GET", "/").text
    assert "shops/{shop}/items/{id:int}" in page
    assert "tick" in page
    assert _call(host, "GET", "/admin/functions").json()[0] == {
        "name": "broken",
        "trigger": "httpTrigger",
        "detail": "* broken",
    }


def test_a_timer_can_be_fired_by_hand(host: Host, records: list[InvocationRecord]) -> None:
    """POST /admin/functions/<name> runs a timer now and answers 202; unknown names and HTTP functions are refused."""
    assert _call(host, "POST", "/admin/functions/tick", json={"input": ""}).status_code == 202
    assert host.stop(5)
    assert [(r.function, r.status) for r in records] == [("tick", "succeeded")]


@pytest.mark.parametrize(
    ("name", "body", "status"), [("none", b"{}", 404), ("item", b"{}", 400), ("tick", b"[]", 400), ("tick", b"", 202)]
)
def test_what_cannot_be_fired_is_refused(host: Host, name: str, body: bytes, status: int) -> None:
    """Only timers and queue functions can be run by hand, with a body of the documented shape."""
    headers = {"Content-Type": "application/json"}
    assert _call(host, "POST", f"/admin/functions/{name}", data=body, headers=headers).status_code == status


def test_a_stopping_host_answers_503(host: Host) -> None:
    """A request that arrives after the stop is refused, not lost in a dead pool."""
    host.stop(5)
    assert _call(host, "GET", "/api/nothing").status_code == 503
