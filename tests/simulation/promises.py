"""What must be true once the troubles are over: each promise, held against both systems and what people did there.

The auditor reads both sides as people see them and knows nothing of the app. Only for verdicts, parked records and
pairs is the app asked, because those are its own word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.records import Item, Origin, Page, Pair, ParkedRow, Side, Verdict
from tests.e2e import reading
from tests.e2e.auditor import RETIRED, Audit, compare
from tests.e2e.reading import Product, Variant
from tests.simulation.book import CRM, SHOPIFY, Book, Entry
from tests.simulation.town import Town
from tests.support.plant import CRM_URL, SHOP

QUIET = frozenset({Verdict.UNCHANGED, Verdict.SKIPPED})
SHARED_RETIREMENT = "Other variants of Shopify product"
FAIRLY = "edits that lost to the owner's"
BETWEEN = "edits in Shopify that lost to the owner's, made between look and write"


@dataclass(frozen=True)
class Owned:
    """A field that people edit: its owner, whose word stands, and where to read it. `records`: ids its entries name."""

    name: str
    owner: str
    held: Callable[[Variant, Product], Any]
    records: Callable[[Variant, Product], tuple[str, ...]] = lambda variant, product: (variant.id, product.id)


FIELDS = (
    Owned("number", CRM, lambda variant, product: product.number),
    Owned("price", CRM, lambda variant, product: product.price),
    Owned("vendor", CRM, lambda variant, product: product.vendor),
    Owned("title", SHOPIFY, lambda variant, product: variant.product_title, lambda variant, _: (variant.product_id,)),
)


@dataclass
class Promises:
    """All of them, for one life. `checked` counts what was looked at in the end."""

    town: Town
    book: Book
    checked: Counter[str] = field(default_factory=Counter)

    def before_comparison(self) -> list[str]:
        """What has to be right without the nightly comparison: all but what follows from a delete nobody told.

        Nor need that be right which waits for its daily try, because every worker died that was about it.
        """
        found = self._audited()
        different = [one for one in found.different if "still in use" not in one]
        failed = {row.source_id for row in self._parked_rows() if row.code == "WorkerFailed"}
        wrong = [*found.doubled, *found.missing, *different, *self._lost_edits(found)]
        wrong = [one for one in wrong if not any(each in one for each in failed)]
        return [*self.town.defects, *self._at_once(), *wrong]

    def broken(self) -> list[str]:
        """Every promise that does not hold at the end."""
        found = self._audited()
        parked = list(self._parked_rows())
        excused = self._excused(found, parked)
        wrong = [one for one in found.findings if not any(_concerns(one, variant) for variant in excused.values())]
        wrong += [f"parked in {row.flow}: {row.source_id} {row.code}: {row.sentence}" for row in parked
                  if row.source_id not in excused]  # fmt: skip
        self.checked = Counter({"pairs": len(found.pairs), "creates": self.town.witness.made.total()})
        wrong += [*self._lost_edits(found), *self.town.witness.doubled(), *self._at_once()]
        return [*self.town.defects, *wrong, *self._verdicts(found, excused), *self._uncounted()]

    # -- both sides ---------------------------------------------------------------------------------------------

    def _audited(self) -> Audit:
        token = self.town.shopify.config.merchant_token
        merchant = reading.Merchant({"url": f"https://{SHOP}", "merchant_token": token})
        self.town.mount(merchant._session, self.town.shopify.wsgi)
        sales = reading.Salesperson({"url": CRM_URL, "salesperson_token": "salesperson-token"}, shop="acme")
        self.town.mount(sales._session, self.town.crm.wsgi)
        _, group, unit = sales.basics()
        found = Audit({one.id: one for one in merchant.variants()}, {one.id: one for one in sales.products()})
        return compare(found, (unit, group), shared=frozenset(), ended=self._ended(found))

    def _ended(self, found: Audit) -> frozenset[str]:
        """Records whose counterpart a person deleted, told by the mark that they or it carried."""
        gone = {record for _, record in self.book.removed}
        ended = {one.id for one in found.variants.values() if one.mark in gone}
        ended |= {one.id for one in found.products.values() if one.mark in gone}
        ended |= {str(pair.crm_id) for pair in self._pairs() if pair.shopify_id in gone}
        ended |= {str(pair.shopify_id) for pair in self._pairs() if pair.crm_id in gone}
        return frozenset(ended)

    def _pairs(self) -> Iterator[Pair]:
        yield from self.town.hosts[0].state.crossrefs.scan(SHOP, "variants")

    def _at_once(self) -> list[str]:
        return self.town.witness.at_once({str(pair.crm_id): str(pair.shopify_id) for pair in self._pairs()})

    # -- edits --------------------------------------------------------------------------------------------------

    def _lost_edits(self, found: Audit) -> list[str]:
        """Where a field's owner made the last edit, both sides hold it; else that edit or what the owner had then.

        What the owner had is its own last edit, or an earlier one of the other side that was taken over before.
        """
        lost = []
        for variant, product in found.pairs:
            if product.state == RETIRED:
                continue  # read-only: what people wrote into the other side since waits until it is active again
            for owned in FIELDS:
                entries = self.book.of(owned.name, *owned.records(variant, product))
                held = owned.held(variant, product)
                if entries and _alike(held) not in self._acceptable(entries, owned.owner, product.id):
                    lost.append(f"{owned.name} of {variant.id}/{product.id} is {held}; people wrote {entries[-4:]}")
                elif entries and _alike(held) != _alike(entries[-1].value):
                    self.checked[BETWEEN if entries[-1].between else FAIRLY] += 1
                self.checked["fields that people edited"] += bool(entries)
        return lost

    def _acceptable(self, entries: list[Entry], owner: str, row: str) -> set[Any]:
        theirs = [entry for entry in entries if entry.by == owner]
        last = entries[-1]
        if last.by == owner:
            return {_alike(last.value)}
        had = [last.standing.get(row, last.value), *(entry.value for entry in theirs[-1:])]
        return {_alike(value) for value in (last.value, *had)}

    # -- the app's own word -------------------------------------------------------------------------------------

    def _parked_rows(self) -> Iterator[ParkedRow]:
        for flow in self.town.flows:
            yield from self.town.hosts[0].state.parked.list(SHOP, flow.name)

    def _excused(self, found: Audit, parked: list[ParkedRow]) -> dict[str, str]:
        """CRM products taken out of use while other variants of their Shopify product are sold: parked, and rightly.

        Per CRM id its variant's id.
        """
        out_of_use = {record for side, record in self.book.removed if side == CRM} | set(self.book.retired)
        variants = {str(pair.crm_id): found.variants.get(str(pair.shopify_id)) for pair in self._pairs()}
        excused = {}
        for row in parked:
            variant = variants.get(row.source_id)
            if row.sentence.startswith(SHARED_RETIREMENT) and row.source_id in out_of_use and variant is not None:
                siblings = [one for one in found.variants.values() if one.product_id == variant.product_id]
                if len(siblings) > 1:
                    excused[row.source_id] = variant.id
        return excused

    def _verdicts(self, found: Audit, excused: dict[str, str]) -> list[str]:
        """Every record of every source has exactly one verdict, and none says that something is left to do."""
        wrong = []
        app = self.town.hosts[0]
        for flow in self.town.flows:
            ids = found.variants if flow.source is Side.SHOPIFY else found.products
            page = Page(flow.name, SHOP, tuple(Item(record) for record in ids), Origin.POLL)
            outcomes = app.engine(app.job(flow.name, SHOP)).apply(page, write=False).outcomes
            self.checked["verdicts"] += len(ids)
            given = Counter(outcome.source_id for outcome in outcomes)
            wrong += [f"{flow.name} gives {record} {given[record]} verdicts" for record in ids if given[record] != 1]
            wrong += [
                f"{flow.name} leaves {outcome.source_id} {outcome.verdict}: {outcome.reason}"
                for outcome in outcomes
                if not outcome.reason or (outcome.verdict not in QUIET and outcome.source_id not in excused)
            ]
        return wrong

    def _uncounted(self) -> list[str]:
        """Every run gave each record it read one verdict."""
        runs = self.town.hosts[0].state.runs
        rows = [row for flow in self.town.flows for row in runs.last(SHOP, flow.name, 1000)]
        self.checked["runs"] += len(rows)
        return [
            f"run {row.run_id} of {row.flow} read {row.read} records and gave {dict(row.counts)}"
            for row in rows
            if row.read != sum(row.counts.values())
        ]


def _concerns(finding: str, variant: str) -> bool:
    """Whether a finding says of that variant that it is sold although its product is out of use."""
    return variant in finding and ("still in use" in finding or "retired is not sold" in finding)


def _alike(value: Any) -> Any:
    return value.normalize() if isinstance(value, Decimal) else value
