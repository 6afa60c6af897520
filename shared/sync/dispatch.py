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

from shared.errors import Misconfigured, Retryable, TooManyDeletes
from shared.records import Item, Message, Origin, Outcome, Page, RunRow, Verdict
from shared.sync.engine import Engine
from shared.sync.flow import Job, Mode
from shared.sync.giving_up import alone, given_up, parts
from shared.sync.members import members
from shared.sync.pausing import as_down, connection, has_written, is_news, stop, stopped, works
from shared.sync.ports import ROWS_OF, Clock, CrossRefs, Ids, Journal, Parked, Permits, Queues, Runs, Switches
from shared.sync.trying import BACKGROUND, delay, rounded, tried_at
from shared.sync.work import Result, merge
from shared.telemetry import Usage, metered

log = logging.getLogger("sync")

CHUNK = 100
"""Records handed to the engine at a time; between chunks a worker may stop and pass the rest on."""

ONCE_MORE_S = 900.0
"""After how long a record is tried again that failed every worker: what fails everything by then may be mended."""

NO_PERMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class DispatchPorts:
    """The state and the outside that dispatching needs."""

    queues: Queues
    journal: Journal
    runs: Runs
    parked: Parked
    crossrefs: CrossRefs
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
            self._hold(message)
            return Result(())
        with self._ports.permits.hold(self._job.flow.source.other, load=message.origin in BACKGROUND) as granted:
            if not granted:
                self._ports.queues.send(message, delay_s=NO_PERMIT_S)
                return Result(())
            return self._run(message, delivery)

    def poisoned(self, message: Message) -> None:
        """A message that kept failing: it is split, and what fails again too; a record that fails alone is parked.

        Not at the first time: a defect that fails every message makes one of each. It comes once more, after a while.
        """
        items, table = self._suspects(message)
        if len(items) != 1 or message.poisoned:
            self._take_apart(message, items, table)
            return
        for once_more in parts(replace(message, poisoned=1), items, self._since(message), table=table):
            self._ports.queues.send(once_more, delay_s=ONCE_MORE_S)

    def _take_apart(
        self, message: Message, items: Sequence[Item], table: str, error: Misconfigured | None = None
    ) -> None:
        """Have its records come back in smaller messages; one that is alone is parked, for what it was refused with."""
        if len(items) == 1:
            outcome = alone(message, items[0], error)
            self._ports.parked.put([given_up(self._job, message, outcome, "", self._ports.clock.now(), table=table)])
            return
        for part in parts(message, items, self._since(message), table=table):
            self._ports.queues.send(part)

    def _suspects(self, message: Message) -> tuple[Sequence[Item], str]:
        """The records of a message that kept failing; where they cannot even be found, the rows it names, and whose."""
        try:
            return self._open(message).items[message.offset :], ""
        except (Retryable, Misconfigured):
            if not message.table:
                raise
        items = [Item(each) for each in message.ids] + [Item(each, deleted=True) for each in message.deleted]
        return items, message.table

    def paused(self) -> str:
        """Why this flow may not run now; empty when it may."""
        paused = stopped(self._ports.switches, self._job.flow.name, self._job.shop)
        return paused[1] if paused else ""

    def _run(self, message: Message, delivery: int) -> Result:
        started = self._ports.clock.now()
        with metered() as usage:
            result = merge(self._results(message, delivery, started, usage))
        self._follow(message, result)
        self.record(message, result, started, usage)
        return result

    def _results(self, message: Message, delivery: int, started: datetime, usage: Usage) -> list[Result]:
        """Apply the message's pages until they or the worker's time are used up, or the flow has to stop."""
        results: list[Result] = []
        here = message
        try:
            for page, rest in self._pages(message, delivery):
                result = self._engine.apply(page, write=self._job.mode is Mode.ON)
                if result.trouble is not None:  # its records that have to come back do so with the message
                    done = tuple(each for each in result.outcomes if each.verdict is not Verdict.LATER)
                    results.append(replace(result, outcomes=done))
                    raise result.trouble
                results.append(result)
                spent = (self._ports.clock.now() - started).total_seconds()
                if rest is not None and spent > self._job.timing.worker_s:
                    self._ports.queues.send(rest)
                    break
                here = rest or here
        except Misconfigured as error:
            self._refused(here, error)
        except Retryable as error:
            self._again(here, error)
        else:
            works(self._ports.switches, self._job.flow.name, usage.answered)
            self._found_again(message)
        return results

    def _pages(self, message: Message, delivery: int) -> Iterator[tuple[Page, Message | None]]:
        """The message's records in chunks, each with the message that stands for what comes after it."""
        page = replace(self._open(message), tried_at=tried_at(message))
        items = page.items if delivery == 1 else tuple(replace(item, record=None) for item in page.items)
        for start in range(message.offset, len(items), CHUNK):
            end = start + CHUNK
            rest = _of(message, items, end) if end < len(items) else None
            yield replace(page, items=items[start:end]), rest

    def _open(self, message: Message) -> Page:
        if message.blob:
            return self._ports.journal.get_page(message.blob)
        deleted = tuple(Item(record_id, deleted=True) for record_id in message.deleted)
        page = Page(message.flow, message.shop, deleted, message.origin, seen_at=message.seen_at, turn=message.turn)
        if not message.table:
            return replace(page, items=(*(Item(record_id) for record_id in message.ids), *deleted))
        found = members(self._job, self._ports.crossrefs, message.table, message.ids)
        selection = self._job.source.selection
        return replace(page, items=(*found.items, *deleted), read_at=found.read_at, selection=selection)

    def _since(self, message: Message) -> datetime:
        """When this work failed first: the age that bounds retries does not count waiting before the first try."""
        return message.first_at if message.attempt and message.first_at else self._ports.clock.now()

    def _too_old(self, message: Message) -> bool:
        age = self._ports.clock.now() - self._since(message)
        return age > timedelta(seconds=self._job.timing.retry_age_s)

    def _hold(self, message: Message) -> None:
        """Keep it for the resume; the time it waits there is nobody's failure."""
        self._ports.queues.hold(replace(message, attempt=0, failed=0, first_at=None))

    def _refused(self, message: Message, error: Misconfigured) -> None:
        """Hold the message until the flow goes on. One that stops it again is itself the trouble: it is taken apart.

        Only where the flow has written since, which a loss of access keeps it from, however often somebody resumes it.
        """
        ports, name = self._ports, self._job.flow.name
        if is_news(ports.switches, name, error) and has_written(ports.runs, message):
            self._take_apart(message, *self._suspects(message), error)
            return
        stop(ports.switches, name, error)
        self._hold(message if isinstance(error, TooManyDeletes) else replace(message, refused_at=ports.clock.now()))

    def _found_again(self, message: Message) -> None:
        """What a message about another table was parked as, where its records were not found, is over with it."""
        if message.table and not message.blob:
            rows = self._ports.parked.known(message.shop, message.flow, [*message.ids, *message.deleted]).values()
            self._ports.parked.remove([row for row in rows if row.facts.get(ROWS_OF) == message.table])

    def _again(self, message: Message, error: Retryable) -> None:
        """The whole message comes back later, where content is read live, until its time is over.

        One that stops a connection again, which has worked meanwhile, is itself the trouble: it is taken apart.
        """
        log.warning("later", extra={"flow": message.flow, "error": error.code, "retry_after_s": error.retry_after_s})
        down = as_down(error, message.failed)
        if down is not None and message.storms and not self._ports.switches.troubled(connection(down)):
            self._take_apart(message, *self._suspects(message))
            return
        if down is not None:
            stop(self._ports.switches, self._job.flow.name, down)
            self._hold(replace(message, storms=message.storms + 1))
            return
        if self._too_old(message):
            self._give_up_all(message, error)
            return
        retry = replace(message, attempt=message.attempt + 1, failed=message.failed + 1, first_at=self._since(message))
        self._ports.queues.send(retry, delay_s=delay(error, message.attempt))

    def _give_up_all(self, message: Message, error: Retryable) -> None:
        """Park every record of the message; a message about another table's rows is parked under their ids."""
        if message.blob:
            page = self._ports.journal.get_page(message.blob)
            items: Sequence[Item] = page.items[message.offset :]
        else:
            items = [Item(record_id) for record_id in message.ids]
            items = [*items, *(Item(record_id, deleted=True) for record_id in message.deleted)][message.offset :]
        outcomes = [Outcome(i.id, Verdict.LATER, error.sentence, error=error, deleted=i.deleted) for i in items]
        self._park_old(message, outcomes, table=message.table)

    def _follow(self, message: Message, result: Result) -> None:
        """Send what the verdicts ask for: retries of this flow, and work for the reverse flow."""
        self._retry(message, result.later())
        self.wake(message, result)
        if result.freed:
            self._ports.parked.remove(result.freed)

    def wake(self, message: Message, result: Result) -> None:
        """Have others look whom the verdicts concern: records of this flow, and the reverse flow."""
        flow, now = self._job.flow, self._ports.clock.now()
        about = Message(flow.name, message.shop, Origin.RETRY, first_at=now, correlation_id=message.correlation_id)
        if result.again:
            self._ports.queues.send(replace(about, ids=result.again, turn=message.turn + 1))
        if flow.reverse and self._job.reverse_on and (result.reverse or result.reverse_deleted):
            back = replace(about, flow=flow.reverse, origin=Origin.REVERSE)
            self._ports.queues.send(replace(back, ids=result.reverse, deleted=result.reverse_deleted))

    def _retry(self, message: Message, outcomes: Sequence[Outcome]) -> None:
        if outcomes and self._too_old(message):
            self._park_old(message, outcomes)
            return
        groups: dict[float, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            groups[rounded(delay(outcome.error, message.attempt))].append(outcome)
        for wait_s, group in groups.items():
            retry = Message(
                message.flow,
                message.shop,
                Origin.RETRY,
                ids=tuple(outcome.source_id for outcome in group if not outcome.deleted),
                deleted=tuple(outcome.source_id for outcome in group if outcome.deleted),
                attempt=message.attempt + 1,
                turn=message.turn,
                first_at=self._since(message),
                correlation_id=message.correlation_id,
            )
            self._ports.queues.send(retry, delay_s=wait_s)

    def _park_old(self, message: Message, outcomes: Sequence[Outcome], *, table: str = "") -> None:
        tried, now = f"Tried for {self._job.timing.retry_age_s / 3600:.0f} hours: ", self._ports.clock.now()
        self._ports.parked.put([given_up(self._job, message, outcome, tried, now, table=table) for outcome in outcomes])

    def record(self, message: Message, result: Result, started: datetime, usage: Usage) -> None:
        """Store the run's row, and its verdicts where any record is not as it was."""
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
            planned=self._job.mode is Mode.PLAN,
        )
        self._ports.runs.put(row)


def _of(message: Message, items: Sequence[Item], start: int) -> Message:
    """The message for the records from `start` on; those found through another table are named, they may change."""
    if not message.table:
        return replace(message, offset=start)
    ids = tuple(item.id for item in items[start:] if not item.deleted)
    deleted = tuple(item.id for item in items[start:] if item.deleted)
    return replace(message, table="", offset=0, ids=ids, deleted=deleted)
