"""A receiver at the other end of webhooks, and how a step is registered; no tests."""

from __future__ import annotations

import json
from typing import Any

from .conftest import Org


class Receiver:
    """Stands at the other end; answers the statuses it is told, in turn."""

    def __init__(self, org: Org) -> None:
        self.calls: list[tuple[str, dict[str, str], Any]] = []
        self.statuses = [200] * 50
        org.sandbox.webhooks.sender = self

    def __call__(self, url: str, headers: dict[str, str], body: bytes, timeout_s: float) -> int:
        assert timeout_s == 60
        self.calls.append((url, headers, json.loads(body)))
        return self.statuses.pop(0)


def register(org: Org, message: str = "Update", table: str = "account", auth: int = 4, **step: Any) -> str:
    """Register an endpoint with one asynchronous step; `url` and `authvalue` are the endpoint's."""
    settings = '<settings><setting name="x-key" value="s3" /></settings>'
    endpoint = org.create("serviceendpoints", {
        "name": "hook", "contract": 8, "authtype": auth, "url": step.pop("url", "https://app.example/hook"),
        "authvalue": step.pop("authvalue", "k1" if auth == 4 else settings)}, "admin")
    messages = org.get(f"sdkmessages?$select=name&$filter=name eq '{message}'")["value"]
    text = f"sdkmessageid/name eq '{message}' and primaryobjecttypecode eq '{table}'"
    filters = org.get(f"sdkmessagefilters?$select=primaryobjecttypecode&$filter={text}")["value"]
    return org.create("sdkmessageprocessingsteps", {
        "name": "step", "mode": 1, "stage": 40, "rank": 1, "asyncautodelete": True,
        "eventhandler_serviceendpoint@odata.bind": f"/serviceendpoints({endpoint})",
        "sdkmessageid@odata.bind": f"/sdkmessages({messages[0]['sdkmessageid']})",
        "sdkmessagefilterid@odata.bind": f"/sdkmessagefilters({filters[0]['sdkmessagefilterid']})", **step},
        "admin")


def target(call: tuple[str, dict[str, str], Any]) -> dict[str, Any]:
    """The Target of a delivery."""
    found: dict[str, Any] = call[2]["InputParameters"][0]["value"]
    return found
