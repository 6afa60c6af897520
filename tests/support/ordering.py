"""A small kind with lines, for tests of the engine itself: orders with items and tips in one collection.

A shop's order becomes a CRM order; both groups of lines become rows of `details`. Nobody writes anything back.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.lines import ETAG, ROW
from shared.mapping.load import parse
from shared.mapping.rules import Rules, join
from shared.records import Outcome, Side
from tests.support.clock import VirtualClock
from tests.support.entity import FakeEntity, Normalise
from tests.support.faults import Faults
from tests.support.world import Couple, World

ORDERS = """
flow = "orders_shopify_to_crm"
kind = "orders"
[source]
type = "Order"
[target]
table = "salesorder"
[fields.name]
from = "name"
to = "name"
[fields.paid]
from = "paid"
to = "paid"
[lines.items]
from = "items[?quantity > `0`]"
id = "id"
to = "details"
[lines.items.fields.quantity]
from = "quantity"
to = "quantity"
[lines.items.fields.text]
from = "join(' ', [header.name, text])"
to = "text"
[lines.items.fields.written]
value = true
to = "written"
[lines.items.fields.note]
from = "note"
to = "note"
on_create = true
[lines.tips]
from = "tips"
id = "id"
to = "details"
[lines.tips.fields.amount]
from = "amount"
to = "amount"
"""
BACK = """
flow = "orders_crm_to_shopify"
kind = "orders"
[source]
table = "salesorder"
[target]
type = "Order"
[fields.remark]
from = "remark"
to = "remark"
"""


def rules(text: str = ORDERS) -> Rules:
    """The flow from the shop."""
    return join(parse(text), parse(BACK))


def item(number: Any, quantity: int = 1, text: str = "", **more: Any) -> dict[str, Any]:
    """An item of a shop's order."""
    return {"id": str(number), "quantity": quantity, "text": text or f"item {number}", "note": "n", **more}


def orders(text: str = ORDERS, crm_normalises: Mapping[str, Normalise] | None = None) -> World:
    """A world of orders."""
    couple = Couple(rules(text), join(parse(BACK), parse(text)), "salesorder")
    clock, faults = VirtualClock(), Faults()
    shopify = FakeEntity(Side.SHOPIFY, clock, faults, tables=("orders",), blank=_order)
    crm = FakeEntity(Side.CRM, clock, faults, blank=_sales_order, gives_content=False, normalise=crm_normalises or {})
    shopify.tells_deletes = False
    return World(couple, shopify, crm)


def _order(record_id: str) -> dict[str, Any]:
    return {"id": record_id, "name": "", "remark": None, "paid": False, "items": [], "tips": []}


def _sales_order(record_id: str) -> dict[str, Any]:
    return {"salesorderid": record_id, "name": None, "remark": None, "paid": None, "details": []}


def placed(world: World, *items: Mapping[str, Any], **more: Any) -> tuple[str, str]:
    """An order that is in CRM; both ids."""
    order = world.shopify.add({"name": "#1", "items": list(items), **more})
    world.run()
    pair = world.pair(shopify=order)
    assert pair is not None, world.parked(world.inward)
    return order, str(pair.crm_id)


def details(world: World, crm: str) -> dict[str, dict[str, Any]]:
    """The rows of a CRM order by what stands behind its id in theirs: `items|7`, or a whole id."""
    rows = world.crm.rows[crm].content["details"]
    return {row[ROW].removeprefix(f"row-of-{crm}-"): _plain(row) for row in rows}


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in (ROW, ETAG)}


def by_hand(world: World, crm: str, row: str, **values: Any) -> None:
    """A salesperson makes, changes or (without values) deletes a row."""
    rows = {each[ROW]: each for each in world.crm.rows[crm].content["details"]}
    whole = row if row in rows or "|" not in row else f"row-of-{crm}-{row}"
    if values:
        rows[whole] = world.crm.row(whole, {**rows.get(whole, {}), **values})
    else:
        del rows[whole]
    world.crm.edit(crm, {"details": [rows[each] for each in sorted(rows)]})


def decided(world: World, order: str) -> Outcome:
    """What a run says of the order now."""
    (outcome,) = world.apply(world.inward, order).outcomes
    return outcome


def named(outcome: Outcome) -> dict[str, str]:
    """The changes of an outcome and why."""
    return {change.name: change.decision for change in outcome.changes}


def touch(world: World, order: str, **more: Any) -> Outcome:
    """The shop changes the order in some way."""
    world.clock.sleep(5)
    world.shopify.edit(order, {"name": world.shopify.value(order, "name") + "'", **more})
    return decided(world, order)


AMOUNT = Decimal("2.50")
