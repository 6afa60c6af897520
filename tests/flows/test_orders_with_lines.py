"""A record with lines through the whole path, over both sandboxes: Shopify orders become sales orders with lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest

from shared.dataverse import writing
from shared.dataverse.edits import UNFINISHED
from shared.errors import UnknownOutcome
from shared.mapping.check import check
from shared.mapping.load import parse
from shared.records import Item, Origin, Page
from shared.telemetry import metered
from tests.support.faults import Fault
from tests.support.sales import MAPPING, PENDING, Sales
from tests.support.world import SHOP


@pytest.fixture
def sales() -> Iterator[Sales]:
    """Both systems, set up for orders."""
    made = Sales()
    yield made
    made.close()


def quiet(sales: Sales) -> None:
    """Two further rounds write nothing, and nothing is parked."""
    before = sales.world.writes()
    for _ in range(2):
        sales.world.round()
    assert sales.world.writes() == before
    assert not sales.world.parked(sales.world.inward)


def brief(sales: Sales, order: str) -> dict[str, tuple[Decimal, Decimal, Decimal]]:
    """Price, quantity and tax of each line by its text."""
    return {
        text: (Decimal(row["priceperunit"]), Decimal(row["quantity"]), Decimal(row["tax"] or 0))
        for text, row in sales.rows(order).items()
    }


def figures(price: str, quantity: int, tax: str = "0") -> tuple[Decimal, Decimal, Decimal]:
    """The same, as expected."""
    return Decimal(price), Decimal(quantity), Decimal(tax)


def test_an_order_arrives_with_its_lines_and_total(sales: Sales) -> None:
    """Two lines of one title stay two; the total is Shopify's; a second run writes nothing."""
    order = sales.order(("Tea", "10.00", 2), ("Pot", "25.50", 1), tax="1.25")
    twins = sales.order(("Tea", "10.00", 1), ("Tea", "10.00", 1))
    sales.world.run()
    assert brief(sales, order) == {"Tea": figures("10", 2, "1.25"), "Pot": figures("25.5", 1, "1.25")}
    assert sales.crm(order)["totalamount"] == Decimal("48.00")
    assert len(sales.crm(twins)["order_details"]) == 2
    assert sales.crm(twins)["totalamount"] == Decimal("20.00")
    quiet(sales)


def test_an_edit_arrives_line_by_line(sales: Sales) -> None:
    """A line is changed, one is taken out and one is added, in one write; what was not edited is not touched."""
    order = sales.order(("Tea", "10.00", 2), ("Pot", "25.50", 1), ("Cup", "4.00", 6))
    sales.world.run()
    cup, writes = sales.rows(order)["Cup"], sales.world.writes()[1]
    sales.edit(order, {"Tea": 1, "Pot": 0}, ("Gift wrap", "2.50", 1))
    sales.world.run()
    assert brief(sales, order) == {
        "Tea": figures("10", 1), "Cup": figures("4", 6), "Gift wrap": figures("2.5", 1),
    }  # fmt: skip
    assert sales.crm(order)["totalamount"] == Decimal("36.50")
    assert sales.rows(order)["Cup"]["@odata.etag"] == cup["@odata.etag"]
    assert sales.world.writes()[1] == writes + 1
    quiet(sales)


def test_what_the_salesperson_does_to_lines(sales: Sales) -> None:
    """Her own line and her change stay when the order is edited; a line that she deleted is put back."""
    order = sales.order(("Tea", "10.00", 2), ("Pot", "25.50", 1), ("Cup", "4.00", 6))
    sales.world.run()
    sales.add(order, "By hand")
    sales.by_hand(order, "Tea", tax=3)
    sales.by_hand(order, "Pot")
    sales.edit(order, {"Tea": 1, "Cup": 5})
    sales.world.run()
    assert brief(sales, order) == {
        "Tea": figures("10", 1, "3"), "Pot": figures("25.5", 1), "Cup": figures("4", 5), "By hand": figures("1", 1),
    }  # fmt: skip
    quiet(sales)


def test_outcomes_tell_lines_and_a_plan_writes_nothing(sales: Sales) -> None:
    """The plan of an edit names each line and field, before and after, and hers that is left."""
    order = sales.order(("Tea", "10.00", 2))
    sales.world.run()
    sales.add(order, "By hand")
    sales.edit(order, {"Tea": 1})
    reading = sales.source.read([order])
    (line,) = reading.records[order].content["lineItems"]["nodes"]
    before = sales.world.writes()
    result = sales.world.engine(sales.world.inward).apply(_page(sales, order), write=False)
    changes = {change.name: change for change in result.outcomes[0].changes}
    quantity = changes[f"lines.items[{line['id'].rpartition('/')[2]}].quantity"]
    assert (quantity.before, quantity.after, quantity.decision) == (Decimal(2), 1, "the source changed")
    (theirs,) = [change for name, change in changes.items() if name.startswith("order_details[")]
    assert theirs.decision == "made on the target by somebody, left"
    assert sales.world.writes() == before


def _page(sales: Sales, *orders: str) -> Page:
    reading = sales.source.read(orders)
    items = tuple(Item(each, reading.records[each]) for each in orders)
    name = sales.world.inward
    return Page(name, SHOP, items, Origin.POLL, reading.read_at, sales.source.selection)


def test_more_lines_than_a_page_of_shopify(sales: Sales) -> None:
    """All pages of the lines are read, and all are written in one changeset."""
    order = sales.order(*((f"Item {number}", "1.00", 1) for number in range(250)))
    sales.edit(order, {}, *((f"More {number}", "1.00", 1) for number in range(10)))
    sales.world.run()
    assert len(sales.crm(order)["order_details"]) == 260
    assert sales.crm(order)["totalamount"] == Decimal(260)
    assert sales.world.writes() == (0, 1)
    quiet(sales)


def test_a_page_of_orders_costs_two_round_trips(sales: Sales) -> None:
    """Fifty orders of ten lines: one call looks for marks, one writes and reads back; an edit of all is two as well."""
    orders = [sales.order(*((f"Item {n}", "1.00", 1) for n in range(10))) for _ in range(50)]
    warm = sales.order(("Tea", "10.00", 1))
    sales.world.apply(sales.world.inward, warm)
    for edit in (None, "edited"):
        for order in orders if edit else ():
            sales.edit(order, {"Item 1": 0}, ("New", "1.00", 1))
        sales.clock.sleep(5)
        page = _page(sales, *orders)
        with metered() as usage:
            result = sales.world.engine(sales.world.inward).apply(page)
        assert result.counts["updated" if edit else "created"] == 50, result.trouble
        assert usage.calls == 2


@pytest.mark.parametrize("call", ["lines.save", "crossrefs.complete", "crossrefs.begin"])
@pytest.mark.parametrize("fault", [Fault.KILL_BEFORE, Fault.KILL_AFTER])
def test_a_crash_around_a_create_doubles_nothing(sales: Sales, call: str, fault: Fault) -> None:
    """One order with its lines, also where one of them was taken out in Shopify before the next try."""
    order = sales.order(("Tea", "10.00", 2), ("Pot", "25.50", 1))
    sales.world.faults.plan((call, fault))
    with suppress(Exception):
        sales.world.apply(sales.world.inward, order)
    sales.world.faults.clear()
    sales.edit(order, {"Pot": 0})
    sales.world.clock.sleep(400)
    sales.world.run()
    assert brief(sales, order) == {"Tea": figures("10", 2)}
    assert len(list(sales.all())) == 1
    quiet(sales)


def test_a_lost_answer_then_a_repeat_doubles_nothing(sales: Sales) -> None:
    """Dataverse did it all and its answer was lost, for a create and for an edit."""
    order = sales.order(("Tea", "10.00", 2), ("Pot", "25.50", 1))
    for edit in (None, {"Tea": 1, "Pot": 0}):
        if edit:
            sales.edit(order, edit, ("Cup", "4.00", 1))
        sales.world.apply(sales.world.inward, sales.order(("Warm", "1.00", 1)))
        (reader, target), sent = (sales.app.batch, sales.dataverse.faults), [0]

        def losing(items: Any, *, name: str, reader: Any = reader, target: Any = target, sent: Any = sent) -> Any:
            if name.startswith("write"):
                sent[0] += 1
                if sent[0] == 1:
                    target.add("lost_answer", match="$batch")
            return reader(items, name=name)

        sales.app.batch = losing  # type: ignore[method-assign]
        (outcome,) = sales.world.apply(sales.world.inward, order).outcomes
        sales.app.batch = reader  # type: ignore[method-assign]
        assert isinstance(outcome.error, UnknownOutcome)
        sales.world.clock.sleep(400)
        sales.world.send(sales.world.inward, order)
        sales.world.run()
    assert brief(sales, order) == {"Tea": figures("10", 1), "Cup": figures("4", 1)}
    quiet(sales)


def test_a_large_order_is_repaired_after_a_crash_in_the_middle(sales: Sales, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two changesets (small batches): the worker dies between them; the header says so, the next try completes it."""
    monkeypatch.setattr(writing, "MAX_PARTS", 200)
    order = sales.order(*((f"Item {number}", "1.00", 1) for number in range(240)))
    real, sent = sales.app.batch, []

    def dying(items: Any, *, name: str) -> Any:
        sent.append(name)
        if sum(each.startswith("write") for each in sent) == 2:
            raise KeyboardInterrupt
        return real(items, name=name)

    sales.app.batch = dying  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        sales.world.apply(sales.world.inward, order)
    sales.app.batch = real  # type: ignore[method-assign]
    assert sales.crm(order)[PENDING] == UNFINISHED
    half = len(sales.crm(order)["order_details"])
    assert 0 < half < 240
    sales.world.clock.sleep(400)
    (outcome,) = sales.world.apply(sales.world.inward, order).outcomes
    assert outcome.error is None
    assert len(sales.crm(order)["order_details"]) == 240
    assert (sales.crm(order)[PENDING], sales.crm(order)["totalamount"]) == (None, Decimal(240))
    quiet(sales)


def test_the_mapping_is_checked_against_both_schemas(sales: Sales) -> None:
    """A line's fields are looked up on both sides by their full paths; a wrong one is named with what was meant."""
    assert check(sales.mapping, Described(sales.source), Described(sales.target)) == []
    for old, new, said in (
        ('"currentQuantity"', '"currentQuantty"', "Shopify's Order has no lineItems.nodes.currentQuantty"),
        ('to = "tax"', 'to = "taxx"', "Dataverse's salesorder has no order_details.taxx"),
        ('to = "tax"', 'to = "createdon"', "order_details.createdon cannot be"),
        ('to = "order_details"', 'to = "name"', "name holds one value in Dataverse's salesorder, no rows"),
        ("split(id,", "split(idd,", "Shopify's Order has no lineItems.nodes.idd"),
    ):
        found = check(parse(MAPPING.replace(old, new)), Described(sales.source), Described(sales.target))
        assert any(said in each.sentence for each in found), (said, found)


class Described:
    """An entity as the mapping check asks it."""

    def __init__(self, entity: Any) -> None:
        self.describe = entity.describe
        self.names = ()
        self.searchable = None
        self._entity = entity

    def required_on_create(self) -> list[str]:
        """The columns without which a create is refused."""
        required = getattr(self._entity, "required", None)
        return [info.path for info in required()] if required else []
