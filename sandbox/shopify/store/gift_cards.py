"""Gift cards in the store: issued, changed, topped up, spent, switched off, and what the search index keeps of them.

What an input may say is decided by the mutations.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from sandbox.shopify.search.index import Document
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

SHOWN = 4
"""Characters at a code's end that everybody may see."""


def get(store: Store, number: int | None) -> Row | None:
    """A gift card by its number."""
    return store.db.get("gift_cards", number)


def of_code(store: Store, code: str) -> Row | None:
    """The gift card with a code, which is kept in small letters."""
    return store.db.one("SELECT * FROM gift_cards WHERE code = ?", (code.lower(),))


def add(store: Store, values: Row) -> int:
    """Issue a gift card."""
    now = store.now()
    number = store.db.next_id("GiftCard")
    store.db.insert("gift_cards", values | {"id": number, "created_at": now, "updated_at": now})
    _reindex(store, number)
    return number


def change(store: Store, number: int, values: Row) -> None:
    """Change a gift card's columns."""
    store.db.update("gift_cards", number, values | {"updated_at": store.now()})
    _reindex(store, number)


def move(store: Store, row: Row, kind: str, amount: Decimal, values: Row) -> int:
    """Add to a card's balance, or take from it; the transaction's number."""
    number = store.db.next_id(f"GiftCard{kind}Transaction")
    signed = amount if kind == "Credit" else -amount
    entry = {"id": number, "card_id": row["id"], "kind": kind, "amount": str(signed), **values}
    store.db.insert("gift_card_transactions", entry)
    change(store, row["id"], {"balance": str(Decimal(row["balance"]) + signed)})
    return number


def expired(store: Store, row: Row) -> bool:
    """Whether its last day is over."""
    today = datetime.fromtimestamp(store.now() / 1_000_000, UTC).date().isoformat()
    return row["expires_on"] is not None and row["expires_on"] < today


def _reindex(store: Store, number: int) -> None:
    row = get(store, number)
    store.index.put("GiftCard", number, row and _document(row))


def _document(row: Row) -> Document:
    balance, value = Decimal(row["balance"]), Decimal(row["initial_value"])
    full = "full" if balance >= value else "empty" if balance == 0 else "partial"
    views = [full, *(["full_or_partial"] if full != "empty" else [])]
    numbers = {column: [row[column]] for column in ("id", "created_at")}
    return {
        "numbers": numbers | {"customer_id": [row["customer_id"]] if row["customer_id"] else []},
        "words": {"code": [row["code"]]},
        "keywords": {
            "status": ["disabled" if row["deactivated_at"] else "enabled"],
            "balance_status": views,
            "source": [row["source"]],
        },
        "default": ["code"],
    }
