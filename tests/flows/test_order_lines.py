"""Rules 30, 35, 36 to 39 and 49 of orders: which rows of CRM an order's lines become."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.flows.conftest import OpenTrade
from tests.support.orders import JANE, Trade
from tests.support.till import ADD, bought, item

EURO = {"currencyCode": "EUR"}


def test_rule_30_a_product_line_names_the_paired_product_at_shopifys_price(trade: Trade) -> None:
    """Promise: the line has CRM's product and its unit, the price is Shopify's and not that of the price list."""
    (lamp,) = trade.offer("L-1", price="20.00")
    order = trade.order(bought(lamp, "17.50", 2, tax="7.00"), by=JANE)
    trade.run()
    (row,) = trade.equal(order)["order_details"]
    product = trade.rows("products", "productnumber eq 'L-1'")[0]
    assert row["_productid_value"] == product["productid"]
    assert row["_uomid_value"] == product["_defaultuomid_value"]
    assert (row["ispriceoverridden"], row["isproductoverridden"], row["productdescription"]) == (True, False, None)
    assert trade.lines(order) == {"L-1": (2, Decimal("17.5"))}


def test_rule_36_a_line_of_a_deleted_product_is_written_in(trade: Trade) -> None:
    """Promise: where the product is gone from Shopify the line carries its title and SKU, and parks nothing."""
    (lamp,) = trade.offer("L-1")
    order = trade.order(bought(lamp, "20.00"), item("Wrap", "2.50"))
    trade.withdraw("L-1")
    trade.run()
    assert trade.lines(order) == {"Lamp L-1 - Size L-1 L-1": (1, 20), "Wrap": (1, Decimal("2.5"))}
    assert trade.equal(order)
    assert trade.parked_orders() == {}


def test_rule_36_a_product_deleted_after_the_order_came_changes_no_line(trade: Trade) -> None:
    """Promise: an order that has its product keeps it when the product is deleted in Shopify later and it is edited."""
    (lamp,) = trade.offer("L-1")
    order = trade.order(bought(lamp, "20.00", 3))
    trade.run()
    (line,) = trade.crm_order(order)["order_details"]
    trade.withdraw("L-1")
    trade.run()
    trade.amend(order, **{"Lamp L-1": 2})
    trade.run()
    (now,) = trade.equal(order)["order_details"]
    assert (now["salesorderdetailid"], now["_productid_value"]) == (
        line["salesorderdetailid"], line["_productid_value"],
    )  # fmt: skip
    assert trade.parked_orders() == {}


@pytest.mark.parametrize("state", ["retired", "draft"])
def test_rule_23_a_line_of_a_retired_or_draft_product_is_written_in(trading: OpenTrade, state: str) -> None:
    """Promise: a product that Dataverse takes no line of is named by title and SKU; the order goes on."""
    trade = trading(PRODUCT_PUBLISH=str(state == "retired").lower())
    (lamp,) = trade.offer("L-1")
    trade.run()
    if state == "retired":
        trade.retire("L-1")
    order = trade.order(bought(lamp, "20.00"))
    trade.run()
    assert trade.lines(order) == {"Lamp L-1 - Size L-1 L-1": (1, 20)}
    assert trade.equal(order)["order_details"][0]["isproductoverridden"] is True


def test_rule_36_a_line_without_a_variant_names_the_active_product_of_its_sku(trade: Trade) -> None:
    """Promise: where CRM has one active product of that number the line names it; a retired one takes no line."""
    trade.offer("L-1", "L-2")
    trade.run()
    trade.retire("L-2")
    lamps = [item("Lamp L-1", "20.00", 2, sku="L-1"), item("Lamp L-2", "9.00", sku="L-2")]
    order = trade.order(*lamps, item("Tea", "3.00", sku="T-1"))
    trade.run()
    assert trade.equal(order)
    assert trade.lines(order) == {"L-1": (2, 20), "Lamp L-2 L-2": (1, 9), "Tea T-1": (1, 3)}
    trade.quiet()


def test_rule_37_a_custom_line_is_written_in(trade: Trade) -> None:
    """Promise: a line without a variant carries its title; two of one title stay two."""
    order = trade.order(item("Gift wrap", "5.00", 2, tax="2.00"), item("Card", "1.00"), item("Card", "1.00"))
    trade.run()
    rows = trade.equal(order)["order_details"]
    assert sorted(row["productdescription"] for row in rows) == ["Card", "Card", "Gift wrap"]
    assert all(row["isproductoverridden"] and row["_productid_value"] is None for row in rows)


def test_rule_38_an_order_of_more_than_250_lines_arrives_whole(trade: Trade) -> None:
    """Promise: lines beyond the first page of 250 are in CRM, the total is Shopify's, and a second run is silent."""
    order = trade.order(*(item(f"Item {number}", "1.10") for number in range(250)))
    for _ in range(2):
        trade.amend(
            order, *((ADD, {"title": f"More {n}", "n": 1, "price": {"amount": "1.00", **EURO}}) for n in range(5))
        )
    trade.run()
    assert len(trade.equal(order)["order_details"]) == 260
    trade.quiet()


def test_rule_39_a_removed_line_leaves_crm(trade: Trade) -> None:
    """Promise: a line at quantity 0 is deleted in CRM, one with fewer units has those, and nothing is divided by 0."""
    order = trade.order(item("Tea", "10.00", 2), item("Pot", "25.50"), item("Cup", "4.00", 6))
    trade.run()
    trade.amend(order, Tea=1, Pot=0)
    trade.run()
    assert trade.lines(order) == {"Tea": (1, 10), "Cup": (6, 4)}
    assert trade.equal(order)
    assert trade.parked_orders() == {}


def test_rule_39_a_line_removed_before_the_first_sync_never_comes(trade: Trade) -> None:
    """Promise: what was taken out before the order came over is no line of it."""
    order = trade.order(item("Tea", "10.00", 2), item("Pot", "25.50"))
    trade.amend(order, Pot=0)
    trade.run()
    assert trade.lines(order) == {"Tea": (2, 10)}
    assert trade.equal(order)


def test_rule_49_a_gift_card_sold_is_a_line_without_tax(trade: Trade) -> None:
    """Promise: a sold gift card is written in and untaxed; it waits for no product."""
    order = trade.order(item("Gift card", "50.00", giftCard=True, taxable=False), item("Tea", "10.00", tax="2.00"))
    trade.run()
    assert trade.lines(order) == {"Gift card": (1, 50), "Tea": (1, 10)}
    assert trade.equal(order)
    assert trade.rows_of(order)["Gift card"]["tax"] == 0


def test_rule_56_a_line_that_sales_added_is_left_and_told(trade: Trade) -> None:
    """Promise: a row that is not ours stays, the run names it, and the totals that no longer meet are parked."""
    order = trade.order(item("Tea", "10.00", 2))
    trade.run()
    trade.by_hand(order, "By hand", priceperunit=3)
    trade.amend(order, Tea=1)
    trade.run()
    assert trade.lines(order) == {"Tea": (1, 10), "By hand": (1, 3)}
    decisions = [change.decision for outcome in trade.outcomes(order) for change in outcome.changes]
    assert "made on the target by somebody, left" in decisions
    assert trade.parked_order(order).code == "TotalsDiffer"


def test_rule_56_a_line_that_sales_deleted_is_put_back(trade: Trade) -> None:
    """Promise: Shopify owns the lines: one deleted in CRM returns with the order's next change."""
    order = trade.order(item("Tea", "10.00", 2), item("Pot", "25.50"))
    trade.run()
    trade.by_hand(order, "Pot")
    trade.amend(order, Tea=1)
    trade.run()
    assert trade.lines(order) == {"Tea": (1, 10), "Pot": (1, Decimal("25.5"))}
    assert trade.equal(order)


def test_rule_22_a_product_that_was_deleted_in_crm_is_written_in(trade: Trade) -> None:
    """Promise: a product that CRM had a while ago and deleted since takes no line: the order goes on without it."""
    (lamp,) = trade.offer("L-1")
    trade.run()
    trade.order(bought(lamp, "20.00"), test=True)
    trade.run(ticks=1)
    trade.discard("L-1")
    trade.clock.advance(900)
    order = trade.order(bought(lamp, "20.00"))
    trade.run()
    assert trade.parked_orders() == {}
    assert trade.equal(order)["order_details"][0]["isproductoverridden"] is True


def test_rule_36_a_product_that_is_retired_while_it_is_remembered_parks_no_order(trade: Trade) -> None:
    """Promise: a product is retired minutes after an order had it: the next order comes all the same, written in."""
    (lamp,) = trade.offer("L-1")
    trade.run()
    trade.order(bought(lamp, "20.00"))
    trade.run()
    trade.retire("L-1")
    order = trade.order(bought(lamp, "20.00"))
    trade.run()
    assert trade.parked_orders() == {}
    trade.clock.advance(1300)
    trade.run()
    assert (trade.parked_orders(), trade.equal(order)["order_details"][0]["isproductoverridden"]) == ({}, True)


def test_rule_35_components_of_a_bundle_come_once_and_can_name_it(
    trading: OpenTrade, tmp_path: Path
) -> None:
    """Promise: a bundle's components are the order's lines, the bundle is none; a mapped field says which it was."""
    shipped = Path("mappings")
    for file in shipped.glob("*.toml"):
        (tmp_path / file.name).write_text(file.read_text())
    mine = tmp_path / "orders_shopify_to_crm.toml"
    bundle = "write_in && truncate(join(' ', [item.lineItemGroup.title, title, sku][?@]), `500`) || `null`"
    plain = "write_in && truncate(join(' ', [title, sku][?@]), `500`) || `null`"
    assert plain in mine.read_text()
    mine.write_text(mine.read_text().replace(plain, bundle))
    trade = trading(MAPPINGS_DIR=str(tmp_path))
    order = trade.order(item("Cup", "8.00", 2), item("Saucer", "4.00", 2), item("Tea", "5.00"))
    trade.bundled(order, "Tea set", "Cup", "Saucer")
    trade.run()
    assert trade.equal(order)["totalamount"] == 29
    assert trade.lines(order) == {"Tea set Cup": (2, 8), "Tea set Saucer": (2, 4), "Tea": (1, 5)}
    trade.quiet()
