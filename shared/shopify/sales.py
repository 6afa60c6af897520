"""The `Entity` of kind "documents" in Shopify: orders that were made from documents of CRM.

    sales = Sales(client, mapping_paths, SaleOptions(route="draft"))

A new order is made by a draft order or by orderCreate (`route`), and read back whole. Orders that are fulfilled or
cancelled take no change of what they are made of: a person has to say what is meant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from shared.errors import Conflict, SyncError, Throttled, UnknownOutcome
from shared.lines import LineWrite
from shared.records import Action, Record, Write, WriteResult, Written
from shared.shopify.client import Document
from shared.shopify.mutations import Sender
from shared.shopify.sale_changes import change, finish, give_terms
from shared.shopify.sale_drafts import draft
from shared.shopify.sale_edits import standing
from shared.shopify.sale_jobs import PACE_S, SaleJob
from shared.shopify.sale_orders import create
from shared.shopify.sale_paths import values_of
from shared.shopify.sale_reads import SaleOptions, SaleReads

__all__ = ["SaleOptions", "Sales"]

SENDING_S = 90.0
"""No request of one `write` starts later than this: with its time-outs it ends within the lease of a claim (240 s)."""
LINES = "sale.lines"
_SHOP = Document("ShopCurrency", "query ShopCurrency { shop { currencyCode } }")
_TOLD = frozenset({"sale.total", "sale.tax", "sale.terms"})
"""Sums of what else is written, which alone change nothing, and what any order takes."""
_STARTED = frozenset({"FULFILLED", "PARTIALLY_FULFILLED", "IN_PROGRESS"})


class Sales(SaleReads):
    """Implements shared.sync.ports.Entity."""

    batch_size = 10
    """Orders that are made in one go; each step of theirs is one request."""
    _pace: datetime | None = None
    _currency = ""

    def new_id(self, source_id: str, generation: int) -> str | None:
        """None: Shopify chooses ids."""
        return None

    def line_id(self, record_id: str, line: str) -> str | None:
        """A line's row is called as CRM calls the line: Shopify's own lines carry that id."""
        return line.partition("|")[2]

    def closed(self, current: Record, values: Mapping[str, Any]) -> str:
        """Raises Conflict, with what differs, for a change of what a fulfilled or cancelled order is made of."""
        content, changed = current.content, sorted(set(values) - _TOLD)
        ended = content["sale"]["cancelled"]
        allowed = set() if ended else {"sale.paid"}  # goods are shipped before they are paid
        if _there_already(content, values):
            allowed.add(LINES)
        made_of = [
            path for path in changed if path.startswith(("sale.", "shippingAddress.")) and path not in allowed
        ]
        if not made_of or not (ended or content["displayFulfillmentStatus"] in _STARTED):
            return ""
        state = "cancelled" if ended else str(content["displayFulfillmentStatus"]).lower().replace("_", " ")
        sentence = (
            f"The Shopify order {content['name']} is {state} and takes no changes of {', '.join(made_of)}. "
            "Settle the difference by hand (refund, or a new document), then discard this."
        )
        facts = {"state": state, "fields": made_of, **_differences(content, values)}
        raise Conflict(sentence, facts=facts)

    def write(self, writes: Sequence[Write]) -> Sequence[WriteResult]:
        """All of them, one result per write in the same order."""
        sender = Sender(self.client, self.client.now() + timedelta(seconds=SENDING_S))
        jobs = [SaleJob(write, values_of(write), order=str(write.id or "")) for write in writes]
        fresh = [job for job in jobs if job.write.action is Action.CREATE]
        self._wait_for_pace(fresh)
        self._make(sender, [job for job in fresh if job.open])
        change(self, sender, [job for job in jobs if job.write.action is not Action.CREATE])
        self._read_back([job for job in jobs if job.open])
        return [job.result for job in jobs]

    def _make(self, sender: Sender, jobs: Sequence[SaleJob]) -> None:
        self.terms.prepare(jobs)
        wanted = [job for job in jobs if job.open]
        drafts = [job for job in wanted if self._by_draft(job)]
        orders = [job for job in wanted if job not in drafts]
        draft(self, sender, drafts)
        orders += [job for job in drafts if job.instead]
        finish(sender, [job for job in drafts if job.open and not job.instead], reach=not self.options.notify)
        create(self, sender, orders)
        give_terms(self, sender, [job for job in orders if job.open])
        if any(isinstance(job.error, Throttled) and job.error.retry_after_s == PACE_S for job in orders):
            self._pace = self.client.now() + timedelta(seconds=PACE_S)

    def _by_draft(self, job: SaleJob) -> bool:
        """Whether it can be a draft order: those count in the shop's own currency, and tax as the shop does.

        A company's has its contact from the beginning, who is written to when it is completed: only where he may be.
        """
        buys = job.values.purchaser
        if buys and not (self.options.notify and buys[1]):
            return False
        if self.options.route == "order" or job.values.currency != self._shop_currency():
            return False
        return self.options.route == "draft" or not Decimal(job.values.sale.get("tax") or 0)

    def _shop_currency(self) -> str:
        if not self._currency:
            self._currency = str(self.client.execute(_SHOP, {}).data["shop"]["currencyCode"])
        return self._currency

    def _wait_for_pace(self, jobs: Sequence[SaleJob]) -> None:
        """Nothing is sent while a development store would only refuse it."""
        left_s = (self._pace - self.client.now()).total_seconds() if self._pace else 0.0
        if left_s <= 0:
            self._pace = None
            return
        for job in jobs:
            sentence = "A development store makes five orders a minute; the rest follows."
            job.fail(Throttled(sentence, retry_after_s=left_s))

    def _read_back(self, jobs: Sequence[SaleJob]) -> None:
        if not jobs:
            return
        try:
            reading = self.read([job.order for job in jobs])
        except SyncError as error:
            for job in jobs:
                job.fail(UnknownOutcome("The order was written and could not be read back.", facts=error.facts))
            return
        for job in jobs:
            record = reading.records.get(job.order)
            if record is not None:
                job.written = Written(record, max(job.at or reading.read_at, reading.read_at))


def _there_already(content: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether all that is to change of the lines is that they become known: an edit brought them, unheard of."""
    lines: Sequence[LineWrite] = values.get(LINES) or ()
    if values.keys() & {"sale.total", "sale.tax"} or any(
        each.etag and (each.values or {}).keys() & {"price", "tax"} for each in lines
    ):
        return False
    return standing(content, lines) is not None


def _differences(content: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Both sides of the amounts that were to change; addresses are a person's and stay unsaid."""
    names = [path.removeprefix("sale.") for path in values if path.startswith("sale.")]
    amounts = [name for name in names if name in content["sale"] and name != "lines"]
    return {name: {"shopify": str(content["sale"][name]), "crm": str(values[f"sale.{name}"])} for name in amounts}
