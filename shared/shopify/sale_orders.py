"""New orders by orderCreate: net prices, CRM's own tax, and a mark whose value is unique, so that no second is made.

It is not idempotent by itself: the mark in its metafields refuses a create that comes late, as a value that is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from shared.errors import Busy, SyncError
from shared.shopify.graph import gid, number
from shared.shopify.mutations import Mutation, Sender
from shared.shopify.sale_jobs import SaleJob, refused
from shared.shopify.sale_lines import DISCOUNT, SHIPPING, Line, bag, order_lines
from shared.shopify.sale_paths import BILLING
from shared.shopify.sale_paths import SHIPPING as TO
from shared.shopify.sale_reads import KEY, NAMESPACE, SaleReads, tag

ERRORS = "userErrors { field message code }"
GATEWAY = "external"


def create(reads: SaleReads, sender: Sender, jobs: Sequence[SaleJob]) -> None:
    """Each job ends with an error or with its order's id."""
    if not jobs:
        return
    groups = [[_mutation(reads, job)] for job in jobs]
    for job, (result,) in zip(jobs, sender.run("OrdersCreated", groups, ""), strict=True):
        if not isinstance(result, SyncError) and any("metafields" in error.field for error in result.errors):
            made = job.write.source_id in reads.marked([job.write.source_id])
            job.fail(_meanwhile() if made else refused("orderCreate", result.errors))
            continue
        done = job.settle("orderCreate", result)
        if done is not None:
            job.order, job.begun = number(done.payload["order"]["id"]), True


def _meanwhile() -> Busy:
    return Busy("Another worker made it meanwhile.", retry_after_s=5.0)


def _mutation(reads: SaleReads, job: SaleJob) -> Mutation:
    notify = reads.options.notify
    options = {
        "inventoryBehaviour": reads.options.stock,
        "sendReceipt": notify,
        "sendFulfillmentReceipt": notify,
    }
    arguments = {
        "order": ("OrderCreateOrderInput!", _input(job)),
        "options": ("OrderCreateOptionsInput", options),
    }
    return Mutation("orderCreate", arguments, f"order {{ id }} {ERRORS}")


def _input(job: SaleJob) -> dict[str, Any]:
    values, sale, source_id = job.values, job.values.sale, job.write.source_id
    currency, freight = values.currency, Decimal(sale.get("freight") or 0)
    discount = Decimal(sale.get("discount") or 0)
    off = {"itemFixedDiscountCode": {"code": DISCOUNT.upper(), "amountSet": bag(discount, currency)}}
    given: dict[str, Any] = {
        "lineItems": [row for line in Line.made(job.write.lines) for row in order_lines(line, currency)],
        "currency": currency,
        "taxesIncluded": False,
        "sourceIdentifier": source_id,
        "tags": [*(values.plain.get("tags") or ()), tag(source_id)],
        "metafields": [{"namespace": NAMESPACE, "key": KEY, "value": source_id}, *_metafields(job)],
        "note": values.plain.get("note"),
        "poNumber": values.plain.get("poNumber"),
        "email": values.plain.get("email"),
        "phone": values.plain.get("phone"),
        "customer": {"toAssociate": {"id": gid("Customer", values.customer)}} if values.customer else None,
        "companyLocationId": gid("CompanyLocation", values.purchaser[2]) if values.purchaser else None,
        "shippingAddress": values.address(TO),
        "billingAddress": values.address(BILLING),
        "discountCode": off if discount else None,
        "shippingLines": [{"title": SHIPPING, "priceSet": bag(freight, currency)}] if freight else None,
        "transactions": _payment(job, currency),
    }
    return {name: value for name, value in given.items() if value is not None}


def _metafields(job: SaleJob) -> list[dict[str, str]]:
    found = job.values.metafields.items()
    return [{"namespace": name, "key": key, "value": value} for (name, key), value in found if value is not None]


def _payment(job: SaleJob, currency: str) -> list[dict[str, Any]] | None:
    """One payment of the whole: made elsewhere where CRM says it was paid, else still to come."""
    amount = Decimal(job.values.sale.get("total") or 0)
    if not amount:
        return None
    status = "SUCCESS" if job.values.sale.get("paid") else "PENDING"
    return [{"kind": "SALE", "status": status, "gateway": GATEWAY, "amountSet": bag(amount, currency)}]
