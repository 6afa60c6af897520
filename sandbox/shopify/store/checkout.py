"""What only a checkout or a point of sale puts on an order: tips, duties, fees, bundles, a till, rounded cash.

The Admin API has no input for any of it and shows all of it. Whoever plays the buyer says it right after `orderCreate`,
through `/_sandbox/orders`; the order then counts as made with it.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify.money import Bag
from sandbox.shopify.store import locations, order_parts, orders
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book
from sandbox.shopify.store.shop import Store

NAMES = {"tip": "Tip", "duty": "Duty", "fee": "Import fee"}
KEYS = frozenset({"id", "charges", "bundles", "location", "cash_rounding"})


def complete(store: Store, given: Row) -> None:
    """Put on order `id` what the buyer's checkout had.

    `charges`: of `kind` tip, duty or fee, with an `amount` in both currencies and, of a duty, the place of its `line`.
    `bundles`: a `title`, the places of its `lines`, and a `quantity`. `location`: where it was sold; its source is then
    the point of sale. `cash_rounding`: what the first payment was rounded by. Raises ValueError for what is not there.
    """
    number, unknown = int(given["id"]), sorted(set(given) - KEYS)
    if unknown or orders.get(store, number) is None:
        raise ValueError(f"no such part: {', '.join(unknown)}" if unknown else f"no order {number}")
    with orders.moving(store, number, _sold_at(store, given.get("location"))):
        lines = [int(line["id"]) for line in Book(store, number).lines]
        for charge in given.get("charges", ()):
            row = {"kind": charge["kind"], "name": charge.get("name") or NAMES[charge["kind"]]}
            row |= {"price": Bag.of(charge["amount"]), "line": charge.get("line")}
            order_parts.add_charge(store, number, row, lines)
        for group in given.get("bundles", ()):
            parts = [lines[place] for place in group["lines"]]
            order_parts.bundle(store, number, group["title"], int(group.get("quantity", 1)), None, parts)
        if "cash_rounding" in given:
            _round(store, number, given["cash_rounding"])
    store.db.update("orders", number, {"original_total": Book(store, number).total.write()})


def _sold_at(store: Store, location: Any) -> Row:
    if location is None:
        return {}
    if locations.get(store, int(location)) is None:
        raise ValueError(f"no location {location}")
    return {"location_id": int(location), "source_name": "pos"}


def _round(store: Store, number: int, amount: str) -> None:
    paid = [row for row in Book(store, number).transactions if row["kind"] == "SALE"]
    if not paid:
        raise ValueError(f"order {number} has no payment to round")
    row = {"transaction_id": paid[0]["id"], "order_id": number, "amount": Bag.of(amount).write()}
    store.db.insert("order_roundings", row)
