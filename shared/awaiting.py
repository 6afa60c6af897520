"""Whether a record that another one refers to exists, or is on its way.

Asks the state only, and neither system.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.flows import FLOWS
from shared.records import PairState, Side
from shared.state.store import State
from shared.sync.flow import Flow, Mode
from shared.sync.pausing import stopped
from shared.sync.poll import LISTING


def resolved(state: State, shop: str, source: Side, asked: set[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """The counterparts' ids of (kind, id on the source side), those without a pair left out."""
    found: dict[tuple[str, str], str] = {}
    for kind in {kind for kind, _ in asked}:
        ids = [record_id for of, record_id in asked if of == kind]
        for record_id, pair in state.crossrefs.load(shop, kind, source, ids).items():
            target_id = pair.id_on(source.other)
            if target_id is not None and pair.state is not PairState.INTENT:
                found[kind, record_id] = target_id
    return found


@dataclass(frozen=True, slots=True)
class Ways:
    """The flows from Shopify of one shop, as somebody sees them who waits for their records."""

    shop: str
    state: State
    modes: Mapping[str, Mode]

    def carried(self, kind: str) -> bool:
        """Whether its flow is on."""
        return self.modes[_flow_of(kind).name] is Mode.ON

    def running(self, kind: str) -> bool:
        """Whether it is not paused either."""
        return self.carried(kind) and stopped(self.state.switches, _flow_of(kind).name, self.shop) is None

    def awaited(self, kind: str, ids: Sequence[str]) -> set[str]:
        """Which of those records are on their way: their flow is on, and does not have them parked."""
        if not self.carried(kind):
            return set()
        return set(ids) - self.state.parked.known(self.shop, _flow_of(kind).name, ids).keys()

    def loading(self, kind: str) -> bool:
        """Whether the flow of that kind still lists all there is, or works on that, and is not paused."""
        flow = _flow_of(kind)
        done = self.state.cursors.get(self.shop, flow.name, LISTING).value.get("done")
        return (not done or self.state.queues.loads(flow.name) > 0) and self.running(kind)


def _flow_of(kind: str) -> Flow:
    return next(flow for flow in FLOWS if flow.kind == kind and flow.source is Side.SHOPIFY)
