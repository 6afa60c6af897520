"""`@idempotent(key:)`: a mutation asked for twice under one key runs once.

The directive is required on the mutations that the 2026-04 version made so, and unknown before 2026-01; retention is
for the life of the store. A request is in flight from its run until its answer leaves, which a latency makes longer.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from graphql import GraphQLResolveInfo, value_from_ast_untyped

from sandbox.shopify.call import Call, refuse
from sandbox.shopify.dialect import FieldFailed

REQUIRED = frozenset(
    [
        "inventorySetQuantities",
        "inventoryAdjustQuantities",
        "inventoryMoveQuantities",
        "inventorySetOnHandQuantities",
        "inventoryActivate",
        "inventoryShipmentAddItems",
        "inventoryShipmentCreate",
        "inventoryShipmentCreateInTransit",
        "inventoryShipmentReceive",
        "inventoryTransferCreate",
        "inventoryTransferCreateAsReadyToShip",
        "inventoryTransferDuplicate",
        "inventoryTransferSetItems",
        "refundCreate",
        "locationActivate",
        "locationDeactivate",
    ]
)


def once(call: Call, info: GraphQLResolveInfo, args: dict[str, Any], run: Callable[[], Any]) -> Any:
    """Run the mutation, or give the answer it gave before under the same key."""
    name = info.field_name
    key = _key(info)
    if key is None:
        if name in REQUIRED and call.api_version >= "2026-04":
            text = "The @idempotent directive is required for this mutation but was not provided."
            raise FieldFailed(text, "BAD_REQUEST")
        return run()
    if not key.strip():
        raise FieldFailed("key can't be blank", "INVALID_FIELD_ARGUMENTS")
    _enter(call, (name, key))
    request = json.dumps(args, sort_keys=True, ensure_ascii=False)
    sql = "SELECT * FROM idempotency WHERE mutation = ? AND key = ?"
    before = call.db.one(sql, (name, key))
    if before is not None:
        return _again(before, request)
    answer = run()
    _remember(call, (name, key), request, answer)
    return answer


def _enter(call: Call, name_and_key: tuple[str, str]) -> None:
    """Take the key until the answer has left; raises UserErrors while another request holds it."""
    if name_and_key in call.store.in_flight and name_and_key not in call.keys:
        text = "This request is currently in progress, please try again."
        raise refuse(None, text, "IDEMPOTENCY_CONCURRENT_REQUEST")
    call.store.in_flight.add(name_and_key)
    call.keys.add(name_and_key)


def leave(call: Call) -> None:
    """Let go of the keys of a request that has been answered."""
    call.store.in_flight -= call.keys


def remember_failure(call: Call, info: GraphQLResolveInfo, args: dict[str, Any]) -> None:
    """Note that the mutation failed under its key; nothing else of it was kept."""
    key = _key(info)
    if key and not call.db.one("SELECT 1 FROM idempotency WHERE mutation = ? AND key = ?", (info.field_name, key)):
        request = json.dumps(args, sort_keys=True, ensure_ascii=False)
        _remember(call, (info.field_name, key), request, None)


def _remember(call: Call, name_and_key: tuple[str, str], request: str, answer: Any) -> None:
    name, key = name_and_key
    row = {"key": key, "mutation": name, "request": request, "answer": json.dumps(answer)}
    call.db.insert("idempotency", row | {"failed": int(answer is None)})


def _again(before: dict[str, Any], request: str) -> Any:
    if before["request"] != request:
        text = "The same idempotency key cannot be used with different operation parameters."
        raise refuse(None, text, "IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
    if before["failed"]:
        text = "A previous request with this idempotency key failed. Retry with a new idempotency key."
        raise refuse(None, text, "IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")
    return json.loads(before["answer"])


def _key(info: GraphQLResolveInfo) -> str | None:
    for directive in info.field_nodes[0].directives or ():
        if directive.name.value == "idempotent":
            for argument in directive.arguments or ():
                return str(value_from_ast_untyped(argument.value, info.variable_values.coerced))
    return None
