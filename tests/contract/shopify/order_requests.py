"""Short ways to make and read orders in a test; it asserts only that what should be made was."""

from __future__ import annotations

from typing import Any

from tests.contract.shopify.client import Shop

MONEY = "{ shopMoney { amount currencyCode } presentmentMoney { amount currencyCode } }"
FIELDS = f"""id name email displayFinancialStatus displayFulfillmentStatus closed closedAt cancelledAt cancelReason
  customer {{ id displayName }} discountCodes tags sourceName currentSubtotalLineItemsQuantity fullyPaid unpaid
  subtotalPriceSet {MONEY} totalTaxSet {MONEY} totalDiscountsSet {MONEY} totalPriceSet {MONEY}
  currentTotalPriceSet {MONEY} totalOutstandingSet {MONEY} totalReceivedSet {MONEY} totalCapturableSet {MONEY}
  totalShippingPriceSet {MONEY} currentShippingPriceSet {MONEY}
  transactions {{ id kind status gateway amountSet {MONEY} parentTransaction {{ id }} }}
  lineItems(first: 10) {{ nodes {{ id title name sku quantity currentQuantity requiresShipping
    variant {{ id }} originalUnitPriceSet {MONEY} discountedTotalSet {MONEY}
    discountAllocations {{ allocatedAmountSet {MONEY} }}
    taxLines {{ title rate priceSet {MONEY} }} }} }}"""
CREATE = f"""mutation($o: OrderCreateOrderInput!, $s: OrderCreateOptionsInput) {{
  orderCreate(order: $o, options: $s) {{ order {{ {FIELDS} }} userErrors {{ field message code }} }} }}"""
READ = f"query($id: ID!) {{ order(id: $id) {{ {FIELDS} }} }}"


def bag(amount: str, currency: str = "EUR", presentment: tuple[str, str] | None = None) -> dict[str, Any]:
    """A MoneyBagInput."""
    other = {}
    if presentment is not None:
        other = {"presentmentMoney": {"amount": presentment[0], "currencyCode": presentment[1]}}
    return {"shopMoney": {"amount": amount, "currencyCode": currency}} | other


def line(title: str = "Tea", price: str = "10.00", quantity: int = 1, **more: Any) -> dict[str, Any]:
    """A line of orderCreate."""
    return {"title": title, "quantity": quantity, "priceSet": bag(price)} | more


def sale(amount: str, kind: str = "SALE") -> dict[str, Any]:
    """A successful transaction of orderCreate."""
    return {"kind": kind, "status": "SUCCESS", "gateway": "manual", "amountSet": bag(amount)}


def make(shop: Shop, options: dict[str, Any] | None = None, **order: Any) -> dict[str, Any]:
    """A created order."""
    made = shop.data(CREATE, {"o": {"lineItems": [line()]} | order, "s": options})["orderCreate"]
    assert made["userErrors"] == []
    return dict(made["order"])


def refused(shop: Shop, **order: Any) -> list[dict[str, Any]]:
    """The errors of an order that is not made."""
    made = shop.data(CREATE, {"o": {"lineItems": [line()]} | order})["orderCreate"]
    assert made["order"] is None
    return list(made["userErrors"])


def read(shop: Shop, order: dict[str, Any]) -> dict[str, Any]:
    """An order as it is now."""
    return dict(shop.data(READ, {"id": order["id"]})["order"])


def amounts(order: dict[str, Any], *names: str) -> list[str]:
    """The shop amounts of an order by the names of their fields."""
    return [order[f"{name}Set"]["shopMoney"]["amount"] for name in names]
