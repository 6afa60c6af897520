"""Who a real shop would have written to. Nothing is sent; each mail is kept, so that a test can count them.

Evidence: the texts of Shopify's schema for `sendReceipt`, `sendFulfillmentReceipt`, `notifyCustomer` and the invoices
("the customer can be notified about their order" of `draftOrderComplete`, which has no switch), and users of the API
who report that completing a draft mails the address it has, and none where it has none (shopify-api-ruby 642); a buyer
with a number alone gets a text message (ShopifySharp 433).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.shopify.store import customers
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store


@dataclass(frozen=True)
class Mail:
    """One message: why it was sent, about which record, to whom."""

    why: str
    kind: str
    number: int
    to: str


def reach(store: Store, row: Row) -> str | None:
    """The address or number under which the buyer of an order or a draft order is written to; None: nobody is."""
    buyer: Row = customers.get(store, row.get("customer_id")) or {}
    found: Any = row.get("email") or row.get("phone") or buyer.get("email") or buyer.get("phone")
    return str(found) if found else None


def tell(store: Store, why: str, kind: str, row: Row, *, to: str | None = None) -> None:
    """Keep a message to the buyer, or to an address that was given; where there is neither, none is sent."""
    address = to or reach(store, row)
    if address:
        store.mails.append(Mail(why, kind, int(row["id"]), address))
