"""What kinds do about their records besides mapping them, put together for one shop: one function per flow.

Composes and decides nothing; shared/wiring.py asks here when it makes a job.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from shared.awaiting import Ways, resolved
from shared.completing import Completion, too_much, totals_differ
from shared.dataverse.document_notes import moot as document_moot
from shared.dataverse.edits import STATE
from shared.dataverse.order_notes import NOTES, OrderNotes
from shared.dataverse.orders import moot
from shared.document_beside import DocumentsBeside
from shared.flows.companies_shopify_to_crm import FLOW as COMPANIES
from shared.flows.orders.amounts import MoneySide
from shared.flows.sales_documents_crm_to_shopify import FLOW as DOCUMENTS
from shared.flows.sales_documents_shopify_to_crm import FLOW as DOCUMENTS_BACK
from shared.importing import Intake
from shared.kinds import Ground
from shared.membership import Living
from shared.pending import Pending
from shared.records import Side
from shared.shopify.root_names import ALL_ORDERS
from shared.shopify.setup import shop_facts
from shared.starting import ORDERS, start_of
from shared.state.store import State
from shared.sync.flow import Beside, Flow
from shared.sync.ports import Clock


@dataclass(frozen=True, slots=True)
class Stand:
    """What all of this stands on, of one shop."""

    ground: Ground
    state: State
    clock: Clock

    @property
    def shop(self) -> str:
        """The shop's domain."""
        return self.ground.shop.shop


def _orders(stand: Stand) -> Beside:
    ground, state, shop = stand.ground, stand.state, stand.shop
    settings = ground.settings
    since = start_of(ORDERS, shop, settings, state, stand.clock)
    ways = Ways(shop, state, settings.modes)
    complete = Completion(
        ground.crm, ground.metadata, stand.clock,
        resolve=lambda asked: resolved(state, shop, Side.SHOPIFY, asked),
        awaited=ways.awaited,
        loading=ways.loading,
        carried=ways.carried,
        running=ways.running,
        row=lambda name: ground.constants({name}).get(name),
        side=MoneySide(settings.order_currency),
        intake=Intake(since, settings.orders_when, timedelta(days=settings.orders_wait_days)),
    )  # fmt: skip
    notes = OrderNotes(ground.crm, ground.metadata, too_much)
    how = Beside(complete, totals_differ, notes, chosen=settings.order_currency)
    pending = Pending(state, shop, ORDERS, stand.clock)
    how = replace(how, rows=frozenset({NOTES.name}), moot=moot, last=frozenset(STATE), remind=pending)
    return replace(how, whole=lambda: _all_orders(stand))


def _all_orders(stand: Stand) -> bool:
    """Whether the app sees orders of more than 60 days ago."""
    return ALL_ORDERS in shop_facts(stand.ground.shopify).scopes


def _documents_back(stand: Stand) -> Beside:
    return Beside(moot=document_moot, whole=lambda: _all_orders(stand))


def _companies(stand: Stand) -> Beside:
    living = Living(stand.state, stand.shop, COMPANIES.name, stand.clock)
    return Beside(living, remind=living.remind)


def _documents(stand: Stand) -> Beside:
    return DocumentsBeside(stand.ground, stand.state, stand.clock).beside()


def _tables(stand: Stand) -> Beside:
    """Of tables whose records are orders, or are reached through them."""
    return Beside(whole=lambda: _all_orders(stand))


def beside_of(flow: Flow, stand: Stand, scopes: Collection[str] = ()) -> Beside:
    """What that flow does besides mapping; nothing, for most. `scopes`: what its kind has to be granted."""
    make = _BESIDES.get(flow.name, _tables if ALL_ORDERS in scopes else None)
    return make(stand) if make else Beside()


_BESIDES: Mapping[str, Callable[[Stand], Beside]] = {
    ORDERS: _orders,
    COMPANIES.name: _companies,
    DOCUMENTS.name: _documents,
    DOCUMENTS_BACK.name: _documents_back,
}
