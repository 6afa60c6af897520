"""A worker dies, or loses an answer, at each call there is while it writes an order's lines: all comes out as it must.

The calls are found by running: each is hit once, before and after it happened, until no call is left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from tests.support.faults import Fault
from tests.support.ordering import by_hand, details, item, orders, placed
from tests.support.world import World

CALLS = ("crossrefs.", "lines.", "parked.", "runs.", "crm.write")


def strikes(world: World, number: int, fault: Fault) -> list[str]:
    """The call with that number, of those that store or write, is hit; the list gets its name when it happens."""
    hit: list[str] = []
    seen = [0]

    def choose(name: str) -> Fault | None:
        if not name.startswith(CALLS):
            return None
        seen[0] += 1
        if seen[0] - 1 != number:
            return None
        hit.append(name)
        return fault

    world.faults.choose = choose
    return hit


Change = Callable[[World, str], None]


def edited(world: World, order: str, *items: Any, name: str = "#1") -> None:
    """The shop changes the order."""
    world.clock.sleep(5)
    world.shopify.edit(order, {"items": list(items), "name": name})


def at_each_call(begin: Callable[[], tuple[World, str]], act: Change, fault: Fault) -> Iterator[tuple[World, str, str]]:
    """World after world in which the next call was hit while the flow ran."""
    for number in range(200):
        world, order = begin()
        act(world, order)
        hit = strikes(world, number, fault)
        world.send(world.inward, order)
        with suppress(Exception):
            world.drain()
        world.faults.clear()
        if not hit:
            assert number > 3
            return
        yield world, order, hit[0]


def rest(world: World, order: str) -> None:
    """Time passes, messages come again, and everything comes to rest; one more message then writes nothing."""
    world.clock.sleep(1000)
    world.send(world.inward, order)
    world.run()
    before = world.writes()
    world.send(world.inward, order)
    world.run()
    assert world.writes() == before
    assert not world.parked(world.inward)


def quantities(world: World, order: str) -> dict[str, int]:
    """The lines of the one CRM order by name, `theirs` included."""
    assert len(world.crm.rows) == len(world.pairs()) == 1
    pair = world.pair(shopify=order)
    assert pair is not None
    return {name: row["quantity"] for name, row in details(world, str(pair.crm_id)).items()}


def fresh() -> tuple[World, str]:
    """A shop's order that CRM does not know."""
    world = orders()
    return world, world.shopify.add({"name": "#1", "items": [item(1), item(2), item(3)]})


def known() -> tuple[World, str]:
    """An order that both have, with a line of the salesperson's and a quantity that she chose."""
    world = orders()
    order, crm = placed(world, item(1), item(2), item(3))
    by_hand(world, crm, "theirs", quantity=50, text="by hand")
    by_hand(world, crm, "items|3", quantity=33)
    return world, order


THEN: list[tuple[str, tuple[Any, ...], dict[str, int]]] = [
    ("nothing more happens", (item(1, 2), item(4), item(3)), {"1": 2, "4": 1, "3": 33}),
    ("the edit is undone", (item(1), item(2), item(3)), {"1": 1, "2": 1, "3": 33}),
    ("a further edit", (item(1, 9), item(5), item(3)), {"1": 9, "5": 1, "3": 33}),
    ("all lines leave", (), {}),
]
FAULTS = [Fault.KILL_BEFORE, Fault.KILL_AFTER, Fault.FAIL_BEFORE, Fault.FAIL_AFTER]


@pytest.mark.parametrize(("then", "after"), [each[1:] for each in THEN], ids=[each[0] for each in THEN])
@pytest.mark.parametrize("fault", FAULTS)
def test_an_edit_hit_at_any_call(fault: Fault, then: tuple[Any, ...], after: dict[str, int]) -> None:
    """Whatever the shop does next: CRM has its lines, what she added and chose stays, nothing is doubled."""
    seen = set()
    for world, order, hit in at_each_call(known, lambda w, o: edited(w, o, item(1, 2), item(4), item(3)), fault):
        edited(world, order, *then)
        rest(world, order)
        expected = {f"items|{number}": quantity for number, quantity in after.items()}
        assert quantities(world, order) == {**expected, "theirs": 50}, hit
        seen.add(hit)
    assert {"crossrefs.save", "lines.load", "lines.save", "crm.write"} <= seen


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    ("then", "after"),
    [((1, 2, 3), {"items|1", "items|2", "items|3"}), ((1, 4), {"items|1", "items|4"}), ((), set())],
)
def test_a_create_hit_at_any_call(fault: Fault, then: tuple[int, ...], after: set[str]) -> None:
    """A new order: one in CRM, with the lines that the shop has in the end, also where it took one out meanwhile."""
    seen = set()
    for world, order, hit in at_each_call(fresh, lambda w, o: None, fault):
        edited(world, order, *map(item, then))
        rest(world, order)
        assert set(quantities(world, order)) == after, hit
        seen.add(hit)
    assert {"crossrefs.begin", "crossrefs.complete", "lines.save", "crm.write"} <= seen


def test_a_worker_that_wakes_up_late_does_no_harm() -> None:
    """It stalls before it calls CRM; another one does all the work, and the bases stay those of the other."""
    world, order = known()
    edited(world, order, item(1, 2), item(2), item(3))

    def other() -> None:
        world.clock.sleep(1000)
        edited(world, order, item(1, 5), item(2), item(3))
        world.apply(world.inward, order)

    world.faults.meanwhile["lines.save"] = other
    world.apply(world.inward, order)
    rest(world, order)
    assert quantities(world, order) == {"items|1": 5, "items|2": 1, "items|3": 33, "theirs": 50}
    crm = str(world.pair(shopify=order).crm_id)  # type: ignore[union-attr]
    by_hand(world, crm, "items|1", quantity=77)
    edited(world, order, item(1, 5), item(2, 2), item(3))
    rest(world, order)
    assert quantities(world, order) == {"items|1": 77, "items|2": 2, "items|3": 33, "theirs": 50}
