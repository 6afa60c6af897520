"""The parts of an order's body: lines, shipping, taxes, discounts.

The same line has two shapes: within an order, and within a refund or fulfilment that is told by itself (documented).
"""

from __future__ import annotations

import json
from decimal import Decimal

from sandbox.shopify import gid
from sandbox.shopify.money import Bag
from sandbox.shopify.payloads.rest import GRAMS, amount, lower
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

# Fields of a line that only an order's own body has.
ONLY_IN_ORDERS = ("attributed_staffs", "current_quantity", "sales_line_item_group_id")


def money_set(book: Book, bag: Bag) -> Row:
    """An amount as a `..._set` field."""
    return {
        "shop_money": {"amount": amount(bag.shop), "currency_code": book.pair.shop},
        "presentment_money": {"amount": amount(bag.presentment), "currency_code": book.pair.presentment},
    }


def both(book: Book, name: str, bag: Bag) -> Row:
    """An amount in the shop's currency under a name, and in both under name_set."""
    return {name: amount(bag.shop), f"{name}_set": money_set(book, bag)}


def line(book: Book, row: Row) -> Row:
    """A line item of an order."""
    price, discount = Bag.read(row["price"]), book.discount_of(("line", row["id"]), line_level=True)
    product = book.store.db.get("products", row["product_id"])
    return {
        "id": row["id"],
        "admin_graphql_api_id": gid.make("LineItem", row["id"]),
        "attributed_staffs": [],
        "current_quantity": book.current_quantity(row),
        "fulfillable_quantity": book.unfulfilled_quantity(row),
        "fulfillment_service": row["fulfillment_service"],
        "fulfillment_status": line_status(book, row),
        "gift_card": bool(row["gift_card"]),
        "grams": _grams(row),
        "name": f"{row['title']} - {row['variant_title']}" if row["variant_title"] else row["title"],
        **both(book, "price", price),
        "product_exists": product is not None,
        "product_id": row["product_id"] if product else None,
        "properties": properties(row["custom_attributes"]),
        "quantity": row["quantity"],
        "requires_shipping": bool(row["requires_shipping"]),
        "sales_line_item_group_id": None,
        "sku": row["sku"],
        "taxable": bool(row["taxable"]),
        "title": row["title"],
        **both(book, "total_discount", discount),
        "variant_id": row["variant_id"],
        "variant_inventory_management": _managed(book, row),
        "variant_title": row["variant_title"],
        "vendor": row["vendor"],
        "tax_lines": [tax(book, one) for one in book.taxes_of[("line", row["id"])]],
        "duties": [],
        "discount_allocations": allocations(book, ("line", row["id"])),
    }


def past_line(book: Book, row: Row) -> Row:
    """A line item within a refund or fulfilment that is told by itself."""
    return {name: value for name, value in line(book, row).items() if name not in ONLY_IN_ORDERS}


def line_status(book: Book, row: Row) -> str | None:
    """null, partial or fulfilled."""
    shipped = book.fulfilled.get(row["id"], 0)
    if not shipped:
        return None
    return "partial" if book.unfulfilled_quantity(row) else "fulfilled"


def _grams(row: Row) -> int:
    if not row["weight_value"]:
        return 0
    return round(row["weight_value"] * GRAMS[row["weight_unit"] or "KILOGRAMS"])


def _managed(book: Book, row: Row) -> str | None:
    sql = "SELECT i.tracked FROM variants v JOIN inventory_items i ON i.id = v.inventory_item_id WHERE v.id = ?"
    return "shopify" if row["variant_id"] and book.store.db.value(sql, (row["variant_id"],)) else None


def properties(attributes: str) -> list[Row]:
    """Custom attributes by REST's names."""
    return [{"name": one["key"], "value": one["value"]} for one in json.loads(attributes)]


def tax(book: Book, row: Row) -> Row:
    """A tax line."""
    liable = row["channel_liable"]
    return {
        "channel_liable": None if liable is None else bool(liable),
        **both(book, "price", Bag.read(row["amount"])),
        "rate": float(row["rate"]),
        "title": row["title"],
    }


def tax_summary(book: Book) -> list[Row]:
    """The taxes of the whole order: those of lines and shipping with one title and rate together."""
    sums: dict[tuple[str, str], Bag] = {}
    firsts: dict[tuple[str, str], Row] = {}
    for row in book.taxes:
        key = (row["title"], row["rate"])
        firsts.setdefault(key, row)
        sums[key] = sums.get(key, Bag()) + Bag.read(row["amount"])
    return [tax(book, firsts[key] | {"amount": bag.write()}) for key, bag in sums.items()]


def allocations(book: Book, target: tuple[str, int]) -> list[Row]:
    """The shares of discounts that a line or shipping line has."""
    places = {row["id"]: place for place, row in enumerate(book.discounts)}
    return [
        {
            "amount": amount(Bag.read(row["amount"]).shop),
            "amount_set": money_set(book, Bag.read(row["amount"])),
            "discount_application_index": places[row["discount_id"]],
        }
        for row in book.shares[target]
    ]


def shipping(book: Book, row: Row) -> Row:
    """A shipping line."""
    return {
        "id": row["id"],
        "carrier_identifier": row["carrier_identifier"],
        "code": row["code"],
        "current_discounted_price_set": money_set(book, book.current_shipping_of(row)),
        **both(book, "discounted_price", book.shipping_net(row)),
        "is_removed": bool(row["removed"]),
        "phone": row["phone"],
        **both(book, "price", Bag.read(row["price"])),
        "requested_fulfillment_service_id": None,
        "source": row["source"],
        "title": row["title"],
        "tax_lines": [tax(book, one) for one in book.taxes_of[("shipping", row["id"])]],
        "discount_allocations": allocations(book, ("shipping", row["id"])),
    }


def discount(row: Row) -> Row:
    """A discount application; a code's has its code, another's its title."""
    shown = {
        "target_type": lower(row["target_type"]),
        "type": lower(row["kind"]),
        "value": str(Decimal(str(row["value"]).split(" ", 1)[0])),
        "value_type": {"percentage": "percentage"}.get(row["value_type"].lower(), "fixed_amount"),
        "allocation_method": lower(row["allocation_method"]),
        "target_selection": lower(row["target_selection"]),
    }
    if row["kind"] == "DISCOUNT_CODE":
        return shown | {"code": row["code"]}
    titled = {"title": row["title"]}
    return shown | (titled | {"description": row["description"]} if row["kind"] == "MANUAL" else titled)


def codes(book: Book) -> list[Row]:
    """What each discount code took off."""
    kinds = {"percentage": "percentage", "SHIPPING_LINE": "shipping"}
    found = []
    for row in book.discounts:
        if row["kind"] != "DISCOUNT_CODE":
            continue
        shares = [one for shares in book.shares.values() for one in shares if one["discount_id"] == row["id"]]
        whole = sum((Bag.read(one["amount"]).shop for one in shares), Decimal(0))
        kind = kinds.get(row["target_type"]) or kinds.get(row["value_type"].lower(), "fixed_amount")
        found.append({"code": row["code"], "amount": amount(whole), "type": kind})
    return found


