"""Everything that cannot work is found before the host starts, with the function's name and the fix."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import azure.functions as func
import pytest

from sandbox.host.errors import HostStartError
from sandbox.host.functions import find_app
from sandbox.host.host import Host, HostOptions

_SETTINGS = {"AzureWebJobsStorage": "UseDevelopmentStorage=true", "TICK": "0 */5 * * * *", "LINE": "orders"}


def _problems(declare: Callable[[func.FunctionApp], Any], settings: dict[str, str] | None = None) -> list[str]:
    app = func.FunctionApp()
    declare(app)
    try:
        Host(app, _SETTINGS if settings is None else settings, options=HostOptions(port=None)).stop(0)
    except HostStartError as error:
        return list(error.problems)
    return []


def _timer(schedule: str) -> Callable[[func.FunctionApp], Any]:
    def declare(app: func.FunctionApp) -> None:
        @app.timer_trigger(arg_name="timer", schedule=schedule)
        def tick(timer: func.TimerRequest) -> None: ...

    return declare


def _queue(name: str, connection: str = "AzureWebJobsStorage") -> Callable[[func.FunctionApp], Any]:
    def declare(app: func.FunctionApp) -> None:
        @app.queue_trigger(arg_name="msg", queue_name=name, connection=connection)
        def work(msg: func.QueueMessage) -> None: ...

    return declare


def _routes(*templates: str) -> Callable[[func.FunctionApp], Any]:
    def declare(app: func.FunctionApp) -> None:
        for index, template in enumerate(templates):

            @app.function_name(f"page{index}")
            @app.route(route=template, methods=["GET"])
            def page(req: func.HttpRequest) -> str:
                return ""

    return declare


@pytest.mark.parametrize(
    "declare", [_timer("%TICK%"), _timer("0 */5 * * * *"), _queue("%LINE%"), _routes("a/{x}", "a/{x:int}")]
)
def test_a_sound_app_has_no_problems(declare: Callable[[func.FunctionApp], Any]) -> None:
    """Settings, schedules, queues and routes that work are not complained about."""
    assert _problems(declare) == []


@pytest.mark.parametrize(
    ("declare", "problem"),
    [
        (_timer("banana"), "function tick: its schedule 'banana' has 1 fields"),
        (_timer("%TOCK%"), "function tick: setting TOCK is not set (its schedule is '%TOCK%')"),
        (_queue("%NONE%"), "function work: setting NONE is not set (its queueName is '%NONE%')"),
        (_queue("Big_Queue"), "function work: 'Big_Queue' cannot be a queue"),
        (_queue("a" * 57), "cannot be a queue"),
        (_queue("orders", "Other"), "functions work: connection Other is not set: set Other to a connection string"),
        (_routes("a/{x}", "A/{y}"), "functions page0 and page1 answer the same route 'api/a/{x}'"),
        (_routes("a/{x:regex(b)}"), "uses the constraint 'regex(b)'"),
        (_routes("a/{x"), "is not a route template"),
        (_routes("%PATH_SETTING%"), "setting PATH_SETTING is not set"),
    ],
)
def test_every_problem_names_the_function_and_the_reason(
    declare: Callable[[func.FunctionApp], Any], problem: str
) -> None:
    """A start that would fail on Azure is refused with one sentence that names function and fix."""
    problems = _problems(declare)
    assert len(problems) == 1
    assert problem in problems[0]


def test_all_problems_are_shown_at_once() -> None:
    """One start reports every problem, not only the first."""

    def declare(app: func.FunctionApp) -> None:
        _timer("banana")(app)
        _queue("%NONE%")(app)

    assert len(_problems(declare)) == 2


def test_a_route_that_shadows_the_hosts_own_is_refused() -> None:
    """Without a prefix, routes below admin are the host's."""
    app = func.FunctionApp()
    _routes("admin/x")(app)
    options = HostOptions(host_json=HostOptions().host_json.__class__(route_prefix=""), port=None)
    with pytest.raises(HostStartError, match="begins with a reserved word"):
        Host(app, _SETTINGS, options=options)


def test_an_identity_connection_is_enough() -> None:
    """__accountName or the service URIs replace a connection string."""
    assert _problems(_queue("orders"), {"AzureWebJobsStorage__accountName": "acme"}) == []
    uris = {"AzureWebJobsStorage__queueServiceUri": "https://q", "AzureWebJobsStorage__blobServiceUri": "https://b"}
    assert _problems(_queue("orders"), uris) == []


def test_a_half_identity_connection_names_what_is_missing() -> None:
    """An identity's settings without an account say which setting is missing and which were found."""
    problems = _problems(_queue("orders"), {"AzureWebJobsStorage__clientId": "7"})
    assert "or AzureWebJobsStorage__accountName" in problems[0]
    assert "found only AzureWebJobsStorage__clientId" in problems[0]


def test_a_disabled_function_is_not_checked_and_not_listened_to() -> None:
    """AzureWebJobs.<name>.Disabled switches a function off, as on Azure."""
    assert _problems(_timer("banana"), _SETTINGS | {"AzureWebJobs.tick.Disabled": "true"}) == []


def test_an_unsupported_binding_is_refused_by_name() -> None:
    """A trigger this host does not know is refused with the function's name and what to do."""

    def declare(app: func.FunctionApp) -> None:
        @app.blob_trigger(arg_name="blob", path="box/{name}", connection="AzureWebJobsStorage")
        def read(blob: func.InputStream) -> None: ...

    assert "function read uses the binding blobTrigger" in _problems(declare)[0]


def test_a_retry_policy_is_refused() -> None:
    """A policy that would not be run is refused instead of ignored."""

    def declare(app: func.FunctionApp) -> None:
        @app.timer_trigger(arg_name="timer", schedule="%TICK%")
        @app.retry(strategy="fixed_delay", max_retry_count="3", delay_interval="00:00:01")
        def tick(timer: func.TimerRequest) -> None: ...

    assert "function tick has a retry policy" in _problems(declare)[0]


def test_parameters_must_match_the_bindings() -> None:
    """An arg_name without a parameter, a parameter nobody fills and a wrong annotation are each named."""

    def declare(app: func.FunctionApp) -> None:
        @app.timer_trigger(arg_name="other", schedule="%TICK%")
        def tick(timer: func.TimerRequest) -> None: ...

        @app.queue_trigger(arg_name="msg", queue_name="orders", connection="AzureWebJobsStorage")
        def work(msg: func.TimerRequest) -> None: ...

    problems = _problems(declare)
    assert "function tick binds other, but has no parameter of that name" in problems[0]
    assert "function tick has a parameter timer that no binding fills" in problems[1]
    assert "function work: msg is annotated TimerRequest" in problems[2]


def test_duplicate_names_are_refused() -> None:
    """Two functions of one name are refused, as by Microsoft's worker."""

    def declare(app: func.FunctionApp) -> None:
        _timer("%TICK%")(app)
        _timer("%TICK%")(app)

    assert "tick does not have a unique function name" in _problems(declare)[0]


def test_one_app_can_be_hosted_several_times() -> None:
    """The same FunctionApp serves any number of hosts in one process."""
    app = func.FunctionApp()
    _queue("orders")(app)
    for _ in range(2):
        Host(app, _SETTINGS, options=HostOptions(port=None)).stop(0)


def test_exactly_one_app_at_top_level() -> None:
    """A module with no FunctionApp, or with two, is refused, and so is one app under two names."""
    module = types.ModuleType("function_app")
    with pytest.raises(HostStartError, match="it has none"):
        find_app(module)
    one = func.FunctionApp()
    vars(module)["app"] = one
    assert find_app(module) is one
    vars(module)["same"] = one
    with pytest.raises(HostStartError, match="exactly one FunctionApp"):
        find_app(module)
