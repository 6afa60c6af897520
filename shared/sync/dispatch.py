"""The worker's half: turn a queue message into pages for the engine, and its verdicts into what happens next.

Records that failed for now come back as ids after a delay, bounded by age and then parked; a paused flow's messages
are held; trouble of the connection or the flow pauses it with one alert and keeps its queue. Never lets a message
end without a run row, a new message or a held one.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.errors import AuthFailed, Misconfigured, Retryable
from shared.records import Item, Message, Origin, Outcome, Page, ParkedRow, RunRow, Verdict
from shared.sync.engine import Engine
from shared.sync.flow import Job, Mode
from shared.sync.ports import Clock, Ids, Journal, Parked, Permits, Queues, Runs, Switches
from shared.sync.work import Result, merge
from shared.telemetry import Usage, metered

log = logging.getLogger("sync")

CHUNK = 100
"""Records handed to the engine at a time; between chunks a worker may stop and pass the rest on."""

NO_PERMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class DispatchPorts:
    """The state and the outside that dispatching needs."""

    queues: Queues
    journal: Journal
    runs: Runs
    parked: Parked
    switches: Switches
    permits: Permits
    clock: Clock
    ids: Ids


class Dispatch:
    """Handles messages of one job."""

    def __init__(self, job: Job, engine: Engine, ports: DispatchPorts) -> None:
        self._job = job
        self._engine = engine
        self._ports = ports

    def handle(self, message: Message, *, delivery: int = 1) -> Result:
        """One message, to its end. `delivery` above 1 means that a worker died or failed with it before."""
        reason = self.paused()
        if reason or self._job.mode is Mode.OFF:
            self._ports.queues.hold(message)
            return Result(())
        with self._ports.permits.hold(self._job.flow.source.other, load=message.origin is Origin.LOAD) as granted:
            if not granted:
                self._ports.queues.send(message, delay_s=NO_PERMIT_S)
                return Result(())
            return self._run(message, delivery)

    def paused(self) -> str:
        """Why this flow may not run now; empty when it may."""
        flow = self._job.flow
        targets = (flow.name, flow.source.value, flow.source.other.value)
        return next((reason for target in targets if (reason := self._ports.switches.paused(target))), "")

    def _run(self, message: Message, delivery: int) -> Result:
        started = self._ports.clock.now()
        with metered() as usage:
            result = merge(self._results(message, delivery, started))
        self._follow(message, result)
        self._record(message, result, started, usage)
        return result

    def _results(self, message: Message, delivery: int, started: datetime) -> list[Result]:
        """Apply the message's pages until they or the worker's time are used up, or the flow has to stop."""
        results: list[Result] = []
        try:
            for page, rest in self._pages(message, delivery):
                results.append(self._engine.apply(page, write=self._job.mode is Mode.ON))
                spent = (self._ports.clock.now() - started).total_seconds()
                if rest is not None and spent > self._job.timing.worker_s:
                    self._ports.queues.send(rest)
                    break
        except Misconfigured as error:
            self._pause(error)
            self._ports.queues.hold(message)
        except Retryable as error:
            self._again(message, error)
        return results

    def _pages(self, message: Message, delivery: int) -> Iterator[tuple[Page, Message | None]]:
        """The message's records in chunks, each with the message that stands for what comes after it."""
        page = self._open(message)
        items = page.items if delivery == 1 else tuple(replace(item, record=None) for item in page.items)
        for start in range(message.offset, len(items), CHUNK):
            end = start + CHUNK
            rest = replace(message, offset=end) if end < len(items) else None
            yield replace(page, items=items[start:end]), rest

    def _open(self, message: Message) -> Page:
        if message.blob:
            return self._ports.journal.get_page(message.blob)
        ids: Sequence[str] = message.ids
        if message.table:
            ids = self._job.source.members(message.table, ids)
        items = [Item(record_id) for record_id in ids]
        items += [Item(record_id, deleted=True) for record_id in message.deleted]
        return Page(message.flow, message.shop, tuple(items), message.origin)

    def _again(self, message: Message, error: Retryable) -> None:
        """The whole message comes back later: content is read live then."""
        log.warning("later", extra={"flow": message.flow, "error": error.code, "retry_after_s": error.retry_after_s})
        self._ports.queues.send(replace(message, attempt=message.attempt + 1), delay_s=error.retry_after_s)

    def _pause(self, error: Misconfigured) -> None:
        """Stop the flow, or the whole connection where its credentials are refused, with one alert."""
        side = error.facts.get("side")
        target = str(side) if isinstance(error, AuthFailed) and side else self._job.flow.name
        if not self._ports.switches.paused(target):
            self._ports.switches.pause(target, error.sentence)
            log.error("alert", extra={"alert": "paused", "target": target, "error": error.code, "why": error.sentence})

    def _follow(self, message: Message, result: Result) -> None:
        """Send what the verdicts ask for: retries of this flow, and work for the reverse flow."""
        self._retry(message, result.later())
        flow = self._job.flow
        if flow.reverse and self._job.reverse_on and (result.reverse or result.reverse_deleted):
            self._ports.queues.send(
                Message(
                    flow.reverse,
                    message.shop,
                    Origin.REVERSE,
                    ids=result.reverse,
                    deleted=result.reverse_deleted,
                    first_at=self._ports.clock.now(),
                    correlation_id=message.correlation_id,
                )
            )

    def _retry(self, message: Message, outcomes: Sequence[Outcome]) -> None:
        now = self._ports.clock.now()
        first_at = message.first_at or now
        if now - first_at > timedelta(seconds=self._job.timing.retry_age_s):
            self._ports.parked.put([self._too_old(message, outcome) for outcome in outcomes])
            return
        groups: dict[float, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            wait_s = outcome.error.retry_after_s if isinstance(outcome.error, Retryable) else 30.0
            groups[_rounded(wait_s)].append(outcome)
        for wait_s, group in groups.items():
            retry = Message(
                message.flow,
                message.shop,
                Origin.RETRY,
                ids=tuple(outcome.source_id for outcome in group if not outcome.deleted),
                deleted=tuple(outcome.source_id for outcome in group if outcome.deleted),
                attempt=message.attempt + 1,
                first_at=first_at,
                correlation_id=message.correlation_id,
            )
            self._ports.queues.send(retry, delay_s=min(3600.0, wait_s * 2 ** min(message.attempt, 6)))

    def _too_old(self, message: Message, outcome: Outcome) -> ParkedRow:
        now = self._ports.clock.now()
        facts = outcome.error.facts if outcome.error else {}
        return ParkedRow(
            shop=message.shop,
            flow=message.flow,
            kind=self._job.flow.kind,
            source_id=outcome.source_id,
            code=outcome.error.code if outcome.error else "Retryable",
            sentence=f"Tried for {self._job.timing.retry_age_s / 3600:.0f} hours: {outcome.reason}",
            facts=facts,
            attempts=message.attempt + 1,
            first_at=message.first_at or now,
            last_at=now,
            releases="a change of the record, or `parked retry`",
        )

    def _record(self, message: Message, result: Result, started: datetime, usage: Usage) -> None:
        now = self._ports.clock.now()
        run_id = self._ports.ids.new()
        told = [outcome for outcome in result.outcomes if outcome.verdict is not Verdict.UNCHANGED]
        blob = ""
        if told:
            blob = self._ports.journal.put_outcomes(message.shop, message.flow, run_id, result.outcomes)
        row = RunRow(
            shop=message.shop,
            flow=message.flow,
            run_id=run_id,
            origin=message.origin,
            started_at=started,
            duration_s=(now - started).total_seconds(),
            read=len(result.outcomes),
            counts=result.counts,
            calls=usage.calls,
            points=usage.points,
            outcomes_blob=blob,
        )
        self._ports.runs.put(row)


def _rounded(seconds: float) -> float:
    """Retries of one page travel together: waits are grouped to whole steps of five seconds."""
    return max(1.0, 5.0 * round(seconds / 5.0))
