"""Rules 14, 44, 62, 66 to 70 and 92 of orders: which come over, how often, under which name, and at what cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared import app as actions
from shared.beside import Stand, beside_of
from shared.completing import Completion
from shared.errors import AuthFailed, SyncError, Unavailable
from shared.flows import flow_named
from shared.records import Item, Origin, Page
from shared.telemetry import metered
from tests.flows.conftest import OpenTrade
from tests.support.orders import JANE, ORDERS, Trade
from tests.support.plant import SHOP
from tests.support.till import bag, bought, item

HOME = {"firstName": "Jane", "lastName": "Doe", "address1": "Veldstraat 1", "city": "Ghent", "countryCode": "BE"}


def _reasons(trade: Trade, order: str) -> list[tuple[str, str]]:
    return [(each.verdict.value, each.reason) for each in trade.outcomes(order)]


def test_rule_62_a_test_order_is_skipped_with_its_reason(trade: Trade) -> None:
    """Promise: a test order makes no row and no parked one; the run says why."""
    order = trade.order(item("Tea", "10.00"), test=True)
    trade.run()
    assert (trade.crm_orders(), trade.parked_orders()) == ([], {})
    assert set(_reasons(trade, order)) == {("skipped", "It is a test order.")}


def test_rule_62_a_test_order_is_skipped_whatever_it_lacks(trade: Trade) -> None:
    """Promise: a test order in a currency that CRM lacks is skipped as well, and parks nothing."""
    order = trade.order(item("Tea", "10.00", currency="SEK"), currency="SEK", test=True)
    trade.run()
    assert trade.parked_orders() == {}
    assert set(_reasons(trade, order)) == {("skipped", "It is a test order.")}


def test_orders_since_skips_older_orders_with_a_reason(trading: OpenTrade) -> None:
    """Promise: what is older than ORDERS_SINCE is history: skipped with the reason, whatever it lacks."""
    trade = trading(ORDERS_SINCE="2026-11-24")
    old = trade.order(item("Tea", "10.00"), by=JANE)
    odd = trade.order(item("Tea", "10.00", currency="SEK"), currency="SEK")
    trade.run()
    trade.clock.advance(24 * 3600)
    new = trade.order(item("Pot", "5.00"), by=JANE)
    trade.run()
    why = "It is older than ORDERS_SINCE; where that is empty, than the first run of this flow."
    for each in (old, odd):
        assert set(_reasons(trade, each)) == {("skipped", why)}
    assert trade.crm_orders(old) + trade.crm_orders(odd) == []
    assert trade.equal(new)
    assert trade.parked_orders() == {}


def test_orders_since_is_the_first_start_where_nothing_is_set(trading: OpenTrade) -> None:
    """Promise: without ORDERS_SINCE orders from before the app first ran stay out, also after a restart."""
    trade = trading(ORDERS_SINCE="")
    old = trade.order(item("Tea", "10.00"))
    trade.clock.advance(60)
    trade.run()
    trade.clock.advance(60)
    new = trade.order(item("Pot", "5.00"))
    trade.run()
    assert (trade.crm_orders(old), trade.parked_orders()) == ([], {})
    assert trade.equal(new)


def test_orders_since_is_each_shops_own_first_start(trading: OpenTrade) -> None:
    """Promise: a shop that is connected a year later does not bring its year of history by accident."""
    trade = trading(ORDERS_SINCE="")
    trade.run()
    first = trade.app.state.starts.all()
    trade.clock.advance(365 * 86_400)
    app = trade.app
    ground, flow = app.ground(SHOP), flow_named(ORDERS)
    other = replace(ground, shop=replace(ground.shop, shop="other.myshopify.com"))
    grounds = {SHOP: ground, "other.myshopify.com": other}
    found = {shop: beside_of(flow, Stand(ground, app.state, app.clock)).complete for shop, ground in grounds.items()}
    since = {shop: each.intake.since for shop, each in found.items() if isinstance(each, Completion)}
    assert since == {SHOP: first[ORDERS, SHOP], "other.myshopify.com": trade.clock.now()}


def test_rule_92_a_webhook_twice_makes_one_order(trade: Trade) -> None:
    """Promise: create and update, told twice each, are one order with its lines once."""
    trade.run()
    order = trade.order(item("Tea", "10.00", 2), by=JANE)
    for topic in ("orders/create", "orders/updated") * 2:
        assert trade.order_told(topic, order) == 200
    trade.work()
    trade.run()
    assert len(trade.crm_orders()) == 1
    assert trade.equal(order)
    assert len(trade.lines(order)) == 1


def test_a_lost_answer_of_the_create_makes_one_order(trade: Trade, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: Dataverse made the order and its answer was lost: it is found, not made again."""
    trade.order(item("Warm", "1.00"))
    trade.run()
    order = trade.order(item("Tea", "10.00", 2, tax="4.00"))
    real, lost = trade.app.crm.batch, []

    def losing(items: object, *, name: str) -> object:
        if name.startswith("write") and not lost:
            lost.append(name)
            trade.crm.faults.add("lost_answer", match="$batch")
        return real(items, name=name)  # type: ignore[arg-type]

    monkeypatch.setattr(trade.app.crm, "batch", losing)
    trade.run()
    trade.clock.advance(600)
    trade.run()
    assert lost
    assert [type(each.error).__name__ for each in trade.outcomes(order) if each.error] == ["UnknownOutcome"]
    assert len(trade.crm_orders()) == 2
    assert trade.equal(order)
    assert len(trade.lines(order)) == 1


def test_rule_68_the_name_is_shown_and_the_number_is_the_id(trade: Trade) -> None:
    """Promise: CRM shows Shopify's name; what tells two orders apart is the id, in the number and in the key."""
    order = trade.order(item("Tea", "10.00"), name="SHOE-1001")
    twin = trade.order(item("Tea", "10.00"), name="SHOE-1001")
    trade.run()
    first, second = trade.equal(order), trade.equal(twin)
    assert (first["name"], second["name"]) == ("Shopify SHOE-1001", "Shopify SHOE-1001")
    assert {first["ordernumber"], second["ordernumber"]} == {f"SHOPIFY-{order}", f"SHOPIFY-{twin}"}


def test_rule_69_long_notes_and_addresses_are_cut(trade: Trade) -> None:
    """Promise: long texts arrive cut to what the columns hold, emoji whole, and park nothing."""
    home = {**HOME, "address1": "Veldstraat " * 20, "city": "G" * 90}
    order = trade.order(item("Tea" * 80, "10.00"), note="👟" * 1500 + "\x07", shippingAddress=home)
    trade.run()
    row = trade.equal(order)
    assert (row["description"], row["shipto_city"]) == ("👟" * 1000, "G" * 80)
    assert trade.parked_orders() == {}
    trade.quiet()


def test_rule_66_a_completed_draft_is_one_order(trade: Trade) -> None:
    """Promise: a draft is no order; completed it is one, with its line discount on the line."""
    discount = {"value": 10, "valueType": "PERCENTAGE", "title": "Line"}
    lines = [{"title": "Work", "quantity": 3, "originalUnitPrice": "9.99", "appliedDiscount": discount}]
    create = """mutation($i: DraftOrderInput!) { draftOrderCreate(input: $i) { draftOrder { id }
      userErrors { message } } }"""
    complete = """mutation($id: ID!) { draftOrderComplete(id: $id) { draftOrder { order { legacyResourceId } }
      userErrors { message } } }"""
    draft = trade.done(create, i={"lineItems": lines})["draftOrder"]["id"]
    trade.run()
    assert trade.crm_orders() == []
    order = str(trade.done(complete, id=draft)["draftOrder"]["order"]["legacyResourceId"])
    trade.run()
    assert len(trade.crm_orders()) == 1
    assert trade.equal(order)["order_details"][0]["manualdiscountamount"] > 0


def test_no_log_and_no_parked_row_holds_a_person(trade: Trade, caplog: pytest.LogCaptureFixture) -> None:
    """Promise: what an order fails with names no customer, no address, no note."""
    told = {"by": JANE, "note": "Rrringg", "shippingAddress": HOME}
    order = trade.order(item("Tea", "10.00", currency="SEK"), currency="SEK", **told)
    plain = trade.order(item("Tea", "10.00"), by=JANE, shippingAddress=HOME)
    trade.fulfil(plain)
    trade.run()
    trade.update(plain, note="Rrringg")
    trade.run()
    assert set(trade.parked_orders()) == {order, plain}
    text = f"{caplog.text} {[vars(record) for record in caplog.records]} "
    text += "".join(f"{row.sentence}{row.facts}" for row in trade.app.state.parked.list(SHOP, ORDERS))
    assert not [word for word in ("jane", "doe", "veldstraat", "rrringg") if word in text.lower()]


def _page(trade: Trade, orders: list[str]) -> Page:
    source = trade.app.job(ORDERS, SHOP).source
    reading = source.read(orders)
    items = tuple(Item(each, reading.records[each]) for each in orders)
    return Page(ORDERS, SHOP, items, Origin.POLL, reading.read_at, source.selection)


def test_a_page_of_fifty_orders_costs_one_call_to_shopify_and_two_to_dataverse(trade: Trade) -> None:
    """Promise: with customers and products known, fifty orders are one read, one look for marks and one write."""
    skus = [f"L-{number}" for number in range(10)]
    lamps = trade.offer(*skus)
    people = [trade.customer(firstName="Jane", email=f"jane{number}@shoe.example") for number in range(5)]
    warm = trade.order(*(bought(lamp, "20.00") for lamp in lamps), by=JANE)
    trade.run()
    assert trade.equal(warm)
    orders = []
    for number in range(50):
        customer = {"toAssociate": {"id": f"gid://shopify/Customer/{people[number % 5]}"}}
        lines = [bought(lamps[number % 10], "20.00", 2, tax="8.00"), item("Wrap", "1.00")]
        post = [{"title": "Post", "priceSet": bag("4.90")}]
        orders.append(trade.order(*lines, customer=customer, shippingLines=post))
    trade.clock.advance(5)
    trade.update(warm, note="Ring twice")
    trade.again(warm)
    with metered() as read:
        page = _page(trade, orders)
    with metered() as usage:
        result = trade.app.engine(trade.app.job(ORDERS, SHOP)).apply(page)
    assert result.counts["created"] == 50, result.trouble
    assert (read.calls, usage.calls) == (1, 2)
    assert all(each["_customerid_value"] for each in trade.crm_orders())


@pytest.mark.parametrize("error", [AuthFailed("No.", facts={"side": "crm"}), Unavailable("Dataverse is away.")])
def test_what_is_no_orders_fault_parks_none(trade: Trade, monkeypatch: pytest.MonkeyPatch, error: SyncError) -> None:
    """Promise: CRM lets nobody in, or is away, when its currencies are asked for: asked once a page, nothing parked."""
    orders = [trade.order(item("Tea", "10.00")) for _ in range(3)]
    asked = list[str]()

    def pages(url: str, *, name: str, **more: Any) -> Any:
        asked.append(name)
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(trade.app.crm, "pages", pages)
        trade.again(*orders, work=False)
    assert (trade.parked_orders(), asked) == ({}, ["currencies"])
    trade.clock.advance(7200)
    actions.housekeeping()
    trade.run()
    assert [bool(trade.equal(order)) for order in orders] == [True] * 3
