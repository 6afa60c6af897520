"""Recorded orders put into the Shopify sandbox's store, with their customers, products, payments and refunds.

Every row holds what the recording says, but ids: a store gives its own, and one order was recorded five times over.
Nothing is adjusted: totals that do not come out are for the caller to find.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.shopify.clock import parse_micros
from sandbox.shopify.money import Bag
from sandbox.shopify.store import customer_addresses, customers, options, order_parts, orders, products, variants
from sandbox.shopify.store.order_hooks import HOOKS
from sandbox.shopify.store.orders import NewOrder
from sandbox.shopify.store.shop import Store
from tests.contract.recorded_orders import recordings
from tests.contract.recorded_orders.recordings import Order, quantity_left, refund_rows

Row = dict[str, Any]
TIMES = ("created_at", "updated_at", "processed_at", "closed_at", "cancelled_at")
PLAIN = ("note", "phone", "source_name", "source_identifier", "source_url", "referring_site", "po_number")


class Loader:
    """One shop into which recordings are put; numbers of customers and variants by those that were recorded."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.customers: dict[int, int] = {}
        self.variants: dict[int, int] = {}

    def stock(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """The products that order lines name, each with all variants that are named."""
        named = {line["variant_id"]: line for line in lines if line.get("variant_id") and line.get("product_exists")}
        for product in dict.fromkeys(line["product_id"] for line in named.values()):
            self._product([line for line in named.values() if line["product_id"] == product])

    def _product(self, lines: list[Mapping[str, Any]]) -> None:
        first = lines[0]
        vendor = {"vendor": first["vendor"]} if first["vendor"] else {}
        handle = products.free_handle(self.store, f"recorded-{first['product_id']}")
        number = products.create(self.store, {"title": first["title"], "handle": handle, **vendor})
        option = options.add(self.store, number, "Variant", [])
        for line in lines:
            choice = options.value_number(self.store, option["id"], line["variant_title"])
            values = {"choices": [choice], "sku": line["sku"], "price": line["price"], "taxable": int(line["taxable"])}
            weight = {"weight_value": float(line["grams"]), "weight_unit": "GRAMS"}
            item = weight | {"requires_shipping": int(line["requires_shipping"])}
            self.variants[line["variant_id"]] = variants.create(self.store, number, values, item)
        products.reindex(self.store, number)

    def put(self, order: Order) -> int:
        """The order with everything that was recorded of it; its number."""
        columns = _columns(order) | {"customer_id": self._customer(order.get("customer"))}
        new = NewOrder(
            columns=columns,
            lines=[self._line(order, line) for line in order.get("line_items", ())],
            shipping=[_shipping(line) for line in order.get("shipping_lines", ())],
            charges=_charges(order),
            taxes=_order_taxes(order),
            discounts=_discounts(order),
            transactions=[_transaction(one) for one in order.get("transactions", ())],
        )
        number = orders.create(self.store, new)
        lines = order_parts.of(self.store, "order_lines", number)
        named = dict(zip((line["id"] for line in order.get("line_items", ())), lines, strict=True))
        for refund in order.get("refunds", ()):
            self._refund(number, refund, named)
        self._ship(number, order, named)
        self.store.db.update("orders", number, _times(order))
        orders.reindex(self.store, number)
        return number

    def _customer(self, given: Mapping[str, Any] | None) -> int | None:
        """The customer, made or as this later recording has him."""
        if not given:
            return None
        values: Row = {name: given.get(name) for name in ("email", "first_name", "last_name", "phone", "note")}
        values |= {"state": given["state"].upper(), "tags": products.sort_tags([given["tags"]])}
        values |= {name: int(given[name]) for name in ("tax_exempt", "verified_email")}
        number = self.customers.get(given["id"])
        if number is None:
            number = self.customers[given["id"]] = customers.create(self.store, values)
        else:
            customers.change(self.store, number, values)
        address = _address(given.get("default_address"))
        if address and customer_addresses.same(self.store, number, address) is None:
            customer_addresses.create(self.store, customers.get(self.store, number) or {}, address)
        customers.reindex(self.store, number)
        return number

    def _line(self, order: Order, line: Mapping[str, Any]) -> Row:
        refunded = sum(row["quantity"] for row in refund_rows(order, line))
        row: Row = {name: line.get(name) for name in ("title", "variant_title", "sku", "vendor", "quantity")}
        row |= {"price": _bag(line, "price"), "removed": line["quantity"] - refunded - quantity_left(order, line)}
        row |= {name: int(line[name]) for name in ("requires_shipping", "taxable", "gift_card") if name in line}
        row["custom_attributes"] = [{"key": one["name"], "value": one["value"]} for one in line.get("properties", ())]
        variant = self.variants.get(line.get("variant_id") or 0)
        row["variant_id"] = variant
        row["product_id"] = (variants.get(self.store, variant) or {}).get("product_id")
        return row | {"taxes": _taxes(line)}

    def _refund(self, order: int, given: Mapping[str, Any], lines: Mapping[int, Row]) -> None:
        number = self.store.db.next_id("Refund")
        made = parse_micros(given["created_at"])
        moment = parse_micros(given["processed_at"]) if "processed_at" in given else made
        times = {"processed_at": moment, "created_at": made, "updated_at": moment}
        self.store.db.insert("refunds", {"id": number, "order_id": order, "note": given["note"], **times})
        owner = {"order_id": order, "refund_id": number}
        for row in given["refund_line_items"]:
            self._refund_line(owner, row, lines[row["line_item_id"]])
        for row in given.get("order_adjustments", ()):
            amounts = {"amount": _bag(row, "amount").write(), "tax": _bag(row, "tax_amount").write()}
            kept = {"id": self.store.db.next_id("OrderAdjustment"), "reason": row["kind"].upper()}
            self.store.db.insert("refund_adjustments", owner | kept | amounts)
        for row in given["transactions"]:
            order_parts.add_transaction(self.store, order, _transaction(row) | {"refund_id": number})
        taken = {lines[row["line_item_id"]]["id"]: row["quantity"] for row in given["refund_line_items"]}
        for hook in HOOKS.removed:
            hook(self.store, order, taken)

    def _refund_line(self, owner: Row, row: Mapping[str, Any], line: Row) -> None:
        restock = (row.get("restock_type") or "no_restock").upper()
        kept = {"id": self.store.db.next_id("RefundLineItem"), "line_id": line["id"], "quantity": row["quantity"]}
        kept |= {"restock_type": restock, "restocked": int(restock != "NO_RESTOCK")}
        amounts = {"subtotal": _bag(row, "subtotal").write(), "tax": _bag(row, "total_tax").write()}
        self.store.db.insert("refund_lines", owner | kept | amounts)

    def _ship(self, number: int, order: Order, lines: Mapping[int, Row]) -> None:
        """What was sent of it, as it says of itself; a shipment that failed is kept and holds no line."""
        if order.get("fulfillment_status"):
            said = {"status": order["fulfillment_status"].upper(), "fulfillment": None}
            self.store.db.update("orders", number, {"given_fulfillment_status": said["status"]})
            for shipped in HOOKS.shipped:
                shipped(self.store, number, said)
        for place, one in enumerate(order.get("fulfillments", ()), 1):
            moment = parse_micros(one["created_at"])
            tracking = {"company": one["tracking_company"], "numbers": one["tracking_numbers"], "urls": []}
            row = {"id": self.store.db.next_id("Fulfillment"), "order_id": number, "number": place}
            row |= {"tracking": tracking, "created_at": moment, "updated_at": parse_micros(one["updated_at"])}
            self.store.db.insert("fulfillments", row | {"status": one["status"].upper()})
        if order.get("cancelled_at"):
            for cancelled in HOOKS.cancelled:
                cancelled(self.store, number)


def _columns(order: Order) -> Row:
    row: Row = {name: order[name] for name in PLAIN if order.get(name)}
    row |= {"email": order.get("email") or None, "currency": order["currency"], "name": order["name"]}
    row["presentment_currency"] = order.get("presentment_currency") or order["currency"]
    flags = {"taxes_included": "taxes_included", "test": "test", "buyer_accepts_marketing": "accepts_marketing"}
    row |= {column: int(bool(order.get(name))) for name, column in flags.items()}
    for name in ("billing_address", "shipping_address"):
        row[name] = _address(order.get(name))
    row["tags"] = products.sort_tags([order.get("tags") or ""])
    row["custom_attributes"] = [{"key": one["name"], "value": one["value"]} for one in order.get("note_attributes", ())]
    row["given_financial_status"] = (order.get("financial_status") or "").upper() or None
    return row | {"cancel_reason": (order.get("cancel_reason") or "").upper() or None}


def _times(order: Order) -> Row:
    return {name: parse_micros(order[name]) for name in TIMES if order.get(name)}


def _address(given: Mapping[str, Any] | None) -> Row | None:
    return {name: given.get(name) or None for name in customer_addresses.COLUMNS} if given else None


def _bag(holder: Mapping[str, Any], name: str) -> Bag:
    return Bag.of(*(recordings.bag(holder, name) or (0, 0)))


def _taxes(holder: Mapping[str, Any]) -> list[Row]:
    return [_tax(one, _bag(one, "price")) for one in holder.get("tax_lines", ())]


def _tax(given: Mapping[str, Any], amount: Bag) -> Row:
    liable = given.get("channel_liable")
    row = {"title": given["title"], "rate": str(given["rate"]), "amount": amount}
    return row | {"channel_liable": None if liable is None else int(liable)}


def _order_taxes(order: Order) -> list[Row]:
    """What the order's own tax lines, which sum those of its lines, have beyond them."""
    left = []
    for given in order.get("tax_lines") or ():
        owners = (*order.get("line_items", ()), *order.get("shipping_lines", ()))
        known = [one for owner in owners for one in owner["tax_lines"]]
        same = [one for one in known if (one["title"], one["rate"]) == (given["title"], given["rate"])]
        amount = _bag(given, "price") - sum((_bag(one, "price") for one in same), Bag())
        left += [_tax(given, amount)] if amount else []
    return left


def _shipping(line: Mapping[str, Any]) -> Row:
    row: Row = {name: line.get(name) for name in ("title", "code", "source", "phone")}
    return row | {"price": _bag(line, "price"), "removed": int(line.get("is_removed", False)), "taxes": _taxes(line)}


def _charges(order: Order) -> list[Row]:
    found: list[Row] = []
    for place, line in enumerate(order.get("line_items", ())):
        found += [{"kind": "duty", "line": place, "price": _bag(one, "price")} for one in line.get("duties", ())]
    for kind, name in (("tip", "total_tip_received"), ("fee", "original_total_additional_fees")):
        price = _bag(order, name)
        found += [{"kind": kind, "name": kind, "price": price}] if price else []
    return found


def _discounts(order: Order) -> list[Row]:
    """The order's discounts with their shares of lines and shipping."""
    found = [
        {
            "kind": one["type"].upper(),
            "code": one.get("code"),
            "title": one.get("title"),
            "value_type": one["value_type"],
            "value": one["value"],
            "allocation_method": one["allocation_method"].upper(),
            "target_selection": one["target_selection"].upper(),
            "target_type": one["target_type"].upper(),
            "shares": [],
        }
        for one in order.get("discount_applications", ())
    ]
    for target, owners in (("line", "line_items"), ("shipping", "shipping_lines")):
        for place, owner in enumerate(order.get(owners, ())):
            for share in owner.get("discount_allocations", ()):
                found[share["discount_application_index"]]["shares"].append((target, place, _bag(share, "amount")))
    return found


def _transaction(given: Mapping[str, Any]) -> Row:
    row: Row = {name: given[name].upper() for name in ("kind", "status")} | {"gateway": given.get("gateway")}
    row |= {"amount": _bag(given, "amount"), "test": int(bool(given.get("test")))}
    if given.get("processed_at") or given.get("created_at"):
        row["processed_at"] = parse_micros(given.get("processed_at") or given["created_at"])
    return row

