"""What the API tells of gift cards: lists, own fields, transactions. The code itself is told once, when it is made.

Reads only.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, lists, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order, listed
from sandbox.shopify.resolvers import customers as customer_reads
from sandbox.shopify.scalars import amount
from sandbox.shopify.store import customers, gift_cards
from sandbox.shopify.store.database import Row

ORDERS = {
    "ID": Order("g.id"),
    "CREATED_AT": Order("g.created_at", time=True),
    "UPDATED_AT": Order("g.updated_at", time=True),
}
KIND = Kind("GiftCard", "g.*", "gift_cards g", "g.id", ORDERS)
TRANSACTIONS = ("GiftCardCreditTransaction", "GiftCardDebitTransaction")
registry.keys("GiftCard", "note templateSuffix expiresOn")


def source(row: Row | None) -> Row | None:
    """A gift card as the executor passes it on."""
    return None if row is None else row | {"__typename": "GiftCard"}


@registry.field("QueryRoot", "giftCards", f"{registry.CONNECTION_ARGUMENTS} query sortKey")
def _all(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    found = lists.connection(call, KIND, args)
    rows = [source(row) or row for row in found.rows]
    return Connection(rows, found.has_next, found.has_previous, found.cursor_of)


@registry.field("QueryRoot", "giftCardsCount", "query limit")
def _count(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return lists.count(call, KIND, args)


@registry.field("QueryRoot", "giftCard", "id")
def _one(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.node("GiftCard")
def _node(call: Call, identifier: str) -> Row | None:
    return source(gift_cards.get(call.store, gid.number(identifier, "GiftCard")))


@registry.field("GiftCard", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("GiftCard", row["id"])


@registry.field("GiftCard", "lastCharacters")
def _last(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["code"])[-gift_cards.SHOWN :]


@registry.field("GiftCard", "maskedCode")
def _masked(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return f"•••• •••• •••• {str(row['code'])[-gift_cards.SHOWN :]}"


@registry.field("GiftCard", "enabled")
def _enabled(row: Row, _call: Call, _args: dict[str, Any]) -> bool:
    return row["deactivated_at"] is None


for _name, _column in (("createdAt", "created_at"), ("updatedAt", "updated_at"), ("deactivatedAt", "deactivated_at")):
    registry.field("GiftCard", _name)(lambda row, _call, _args, column=_column: iso(row[column]))  # type: ignore[misc]
for _name, _column in (("balance", "balance"), ("initialValue", "initial_value")):
    registry.field("GiftCard", _name)(lambda row, _call, _args, column=_column: money(row, row[column]))  # type: ignore[misc]


def money(row: Row, value: str) -> Row:
    """An amount in the card's currency."""
    return {"amount": amount(value), "currencyCode": row["currency"]}


@registry.field("GiftCard", "customer")
def _customer(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return customer_reads.source(customers.get(call.store, row["customer_id"]))


@registry.field("GiftCard", "order")
def _order(_row: Row, _call: Call, _args: dict[str, Any]) -> None:
    return None  # every card here was issued by hand


def transaction_source(call: Call, number: int) -> Row | None:
    """A transaction as the executor passes it on."""
    row = call.db.get("gift_card_transactions", number)
    return None if row is None else row | {"__typename": f"GiftCard{row['kind']}Transaction"}


@registry.field("GiftCard", "transactions", registry.CONNECTION_ARGUMENTS)
def _transactions(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    numbers = call.db.all("SELECT id FROM gift_card_transactions WHERE card_id = ? ORDER BY id", (row["id"],))
    return listed([shown for one in numbers if (shown := transaction_source(call, one["id"]))], args)


for _kind in (*TRANSACTIONS, "GiftCardTransaction"):
    registry.keys(_kind, "note")


@registry.field("GiftCardTransaction", "id")
def _transaction_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make(row["__typename"], row["id"])


@registry.field("GiftCardTransaction", "amount")
def _transaction_amount(row: Row, call: Call, _args: dict[str, Any]) -> Row:
    return money(gift_cards.get(call.store, row["card_id"]) or row, row["amount"])


@registry.field("GiftCardTransaction", "processedAt")
def _transaction_at(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["processed_at"])


@registry.field("GiftCardTransaction", "giftCard")
def _transaction_card(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return source(gift_cards.get(call.store, row["card_id"]))


for _kind in TRANSACTIONS:
    for _field in ("id", "amount", "processedAt", "giftCard"):
        registry.field(_kind, _field)(registry.FIELDS["GiftCardTransaction", _field].resolve)
