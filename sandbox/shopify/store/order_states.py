"""The states of an order that follow from its parts: fulfilment and return status, whether it can be edited.

Pure functions of a book; where no recording says more, the schema's own texts decide.
"""

from __future__ import annotations

from sandbox.shopify.store import order_hooks, order_payments
from sandbox.shopify.store.order_book import Book

# The first of these states that a return of the order is in decides (recorded).
RETURN_STATUS = (("REQUESTED", "RETURN_REQUESTED"), ("OPEN", "IN_PROGRESS"), ("CLOSED", "RETURNED"))
# All that is still to be shipped is in one of these states: the display status says so.
SHARED = ("ON_HOLD", "SCHEDULED")


def fulfillment_status(book: Book) -> str:
    """displayFulfillmentStatus."""
    shipped = sum(book.fulfilled.values())
    open_units = sum(book.unfulfilled_quantity(line) for line in book.lines)
    if shipped and not open_units:
        return "FULFILLED"
    if shipped:
        return "PARTIALLY_FULFILLED"
    if book.order["cancelled_at"] is not None:
        return "UNFULFILLED"
    states = [state for state in order_hooks.statuses(book.store, book.number) if state not in {"CLOSED", "CANCELLED"}]
    for state in SHARED:
        if states and all(one == state for one in states):
            return state
    if "IN_PROGRESS" in states:
        return "IN_PROGRESS"
    return "UNFULFILLED"


def return_status(book: Book) -> str:
    """returnStatus, from the returns of the order."""
    states = {row["status"] for row in book.returns}
    return next((shown for state, shown in RETURN_STATUS if state in states), "NO_RETURN")


def is_closed(book: Book) -> bool:
    """True once an order is archived."""
    return book.order["closed_at"] is not None


def edit_obstacles(book: Book) -> list[str]:
    """merchantEditableErrors: why an order cannot be edited; empty when it can."""
    if book.order["cancelled_at"] is not None:
        return ["Order is cancelled"]
    if order_payments.refunded(book) and order_payments.financial_status(book) == "REFUNDED":
        return ["Order is refunded"]
    return []
