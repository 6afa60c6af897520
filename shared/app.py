"""What each trigger of the app does: tick, receive, work, housekeeping, health. Also what `ops` calls.

Thin on purpose: it finds the job, hands it to polling or dispatching, and turns errors that concern a whole flow into
a pause with one alert. It never decides anything about a record.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import product

from shared import aside, intake, privacy, releasing, subscribing, watching, wiring
from shared.carrying import part_names
from shared.errors import Busy, Misconfigured, Rejected, Retryable, SchemaMismatch, SyncError, Unreadable
from shared.flows import FLOWS, flow_named
from shared.mapping.tables import stem_of
from shared.records import Message, Origin, RunRow, Verdict
from shared.state import queues
from shared.sync.comparing import in_window
from shared.sync.dispatch import CHUNK
from shared.sync.flow import Job, Mode
from shared.sync.pausing import POLL, as_down, stopped, works
from shared.sync.poll import PollReport
from shared.sync.work import Result
from shared.telemetry import correlated, metered

log = logging.getLogger("sync")

COLD_S = 60.0
"""The longest wait for what a new process has to ask before it can work."""


def tick(flow_name: str) -> None:
    """The timer: poll every shop's source of this flow, have a worker go on where more is left, release what was held.

    Where every shop is paused nothing was polled.
    """
    app = wiring.app()
    served = [shop.shop for shop in app.settings.shops if not app.state.switches.paused(shop.shop)]
    names = part_names(app.settings, flow_name)
    names = names if names == (flow_name,) else tuple(each for each in names if not app.state.switches.paused(each))
    reports = [poll(app, name, shop) for name, shop in product(names, served)]
    if served and all(report and not report.full for report in reports):
        watching.polled(app, flow_name)
    releasing.soon(app, flow_name)


def poll(
    app: wiring.App, flow_name: str, shop: str, *, restart: bool = False, compare: bool = False
) -> PollReport | None:
    """One bounded poll, or part of a comparison; None when the flow is off, paused, or in another instance's hands."""
    if app.settings.modes[flow_name] is Mode.OFF:
        return None
    try:
        job = app.job(flow_name, shop)
        if app.dispatch(job).paused():
            return None
        return poll_job(app, job, restart=restart, compare=compare)
    except Busy:
        log.info("poll left to another instance", extra={"flow": flow_name, "shop": shop})
    except Retryable as error:
        log.warning("poll comes back", extra={"flow": flow_name, "error": error.code, "why": error.in_log})
    except Misconfigured as error:
        app.pause(flow_name, error)
    except Rejected as error:  # of the question itself, for a poll names no record: asked again it fails again
        app.pause(flow_name, _question_refused(flow_name, error))
    return None


def _question_refused(flow_name: str, error: Rejected) -> SchemaMismatch:
    sentence = f"What {flow_name} polls with is refused: {error.sentence} `python -m ops mapping check` may say why."
    return SchemaMismatch(sentence, facts={**error.facts, "refused": error.code}, said=error.said)


def poll_job(app: wiring.App, job: Job, *, restart: bool = False, compare: bool = False) -> PollReport:
    """One bounded poll with its run row; what goes wrong is raised. Where more is left, a message says so.

    A comparison goes on behind the loads. Where the queues are full no message waits for room: what waits would itself
    take it. The next tick, or the next look at what is due, goes on.
    """
    started, origin = app.clock.now(), Origin.LOAD if compare else Origin.POLL
    with metered() as usage:
        report = (app.comparison(job) if compare else app.poll(job)).run(restart=restart)
    if report.pages:
        row = RunRow(
            shop=job.shop,
            flow=job.flow.name,
            run_id=app.ids.new(),
            origin=origin,
            started_at=started,
            duration_s=(app.clock.now() - started).total_seconds(),
            read=0,
            counts={verdict.value: 0 for verdict in Verdict},
            calls=usage.calls,
            points=usage.points,
        )
        app.state.runs.put(row)
    if report.more and report.pages:
        app.state.queues.send(Message(job.flow.name, job.shop, origin, poll=True), delay_s=1.0)
    works(app.state.switches, job.flow.name, usage.answered, by=POLL)
    return report


def work(flow_name: str, body: bytes, *, delivery: int = 1) -> None:
    """The queue worker and the loader: one message to its end; one that cannot be read is set aside."""
    app, text = wiring.app(), body.decode("utf-8", "replace")
    try:
        handle(app, flow_name, queues.from_text(text), delivery=delivery)
    except Unreadable as error:
        aside.put(app, flow_name, text, error)


def handle(app: wiring.App, flow_name: str, message: Message, *, delivery: int = 1) -> Result:
    """One message to its end, by whoever took it from a queue; returns what became of its records.

    All of it is logged and sent under the id of the webhook that asked for it. Raises Unreadable where it is not for
    this flow, or its page is gone or damaged.
    """
    with correlated(message.correlation_id):
        return _handled(app, flow_name, message, delivery)


def _handled(app: wiring.App, flow_name: str, message: Message, delivery: int) -> Result:
    aside.check(app, flow_name, message)
    flow_name = message.flow  # of a table, which has no queues of its own
    if message.notice:
        _notice(app, flow_name, message)
        return Result(())
    if message.poll:
        poll(app, flow_name, message.shop, compare=message.origin is Origin.LOAD)
        return Result(())
    off = app.settings.modes[flow_name] is Mode.OFF  # as of a table that is not carried any more
    if off or stopped(app.state.switches, flow_name, message.shop):  # before anything is asked: it may be what is down
        _hold(app, message)
        return Result(())
    try:
        job = app.job(flow_name, message.shop)
    except Misconfigured as error:
        app.pause(flow_name, error)
        _hold(app, message)
        return Result(())
    except Retryable as error:
        _cold(app, message, error)
        return Result(())
    return app.dispatch(job).handle(message, delivery=delivery)


def _notice(app: wiring.App, flow_name: str, message: Message) -> None:
    """Do what a notice asks; one that cannot be done is set aside with an alert, for it must not be forgotten."""
    try:
        privacy.carry_out(app, message)
    except Rejected as error:
        aside.put(app, flow_name, queues.to_text(message), error, notice=message.notice)


def _cold(app: wiring.App, message: Message, error: Retryable) -> None:
    """A new process could not be told what the flow needs: that lasts seconds, or it is an outage like any other."""
    log.warning("later", extra={"flow": message.flow, "error": error.code, "why": error.in_log})
    if down := as_down(error, message.failed):
        app.pause(message.flow, down)
        _hold(app, message)
    else:
        again = replace(message, failed=message.failed + 1)  # no try of its records: `attempt` stays
        app.state.queues.send(again, delay_s=min(COLD_S, max(1.0, error.retry_after_s)))


def _hold(app: wiring.App, message: Message) -> None:
    """Keep it for the resume; the time it waits there is nobody's failure and ends no retries."""
    app.state.queues.hold(replace(message, attempt=0, failed=0, first_at=None))


def receive(flow_name: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    """The webhook: verify, take the ids, one queue write per shop concerned, answer. The payload is never believed.

    Those that come while another one's write is under way share the next.
    What cannot be stored is answered with 503: Shopify repeats any failure, Dataverse (once) only 502, 503 and 504.
    """
    try:
        app = wiring.app()
        status, text, messages = intake.receive(app, flow_named(flow_name), headers, body)
        for message in messages:
            app.state.queues.send_together(replace(message, first_at=app.clock.now()))
        return status, text
    except SyncError as error:
        log.error("webhook not stored", extra={"flow": flow_name, "error": error.code})
        return 503, "not stored, send it again"


def housekeeping() -> None:
    """Sweep poison queues, release what may run again, delete what is past its time, and look for trouble.

    Each of these is done whatever becomes of the others; what failed is raised in the end, so that the host tells it.
    """
    app, failed, tasks = wiring.app(), list[Exception](), list[Callable[[], object]]()
    tasks += [partial(app.state.queues.drain_poison, flow.name, partial(_split, app, flow.name)) for flow in FLOWS]
    tasks += [partial(releasing.release, app, flow.name) for flow in FLOWS]
    for flow, shop in product(app.flows, app.settings.shops):
        tasks += [partial(do, app, flow.name, shop.shop) for do in (_compare, _remind, _forget)]
    tasks += [partial(watching.watch, app), partial(subscribing.look_after, app), partial(privacy.forget_shops, app)]
    for task in tasks:
        try:
            task()
        except Exception as error:  # noqa: BLE001 - the worst defect of one part must not keep the others from being done
            log.error("a part of housekeeping failed", extra={"error": type(error).__name__})
            failed.append(error)
    if failed:
        raise failed[0]


def _compare(app: wiring.App, flow_name: str, shop: str) -> None:
    """Have the loader begin the night's comparison, where it is time for it and the flow may run."""
    if app.settings.modes[flow_name] is not Mode.ON or not in_window(app.clock.now(), app.settings.compare_hour):
        return
    try:
        job = app.job(flow_name, shop)
        if not app.dispatch(job).paused() and app.comparison(job).due():
            app.state.queues.send(Message(flow_name, shop, Origin.LOAD, poll=True))
    except SyncError as error:
        log.warning("not compared", extra={"flow": flow_name, "error": error.code, "why": error.in_log})


def _remind(app: wiring.App, flow_name: str, shop: str) -> None:
    """Have the records read whose moment has come; they are noted anew if they are not done then."""
    if app.settings.modes[flow_name] is not Mode.ON or not flow_named(flow_name).reminded:
        return
    ids = app.state.due.ripe(shop, flow_name, app.clock.now())
    for start in range(0, len(ids), CHUNK):
        app.state.queues.send(Message(flow_name, shop, Origin.REMINDER, ids=tuple(ids[start : start + CHUNK])))
    if ids:  # a worker may have noted the next look of one by now
        still = set(app.state.due.ripe(shop, flow_name, app.clock.now()))
        app.state.due.remove(shop, flow_name, [each for each in ids if each in still])


def _forget(app: wiring.App, flow_name: str, shop: str) -> None:
    now = app.clock.now()
    app.state.runs.delete_older(shop, flow_name, now - timedelta(days=app.settings.runs_days))
    app.state.journal.delete_older(shop, flow_name, now - timedelta(days=app.settings.journal_days))


def _split(app: wiring.App, flow_name: str, text: str) -> None:
    """A message that kept failing is taken apart, or set aside; where its flow cannot even be made, it is held."""
    try:
        message = queues.from_text(text)
        aside.check(app, flow_name, message)
        if message.notice:  # its ids are one matter: taken apart they would be another
            if privacy.come_back(app, message):
                return
            raise Unreadable("Every worker failed on it.", facts={"notice": message.notice})
        app.dispatch(app.job(message.flow, message.shop)).poisoned(message)
    except Rejected as error:  # of the message itself: held and given back it would only fail again, for ever
        aside.put(app, flow_name, text, error, notice=str(error.facts.get("notice", "")))
    except SyncError as error:
        log.warning("poison held", extra={"flow": message.flow, "error": error.code, "why": error.in_log})
        app.state.queues.hold(message)
    except Exception as error:  # noqa: BLE001 - a defect that every worker met: it must not stop the sweep at every run
        aside.put(app, flow_name, text, Unreadable("Every worker failed on it.", facts={"cause": type(error).__name__}))


def health() -> tuple[int, str]:
    """200 and every flow's state, or 503 and the sentence that says what is missing."""
    try:
        app = wiring.app()
        flows = {
            flow.name: {
                "mode": app.settings.modes[flow.name].value,
                "paused": ": ".join(stopped(app.state.switches, flow.name, *app.shopify) or ()),
                "waiting": app.state.queues.depth(flow.name),
            }
            for flow in (*FLOWS, *(flow for flow in app.flows if stem_of(flow.name)))
        }
        alerts = [{"alert": kind, "target": target} for kind, target in app.state.alerts.open()]
        return 200, json.dumps({"ok": True, "flows": flows, "alerts": alerts})
    except SyncError as error:
        return 503, json.dumps({"ok": False, "error": error.code, "why": error.in_log})
