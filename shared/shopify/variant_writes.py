"""Writing product variants: creates by productSet under the CRM id, updates per product, all in few requests.

productSet deletes what its lists leave out, so it is used for new products only, and without an identifier by which it
would change one that is there: the marker, whose values are unique, refuses a create that comes late. A create whose
marker exists already becomes an update of what carries it. A product's title or status is shared by its variants:
records that want different values of it are refused, and it is retired only together with its last variant.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from shared.errors import Busy, Conflict, Invalid, SyncError
from shared.records import Action, Write, WriteResult
from shared.shopify.answers import refusal
from shared.shopify.mutations import Mutation, Sender
from shared.shopify.variant_paths import Inputs, inputs
from shared.shopify.variant_reads import VariantReads
from shared.shopify.variant_updates import VARIANT, Job, inline, update

SENDING_S = 90.0
"""No request of one `write` starts later than this: with its time-outs it ends within the lease of a claim (240 s)."""


def write_variants(reads: VariantReads, writes: Sequence[Write]) -> list[WriteResult]:
    """Carry out writes in batch; one result per write, in order, with content as Shopify returned it.

    Everything that has to be read is read first, so an error is raised only while nothing was sent: SchemaMismatch for
    a path that cannot be written, or what a failed read raises. From then on errors are results. A record of which one
    part was refused (its product's) may have had its other part written: it is reported as refused and read again.
    """
    sender = Sender(reads.client, reads.client.now() + timedelta(seconds=SENDING_S))
    jobs = [Job(write, _sorted(reads, write)) for write in writes]
    fresh = _without_mark(reads, [job for job in jobs if job.write.action is Action.CREATE])
    new = set(fresh)
    changed = [job for job in jobs if job not in new and not job.errors]
    _locate(reads, changed)
    _refuse_shared_retirement(reads, [job for job in changed if job.write.action is Action.RETIRE])
    _refuse_disagreement(changed)
    _create(reads, sender, fresh)
    update(reads, sender, [job for job in changed if not job.errors])
    return [job.result for job in jobs]


def _sorted(reads: VariantReads, write: Write) -> Inputs:
    found = inputs(reads.client.schema, write.values)
    marker = (reads.options.namespace, reads.options.key)
    if write.mark or write.action is Action.CREATE:
        found.variant_metafields[marker] = write.source_id
    return found


def _without_mark(reads: VariantReads, jobs: Sequence[Job]) -> list[Job]:
    """The creates that are new to Shopify; what carries the mark already gets its id here and is updated."""
    variants, products = reads.taken([job.write.source_id for job in jobs])
    fresh = []
    for job in jobs:
        known = variants.get(job.write.source_id)
        if known is not None:
            job.id, job.product_id = known.id, str(known.content["product"]["legacyResourceId"])
        elif job.write.source_id in products:
            job.errors.append(_marked_elsewhere(job, products[job.write.source_id]))
        else:
            fresh.append(job)
    return fresh


def _create(reads: VariantReads, sender: Sender, jobs: Sequence[Job]) -> None:
    """New products with one variant each."""
    groups = [[_product_set(reads, job)] for job in jobs]
    for job, (result,) in zip(jobs, sender.run("ProductsCreated", groups, "\n".join(reads.fragments())), strict=True):
        if isinstance(result, SyncError):
            job.errors.append(result)
        elif result.errors:
            late = any("metafields" in error.field for error in result.errors) and _made_meanwhile(reads, job)
            refused = refusal("productSet", result.errors)
            job.errors.append(Busy("Another worker made it meanwhile.", retry_after_s=5.0) if late else refused)
        elif result.payload["product"]:
            job.returned(reads, result.payload["product"]["variants"]["nodes"][0], result)


def _made_meanwhile(reads: VariantReads, job: Job) -> bool:
    """Whether the mark that was refused is carried by now: which code says so of productSet is not documented."""
    return any(job.write.source_id in found for found in reads.taken([job.write.source_id]))


def _product_set(reads: VariantReads, job: Job) -> Mutation:
    marker = {"namespace": reads.options.namespace, "key": reads.options.key, "value": job.write.source_id}
    found = job.inputs
    variant = {
        **found.variant,
        "optionValues": [{"optionName": "Title", "name": "Default Title"}],
        "metafields": inline(found.variant_metafields),
    }
    product = {
        **found.product,
        "productOptions": [{"name": "Title", "values": [{"name": "Default Title"}]}],
        "metafields": [*inline(found.product_metafields), marker],
        "variants": [variant],
    }
    return Mutation(
        "productSet",
        {
            "input": ("ProductSetInput!", product),
            "synchronous": ("Boolean", True),
        },
        f"product {{ id variants(first: 1) {{ nodes {{ {VARIANT} }} }} }} userErrors {{ field message code }}",
    )


def _marked_elsewhere(job: Job, product_id: str) -> Conflict:
    return Conflict(
        f"Shopify product {product_id} carries the mark of this CRM product, but none of its variants does. "
        "Pair the right variant (pairs relink), or remove the product's mark.",
        facts={"product": product_id, "source_id": job.write.source_id},
    )


def _locate(reads: VariantReads, jobs: Sequence[Job]) -> None:
    """Each variant's product, from what *look* saw or else read now."""
    for job in jobs:
        job.id = job.id or str(job.write.id)
        if job.write.current is not None and not job.product_id:
            job.product_id = str((job.write.current.content.get("product") or {}).get("legacyResourceId") or "")
    lost = [job for job in jobs if not job.product_id]
    found = reads.read([job.id for job in lost]).records if lost else {}
    for job in lost:
        record = found.get(job.id)
        if record is None:
            job.errors.append(Invalid(f"Variant {job.id} no longer exists in Shopify.", facts={"variant": job.id}))
        else:
            job.product_id = str(record.content["product"]["legacyResourceId"])


def _refuse_shared_retirement(reads: VariantReads, jobs: Iterable[Job]) -> None:
    """A product is only retired when every one of its variants is."""
    retired = [job for job in jobs if job.inputs.product_values and not job.errors]
    if not retired:
        return
    siblings = reads.siblings([job.product_id for job in retired])
    ending = {job.id for job in retired}
    for job in retired:
        others = [variant for variant in siblings.get(job.product_id, ()) if variant not in ending]
        if others:
            job.errors.append(
                Invalid(
                    f"Other variants of Shopify product {job.product_id} are still sold, so it cannot be retired with "
                    "this one. Retire them in CRM too, or delete this variant in Shopify.",
                    facts={"product": job.product_id, "variants": ", ".join(others[:10]), "others": len(others)},
                )
            )


def _refuse_disagreement(jobs: Iterable[Job]) -> None:
    """Two records that want different values of their one product: no rule decides, both are parked."""
    wanted: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        for path in job.inputs.product_values:
            wanted.setdefault((job.product_id, path), []).append(job)
    for (product_id, path), wanting in wanted.items():
        first = wanting[0].inputs.product_values[path]
        if any(job.inputs.product_values[path] != first for job in wanting):
            for job in wanting:
                sentence = (
                    f"Several CRM products share Shopify product {product_id} and want different values of {path}."
                )
                job.errors.append(Conflict(sentence, facts={"product": product_id, "field": path}))
