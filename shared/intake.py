"""Webhooks of both systems: verified, turned into messages of ids, answered. No payload is taken for the truth.

Shopify's are signed over the raw bytes; Dataverse's carry a shared key. A topic that no flow asked for is answered
with 200 and counted in the log, so that the sender does not disable the subscription.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from shared.dataverse.webhooks import Notice, WebhookRefused, read_notice
from shared.records import Message, Origin, Side
from shared.shopify.webhooks import Refused, Verified, verify
from shared.sync.flow import Flow
from shared.wiring import App

log = logging.getLogger("intake")

SETTLES_S = {Side.SHOPIFY: 5.0, Side.CRM: 120.0}
"""How long after an event's own time a read may still miss it: CRM names the beginning of a transaction, which may
last two minutes (learn.microsoft.com/power-apps/developer/data-platform/analyze-performance); Shopify one of its own
moments after the commit."""

PARENTS = {"productpricelevel": "productid"}
"""Child table → the lookup that leads to the record."""


def receive(app: App, flow: Flow, headers: Mapping[str, str], body: bytes) -> tuple[int, str, list[Message]]:
    """The HTTP status, a short text, and the messages to send before answering."""
    if flow.source is Side.SHOPIFY:
        return _from_shopify(app, flow, headers, body)
    return _from_crm(app, flow, headers, body)


def _from_shopify(app: App, flow: Flow, headers: Mapping[str, str], body: bytes) -> tuple[int, str, list[Message]]:
    shops = app.settings.shops
    secrets = [secret for shop in shops for secret in (shop.client_secret, shop.old_client_secret) if secret]
    found = verify(headers, body, secrets=secrets, shops=[shop.shop for shop in shops], topics=flow.topics)
    if isinstance(found, Refused):
        log.info("webhook refused", extra={"flow": flow.name, "status": found.status, "topic": found.topic})
        return found.status, found.reason, []
    return 200, "accepted", [_shopify_message(flow, found)]


def _shopify_message(flow: Flow, found: Verified) -> Message:
    return Message(
        flow.name,
        found.shop,
        Origin.WEBHOOK,
        ids=found.ids,
        table=flow.topics[found.topic],
        seen_at=_settled(Side.SHOPIFY, found.triggered_at),
        correlation_id=found.webhook_id,
    )


def _from_crm(app: App, flow: Flow, headers: Mapping[str, str], body: bytes) -> tuple[int, str, list[Message]]:
    crm = app.settings.dataverse
    keys = [key for key in (crm.webhook_key, crm.old_webhook_key) if key]
    try:
        notice = read_notice(headers, body, keys, PARENTS)
    except WebhookRefused as refused:
        log.info("webhook refused", extra={"flow": flow.name, "status": refused.status})
        return refused.status, refused.sentence, []
    if notice.table not in flow.topics:
        return 200, "not a table of this flow", []
    return 200, "accepted", [_crm_message(app, flow, shop.shop, notice) for shop in app.settings.shops]


def _crm_message(app: App, flow: Flow, shop: str, notice: Notice) -> Message:
    """A child's event leads to its parent: by the payload, by the pointer kept before, or by reading the child."""
    plain = Message(flow.name, shop, Origin.WEBHOOK, seen_at=_settled(Side.CRM, notice.at))
    if notice.table == flow.crm_table:
        ids, deleted = ((), (notice.id,)) if notice.deleted else ((notice.id,), ())
        return replace(plain, ids=ids, deleted=deleted)
    parent = notice.parent or app.state.pointers.get(shop, notice.table, [notice.id]).get(notice.id)
    if parent is not None:
        return replace(plain, ids=(parent,))
    return replace(plain, ids=(notice.id,), table=notice.table)


def _settled(side: Side, at: datetime | None) -> datetime | None:
    """The moment from which every read holds what an event of that time tells."""
    return at + timedelta(seconds=SETTLES_S[side]) if at else None
