"""What Shopify asks of everybody who holds a person's data, and what it says of the app itself. Done once, repeatable.

A person is redacted in this order: his pair and those of his orders become tombstones, so that no flow touches them
again; all that the state holds of him is emptied; then CRM is told or emptied. Each may be repeated, and whatever CRM
says undoes nothing of what came before. Ids alone travel on the queue; words to look for are read from both systems.
https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, replace

from shared.contacts import contacts_of
from shared.dataverse.tasks import put_task
from shared.errors import AuthFailed, Misconfigured, Rejected, Retryable, SyncError
from shared.flows import FLOWS
from shared.membership import memberships
from shared.merging import merge, merged_into
from shared.order_privacy import empty_orders, rest_orders
from shared.personal import ask_a_person, emptied, is_text, words
from shared.records import Action, Message, Pair, Record, Side, Write
from shared.resting import laid_to_rest
from shared.shopify.setup import shop_facts
from shared.state.erasing import REPEAT_S, Person, erase
from shared.state.purging import purge
from shared.sync.flow import Job
from shared.wiring import UNINSTALLED, App

log = logging.getLogger("sync")

PURGED = "purged"
LATER_S = (60.0, 3600.0)
"""The first and the longest wait before something is tried again."""
FAILURES = 2
"""How often a notice that every worker failed on is tried once more, before a person has to do it by hand."""
NOTICE = "notice"
"""The kind of the alert that a request cannot be carried out until somebody mends what stands in its way."""
OF_ORDERS = ("orders", "documents")
"""The kinds whose pairs have the ids of Shopify orders."""
KEPT_S = 48 * 3600
"""How long the state of a shop is kept after its app was uninstalled."""


def carry_out(app: App, message: Message) -> None:
    """One notice, to its end. What fails for now comes back for as long as it takes, with an alert where a person has
    to mend something; only Rejected is raised."""
    why = ""
    try:
        _DO[message.notice](app, message)
    except (Retryable, Misconfigured) as error:
        why = error.in_log if isinstance(error, Misconfigured) else ""
        wait_s = min(LATER_S[1], LATER_S[0] * 2 ** min(message.attempt, 8))
        log.warning("notice comes back", extra={"notice": message.notice, "error": error.code, "why": error.in_log})
        app.state.queues.send(replace(message, attempt=message.attempt + 1), delay_s=wait_s)
    app.state.alerts.settle({(NOTICE, _about(message)): why})


def come_back(app: App, message: Message) -> bool:
    """A notice that every worker failed on is tried again after an hour, twice; whether it is."""
    if message.failed >= FAILURES:
        return False
    why = f"Every worker failed on {message.notice}; it is tried again in an hour. See the host's log of that time."
    app.state.alerts.settle({(NOTICE, _about(message)): why})
    app.state.queues.send(replace(message, failed=message.failed + 1), delay_s=LATER_S[1])
    return True


def _about(message: Message) -> str:
    """What names one notice among others: no other one that is done may end its alert."""
    return " ".join([message.shop, message.notice, *message.ids[:1]])


def _redact(app: App, message: Message) -> None:
    """Erase a customer. The state is emptied once more when no worker that had read him before can be left."""
    customer, *orders = message.ids
    job = app.job(message.flow, message.shop)
    pair = laid_to_rest(app, job.shop, job.flow, customer)
    rest_orders(app, job.shop, orders)
    row = _row(job, customer, pair)
    ids = [customer, *merged_into(app, job.shop, customer), *filter(None, [pair.crm_id])]
    contacts = contacts_of(app, job.shop, customer)
    named = [each for record in (row, _in_shopify(job, customer)) if record for each in words(record.content)]
    named += [each for contact in contacts for each in contact.words]
    person = Person({job.flow.kind: ids, **dict.fromkeys(OF_ORDERS, orders)}, named)
    done = erase(app.state, message.shop, [flow.name for flow in app.flows], person, app.clock.now(), lambda _: None)
    app.state.parked.remove(list(app.state.parked.known(message.shop, job.flow.name, [customer]).values()))
    for contact in contacts:
        contact.erase(app)
    refused: Rejected | None = None
    if message.storms == 0:
        try:
            for contact in contacts:
                contact.tell_crm(app)
            _tell_crm(app, job, customer, row, empty_orders(app, job.shop, orders))
        except Rejected as error:  # the state is looked through again all the same
            refused = error
    app.state.notes.put(f"redacted {message.shop} {customer}", {"at": app.clock.now(), **asdict(done)})
    if message.storms == 0 or done.busy:
        app.state.queues.send(replace(message, storms=1, attempt=0), delay_s=float(REPEAT_S))
    if refused is not None:
        raise refused


def _row(job: Job, customer: str, pair: Pair | None) -> Record | None:
    """The row of the pair; where the state knows none (any more), the one that carries his mark."""
    if pair is not None and pair.crm_id:
        return job.target.read([pair.crm_id]).records.get(pair.crm_id)
    return job.target.marked([customer]).get(customer)


def _in_shopify(job: Job, customer: str) -> Record | None:
    """The customer as Shopify still has him; None also where we are not let in any more."""
    with suppress(Misconfigured):
        return job.source.read([customer]).records.get(customer)
    return None


def _tell_crm(app: App, job: Job, customer: str, row: Record | None, orders: str) -> None:
    """Empty the row's mapped texts, or leave that to a person, who gets a task: CRM may have to keep them.

    `orders`: what is left to do about the customer's orders, a sentence or empty.
    """
    if row is not None and app.settings.anonymise:
        values = {rule.to: emptied(rule.to) for rule in job.rules.fields if is_text(job, rule.to)}
        result = job.target.write([Write(Action.UPDATE, customer, values, id=row.id, current=row)])[0]
        if isinstance(result, SyncError):
            raise result
    if orders or (row is not None and not app.settings.anonymise):
        ask_a_person(app, f"{job.shop}|redact|{customer}", customer, _of(job, row), orders)


def _of(job: Job, row: Record | None) -> tuple[str, str] | None:
    return (job.flow.crm_table, row.id) if row else None


def _data_request(app: App, message: Message) -> None:
    """A task that says what the integration holds of the customer; nothing is sent anywhere."""
    customer, *orders = message.ids
    job = app.job(message.flow, message.shop)
    pair = app.state.crossrefs.load(job.shop, job.flow.kind, Side.SHOPIFY, [customer]).get(customer)
    row = _row(job, customer, pair)
    links = [f"the link to {job.flow.crm_table} {row.id}"] if row else []
    links += [f"the link to contact {each.line.row}" for each in memberships(app.state, job.shop, customer)]
    link = " and ".join(links) or "no link"
    text = (
        f"Customer {customer} of {job.shop} asks for the data held about them (orders named: {len(orders)}). The "
        f"integration holds: {link}; for {app.settings.journal_days} days what it read and decided, which "
        f"`python -m ops explain {job.flow.name} {customer}` shows. This record and Shopify hold the rest."
    )
    key = f"{job.shop}|data|{customer}|{app.clock.now():%Y-%m-%d}"
    put_task(app.crm, app.metadata, key, "A customer asks for their data", text, _of(job, row))


def _uninstalled(app: App, message: Message) -> bool:
    """Nothing more is asked of the shop; its state goes after two days, or when Shopify says so. False: it is not so.

    What the shop itself says decides: a notice may be an old one, or any signed body sent again under this topic. It
    is asked once more after a while, should its tokens have outlived the notice.
    """
    if not _shut_out(app, message.shop):
        log.warning("still installed", extra={"target": message.shop, "notice": message.notice})
        if message.storms == 0:
            app.state.queues.send(replace(message, storms=1), delay_s=float(REPEAT_S))
        return False
    reason = f"The app was uninstalled from {message.shop}. Install it again, or take it out of SHOPIFY_SHOPS."
    app.state.switches.pause(message.shop, reason)
    app.state.notes.put(f"{UNINSTALLED} {message.shop}", {"at": app.clock.now()})
    app.state.alerts.settle({(UNINSTALLED, message.shop): reason})
    return True


def _shut_out(app: App, shop: str) -> bool:
    try:
        shop_facts(app.shopify[shop])
    except AuthFailed:
        return True
    return False


def _shop_redact(app: App, message: Message) -> None:
    """The shop's state goes now. Rows in CRM are the merchant's and stay."""
    if _uninstalled(app, message):
        _purge(app, message.shop)


def forget_shops(app: App) -> None:
    """Housekeeping: purge the state of shops that were left two days ago and were not installed again."""
    for name, note in app.state.notes.all().items():
        kind, _, shop = name.partition(" ")
        due = kind == UNINSTALLED and not note.get(PURGED) and (app.clock.now() - note["at"]).total_seconds() > KEPT_S
        if due and shop in app.state.switches.held():  # its pause for that; one by a refusal may end by itself
            _purge(app, shop)


def _purge(app: App, shop: str) -> None:
    kinds = {flow.kind: [table for each in FLOWS for table in each.topics.values()] for flow in app.flows}
    purge(app.state, shop, [flow.name for flow in app.flows], kinds)
    now = app.clock.now()
    app.state.notes.put(f"{PURGED} {shop}", {"at": now})
    app.state.notes.put(f"{UNINSTALLED} {shop}", {"at": now, PURGED: True})  # `setup` still has it served again


def _merge(app: App, message: Message) -> None:
    kept, gone, *_ = message.ids
    merge(app, app.job(message.flow, message.shop), kept, gone)


_DO: Mapping[str, Callable[[App, Message], object]] = {
    "customers/redact": _redact,
    "customers/data_request": _data_request,
    "customers/merge": _merge,
    "app/uninstalled": _uninstalled,
    "shop/redact": _shop_redact,
}
