"""Where other areas join in the life of an order: they append functions, orders call them.

Fulfilment owns what is shipped, customers own who bought, platform owns what is told; none of it is decided here.
Functions run inside the transaction of the change and may refuse it by raising.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

Quantities = dict[int, int]


@dataclass
class Hooks:
    """Lists of functions, called in the order they were added; quantities are by number of the order line."""

    # An order and its parts are in the store: open fulfilment orders, note the customer's last order.
    created: list[Callable[[Store, int], None]] = field(default_factory=list)
    # A new order says that it was shipped: {"status": FULFILLED, PARTIAL or RESTOCKED, "fulfillment": input or None}.
    shipped: list[Callable[[Store, int, Row], None]] = field(default_factory=list)
    # An edit added these quantities to an order (new lines or more of old ones).
    added: list[Callable[[Store, int, Quantities], None]] = field(default_factory=list)
    # An edit or a refund took these quantities off what is still to be shipped.
    removed: list[Callable[[Store, int, Quantities], None]] = field(default_factory=list)
    # The order was cancelled: close what is open.
    cancelled: list[Callable[[Store, int], None]] = field(default_factory=list)
    # The order is about to be deleted: delete what hangs on it.
    deleted: list[Callable[[Store, int], None]] = field(default_factory=list)
    # How much of each line has been shipped (fulfilments that were not cancelled).
    fulfilled: list[Callable[[Store, int], Quantities]] = field(default_factory=list)
    # The statuses of the order's open fulfilment orders: OPEN, IN_PROGRESS, ON_HOLD, SCHEDULED ...
    statuses: list[Callable[[Store, int], Iterable[str]]] = field(default_factory=list)


HOOKS = Hooks()


def fulfilled(store: Store, order: int) -> Quantities:
    """How much of each line has been shipped, as far as anybody knows."""
    found: Quantities = {}
    for hook in HOOKS.fulfilled:
        for line, quantity in hook(store, order).items():
            found[line] = found.get(line, 0) + quantity
    return found


def statuses(store: Store, order: int) -> list[str]:
    """The statuses of the order's fulfilment orders."""
    return [status for hook in HOOKS.statuses for status in hook(store, order)]
