"""Payment transactions of orders: money that was authorised, captured, paid, given back or voided.

Reads only. A shop without a payment provider has manual gateways: nothing to settle, no fees, no card.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.resolvers.order_source import bag, book, by_number, money, of, shop_money
from sandbox.shopify.store import order_payments as payments
from sandbox.shopify.store.database import Row

registry.keys("OrderTransaction", "kind status gateway paymentId errorCode authorizationCode")

# Nothing here comes from a card or a terminal, and no rate of the day is kept apart from the amounts themselves.
CONSTANT: dict[str, Any] = {
    "accountNumber": None,
    "authorizationExpiresAt": None,
    "currencyExchangeAdjustment": None,
    "fees": [],
    "multiCapturable": False,
    "paymentDetails": None,
    "settlementCurrency": None,
    "settlementCurrencyRate": None,
}
for _name, _value in CONSTANT.items():
    registry.field("OrderTransaction", _name)(lambda _row, _call, _args, value=_value: value)  # type: ignore[misc]
registry.keys("TransactionFee", "id")
registry.keys("CurrencyExchangeAdjustment", "id")


def transaction_source(row: Row | None) -> Row | None:
    """A transaction row as the executor passes it on."""
    return None if row is None else row | {"__typename": "OrderTransaction"}


@registry.field("OrderTransaction", "amountRoundingSet")
def _rounded(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    found = book(call, row["order_id"])
    amount = payments.roundings(found).get(row["id"])
    return None if amount is None else bag(found, amount)


@registry.field("Order", "transactions", "first capturable")
def _transactions(row: Row, call: Call, args: dict[str, Any]) -> list[Row | None]:
    found = book(call, row["id"])
    rows = found.transactions
    if args.get("capturable") is not None:
        rows = [one for one in rows if bool(payments.capturable_of(found, one)) is args["capturable"]]
    return [transaction_source(one) for one in rows[: args.get("first")]]


@registry.field("Order", "transactionsCount")
def _count(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return {"count": len(book(call, row["id"]).transactions), "precision": "EXACT"}


@registry.node("OrderTransaction")
def _node(call: Call, identifier: str) -> Row | None:
    return transaction_source(call.db.get("order_transactions", gid.number(identifier, "OrderTransaction")))


@registry.field("OrderTransaction", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("OrderTransaction", row["id"])


@registry.field("OrderTransaction", "formattedGateway")
def _formatted(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return row["gateway"] and row["gateway"].replace("_", " ")  # type: ignore[no-any-return]


@registry.field("OrderTransaction", "order")
def _order(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return by_number(call, row["order_id"])


@registry.field("OrderTransaction", "parentTransaction")
def _parent(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return transaction_source(call.db.get("order_transactions", row["parent_id"]))


@registry.field("OrderTransaction", "manualPaymentGateway")
def _manual(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return row["gateway"] is not None


for _field in ("test",):
    registry.field("OrderTransaction", _field)(lambda row, _call, _args, name=_field: bool(row[name]))  # type: ignore[misc]


@registry.field("OrderTransaction", "manuallyCapturable")
def _capturable(_row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    # Recorded false of authorisations of the manual gateway, the only ones there are here.
    return False


@registry.field("OrderTransaction", "createdAt")
def _created(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["created_at"])


@registry.field("OrderTransaction", "processedAt")
def _processed(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["processed_at"])


@registry.field("OrderTransaction", "receiptJson")
def _receipt(row: Row, _call: Call, _args: dict[str, Any]) -> Any:
    return json.dumps(json.loads(row["receipt"])) if row["receipt"] else None


@registry.field("OrderTransaction", "amountSet")
def _amount_set(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return bag(of(call, row), row["amount"])


@registry.field("OrderTransaction", "amount")
def _amount(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return money(of(call, row), row["amount"])


@registry.field("OrderTransaction", "amountV2")
def _amount_v2(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return shop_money(of(call, row), row["amount"])


@registry.field("OrderTransaction", "totalUnsettledSet")
def _unsettled(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = of(call, row)
    return bag(found, payments.capturable_of(found, row))


@registry.field("OrderTransaction", "totalUnsettled")
def _unsettled_money(row: Row, call: Call, _args: dict[str, Any]) -> str:
    found = of(call, row)
    return money(found, payments.capturable_of(found, row))


@registry.field("OrderTransaction", "totalUnsettledV2")
def _unsettled_v2(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    found = of(call, row)
    return shop_money(found, payments.capturable_of(found, row))
