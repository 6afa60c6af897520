"""A random life of two systems: edits on both sides, ticks, workers, faults and deaths in any order, and the promises.

`Life` draws every choice from a function `pick(n)` (a number below n), so that Hypothesis, a seeded generator or a
written list can drive it. It keeps book of what people wrote, to say afterwards what must have survived.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.errors import SyncError
from shared.records import Side
from tests.support.entity import FakeEntity
from tests.support.faults import Fault, Killed
from tests.support.world import World

Pick = Callable[[int], int]

SHOPIFY_FIELDS = {"key": "sku", "amount": "price", "note": "note", "name": "parent.title", "label": "label"}
CRM_FIELDS = {"key": "number", "amount": "item.amount", "note": "remark", "name": "name", "part": "part"}
SAME = {
    "key": ("sku", "number"),
    "amount": ("price", "item.amount"),
    "note": ("note", "remark"),
    "name": ("parent.title", "name"),
    "label": ("label", "label"),
    "part": ('metafields."our.part"', "part"),
}
OWNERS = {"key": Side.CRM, "amount": Side.SHOPIFY, "name": Side.SHOPIFY, "label": Side.SHOPIFY, "part": Side.CRM}
FAULTS = tuple(Fault)


@dataclass
class Life:
    """One world, and what happens to it."""

    world: World
    pick: Pick
    faults: int = 0
    """One call in this many goes wrong; 0: none does."""
    trace: list[str] = field(default_factory=list)
    edits: int = 0
    last: dict[tuple[str, str], tuple[Side, Any]] = field(default_factory=dict)
    """Shopify or CRM id and field → who edited it last, and the value as that side kept it."""

    def live(self, steps: int) -> None:
        """So many steps, each one of an edit, a tick, a worker, a doubled message, or time passing."""
        acts = (self._add, self._edit, self._edit, self._edit, self._tick, self._work, self._work, self._again)
        if self.faults:
            self.world.faults.choose = self._fault
        for _ in range(steps):
            acts[self.pick(len(acts))]()
            self.world.clock.sleep((1.0, 2.0, 5.0, 70.0, 300.0)[self.pick(5)])

    def end(self) -> int:
        """Faults stop; the world comes to rest. Returns the rounds that took."""
        self.world.faults.clear()
        self.world.clock.sleep(1000.0)
        rounds = self.world.run()
        self.world.clock.sleep(4000.0)
        return rounds

    # -- what happens -------------------------------------------------------------------------------------------

    def _add(self) -> None:
        if len(self.world.shopify.rows) + len(self.world.crm.rows) >= 8:
            return
        self.edits += 1
        if self.pick(2):
            made = self.world.shopify.add({"sku": f"S{self.edits}", "price": Decimal(self.edits), "parent.title": "x"})
        else:
            made = self.world.crm.add({"number": f"C{self.edits}", "item.amount": Decimal(self.edits), "name": "y"})
        self.trace.append(f"add {made}")

    def _edit(self) -> None:
        side = (self.world.shopify, self.world.crm)[self.pick(2)]
        fields = SHOPIFY_FIELDS if side.side is Side.SHOPIFY else CRM_FIELDS
        if not side.rows:
            return
        record_id = sorted(side.rows)[self.pick(len(side.rows))]
        name = list(fields)[self.pick(len(fields))]
        self.edits += 1
        side.edit(record_id, {fields[name]: self._value(name)})
        pair = self.world.pair(**{side.side.value: record_id})
        known = pair.shopify_id if pair and pair.shopify_id else record_id
        self.last[known, name] = (side.side, side.value(record_id, fields[name]))
        self.trace.append(f"edit {side.side.value} {record_id} {name} #{self.edits}")

    def _value(self, name: str) -> Any:
        """A value nobody wrote before, in forms that a normalising system changes."""
        if name == "amount":
            return Decimal(self.edits) + Decimal("0.125")
        return f"{name[0].upper()}{self.edits} " if self.pick(4) else f"{name[0]}{self.edits}"

    def _flow(self) -> str:
        return (self.world.inward, self.world.outward)[self.pick(2)]

    def _tick(self) -> None:
        with suppress(Killed, SyncError):
            self.world.tick(self._flow())
        self.trace.append("tick")

    def _work(self) -> None:
        use = ("sync", "load")[self.pick(2)]
        with suppress(SyncError):
            self.world.work(self._flow(), use)
        self.trace.append(f"work {use}")

    def _again(self) -> None:
        flow = self._flow()
        rows = self._source(flow).rows
        if rows:
            self.world.send(flow, sorted(rows)[self.pick(len(rows))])
            self.trace.append("webhook")

    def _source(self, flow: str) -> FakeEntity:
        return self.world.shopify if flow == self.world.inward else self.world.crm

    def _fault(self, name: str) -> Fault | None:
        if self.pick(self.faults):
            return None
        fault = FAULTS[self.pick(len(FAULTS))]
        self.trace.append(f"  {name}: {fault.name}")
        return fault

    # -- what must be true --------------------------------------------------------------------------------------

    def check(self) -> None:
        """The promises: exactly one counterpart each, owned fields equal, silence."""
        world = self.world
        self._one_counterpart_each()
        parked = {**world.parked(world.inward), **world.parked(world.outward)}
        assert not parked, f"parked: {parked}"
        for pair in world.pairs():
            shopify, crm = str(pair.shopify_id), str(pair.crm_id)
            for name, (here, there) in SAME.items():
                found = world.shopify.value(shopify, here), world.crm.value(crm, there)
                assert _alike(world, name, *found), f"{name} of {shopify}/{crm}: {found}"
            self._owners_edits_kept(shopify, crm)
        before = world.writes()
        for _ in range(3):
            world.round()
        assert world.writes() == before, "it goes on writing although nobody edits"

    def _owners_edits_kept(self, shopify: str, crm: str) -> None:
        """Where a field's owner made the last edit of all, both sides hold it."""
        for name, owner in OWNERS.items():
            by, value = self.last.get((shopify, name)) or self.last.get((crm, name)) or (None, None)
            if by is owner:
                held = self.world.shopify.value(shopify, SAME[name][0])
                assert _alike(self.world, name, held, value), f"{owner.value}'s {name} {value!r} became {held!r}"

    def _one_counterpart_each(self) -> None:
        world = self.world
        pairs = world.pairs()
        assert len({pair.shopify_id for pair in pairs}) == len({pair.crm_id for pair in pairs}) == len(pairs)
        assert {pair.shopify_id for pair in pairs} == set(world.shopify.rows), "a Shopify record without its pair"
        assert {pair.crm_id for pair in pairs} == set(world.crm.rows), "a CRM record without its pair"
        for side in (world.shopify, world.crm):
            marks = Counter(row.marker for row in side.rows.values() if row.marker)
            assert all(count == 1 for count in marks.values()), f"doubled in {side.side.value}: {marks}"


def _alike(world: World, name: str, shopify: Any, crm: Any) -> bool:
    """Equal after both systems' ways of storing them."""
    here, there = SAME[name]
    shape_here = world.shopify.normalise.get(here, lambda value: value)
    shape_there = world.crm.normalise.get(there, lambda value: value)

    def shaped(value: Any) -> Any:
        return None if value in (None, "") else shape_there(shape_here(value))

    return bool(shaped(shopify) == shaped(crm))
