"""Whether an order arrives: Shopify's totals, the computed money and CRM's totals are one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from shared.flows.orders.amounts import MoneySettings
from shared.flows.orders.money import OrderMoney, money_of
from tests.contract.order_money.ledger import Ledger


def shown(content: Mapping[str, Any], name: str, chosen: MoneySettings) -> Decimal:
    """An amount of the order as Shopify shows it; nothing is nought."""
    bag = content[name]
    return Decimal(0) if bag is None else Decimal(bag[f"{chosen.side}Money"]["amount"])


def arrives(content: Mapping[str, Any], chosen: MoneySettings, *ledgers: Ledger) -> OrderMoney:
    """The money of an order, checked against Shopify's totals before the write and CRM's after it."""
    money = money_of(content, chosen)
    assert money.total == shown(content, "currentTotalPriceSet", chosen) - money.channel_tax
    assert money.tax == shown(content, "currentTotalTaxSet", chosen) - money.channel_tax
    for ledger in ledgers:
        ledger.configure(chosen)
        assert ledger.differences(ledger.write(money), money) == []
    return money
