"""Changes of an order that exists: its mark, customer, note, tags, address and PO number, payment, lines, and its end.

Notes and the like by orderUpdate; lines and freight by an edit session (sale_edits); the end by orderCancel, which is a
job of Shopify's. A group of mutations about one order stays in one request and in its order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from shared.errors import SyncError
from shared.shopify.client import Document
from shared.shopify.graph import gid
from shared.shopify.mutations import Mutation, Sender
from shared.shopify.sale_edits import edit
from shared.shopify.sale_jobs import SaleJob
from shared.shopify.sale_paths import SHIPPING, whole_address
from shared.shopify.sale_reads import KEY, NAMESPACE, SaleReads

PLAIN_ERRORS = "userErrors { field message }"
ERRORS = "userErrors { field message code }"
MADE_OF = frozenset({"freight", "discount", "tax"})
WAITS, WAIT_S = 10, 1.0
_DONE = Document("JobDone", "query JobDone($id: ID!) { job(id: $id) { done } }")
_STAFF_NOTE = "Cancelled in CRM"


def finish(sender: Sender, jobs: Sequence[SaleJob], *, reach: bool) -> None:
    """The mark, and what a draft order could not say; `reach`: with customer and e-mail address."""
    _run(sender, "OrdersFinished", [(job, list(_finishing(job, reach))) for job in jobs])


def give_terms(reads: SaleReads, sender: Sender, jobs: Sequence[SaleJob]) -> None:
    """What orderCreate cannot say."""
    _run(sender, "TermsGiven", [(job, list(reads.terms.changes(job))) for job in jobs])


def _finishing(job: SaleJob, reach: bool) -> Iterator[Mutation]:
    yield _metafields(job, mark=True)
    if reach:
        yield from _customer(job)
        given = {name: job.values.plain[name] for name in ("email", "phone") if job.values.plain.get(name)}
        if given:
            yield _update(job, given)


def change(reads: SaleReads, sender: Sender, jobs: Sequence[SaleJob]) -> None:
    """Carry out updates; each job ends with an error or with all of them done."""
    reads.terms.prepare(jobs)
    _run(sender, "OrdersChanged", [(job, [*_changes(job), *reads.terms.changes(job)]) for job in jobs if job.open])
    for job in jobs:
        if job.open and (job.write.lines or MADE_OF & job.values.sale.keys()):
            edit(reads, sender, job)
        if job.open and job.values.sale.get("cancelled"):
            _cancel(reads, sender, job)


def _changes(job: SaleJob) -> Iterator[Mutation]:
    values = job.values
    if job.write.mark or any(value is not None for value in values.metafields.values()):
        yield _metafields(job, mark=job.write.mark)
    cleared = [
        {"ownerId": job.order_gid, "namespace": n, "key": k} for (n, k), v in values.metafields.items() if v is None
    ]
    if cleared:
        arguments = {"metafields": ("[MetafieldIdentifierInput!]!", cleared)}
        yield Mutation("metafieldsDelete", arguments, f"deletedMetafields {{ key }} {PLAIN_ERRORS}")
    yield from _customer(job)
    given: dict[str, Any] = dict(values.plain)
    current = job.write.current.content if job.write.current else None
    if "tags" in given:
        kept = list((current or {}).get("tags") or ())
        new = [each for each in given.pop("tags") or () if each not in kept]
        given |= {"tags": [*kept, *new]} if new else {}
    if SHIPPING in values.addresses:
        given["shippingAddress"] = whole_address(values.addresses[SHIPPING], current)
    if given:
        yield _update(job, given)
    if values.sale.get("paid"):
        yield Mutation(
            "orderMarkAsPaid",
            {"input": ("OrderMarkAsPaidInput!", {"id": job.order_gid})},
            f"order {{ id }} {PLAIN_ERRORS}",
        )


def _update(job: SaleJob, given: dict[str, Any]) -> Mutation:
    arguments = {"input": ("OrderInput!", {"id": job.order_gid, **given})}
    return Mutation("orderUpdate", arguments, f"order {{ id }} {PLAIN_ERRORS}")


def _customer(job: SaleJob) -> Iterator[Mutation]:
    if job.values.customer:
        arguments = {"orderId": ("ID!", job.order_gid), "customerId": ("ID!", gid("Customer", job.values.customer))}
        yield Mutation("orderCustomerSet", arguments, f"order {{ id }} {ERRORS}")


def _metafields(job: SaleJob, *, mark: bool) -> Mutation:
    rows = [(NAMESPACE, KEY, job.write.source_id)] if mark else []
    rows += [(name, key, value) for (name, key), value in job.values.metafields.items() if value is not None]
    entries = [{"ownerId": job.order_gid, "namespace": n, "key": k, "value": v} for n, k, v in rows]
    return Mutation(
        "metafieldsSet", {"metafields": ("[MetafieldsSetInput!]!", entries)}, f"metafields {{ key }} {ERRORS}"
    )


def _run(sender: Sender, name: str, steps: Sequence[tuple[SaleJob, list[Mutation]]]) -> None:
    wanted = [(job, mutations) for job, mutations in steps if mutations]
    found = sender.run(name, [mutations for _, mutations in wanted], "") if wanted else []
    for (job, mutations), results in zip(wanted, found, strict=True):
        for mutation, result in zip(mutations, results, strict=True):
            done = job.settle(mutation.root, result)
            job.begun = job.begun or done is not None


def _cancel(reads: SaleReads, sender: Sender, job: SaleJob) -> None:
    """The order's end: restocked, nothing given back, and waited for, because a job of Shopify's does it."""
    arguments = {
        "orderId": ("ID!", job.order_gid),
        "reason": ("OrderCancelReason!", "OTHER"),
        "restock": ("Boolean!", True),
        "notifyCustomer": ("Boolean", reads.options.notify),
        "staffNote": ("String", _STAFF_NOTE),
    }
    mutation = Mutation(
        "orderCancel", arguments, "job { id done } userErrors: orderCancelUserErrors { field message code }"
    )
    (result,) = sender.run("OrderCancelled", [[mutation]], "")[0]
    done = job.settle("orderCancel", result)
    if done is None:
        return
    job.begun = True
    waiting = done.payload["job"]
    for _ in range(WAITS):
        if waiting is None or waiting["done"]:
            return
        reads.client.wait(WAIT_S)
        try:
            waiting = reads.client.execute(_DONE, {"id": waiting["id"]}).data["job"]
        except SyncError as error:
            job.fail(error)
            return
