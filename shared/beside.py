"""What kinds do about their records besides mapping them, put together for one shop: one function per kind.

Composes and decides nothing; shared/wiring.py asks here when it makes a job.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from shared.awaiting import Ways, resolved
from shared.completing import Completion, too_much, totals_differ
from shared.dataverse.client import Client
from shared.dataverse.edits import STATE
from shared.dataverse.metadata import Metadata
from shared.dataverse.order_notes import NOTES, OrderNotes
from shared.dataverse.orders import moot
from shared.flows.orders.amounts import MoneySide
from shared.membership import Living
from shared.records import Side
from shared.settings import Settings
from shared.state.store import State
from shared.sync.flow import Beside, Mode
from shared.sync.ports import Clock

ORDERS_FLOW = "orders_shopify_to_crm"
FIRST_ORDERS = "orders since"
"""The note of when a shop's orders were first asked for: older ones are history."""


@dataclass(frozen=True, slots=True)
class Stand:
    """What all of this stands on. `constants` gives the ids of rows that settings name."""

    crm: Client
    metadata: Metadata
    clock: Clock
    state: State
    settings: Settings
    constants: Callable[[Collection[str]], Mapping[str, str]]


def _orders(stand: Stand, shop: str) -> Beside:
    state, settings = stand.state, stand.settings
    keep = settings.modes[ORDERS_FLOW] is Mode.ON  # a plan leaves nothing behind
    since = settings.orders_since or state.notes.first(f"{FIRST_ORDERS} {shop}", stand.clock.now(), keep=keep)
    ways = Ways(shop, state, settings.modes)
    complete = Completion(
        stand.crm, stand.metadata, stand.clock,
        resolve=lambda asked: resolved(state, shop, Side.SHOPIFY, asked),
        awaited=ways.awaited,
        loading=ways.loading,
        row=lambda name: stand.constants({name}).get(name),
        side=MoneySide(settings.order_currency),
        since=since,
    )  # fmt: skip
    notes = OrderNotes(stand.crm, stand.metadata, too_much)
    how = Beside(complete, totals_differ, notes, chosen=settings.order_currency)
    return replace(how, rows=frozenset({NOTES.name}), moot=moot, last=frozenset(STATE))


def _companies(stand: Stand, shop: str) -> Beside:
    return Beside(Living(stand.state, shop))


BESIDES: Mapping[str, Callable[[Stand, str], Beside]] = {"orders": _orders, "companies": _companies}
