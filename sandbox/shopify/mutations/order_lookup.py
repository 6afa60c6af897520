"""The order a mutation names, and how it is answered; refused in the words of that mutation when it is not there."""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.resolvers.order_source import by_number, source
from sandbox.shopify.store import orders
from sandbox.shopify.store.database import Row

MISSING = "Order does not exist"


def wanted(call: Call, identifier: str, path: list[str], code: str | None = None, **payload: Any) -> Row:
    """The order of a global id."""
    row = orders.get(call.store, gid.number(identifier, "Order"))
    if row is None:
        raise refuse(path, MISSING, code, **payload)
    return row


def answer(call: Call, number: int, **more: Any) -> Row:
    """The payload of a mutation that changed an order."""
    call.target("Order", number)
    return {"order": by_number(call, number), "userErrors": []} | more


def standing(row: Row) -> Row:
    """What a refusal shows of an order that stays as it is."""
    return {"order": source(row)}
