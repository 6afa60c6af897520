"""Tables whose records are members of a list inside others: an order's refunds, and its tax lines, which have no id."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from shared import app as actions
from shared.mapping.tables import FLOW, name_of
from shared.records import Side
from tests.flows.conftest import OpenTables, OpenTrade
from tests.flows.test_order_money import PAID
from tests.support.orders import ORDER_MARK, Trade
from tests.support.plant import SHOP, signed
from tests.support.tables import MARK, shipped, written
from tests.support.till import CREATE, REFUND, bag, gid, item

ON = {f"{FLOW.upper()}_MODE": "on", "TABLES": "refunds"}
TAXES = """
flow = "tables_shopify_to_crm"
kind = "order_taxes"

[source]
root = "orders"
each = "taxLines"
key = "title"
type = "TaxLine"

[target]
table = "new_shopifytax"

[fields.name]
from = "join(' ', [parent.name, title])"
to = "new_name"

[fields.amount]
from = "priceSet.shopMoney.amount"
to = "new_amount"
column = { type = "decimal" }
"""


def _refunds(trade: Trade) -> dict[str, dict[str, Any]]:
    return {row[MARK]: row for row in trade.rows("new_shopifyrefunds")}


def test_a_refund_arrives_with_its_lines_and_the_order_it_is_of(trading: OpenTrade) -> None:
    """Its amount, its lines, a lookup to the sales order; then silence, and a second refund is a second row."""
    trade = trading(**ON)
    order = trade.order(item("Tea", "10.00", 3), transactions=PAID)
    trade.run()
    trade.refund(order, "10.00", Tea=1)
    trade.run()
    (row,) = _refunds(trade).values()
    (sales_order,) = trade.rows("salesorders", f"{ORDER_MARK} eq '{order}'")
    assert row["_new_salesorderid_value"] == sales_order["salesorderid"]
    assert (row["new_amount"], row["new_currency"]) == (10.0, "EUR")
    (line,) = trade.rows("new_shopifyrefundlines")
    assert (line["new_name"], line["new_quantity"]) == ("Tea", 1)
    assert line["_new_refundid_value"] == row["new_shopifyrefundid"]
    before = trade.writes()
    trade.run()
    assert trade.writes() == before
    trade.refund(order, "10.00", Tea=1)
    trade.run()
    assert [Decimal(str(each["new_amount"])) for each in _refunds(trade).values()] == [10, 10]


def test_two_parts_of_one_line_in_one_refund_are_two_rows(trading: OpenTrade) -> None:
    """Shopify takes two lines of one item under one restock type: each has an id of its own, and arrives."""
    trade = trading(**ON)
    order = trade.order(item("Tea", "10.00", 3), transactions=PAID)
    trade.run()
    text = "query($id: ID!) { order(id: $id) { lineItems(first: 1) { nodes { id } } transactions { id } } }"
    told = trade.merchant.call(text, {"id": gid(order)})["order"]
    part = {"lineItemId": told["lineItems"]["nodes"][0]["id"], "quantity": 1, "restockType": "NO_RESTOCK"}
    back = {"orderId": gid(order), "parentId": told["transactions"][0]["id"], "kind": "REFUND", "gateway": "manual"}
    given = {"orderId": gid(order), "refundLineItems": [part, part], "transactions": [{**back, "amount": "20.00"}]}
    trade.done(REFUND % "parts", i=given)
    trade.run()
    assert [row["new_amount"] for row in _refunds(trade).values()] == [20.0]
    lines = trade.rows("new_shopifyrefundlines")
    assert [(line["new_name"], line["new_quantity"], line["new_restocked"]) for line in lines] == [
        ("Tea", 1, "NO_RESTOCK"), ("Tea", 1, "NO_RESTOCK"),
    ]  # fmt: skip


def test_a_webhook_of_a_refund_and_one_of_its_order_both_lead_to_it(trading: OpenTrade) -> None:
    """refunds/create names the refund, orders/updated the order around it; without polling both bring the row."""
    trade = trading(**ON)
    first, second = (trade.order(item("Tea", "10.00"), transactions=PAID) for _ in range(2))
    trade.run()
    for order in (first, second):
        trade.refund(order, "10.00", Tea=1)
    text = "query($id: ID!) { order(id: $id) { refunds { legacyResourceId } } }"
    (made,) = trade.merchant.call(text, {"id": gid(first)})["order"]["refunds"]
    for topic, number in (("refunds/create", made["legacyResourceId"]), ("orders/updated", second)):
        body = json.dumps({"id": int(number)}).encode()
        assert actions.receive(FLOW, signed(body, topic=topic), body)[0] == 200
    trade.work()
    assert len(_refunds(trade)) == 2
    assert str(made["legacyResourceId"]) in _refunds(trade)


def test_members_without_an_id_are_told_apart_by_their_key(tabling: OpenTables, tmp_path: Path) -> None:
    """Two taxes of one order are two rows, `{order}~{key}`; one that leaves the order goes when the night compares."""
    folder = written(shipped(tmp_path), order_taxes=TAXES)
    shop = tabling(TABLES="order_taxes", MAPPINGS_DIR=str(folder))
    shop.run()
    given = (("VAT 10", "1"), ("City", "2"))
    taxes = [{"title": title, "rate": 0.1, "priceSet": bag(amount)} for title, amount in given]
    made = shop.done(CREATE, o={"lineItems": [item("Tea", "10.00")], "taxLines": taxes})
    order = str(made["order"]["legacyResourceId"])
    shop.run()
    rows = shop.rows_of("new_shopifytax", "new_shopifytaxes")
    assert {mark: row["new_amount"] for mark, row in rows.items()} == {f"{order}~VAT.2010": 1.0, f"{order}~City": 2.0}
    assert rows[f"{order}~City"]["new_name"].endswith(" City")
    shop.silent()
    with shop.shopify.store.db.transaction():
        shop.shopify.store.db.run("DELETE FROM order_taxes WHERE title = 'City'")
    shop.night("order_taxes")
    pairs = shop.app.state.crossrefs.load(SHOP, "order_taxes", Side.SHOPIFY, [f"{order}~City", f"{order}~VAT.2010"])
    assert {key: pair.state.value for key, pair in pairs.items()} == {
        f"{order}~City": "tombstone", f"{order}~VAT.2010": "paired",
    }  # fmt: skip
    assert shop.waiting("order_taxes") == {}
    assert name_of("order_taxes") == "tables_shopify_to_crm/order_taxes"


def test_members_of_one_key_are_told_apart_by_their_order(tabling: OpenTables, tmp_path: Path) -> None:
    """A key that is not one loses nobody: two taxes without a source are two rows, and stay two."""
    text = TAXES.replace('key = "title"', 'key = "source"')
    shop = tabling(TABLES="order_taxes", MAPPINGS_DIR=str(written(shipped(tmp_path), order_taxes=text)))
    taxes = [{"title": title, "rate": 0.1, "priceSet": bag("1")} for title in ("VAT", "City")]
    made = shop.done(CREATE, o={"lineItems": [item("Tea", "10.00")], "taxLines": taxes})
    order = str(made["order"]["legacyResourceId"])
    shop.run()
    rows = shop.rows_of("new_shopifytax", "new_shopifytaxes")
    assert set(rows) == {f"{order}~", f"{order}~~2"}
    assert {row["new_name"].split(" ", 1)[1] for row in rows.values()} == {"VAT", "City"}
    shop.silent()
