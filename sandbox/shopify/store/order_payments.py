"""What was paid for an order: received, refunded, authorised, outstanding, and the financial status that follows.

Computed from transactions alone; an order without any has no financial status (recorded: displayFinancialStatus null).
"""

from __future__ import annotations

from sandbox.shopify.money import Bag, total
from sandbox.shopify.store import order_parts
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book

RECEIVING = {"SALE", "CAPTURE"}


def amounts(book: Book, kinds: set[str], status: str = "SUCCESS") -> Bag:
    """The sum of transactions of some kinds."""
    rows = [row for row in book.transactions if row["kind"] in kinds and row["status"] == status]
    return total(Bag.read(row["amount"]) for row in rows)


def received(book: Book) -> Bag:
    """What the buyer paid."""
    return amounts(book, RECEIVING) - amounts(book, {"CHANGE"})


def refunded(book: Book) -> Bag:
    """What the buyer got back."""
    return amounts(book, {"REFUND"})


def net(book: Book) -> Bag:
    """What was received and not given back."""
    return received(book) - refunded(book)


def roundings(book: Book) -> dict[int, Bag]:
    """What payments and refunds in cash were rounded by, by transaction; it is no part of what was received."""
    rows = order_parts.of(book.store, "order_roundings", book.number, "transaction_id")
    return {row["transaction_id"]: Bag.read(row["amount"]) for row in rows}


def rounded(book: Book, *, refunded: bool = False) -> Bag:
    """The roundings of all payments, or of all refunds."""
    back = {row["id"] for row in book.transactions if row["kind"] == "REFUND"}
    return total(amount for number, amount in roundings(book).items() if (number in back) is refunded)


def children(book: Book, parent: Row, kinds: set[str]) -> list[Row]:
    """The successful transactions that follow from one."""
    done = [row for row in book.transactions if row["status"] == "SUCCESS" and row["kind"] in kinds]
    return [row for row in done if row["parent_id"] == parent["id"]]


def capturable_of(book: Book, row: Row) -> Bag:
    """What is left to capture of an authorisation."""
    if row["kind"] != "AUTHORIZATION" or row["status"] != "SUCCESS" or children(book, row, {"VOID"}):
        return Bag()
    taken = total(Bag.read(one["amount"]) for one in children(book, row, {"CAPTURE"}))
    return (Bag.read(row["amount"]) - taken).floored()


def capturable(book: Book) -> Bag:
    """What is authorised and not captured."""
    return total(capturable_of(book, row) for row in book.transactions)


def outstanding(book: Book) -> Bag:
    """What has not been transacted yet: authorised money counts as transacted (recorded)."""
    left = book.current_total - net(book) - capturable(book)
    # Paid in full in the buyer's currency is paid in full, whatever the rate of the day made of it (recorded).
    return left if left.presentment else Bag()


def financial_status(book: Book) -> str | None:
    """displayFinancialStatus, None as long as there is no transaction; one that was given holds until money moves."""
    if book.order["given_financial_status"]:
        return str(book.order["given_financial_status"])
    if received(book).presentment > 0:
        return _of_paid(book)
    if capturable(book):
        return "AUTHORIZED"
    if any(row["status"] == "PENDING" for row in book.transactions):
        return "PENDING"
    if any(row["kind"] == "VOID" and row["status"] == "SUCCESS" for row in book.transactions):
        return "VOIDED"
    return None


def _of_paid(book: Book) -> str:
    back = refunded(book).presentment
    if back >= received(book).presentment:
        return "REFUNDED"
    if back > 0:
        return "PARTIALLY_REFUNDED"
    return "PARTIALLY_PAID" if outstanding(book).presentment > 0 else "PAID"


def gateways(book: Book) -> list[str]:
    """The names of the gateways used, once each."""
    return list(dict.fromkeys(row["gateway"] for row in book.transactions if row["gateway"]))
