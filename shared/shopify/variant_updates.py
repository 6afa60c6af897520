"""Updating variants that exist: per product one group of mutations, rejected rows taken out and the rest sent again.

The order inside a group matters: metafields are deleted, then the product changes, then its variants, whose answer
therefore shows the product as it is afterwards. productVariantsBulkUpdate is all-or-nothing, by our choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.errors import Invalid, Retryable, SyncError, UnknownOutcome
from shared.records import Write, WriteResult, Written
from shared.shopify.answers import refusal
from shared.shopify.graph import gid, number
from shared.shopify.mutations import Done, Mutation, Result, Sender
from shared.shopify.variant_paths import Inputs
from shared.shopify.variant_reads import VariantReads

VARIANT = "...VariantFields product { ...ProductFields }"
_TOGETHER = 250


@dataclass(slots=True, eq=False)
class Job:
    """One write on its way: its values sorted, where it goes, and what came of it."""

    write: Write
    inputs: Inputs
    id: str = ""
    product_id: str = ""
    errors: list[SyncError] = field(default_factory=list)
    written: Written | None = None
    touched: Done | None = None

    def returned(self, reads: VariantReads, node: Mapping[str, Any], done: Done) -> None:
        """Keep the record that a mutation answered; where its long lists cannot be read on, the outcome is open."""
        try:
            self.written = Written(reads.record(node), done.at)
        except SyncError as error:
            sentence = "The variant was written and could not be read back whole."
            self.errors.append(UnknownOutcome(sentence, facts=error.facts))

    @property
    def result(self) -> WriteResult:
        """What the engine is told; an error to be looked into again goes before one that parks."""
        if self.errors:
            return next((error for error in self.errors if isinstance(error, Retryable)), self.errors[0])
        if self.written is None:
            return UnknownOutcome("Shopify did not return the variant that was written.", facts={"variant": self.id})
        return self.written


@dataclass(frozen=True, slots=True)
class _Step:
    """One mutation and the jobs it carries; `rows` names the argument whose rows are those jobs, in order."""

    mutation: Mutation
    jobs: Sequence[Job]
    rows: str = ""

    def without(self, bad: Mapping[int, SyncError]) -> Iterator[_Step]:
        """Fail those rows; the rest makes a new step."""
        for index, error in bad.items():
            self.jobs[index].errors.append(error)
        rest = [index for index in range(len(self.jobs)) if index not in bad]
        if rest:
            kind, values = self.mutation.arguments[self.rows]
            arguments = {**self.mutation.arguments, self.rows: (kind, [values[index] for index in rest])}
            mutation = Mutation(self.mutation.root, arguments, self.mutation.selection)
            yield _Step(mutation, [self.jobs[index] for index in rest], self.rows)

    def fail(self, error: SyncError) -> None:
        """Nothing of this step can be told apart: all its jobs share the error."""
        for job in self.jobs:
            job.errors.append(error)


def update(reads: VariantReads, sender: Sender, jobs: Sequence[Job]) -> None:
    """Carry out the jobs; each ends with errors or with its record as Shopify returned it."""
    products: dict[str, list[Job]] = {}
    for job in jobs:
        products.setdefault(job.product_id, []).append(job)
    groups = [[*_product_steps(key, group), *_variant_steps(key, group)] for key, group in products.items()]
    groups = [group for group in groups if group]
    fragments = "\n".join(reads.fragments())
    while groups:
        mutations = [[step.mutation for step in group] for group in groups]
        found = sender.run("VariantsUpdated", mutations, fragments)
        groups = [
            [again for step, result in zip(group, results, strict=True) for again in _settle(reads, step, result)]
            for group, results in zip(groups, found, strict=True)
        ]
        groups = [group for group in groups if group]
    _read_back(reads, [job for job in jobs if not job.errors and job.written is None])


def inline(metafields: Mapping[tuple[str, str], str | None]) -> list[dict[str, str]]:
    """Metafields with a value, as MetafieldInput."""
    return [
        {"namespace": namespace, "key": key, "value": value}
        for (namespace, key), value in metafields.items()
        if value is not None
    ]


def _product_steps(product_id: str, jobs: Sequence[Job]) -> Iterator[_Step]:
    cleared = [(job, entry) for job in jobs for entry in _cleared(job)]
    if cleared:
        rows = [entry for _, entry in cleared]
        yield _Step(
            Mutation(
                "metafieldsDelete",
                {"metafields": ("[MetafieldIdentifierInput!]!", rows)},
                "deletedMetafields { key } userErrors { field message }",
            ),
            [job for job, _ in cleared],
        )
    changing = [job for job in jobs if job.inputs.product or inline(job.inputs.product_metafields)]
    if changing:
        product: dict[str, Any] = {"id": gid("Product", product_id)}
        metafields: dict[tuple[str, str], str | None] = {}
        for job in changing:
            _merge(product, job.inputs.product)
            metafields |= job.inputs.product_metafields
        if inline(metafields):
            product["metafields"] = inline(metafields)
        mutation = Mutation(
            "productUpdate",
            {"product": ("ProductUpdateInput!", product)},
            "product { id } userErrors { field message }",
        )
        yield _Step(mutation, changing)


def _variant_steps(product_id: str, jobs: Sequence[Job]) -> Iterator[_Step]:
    changing = [job for job in jobs if job.inputs.variant or inline(job.inputs.variant_metafields)]
    for start in range(0, len(changing), _TOGETHER):
        part = changing[start : start + _TOGETHER]
        arguments = {
            "productId": ("ID!", gid("Product", product_id)),
            "variants": ("[ProductVariantsBulkInput!]!", [_variant(job) for job in part]),
        }
        selection = f"productVariants {{ {VARIANT} }} userErrors {{ field message code }}"
        yield _Step(Mutation("productVariantsBulkUpdate", arguments, selection), part, "variants")


def _variant(job: Job) -> dict[str, Any]:
    row = {"id": gid("ProductVariant", job.id), **job.inputs.variant}
    metafields = inline(job.inputs.variant_metafields)
    return {**row, "metafields": metafields} if metafields else row


def _cleared(job: Job) -> Iterator[dict[str, str]]:
    owners = (
        (gid("ProductVariant", job.id), job.inputs.variant_metafields),
        (gid("Product", job.product_id), job.inputs.product_metafields),
    )
    for owner, metafields in owners:
        for (namespace, key), value in metafields.items():
            if value is None:
                yield {"ownerId": owner, "namespace": namespace, "key": key}


def _settle(reads: VariantReads, step: _Step, result: Result) -> Iterator[_Step]:
    """Give a step's jobs their outcome; yields what has to be sent again."""
    if isinstance(result, SyncError):
        path = result.facts.get("path")
        row = path[0] if isinstance(result, Invalid) and step.rows and isinstance(path, list) and path else None
        if isinstance(row, int) and row < len(step.jobs):
            yield from step.without({row: result})
        else:
            step.fail(result)
    elif result.errors:
        rows = {error.index(step.rows) for error in result.errors}
        if step.rows and None not in rows:
            named = {index: [e for e in result.errors if e.index(step.rows) == index] for index in rows}
            bad = {index: refusal(step.mutation.root, errors) for index, errors in named.items() if index is not None}
            yield from step.without(bad)
        else:
            step.fail(refusal(step.mutation.root, result.errors))
    else:
        _done(reads, step, result)


def _done(reads: VariantReads, step: _Step, result: Done) -> None:
    nodes = {number(node["id"]): node for node in result.payload.get("productVariants") or ()}
    for job in step.jobs:
        job.touched = result
        if job.id in nodes:
            job.returned(reads, nodes[job.id], result)


def _read_back(reads: VariantReads, jobs: Sequence[Job]) -> None:
    """Variants of which only the product or a deleted metafield was touched: one read shows them as they are now."""
    if not jobs:
        return
    try:
        reading = reads.read([job.id for job in jobs])
    except SyncError as error:
        for job in jobs:
            sentence = "The variant was written and could not be read back."
            job.errors.append(UnknownOutcome(sentence, facts={**error.facts, "variant": job.id}))
        return
    for job in jobs:
        record = reading.records.get(job.id)
        if record is not None:
            job.written = Written(record, job.touched.at if job.touched else reading.read_at)


def _merge(target: dict[str, Any], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, dict):
            _merge(target.setdefault(name, {}), value)
        else:
            target[name] = value
