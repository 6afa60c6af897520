"""Builds what a function receives and reads what it returns, with the library's own converters, as production does.

https://learn.microsoft.com/azure/azure-functions/functions-reference-python
Must never look inside a payload.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import azure.functions as func
from azure.functions.meta import Datum
from azure.storage.queue import QueueMessage
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from sandbox.host.schedule_status import ScheduleStatus


def timer_request(status: ScheduleStatus | None, *, past_due: bool) -> Any:
    """A TimerRequest; without a status (no monitor) its schedule_status is empty."""
    document = {
        "Schedule": {"AdjustForDST": True},
        "ScheduleStatus": status.to_document() if status else None,
        "IsPastDue": past_due,
    }
    return _decode("timerTrigger", Datum(json.dumps(document), "json"), {})


def queue_message(message: QueueMessage, body: str) -> Any:
    """A QueueMessage as the queue trigger delivers it."""
    metadata: dict[str, Datum] = {
        "Id": Datum(message.id, "string"),
        "PopReceipt": Datum(message.pop_receipt, "string"),
        "DequeueCount": Datum(json.dumps(message.dequeue_count), "json"),
    }
    times = {
        "InsertionTime": message.inserted_on,
        "ExpirationTime": message.expires_on,
        "NextVisibleTime": message.next_visible_on,
    }
    for name, at in times.items():
        if isinstance(at, datetime):
            metadata[name] = Datum(json.dumps(at.isoformat()), "json")
    return _decode("queueTrigger", Datum(body, "string"), metadata)


def http_request(request: Request, route_params: Mapping[str, str]) -> Any:
    """An HttpRequest; repeated headers and query parameters are joined by commas, as the real host does."""
    value = {
        "method": Datum(request.method, "string"),
        "url": Datum(request.url, "string"),
        "headers": {name.lower(): Datum(text, "string") for name, text in _joined(request.headers).items()},
        "query": {name: Datum(",".join(texts), "string") for name, texts in request.args.lists()},
        "params": {name: Datum(text, "string") for name, text in route_params.items()},
        "body": Datum(request.get_data(), "bytes"),
    }
    return _decode("httpTrigger", Datum(value, "http"), {})


def http_response(returned: Any) -> Response:
    """The answer for what an HTTP function returned: a response, a text, or nothing (204).

    Raises TypeError for anything else.
    """
    if returned is None:
        return Response(status=204)
    try:
        datum = converter("http").encode(returned, expected_type=None)
    except NotImplementedError:
        raise TypeError(f"an HTTP function cannot return a {type(returned).__name__}") from None
    if datum.type == "string":
        return Response(datum.value, content_type="text/plain; charset=utf-8")
    headers = Headers((name, text.value) for name, text in datum.value["headers"].items())
    for cookie in datum.value["cookies"] or []:
        for morsel in cookie.values():
            headers.add("Set-Cookie", morsel.OutputString())
    return Response(datum.value["body"].value, int(datum.value["status_code"].value), headers)


def queue_texts(returned: Any) -> list[str]:
    """The message texts a queue output stands for: one text, bytes, or a list of texts.

    Raises TypeError for anything else, JSON-like values included: the app serialises them itself.
    """
    if isinstance(returned, str):
        return [returned]
    if isinstance(returned, bytes):
        return [returned.decode()]
    if isinstance(returned, list | tuple) and all(isinstance(item, str) for item in returned):
        return list(returned)
    raise TypeError(f"a queue output takes str, bytes or a list of str, not {type(returned).__name__}")


def converter(binding_type: str) -> Any:
    """The library's own converter for a binding."""
    return func.get_binding_registry().get(binding_type)  # type: ignore[no-untyped-call]


def _decode(trigger_type: str, datum: Datum, metadata: Mapping[str, Datum]) -> Any:
    return converter(trigger_type).decode(datum, trigger_metadata=metadata)


def _joined(headers: Headers) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, text in headers.items():
        joined[name] = f"{joined[name]},{text}" if name in joined else text
    return joined
