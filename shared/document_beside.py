"""What documents need besides their mapping, put together for one shop: their lines, buyers, links and totals.

Composes for shared/beside.py, and decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from shared.documenting import FLAGS, Documenting, Wishes
from shared.documenting.buyers import Buyers
from shared.documenting.companies import Companies
from shared.documenting.goods import Named
from shared.documenting.links import Links, Sent
from shared.documenting.standing import Known
from shared.errors import Busy, SyncError
from shared.flows.documents.deal import Sold
from shared.flows.documents.lines import Choices
from shared.flows.documents.money import differs
from shared.flows.sales_documents_crm_to_shopify import CRM_TABLE
from shared.flows.sales_documents_crm_to_shopify import FLOW as OUTWARD
from shared.kinds.ground import Ground
from shared.kinds.orders import order_marker
from shared.records import Pair, PairState, Record, Side
from shared.shopify.client import Document
from shared.shopify.graph import gid, nodes
from shared.starting import start_of
from shared.state.store import State
from shared.sync.flow import Beside, Mode
from shared.sync.ports import Clock

ORDERS, PRODUCTS_FLOW = "orders", "products_crm_to_shopify"
DEALS = "deals"
"""A kind without records: which document another one of its deal was sent for."""
SOON, RARELY, GIVEN_UP = timedelta(hours=1), timedelta(days=1), timedelta(days=60)
"""How long until a document is looked at again that another one of its deal is still to be sent for: in the first two
days after its last change, in which that one is sent or parked; after those; and when no more."""
FIRST = timedelta(days=2)


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
        return Beside(self._documents(), differs, rivals=self._rivals, remind_left=self._remind)

    def _documents(self) -> Documenting:
        ground, wished = self.ground, self.ground.settings.documents
        marks = tuple(order_marker(shop.key) for shop in ground.settings.shops)
        since = start_of(OUTWARD.name, ground.shop.shop, ground.settings, self.state, self.clock)
        return Documenting(
            Links(ground.crm, Sent(wished.tables, wished.reasons, since, wished.estimate, marks)),
            Buyers(ground.crm, ground.shopify, self._customers),
            Companies(ground.shopify, self._companies),
            Named(ground.crm, ground.shopify, self.clock),
            Known(
                sent=self._sent, cancelled=self._cancelled, elsewhere=self._elsewhere, parked=self._parked,
                within=self._within, keep=self._keep, foreign=self._foreign, variants=self._variants,
                coming=self._coming,
            ),
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

    def _elsewhere(self, ids: Sequence[str]) -> frozenset[str]:
        """Documents that have an order in another shop: DOCUMENTS_SHOP was another one."""
        shops = [shop.shop for shop in self.ground.settings.shops if shop.shop != self.ground.shop.shop]
        load = self.state.crossrefs.load
        found = [load(shop, OUTWARD.kind, Side.CRM, ids, table=CRM_TABLE) for shop in shops if ids]
        rest = PairState.TOMBSTONE
        return frozenset(key for pairs in found for key, pair in pairs.items() if pair.state is not rest)

    def _parked(self, ids: Sequence[str]) -> frozenset[str]:
        return frozenset(self.state.parked.known(self.ground.shop.shop, OUTWARD.name, ids))

    def _within(self, ids: Sequence[str]) -> Mapping[str, str]:
        return {key: pair.evidence for key, pair in self._pairs(DEALS, CRM_TABLE, ids).items()}

    def _keep(self, within: Mapping[str, str]) -> None:
        """An intent that nobody carries out: one row a document, which says for which other one an order was sent.

        CRM takes the link away with that other document, and the sale would be sent once more.
        """
        if self.ground.settings.modes[OUTWARD.name] is not Mode.ON or not within:
            return
        known = self._within(sorted(within))
        shop = self.ground.shop.shop
        row = Pair(shop, DEALS, Side.CRM, PairState.INTENT, CRM_TABLE)
        new = {key: other for key, other in within.items() if key not in known}
        self.state.crossrefs.begin([replace(row, crm_id=key, evidence=other) for key, other in new.items()])

    def _rivals(self, records: Sequence[Record]) -> list[SyncError | None]:
        """What was decided of a page may be old: another worker may have begun to send another of a deal since."""
        deals = [tuple(each.content["document"]["deal"]) for each in records]
        own = {each.id for each in records}
        others = sorted({key for deal in deals for key in deal if len(deal) > 1})
        taken = self._sent(others).living | self._elsewhere(others) if others else frozenset()
        return [_rival(each.id, deal, taken, own) for each, deal in zip(records, deals, strict=True)]

    def _remind(self, records: Sequence[Record]) -> None:
        """Have those looked at again for which another document is to be sent that has no order yet: nobody tells when
        it falls away, because it is parked or not due any more."""
        waited = {record.id: _waited_for(record.content.get("document") or {}) for record in records}
        others = sorted(set(filter(None, waited.values())))
        sent = {"", *_linked(self._pairs(OUTWARD.kind, CRM_TABLE, others)), *self._elsewhere(others)}
        now = self.clock.now()
        held = (record for record in records if waited[record.id] not in sent)
        ages = {record.id: now - record.modified_at for record in held if record.modified_at}
        looks = {key: now + (SOON if age < FIRST else RARELY) for key, age in ages.items() if age < GIVEN_UP}
        if looks:
            self.state.due.put(self.ground.shop.shop, OUTWARD.name, looks)

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


def _waited_for(told: Mapping[str, Any]) -> str:
    """The other document that one is left alone for, where it is due itself."""
    return "" if any(told.get(name) for name in FLAGS) else str(told.get("sent_as") or "").rpartition(" ")[2]


def _rival(document: str, deal: Sequence[str], taken: Collection[str], own: Collection[str]) -> SyncError | None:
    """Busy where another of the deal is being sent; of those that are claimed together the first goes."""
    before = deal[: deal.index(document)]
    if any(key in taken and (key in before or key not in own) for key in deal if key != document):
        return Busy("Another document of its deal is being sent.", retry_after_s=30.0)
    return None


def _linked(pairs: Mapping[str, Pair]) -> dict[str, str]:
    """The Shopify ids of pairs that stand."""
    ended = (PairState.INTENT, PairState.TOMBSTONE)
    return {key: pair.shopify_id for key, pair in pairs.items() if pair.shopify_id and pair.state not in ended}
