"""Webhooks of both systems: verified, turned into messages of ids, answered. No payload is taken for the truth.

Shopify's are signed over the raw bytes; Dataverse's carry a shared key. A topic that no flow asked for is answered
with 200 and counted in the log, so that the sender does not disable the subscription. docs/webhooks.md has the table.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from shared.carrying import part_names
from shared.dataverse.webhooks import Notice, WebhookRefused, read_notice
from shared.errors import Misconfigured
from shared.flows import flow_named
from shared.records import Message, Origin, Side
from shared.shopify.webhooks import Refused, Verified, verify
from shared.sync.flow import Flow, Mode
from shared.wiring import App

log = logging.getLogger("intake")

SETTLES_S = {Side.SHOPIFY: 5.0, Side.CRM: 120.0}
"""How long after an event's own time a read may still miss it: CRM names the beginning of a transaction, which may
last two minutes (learn.microsoft.com/power-apps/developer/data-platform/analyze-performance); Shopify one of its own
moments after the commit."""

PARENTS = {
    "productpricelevel": "productid",
    "opportunityproduct": "opportunityid",
    "salesorderdetail": "salesorderid",
    "invoicedetail": "invoiceid",
}
"""Child table → the lookup that leads to the record."""


def receive(app: App, flow: Flow, headers: Mapping[str, str], body: bytes) -> tuple[int, str, list[Message]]:
    """The HTTP status, a short text, and the messages to send before answering.

    Of a flow that is off nothing is kept, but for notices: its polling goes on at its cursors when it is switched on.
    """
    answer = (_from_shopify if flow.source is Side.SHOPIFY else _from_crm)(app, flow, headers, body)
    if app.settings.modes[flow.name] is Mode.OFF and not all(message.notice for message in answer[2]):
        return 200, "the flow is off", []
    return answer


def _from_shopify(app: App, flow: Flow, headers: Mapping[str, str], body: bytes) -> tuple[int, str, list[Message]]:
    secrets = {shop.shop: [shop.client_secret, shop.old_client_secret] for shop in app.settings.shops}
    heard = {topic for shop in secrets for topics in _heard(app, flow, shop).values() for topic in topics}
    found = verify(headers, body, secrets=secrets, topics=heard | flow.notices)
    if isinstance(found, Refused):
        return _refused(flow, found.status, found.reason, found.topic)
    ours = app.shop(found.shop).api_version
    if found.api_version not in ("", ours):
        _other_version(found.shop, found.api_version, ours)
    plain = Message(flow.name, found.shop, Origin.WEBHOOK, correlation_id=found.webhook_id)
    if found.topic in flow.notices:
        return 200, "accepted", [replace(plain, ids=found.ids, notice=found.topic)]
    plain = replace(plain, seen_at=_settled(Side.SHOPIFY, found.triggered_at))
    parts = _heard(app, flow, found.shop)
    told = [_told(replace(plain, flow=name), found, parts[name]) for name in parts if found.topic in parts[name]]
    return 200, "accepted", told


def _told(plain: Message, found: Verified, topics: Mapping[str, str]) -> Message:
    table = topics[found.topic]
    if not table and found.topic.endswith("/delete"):  # of the record itself; a row's is asked about by its table
        return replace(plain, deleted=found.ids)
    return replace(plain, ids=found.ids, table=table)


def _heard(app: App, flow: Flow, shop: str) -> Mapping[str, Mapping[str, str]]:
    """What the flow listens to, or each of its tables. One whose file is wrong hears nothing; its poll says why."""
    found: dict[str, Mapping[str, str]] = {}
    for name in part_names(app.settings, flow.name):
        with suppress(Misconfigured):
            found[name] = app.topics(flow_named(name), shop)
    return found


def _refused(flow: Flow, status: int, reason: str, topic: str = "") -> tuple[int, str, list[Message]]:
    log.info("webhook refused", extra={"flow": flow.name, "status": status, "topic": topic})
    return status, reason, []


@lru_cache(maxsize=100)
def _other_version(shop: str, version: str, ours: str) -> None:
    """Once per process: the version of webhooks is the app's setting at Shopify, and ids do not change with it."""
    log.warning("webhook of another API version", extra={"shop": shop, "version": version, "ours": ours})


def _from_crm(app: App, flow: Flow, headers: Mapping[str, str], body: bytes) -> tuple[int, str, list[Message]]:
    crm = app.settings.dataverse
    try:
        notice = read_notice(headers, body, [crm.webhook_key, crm.old_webhook_key], PARENTS)
    except WebhookRefused as refused:
        return _refused(flow, refused.status, refused.sentence)
    if notice.table not in flow.topics:
        return _refused(flow, 200, "not a table of this flow", notice.table)
    if notice.by and notice.by == app.lookups.own_user():  # every record we write would come back as three events
        return 200, "our own write", []
    return 200, "accepted", [_crm_message(app, flow, shop.shop, notice) for shop in app.settings.shops]


def _crm_message(app: App, flow: Flow, shop: str, notice: Notice) -> Message:
    """A child's event leads to its parent: by the payload, by the pointer kept before, or by reading the child.

    A row that only a key names is not looked for by that key, which the payload could have made up: polling finds it.
    """
    plain = Message(flow.name, shop, Origin.WEBHOOK, seen_at=_settled(Side.CRM, notice.at))
    if not notice.id:
        return replace(plain, poll=True, seen_at=None)
    if notice.table == flow.crm_table or not flow.topics[notice.table]:
        return replace(plain, deleted=(notice.id,)) if notice.deleted else replace(plain, ids=(notice.id,))
    parent = notice.parent or app.state.pointers.get(shop, notice.table, [notice.id]).get(notice.id)
    if parent is not None:
        return replace(plain, ids=(parent,))
    return replace(plain, ids=(notice.id,), table=notice.table)


def _settled(side: Side, at: datetime | None) -> datetime | None:
    """The moment from which every read holds what an event of that time tells; None for one at the end of time."""
    try:
        return at + timedelta(seconds=SETTLES_S[side]) if at else None
    except OverflowError:
        return None
