"""Is this webhook really Shopify's, and what does it point at? Pure: headers and raw bytes in, ids or a refusal out.

https://shopify.dev/docs/apps/build/webhooks/subscribe/https. The payload is never taken as truth: only its ids leave
this module, and the records are read live. The signature covers the body alone, so what the other headers say is
checked for its form and believed no further than that.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GLOBAL_ID = "admin_graphql_api_id"
MOST_BYTES = 10 * 1024 * 1024

COMPLIANCE = frozenset({"customers/redact", "customers/data_request", "shop/redact"})
"""Topics that only the app's configuration file can subscribe to (compliance_topics)."""
_NOTICES = {
    "customers/redact": ("customer.id", "orders_to_redact"),
    "customers/data_request": ("customer.id", "orders_requested"),
    "customers/merge": ("admin_graphql_api_customer_kept_id", "admin_graphql_api_customer_deleted_id"),
    "shop/redact": ("shop_id", ""),
    "app/uninstalled": ("id", ""),
}
_OWNERS = {"company_contacts": "company", "company_locations": "company"}
"""Records that are told of by what they belong to: their bodies hold it."""
_OF_A_REQUEST = ("shop_id", "shop_domain")
"""One of these stands in every privacy request and in no record: an order's body, sent again as one, is none."""

_TOPIC = re.compile(r"[a-z0-9_./]+")
_SHOP = re.compile(r"[a-z0-9.-]+")
_ID = re.compile(r"(?:gid://shopify/\w+/)?([1-9][0-9]{0,19})", re.ASCII)
_MARK = re.compile(r"[\w-]{1,64}", re.ASCII)
_VERSION = re.compile(r"\d{4}-\d{2}|unstable", re.ASCII)


@dataclass(frozen=True, slots=True)
class Verified:
    """A webhook that is Shopify's. `ids` are numeric, of the record the topic names.

    What a header does not say in its usual form is empty.
    """

    topic: str
    shop: str
    ids: tuple[str, ...]
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
    secrets: Mapping[str, Sequence[str]],
    topics: Collection[str],
) -> Verified | Refused:
    """Check size, signature, shop and topic in this order, then read the ids.

    `secrets`: canonical domain of each of our shops → the secrets of its app, two while one is being replaced.
    Refusals: 413 too large (nothing was hashed), 401 no or wrong signature, 404 signed but for a shop that is not ours,
    400 signed but without shop, topic or a JSON object with an id, 200 a topic that is not in `topics`.
    """
    if len(body) > MOST_BYTES:
        return Refused(413, "The body is larger than any webhook.")
    found = {name.lower(): value.strip() for name, value in headers.items()}
    shop = _formed(_SHOP, found.get("x-shopify-shop-domain", "").lower().removesuffix("."))
    known = secrets[shop] if shop in secrets else [each for several in secrets.values() for each in several]
    if not _signed(body, found.get("x-shopify-hmac-sha256", ""), known):
        return Refused(401, "The signature is missing or wrong.")
    topic = _formed(_TOPIC, found.get("x-shopify-topic", "").lower())
    if not shop or not topic:
        return Refused(400, "The headers name no shop or no topic.", topic)
    if shop not in secrets:
        return Refused(404, "The shop is not one of ours.", topic)
    if topic not in topics:
        return Refused(200, "The topic is not one we act on.", topic)
    return _read(found, body, topic, shop)


def _formed(pattern: re.Pattern[str], text: str) -> str:
    """The text where it has its usual form: a doubled header (`a,a`) and whatever somebody made up have not."""
    return text if len(text) <= 255 and pattern.fullmatch(text) else ""


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
    except (ValueError, RecursionError):
        payload = None
    owner = _OWNERS.get(topic.partition("/")[0])
    about = payload.get(owner) if owner and isinstance(payload, Mapping) else payload
    ids = _noticed(topic, payload) if topic in _NOTICES else _ids(about)
    if not ids:
        return Refused(400, "The body names no record.", topic)
    return Verified(
        topic=topic,
        shop=shop,
        ids=ids,
        webhook_id=_formed(_MARK, headers.get("x-shopify-webhook-id", "")),
        triggered_at=_moment(headers.get("x-shopify-triggered-at", "")),
        api_version=_formed(_VERSION, headers.get("x-shopify-api-version", "")),
    )


def _ids(payload: Any) -> tuple[str, ...]:
    """The record's numeric id; inventory levels have none and name their inventory item, companies their global id."""
    if not isinstance(payload, Mapping):
        return ()
    value = next((payload[name] for name in ("id", "inventory_item_id", GLOBAL_ID) if name in payload), None)
    written = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    found = _ID.fullmatch(written)
    return (found.group(1),) if found else ()


def _noticed(topic: str, payload: Any) -> tuple[str, ...]:
    """The ids a notice is about: the customer first, then his orders; of a merge who was kept, then who is gone."""
    first, further = _NOTICES[topic]
    if not isinstance(payload, Mapping) or (topic in COMPLIANCE and not payload.keys() & {*_OF_A_REQUEST, further}):
        return ()
    about: Any = payload
    for name in first.split("."):
        about = about.get(name) if isinstance(about, Mapping) else None
    found = _ids({"id": about})
    more = payload.get(further) if further else ()
    listed = more if isinstance(more, list) else [more] if more else []
    others = [each for one in listed for each in _ids({"id": one})]
    merged = topic != "customers/merge" or len(others) == 1
    return (*found, *others) if found and merged else ()


def _moment(text: str) -> datetime | None:
    try:
        value = datetime.fromisoformat(text)
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
