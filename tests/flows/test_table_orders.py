"""Tables whose records are orders, or inside orders: without a scope Shopify hides those of more than 60 days ago."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared import app as actions
from shared.doctor import doctor
from shared.mapping.tables import name_of
from shared.shopify.root_names import ALL_ORDERS, scopes_of_path
from tests.flows.conftest import OpenTables
from tests.support.plant import SHOP
from tests.support.tables import MARK, Tables, shipped, written
from tests.support.till import CREATE, bag, gid, item

FILE = """
flow = "tables_shopify_to_crm"
kind = "sold"

[source]
root = "orders"
{source}

[target]
table = "new_sold"

[deleted]
action = "deactivate"

[fields.name]
from = "{name}"
to = "new_name"
"""
ORDERS = 'type = "Order"', "name"
LISTED = 'type = "Order"\nchanges = "listing"', "name"
TAXES = 'type = "TaxLine"\neach = "taxLines"\nkey = "title"', "title"
ORDER = {"lineItems": [item("Tea", "10.00")], "taxLines": [{"title": "VAT", "rate": 0.1, "priceSet": bag("1")}]}
LONG = 61 * 86_400


def _sold(tabling: OpenTables, folder: Path, source: str, name: str) -> Tables:
    file = FILE.format(source=source, name=name)
    return tabling(TABLES="sold", MAPPINGS_DIR=str(written(shipped(folder), sold=file)))


def _without_the_scope(shop: Tables) -> None:
    granted = shop.shopify.tokens.granted
    shop.shopify.installation.grant(tuple(each for each in granted if each != ALL_ORDERS))


@pytest.mark.parametrize(("source", "name"), [ORDERS, LISTED, TAXES])
def test_rule_65_an_order_that_shopify_hides_is_not_taken_for_deleted(
    tabling: OpenTables, tmp_path: Path, source: str, name: str
) -> None:
    """After 60 days it is in no listing and answers no read: its row stays active, and its pair alive."""
    shop = _sold(tabling, tmp_path, source, name)
    _without_the_scope(shop)
    shop.done(CREATE, o=ORDER)
    shop.run()
    shop.clock.advance(LONG)
    shop.run()
    shop.night("sold")
    actions.poll(shop.app, name_of("sold"), SHOP, restart=True)
    shop.work()
    (row,) = shop.rows("new_solds")
    assert row["statecode"] == 0
    pair = shop.pair_of("sold", row[MARK])
    assert pair is not None
    assert pair.state.value == "paired"


@pytest.mark.parametrize(("source", "name"), [ORDERS, LISTED])
def test_an_order_that_was_deleted_is_still_found_where_all_are_shown(
    tabling: OpenTables, tmp_path: Path, source: str, name: str
) -> None:
    """With the scope the nightly comparison deactivates the row of an order that is gone, whatever its age."""
    shop = _sold(tabling, tmp_path, source, name)
    order = gid(str(shop.done(CREATE, o=ORDER)["order"]["legacyResourceId"]))
    shop.run()
    shop.clock.advance(LONG)
    shop.done("mutation($id: ID!) { orderDelete(orderId: $id) { deletedId userErrors { message } } }", id=order)
    shop.run()
    shop.night("sold")
    assert [row["statecode"] for row in shop.rows("new_solds")] == [1]


def test_doctor_asks_for_the_scope_where_a_table_needs_it(tabling: OpenTables, tmp_path: Path) -> None:
    """It names read_all_orders for a table that leads through orders, and for no other."""
    shop = _sold(tabling, tmp_path, *TAXES)
    _without_the_scope(shop)
    said = [each.sentence for each in doctor(shop.app) if not each.fine]
    assert [each for each in said if each.startswith("Scopes are missing")] == [
        f"Scopes are missing: {ALL_ORDERS}. Grant them in your app's configuration and install it again."
    ]
    shop = tabling(TABLES="locations")
    _without_the_scope(shop)
    assert not [each for each in doctor(shop.app) if ALL_ORDERS in each.sentence]


@pytest.mark.parametrize(
    ("root", "each", "wanted"),
    [
        ("orders", "", [ALL_ORDERS]),
        ("orders(savedSearch: 1)", "refunds", [ALL_ORDERS]),
        ("companies", "orders.nodes", [ALL_ORDERS]),
        ("customers", "lastOrder.refunds", [ALL_ORDERS]),
        ("draftOrders", "", []),
        ("collections", "products.nodes", []),
    ],
)
def test_a_list_leads_through_orders_wherever_they_stand(root: str, each: str, wanted: list[str]) -> None:
    """As the root, or on the way from a record to its members."""
    assert list(scopes_of_path(root, each)) == wanted
