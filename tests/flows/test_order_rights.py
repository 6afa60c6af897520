"""What the Dataverse application user needs for orders, as docs/operations.md names it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from sandbox.dataverse.security import VERBS, privilege
from tests.flows.test_order_money import PAID
from tests.flows.test_order_notes import _status
from tests.support.orders import JANE, Trade
from tests.support.till import ADD, bought, item

GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"
CARD = {"title": "Card", "n": 2, "price": {"amount": "1.50", "currencyCode": "EUR"}}


def _granted() -> Iterator[tuple[str, str]]:
    """(table, verb) of the guide's row about the application user: `*Create*, *Read* on `account` and ...;`."""
    (row,) = [line for line in GUIDE.read_text().splitlines() if "| the Dataverse application user of the app" in line]
    rights = re.sub(r"\([^)]*\)", "", row)
    for verbs, named in re.findall(r"((?:\*\w+\*,? )+)on ((?:`\w+`(?:, | and | )*)+)", rights):
        yield from product(re.findall(r"`(\w+)`", named), re.findall(r"\w+", verbs))


def test_the_rights_that_the_guide_names_are_enough_for_an_orders_whole_life(trade: Trade) -> None:
    """Promise: with what operations.md grants and no more, orders come, are edited, refunded, fulfilled and told."""
    tables = trade.crm.core.registry.tables
    held = {privilege(tables[table], verb) for table, verb in _granted() if table in tables}
    held |= {privilege(table, verb) for table in tables.values() for verb in ("Append", "AppendTo")}
    all_of_them = {privilege(table, verb) for table in tables.values() for verb in VERBS}
    trade.crm.take_privileges("app", *(all_of_them - held))
    (lamp,) = trade.offer("L-1")
    order = trade.order(bought(lamp, "20.00"), item("Tea", "10.00", 2), by=JANE, transactions=PAID)
    late = trade.order(item("Tea", "10.00", 2))
    trade.fulfil(late)
    trade.run()
    trade.amend(order, (ADD, dict(CARD)), Tea=0)
    trade.run()
    assert trade.equal(order)
    trade.fulfil(order)
    trade.run()
    trade.refund(order, "1.50", Card=1)
    trade.run()
    trade.cancel(late)
    trade.run()
    assert trade.app.state.switches.all() == {}
    assert [trade.parked_order(each).code for each in (order, late)] == ["Conflict", "Conflict"]
    assert all(_status(trade, each)["new_check"] for each in (order, late))
    assert len(trade.rows("tasks")) == 1
