"""Workers under damaged queue messages: no crash, no endless loop, no message that leaves no trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

import pytest

from sandbox.catalogue import CrmProduct, SeedProduct, SeedVariant
from shared import app as actions
from shared import wiring
from shared.flows import FLOWS
from shared.records import Message
from shared.state.limits import MESSAGE_BYTES
from shared.state.queues import LIVE, LOAD, POISON, from_text, queue_name
from tests.fuzz.messages import IN, OUT, Known, Put, damaged
from tests.support.memory import MemoryTable
from tests.support.plant import SHOP, Plant

DEQUEUES = 5
"""host.json's maxDequeueCount."""


@dataclass
class Workshop:
    """A plant with a few records on both sides, and its workers as the host runs them."""

    plant: Plant
    known: Known
    raised: list[str] = field(default_factory=list)
    calls: int = 0

    def put(self, sent: Put) -> None:
        self.plant.app.state.queue_service.send(queue_name(LIVE, sent.flow), sent.text)

    def work(self) -> None:
        """Until no message is left that is due, and none that comes back within two hours."""
        for _ in range(40):
            while any(self._one(use, flow.name) for flow in FLOWS for use in (LIVE, LOAD)):
                pass
            if not any(self.plant.app.state.queues.depth(flow.name) for flow in FLOWS):
                return
            self.plant.clock.advance(300)
        raise AssertionError("a message goes round and round")

    def _one(self, use: str, flow: str) -> bool:
        service, queue = self.plant.app.state.queue_service, queue_name(use, flow)
        taken = service.receive(queue, 1, 7_200)
        for each in taken:
            for delivery in range(1, DEQUEUES + 1):
                if self._tried(flow, each.text, delivery):
                    break
            else:
                service.send(queue + POISON, each.text)
            service.delete(queue, each)
        return bool(taken)

    def _tried(self, flow: str, text: str, delivery: int) -> bool:
        self.calls += 1
        try:
            actions.work(flow, text.encode(), delivery=delivery)
        except Exception as error:  # noqa: BLE001 - whatever it is, the host delivers the message again
            self.raised.append(f"{type(error).__name__}: {error}")
            return False
        return True

    def traces(self) -> tuple[int, int, int]:
        """What tells of messages: run rows, parked rows written, held messages."""
        tables, queues = self.plant.app.state.tables, self.plant.app.state.queues
        runs, parked = tables["runs"], tables["parked"]
        assert isinstance(runs, MemoryTable)
        assert isinstance(parked, MemoryTable)
        return len(runs._rows), parked._etags, sum(queues.held(flow.name) for flow in FLOWS)


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Twelve variants of four products, twelve rows, all paired."""
    plant = Plant()
    monkeypatch.setattr(wiring, "app", lambda: plant.app)
    with plant.shopify:
        for number in range(4):
            variants = tuple(SeedVariant(f"L{number}-{size}", Decimal(20 + number), (size,)) for size in "SML")
            plant.merchant.create(SeedProduct(f"Lamp {number}", "<p>Warm</p>", "ACTIVE", ("Size",), variants))
        plant.sales.create(CrmProduct("CHAIR-1", "Oak Chair", "Made to last.", Decimal("49.90")))
        plant.run()
        yield Workshop(plant, _known(plant))
    plant.crm.close()


def _known(plant: Plant) -> Known:
    nodes = plant.merchant.call("{ productVariants(first: 50) { nodes { id product { id } } } }")["productVariants"]
    tail = [(node["id"].rsplit("/", 1)[1], node["product"]["id"].rsplit("/", 1)[1]) for node in nodes["nodes"]]
    rows = [row["productid"] for row in plant.sales.get("products?$select=productid")["value"]]
    blobs = {flow: next(iter(sorted(_pages(plant, flow)))) for flow in (IN, OUT)}
    return Known(SHOP, [one for one, _ in tail], sorted({two for _, two in tail}), rows, blobs)


def _pages(plant: Plant, flow: str) -> Iterator[str]:
    for blob in plant.app.state.blobs.list(f"journal/{SHOP}/{flow}/"):
        yield blob.name


@pytest.mark.parametrize("cases", [range(400), pytest.param(range(400, 20_000), marks=pytest.mark.long)], ids=str)
@pytest.mark.timeout(1800)
def test_no_message_breaks_a_worker_or_vanishes(shop: Workshop, cases: range) -> None:
    """A message is worked, or it is parked and named; none is dropped, none makes a flow pause, none goes round."""
    writes = shop.plant.writes()
    for number in cases:
        sent = damaged(number, shop.known)
        if len(sent.text.encode()) > MESSAGE_BYTES:
            continue
        before, calls = shop.traces(), shop.calls
        shop.put(sent)
        shop.work()
        assert not shop.raised, f"case {number}: {shop.raised[0]} by {sent.text[:300]}"
        assert shop.calls - calls < 30, f"case {number}: {shop.calls - calls} times at work"
        assert shop.traces() != before or _polls(sent), f"case {number}: no trace of {sent.text[:300]}"
        paused = list(shop.plant.app.state.switches.all())
        assert not paused, f"case {number}: {paused} paused by {sent.text[:300]}"
    assert shop.plant.writes() == writes, "nothing had changed on either side"
    assert sum(shop.plant.app.state.queues.held(flow.name) for flow in FLOWS) == 0


def _polls(sent: Put) -> bool:
    """Whether it only asks to go on polling, which leaves no trace where nothing changed."""
    try:
        message: Message = from_text(sent.text)
    except Exception:  # noqa: BLE001 - the test's own question
        return False
    return message.poll is True
