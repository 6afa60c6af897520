"""What documents need besides their mapping, put together for one shop: their lines, buyers, links and totals.

Composes for shared/beside.py, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.documenting import Documenting, Known, Wishes
from shared.documenting.buyers import Buyers
from shared.documenting.companies import Companies
from shared.documenting.goods import Named
from shared.documenting.links import Links, Sent
from shared.flows.documents.deal import Sold
from shared.flows.documents.lines import Choices
from shared.flows.documents.money import differs
from shared.flows.sales_documents_crm_to_shopify import CRM_TABLE
from shared.flows.sales_documents_crm_to_shopify import FLOW as OUTWARD
from shared.kinds.ground import Ground
from shared.kinds.orders import order_marker
from shared.records import Pair, PairState, Side
from shared.shopify.client import Document
from shared.shopify.graph import gid, nodes
from shared.state.store import State
from shared.sync.flow import Beside, Mode
from shared.sync.ports import Clock

ORDERS, PRODUCTS_FLOW = "orders", "products_crm_to_shopify"
FIRST_DOCUMENTS = "documents since"
"""The note of when a shop's documents were first asked for: what is older is history."""

_CANCELLED = Document(
    "OrdersCancelled",
    "query OrdersCancelled($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { id cancelledAt } } }",
)


@dataclass(frozen=True, slots=True)
class DocumentsBeside:
    """Of one shop."""

    ground: Ground
    state: State
    clock: Clock

    def beside(self) -> Beside:
        """See Beside."""
        return Beside(self._documents(), differs)

    def _since(self) -> datetime:
        keep = self.ground.settings.modes[OUTWARD.name] is Mode.ON  # a plan leaves nothing behind
        note = f"{FIRST_DOCUMENTS} {self.ground.shop.shop}"
        return self.ground.settings.documents.since or self.state.notes.first(note, self.clock.now(), keep=keep)

    def _documents(self) -> Documenting:
        ground, wished = self.ground, self.ground.settings.documents
        marks = tuple(order_marker(shop.key) for shop in ground.settings.shops)
        return Documenting(
            Links(ground.crm, Sent(wished.tables, wished.reasons, self._since(), wished.estimate, marks)),
            Buyers(ground.crm, ground.shopify, self._customers),
            Companies(ground.shopify, self._companies),
            Named(ground.crm, ground.shopify, self.clock),
            Known(self._sent, self._cancelled, self._foreign, self._variants, self._coming),
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

    def _sent(self, ids: Sequence[str]) -> Sold:
        pairs = self._pairs(OUTWARD.kind, CRM_TABLE, ids)
        rested = frozenset(key for key, pair in pairs.items() if pair.state is PairState.TOMBSTONE)
        return Sold(frozenset(pairs) - rested, rested)

    def _cancelled(self, ids: Sequence[str]) -> frozenset[str]:
        orders = {gid("Order", order): key for key, order in _linked(self._pairs(OUTWARD.kind, CRM_TABLE, ids)).items()}
        pages = nodes(self.ground.shopify, _CANCELLED, list(orders))
        found = (node for _, page in pages for node in page if node and node["cancelledAt"])
        return frozenset(orders[node["id"]] for node in found)

    def _foreign(self, ids: Sequence[str]) -> frozenset[str]:
        return frozenset(self._pairs(ORDERS, "salesorder", ids))

    def _customers(self, table: str, ids: Sequence[str]) -> Mapping[str, str]:
        return _linked(self._pairs("customers", table, ids))

    def _companies(self, ids: Sequence[str]) -> Mapping[str, str]:
        return _linked(self._pairs("companies", "account", ids))

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
