"""What a fresh database is born with: an organization, currencies, users, units, a price list.

A trial organization has such basics; which ones exactly, with which names and settings, is an assumption written
down in docs/sandbox-dataverse.md.
"""

from __future__ import annotations

import uuid
from decimal import Decimal

from .clock import NAMESPACE
from .context import Actor, Context, Core
from .messages.roles import make_privileges
from .metadata.model import Table
from .store import Row
from .writes.bulk import messages
from .writes.rows import create_row

ACTORS = {"app": ("Sync", "Application"), "salesperson": ("Sam", "Seller"), "admin": ("Ada", "Administrator")}
MESSAGES = ("Create", "Update", "Delete", "CreateMultiple", "UpdateMultiple", "UpsertMultiple", "Retrieve",
            "RetrieveMultiple")
ORGANIZATION: Row = {
    "basecurrencyprecision": 2, "basecurrencysymbol": "€", "currencydecimalprecision": 2,
    "pricingdecimalprecision": 4, "oobpricecalculationenabled": True, "discountcalculationmethod": 0,
    "ispricelistmandatory": True, "createproductswithoutparentinactivestate": False,
    "useinbuiltrulefordefaultpricelistselection": False, "issopintegrationenabled": False,
    "expirechangetrackingindays": 7, "orderprefix": "ORD", "currentordernumber": 1000, "invoiceprefix": "INV",
    "currentinvoicenumber": 1000, "quoteprefix": "QUO", "currentquotenumber": 1000, "uniquespecifierlength": 6,
    "languagecode": 1033}
_WITHOUT_MESSAGES = ("sdkmessage", "organization", "asyncoperation", "serviceendpoint")


def fixed_id(name: str) -> str:
    """A stable id for a row of the birth data, so that every fresh database has the same."""
    return str(uuid.uuid5(NAMESPACE, f"seed/{name}"))


def attach_actors(core: Core) -> None:
    """Name the callers of the sandbox and their systemuser rows."""
    core.organization_id = fixed_id("organization")
    core.business_unit_id = fixed_id("businessunit")
    core.actors = {name: Actor(name, fixed_id(f"systemuser/{name}")) for name in ACTORS}
    for name, actor in core.actors.items():
        core.security.employ(actor.user_id, name == "admin")


def give_birth(core: Core) -> None:
    """Fill a fresh database; one transaction."""
    ctx = Context(core, core.actors["admin"], "")
    with core.store.transaction():
        _organization(ctx)
        _users(ctx)
        _catalogue(ctx)
        for name in MESSAGES:
            _plain(ctx, "sdkmessage", fixed_id(f"message/{name}"), {"name": name})
        for table in list(core.registry):
            add_filters(ctx, table.name)
        _duplicate_rules(ctx)
        make_privileges(ctx)
        core.store.set_meta("born", 1)


def _plain(ctx: Context, name: str, row_id: str, values: Row) -> None:
    table = ctx.table(name)
    now = ctx.now()
    stamp = {"createdon": now, "modifiedon": now, "createdby": ctx.actor.user_id, "modifiedby": ctx.actor.user_id}
    row = {table.pk: row_id, **{n: v for n, v in stamp.items() if n in table.columns}, **values}
    ctx.store.insert(table, row)


def _organization(ctx: Context) -> None:
    euro = fixed_id("currency/EUR")
    name = ctx.core.config.organization_name
    _plain(ctx, "organization", ctx.core.organization_id, {"name": name, "basecurrencyid": euro, **ORGANIZATION})
    for code, currency, symbol, rate in (("EUR", "Euro", "€", "1"), ("USD", "US Dollar", "$", "1.1")):
        _plain(ctx, "transactioncurrency", fixed_id(f"currency/{code}"), {
            "currencyname": currency, "isocurrencycode": code, "currencysymbol": symbol, "currencyprecision": 2,
            "exchangerate": Decimal(rate), "organizationid": ctx.core.organization_id, "statecode": 0,
            "statuscode": 1})


def _users(ctx: Context) -> None:
    unit = ctx.core.business_unit_id
    _plain(ctx, "businessunit", unit, {"name": ctx.core.config.organization_name, "isdisabled": False})
    for name, (first, last) in ACTORS.items():
        _plain(ctx, "systemuser", fixed_id(f"systemuser/{name}"), {
            "firstname": first, "lastname": last, "fullname": f"{first} {last}", "isdisabled": False,
            "domainname": f"{name}@{ctx.core.config.organization_name}.example", "businessunitid": unit,
            "isintegrationuser": False, "accessmode": 4 if name == "app" else 0,
            "applicationid": fixed_id("application") if name == "app" else None,
            "azureactivedirectoryobjectid": fixed_id(f"oid/{name}")})
    _plain(ctx, "team", fixed_id("team"), {
        "name": ctx.core.config.organization_name, "businessunitid": unit, "isdefault": True, "teamtype": 0,
        "administratorid": fixed_id("systemuser/admin")})


def _catalogue(ctx: Context) -> None:
    schedule = fixed_id("uomschedule")
    _plain(ctx, "uomschedule", schedule, {
        "name": "Default Unit", "baseuomname": "Primary Unit", "statecode": 0, "statuscode": 1,
        "organizationid": ctx.core.organization_id})
    _plain(ctx, "uom", fixed_id("uom"), {
        "name": "Primary Unit", "uomscheduleid": schedule, "quantity": Decimal(1), "isschedulebaseuom": True,
        "organizationid": ctx.core.organization_id})
    create_row(ctx, ctx.table("pricelevel"), {
        "pricelevelid": fixed_id("pricelevel"), "name": "Standard", "transactioncurrencyid": fixed_id("currency/EUR")})


def _duplicate_rules(ctx: Context) -> None:
    """The published rules on equal e-mail addresses that a new organization has for accounts and contacts."""
    for name, title in (("account", "Accounts"), ("contact", "Contacts")):
        rule = fixed_id(f"duplicaterule/{name}")
        _plain(ctx, "duplicaterule", rule, {
            "name": f"{title} with the same e-mail address", "baseentityname": name, "matchingentityname": name,
            "iscasesensitive": False, "excludeinactiverecords": False, "statecode": 1, "statuscode": 2})
        _plain(ctx, "duplicaterulecondition", fixed_id(f"duplicaterulecondition/{name}"), {
            "baseattributename": "emailaddress1", "matchingattributename": "emailaddress1", "operatorcode": 0,
            "ignoreblankvalues": True, "regardingobjectid": rule})


def announce_table(ctx: Context, name: str) -> None:
    """What a new table brings with it besides itself."""
    add_filters(ctx, name)
    make_privileges(ctx)


def add_filters(ctx: Context, name: str) -> None:
    """The sdkmessagefilter rows of a table: which messages it has."""


    table: Table = ctx.table(name)
    if name.startswith(_WITHOUT_MESSAGES):
        return
    wanted = {"Create", "Update", "Delete", "Retrieve", "RetrieveMultiple"} | messages(table)
    for message in sorted(wanted):
        _plain(ctx, "sdkmessagefilter", fixed_id(f"filter/{name}/{message}"), {
            "primaryobjecttypecode": name, "secondaryobjecttypecode": "none", "isvisible": True,
            "sdkmessageid": fixed_id(f"message/{message}"), "iscustomprocessingstepallowed": True})
