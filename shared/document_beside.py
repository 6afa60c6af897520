"""What documents need besides their mapping, put together for one shop: their lines, buyers, links and totals.

Composes for shared/beside.py, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.documenting import Documenting, Known, Wishes
from shared.documenting.buyers import Buyers
from shared.documenting.companies import Companies
from shared.documenting.goods import Named
from shared.documenting.links import Links, Sent
from shared.flows.documents.lines import Choices
from shared.flows.documents.money import differs
from shared.flows.sales_documents_crm_to_shopify import CRM_TABLE
from shared.flows.sales_documents_crm_to_shopify import FLOW as OUTWARD
from shared.kinds.ground import Ground
from shared.kinds.orders import order_marker
from shared.records import Pair, PairState, Side
from shared.starting import start_of
from shared.state.store import State
from shared.sync.flow import Beside, Mode
from shared.sync.ports import Clock

ORDERS, PRODUCTS_FLOW = "orders", "products_crm_to_shopify"


@dataclass(frozen=True, slots=True)
class DocumentsBeside:
    """Of one shop."""

    ground: Ground
    state: State
    clock: Clock

    def beside(self) -> Beside:
        """See Beside."""
        return Beside(self._documents(), differs)

    def _documents(self) -> Documenting:
        ground, wished = self.ground, self.ground.settings.documents
        marks = tuple(order_marker(shop.key) for shop in ground.settings.shops)
        since = start_of(OUTWARD.name, ground.shop.shop, ground.settings, self.state, self.clock)
        return Documenting(
            Links(ground.crm, Sent(wished.tables, wished.reasons, since, wished.estimate, marks)),
            Buyers(ground.crm, ground.shopify, self._customers),
            Companies(ground.shopify, self._companies),
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
