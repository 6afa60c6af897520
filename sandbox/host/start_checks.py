"""Resolves what the app's bindings name (settings, schedules, queues, routes) and finds everything that cannot work.

Microsoft's worker checks none of this: on Azure a wrong cron string or an unset setting shows up only in the logs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.host.app_settings import resolve, unset_names
from sandbox.host.cron import Schedule, ScheduleError, parse_schedule
from sandbox.host.functions import AppFunction
from sandbox.host.routes import Route, RouteError, conflicts
from sandbox.host.storage import DEFAULT_CONNECTION, connection_problem

_QUEUE_NAME = re.compile(r"(?=.{3,63}$)[a-z0-9]+(-[a-z0-9]+)*")
_EXPRESSION_KEYS = ("schedule", "queueName", "route")


@dataclass
class ResolvedApp:
    """The app's functions with every %NAME% replaced and every text checked."""

    routes: list[Route] = field(default_factory=list)
    timers: list[tuple[AppFunction, Schedule]] = field(default_factory=list)
    queues: list[tuple[AppFunction, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def functions(self) -> list[AppFunction]:
        """All of them, by name."""
        found = [r.function for r in self.routes] + [f for f, _ in (*self.timers, *self.queues)]
        return sorted(found, key=lambda function: function.name)


def resolve_app(functions: Sequence[AppFunction], settings: Mapping[str, str], prefix: str) -> ResolvedApp:
    """Resolve and check all functions that are not disabled by `AzureWebJobs.<name>.Disabled`."""
    app = ResolvedApp()
    for function in functions:
        if is_disabled(function.name, settings):
            continue
        unset = [
            f"function {function.name}: setting {name} is not set (its {key} is '{binding[key]}')."
            for binding in (function.trigger, *function.outputs)
            for key in _EXPRESSION_KEYS
            if key in binding
            for name in unset_names(binding[key], settings)
        ]
        app.problems += unset
        if not unset:
            _RESOLVERS[function.trigger_type](app, function, settings, prefix)
            app.problems += _output_problems(function, settings)
    app.problems += conflicts(app.routes) + _connection_problems(app, settings)
    return app


def is_disabled(name: str, settings: Mapping[str, str]) -> bool:
    """Whether a setting switches this function off."""
    value = settings.get(f"AzureWebJobs.{name}.Disabled") or settings.get(f"AzureWebJobs_{name}_Disabled") or ""
    return value.lower() in ("true", "1")


def _add_route(app: ResolvedApp, function: AppFunction, settings: Mapping[str, str], prefix: str) -> None:
    template = resolve(str(function.trigger.get("route") or function.name), settings).strip("/")
    methods = frozenset(str(method).upper() for method in function.trigger.get("methods") or [])
    route = Route(function, f"{prefix}/{template}".strip("/"), methods)
    try:
        route.rules()
    except RouteError as error:
        app.problems.append(f"function {function.name}: {error}.")
    else:
        app.routes.append(route)


def _add_timer(app: ResolvedApp, function: AppFunction, settings: Mapping[str, str], prefix: str) -> None:
    try:
        schedule = parse_schedule(resolve(function.trigger["schedule"], settings))
    except ScheduleError as error:
        app.problems.append(f"function {function.name}: its schedule {error} ({function.trigger['schedule']}).")
    else:
        app.timers.append((function, schedule))


def _add_queue(app: ResolvedApp, function: AppFunction, settings: Mapping[str, str], prefix: str) -> None:
    name = resolve(function.trigger["queueName"], settings)
    problem = queue_name_problem(name)
    if problem:
        app.problems.append(f"function {function.name}: {problem}")
    else:
        app.queues.append((function, name))


_RESOLVERS = {"httpTrigger": _add_route, "timerTrigger": _add_timer, "queueTrigger": _add_queue}


def queue_name_problem(name: str) -> str | None:
    """Why storage would refuse a queue of this name (its poison queue must fit too), or None."""
    if _QUEUE_NAME.fullmatch(name) and _QUEUE_NAME.fullmatch(f"{name}-poison"):
        return None
    return (
        f"'{name}' cannot be a queue: 3 to 56 small letters, digits and single hyphens "
        "(63 with -poison), a letter or digit at both ends."
    )


def _output_problems(function: AppFunction, settings: Mapping[str, str]) -> list[str]:
    problems = []
    for binding in function.outputs:
        if binding["type"] == "queue":
            problems += [
                f"function {function.name}: {problem}"
                for problem in (
                    queue_name_problem(resolve(binding["queueName"], settings)),
                    connection_problem(binding.get("connection") or DEFAULT_CONNECTION, settings),
                )
                if problem
            ]
    return problems


def _connection_problems(app: ResolvedApp, settings: Mapping[str, str]) -> list[str]:
    """One sentence per connection that cannot be used, naming the functions that need it."""
    users: dict[str, list[str]] = {}
    for function, _ in app.timers:
        users.setdefault(DEFAULT_CONNECTION, []).append(function.name)
    for function, _ in app.queues:
        users.setdefault(function.trigger.get("connection") or DEFAULT_CONNECTION, []).append(function.name)
    problems = {connection: connection_problem(connection, settings) for connection in users}
    return [
        f"functions {', '.join(sorted(users[connection]))}: {problem}"
        for connection, problem in problems.items()
        if problem
    ]
