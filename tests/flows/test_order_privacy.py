"""Rule 9 for orders: a redacted person's orders rest, and hold nothing of the person but in CRM."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from shared.errors import Invalid
from shared.records import PairState, Write
from tests.flows.conftest import OpenTrade
from tests.support.orders import ORDERS, Trade
from tests.support.plant import SHOP
from tests.support.till import item

WORDS = ("hadewijch", "zonderland", "ooievaarsnest")
NAMES = {"firstName": "Hadewijch", "lastName": "Zonderland"}
ADDRESS = {**NAMES, "address1": "Ooievaarsnest 12", "city": "Gent", "countryCode": "BE"}
HER = {**NAMES, "email": "hadewijch@shoe.example"}


def _bought(trade: Trade, **more: Any) -> tuple[str, str]:
    """An order of hers, brought over, and her number."""
    order = trade.order(item("Tea", "10.00", 2), by=HER, billingAddress=ADDRESS, shippingAddress=ADDRESS, **more)
    trade.run()
    (account,) = trade.rows("accounts")
    return order, str(account["new_shopifycustomerid_acme"])


def test_rule_09_her_orders_rest_and_the_state_forgets_her(trade: Trade) -> None:
    """Promise: nothing of her is left in the state, the orders' rows stay, the task names them, no run touches them."""
    order, customer = _bought(trade, note="For Hadewijch")
    assert trade.held(*WORDS)
    before = trade.crm_order(order)
    trade.redacted(customer, [int(order)])
    trade.work()
    assert trade.held(*WORDS) == []
    pair = trade.paired(order)
    assert pair is not None
    assert (pair.state, pair.bases) == (PairState.TOMBSTONE, {})
    (task,) = trade.rows("tasks")
    assert order in task["description"]
    trade.update(order, note="For Hadewijch again")
    trade.quiet()
    assert trade.crm_order(order) == before


def test_rule_09_an_order_that_was_not_brought_over_never_comes(trade: Trade) -> None:
    """Promise: an order named in the request is left alone, though it is found later."""
    order, customer = _bought(trade)
    later = trade.order(item("Tea", "10.00"), by=HER, billingAddress=ADDRESS)
    trade.redacted(customer, [int(order), int(later)])
    trade.work()
    trade.run()
    assert trade.crm_orders(later) == []
    assert trade.parked_orders() == {}


def test_rule_09_with_anonymise_addresses_and_notes_are_emptied(trading: OpenTrade) -> None:
    """Promise: the order keeps its lines and totals and loses addresses and note; a closed one is left to a person."""
    trade = trading(CUSTOMER_ANONYMISE="true")
    order, customer = _bought(trade, note="For Hadewijch")
    closed = trade.order(item("Tea", "5.00"), by=HER, billingAddress=ADDRESS)
    trade.fulfil(closed)
    trade.run()
    trade.redacted(customer, [int(order), int(closed)])
    trade.work()
    row = trade.equal(order)
    texts = [str(row[name]) for name in row if name.startswith(("billto_", "shipto_", "description"))]
    assert not any(word in " ".join(texts).lower() for word in WORDS)
    assert trade.crm_order(closed)["billto_line1"] == "Ooievaarsnest 12"
    (task,) = trade.rows("tasks")
    assert (closed in task["description"], order in task["description"]) == (True, False)


def test_rule_09_an_order_that_crm_refuses_is_left_to_a_person(
    trading: OpenTrade, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: a plug-in's refusal of one order keeps nothing of her in the state, nor the next order from being
    emptied; the task names the one that was refused."""
    trade = trading(CUSTOMER_ANONYMISE="true")
    refused, customer = _bought(trade)
    other = trade.order(item("Tea", "5.00"), by=HER, billingAddress=ADDRESS)
    trade.run()
    entity, row = type(trade.app.job(ORDERS, SHOP).target), trade.crm_order(refused)["salesorderid"]
    written = entity.write

    def but_one(self: Any, writes: Sequence[Write]) -> Any:
        return [Invalid("A plug-in refuses it.")] if writes[0].id == row else written(self, writes)

    monkeypatch.setattr(entity, "write", but_one)
    trade.redacted(customer, [int(refused), int(other)])
    trade.work()
    assert trade.held(*WORDS) == []
    assert trade.crm_order(refused)["billto_line1"] == "Ooievaarsnest 12"
    assert trade.crm_order(other)["billto_line1"] is None
    (task,) = trade.rows("tasks")
    assert (refused in task["description"], other in task["description"]) == (True, False)
    assert list(trade.app.state.parked.list(SHOP, "customers_shopify_to_crm")) == []


def test_rule_09_each_order_is_read_once(trading: OpenTrade, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a request that names many orders reads them together, not all of them for each."""
    trade = trading(CUSTOMER_ANONYMISE="true")
    first, customer = _bought(trade)
    orders = [first, *(trade.order(item("Tea", "5.00"), by=HER, billingAddress=ADDRESS) for _ in range(2))]
    trade.run()
    rows = {trade.crm_order(order)["salesorderid"] for order in orders}
    entity, asked = type(trade.app.job(ORDERS, SHOP).target), list[Sequence[str]]()
    reading = entity.read
    monkeypatch.setattr(entity, "read", lambda self, ids: asked.append(ids) or reading(self, ids))
    trade.redacted(customer, [int(order) for order in orders])
    trade.work()
    assert [set(ids) for ids in asked if rows & set(ids)] == [rows]
    assert {trade.crm_order(order)["billto_line1"] for order in orders} == {None}


def test_rule_09_what_is_said_of_others_stays(trade: Trade) -> None:
    """Promise: whoever is called Mark Price takes no verdict of a product along, though its fields are called so."""
    flow = "products_shopify_to_crm"

    def said() -> list[str]:
        blobs = [run.outcomes_blob for run in trade.app.state.runs.last(SHOP, flow, 200) if run.outcomes_blob]
        return [one.reason for blob in blobs for one in trade.app.state.journal.get_outcomes(blob)]

    trade.offer("L-1", price="20.00")
    mark = trade.customer(firstName="Mark", lastName="Price", email="mp@shoe.example")
    trade.run()
    before = said()
    trade.redacted(mark)
    trade.work()
    assert trade.held("mp@shoe") == []
    assert (said(), "It did not exist on the other side." in before) == (before, True)
