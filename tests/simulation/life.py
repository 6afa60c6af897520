"""A random life of the two systems: edits, timers, workers, webhooks in any order and weather; then promises.

`Life(seed).run()` returns what became of it. After the troubles end everything must come to rest, and then hold what
the product promises. The auditor that judges both sides knows nothing of the app.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.wsgi_adapter import WsgiAdapter
from shared.flows import FLOWS
from tests.e2e.auditor import RETIRED, Audit, compare
from tests.e2e.reading import Merchant, Salesperson
from tests.simulation.chance import Chance
from tests.simulation.people import CRM, Entry, People
from tests.simulation.town import Town, town
from tests.simulation.weather import Trouble
from tests.support.plant import CRM_URL, SHOP

SAMPLE = Path(__file__).with_name("sample.json")
"""How fifty lives went when this was last recorded."""
STEPS = 45
ROUNDS = 60
OWNERS = {"number": CRM, "price": CRM}


@dataclass
class Verdict:
    """What a life came to: `broken` names every promise that did not hold."""

    seed: int
    digest: str
    edits: int
    calls: int
    struck: Mapping[Trouble, int]
    broken: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)


def live(seed: int, *, steps: int = STEPS) -> Verdict:
    """One whole life."""
    chance = Chance(seed)
    with town(chance) as place:
        life = _Life(place, chance)
        broken = life.run(steps)
        weather = place.weather
        return Verdict(
            seed, chance.digest, len(life.people.book.entries), weather.calls, weather.struck, broken, chance.trace
        )


def live_apart(seed: int) -> Verdict:
    """The same in a process of its own, whose logs and trace stay there."""
    logging.disable(logging.CRITICAL)
    return replace(live(seed), trace=[])


class _Life:
    def __init__(self, place: Town, chance: Chance) -> None:
        self._town, self._chance = place, chance
        self.people = People(place, chance)
        place.weather.meanwhile = self._meanwhile
        self._acts: list[Callable[[], None]] = [
            *[self.people.act] * 5, *[self._tick] * 3, *[self._work] * 6, self._housekeeping, self._deliver,
        ]  # fmt: skip

    def run(self, steps: int) -> list[str]:
        """The life, its end, and the promises that were broken."""
        self._town.weather.settle_climate()
        for _ in range(steps):
            self._step()
        self._town.weather.clear()
        self._town.clock.advance(1000)
        restless = self._come_to_rest()
        wrong = restless or _but_for_deletes(self._audited())
        if wrong:
            return [*self._town.defects, *wrong]
        for flow in FLOWS:  # a delete without its webhook is found by the nightly comparison
            self._town.list_all(flow.name)
        return self._come_to_rest() or self._promises()

    def _step(self) -> None:
        self._chance.among(self._acts)()
        self._town.clock.advance(self._chance.among((0.2, 1.0, 3.0, 20.0, 70.0, 300.0)))

    def _tick(self) -> None:
        self._town.tick(self._chance.among(FLOWS).name)

    def _work(self) -> None:
        self._town.take(self._chance.among(FLOWS).name, self._chance.among(("sync", "load")))

    def _housekeeping(self) -> None:
        self._town.housekeeping()

    def _deliver(self) -> None:
        self._town.deliver(self._chance)

    def _meanwhile(self) -> None:
        """While one process waits, people and other processes act; now and then a whole round of them."""
        if not self._town.free_hosts():
            return
        if self._chance.happens(0.3):
            self.people.act()
            for flow in FLOWS:
                self._town.tick(flow.name)
            self._town.take_all(most=3)
            return
        for _ in range(self._chance.below(4)):
            self._chance.among([self.people.act, self._tick, self._work])()

    # -- the end ------------------------------------------------------------------------------------------------

    def _come_to_rest(self) -> list[str]:
        """Rounds of timers and workers until three in a row write nothing and nothing waits."""
        quiet, before = 0, self._town.writes()
        for _ in range(ROUNDS):
            self._round()
            now = self._town.writes()
            busy = now != before or self._town.waiting() or self._town.hosts[0].state.switches.all()
            quiet = 0 if busy else quiet + 1
            before = now
            if quiet == 3:
                return []
        return [f"never at rest: {self._town.waiting()} messages wait after {ROUNDS} rounds"]

    def _round(self) -> None:
        for flow in FLOWS:
            self._town.tick(flow.name)
        self._town.take_all()
        self._town.housekeeping()
        self._town.clock.advance(200)

    def _promises(self) -> list[str]:
        found = self._audited()
        wrong = [*found.findings, *self._parked(), *self._lost_edits(found), *_doubled_creates(found)]
        return [*self._town.defects, *wrong]

    def _audited(self) -> Audit:
        merchant = Merchant({"url": f"https://{SHOP}", "merchant_token": self._town.shopify.config.merchant_token})
        merchant._session.mount("https://", WsgiAdapter(self._town.shopify.wsgi))
        sales = Salesperson({"url": CRM_URL, "salesperson_token": "salesperson-token"}, shop="acme")
        sales._session.mount("https://", WsgiAdapter(self._town.crm.wsgi))
        _, group, unit = sales.basics()
        found = Audit({one.id: one for one in merchant.variants()}, {one.id: one for one in sales.products()})
        return compare(found, (unit, group), shared=frozenset(), ended=self._ended(found))

    def _ended(self, found: Audit) -> frozenset[str]:
        """Records whose counterpart a person deleted, told by the mark that they or it carried."""
        gone = {record for _, record in self.people.book.removed}
        ended = {one.id for one in found.variants.values() if one.mark in gone}
        ended |= {one.id for one in found.products.values() if one.mark in gone}
        pairs = [pair for flow in FLOWS[:1] for pair in self._town.hosts[0].state.crossrefs.scan(SHOP, flow.kind)]
        ended |= {str(pair.crm_id) for pair in pairs if pair.shopify_id in gone}
        ended |= {str(pair.shopify_id) for pair in pairs if pair.crm_id in gone}
        return frozenset(ended)

    def _parked(self) -> list[str]:
        rows = [row for flow in FLOWS for row in self._town.hosts[0].state.parked.list(SHOP, flow.name)]
        return [f"parked in {row.flow}: {row.source_id} {row.code}: {row.sentence}" for row in rows]

    def _lost_edits(self, found: Audit) -> list[str]:
        """Where a field's owner made the last edit, both sides hold it; else the other's word or the owner's."""
        lost = []
        for variant, product in found.pairs:
            if product.state == RETIRED:
                continue  # read-only: what people wrote into the other side since waits until it is active again
            for name, owner in OWNERS.items():
                entries = [
                    entry
                    for entry in self.people.book.entries
                    if entry.field == name and entry.record in (variant.id, product.id)
                ]
                held = product.number if name == "number" else product.price
                if entries and _alike(held) not in _acceptable(entries, owner):
                    lost.append(f"{name} of {variant.id}/{product.id} is {held}; people wrote {entries[-4:]}")
        return lost


def _but_for_deletes(found: Audit) -> list[str]:
    """What has to be right without a full listing too: everything but what follows from a delete nobody told."""
    return [*found.doubled, *found.missing, *(one for one in found.different if "still in use" not in one)]


def _doubled_creates(found: Audit) -> list[str]:
    """No two CRM rows came from one variant, retired ones among them."""
    marks = Counter(one.mark for one in found.products.values() if one.mark)
    return [f"{count} CRM products came from variant {mark}" for mark, count in marks.items() if count > 1]


def _acceptable(entries: list[Entry], owner: str) -> set[Any]:
    last = entries[-1]
    allowed = {_alike(last.value)}
    if last.by != owner:
        allowed |= {_alike(entry.value) for entry in entries if entry.by == owner}
    return allowed


def _alike(value: Any) -> Any:
    return Decimal(value).normalize() if isinstance(value, Decimal) else value
