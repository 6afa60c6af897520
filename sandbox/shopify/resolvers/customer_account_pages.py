"""The pages of a customer's account: the three that every shop has, in their order.

Reads only; pages of apps are not modelled, so there are no others.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.paging import Connection, encode, listed
from sandbox.shopify.store.database import Row

PAGES = (("Orders", "orders"), ("Profile", "profile"), ("Settings", "settings"))
FIRST, STEP = 198_353_705_778, 32_768
registry.keys("CustomerAccountNativePage", "title handle defaultCursor pageType")


def _cursor(number: int) -> str:
    content = {"limit": 1, "order": "id asc", "last_id": number, "last_value": number, "direction": "next"}
    return base64.b64encode(json.dumps(content, separators=(",", ":")).encode()).decode()


def _rows() -> list[Row]:
    numbers = range(FIRST, FIRST + STEP * len(PAGES), STEP)
    return [
        {
            "__typename": "CustomerAccountNativePage",
            "id": number,
            "title": title,
            "handle": handle,
            "pageType": f"NATIVE_{handle.upper()}",
            "defaultCursor": _cursor(number),
        }
        for number, (title, handle) in zip(numbers, PAGES, strict=True)
    ]


@registry.field("QueryRoot", "customerAccountPages", registry.CONNECTION_ARGUMENTS)
def _pages(_source: Any, _call: Call, args: dict[str, Any]) -> Connection:
    found = listed(_rows(), args)
    found.cursor_of = lambda row: encode(row["id"], str(row["id"]))
    return found


@registry.field("CustomerAccountNativePage", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("CustomerAccountPage", row["id"])


@registry.field("QueryRoot", "customerAccountPage", "id")
def _page(_source: Any, _call: Call, args: dict[str, Any]) -> Row | None:
    number = gid.number(args["id"], "CustomerAccountPage")
    return next((row for row in _rows() if row["id"] == number), None)
