"""Two customers becoming one: which is kept, what it is made of, and the moving of what hangs on the other.

The choice follows the documented order (override of the e-mail, the only e-mail, account and consent, the second).
"""

from __future__ import annotations

import json

from sandbox.shopify.store import customer_addresses as addresses
from sandbox.shopify.store import customers, metafields
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

CONSENT = {"SUBSCRIBED": 2, "PENDING": 1}
CHOICES = {
    "first_name": "customerIdOfFirstNameToKeep",
    "last_name": "customerIdOfLastNameToKeep",
    "email": "customerIdOfEmailToKeep",
    "phone": "customerIdOfPhoneNumberToKeep",
    "default_address_id": "customerIdOfDefaultAddressToKeep",
}


def kept_of(one: Row, two: Row, chosen: dict[str, int]) -> Row:
    """The customer that stays; `chosen` holds the numbers that overrides name, by column."""
    if chosen.get("email") == one["id"]:
        return one
    if chosen.get("email") == two["id"] or not (one["email"] and two["email"]):
        return one if one["email"] and not two["email"] and not chosen.get("email") else two
    return one if _prefers_first(one, two) else two


def _prefers_first(one: Row, two: Row) -> bool:
    enabled = [row["state"] == "ENABLED" for row in (one, two)]
    if enabled[0] != enabled[1]:
        return enabled[0]
    consent = [CONSENT.get(row["email_state"], 0) for row in (one, two)]
    if consent[0] != consent[1]:
        return consent[0] > consent[1]
    return one["state"] == "INVITED" and two["state"] != "INVITED"


def merged(kept: Row, gone: Row, chosen: dict[str, int]) -> tuple[Row, Row]:
    """The columns of the customer that stays, and the values that were not taken (of which nothing is known later)."""
    taken: Row = {}
    left: Row = {}
    for column in CHOICES:
        first, second = (gone, kept) if chosen.get(column) == gone["id"] else (kept, gone)
        winner = first if first[column] else second
        taken[column] = winner[column]
        left[column] = (second if winner is first else first)[column]
    taken["note"] = " ".join(row["note"] for row in (kept, gone) if row["note"]) or None
    known = json.loads(kept["tags"])
    folded = {tag.lower() for tag in known}
    taken["tags"] = known + [tag for tag in json.loads(gone["tags"]) if tag.lower() not in folded]
    return taken, left


def unite(store: Store, kept: Row, gone: Row, columns: Row) -> None:
    """Move everything to the customer that stays and remove the other."""
    store.db.run("UPDATE customer_addresses SET customer_id = ? WHERE customer_id = ?", (kept["id"], gone["id"]))
    for table in ("orders", "draft_orders"):
        sql = f"UPDATE {table} SET customer_id = ? WHERE customer_id = ?"  # noqa: S608 - table names are our own
        store.db.run(sql, (kept["id"], gone["id"]))
    for row in metafields.of_owner(store, "Customer", gone["id"]):
        if metafields.find(store, "Customer", kept["id"], row["namespace"], row["key"]) is None:
            metafields.put(store, "Customer", kept["id"], row)
    metafields.delete_owner(store, "Customer", gone["id"])
    store.db.run("DELETE FROM customers WHERE id = ?", (gone["id"],))
    store.index.put("Customer", gone["id"], None)
    customers.change(store, kept["id"], columns)
    addresses.settle_default(store, kept["id"])
    customers.reindex(store, kept["id"])
