"""Is this webhook really Shopify's, and what does it point at? Pure: headers and raw bytes in, ids or a refusal out.

https://shopify.dev/docs/apps/build/webhooks/subscribe/https. The payload is never taken as truth: only its ids leave
this module, and the records are read live. Two secrets are accepted, because a rotated one signs for up to an hour.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

MOST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Verified:
    """A webhook that is Shopify's. `ids` are numeric, of the record the topic names; `deleted`: they are gone.

    `event_id` is shared by all deliveries of one event (with the topic: the key for duplicates).
    """

    topic: str
    shop: str
    ids: tuple[str, ...]
    deleted: bool
    event_id: str
    webhook_id: str
    triggered_at: datetime | None
    api_version: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A webhook that is not acted on, and the HTTP status to answer; 200 is counted and forgotten."""

    status: int
    reason: str
    topic: str = ""


def verify(
    headers: Mapping[str, str],
    body: bytes,
    *,
    secrets: Sequence[str],
    shops: Collection[str],
    topics: Collection[str] | None = None,
) -> Verified | Refused:
    """Check size, shop and signature in this order, then read topic and ids.

    Refusals: 413 too large (nothing was hashed), 401 no or wrong signature, 404 signed but for a shop that is not ours,
    400 signed but no JSON object with an id, 200 a topic that is not in `topics` (None: any).
    """
    found = {name.lower(): value for name, value in headers.items()}
    topic = found.get("x-shopify-topic", "").lower()
    shop = found.get("x-shopify-shop-domain", "").lower()
    if len(body) > MOST_BYTES:
        return Refused(413, "The body is larger than any webhook.", topic)
    if not _signed(body, found.get("x-shopify-hmac-sha256", ""), secrets):
        return Refused(401, "The signature is missing or wrong.", topic)
    if shop not in {known.lower() for known in shops}:
        return Refused(404, "The shop is not one of ours.", topic)
    if topics is not None and topic not in topics:
        return Refused(200, "The topic is not one we act on.", topic)
    return _read(found, body, topic, shop)


def _signed(body: bytes, signature: str, secrets: Sequence[str]) -> bool:
    """Compare with every secret, in constant time, whichever matches."""
    given = signature.encode("utf-8", "replace")
    valid = False
    for secret in secrets:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        valid |= bool(secret) and hmac.compare_digest(base64.b64encode(digest), given)
    return valid


def _read(headers: Mapping[str, str], body: bytes, topic: str, shop: str) -> Verified | Refused:
    try:
        payload = json.loads(body)
    except ValueError:
        payload = None
    ids = _ids(payload)
    if not ids:
        return Refused(400, "The body names no record.", topic)
    return Verified(
        topic=topic,
        shop=shop,
        ids=ids,
        deleted=topic.endswith("/delete"),
        event_id=headers.get("x-shopify-event-id", ""),
        webhook_id=headers.get("x-shopify-webhook-id", ""),
        triggered_at=_moment(headers.get("x-shopify-triggered-at", "")),
        api_version=headers.get("x-shopify-api-version", ""),
    )


def _ids(payload: Any) -> tuple[str, ...]:
    """The record's numeric id; inventory levels have none and name their inventory item instead."""
    if not isinstance(payload, Mapping):
        return ()
    value = payload.get("id", payload.get("inventory_item_id"))
    if isinstance(value, str):
        value = value.rpartition("/")[2]
    text = "" if isinstance(value, bool) or value is None else str(value)
    return (text,) if text.isdigit() else ()


def _moment(text: str) -> datetime | None:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
