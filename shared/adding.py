"""What is added to records before they are mapped, put together per flow: orders' money, documents' lines and buyers.

Composes for shared/wiring.py, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.awaiting import Ways, resolved
from shared.completing import Completion, totals_differ
from shared.documenting import Documenting, Known, Wishes
from shared.documenting.buyers import Buyers
from shared.documenting.goods import Named
from shared.documenting.links import Links, Sent
from shared.errors import SyncError
from shared.flows.documents.lines import Choices
from shared.flows.documents.money import differs
from shared.flows.orders.amounts import MoneySide
from shared.flows.sales_documents_crm_to_shopify import CRM_TABLE
from shared.flows.sales_documents_crm_to_shopify import FLOW as OUTWARD
from shared.kinds.ground import Ground
from shared.kinds.orders import order_marker
from shared.records import Pair, PairState, Record, Side
from shared.state.store import State
from shared.sync.flow import Flow, Incomplete, Mode
from shared.sync.ports import Clock

ORDERS, ORDERS_FLOW = "orders", "orders_shopify_to_crm"
PRODUCTS_FLOW = "products_crm_to_shopify"
FIRST_ORDERS, FIRST_DOCUMENTS = "orders since", "documents since"
"""The notes of when either was first asked for: what is older is history."""
Complete = Callable[[Sequence[Record]], Sequence[Record | Incomplete]]
Verify = Callable[[Record, Record], SyncError | None]


@dataclass(frozen=True, slots=True)
class Adding:
    """What the flows of one shop add to their records."""

    ground: Ground
    state: State
    clock: Clock

    def complete(self, flow: Flow) -> Complete | None:
        """What completes the records of that flow; None where nothing is added."""
        if flow.kind == ORDERS:
            return self._orders()
        return self._documents() if flow.name == OUTWARD.name else None

    def verify(self, flow: Flow) -> Verify | None:
        """What holds what was written against the source."""
        if flow.kind == ORDERS:
            return totals_differ
        return differs if flow.name == OUTWARD.name else None

    def _since(self, given: datetime | None, note: str, flow: str) -> datetime:
        keep = self.ground.settings.modes[flow] is Mode.ON  # a plan leaves nothing behind
        return given or self.state.notes.first(note, self.clock.now(), keep=keep)

    def _orders(self) -> Completion:
        settings, shop = self.ground.settings, self.ground.shop.shop
        ways = Ways(shop, self.state, settings.modes)
        return Completion(
            self.ground.crm, self.ground.metadata, self.clock,
            resolve=lambda asked: resolved(self.state, shop, Side.SHOPIFY, asked),
            awaited=ways.awaited,
            loading=ways.loading,
            row=lambda name: self.ground.constants({name}).get(name),
            side=MoneySide(settings.order_currency),
            since=self._since(settings.orders_since, FIRST_ORDERS, ORDERS_FLOW),
        )  # fmt: skip

    def _documents(self) -> Documenting:
        ground, wished = self.ground, self.ground.settings.documents
        marks = tuple(order_marker(shop.key) for shop in ground.settings.shops)
        since = self._since(wished.since, FIRST_DOCUMENTS, OUTWARD.name)
        return Documenting(
            Links(ground.crm, Sent(wished.tables, wished.reasons, since, wished.estimate, marks)),
            Buyers(ground.crm, ground.shopify, self._customers),
            Named(ground.crm, ground.shopify, self.clock),
            Known(self._sent, self._foreign, self._variants, self._coming),
            Wishes(
                here=wished.shop == ground.shop.shop,
                lines=Choices(wished.fractions, wished.negative),
                unlinked=wished.unlinked,
                siblings=wished.siblings,
                cancel=wished.cancel,
            ),
        )

    def _pairs(self, kind: str, table: str, ids: Sequence[str]) -> Mapping[str, Pair]:
        return self.state.crossrefs.load(self.ground.shop.shop, kind, Side.CRM, ids, table=table) if ids else {}

    def _sent(self, ids: Sequence[str]) -> frozenset[str]:
        """Documents that have an order, or are about to."""
        return frozenset(self._pairs(OUTWARD.kind, CRM_TABLE, ids))

    def _foreign(self, ids: Sequence[str]) -> frozenset[str]:
        return frozenset(self._pairs(ORDERS, "salesorder", ids))

    def _customers(self, table: str, ids: Sequence[str]) -> Mapping[str, str]:
        return _linked(self._pairs("customers", table, ids))

    def _variants(self, ids: Sequence[str]) -> Mapping[str, str]:
        return _linked(self._pairs("variants", "product", ids))

    def _coming(self, ids: Sequence[str]) -> frozenset[str]:
        """Products whose own flow is on and does not have them parked."""
        if self.ground.settings.modes[PRODUCTS_FLOW] is not Mode.ON:
            return frozenset()
        return frozenset(ids) - self.state.parked.known(self.ground.shop.shop, PRODUCTS_FLOW, ids).keys()


def _linked(pairs: Mapping[str, Pair]) -> dict[str, str]:
    """The Shopify ids of pairs that stand."""
    ended = (PairState.INTENT, PairState.TOMBSTONE)
    return {key: pair.shopify_id for key, pair in pairs.items() if pair.shopify_id and pair.state not in ended}
