"""Committing an edit: the staged changes become part of the order.

Units taken away stay on the line as removed; what is added becomes a line, a discount or a shipping line of its own.
"""

from __future__ import annotations

from sandbox.shopify.money import Bag
from sandbox.shopify.store import order_parts, order_stock, orders, variants
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_edits import Calculated, Line
from sandbox.shopify.store.order_hooks import HOOKS, Quantities
from sandbox.shopify.store.shop import Store


def commit(store: Store, edit: Row) -> None:
    """Apply an edit to its order and close it."""
    found = Calculated(store, edit)
    number = edit["order_id"]
    with orders.moving(store, number, {"edited": 1}):
        taxes = {line.key: found.taxes(line) for line in found.lines if line.discounts}
        added, removed = _quantities(store, found)
        for line in found.lines:
            if line.added:
                line_number = order_parts.add_line(store, number, _new_line(line))
                added[line_number] = line.quantity
                _claim(store, line)
                _discount(store, number, found, line, line_number)
            else:
                _discount(store, number, found, line, line.row["id"])
        _retax(store, taxes)
        _other(store, number, found)
        store.db.update("order_edits", edit["id"], {"committed_at": store.now()})
        _tell(store, number, added, removed)
    told = {"added": added, "removed": removed}
    store.db.update("order_edits", edit["id"], {"told": told})
    store.event("orders/edited", edit["id"])


def _quantities(store: Store, found: Calculated) -> tuple[Quantities, Quantities]:
    added: Quantities = {}
    removed: Quantities = {}
    for change in found.of_type("quantity"):
        line = found.line(change["line"])
        assert line is not None  # noqa: S101 - checked when it was staged
        delta = change["quantity"] - found.book.current_quantity(line.row)
        if delta < 0:
            removed[line.row["id"]] = -delta
            store.db.update("order_lines", line.row["id"], {"removed": line.row["removed"] - delta})
            if change.get("restock"):
                _move(store, line.row["variant_id"], -delta)
        elif delta > 0:
            added[line.row["id"]] = delta
            _grow(store, found, line, delta)
    return added, removed


def _grow(store: Store, found: Calculated, line: Line, delta: int) -> None:
    before, after = line.row["quantity"], line.row["quantity"] + delta
    store.db.update("order_lines", line.row["id"], {"quantity": after})
    for row in found.book.taxes_of["line", line.row["id"]]:
        amount = (Bag.read(row["amount"]) * after).over(before).rounded(found.pair)
        store.db.update("order_taxes", row["id"], {"amount": amount.write()})
    for share in found.book.shares["line", line.row["id"]]:
        amount = (Bag.read(share["amount"]) * after).over(before).rounded(found.pair)
        store.db.update("order_allocations", share["id"], {"amount": amount.write()})
    _move(store, line.row["variant_id"], -delta)


def _move(store: Store, variant_id: int | None, units: int) -> None:
    variant = variants.get(store, variant_id)
    if variant is not None:
        order_stock.move(store, variant, units)


def _claim(store: Store, line: Line) -> None:
    variant = variants.get(store, line.row.get("variant_id"))
    if variant is not None:
        order_stock.move(store, variant, -line.quantity, line.row.get("location_id"))


def _new_line(line: Line) -> Row:
    names = ("title", "variant_title", "sku", "vendor", "product_id", "variant_id", "requires_shipping", "taxable")
    row = {name: line.row.get(name) for name in (*names, "weight_value", "weight_unit")}
    return row | {"quantity": line.quantity, "price": line.price, "added": 1}


def _discount(store: Store, number: int, found: Calculated, line: Line, line_number: int) -> None:
    for staged in line.discounts:
        percent = staged.get("percent")
        row = {
            "kind": "MANUAL",
            "title": staged["description"],
            "description": staged["description"],
            "value_type": "fixed" if percent is None else "percentage",
            "value": staged["fixed"] if percent is None else str(percent),
            "allocation_method": "EACH",
            "target_selection": "EXPLICIT",
            "added": 1,
        }
        discount = order_parts.add_discount(store, number, row)
        # The allocation is of the line as ordered: units removed keep their part of it, units added have theirs.
        whole = found.amount_of(staged, line)
        if not line.added and line.quantity:
            more = max(line.quantity - found.book.current_quantity(line.row), 0)
            whole = (whole * (line.row["quantity"] + more)).over(line.quantity).rounded(found.pair)
        order_parts.allocate(store, number, discount, ("line", line_number), whole.write())


def _retax(store: Store, taxes: dict[str, list[tuple[Row, Bag]]]) -> None:
    for pairs in taxes.values():
        for row, amount in pairs:
            store.db.update("order_taxes", row["id"], {"amount": amount.write()})


def _other(store: Store, number: int, found: Calculated) -> None:
    for discount in found.gone_discounts:
        store.db.run("DELETE FROM order_allocations WHERE discount_id = ?", (discount,))
        store.db.run("DELETE FROM order_discounts WHERE id = ?", (discount,))
    for shipping in found.gone_shipping:
        store.db.update("order_shipping", shipping, {"removed": 1})
    for staged in found.of_type("shipping"):
        price = Bag.read(staged["price"])
        row = {"title": staged["title"], "code": "custom", "price": price, "custom": 1}
        order_parts.add_shipping(store, number, row)


def _tell(store: Store, number: int, added: Quantities, removed: Quantities) -> None:
    for hook in HOOKS.added if added else ():
        hook(store, number, added)
    for hook in HOOKS.removed if removed else ():
        hook(store, number, removed)
