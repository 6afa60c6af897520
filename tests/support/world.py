"""Two systems in memory, the app's state in memory, both flows of one kind between them, and a clock that is ours.

`World` puts the real engine, poll, dispatch and state over two `FakeEntity`s. `run` lets timers and workers go until
nothing is left to do; killed workers leave their messages on the queue, as the host would.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from shared.mapping.rules import Rules
from shared.records import Changes, Item, Message, Origin, Page, Pair, PairState, Reading, Side
from shared.state.queues import LIVE, LOAD, from_text, queue_name
from shared.sync.comparing import Bounds, Comparison, ComparisonPorts
from shared.sync.dispatch import Dispatch, DispatchPorts
from shared.sync.engine import Engine
from shared.sync.flow import Flow, Job, Mode, Timing
from shared.sync.poll import Poll, PollPorts, PollReport
from shared.sync.work import EnginePorts, Result
from tests.support.clock import CountedIds, VirtualClock
from tests.support.entity import FakeEntity
from tests.support.faults import Faults, Killed, Wrapped
from tests.support.memory import memory_state

SHOP = "acme.myshopify.com"
VISIBILITY_S = 300


@dataclass(frozen=True)
class Couple:
    """Two flows of one kind, by the flow that reads Shopify and the one that reads CRM; there may be no such one."""

    inward: Rules
    outward: Rules | None
    crm_table: str


class Bare:
    """A source whose records come without content."""

    def __init__(self, source: Any) -> None:
        self._source = source

    def read(self, ids: Sequence[str]) -> Reading:
        """Ids and times."""
        found = self._source.read(ids)
        return Reading(found.read_at, {each: replace(one, content={}) for each, one in found.records.items()})

    def listing(self, after: str) -> Changes:
        """One page of them."""
        page = self._source.listing(after)
        there = self.read([item.id for item in page.items]).records
        return replace(page, items=tuple(Item(item.id, there.get(item.id)) for item in page.items))


class World:
    """Everything of one test. `inward` is the flow from Shopify, `outward` the one from CRM."""

    def __init__(self, couple: Couple, shopify: FakeEntity, crm: FakeEntity, *, timing: Timing | None = None) -> None:
        self.clock: VirtualClock = shopify.clock
        self.faults: Faults = shopify.faults
        self.ids = CountedIds()
        self.shopify, self.crm = shopify, crm
        self.state = memory_state(self.clock, new_id=self.ids.new)
        self.timing = timing or Timing()
        self.inward, self.outward = couple.inward.flow, couple.outward.flow if couple.outward else ""
        self.state.ensure(filter(None, (self.inward, self.outward)))
        self.constants: Mapping[str, Any] = {"unit": "unit-1", "unit_group": "group-1"}
        self.jobs: dict[str, Job] = {}
        self._job(couple.inward, couple.outward, Side.SHOPIFY, couple.crm_table)
        if couple.outward:
            self._job(couple.outward, couple.inward, Side.CRM, couple.crm_table)

    def _job(self, rules: Rules, reverse: Rules | None, source: Side, crm_table: str) -> None:
        entities = {Side.SHOPIFY: self.shopify, Side.CRM: self.crm}
        self.jobs[rules.flow] = Job(
            flow=Flow(rules.flow, rules.kind, source, crm_table, reverse.flow if reverse else None),
            shop=SHOP,
            mode=Mode.ON,
            rules=rules,
            reverse_rules=reverse,
            source=entities[source],
            target=entities[source.other],
            constants=lambda: self.constants,
            resolve=lambda asked: {},
            timing=self.timing,
        )

    def change(self, flow: str, /, **changes: Any) -> None:
        """Run this flow with another mode, other rules or times from now on."""
        self.jobs[flow] = replace(self.jobs[flow], **changes)

    # -- the parts under test -----------------------------------------------------------------------------------

    def engine(self, flow: str) -> Engine:
        """The real engine over wrapped state."""
        state = self.state
        ports = EnginePorts(
            self._wrapped(state.crossrefs, "crossrefs"),
            self._wrapped(state.parked, "parked"),
            self._wrapped(state.retirements, "retirements"),
            state.switches,
            self.clock,
            self.ids,
            self._wrapped(state.lines, "lines"),
        )
        return Engine(self.jobs[flow], ports)

    def dispatch(self, flow: str) -> Dispatch:
        """The real worker's half."""
        state = self.state
        ports = DispatchPorts(
            queues=self._wrapped(state.queues, "queues"),
            journal=self._wrapped(state.journal, "journal"),
            runs=self._wrapped(state.runs, "runs"),
            parked=self._wrapped(state.parked, "parked"),
            crossrefs=self._wrapped(state.crossrefs, "crossrefs"),
            switches=state.switches,
            permits=state.permits,
            clock=self.clock,
            ids=self.ids,
        )
        return Dispatch(self.jobs[flow], self.engine(flow), ports)

    def tick(self, flow: str, *, restart: bool = False) -> PollReport:
        """One poll of the flow's source."""
        state = self.state
        ports = PollPorts(
            self._wrapped(state.cursors, "cursors"),
            self._wrapped(state.journal, "journal"),
            self._wrapped(state.queues, "queues"),
            state.pointers,
            self.clock,
            crossrefs=state.crossrefs,
            parked=self._wrapped(state.parked, "parked"),
        )
        return Poll(self.jobs[flow], ports).run(restart=restart)

    def compare(self, flow: str, *, restart: bool = True, **bounds: Any) -> PollReport:
        """One run of the nightly comparison of the flow's source; `restart` begins it whatever the hour."""
        state, source = self.state, Bare(self.jobs[flow].source)
        cursors, queues = self._wrapped(state.cursors, "cursors"), self._wrapped(state.queues, "queues")
        ports = ComparisonPorts(cursors, queues, state.crossrefs, self.clock, Bounds(**bounds))
        return Comparison(self.jobs[flow], source, ports).run(restart=restart)  # type: ignore[arg-type]

    def apply(self, flow: str, *ids: str, deleted: bool = False, origin: Origin = Origin.WEBHOOK) -> Result:
        """A page of ids straight into the engine."""
        items = tuple(Item(record_id, deleted=deleted) for record_id in ids)
        return self.engine(flow).apply(Page(flow, SHOP, items, origin))

    def _wrapped(self, port: Any, name: str) -> Any:
        return Wrapped(port, name, self.faults)

    # -- timers and workers -------------------------------------------------------------------------------------

    def work(self, flow: str, use: str = LIVE) -> Result | None:
        """One worker takes one message that is visible, if there is one; a killed worker leaves it there."""
        name = queue_name(use, flow)
        taken = self.state.queue_service.receive(name, 1, VISIBILITY_S)
        if not taken:
            return None
        with suppress(Killed):
            result = self.dispatch(flow).handle(from_text(taken[0].text), delivery=taken[0].times)
            self.state.queue_service.delete(name, taken[0])
            return result
        return Result(())

    def drain(self) -> int:
        """All workers, until no message is visible; returns how many messages there were."""
        done = 0
        busy = True
        while busy:
            busy = False
            for flow in self.jobs:
                for use in (LIVE, LOAD):
                    while self.work(flow, use) is not None:
                        done, busy = done + 1, True
        return done

    def round(self, *, passes_s: float = 61.0) -> int:
        """One tick of both timers and all work that is due, then time passes; returns the writes it made."""
        before = len(self.shopify.writes) + len(self.crm.writes)
        for flow in self.jobs:
            with suppress(Killed):
                self.tick(flow)
        self.drain()
        self.clock.sleep(passes_s)
        return len(self.shopify.writes) + len(self.crm.writes) - before

    def run(self, *, rounds: int = 40) -> int:
        """Rounds until nothing waits and one round writes nothing; returns how many it took."""
        for number in range(rounds):
            writes = self.round()
            if not writes and not self.waiting():
                return number
            if not writes:
                self.clock.sleep(600.0)
        raise AssertionError(f"still busy after {rounds} rounds: {self.waiting()} messages wait")

    def waiting(self) -> int:
        """Messages on all queues, hidden ones included."""
        return sum(self.state.queues.depth(flow) for flow in self.jobs)

    def send(self, flow: str, *ids: str, deleted: bool = False, table: str = "") -> None:
        """A webhook's message; `table`: what the ids are where they are not the flow's own."""
        named = {"deleted": ids} if deleted else {"ids": ids}
        self.state.queues.send(Message(flow, SHOP, Origin.WEBHOOK, table=table, **named))  # type: ignore[arg-type]

    # -- what a test asks ---------------------------------------------------------------------------------------

    def pair(self, *, shopify: str = "", crm: str = "") -> Pair | None:
        """The pair as it is stored."""
        kind = self.jobs[self.inward].rules.kind
        side, record_id = (Side.SHOPIFY, shopify) if shopify else (Side.CRM, crm)
        return self.state.crossrefs.load(SHOP, kind, side, [record_id]).get(record_id)

    def pairs(self) -> list[Pair]:
        """All living pairs."""
        kind = self.jobs[self.inward].rules.kind
        return [pair for pair in self.state.crossrefs.scan(SHOP, kind) if pair.state is PairState.PAIRED]

    def parked(self, flow: str) -> dict[str, str]:
        """Parked source ids and their error codes."""
        return {row.source_id: row.code for row in self.state.parked.list(SHOP, flow)}

    def writes(self) -> tuple[int, int]:
        """How many writes Shopify and CRM have had."""
        return len(self.shopify.writes), len(self.crm.writes)
