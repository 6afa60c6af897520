"""The sandbox's own switches over HTTP, under `/_sandbox/`: counters, faults, latency, clock.

Nothing of this exists on a real organization; it needs no token because it is bound to loopback.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .context import Core
from .http import Request, Response, dump


def _json(value: Any, status: int = 200) -> Response:
    return Response(status, {"Content-Type": "application/json"}, dump(value))


def answer(core: Core, request: Request) -> Response:
    """GET counters, clock, webhooks and faults; POST faults, latency, clock, reset-counters, flush-webhooks."""
    name = request.path.removeprefix("/_sandbox/").strip("/")
    if request.method == "GET" and name in _SHOWN:
        return _json(_SHOWN[name](core))
    if request.method != "POST":
        return _json({"error": f"no such switch: {request.method} {name}"}, 404)
    try:
        body = json.loads(request.body) if request.body else {}
        return _post(core, name, body)
    except (ValueError, TypeError, AttributeError, KeyError) as exc:
        return _json({"error": str(exc)}, 400)


_SHOWN: dict[str, Callable[[Core], Any]] = {
    "counters": lambda core: core.counters.as_dict(),
    "clock": lambda core: {"now": core.clock.now().isoformat()},
    "webhooks": lambda core: {"delivered": core.webhooks.delivered, "waiting": core.webhooks.waiting},
    "faults": lambda core: {"struck": core.faults.struck},
}


def _post(core: Core, name: str, body: dict[str, Any]) -> Response:
    if name == "reset-counters":
        core.counters.reset()
    elif name == "faults":
        if body.get("clear"):
            core.faults.clear()
        else:
            core.faults.add(body.pop("kind"), **body) if "kind" in body else _missing("kind")
    elif name == "latency":
        core.faults.latency.per_call_s = float(body.get("per_call_s", 0))
        core.faults.latency.per_row_s = float(body.get("per_row_s", 0))
    elif name == "clock":
        core.clock.advance(float(body["advance_s"])) if "advance_s" in body else _missing("advance_s")
    elif name == "privileges":
        user_id = core.actors[body["actor"]].user_id
        core.security.take(user_id, body.get("take", ()))
        core.security.give(user_id, body.get("give", ()))
    elif name == "flush-webhooks":
        return _json({"delivered": core.webhooks.flush()})
    else:
        return _json({"error": f"no such switch: POST {name}"}, 404)
    return _json({"ok": True})


def _missing(name: str) -> None:
    raise ValueError(f"'{name}' is missing")
