"""The headers of a delivery, its signature among them.

https://shopify.dev/docs/apps/build/webhooks/delivery-structure#headers. The signature is over the bytes that are sent
and nothing else: whoever builds a body again before signing it signs something that was never sent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.store.database import Row


def signature(secret: str, body: bytes) -> str:
    """Base64 of the HMAC-SHA256 of a body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def headers(config: ShopifyConfig, row: Row, body: bytes) -> dict[str, str]:
    """All headers that Shopify adds to a delivery."""
    found = {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": row["topic"],
        "X-Shopify-Hmac-Sha256": signature(config.client_secret, body),
        "X-Shopify-Shop-Domain": config.shop,
        "X-Shopify-API-Version": config.api_version,
        "X-Shopify-Webhook-Id": row["webhook_id"],
        "X-Shopify-Event-Id": row["event_id"],
        "X-Shopify-Triggered-At": _triggered(row["triggered_at"]),
    }
    return found | ({"X-Shopify-Name": row["name"]} if row["name"] else {})


def _triggered(micros: int) -> str:
    """Nine digits of a second, as recorded deliveries have them."""
    moment = datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{moment}.{micros % 1_000_000:06d}000Z"
