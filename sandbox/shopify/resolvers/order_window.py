"""Which orders an app may see: those of the last 60 days, unless it has `read_all_orders`.

The limit is documented for the Order object; that it counts from `createdAt` is an assumption.
"""

from __future__ import annotations

from sandbox.shopify.call import Call
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store.database import Row

ALL = "read_all_orders"
WINDOW_MICROS = 60 * 86_400 * 1_000_000


def condition(call: Call) -> Sql | None:
    """The condition on `orders o` for a list; None when every order may be seen."""
    return None if ALL in call.actor.scopes else Sql("o.created_at >= ?", [_start(call)])


def visible(call: Call, row: Row | None) -> Row | None:
    """The order, or None when it is too old for this app."""
    if row is None or ALL in call.actor.scopes or row["created_at"] >= _start(call):
        return row
    return None


def _start(call: Call) -> int:
    return call.store.now() - WINDOW_MICROS
