"""`setup` and `doctor`: what both systems need before the first run, done or named. Run under an administrator.

Every step looks first and is harmless to repeat. Nothing here is used while records flow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from shared import subscribing
from shared.dataverse import setup as crm_setup
from shared.dataverse.definitions import Wanted
from shared.dataverse.examine import examine
from shared.errors import SyncError
from shared.flows import FLOWS
from shared.kinds import KINDS
from shared.records import Side
from shared.shopify.setup import shop_facts
from shared.subscribing import Step as Step
from shared.subscribing import of_shop
from shared.sync.flow import Flow
from shared.sync.pausing import advice, stopped
from shared.sync.poll import LISTING, RULES
from shared.wiring import UNINSTALLED, App


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of `doctor`: fine, or a sentence that names the fix."""

    area: str
    fine: bool
    sentence: str


def set_up(app: App, *, dry_run: bool = False) -> Iterator[Step]:
    """Create what is missing on both sides, step by step. Raises Misconfigured members that name the fix."""
    for crm in crm_setup.set_up(app.crm, app.metadata, wanted(app), dry_run=dry_run):
        yield Step("crm", crm.name, crm.needed, crm.done, crm.detail)
    if not dry_run:
        app.state.ensure(flow.name for flow in FLOWS)
    for shop, client in app.shopify.items():
        for kind, flow in _kinds().items():
            paths = app.rules(flow, shop)[0].paths(Side.SHOPIFY)
            for step in KINDS[kind].definitions(client, paths, dry_run=dry_run):
                yield of_shop(shop, step)
    yield from subscribe(app, dry_run=dry_run)
    if not dry_run:
        yield from _installed_again(app)


def _installed_again(app: App) -> Iterator[Step]:
    """Shops that answered although their app had been uninstalled are served again."""
    for name in [name for name in app.state.notes.all() if name.startswith(f"{UNINSTALLED} ")]:
        shop = name.partition(" ")[2]
        if shop in app.shopify:
            app.state.switches.resume(shop)
            app.state.notes.remove(name)
            app.state.alerts.settle({(UNINSTALLED, shop): ""})
            yield Step(f"shopify {shop}", "served again", needed=True, done=True)


def wanted(app: App) -> Wanted:
    """What all kinds together need in CRM."""
    keys = [shop.key for shop in app.settings.shops]
    parts = [KINDS[kind].wanted(keys) for kind in _kinds()]
    return Wanted(
        tuple(dict.fromkeys(column for part in parts for column in part.columns)),
        tuple(key for part in parts for key in part.keys),
        tuple(table for part in parts for table in part.tracked),
        tables=tuple(table for part in parts for table in part.tables),
    )


def _kinds() -> Mapping[str, Flow]:
    """Every kind that a flow carries, with one of its flows."""
    return {flow.kind: flow for flow in reversed(FLOWS)}


def subscribe(app: App, *, dry_run: bool = False) -> Iterator[Step]:
    """The last steps of `setup`, and all of it that follows from where the app listens: webhooks of both systems."""
    if not subscribing.places(app):
        yield Step("webhooks", subscribing.OFF, needed=False, done=False)
    for place in subscribing.places(app):
        yield from subscribing.webhooks(app, place, dry_run=dry_run)
    if subscribing.places(app) and not dry_run:
        subscribing.note(app)


def doctor(app: App) -> list[Finding]:
    """Examine settings, state, both systems and every flow's mapping; never raises a SyncError."""
    findings: list[Finding] = []
    _try(findings, "storage", lambda: _storage(app), "tables, queues and blobs answer")
    _try(findings, "crm", lambda: _crm(app), "Dataverse answers and its settings fit")
    for shop in app.settings.shops:
        _try(findings, f"shopify {shop.shop}", partial(_shopify, app, shop.shop), "the store answers, scopes granted")
        for flow in FLOWS:
            sentence = f"its mapping can be used; mode {app.settings.modes[flow.name].value}"
            _try(findings, flow.name, partial(_flow, app, flow.name, shop.shop), sentence)
    for place in subscribing.places(app):
        _try(findings, f"webhooks {place}", partial(_webhooks, app, place), "changes are told to this app")
    if not subscribing.places(app):
        findings.append(Finding("webhooks", fine=True, sentence=subscribing.OFF))
    return findings


def _try(findings: list[Finding], area: str, work: Callable[[], Iterable[str]], sentence: str) -> None:
    """One area's problems, or the sentence that it is fine."""
    try:
        problems = list(work())
    except SyncError as error:
        problems = [error.sentence]
    findings += [Finding(area, fine=False, sentence=problem) for problem in problems]
    if not problems:
        findings.append(Finding(area, fine=True, sentence=sentence))


def _storage(app: App) -> Iterable[str]:
    app.state.ensure(flow.name for flow in FLOWS)
    return ()


def _crm(app: App) -> Iterable[str]:
    yield from examine(app.crm, app.metadata, wanted(app).tracked).problems
    tables = {*(key.table for key in wanted(app).keys), *(each for kind in _kinds() for each in KINDS[kind].looked_up)}
    yield from (problem for table in sorted(tables) if (problem := _unreadable(app, table)))
    for step in set_up_needed(app):
        yield f"Not set up yet: {step}. Run: python -m ops setup"


def _unreadable(app: App, table: str) -> str:
    """Why a table cannot be read; empty where it can."""
    try:
        known = app.metadata.table(table)
        app.crm.get(f"{known.entity_set}?$select={known.id_column}&$top=1", name=f"read {table}")
    except SyncError as error:
        return error.sentence
    return ""


def set_up_needed(app: App) -> list[str]:
    """The CRM steps that `setup` would still do."""
    return [step.name for step in crm_setup.set_up(app.crm, app.metadata, wanted(app), dry_run=True) if step.needed]


def _shopify(app: App, shop: str) -> Iterable[str]:
    facts = shop_facts(app.shopify[shop])
    scopes = facts.missing_scopes(dict.fromkeys(each for kind in _kinds() for each in KINDS[kind].scopes))
    if scopes:
        yield f"Scopes are missing: {', '.join(scopes)}. Grant them in your app's configuration and install it again."
    if facts.domain != shop:
        yield f"SHOPIFY_SHOPS says {shop}, the store says {facts.domain}: use the canonical domain."
    currency = app.price_list_currency()
    if facts.currency != currency:
        yield (
            f"The store sells in {facts.currency}, the price list of CRM_PRICE_LIST is in {currency}: "
            f"choose a price list in {facts.currency}; prices are never converted."
        )


def _flow(app: App, flow: str, shop: str) -> Iterable[str]:
    job = app.job(flow, shop)
    if app.state.cursors.get(shop, flow, LISTING).value.get(RULES, job.rules.digest) != job.rules.digest:
        yield (
            "Its mapping changed since everything was listed: records that do not change keep what the one before "
            f"wrote. To bring all into line: python -m ops sync {flow} --all"
        )
    if paused := stopped(app.state.switches, flow, shop):
        yield advice(paused)


def _webhooks(app: App, place: str) -> Iterable[str]:
    steps = subscribing.webhooks(app, place, dry_run=True)
    return (subscribing.complaint(step) for step in steps if step.needed)
