"""The rows that hang on an order: lines, shipping, taxes, discounts with their shares, charges, transactions.

Plain writing and reading; whether a part may be there is decided by whoever adds it.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

if TYPE_CHECKING:
    from sandbox.shopify.store.orders import NewOrder

LINE = {
    "variant_title": None, "sku": None, "vendor": None, "product_id": None, "variant_id": None, "removed": 0,
    "requires_shipping": 1, "taxable": 1, "gift_card": 0, "custom_attributes": [], "fulfillment_service": "manual",
    "added": 0,
}
SHIPPING = {"code": None, "source": None, "phone": None, "carrier_identifier": None, "custom": 0, "removed": 0}
DISCOUNT = {
    "code": None, "title": None, "description": None, "allocation_method": "ACROSS", "target_selection": "ALL",
    "target_type": "LINE_ITEM", "added": 0,
}


def add_all(store: Store, order: int, new: NewOrder) -> None:
    """Write the parts of a new order."""
    lines = [add_line(store, order, line) for line in new.lines]
    shipping = [add_shipping(store, order, line) for line in new.shipping]
    add_taxes(store, order, ("order", 0), new.taxes)
    for charge in new.charges:
        add_charge(store, order, charge, lines)
    places = {"line": lines, "shipping": shipping}
    for discount in new.discounts:
        given = dict(discount)
        shares = given.pop("shares", [])
        number = add_discount(store, order, given)
        for target, place, amount in shares:
            allocate(store, order, number, (target, places[target][place]), amount.write())
    for transaction in new.transactions:
        add_transaction(store, order, transaction)


def of(store: Store, table: str, order: int, by: str = "id") -> list[Row]:
    """The rows of a table that belong to an order."""
    return store.db.all(f"SELECT * FROM {table} WHERE order_id = ? ORDER BY {by}", (order,))  # noqa: S608 - our own


def _next_place(store: Store, table: str, order: int) -> int:
    sql = f"SELECT COALESCE(MAX(position), 0) + 1 FROM {table} WHERE order_id = ?"  # noqa: S608 - table names are our own
    return int(store.db.value(sql, (order,)))


def add_line(store: Store, order: int, given: Row) -> int:
    """Append a line item with its taxes; its number."""
    row = LINE | given
    taxes = row.pop("taxes", [])
    row |= {"id": store.db.next_id("LineItem"), "order_id": order, "price": row["price"].write()}
    store.db.insert("order_lines", row | {"position": _next_place(store, "order_lines", order)})
    add_taxes(store, order, ("line", row["id"]), taxes)
    return int(row["id"])


def add_shipping(store: Store, order: int, given: Row) -> int:
    """Append a shipping line with its taxes; its number."""
    row = SHIPPING | given
    taxes = row.pop("taxes", [])
    row |= {"id": store.db.next_id("ShippingLine"), "order_id": order, "price": row["price"].write()}
    store.db.insert("order_shipping", row | {"position": _next_place(store, "order_shipping", order)})
    add_taxes(store, order, ("shipping", row["id"]), taxes)
    return int(row["id"])


def add_charge(store: Store, order: int, given: Row, lines: list[int]) -> int:
    """Add a duty (of the line at place `line`), tip or fee with its taxes; its number."""
    row = dict(given)
    taxes, place = row.pop("taxes", []), row.pop("line", None)
    row |= {"id": store.db.next_id("OrderCharge"), "order_id": order, "price": row["price"].write()}
    store.db.insert("order_charges", row | {"line_id": None if place is None else lines[place]})
    add_taxes(store, order, ("charge", row["id"]), taxes)
    return int(row["id"])


def bundle(store: Store, order: int, title: str, quantity: int, variant: int | None, lines: list[int]) -> int:
    """Say that lines of an order are components of a bundle that was bought; the group's number."""
    row = {"id": store.db.next_id("LineItemGroup"), "order_id": order, "title": title, "quantity": quantity}
    store.db.insert("order_groups", row | {"variant_id": variant})
    for line in lines:
        store.db.insert("order_group_lines", {"line_id": line, "group_id": row["id"]})
    return int(row["id"])


def add_taxes(store: Store, order: int, target: tuple[str, int], taxes: list[Row]) -> None:
    """Add the tax lines of a line, a shipping line, a charge or the order as a whole."""
    for tax in taxes:
        row = {"id": store.db.next_id("TaxLine"), "order_id": order, "target": target[0], "target_id": target[1]}
        store.db.insert("order_taxes", tax | row | {"amount": tax["amount"].write(), "rate": str(tax["rate"])})


def add_discount(store: Store, order: int, given: Row) -> int:
    """Add a discount application; its number."""
    row = DISCOUNT | given | {"id": store.db.next_id("DiscountApplication"), "order_id": order}
    store.db.insert("order_discounts", row | {"position": _next_place(store, "order_discounts", order)})
    return int(row["id"])


def allocate(store: Store, order: int, discount: int, target: tuple[str, int], amount: str) -> None:
    """Give a line or shipping line its share of a discount."""
    row = {"order_id": order, "discount_id": discount, "target": target[0], "target_id": target[1]}
    store.db.insert("order_allocations", row | {"amount": amount})


def add_transaction(store: Store, order: int, given: Row) -> int:
    """Add a payment transaction and note its event; its number."""
    now = store.now()
    number = store.db.next_id("OrderTransaction")
    defaults = {"kind": "SALE", "status": "SUCCESS", "test": 0, "manual": 0, "processed_at": now}
    defaults["payment_id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"payment/{number}"))
    row = defaults | given | {"id": number, "order_id": order, "created_at": now, "amount": given["amount"].write()}
    store.db.insert("order_transactions", row)
    store.event("order_transactions/create", number)
    return number
