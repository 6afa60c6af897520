"""What must be true of documents and their Shopify orders once the troubles are over, read from both sides.

Only for verdicts and parked records is the app asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from shared.records import Item, Origin, Page, ParkedRow, Verdict
from tests.simulation.dealers import Dealers
from tests.simulation.town import Town
from tests.simulation.weather import OUTLASTING
from tests.support.paper_queries import DRAFTS, ORDERS
from tests.support.plant import SHOP

FLOW = "sales_documents_crm_to_shopify"
STATUS = "new_shopifyorderid", "new_shopifyfulfilment"
ROWS = f"salesorders?$select=totalamount,totaltax,freightamount,description,statecode,{','.join(STATUS)}"
LINES = "salesorderdetails?$select=_salesorderid_value,productdescription,quantity"
QUIET = frozenset({Verdict.UNCHANGED, Verdict.SKIPPED})
TOO_LATE = "edits that came too late"


@dataclass
class DealPromises:
    """All of them, for one life of dealers. `checked` counts what was looked at in the end."""

    town: Town
    people: Dealers
    checked: Counter[str] = field(default_factory=Counter)

    def before_comparison(self) -> list[str]:
        """What has to be right without the nightly comparison. What was parked because workers died waits for it."""
        failed = {row.source_id for row in self._parked() if row.code == "WorkerFailed"} | self._too_late()
        wrong = [one for one in self._both_sides() if not any(each in one for each in failed)]
        return [*self.town.defects, *wrong]

    def broken(self) -> list[str]:
        """Every promise that does not hold at the end."""
        late = self._too_late()
        parked = [f"parked: {row.source_id} {row.code}: {row.sentence}" for row in self._parked()]
        self.checked = Counter({"creates": self.town.witness.made.total(), TOO_LATE: len(late)})
        wrong = [*parked, *self._both_sides(), *self._verdicts()]
        wrong = [one for one in wrong if not any(each in one for each in late)]
        return [*self.town.defects, *wrong, *self._left_over()]

    def _parked(self) -> Iterator[ParkedRow]:
        for flow in self.town.flows:
            yield from self.town.hosts[0].state.parked.list(SHOP, flow.name)

    def _too_late(self) -> set[str]:
        """Documents with lines that a worker added after its claim had run out: told, and left to a person.

        docs/decisions/0013 has this window; only a stall that outlasts a claim opens it.
        """
        if not self.town.weather.struck[OUTLASTING]:
            return set()
        return {row.source_id for row in self._parked() if row.code == "TotalsDiffer"}

    def _orders(self) -> list[dict[str, Any]]:
        nodes: list[dict[str, Any]] = self.town.merchant.call(ORDERS)["orders"]["nodes"]
        return nodes

    def _both_sides(self) -> list[str]:
        wrong: list[str] = []
        rows = {row["salesorderid"]: row for row in self.town.sales.get(ROWS)["value"]}
        lines = self.town.sales.get(LINES)["value"]
        orders = self._orders()
        for document in self.people.sold:
            mine = [order for order in orders if f"crm-{document}" in order["tags"]]
            if len(mine) != 1:
                wrong.append(f"document {document} has {len(mine)} orders")
                continue
            of_it = [line for line in lines if line["_salesorderid_value"] == document]
            wrong += [f"document {document}: {one}" for one in _differs(mine[0], rows[document], of_it)]
            self.checked["pairs"] += 1
            self.checked["lines"] += len(of_it)
        of_nobody = len(orders) - len(self.people.sold)
        return wrong + ([f"{of_nobody} orders more than documents"] if of_nobody > 0 else [])

    def _left_over(self) -> list[str]:
        """No draft order stays open, unless a worker stalled past its claim while it made it."""
        drafts = self.town.merchant.call(DRAFTS)["draftOrders"]["nodes"]
        still_open = [draft["id"] for draft in drafts if draft["status"] != "COMPLETED"]
        if self.town.weather.struck[OUTLASTING]:
            self.checked["draft orders left open"] = len(still_open)
            return []
        return [f"draft order {each} was left open" for each in still_open]

    def _verdicts(self) -> list[str]:
        app = self.town.hosts[0]
        page = Page(FLOW, SHOP, tuple(map(Item, self.people.sold)), Origin.POLL)
        outcomes = app.engine(app.job(FLOW, SHOP)).apply(page, write=False).outcomes
        self.checked["verdicts"] += len(self.people.sold)
        given = Counter(outcome.source_id for outcome in outcomes)
        wrong = [f"{each} has {given[each]} verdicts" for each in self.people.sold if given[each] != 1]
        loud = [one for one in outcomes if one.verdict not in QUIET]
        return wrong + [f"{FLOW} leaves {one.source_id} {one.verdict}: {one.reason}" for one in loud]


def _differs(order: dict[str, Any], row: dict[str, Any], lines: list[dict[str, Any]]) -> Iterator[str]:
    units = Counter[str]()
    for line in order["lineItems"]["nodes"]:
        units[line["title"]] += line["currentQuantity"]
    freight = sum(_amount(each["currentDiscountedPriceSet"]) for each in order["shippingLines"]["nodes"])
    pairs = {
        "total": (_of(row, "totalamount"), _amount(order["currentTotalPriceSet"])),
        "tax": (_of(row, "totaltax"), _amount(order["currentTotalTaxSet"])),
        "freight": (_of(row, "freightamount"), freight),
        "units": ({line["productdescription"]: int(line["quantity"]) for line in lines}, +units),
        "note": (row["description"], order["note"] or None),
        "number in CRM": (order["legacyResourceId"], row["new_shopifyorderid"]),
        "fulfilment in CRM": (order["displayFulfillmentStatus"], row["new_shopifyfulfilment"]),
    }
    yield from (f"{what} is {found}, not {wanted}" for what, (wanted, found) in pairs.items() if wanted != found)


def _amount(bag: dict[str, Any]) -> Decimal:
    return Decimal(bag["presentmentMoney"]["amount"])


def _of(row: dict[str, Any], column: str) -> Decimal:
    return Decimal(str(row[column] or 0))
