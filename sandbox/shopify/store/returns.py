"""Returns in the store: what buyers send back, and the reverse fulfilment order that an open return has.

A return moves no money and no stock by itself and leaves the order's time of update alone (recorded).
"""

from __future__ import annotations

import json

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

# The reasons that every shop has, by number: name, handle and the older enum (recorded in this order).
DEFINITIONS = (
    ("Unknown", "unknown", "UNKNOWN"),
    ("Changed my mind", "changed-my-mind", "UNWANTED"),
    ("Item not as described", "item-not-as-described", "NOT_AS_DESCRIBED"),
    ("Received the wrong item", "received-the-wrong-item", "WRONG_ITEM"),
    ("Other", "other-reason", "OTHER"),
    ("Damaged or defective", "damaged-or-defective", "DEFECTIVE"),
    ("Too small", "too-small", "SIZE_TOO_SMALL"),
    ("Too big", "too-big", "SIZE_TOO_LARGE"),
    ("Style", "style", "STYLE"),
    ("Color", "color", "COLOR"),
)


def definition(number: int) -> Row:
    """A reason for returning by its number."""
    name, handle, reason = DEFINITIONS[number - 1]
    return {"id": number, "name": name, "handle": handle, "reason": reason, "deleted": False}


def definition_of(reason: str) -> Row:
    """The definition behind an older reason."""
    return definition(1 + [entry[2] for entry in DEFINITIONS].index(reason))


def get(store: Store, number: int | None) -> Row | None:
    """A return by its number."""
    return store.db.get("returns", number)


def lines(store: Store, number: int) -> list[Row]:
    """The lines of a return."""
    return store.db.all("SELECT * FROM return_lines WHERE return_id = ? ORDER BY id", (number,))


def returnable(store: Store, fulfillment_line: Row) -> int:
    """How much of a shipped line can still be returned: what is in no return, or in one that came to nothing."""
    sql = (
        "SELECT COALESCE(SUM(l.quantity), 0) FROM return_lines l JOIN returns r ON r.id = l.return_id "
        "WHERE l.fulfillment_line_id = ? AND r.status NOT IN ('CANCELED', 'DECLINED')"
    )
    return int(fulfillment_line["quantity"] - store.db.value(sql, (fulfillment_line["id"],)))


def create(store: Store, order: Row, status: str, entries: list[Row], fee: str | None) -> int:
    """Add a return with its lines (rows of `return_lines`); an open one has its reverse fulfilment order at once."""
    now = store.now()
    number = store.db.next_id("Return")
    count = store.db.value("SELECT COUNT(*) FROM returns WHERE order_id = ?", (order["id"],))
    row = {"id": number, "order_id": order["id"], "name": f"{order['name']}-R{count + 1}", "status": status}
    row |= {"fee": fee, "fee_id": store.db.next_id("Fee") if fee else None, "created_at": now, "updated_at": now}
    store.db.insert("returns", row)
    for entry in entries:
        line = {"id": store.db.next_id("ReturnLineItem"), "order_id": order["id"], "return_id": number}
        if entry.get("restocking_percentage") is not None:
            line["restocking_fee_id"] = store.db.next_id("Fee")
        store.db.insert("return_lines", line | entry)
    if status == "OPEN":
        _reverse(store, number)
    return number


def _reverse(store: Store, number: int) -> None:
    row = get(store, number)
    assert row is not None  # noqa: S101 - just written
    reverse = {"id": store.db.next_id("ReverseFulfillmentOrder"), "order_id": row["order_id"], "return_id": number}
    store.db.insert("reverse_orders", reverse | {"status": "OPEN"})
    for line in lines(store, number):
        entry = {"id": store.db.next_id("ReverseFulfillmentOrderLineItem"), "order_id": row["order_id"]}
        entry |= {"reverse_order_id": reverse["id"], "return_line_id": line["id"]}
        store.db.insert("reverse_order_lines", entry | {"total_quantity": line["quantity"]})


def change(store: Store, number: int, values: Row) -> None:
    """Change a return."""
    store.db.update("returns", number, values | {"updated_at": store.now()})


def approve(store: Store, number: int) -> None:
    """Open a requested return."""
    change(store, number, {"status": "OPEN", "request_approved_at": store.now()})
    _reverse(store, number)


def decline(store: Store, number: int, reason: str, note: str | None) -> None:
    """Decline a requested return."""
    change(store, number, {"status": "DECLINED", "decline": json.dumps({"reason": reason, "note": note})})


def cancel(store: Store, number: int) -> None:
    """Cancel a return and what was to come back by it."""
    change(store, number, {"status": "CANCELED"})
    store.db.run("UPDATE reverse_orders SET status = 'CANCELED' WHERE return_id = ?", (number,))


def take_out(store: Store, line: Row, quantity: int) -> None:
    """Take units of a line out of a return; a line without any is gone, a return without lines closes (recorded)."""
    left = line["quantity"] - quantity
    if left:
        store.db.update("return_lines", line["id"], {"quantity": left})
        sql = "UPDATE reverse_order_lines SET total_quantity = ? WHERE return_line_id = ?"
        store.db.run(sql, (left, line["id"]))
        return
    store.db.run("DELETE FROM return_lines WHERE id = ?", (line["id"],))
    store.db.run("DELETE FROM reverse_order_lines WHERE return_line_id = ?", (line["id"],))
    if not lines(store, line["return_id"]):
        change(store, line["return_id"], {"status": "CLOSED", "closed_at": store.now()})
