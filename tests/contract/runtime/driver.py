"""Runs an app in Microsoft's own Python runtime, in this process, and writes down what the runtime says.

Run by oracle.py with a Python 3.13 that has azure-functions-runtime: `driver.py APP_DIR ANSWER_FILE [PAYLOADS_JSON]`.
The runtime takes its message classes as an argument, so plain objects stand in for protobuf's; no host is involved.
Must import nothing but the standard library, the runtime, and what the app itself imports.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_SUCCESS = 1
_TYPES = {"string": str, "json": str, "bytes": bytes, "int": int, "double": float}
_NOW = datetime.now(UTC).isoformat()


class Message(SimpleNamespace):
    """A protobuf message: a field that was not set reads as nothing."""

    def __getattr__(self, name: str) -> Any:
        # `TypedData` is asked for on a message to find out whether it is one.
        if name.startswith("__") or name == "TypedData":
            raise AttributeError(name)


class TypedData(Message):
    """A value with its type; as protobuf does, it refuses a value of another type."""

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            wanted = _TYPES.get(name)
            if wanted is not None and not isinstance(value, wanted):
                raise TypeError(f"TypedData.{name} takes {wanted.__name__}, not {type(value).__name__}")
        super().__init__(**values)

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802 -- protobuf's name
        return next(iter(vars(self)), None)


class ParameterBinding(Message):
    """One argument of an invocation."""

    def WhichOneof(self, group: str) -> str | None:  # noqa: N802 -- protobuf's name
        return next((name for name in vars(self) if name != "name"), None)


class StatusResult(Message):
    """How a request ended."""

    Failure, Success, Cancelled = 0, 1, 2


class BindingInfo(Message):
    """A binding's type and direction; `in` is a word of Python, so the members are set below."""


for _value, _name in enumerate(("in", "out", "inout")):
    setattr(BindingInfo, _name, _value)
for _value, _name in enumerate(("undefined", "string", "binary", "stream")):
    setattr(BindingInfo, _name, _value)


class RpcHttpCookie(Message):
    """A cookie of an HTTP answer."""

    SameSite = SimpleNamespace(**{"None": 0, "Lax": 1, "Strict": 2, "ExplicitNone": 3})


class _Protos:
    """The module of message classes the runtime asks for: those above, any other a plain message."""

    TypedData, ParameterBinding, StatusResult = TypedData, ParameterBinding, StatusResult
    BindingInfo, RpcHttpCookie = BindingInfo, RpcHttpCookie

    def __getattr__(self, name: str) -> type[Message]:
        return type(name, (Message,), {})


PROTOS = _Protos()


def request(**content: Any) -> SimpleNamespace:
    """A request as the runtime expects it from its host."""
    return SimpleNamespace(request=SimpleNamespace(**content), properties={"protos": PROTOS, "host": "127.0.0.1"})


async def examine(runtime: Any, directory: str, payloads: dict[str, dict[str, Any]] | None) -> dict[str, Any]:
    """Index the app; with payloads also invoke every function once."""
    init = SimpleNamespace(capabilities={}, function_app_directory=directory)
    started = await runtime.worker_init_request(request(worker_init_request=init))
    if started.result.status != _SUCCESS:
        return {"error": started.result.exception.message, "functions": [], "invocations": {}}
    listed = await runtime.functions_metadata_request(request(functions_metadata_request=SimpleNamespace()))
    functions = listed.function_metadata_results or []
    invocations = {}
    if payloads is not None:
        for function in functions:
            invocations[function.name] = await invoke(runtime, function, payloads.get(function.name, {}))
    table = sorted((row(function) for function in functions), key=lambda found: str(found["name"]))
    return {"error": None, "functions": table, "invocations": invocations}


def row(function: Any) -> dict[str, Any]:
    """One line of the table of functions: everything the host would act on."""
    bindings = [json.loads(text) for text in function.raw_bindings]
    trigger = find_trigger(bindings)
    found = {"name": function.name, "trigger": trigger["type"]}
    for key in ("route", "methods", "authLevel", "schedule", "runOnStartup", "useMonitor", "queueName", "connection"):
        if key in trigger:
            found[key] = trigger[key]
    outputs = sorted(f"{b['type']} {b['name']}" for b in bindings if b is not trigger)
    retry = function.retry_options
    return found | ({"outputs": outputs} if outputs else {}) | ({"retry": retry.retry_strategy} if retry else {})


def find_trigger(bindings: list[dict[str, Any]]) -> dict[str, Any]:
    """The binding that starts the function."""
    return next(binding for binding in bindings if binding["type"].lower().endswith("trigger"))


async def invoke(runtime: Any, function: Any, payload: dict[str, Any]) -> dict[str, Any]:
    """Load and run one function; what it returned, or its error."""
    load = SimpleNamespace(function_id=function.function_id)
    await runtime.function_load_request(request(function_load_request=load))
    trigger = find_trigger([json.loads(text) for text in function.raw_bindings])
    data, metadata = _ARGUMENTS[trigger["type"]](trigger, payload)
    trace = "00-" + uuid.uuid4().hex + "-b7ad6b7169203331-01"
    invocation = SimpleNamespace(
        invocation_id=str(uuid.uuid4()),
        function_id=function.function_id,
        input_data=[ParameterBinding(name=trigger["name"], data=data)],
        trigger_metadata=metadata,
        trace_context=SimpleNamespace(trace_parent=trace, trace_state="", attributes={}),
        retry_context=SimpleNamespace(retry_count=0, max_retry_count=0, exception=None),
    )
    answer = await runtime.invocation_request(request(invocation_request=invocation))
    if answer.result.status != _SUCCESS:
        return {"succeeded": False, "error": answer.result.exception.message}
    sent = {binding.name: plain(binding.data) for binding in answer.output_data or []}
    return {"succeeded": True, "returned": plain(answer.return_value), "outputs": sent}


def plain(data: Any) -> Any:
    """A typed value as JSON can hold it."""
    if data is None or data.WhichOneof("data") is None:
        return None
    if data.http is not None:
        return {"status": str(data.http.status_code), "body": plain(data.http.body)}
    value = getattr(data, data.WhichOneof("data"))
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def http_argument(trigger: dict[str, Any], payload: dict[str, Any]) -> tuple[TypedData, dict[str, Any]]:
    """A request to the function's route; body, headers, query and params come from the payload."""
    route = str(trigger.get("route", ""))
    http = Message(
        method=payload.get("method") or (trigger.get("methods") or ["GET"])[0],
        url=f"http://localhost/api/{route}",
        headers=payload.get("headers", {}),
        query=payload.get("query", {}),
        params=payload.get("params", {}),
        body=TypedData(bytes=payload["body"].encode()) if "body" in payload else TypedData(),
    )
    return TypedData(http=http), {}


def timer_argument(trigger: dict[str, Any], payload: dict[str, Any]) -> tuple[TypedData, dict[str, Any]]:
    """A timer that is past due when the payload says so."""
    status = {"Last": _NOW, "LastUpdated": _NOW, "Next": _NOW}
    document = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": status}
    return TypedData(json=json.dumps(document | {"IsPastDue": payload.get("past_due", False)})), {}


def queue_argument(trigger: dict[str, Any], payload: dict[str, Any]) -> tuple[TypedData, dict[str, Any]]:
    """A message with the payload's body."""
    metadata = {
        "Id": TypedData(string="m-1"),
        "PopReceipt": TypedData(string="r-1"),
        "DequeueCount": TypedData(json=json.dumps(payload.get("dequeue_count", 1))),
    }
    for name in ("InsertionTime", "ExpirationTime", "NextVisibleTime"):
        metadata[name] = TypedData(json=json.dumps(_NOW))
    return TypedData(string=payload.get("body", "{}")), metadata


_ARGUMENTS = {"httpTrigger": http_argument, "timerTrigger": timer_argument, "queueTrigger": queue_argument}


def main() -> None:
    """Examine the app and write the answer."""
    directory, answer = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    payloads = json.loads(sys.argv[3]) if len(sys.argv) > 3 else None
    logging.basicConfig(level=logging.ERROR)
    sys.path.insert(0, str(directory))
    os.chdir(directory)
    import azure_functions_runtime as runtime

    runtime.start_threadpool_executor()
    try:
        result = asyncio.run(examine(runtime, str(directory), payloads))
    finally:
        runtime.stop_threadpool_executor()
    answer.write_text(json.dumps(result), "utf-8")


if __name__ == "__main__":
    main()
