"""`doctor`: one line for everything that has to be right, and for each thing that is wrong a sentence with its fix.

Asks, and changes nothing but missing tables and queues of the app's own storage. Never raises a SyncError: what cannot
be examined is a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from shared import prerequisites, subscribing, watching
from shared.dataverse import setup as crm_setup
from shared.dataverse.examine import Examination, examine
from shared.errors import SyncError
from shared.flows import FLOWS
from shared.install import set_up_needed, wanted
from shared.records import Side
from shared.shopify.setup import shop_facts
from shared.sync.flow import Flow, Job, Mode
from shared.sync.pausing import advice, stopped
from shared.sync.poll import LISTING, RULES
from shared.wiring import App

ELSEWHERE = frozenset({"paused", "held", "forgotten", "webhooks", "api_version", "queue"})
"""Alerts about what is examined here itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding: fine, or a sentence that names the fix."""

    area: str
    fine: bool
    sentence: str


Check = Callable[[], tuple[Iterable[str], str]]
"""What is wrong in an area, and what is said of it where nothing is."""


def doctor(app: App) -> list[Finding]:
    """Examine settings, storage, both systems, clocks, rights, versions, webhooks, and every flow."""
    found: list[Finding] = []
    checks: dict[str, Check] = {
        "settings": partial(_settings, app), "storage": partial(_storage, app), "queues": partial(_queues, app),
        "alerts": partial(_alerts, app), "crm": partial(_crm, app), "crm rights": partial(_rights, app),
        "clocks": partial(_clocks, app),
    }  # fmt: skip
    for shop in app.shopify:
        checks[f"shopify {shop}"] = partial(_shopify, app, shop)
        checks[f"api version {shop}"] = partial(_version, app, shop)
    several = len(app.shopify) > 1
    for flow in app.flows:
        for shop in app.shopify:
            checks[f"{flow.name} {shop}" if several else flow.name] = partial(_flow, app, flow, shop)
    for place in subscribing.places(app):
        checks[f"webhooks {place}"] = partial(_webhooks, app, place)
    for area, check in checks.items():
        found += _findings(area, check)
    if not subscribing.places(app):
        found.append(Finding("webhooks", fine=True, sentence=subscribing.OFF))
    return found


def _findings(area: str, check: Check) -> list[Finding]:
    """One area's problems, or the sentence that it is fine."""
    try:
        problems, fine = check()
        wrong = list(problems)
    except SyncError as error:
        wrong, fine = [error.sentence], ""
    return [Finding(area, fine=False, sentence=each) for each in wrong] or [Finding(area, fine=True, sentence=fine)]


def _settings(app: App) -> tuple[Iterable[str], str]:
    modes = app.settings.modes
    by_mode = [(mode.value, [name for name, its in modes.items() if its is mode]) for mode in (Mode.ON, Mode.PLAN)]
    told = [f"{mode}: {', '.join(names)}" for mode, names in by_mode if names]
    shops = ", ".join(app.shopify)
    return (), f"complete; shops: {shops}; {'; '.join(told) or 'every flow is off'}"


def _storage(app: App) -> tuple[Iterable[str], str]:
    app.state.ensure(flow.name for flow in FLOWS)
    return (), "tables, queues and blobs answer"


def _queues(app: App) -> tuple[Iterable[str], str]:
    most = app.settings.limits.queue
    waiting = {flow.name: app.state.queues.depth(flow.name) for flow in FLOWS}
    kept = sum(app.state.queues.held(flow.name) for flow in FLOWS)
    wrong = [
        f"{count} messages wait for {name}: see whether its workers run (`python -m ops runs {name}`)."
        for name, count in waiting.items()
        if count > most
    ]
    return wrong, f"messages waiting: {sum(waiting.values())}, kept for paused flows: {kept}"


def _alerts(app: App) -> tuple[Iterable[str], str]:
    told = [
        f"{kind} of {target}: {why}" for (kind, target), why in app.state.alerts.open().items() if kind not in ELSEWHERE
    ]
    return told, "none is open"


def _examined(app: App) -> Examination:
    return examine(app.crm, app.metadata, wanted(app).tracked)


def _crm(app: App) -> tuple[Iterable[str], str]:
    found = _examined(app)
    return _crm_problems(app, found), f"Dataverse {found.version} answers, set up, its settings fit"


def _crm_problems(app: App, found: Examination) -> Iterator[str]:
    yield from found.problems
    keyed, made = {key.table for key in wanted(app).keys}, {table.name for table in wanted(app).tables}
    for table in sorted({*keyed, *(each for kind in prerequisites.kinds(app) for each in kind.looked_up)}):
        if problem := _unreadable(app, table):
            yield f"{problem} Run: python -m ops setup" if table in made else problem
    for step in set_up_needed(app):
        yield f"Not set up yet: {step}. Run: python -m ops setup"
    yield from crm_setup.inactive(app.metadata, wanted(app))


def _unreadable(app: App, table: str) -> str:
    """Why a table cannot be read; empty where it can."""
    try:
        known = app.metadata.table(table)
        app.crm.get(f"{known.entity_set}?$select={known.id_column}&$top=1", name=f"read {table}")
    except SyncError as error:
        return error.sentence
    return ""


def _rights(app: App) -> tuple[Iterable[str], str]:
    return prerequisites.of_user(app, _examined(app)), f"enough for {', '.join(prerequisites.names(app))}"


def _clocks(app: App) -> tuple[Iterable[str], str]:
    return prerequisites.of_clocks(app, _examined(app)), "this machine's and Dataverse's agree"


def _shopify(app: App, shop: str) -> tuple[Iterable[str], str]:
    facts = shop_facts(app.shopify[shop])
    return prerequisites.of_shop(app, shop, facts), f"the store answers, scopes granted, sells in {facts.currency}"


def _version(app: App, shop: str) -> tuple[Iterable[str], str]:
    why = watching.version(app, shop)
    asked = app.shopify[shop].version
    ends = watching.end_of(asked)
    return ([why] if why else []), f"{asked}, served until {ends:%Y-%m-%d} at least" if ends else asked


def _flow(app: App, flow: Flow, shop: str) -> tuple[Iterable[str], str]:
    job = app.job(flow.name, shop)
    runs = app.state.runs.last(shop, flow.name, 1)
    last = f"last run {runs[0].started_at:%Y-%m-%d %H:%M} UTC" if runs else "never ran"
    return _flow_problems(app, job), f"mode {job.mode.value}; its mapping can be used; {last}; nothing is parked"


def _flow_problems(app: App, job: Job) -> Iterator[str]:
    name, shop = job.flow.name, job.shop
    yield from _unknown(app, job)
    if app.state.cursors.get(shop, name, LISTING).value.get(RULES, job.rules.digest) != job.rules.digest:
        yield (
            "Its mapping changed since everything was listed: records that do not change keep what the one before "
            f"wrote. To bring all into line: python -m ops sync {name} --all"
        )
    if paused := stopped(app.state.switches, name, shop):
        yield advice(paused)
    elif job.mode is not Mode.OFF:
        yield from _silent(app, job.flow)
    if parked := sum(1 for _ in app.state.parked.list(shop, name)):
        yield f"{parked} records are parked. See: python -m ops parked list {name}"


def _unknown(app: App, job: Job) -> Iterator[str]:
    """Paths that the mapping names and a system does not have."""
    shopify, crm = app.bare(job.shop, job.rules)
    for side, entity in ((Side.SHOPIFY, shopify), (Side.CRM, crm)):
        unknown = [path for path in job.rules.paths(side) if entity.describe(path) is None]
        if unknown:
            yield (
                f"Its mapping names what {side.value} does not have: {', '.join(unknown[:5])}. "
                f"See: python -m ops mapping check {job.flow.name}"
            )


def _silent(app: App, flow: Flow) -> Iterator[str]:
    """A timer that ran once and does not any more; one that never ran is no news before the flow was switched on."""
    polled = app.state.notes.all().get(f"poll {flow.served_by}", {}).get("at")
    most = timedelta(minutes=app.settings.limits.poll_min)
    if polled is not None and app.clock.now() - polled > most:
        yield (
            f"It has not finished a poll since {polled:%Y-%m-%d %H:%M} UTC. See whether the app runs, and its timer "
            f"({flow.setting}_SCHEDULE); `python -m ops sync {flow.name}` shows what stops it."
        )


def _webhooks(app: App, place: str) -> tuple[Iterable[str], str]:
    steps = subscribing.webhooks(app, place, dry_run=True)
    return (subscribing.complaint(step) for step in steps if step.needed), "changes are told to this app"
