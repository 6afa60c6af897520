"""Plants what stands against a location, where an answer says that something does: open work, stocked items."""

from __future__ import annotations

from sandbox.conformance.seeding.garden import Garden
from sandbox.conformance.seeding.orders import plant_one
from sandbox.conformance.seeding.records import Record, Shown
from sandbox.shopify.store import fulfilment_orders, locations, stock

PRODUCT = """mutation($t: String!) { productCreate(product: {title: $t}) { product { id
  variants(first: 1) { nodes { inventoryItem { id } } } } userErrors { message } } }"""


def plant(garden: Garden, shown: Shown) -> None:
    """Give every location the work and the stock that it is said to have."""
    store = garden.box.store
    for one in shown.of("Location"):
        if not garden.has(one):
            continue
        number = int(one.number)
        if one.fields.get("hasUnfulfilledOrders") and not locations.has_unfulfilled_orders(store, number):
            _work(garden, number, one.step)
        if one.fields.get("hasActiveInventory") and not locations.has_inventory(store, number):
            _stock(garden, number)


def _work(garden: Garden, place: int, step: int) -> None:
    store = garden.box.store
    order = plant_one(garden, Record("Order", "new", step, "", 0, is_new=False), [])
    for row in fulfilment_orders.of_order(store, order):
        store.db.update("fulfillment_orders", row["id"], {"location_id": place})


def _stock(garden: Garden, place: int) -> None:
    made = garden.ask(PRODUCT, t=f"Seeded stock of {place}")["product"]
    item = made["variants"]["nodes"][0]["inventoryItem"]["id"].rsplit("/", 1)[-1]
    with garden.box.store.db.transaction():
        stock.connect(garden.box.store, int(item), place)
        garden.box.store.forget_events()
