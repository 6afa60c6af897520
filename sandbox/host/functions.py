"""Reads the functions of an app through azure-functions' public API and checks what this host can run.

One top-level FunctionRegister, unique names, one trigger each, parameters that match the bindings: the same rules as
Microsoft's worker. Must never call a function.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal
from weakref import WeakKeyDictionary

import azure.functions as func

from sandbox.host.errors import HostStartError

Binding = Mapping[str, Any]
TriggerType = Literal["httpTrigger", "timerTrigger", "queueTrigger"]
TRIGGERS = ("httpTrigger", "timerTrigger", "queueTrigger")
OUTPUTS = ("http", "queue")
RETURN = "$return"

# get_functions() answers once only (a second call takes every name for a duplicate), an app may be hosted twice.
_built: WeakKeyDictionary[func.FunctionRegister, list[func.Function]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)  # one object per function: compared and hashed by identity
class AppFunction:
    """One function of the app: its bindings as function.json would hold them, and the plain callable."""

    name: str
    trigger: Binding
    outputs: tuple[Binding, ...]
    call: Callable[..., Any]

    @property
    def trigger_type(self) -> TriggerType:
        """httpTrigger, timerTrigger or queueTrigger."""
        return typing.cast(TriggerType, self.trigger["type"])

    @property
    def wants_context(self) -> bool:
        """Whether the function takes the invocation's context."""
        return "context" in inspect.signature(self.call).parameters and self.trigger["name"] != "context"

    @property
    def is_async(self) -> bool:
        """Whether the function runs on the event loop instead of the thread pool."""
        return asyncio.iscoroutinefunction(self.call)


def find_app(module: ModuleType) -> func.FunctionRegister:
    """The one FunctionApp at the module's top level. Raises HostStartError when there is none or more than one.

    One app under two names counts as two, as it does for Microsoft's worker.
    """
    found = {name: value for name, value in vars(module).items() if isinstance(value, func.FunctionRegister)}
    if len(found) == 1:
        return next(iter(found.values()))
    said = f"{len(found)} ({', '.join(found)})" if found else "none"
    raise HostStartError([f"{module.__name__}.py must define exactly one FunctionApp at its top level, it has {said}."])


def read_functions(app: func.FunctionRegister) -> tuple[list[AppFunction], list[str]]:
    """All functions this host can run, and a sentence for each it cannot."""
    try:
        if app not in _built:
            _built[app] = app.get_functions()
    except ValueError as error:  # what the library raises for duplicate names and functions without a trigger
        raise HostStartError([str(error)]) from error
    functions: list[AppFunction] = []
    problems: list[str] = []
    for built in _built[app]:
        name, bindings = str(built.get_function_name()), [json.loads(text) for text in built.get_raw_bindings()]
        found = _binding_problems(name, bindings)
        if built.get_settings_dict("retry_policy"):
            found.append(f"function {name} has a retry policy: this host runs none, remove @retry or use `func start`.")
        if not found:
            function = _function(name, bindings, built.get_user_function())
            found = _parameter_problems(function)
            functions.append(function)
        problems += found
    return functions, problems


def _function(name: str, bindings: Sequence[Binding], call: Callable[..., Any]) -> AppFunction:
    trigger = next(binding for binding in bindings if binding["type"] in TRIGGERS)
    return AppFunction(name, trigger, tuple(b for b in bindings if b is not trigger), call)


def _binding_problems(name: str, bindings: Sequence[Binding]) -> list[str]:
    known = (*TRIGGERS, *OUTPUTS)
    unknown = [binding["type"] for binding in bindings if binding["type"] not in known]
    if unknown:
        return [
            f"function {name} uses the binding {kind}: this host knows {', '.join(known)} only; "
            "use the service's SDK inside the function, or `func start`."
            for kind in unknown
        ]
    triggers = [binding["type"] for binding in bindings if binding["type"] in TRIGGERS]
    return [] if len(triggers) == 1 else [f"function {name} has {len(triggers)} triggers, it must have one."]


def _parameter_problems(function: AppFunction) -> list[str]:
    parameters = inspect.signature(function.call).parameters
    bound = {function.trigger["name"], *(binding["name"] for binding in function.outputs)} - {RETURN}
    problems = [
        f"function {function.name} binds {name}, but has no parameter of that name: rename arg_name or the parameter."
        for name in sorted(bound - set(parameters))
    ] + [
        f"function {function.name} has a parameter {name} that no binding fills."
        for name in sorted(set(parameters) - bound - {"context"})
    ]
    hint = _annotation(function.call, function.trigger["name"])
    converter = func.get_binding_registry().get(function.trigger_type)  # type: ignore[no-untyped-call]
    if isinstance(hint, type) and not converter.check_input_type_annotation(hint):
        problems.append(
            f"function {function.name}: {function.trigger['name']} is annotated {hint.__name__}, "
            f"which a {function.trigger['type']} cannot fill."
        )
    return problems


def _annotation(call: Callable[..., Any], name: str) -> Any:
    """A parameter's annotation, or None where it cannot be evaluated (names that exist for type checkers only)."""
    try:
        return typing.get_type_hints(call).get(name)
    except NameError:
        return None
