"""How REST writes things: times in the shop's offset, amounts with two places, numeric ids, money in two currencies.

Pure: it knows no records. The shapes are those of https://shopify.dev/docs/api/webhooks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

CENT = Decimal("0.01")
GRAMS = {"KILOGRAMS": 1000.0, "GRAMS": 1.0, "POUNDS": 453.59237, "OUNCES": 28.349523125}
UNITS = {"KILOGRAMS": "kg", "GRAMS": "g", "POUNDS": "lb", "OUNCES": "oz"}


def local(store: Store, moment: int | str | None) -> str | None:
    """A time with the shop's offset, from the store's microseconds or from the API's text."""
    if moment is None:
        return None
    zone = ZoneInfo(store.config.time_zone)
    if isinstance(moment, str):
        return datetime.fromisoformat(moment.replace("Z", "+00:00")).astimezone(zone).isoformat(timespec="seconds")
    return datetime.fromtimestamp(moment // 1_000_000, UTC).astimezone(zone).isoformat()


def utc(micros: int) -> str:
    """A time in UTC with milliseconds, as a few fields of payloads have it."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def amount(value: Any) -> str | None:
    """An amount with two places whatever the currency."""
    return None if value is None else str(Decimal(str(value)).quantize(CENT, ROUND_HALF_UP))


def number(gid: str | None) -> int | None:
    """The number in a global id."""
    return None if gid is None else int(gid.rsplit("/", 1)[-1].split("?", 1)[0])


def money_set(bag: Mapping[str, Any] | None, currency: str = "currency_code") -> Row | None:
    """A MoneyBag of the API as `..._set` fields show it."""
    if bag is None:
        return None
    return {
        snake: {"amount": amount(bag[camel]["amount"]), currency: bag[camel]["currencyCode"]}
        for snake, camel in (("shop_money", "shopMoney"), ("presentment_money", "presentmentMoney"))
    }


def shop_amount(bag: Mapping[str, Any] | None) -> str | None:
    """The shop's side of a MoneyBag as an amount."""
    return None if bag is None else amount(bag["shopMoney"]["amount"])


def lower(value: str | None) -> str | None:
    """A member of an enumeration as REST writes it."""
    return None if value is None else value.lower()
