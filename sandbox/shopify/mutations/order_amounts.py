"""Amounts in the inputs of orders: MoneyBagInput, MoneyInput and bare numbers become bags.

A bag without its presentment half stands for the same number in both currencies. It writes nothing.
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.shopify import registry
from sandbox.shopify.money import Bag, Pair
from sandbox.shopify.store.database import Row

registry.inputs("MoneyBagInput", "shopMoney presentmentMoney")
registry.inputs("MoneyInput", "amount currencyCode")


def read(given: Row | None) -> Bag:
    """A MoneyBagInput; nothing is zero."""
    if not given:
        return Bag()
    shop = Decimal(str(given["shopMoney"]["amount"]))
    presentment = given.get("presentmentMoney")
    return Bag(shop, Decimal(str(presentment["amount"])) if presentment else shop)


def currencies(order: Row, default: str) -> Pair:
    """The currencies of a new order: what it says, else the shop's; the buyer's is the same unless said."""
    shop = order.get("currency") or default
    return Pair(shop, order.get("presentmentCurrency") or shop)


def of_presentment(value: Decimal, like: Bag, pair: Pair) -> Bag:
    """An amount in the buyer's currency with its worth in the shop's, at the rate of another bag."""
    if pair.single or not like.presentment:
        return Bag(value, value)
    return Bag(value * like.shop / like.presentment, value).rounded(pair)


def of_shop(value: Decimal, like: Bag, pair: Pair) -> Bag:
    """An amount in the shop's currency with its worth in the buyer's, at the rate of another bag."""
    if pair.single or not like.shop:
        return Bag(value, value)
    return Bag(value, value * like.presentment / like.shop).rounded(pair)
