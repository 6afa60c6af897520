"""Reads host.json: the parts this host acts on, and a sentence for every key or value the real host would not take.

https://learn.microsoft.com/azure/azure-functions/functions-host-json
Durations are seconds. Unknown keys are problems, because the real host ignores them in silence.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TOP_KEYS = frozenset(
    (
        *("version", "extensionBundle", "extensions", "logging", "functionTimeout", "concurrency"),
        *("customHandler", "functions", "healthMonitor", "retry", "singleton", "watchDirectories"),
        *("watchFiles", "managedDependency", "aggregator", "telemetryMode"),
    )
)
_QUEUE_KEYS = frozenset(
    (
        *("maxPollingInterval", "visibilityTimeout", "batchSize"),
        *("maxDequeueCount", "newBatchThreshold", "messageEncoding"),
    )
)
_HTTP_KEYS = frozenset(
    (
        *("routePrefix", "maxOutstandingRequests", "maxConcurrentRequests"),
        *("dynamicThrottlesEnabled", "hsts", "customHeaders"),
    )
)
_TIMESPAN = re.compile(r"(?:(?P<d>\d+)\.)?(?P<h>\d{1,2}):(?P<m>\d{1,2})(?::(?P<s>\d{1,2}(?:\.\d{1,7})?))?")


@dataclass(frozen=True)
class QueueOptions:
    """extensions.queues, with the storage extension's defaults."""

    batch_size: int = 16
    new_batch_threshold: int = 8
    max_dequeue_count: int = 5
    visibility_timeout_s: float = 0.0
    max_polling_interval_s: float = 60.0
    base64: bool = True


@dataclass(frozen=True)
class HostJson:
    """What this host acts on. `function_timeout_s` None: unbounded."""

    route_prefix: str = "api"
    queues: QueueOptions = QueueOptions()
    function_timeout_s: float | None = 1800.0
    log_level: str = "Information"


def load_host_json(file: Path) -> tuple[HostJson, list[str]]:
    """Read a host.json. Returns what it says and the problems found in it."""
    try:
        document = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return HostJson(), [f"{file} does not exist: a function app needs a host.json with at least version 2.0."]
    except ValueError as error:
        return HostJson(), [f"{file} is not JSON: {error}."]
    if not isinstance(document, dict):
        return HostJson(), [f"{file} must hold a JSON object."]
    return read_host_json(document)


def read_host_json(document: Mapping[str, Any]) -> tuple[HostJson, list[str]]:
    """Read the parsed document. Returns what it says and the problems found in it."""
    reader = _Reader()
    reader.keys(document, _TOP_KEYS, "host.json")
    if document.get("version") != "2.0":
        reader.problems.append('host.json: "version" must be "2.0".')
    extensions = reader.section(document, "extensions")
    http = reader.section(extensions, "http")
    reader.keys(http, _HTTP_KEYS, "host.json extensions.http")
    levels = reader.section(reader.section(document, "logging"), "logLevel")
    result = HostJson(
        route_prefix=str(http.get("routePrefix", "api")).strip("/"),
        queues=_queues(reader, reader.section(extensions, "queues")),
        function_timeout_s=_function_timeout(reader, document),
        log_level=str(levels.get("default", "Information")),
    )
    return result, reader.problems


def _queues(reader: _Reader, section: Mapping[str, Any]) -> QueueOptions:
    where = "host.json extensions.queues"
    reader.keys(section, _QUEUE_KEYS, where)
    batch_size = reader.number(section, "batchSize", 16, (1, 32))
    encoding = str(section.get("messageEncoding", "base64")).lower()
    if encoding not in ("none", "base64"):
        reader.problems.append(f'{where}: "messageEncoding" must be "none" or "base64", not "{encoding}".')
    return QueueOptions(
        batch_size=batch_size,
        new_batch_threshold=reader.number(section, "newBatchThreshold", batch_size // 2, (0, 1000)),
        max_dequeue_count=reader.number(section, "maxDequeueCount", 5, (1, 1000)),
        visibility_timeout_s=reader.duration(section, "visibilityTimeout", 0.0, (0.0, 7 * 86_400)),
        max_polling_interval_s=reader.duration(section, "maxPollingInterval", 60.0, (0.1, 86_400)),
        base64=encoding == "base64",
    )


def _function_timeout(reader: _Reader, document: Mapping[str, Any]) -> float | None:
    if str(document.get("functionTimeout")) == "-1":
        return None
    return reader.duration(document, "functionTimeout", 1800.0, (1.0, 10 * 86_400))


class _Reader:
    """Takes values out of the document and collects a sentence for each that does not fit."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def keys(self, section: Mapping[str, Any], known: frozenset[str], where: str) -> None:
        for key in section:
            if key not in known:
                close = difflib.get_close_matches(key, known, n=1)
                hint = f', did you mean "{close[0]}"?' if close else "."
                self.problems.append(f'{where}: "{key}" is not a key of host.json{hint}')

    def section(self, document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = document.get(key, {})
        if isinstance(value, dict):
            return value
        self.problems.append(f'host.json: "{key}" must be an object.')
        return {}

    def number(self, section: Mapping[str, Any], key: str, default: int, allowed: tuple[int, int]) -> int:
        value = section.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and allowed[0] <= value <= allowed[1]:
            return value
        self.problems.append(f'host.json: "{key}" must be a whole number from {allowed[0]} to {allowed[1]}.')
        return default

    def duration(self, section: Mapping[str, Any], key: str, default: float, allowed: tuple[float, float]) -> float:
        if key not in section:
            return default
        seconds = parse_timespan(section[key])
        if seconds is not None and allowed[0] <= seconds <= allowed[1]:
            return seconds
        self.problems.append(
            f'host.json: "{key}" must be a time span like "00:01:30", from {allowed[0]:g} to {allowed[1]:g} seconds.'
        )
        return default


def parse_timespan(value: object) -> float | None:
    """Seconds of a .NET time span ([d.]hh:mm[:ss[.fff]]), or None when it is none."""
    match = _TIMESPAN.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match["h"]) > 23 or int(match["m"]) > 59 or float(match["s"] or 0) >= 60:
        return None
    return int(match["d"] or 0) * 86_400 + int(match["h"]) * 3600 + int(match["m"]) * 60 + float(match["s"] or 0)
