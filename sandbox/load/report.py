"""What a run showed: a short table, and the promises that were broken. Pure: shots in, text out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sandbox.load.client import Shot

SHOPIFY_WAITS_MS = 5_000
"""https://shopify.dev/docs/apps/build/webhooks/subscribe/https: an answer later than this counts as none."""
DRAINED_MS = 1_000
"""How long after the last request was due the last answer may end: else the rate did not hold."""


@dataclass
class Phase:
    """One stretch of load: what was sent to both endpoints, how long it took, and the CPU seconds of each process."""

    name: str
    app: list[Shot]
    plain: list[Shot]
    seconds: float = 0.0
    cpu_s: Mapping[str, float] = field(default_factory=dict)

    @property
    def shots(self) -> list[Shot]:
        """All of both."""
        return [*self.app, *self.plain]


def table(phases: Sequence[Phase]) -> Iterator[str]:
    """The lines to print."""
    yield f"{'':22} {'answers':>8} {'p50 ms':>8} {'p99 ms':>8} {'slowest':>8}"
    for phase in phases:
        for name, shots in (("app", phase.app), ("only 200", phase.plain)):
            p50, p99, most = (_at(shots, share) for share in (0.5, 0.99, 1.0))
            yield f"{phase.name + ', ' + name:22} {len(shots):8} {p50:8.1f} {p99:8.1f} {most:8.1f}"
        ratios = [_at(phase.app, share) / _at(phase.plain, share) for share in (0.5, 0.99)]
        yield f"{'':22} {'ratio':>8} {ratios[0]:8.2f} {ratios[1]:8.2f}"
    for phase in phases:
        used = ", ".join(f"{name} {spent / phase.seconds:.0%}" for name, spent in phase.cpu_s.items())
        late = _late(phase.shots)
        yield f"{phase.name}: {phase.seconds:.1f} s; of one core: {used}; the client was late by {late:.1f} ms (p99)"
    yield f"statuses of the app: {dict(sorted(Counter(shot.status for phase in phases for shot in phase.app).items()))}"


def broken(phases: Sequence[Phase], found: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """Every promise that did not hold; `found`: how often each (flow, id) lay on a queue."""
    shots = [shot for phase in phases for shot in phase.shots]
    yield from (f"{count} times: {what}" for what, count in Counter(filter(None, (s.wrong for s in shots))).items())
    wanted = Counter(
        (shot.delivery.flow, shot.delivery.record_id)
        for phase in phases
        for shot in phase.app
        if shot.status == shot.delivery.status and shot.delivery.record_id
    )
    lost, twice = wanted - Counter(found), Counter(found) - wanted
    if lost or twice:
        yield f"{sum(lost.values())} accepted webhooks have no message, {sum(twice.values())} messages are too many"
    slow = sum(shot.latency_ms > SHOPIFY_WAITS_MS for phase in phases for shot in phase.app)
    if slow:
        yield f"{slow} answers took longer than the five seconds that Shopify waits"
    for phase in phases:
        drained = max(shot.done_s for shot in phase.app) - max(shot.due_s for shot in phase.app)
        if phase.name == "steady" and drained * 1000 > DRAINED_MS:
            yield f"the rate did not hold: the last answer came {drained:.1f} s after the last request"


def _at(shots: Sequence[Shot], share: float) -> float:
    latencies = sorted(shot.latency_ms for shot in shots)
    return latencies[min(len(latencies) - 1, int(len(latencies) * share))]


def _late(shots: Sequence[Shot]) -> float:
    late = sorted(shot.late_ms for shot in shots)
    return late[min(len(late) - 1, int(len(late) * 0.99))]
