"""New orders by way of draft orders: made, compared with the document, completed, then given their customer.

A draft order has no customer and no e-mail address until it is an order, because completing one writes to whoever it
can reach; where that is wanted (`notify`) it has both from the beginning. A draft order that an earlier try left behind
is brought up to date and completed; making another one would be harmless, since only what we complete is an order.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from shared.errors import SyncError, TotalsDiffer
from shared.shopify.graph import gid
from shared.shopify.mutations import Mutation, Sender
from shared.shopify.sale_jobs import SaleJob, run
from shared.shopify.sale_lines import SHIPPING, Line, draft_lines, fixed, money, tax_line
from shared.shopify.sale_paths import BILLING, Values
from shared.shopify.sale_paths import SHIPPING as TO
from shared.shopify.sale_reads import DRAFT_KEY, NAMESPACE, Draft, SaleReads, draft_of, tag

ERRORS = "userErrors { field message }"
_DRAFT = f"draftOrder {{ id status tags order {{ id }} totalPriceSet {{ presentmentMoney {{ amount }} }} }} {ERRORS}"


def draft(reads: SaleReads, sender: Sender, jobs: Sequence[SaleJob]) -> None:
    """Each job ends with an error or with its order's id."""
    if not jobs:
        return
    left = reads.drafts([job.write.source_id for job in jobs])
    steps = [(job, _made_or_mended(reads, job, left.get(job.write.source_id, []))) for job in jobs]
    wanted = [(job, step) for job, step in steps if step is not None]
    for (job, _), done in zip(wanted, run(sender, "DraftOrdersMade", wanted), strict=True):
        if done is not None:
            _compare(reads, sender, job, draft_of(done.payload["draftOrder"]))
    drafts = [job for job in jobs if job.open and job.draft and not job.order]
    completed = run(sender, "DraftOrdersCompleted", [(job, _completion(job)) for job in drafts])
    for job, done in zip(drafts, completed, strict=True):
        if done is not None:
            job.order = draft_of(done.payload["draftOrder"]).order or ""


def _made_or_mended(reads: SaleReads, job: SaleJob, left: Sequence[Draft]) -> Mutation | None:
    """The mutation that leaves one draft order as it should be; None where an earlier one is an order already."""
    if left:
        job.begun, job.draft, job.order = True, left[0].gid, left[0].order or ""
    if job.order:
        return None
    given = ("DraftOrderInput!", _input(reads, job))
    if job.draft:
        return Mutation("draftOrderUpdate", {"id": ("ID!", job.draft), "input": given}, _DRAFT)
    return Mutation("draftOrderCreate", {"input": given}, _DRAFT)


def _completion(job: SaleJob) -> Mutation:
    pending = not job.values.sale.get("paid")
    arguments = {"id": ("ID!", job.draft), "paymentPending": ("Boolean", pending)}
    return Mutation("draftOrderComplete", arguments, _DRAFT)


def _compare(reads: SaleReads, sender: Sender, job: SaleJob, found: Draft) -> None:
    """What Shopify would ask for is the document's total, or the draft order is taken away and nothing was sold.

    Where CRM's taxes are the reason and the settings allow it, it goes by orderCreate then, which takes those.
    """
    job.begun, job.draft = True, found.gid
    wanted = job.values.sale.get("total")
    if wanted is None or Decimal(found.total) == Decimal(wanted):
        return
    removal = Mutation(
        "draftOrderDelete", {"input": ("DraftOrderDeleteInput!", {"id": job.draft})}, f"deletedId {ERRORS}"
    )
    (gone,) = sender.run("DraftOrderRemoved", [[removal]], "")[0]
    if isinstance(gone, SyncError):
        job.fail(gone)  # it may still be there: looked up, and compared again
        return
    job.begun = False
    if reads.options.tax == "order" and Decimal(job.values.sale.get("tax") or 0):
        job.draft, job.instead = "", True
        return
    sides = {"crm": f"{Decimal(wanted):f}", "shopify": found.total}
    sentence = (
        f"Shopify would ask for {sides['shopify']}, CRM for {sides['crm']}: taxes are the shop's own in a draft order. "
        "DOCUMENT_TAX says how CRM's tax is sent instead: as a line of its own, or by orderCreate."
    )
    job.fail(TotalsDiffer(sentence, facts={"total": sides}))


def _input(reads: SaleReads, job: SaleJob) -> dict[str, Any]:
    values, notify = job.values, reads.options.notify
    currency, discount = values.currency, Decimal(values.sale.get("discount") or 0)
    tax = Decimal(values.sale.get("tax") or 0)
    own = [tax_line(tax)] if tax and reads.options.tax == "line" else []
    lines = [row for line in (*Line.made(job.write.lines), *own) for row in draft_lines(line, currency)]
    given: dict[str, Any] = {
        "lineItems": lines,
        "taxExempt": bool(own) or not tax,
        "tags": [*(values.plain.get("tags") or ()), tag(job.write.source_id)],
        "metafields": [_mark(job.write.source_id)],
        "presentmentCurrencyCode": currency,
        "note": values.plain.get("note"),
        "poNumber": values.plain.get("poNumber"),
        "shippingAddress": values.address(TO),
        "billingAddress": values.address(BILLING),
        "appliedDiscount": fixed(discount) if discount else None,
        "paymentTerms": reads.terms.given(job),
        "shippingLine": _shipping(values),
    }
    if notify:
        given |= {name: values.plain.get(name) for name in ("email", "phone")}
        given["purchasingEntity"] = _purchaser(values)
    return {name: value for name, value in given.items() if value is not None}


def _purchaser(values: Values) -> dict[str, Any] | None:
    if values.purchaser:
        company, contact, location = values.purchaser
        ids = {
            "companyId": gid("Company", company),
            "companyContactId": gid("CompanyContact", contact),
            "companyLocationId": gid("CompanyLocation", location),
        }
        return {"purchasingCompany": ids}
    return {"customerId": gid("Customer", values.customer)} if values.customer else None


def _mark(source_id: str) -> dict[str, str]:
    return {"namespace": NAMESPACE, "key": DRAFT_KEY, "type": "single_line_text_field", "value": source_id}


def _shipping(values: Values) -> dict[str, Any] | None:
    freight = Decimal(values.sale.get("freight") or 0)
    return {"title": SHIPPING, "priceWithCurrency": money(freight, values.currency)} if freight else None
