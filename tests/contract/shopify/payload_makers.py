"""One record of each kind that webhooks tell of, as full as the sandbox can make it; its topic and number.

Made through the API where the API makes such records, else by the functions of the store.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.shopify.money import Bag
from sandbox.shopify.server import ShopifySandbox
from sandbox.shopify.store import customer_addresses, customers, locations, order_parts, orders
from sandbox.shopify.store.database import Row
from tests.contract.shopify.client import Shop, sized

Made = tuple[str, int]
ADDRESS: Row = {
    "first_name": "Ada",
    "last_name": "Byron",
    "company": None,
    "address1": "Hauptstr. 1",
    "address2": None,
    "city": "Berlin",
    "zip": "10115",
    "phone": "+4930123456",
    "country_code": "DE",
    "province_code": None,
}


def number(gid: str) -> int:
    """The number in a global id."""
    return int(gid.rsplit("/", 1)[-1].split("?")[0])


def _product(box: ShopifySandbox, shop: Shop) -> Made:
    del box
    return "products/update", number(shop.set(sized("S", "M", tags=["b", "a"]))["product"]["id"])


def _product_deleted(box: ShopifySandbox, shop: Shop) -> Made:
    return "products/delete", _product(box, shop)[1]


def _item(box: ShopifySandbox, shop: Shop) -> Made:
    del box
    return "inventory_items/update", number(shop.create()["variants"]["nodes"][0]["inventoryItem"]["id"])


def _item_deleted(box: ShopifySandbox, shop: Shop) -> Made:
    return "inventory_items/delete", _item(box, shop)[1]


def _level(box: ShopifySandbox, shop: Shop) -> Made:
    _item(box, shop)
    return "inventory_levels/update", int(box.store.db.value("SELECT id FROM inventory_levels"))


def _level_disconnected(box: ShopifySandbox, shop: Shop) -> Made:
    return "inventory_levels/disconnect", _level(box, shop)[1]


def _location(box: ShopifySandbox, shop: Shop) -> Made:
    del shop
    values = {"name": "Store", "address1": "Hauptstr. 1", "city": "Berlin", "country_code": "DE"}
    with box.store.db.transaction():
        return "locations/create", locations.add(box.store, values)


def _customer(box: ShopifySandbox, shop: Shop) -> Made:
    del shop
    values = {"email": "ada@example.com", "phone": "+4930123456", "first_name": "Ada", "tags": ["a"]}
    with box.store.db.transaction():
        made = customers.create(box.store, values)
        customer_addresses.create(box.store, customers.get(box.store, made) or {}, ADDRESS)
    return "customers/update", made


def _customer_deleted(box: ShopifySandbox, shop: Shop) -> Made:
    return "customers/delete", _customer(box, shop)[1]


def _email_consent(box: ShopifySandbox, shop: Shop) -> Made:
    return "customers_email_marketing_consent/update", _customer(box, shop)[1]


def _sms_consent(box: ShopifySandbox, shop: Shop) -> Made:
    return "customers_marketing_consent/update", _customer(box, shop)[1]


def _order(box: ShopifySandbox, shop: Shop) -> Made:
    variant = shop.set(sized("S"))["product"]["variants"]["nodes"][0]["id"]
    product = box.store.db.one("SELECT * FROM variants WHERE id = ?", (number(variant),)) or {}
    tax = {"title": "VAT", "rate": "0.19", "amount": Bag.of("3.80")}
    columns = {"customer_id": _customer(box, shop)[1], "email": "ada@example.com", "tags": ["b", "a"]}
    columns |= {"billing_address": ADDRESS, "shipping_address": ADDRESS, "note": "gift"}
    columns |= {"custom_attributes": [{"key": "from", "value": "shop"}]}
    line = {"title": "Sized", "variant_title": "S", "quantity": 2, "price": Bag.of("10"), "taxes": [tax]}
    line |= {"product_id": product["product_id"], "variant_id": product["id"], "sku": "S-S"}
    line |= {"custom_attributes": [{"key": "k", "value": "v"}]}
    code = {"kind": "DISCOUNT_CODE", "code": "TEN", "value_type": "fixed", "value": "1"}
    code |= {"shares": [("line", 0, Bag.of(1))]}
    new = orders.NewOrder(
        columns=columns,
        lines=[line, {"title": "Custom", "quantity": 1, "price": Bag.of("5")}],
        shipping=[{"title": "Post", "price": Bag.of("4.90"), "taxes": [tax]}],
        discounts=[code],
        transactions=[{"kind": "SALE", "gateway": "manual", "amount": Bag.of("36.5")}],
    )
    with box.store.db.transaction():
        return "orders/create", orders.create(box.store, new)


def _order_deleted(box: ShopifySandbox, shop: Shop) -> Made:
    return "orders/delete", _order(box, shop)[1]


def _transaction(box: ShopifySandbox, shop: Shop) -> Made:
    _order(box, shop)
    return "order_transactions/create", int(box.store.db.value("SELECT id FROM order_transactions"))


def _refund(box: ShopifySandbox, shop: Shop) -> Made:
    _, order = _order(box, shop)
    db, now = box.store.db, box.store.now()
    line = db.value("SELECT id FROM order_lines WHERE order_id = ? ORDER BY position", (order,))
    with db.transaction():
        refund = {"id": 1, "order_id": order, "note": "broken", "processed_at": now, "created_at": now}
        db.insert("refunds", refund | {"updated_at": now})
        part = {"id": 2, "order_id": order, "refund_id": 1, "line_id": line, "quantity": 1}
        part |= {"restock_type": "RETURN", "restocked": 1, "subtotal": Bag.of("9.5").write()}
        db.insert("refund_lines", part | {"tax": Bag.of("1.9").write()})
        amount = {"reason": "REFUND_DISCREPANCY", "amount": Bag.of("-0.4").write(), "tax": Bag().write()}
        db.insert("refund_adjustments", amount | {"id": 3, "order_id": order, "refund_id": 1})
        paid = {"kind": "REFUND", "gateway": "manual", "amount": Bag.of("11"), "refund_id": 1}
        order_parts.add_transaction(box.store, order, paid)
    return "refunds/create", 1


def _fulfillment(box: ShopifySandbox, shop: Shop) -> Made:
    _, order = _order(box, shop)
    db, now = box.store.db, box.store.now()
    line = db.value("SELECT id FROM order_lines WHERE order_id = ? ORDER BY position", (order,))
    tracking = [{"number": "1Z9", "url": "https://example.com/1Z9", "company": "UPS"}]
    with db.transaction():
        row = {"id": 1, "order_id": order, "number": 1, "status": "SUCCESS", "tracking": tracking}
        row |= {"location_id": db.value("SELECT id FROM locations"), "created_at": now, "updated_at": now}
        db.insert("fulfillments", row)
        db.insert("fulfillment_lines", {"id": 1, "fulfillment_id": 1, "line_id": line, "quantity": 1})
    return "fulfillments/create", 1


def _order_with_all(box: ShopifySandbox, shop: Shop) -> Made:
    """An order that was shipped and refunded in part."""
    _, number = _refund(box, shop)
    order = int(box.store.db.value("SELECT order_id FROM refunds WHERE id = ?", (number,)))
    line = box.store.db.value("SELECT id FROM order_lines WHERE order_id = ? ORDER BY position", (order,))
    now = box.store.now()
    row = {"id": 1, "order_id": order, "number": 1, "status": "SUCCESS", "tracking": [], "created_at": now}
    with box.store.db.transaction():
        box.store.db.insert("fulfillments", row | {"updated_at": now})
        box.store.db.insert("fulfillment_lines", {"id": 1, "fulfillment_id": 1, "line_id": line, "quantity": 1})
    return "orders/updated", order


MAKERS: dict[str, Callable[[ShopifySandbox, Shop], Made]] = {
    "product": _product,
    "deleted": _product_deleted,
    "inventory_item": _item,
    "inventory_item_deleted": _item_deleted,
    "inventory_level": _level,
    "inventory_level_disconnected": _level_disconnected,
    "location": _location,
    "customer": _customer,
    "customer_deleted": _customer_deleted,
    "email_consent": _email_consent,
    "sms_consent": _sms_consent,
    "order": _order,
    "order_with_all": _order_with_all,
    "transaction": _transaction,
    "refund": _refund,
    "fulfillment": _fulfillment,
}


def body(box: ShopifySandbox, shop: Shop, kind: str) -> Any:
    """What a webhook about a fresh record of that kind would carry."""
    built = box.webhooks.build(*MAKERS[kind](box, shop))
    assert built is not None
    return built
