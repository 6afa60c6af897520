"""Orders with lines through the engine: each line is paired by its id and decided like a record of its own."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from shared.records import Pair, PairState, Record, Side, Verdict
from shared.sync.bases import Scope, agree
from shared.sync.digest import digests
from shared.sync.plan import Plan, Sides
from tests.support.ordering import AMOUNT, ORDERS, by_hand, decided, details, item, named, orders, placed, touch
from tests.support.world import SHOP


def test_an_order_is_made_with_its_lines() -> None:
    """Items and tips become rows of one collection under ids of ours, told line by line; then all is silent."""
    world = orders()
    order, crm = placed(world, item(1), item(2, 3), item(3, 0), tips=[{"id": "1", "amount": AMOUNT}])
    assert details(world, crm) == {
        "items|1": {"quantity": 1, "text": "#1 item 1", "written": True, "note": "n"},
        "items|2": {"quantity": 3, "text": "#1 item 2", "written": True, "note": "n"},
        "tips|1": {"amount": AMOUNT},
    }
    before = world.writes()
    for _ in range(2):
        world.send(world.inward, order)
        world.run()
    assert world.writes() == before
    assert world.faults.calls["lines.load"] == 0
    assert world.faults.calls["lines.save"] == 2


def test_outcomes_name_lines() -> None:
    """What a run did with a line can be read: `lines.GROUP[ID].field`, values before and after, and why."""
    world = orders()
    order = world.shopify.add({"name": "#1", "items": [item(1)]})
    made = decided(world, order)
    assert named(made)["lines.items[1].quantity"] == "new record"
    world.shopify.edit(order, {"items": [item(1, 5), item(2)]})
    world.clock.sleep(5)
    outcome = decided(world, order)
    assert outcome.verdict is Verdict.UPDATED
    changes = {change.name: (change.before, change.after, change.decision) for change in outcome.changes}
    assert changes["lines.items[1].quantity"] == (1, 5, "the source changed")
    assert "lines.items[1].text" not in changes
    assert changes["lines.items[2].quantity"] == (None, 1, "new record")


QUANTITY = "lines.items[1].quantity"
SAME = {"quantity": 1, "text": "#1 item 1", "written": True, "note": "n"}

EDITS: list[tuple[str, list[Any], dict[str, Any], dict[str, Any] | None, str]] = [
    ("the source changed", [item(1, 2)], {}, {**SAME, "quantity": 2}, "lines.items[1].quantity"),
    ("changed on the target, accepted", [item(1)], {"quantity": 7}, {**SAME, "quantity": 7}, ""),
    ("both changed, the source owns", [item(1, 2)], {"quantity": 7}, {**SAME, "quantity": 2}, QUANTITY),
    ("another field of the line changed by hand", [item(1, 2)], {"text": "x"}, {**SAME, "quantity": 2, "text": "x"},
     "lines.items[1].quantity"),
    ("both changed to the same", [item(1, 2)], {"quantity": 2}, {**SAME, "quantity": 2}, ""),
    ("what is written once is left", [item(1, note="other")], {}, SAME, ""),
    ("the header is read by a line", [item(1)], {"name": "#2"}, {**SAME, "text": "#2 item 1"}, "lines.items[1].text"),
    ("a line left", [], {}, None, "lines.items[1]"),
    ("a line left that was changed by hand", [], {"quantity": 7}, None, "lines.items[1]"),
    ("a quantity of nothing", [item(1, 0)], {}, None, "lines.items[1]"),
]  # fmt: skip


@pytest.mark.parametrize(("items", "hand", "after", "told"), [each[1:] for each in EDITS], ids=[e[0] for e in EDITS])
def test_three_ways(items: list[Any], hand: dict[str, Any], after: dict[str, Any] | None, told: str) -> None:
    """Wanted, actual and base decide each field of a line; the other line is left alone, and then all is silent."""
    world = orders()
    order, crm = placed(world, item(1), item(9))
    header = {"name": hand.pop("name")} if "name" in hand else {}
    if hand:
        by_hand(world, crm, "items|1", **hand)
    world.clock.sleep(5)
    world.shopify.edit(order, {"items": [*items, item(9)], "remark": "touched", **header})
    outcome = decided(world, order)
    assert details(world, crm).get("items|1") == after
    assert "items|9" in details(world, crm)
    assert not told or told in named(outcome)
    before = world.writes()
    world.run()
    world.clock.sleep(5)
    assert decided(world, order).verdict is Verdict.UNCHANGED
    assert world.writes() == before


def test_an_order_whose_lines_did_not_move_reads_none_of_them() -> None:
    """A change of the header alone looks for no line in the state; one of hers, seen once, is not told again."""
    world = orders()
    order, crm = placed(world, item(1))
    by_hand(world, crm, "theirs", text="by hand")
    for number, (paid, told) in enumerate([(True, 1), (False, 0)], start=1):
        world.clock.sleep(5)
        world.shopify.edit(order, {"paid": paid})
        changes = named(decided(world, order))
        assert changes["paid"] == "the source changed"
        assert len(changes) == 1 + told
        assert world.faults.calls["lines.load"] == 1, number
    by_hand(world, crm, "items|1")
    world.clock.sleep(5)
    world.shopify.edit(order, {"paid": True})
    decided(world, order)
    assert set(details(world, crm)) == {"items|1", "theirs"}


def test_a_line_by_hand_is_left_and_told() -> None:
    """A row that somebody added in CRM is nobody's line: it stays, whatever becomes of the others, and is named."""
    world = orders()
    order, crm = placed(world, item(1))
    by_hand(world, crm, "theirs", text="by hand", quantity=4)
    outcome = touch(world, order, items=[])
    assert details(world, crm) == {"theirs": {"text": "by hand", "quantity": 4}}
    assert named(outcome)["details[theirs]"] == "made on the target by somebody, left"


def test_a_line_deleted_by_hand_is_put_back() -> None:
    """The source owns its lines: what somebody deleted in CRM is made again, with all its fields."""
    world = orders()
    order, crm = placed(world, item(1), item(2))
    by_hand(world, crm, "items|2")
    outcome = touch(world, order)
    assert details(world, crm)["items|2"] == {**SAME, "text": "#1' item 2"}
    assert named(outcome)["lines.items[2].quantity"] == "new record"


def test_a_line_deleted_by_its_owner_stays_away() -> None:
    """Lines that CRM owns: a deleted one is told and not put back, and one that left the shop is kept."""
    world = orders(ORDERS.replace('to = "details"', 'to = "details"\nowner = "crm"', 1))
    order, crm = placed(world, item(1), item(2))
    by_hand(world, crm, "items|2")
    outcome = touch(world, order)
    assert set(details(world, crm)) == {"items|1"}
    assert named(outcome)["lines.items[2]"] == "deleted on the target, which owns its lines"
    outcome = touch(world, order, items=[])
    assert set(details(world, crm)) == {"items|1"}
    assert named(outcome)["lines.items[1]"] == "it is gone on the source, the target owns its lines"


def test_two_lines_of_one_product_stay_two() -> None:
    """Lines are told apart by their ids, not by what they sell."""
    world = orders()
    order, crm = placed(world, item(1, text="lamp"), item(2, text="lamp"))
    assert len(details(world, crm)) == 2
    touch(world, order, items=[item(2, 4, text="lamp")])
    assert [row["quantity"] for row in details(world, crm).values()] == [4]


def test_a_line_that_comes_back_is_the_same_row() -> None:
    """Taken out and put in again (an undone edit): made anew under the id it had."""
    world = orders()
    order, crm = placed(world, item(1), item(2))
    touch(world, order, items=[item(1)])
    touch(world, order, items=[item(1), item(2, 2)])
    assert details(world, crm)["items|2"]["quantity"] == 2


def test_nothing_is_known_of_a_line_that_left() -> None:
    """Once its row is deleted, or was deleted by somebody before, the state forgets the line."""
    world = orders()
    order, crm = placed(world, item(1), item(2), item(3))
    by_hand(world, crm, "items|2")
    touch(world, order, items=[item(3)])
    pair = world.pair(shopify=order)
    assert pair is not None
    assert [set(lines) for lines in world.state.lines.load([pair])] == [{("items", "3")}]


def test_lines_that_we_wrote_are_no_edit_of_somebody() -> None:
    """The header's own base of a collection follows our writes, and keeps to what was agreed on where others wrote."""
    before, after = ({"details": [{"@id": "r", "quantity": number}]} for number in (1, 2))
    path = "details.quantity"
    pair = Pair(SHOP, "orders", Side.SHOPIFY, PairState.PAIRED, "salesorder", bases={Side.CRM: digests(before, [path])})
    sides = Sides(Side.SHOPIFY, Record("1", {}), Record("c", before), pair, {})
    scope = Scope(Side.SHOPIFY, (), (path,))
    ours = agree(scope, Plan(collections=frozenset({"details"})), sides, Record("c", after))
    theirs = agree(scope, Plan(), sides, Record("c", after))
    assert (ours.bases[Side.CRM], ours.reverse_due) == (digests(after, [path]), False)
    assert (theirs.bases[Side.CRM], theirs.reverse_due) == (digests(before, [path]), True)


def test_what_crm_makes_of_a_value_is_no_edit() -> None:
    """A line's bases are of what was returned: a value that CRM rounds is not written again."""
    world = orders(crm_normalises={"details.amount": lambda value: value.quantize(Decimal("0.1"))})
    order, crm = placed(world, tips=[{"id": "1", "amount": Decimal("2.55")}])
    writes = world.writes()
    outcome = touch(world, order)
    assert [change.name for change in outcome.changes] == ["name"]
    assert world.writes() == (writes[0], writes[1] + 1)
    assert details(world, crm)["tips|1"] == {"amount": Decimal("2.6")}
