"""Subscribes the local Functions host to the Shopify sandbox's webhooks, as an app does at the real store.

Old subscriptions of earlier runs are taken away first: the host listens on another port every time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import requests

API_VERSION = "2026-10"
TIMEOUT_S = 30

LIST = "query { webhookSubscriptions(first: 100) { nodes { id } } }"
DELETE = "mutation($id: ID!) { webhookSubscriptionDelete(id: $id) { userErrors { message } } }"
CREATE = """
mutation($topic: WebhookSubscriptionTopic!, $uri: String!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri, format: JSON }) { userErrors { message } }
}
"""


def subscribe(shopify: Mapping[str, str], host_url: str, topics: Iterable[tuple[str, str]]) -> None:
    """Deliver each (topic, flow) of them to the host's webhook function; `shopify` is what the sandbox's info says."""
    for node in _call(shopify, LIST, {})["webhookSubscriptions"]["nodes"]:
        _call(shopify, DELETE, {"id": node["id"]})
    for topic, flow in topics:
        name = topic.replace("/", "_").upper()
        payload = _call(shopify, CREATE, {"topic": name, "uri": f"{host_url}/api/webhooks/{flow}"})
        errors = payload["webhookSubscriptionCreate"]["userErrors"]
        if errors:
            raise RuntimeError(f"The sandbox refused the subscription to {topic}: {errors}")


def _call(shopify: Mapping[str, str], query: str, variables: Mapping[str, Any]) -> Any:
    answer = requests.post(
        f"{shopify['url']}/admin/api/{API_VERSION}/graphql.json",
        json={"query": query, "variables": dict(variables)},
        headers={"X-Shopify-Access-Token": shopify["token"]},
        timeout=TIMEOUT_S,
    ).json()
    if answer.get("errors"):
        raise RuntimeError(f"Shopify sandbox: {answer['errors']}")
    return answer["data"]
