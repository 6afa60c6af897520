"""What both systems have to be like before a flow can work, and only their owner may change: asked, never made.

`setup` and `doctor` say the same sentences, each with its fix. Reads only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import product

from shared.dataverse import odata, rights
from shared.dataverse.definitions import Wanted
from shared.dataverse.examine import Examination
from shared.errors import AuthFailed
from shared.kinds import KINDS, Kind, kind_of
from shared.mapping.tables import stem_of
from shared.shopify.root_names import ALL_ORDERS
from shared.shopify.setup import ShopFacts
from shared.sync.flow import Flow, Mode
from shared.wiring import App

PRICED = ("variants", "orders", "documents")
"""Kinds that have prices."""
SKEW_S = 60.0
RECENT = timedelta(days=60)
"""So far back an app sees orders without the scope read_all_orders (shopify.dev/docs/api/usage/access-scopes)."""


def kinds(app: App) -> tuple[Kind, ...]:
    """The kinds of the flows that are not off, tables' among them; while every flow is off, all but tables'."""
    modes = app.settings.modes
    on = [flow for flow in app.flows if modes[flow.name] is not Mode.OFF] or app.flows
    fixed = dict.fromkeys(flow.kind for flow in on if not stem_of(flow.name))
    return (*(KINDS[kind] for kind in fixed), *(kind for kind, _ in tables(app)))


def tables(app: App) -> Sequence[tuple[Kind, Flow]]:
    """The kinds of the tables that are carried, as any shop has them, each with its flow."""
    on = [flow for flow in app.flows if stem_of(flow.name) and app.settings.modes[flow.name] is not Mode.OFF]
    return [(kind_of(app.rules(flow, shop)[0]), flow) for flow, shop in product(on, app.shopify)]


def names(app: App) -> tuple[str, ...]:
    """What these kinds are called, each once."""
    return tuple(dict.fromkeys(kind.name for kind in kinds(app)))


def of_tables(app: App) -> rights.Rights:
    """What the app's user has to be allowed to do with the tables that are carried."""
    return rights.of_wanted(sum((kind.wanted(()) for kind, _ in tables(app)), Wanted((), (), ())))


def of_shop(app: App, shop: str, facts: ShopFacts) -> Iterator[str]:
    """Scopes, the shop's own name, and its currency."""
    wanted = (each for kind in kinds(app) for each in kind.scopes)
    if missing := facts.missing_scopes(dict.fromkeys((*wanted, *_old_orders(app)))):
        yield f"Scopes are missing: {', '.join(missing)}. Grant them in your app's configuration and install it again."
    if facts.domain != shop:
        yield f"SHOPIFY_SHOPS says {shop}, the store says {facts.domain}: use the canonical domain."
    if set(names(app)) & set(PRICED):
        yield from _currency(app, facts.currency)


def _old_orders(app: App) -> Iterator[str]:
    since = app.settings.orders_since
    if "orders" in names(app) and since is not None and app.clock.now() - since > RECENT:
        yield ALL_ORDERS


def _currency(app: App, shops: str) -> Iterator[str]:
    """The shop's currency has to be in CRM, and the price list in it."""
    options = {"$select": "isocurrencycode", "$filter": f"isocurrencycode eq {odata.quoted(shops)} and statecode eq 0"}
    found = app.crm.get(odata.query("transactioncurrencies", options), name="currencies").data["value"]
    if not found:
        yield f"The store sells in {shops}, which CRM does not have: add it there (Settings, Currencies)."
    prices = app.price_list_currency()
    if shops != prices:
        yield (
            f"The store sells in {shops}, the price list of CRM_PRICE_LIST is in {prices}: "
            f"choose a price list in {shops}; prices are never converted."
        )


def of_user(app: App, found: Examination) -> Iterator[str]:
    """What the app's own user is not allowed to do.

    Only an application user is one of an app's: whoever else signs in here (a person at `ops`) may do other things.
    """
    options = {"$select": "applicationid", "$filter": f"systemuserid eq {found.user_id}"}
    users = app.crm.get(odata.query("systemusers", options), name="who this is").data["value"]
    if not any(user["applicationid"] for user in users):
        return
    try:
        lacking = rights.lacking(app.crm, found.user_id, rights.of_kinds(names(app), of_tables(app)))
    except AuthFailed:
        return  # a user may work without being allowed to see his own rights
    if lacking:
        yield (
            f"The app's user in CRM lacks {', '.join(lacking)}. Give its role these privileges for the whole "
            f"organization: python -m ops grant does; infra/dataverse/role.json has all but those on custom tables."
        )


def of_clocks(app: App, found: Examination) -> Iterator[str]:
    """Leases, overlaps and lags are measured by this machine's clock."""
    skew_s = (app.clock.now() - found.at).total_seconds()
    if abs(skew_s) > SKEW_S:
        direction = "ahead of" if skew_s > 0 else "behind"
        yield f"This machine's clock is {abs(skew_s):.0f} s {direction} Dataverse's: have it set by a time server."
