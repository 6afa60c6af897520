"""job(id:): whether work that was promised is done.

Reads only. The root takes an id it does not know for work that is over (recorded); node(id:) knows no such job.
"""

from __future__ import annotations

import re
from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call
from sandbox.shopify.store import jobs
from sandbox.shopify.store.database import Row

registry.keys("Job", "id done query")
_FORM = re.compile(r"gid://shopify/Job/([0-9a-f\-]{36})")


@registry.field("QueryRoot", "job", "id")
def _job(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"]) or _over(args["id"])


def _over(identifier: str) -> Row | None:
    if not identifier.startswith("gid://shopify/Job/"):
        return None
    return {"__typename": "Job", "id": identifier, "done": True, "query": {}}


@registry.node("Job")
def _node(call: Call, identifier: str) -> Row | None:
    match = _FORM.fullmatch(identifier)
    return None if match is None else jobs.find(call.store, match[1])
