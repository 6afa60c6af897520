"""What becomes of an order's lines when something goes wrong, ends, or is only looked at; and where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from shared.errors import Invalid, MappingFailed, SyncError
from shared.lines import PARTLY, ROW
from shared.records import Item, Origin, Page, PairState, Verdict, Write
from tests.support.ordering import by_hand, decided, details, item, named, orders, placed, touch
from tests.support.world import SHOP


@pytest.mark.parametrize("known", [True, False])
def test_a_record_refused_in_part_is_put_right(known: bool) -> None:
    """Header and a line were written, then a line was refused: parked, and known as ours when the edit is undone."""
    world = orders()
    old = {"name": "#1", "items": [item(1), item(2)], "paid": False}
    order = placed(world, *old["items"])[0] if known else world.shopify.add(old)  # type: ignore[misc]
    world.clock.sleep(5)
    world.shopify.edit(order, {"name": "#2", "paid": True, "items": [item(1, 7), item(3)]})
    write = world.crm.write

    def half(writes: Sequence[Write]) -> list[SyncError]:
        write([replace(each, lines=each.lines[:1]) for each in writes])
        return [Invalid("It is refused.", facts={"line": "lines.items[3]", PARTLY: True}) for _ in writes]

    world.crm.write = half  # type: ignore[method-assign,assignment]
    assert decided(world, order).verdict is Verdict.PARKED
    world.crm.write = write  # type: ignore[method-assign]
    world.clock.sleep(400)
    world.shopify.edit(order, old)
    assert decided(world, order).verdict in (Verdict.UPDATED, Verdict.CREATED)
    (crm,) = world.crm.rows
    assert world.crm.value(crm, "paid") is False
    assert {name: row["quantity"] for name, row in details(world, crm).items()} == {"items|1": 1, "items|2": 1}
    assert not world.parked(world.inward)


def test_lost_state_doubles_no_line() -> None:
    """All that was known of pairs and lines is gone: the order is found by its mark, its rows by the ids they have."""
    world = orders()
    order, crm = placed(world, item(1), item(2, 3))
    by_hand(world, crm, "theirs", text="by hand")
    before = details(world, crm)
    for name in ("crossrefs", "lines"):
        world.state.tables[name].__init__(name)  # type: ignore[misc]
    world.clock.sleep(5)
    world.apply(world.inward, order)
    assert details(world, crm) == before
    touch(world, order, items=[item(2, 4)])
    assert {name: row.get("quantity") for name, row in details(world, crm).items()} == {"items|2": 4, "theirs": None}


def test_a_change_between_look_and_write_is_planned_again() -> None:
    """Somebody changes a line while we write it: nothing is overwritten unseen, and the record comes back."""
    world = orders()
    order, crm = placed(world, item(1))
    world.clock.sleep(5)
    world.shopify.edit(order, {"items": [item(1, 2)]})
    world.faults.meanwhile["crm.write"] = lambda: by_hand(world, crm, "items|1", quantity=9)
    assert decided(world, order).verdict is Verdict.LATER
    assert details(world, crm)["items|1"]["quantity"] == 9
    world.clock.sleep(300)
    assert decided(world, order).verdict is Verdict.UPDATED
    assert details(world, crm)["items|1"]["quantity"] == 2


def test_lines_that_cannot_be_told_apart_park_the_order() -> None:
    """Two lines of one id: nothing is written, and the reason names the group."""
    world = orders()
    order = world.shopify.add({"name": "#1", "items": [item(1), item(1)]})
    outcome = decided(world, order)
    assert isinstance(outcome.error, MappingFailed)
    assert outcome.error.facts["field"] == "lines.items.id"
    assert not world.crm.rows


def test_a_deleted_order_takes_the_knowledge_of_its_lines_with_it() -> None:
    """A tombstone keeps both ids; of its lines nothing is left in the state, and CRM's rows stay as they are."""
    world = orders()
    order, crm = placed(world, item(1))
    pair = world.pair(shopify=order)
    assert pair is not None
    assert world.state.lines.load([pair])[0]
    world.shopify.remove(order)
    world.apply(world.inward, order, deleted=True)
    tombstone = world.pair(shopify=order)
    assert tombstone is not None
    assert tombstone.state is PairState.TOMBSTONE
    assert world.state.lines.load([tombstone]) == [{}]
    assert details(world, crm)


def test_a_dry_run_tells_lines_and_writes_nothing() -> None:
    """What would become of lines is in the outcome; no call of a write, neither to CRM nor to the state."""
    world = orders()
    order, _ = placed(world, item(1))
    world.clock.sleep(5)
    world.shopify.edit(order, {"items": [item(2)]})
    before, saves = world.writes(), world.faults.calls["lines.save"]

    page = Page(world.inward, SHOP, (Item(order),), Origin.COMMAND)
    (outcome,) = world.engine(world.inward).apply(page, write=False).outcomes
    assert outcome.verdict is Verdict.UPDATED
    assert {"lines.items[1]", "lines.items[2].quantity"} <= set(named(outcome))
    assert (world.writes(), world.faults.calls["lines.save"]) == (before, saves)


def test_rows_are_where_the_design_says() -> None:
    """Each line is a row of its own in table `lines`, under shop, kind and order, its key group and line id."""
    world = orders()
    order, crm = placed(world, item(7))
    table = world.state.tables["lines"]
    (rows,) = table.pages(f"{SHOP}~orders~{order.zfill(20)}")
    assert [row.key for row in rows] == ["items~00000000000000000007"]
    assert rows[0].values["row"] == world.crm.rows[crm].content["details"][0][ROW]
    assert set(rows[0].values) == {"id", "row", "bases_crm", "bases_shopify", "mark"}
