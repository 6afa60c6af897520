"""Translates the real host's route templates into werkzeug rules, and finds the function for a request.

{x}, {x:int}, {x?} and {*x} as in ASP.NET; a path that exists under another method only is not found (404), as on Azure.
Paths are compared with their case, which the real host ignores: the app must not rely on that.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter, Map, Rule

from sandbox.host.functions import AppFunction

_PARAMETER = re.compile(r"\{(?P<star>\*{1,2})?(?P<name>\w+)(?::(?P<constraint>[^{}?=]+))?(?P<optional>\?)?\}")
_CONSTRAINTS = {
    "int": r"-?\d+",
    "long": r"-?\d+",
    "decimal": r"-?\d+(?:\.\d+)?",
    "bool": r"[Tt]rue|[Ff]alse",
    "alpha": r"[A-Za-z]+",
    "guid": r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}",
}
_RESERVED = ("admin", "runtime")


class RouteError(ValueError):
    """A route template this host cannot serve; the message says why."""


class _Rest(BaseConverter):
    """A catch-all: the rest of the path, slashes included."""

    regex = ".+"
    weight = 200
    part_isolating = False


def _constrained(pattern: str) -> type[BaseConverter]:
    """A converter that checks a part and hands it over as it was written."""
    return type("Constrained", (BaseConverter,), {"regex": f"(?:{pattern})", "weight": 90})


_CONVERTERS: dict[str, type[BaseConverter]] = {
    "rest": _Rest,
    **{name: _constrained(pattern) for name, pattern in _CONSTRAINTS.items()},
}


@dataclass(frozen=True)
class Route:
    """One HTTP function with its path (prefix included, without the leading slash) and methods (empty: all)."""

    function: AppFunction
    template: str
    methods: frozenset[str]

    def rules(self) -> list[Rule]:
        """The werkzeug rules of the route. Raises RouteError for a template this host cannot serve."""
        return [self._rule(text) for text in rule_texts(self.template)]

    def _rule(self, text: str) -> Rule:
        rule = Rule(text, endpoint=self, methods=self.methods or None)
        # werkzeug lets HEAD follow GET; the real host answers 404 to a HEAD that the route does not name.
        rule.methods = set(self.methods) or None
        return rule


class RouteTable:
    """All routes of an app."""

    def __init__(self, routes: Sequence[Route]) -> None:
        rules = [rule for route in routes for rule in route.rules()]
        self._map = Map(
            rules, converters=_CONVERTERS, strict_slashes=False, merge_slashes=False, redirect_defaults=False
        )

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route for a request and its parameters, or None."""
        try:
            route, values = self._map.bind("host").match(path, method)
        except HTTPException:
            return None
        return route, values


def rule_texts(template: str) -> list[str]:
    """A template as werkzeug rules: one, or two where its last parameter may be missing.

    Raises RouteError for a template this host cannot serve.
    """
    text = "/" + template.strip("/")
    rest = _PARAMETER.sub("", text)
    if "{" in rest or "}" in rest or "<" in text:
        raise RouteError(f"'{template}' is not a route template: a parameter is {{name}}, {{name:int}} or {{*name}}")
    if text.split("/")[1].lower() in _RESERVED:
        raise RouteError(f"'{template}' begins with a reserved word ({', '.join(_RESERVED)})")
    rule = _PARAMETER.sub(lambda match: _rule_part(match, template), text)
    last = _PARAMETER.search(text.rpartition("/")[2])
    if last and (last["star"] or last["optional"]):
        return [rule, rule.rpartition("/")[0] or "/"]
    return [rule]


def conflicts(routes: Sequence[Route]) -> list[str]:
    """A sentence for each pair of routes that answer the same path and method."""
    problems = []
    for index, one in enumerate(routes):
        for other in routes[index + 1 :]:
            same_path = _shape(one.template) == _shape(other.template)
            if same_path and (not one.methods or not other.methods or one.methods & other.methods):
                problems.append(
                    f"functions {one.function.name} and {other.function.name} answer the same route "
                    f"'{one.template}': give one of them another route or other methods."
                )
    return problems


def _rule_part(match: re.Match[str], template: str) -> str:
    name, constraint = match["name"], match["constraint"]
    if match["star"]:
        return f"<rest:{name}>"
    if constraint is None:
        return f"<{name}>"
    if constraint not in _CONSTRAINTS:
        known = ", ".join(_CONSTRAINTS)
        raise RouteError(f"'{template}' uses the constraint '{constraint}': this host knows {known}")
    return f"<{constraint}:{name}>"


def _shape(template: str) -> str:
    """A template with its parameters' names taken out: what two routes must not share."""
    return _PARAMETER.sub(lambda m: "{" + (m["star"] or "") + (m["constraint"] or "") + "}", template.lower())
