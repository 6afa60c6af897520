"""`setup`: what both systems need before the first run, done, and what only their owner may do, named.

Run under an administrator. Every step looks first and is harmless to repeat, so a broken-off setup is simply run again.
Nothing here is used while records flow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from shared import prerequisites, subscribing
from shared.dataverse import setup as crm_setup
from shared.dataverse.definitions import Wanted
from shared.dataverse.examine import Examination, examine
from shared.dataverse.solution import SOLUTION
from shared.errors import SyncError
from shared.flows import FLOWS
from shared.kinds import KINDS, Kind
from shared.mapping.tables import FLOW as TABLES
from shared.records import Side
from shared.shopify.client import ShopifyClient
from shared.shopify.setup import ShopFacts, shop_facts
from shared.subscribing import Step as Step
from shared.subscribing import of_shop
from shared.sync.flow import Flow
from shared.wiring import UNINSTALLED, App


def set_up(app: App, *, dry_run: bool = False) -> Iterator[Step]:
    """Create what is missing on both sides, step by step. Raises Misconfigured members that name the fix."""
    for crm in crm_setup.in_turn(app.crm, app.metadata, wanted(app), dry_run=dry_run):
        yield Step("crm", crm.name, crm.needed, crm.done, crm.detail)
    if not dry_run:
        app.state.ensure(flow.name for flow in FLOWS)
    for shop, client in app.shopify.items():
        for kind, flow in _kinds(app):
            paths = app.rules(flow, shop)[0].paths(Side.SHOPIFY)
            for step in kind.definitions(client, paths, dry_run=dry_run):
                yield of_shop(shop, step)
    yield from subscribe(app, dry_run=dry_run)
    if not dry_run:
        yield from _installed_again(app)
    yield from _checks(app)


def _checks(app: App) -> Iterator[Step]:
    """What nobody but their owner may change in both systems, each looked at and named where it is wrong."""
    yield from _check("crm", "settings of the organization", lambda: _examined(app).problems)
    rights = "rights of the app's user, where it runs this"
    yield from _check("crm", rights, lambda: prerequisites.of_user(app, _examined(app)))
    for shop, client in app.shopify.items():
        facts = partial(prerequisites.of_shop, app, shop)
        yield from _check(f"shopify {shop}", "scopes and currency", partial(_asked, client, facts))


def _asked(client: ShopifyClient, problems: Callable[[ShopFacts], Iterable[str]]) -> Iterable[str]:
    return problems(shop_facts(client))


def _examined(app: App) -> Examination:
    return examine(app.crm, app.metadata, ())


def _check(side: str, name: str, problems: Callable[[], Iterable[str]]) -> Iterator[Step]:
    try:
        wrong = list(problems())
    except SyncError as error:
        wrong = [error.sentence]
    for each in wrong:
        yield Step(side, name, needed=True, done=False, detail=each)
    if not wrong:
        yield Step(side, name, needed=False, done=False, detail="fit")


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
    """What all kinds together need in CRM; a table's only where it is carried."""
    keys = [shop.key for shop in app.settings.shops]
    return sum((kind.wanted(keys) for kind, _ in _kinds(app)), Wanted((), (), (), SOLUTION))


def _kinds(app: App) -> Sequence[tuple[Kind, Flow]]:
    """Every kind that a flow carries, with one of its flows; of tables those that are carried now, for any shop."""
    fixed = {flow.kind: flow for flow in reversed(FLOWS) if flow.name != TABLES}
    return [*((KINDS[kind], flow) for kind, flow in fixed.items()), *prerequisites.tables(app)]


def subscribe(app: App, *, dry_run: bool = False) -> Iterator[Step]:
    """The last steps of `setup`, and all of it that follows from where the app listens: webhooks of both systems."""
    if not subscribing.places(app):
        yield Step("webhooks", subscribing.OFF, needed=False, done=False)
    for place in subscribing.places(app):
        yield from subscribing.webhooks(app, place, dry_run=dry_run)
    if subscribing.places(app) and not dry_run:
        subscribing.note(app)


def set_up_needed(app: App) -> list[str]:
    """The CRM steps that `setup` would still do."""
    return [step.name for step in crm_setup.set_up(app.crm, app.metadata, wanted(app), dry_run=True) if step.needed]
