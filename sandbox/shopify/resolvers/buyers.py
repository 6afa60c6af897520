"""What the API tells of a customer's purchases: counts, what was spent, whether it can be deleted or merged.

Reads only; the orders themselves are answered by the area of orders.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call
from sandbox.shopify.scalars import amount
from sandbox.shopify.store import buyers
from sandbox.shopify.store.buyers import CUSTOMER
from sandbox.shopify.store.database import Row

registry.keys("CustomerStatistics", "predictedSpendTier rfmGroup")


@registry.field("Customer", "canDelete")
def _can_delete(row: Row, call: Call, _args: dict[str, Any]) -> bool:
    return not buyers.has_orders(call.store, row["id"])


@registry.field("Customer", "numberOfOrders")
def _number_of_orders(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return str(len(buyers.counted(call.store, CUSTOMER, row["id"])))


@registry.field("Customer", "amountSpent")
def _amount_spent(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return money(call, buyers.counted(call.store, CUSTOMER, row["id"]))


def money(call: Call, rows: list[Row]) -> Row:
    """What was spent on some orders, in the shop's currency."""
    return {"amount": amount(buyers.spent(call.store, rows)), "currencyCode": call.store.config.currency}


@registry.field("Customer", "statistics")
def _statistics(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    if buyers.has_orders(call.store, row["id"]):
        raise registry.not_built("Customer.statistics of a customer with orders")
    # Documented: nothing is predicted without a purchase, and who never bought is a prospect.
    return {"predictedSpendTier": None, "rfmGroup": "PROSPECTS"}
