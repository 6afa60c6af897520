"""A random life of the two systems: edits, timers, workers, webhooks in any order and weather; then promises.

`live(seed)` returns what became of it. After the troubles end everything must come to rest, and then hold what the
product promises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from tests.simulation.chance import Chance
from tests.simulation.dealers import Dealers
from tests.simulation.dealing import DealPromises
from tests.simulation.people import People
from tests.simulation.personal import PersonalPromises
from tests.simulation.persons import Persons
from tests.simulation.promises import Promises
from tests.simulation.town import Town, town
from tests.simulation.traders import Traders
from tests.simulation.trading import TradePromises
from tests.simulation.weather import OUTLASTING, Trouble

SAMPLE = Path(__file__).with_name("sample.json")
"""How fifty lives went when this was last recorded."""
SETTLED = 0.7
"""How many lives begin with a few records that are paired and in peace."""
PRODUCTS, CUSTOMERS, ORDERS, DOCUMENTS = "products", "customers", "orders", "documents"
FLOWS = {
    PRODUCTS: ("products_crm_to_shopify", "products_shopify_to_crm"),
    CUSTOMERS: ("customers_shopify_to_crm",),
    ORDERS: ("customers_shopify_to_crm", "orders_shopify_to_crm"),
    DOCUMENTS: ("sales_documents_crm_to_shopify", "sales_documents_shopify_to_crm"),
}
ROUTES = ("draft", "order")
KINDS = (CUSTOMERS, ORDERS, DOCUMENTS, PRODUCTS, CUSTOMERS, PRODUCTS, PRODUCTS, PRODUCTS)
"""What eight lives in a row are of."""
STEPS = 30
A_WHILE_S = 20.0
"""From here on a whole round of people, webhooks, timers and workers falls into a stall."""
MOST_STALLS = 15
"""How often in a life something happens while a process waits: a life among endless stalls would cost many others."""
ROUNDS = 60
QUIET_ROUNDS = 3
PACES_S = ((0.2, 1.0, 3.0, 20.0), (0.2, 1.0, 3.0, 20.0, 70.0, 300.0), (3.0, 70.0, 300.0, 1200.0))
"""How much time passes between two steps: in a hurry, ordinary, slow."""


BEGINNINGS_S = (0.0, 0.0, 13.8 * 3600)
"""Worlds begin at noon; some lives late at night, so that the comparison of ids runs amid the troubles."""
NIGHT_H = 2


@dataclass
class Verdict:
    """What a life came to: `broken` names every promise that did not hold, `counts` says how much there was of what."""

    seed: int
    digest: str
    counts: Mapping[str, int]
    broken: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)


def kind_of(seed: int) -> str:
    """What the life of that seed is of."""
    return KINDS[seed % len(KINDS)]


def live(seed: int, *, steps: int = STEPS) -> Verdict:
    """One whole life."""
    chance, kind = Chance(seed), kind_of(seed)
    settings = {"DOCUMENT_ROUTE": chance.of("route").among(ROUTES)} if kind == DOCUMENTS else {}
    with town(chance, FLOWS[kind], **settings) as place:
        life = _Life(place, chance, kind)
        broken = life.run(steps)
        return Verdict(seed, chance.digest, life.counts(), broken, chance.trace)


class _Life:
    def __init__(self, place: Town, chance: Chance, kind: str) -> None:
        self._town, self._chance = place, chance
        self.people: People | Persons | Traders | Dealers
        self.promises: Promises | PersonalPromises | TradePromises | DealPromises
        if kind == CUSTOMERS:
            self.people = Persons(place, chance.of("people"))
            self.promises = PersonalPromises(place, self.people)
        elif kind == ORDERS:
            self.people = Traders(place, chance.of("people"))
            self.promises = TradePromises(place, self.people)
        elif kind == DOCUMENTS:
            self.people = Dealers(place, chance.of("people"))
            self.promises = DealPromises(place, self.people)
        else:
            self.people = People(place, chance.of("people"), self._between)
            self.promises = Promises(place, self.people.book)
        place.weather.meanwhile = self._meanwhile
        self._acts: list[Callable[[], None]] = [
            *[self.people.act] * 5, *[self._tick] * 3, *[self._work] * 6, place.housekeeping, *[place.mail.deliver] * 2,
        ]  # fmt: skip
        self._stalls = 0
        self._pace = chance.among(PACES_S)
        self._mail_at_end = chance.happens(0.5)
        self._over = False

    def run(self, steps: int) -> list[str]:
        """The life, its end, and the promises that were broken."""
        self._town.clock.advance(self._chance.among(BEGINNINGS_S))
        if self._chance.happens(SETTLED):
            self.people.open_shop()
            self._come_to_rest(1)
        self._town.weather.settle_climate()
        self._town.mail.settle_climate()
        for _ in range(steps):
            self._chance.step()
            self._chance.among(self._acts)()
            self._town.clock.advance(self._chance.among(self._pace))
        self._over = True
        self._town.weather.clear()
        self._town.clock.advance(1000)
        wrong = self._come_to_rest(1) or self.promises.before_comparison()
        if wrong:
            return wrong
        self._town.clock.advance(_until_night(self._town.clock.now()))  # finds deletes that nobody told
        return self._come_to_rest(QUIET_ROUNDS) or self.promises.broken()

    def counts(self) -> dict[str, int]:
        """What people did, what the app called, what went wrong meanwhile, and what was checked afterwards."""
        weather = self._town.weather
        struck = {f"trouble: {trouble}": weather.struck[trouble] for trouble in [*Trouble, OUTLASTING]}
        checked = {f"checked: {name}": count for name, count in self.promises.checked.items()}
        told = {"edits": len(self.people.book.entries), "calls exposed": weather.calls}
        return {**told, "webhooks taken": self._town.mail.delivered, **struck, **checked}

    def _tick(self) -> None:
        self._town.tick(self._chance.of("timer").among(self._town.flows).name)

    def _work(self) -> None:
        chance = self._chance.of("message")
        self._town.take(chance.among(self._town.flows).name, chance.among(("sync", "load")))

    def _between(self) -> bool:
        """Whether some worker has read Shopify and may be about to write there what it decided on."""
        return any(actor.looked and "crm_to_shopify" in actor.name for actor in self._town.weather.actors)

    def _meanwhile(self, seconds: float) -> None:
        """While one process waits, people and other processes act; in a longer while a whole round of them."""
        self._stalls += 1
        if not self._town.free_hosts() or self._stalls > MOST_STALLS:
            return
        chance = self._chance.of("meanwhile")
        if seconds > A_WHILE_S or chance.happens(0.3):
            chance.among((self.people.act, self.people.correct))()
            self._town.mail.deliver_all()
            for flow in self._town.flows:
                self._town.tick(flow.name)
            self._town.take_all(most=5)
            return
        for _ in range(chance.below(4)):
            chance.among([self.people.act, self._tick, self._work, self._town.mail.deliver])()

    def _come_to_rest(self, quiet_rounds: int) -> list[str]:
        """Rounds of timers and workers until so many in a row write nothing and nothing waits."""
        quiet, before = 0, self._town.writes()
        for _ in range(ROUNDS):
            self._round()
            now = self._town.writes()
            busy = now != before or self._town.waiting() or self._town.hosts[0].state.switches.all()
            quiet = 0 if busy else quiet + 1
            before = now
            if quiet == quiet_rounds:
                return []
        return [f"never at rest: {self._town.waiting()} messages wait after {ROUNDS} rounds"]

    def _round(self) -> None:
        self._chance.step()
        for flow in self._town.flows:
            self._town.tick(flow.name)
        if self._over and self._mail_at_end:
            self._town.mail.deliver_all()
        self._town.take_all()
        self._town.housekeeping()
        self._town.clock.advance(200)


def _until_night(now: datetime) -> float:
    """Seconds until a comparison of ids is due, and every parked record has been given its daily try before."""
    night = now.replace(hour=NIGHT_H, minute=5, second=0, microsecond=0)
    return (night + timedelta(days=2) - now).total_seconds()
