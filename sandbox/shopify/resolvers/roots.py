"""Roots that are not a list of one kind: node, nodes, shop.

Reads only.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.store.database import Row


@registry.field("QueryRoot", "node", "id")
def _node(_source: Any, call: Call, args: dict[str, Any]) -> Any:
    return find_node(call, args["id"])


@registry.field("QueryRoot", "nodes", "ids")
def _nodes(_source: Any, call: Call, args: dict[str, Any]) -> list[Any]:
    return [find_node(call, identifier) for identifier in args["ids"]]


def find_node(call: Call, identifier: str) -> Any:
    """The record of a global id, None when there is none of that kind; refuses kinds that are not modelled."""
    kind = gid.kind_of(identifier)
    finder = registry.NODES.get(kind)
    if finder is None:
        raise registry.not_built(f"node(id:) for {kind}")
    return finder(call, identifier)


@registry.field("QueryRoot", "shop")
def _shop(_source: Any, call: Call, _args: dict[str, Any]) -> Row:
    config = call.store.config
    zone = ZoneInfo(config.time_zone)
    offset = datetime.fromtimestamp(call.store.clock.timestamp(), zone).utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset else 0
    sign = "-" if minutes < 0 else "+"
    return {
        "__typename": "Shop",
        "id": call.store.setting("shop_id"),
        "name": config.shop_name,
        "email": f"owner@{config.shop}",
        "contactEmail": f"owner@{config.shop}",
        "myshopifyDomain": config.shop,
        "url": f"https://{config.shop}",
        "currencyCode": config.currency,
        "enabledPresentmentCurrencies": [config.currency, *config.exchange_rates],
        "ianaTimezone": config.time_zone,
        "timezoneOffset": f"{sign}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}",
        "timezoneOffsetMinutes": minutes,
        "taxesIncluded": False,
        "taxShipping": False,
        "weightUnit": "KILOGRAMS",
        "unitSystem": "METRIC_SYSTEM",
        "setupRequired": False,
        "createdAt": iso(int(call.store.setting("created_at") or 0)),
        "plan": {
            "publicDisplayName": config.plan.title(),
            "partnerDevelopment": False,
            "shopifyPlus": config.plan == "plus",
        },
        "primaryDomain": {"host": config.shop, "url": f"https://{config.shop}", "sslEnabled": True},
    }


registry.keys(
    "Shop",
    "id name email contactEmail myshopifyDomain url currencyCode enabledPresentmentCurrencies ianaTimezone "
    "timezoneOffset timezoneOffsetMinutes taxesIncluded taxShipping weightUnit unitSystem setupRequired createdAt "
    "plan primaryDomain",
)
registry.keys("ShopPlan", "publicDisplayName partnerDevelopment shopifyPlus")
registry.keys("Domain", "host url sslEnabled")


@registry.node("Shop")
def _shop_node(call: Call, identifier: str) -> Row | None:
    shop = _shop(None, call, {})
    return shop if shop["id"] == identifier else None
