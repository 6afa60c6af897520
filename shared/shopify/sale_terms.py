"""When an order has to be paid: Shopify's payment terms by their name ("Net 30"), or by a date ("2026-12-24").

Shopify has a fixed list of terms, asked for once. An order that is paid takes none, so none are sent for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from shared.errors import Invalid, SyncError
from shared.shopify.client import Document, ShopifyClient
from shared.shopify.mutations import Mutation
from shared.shopify.sale_content import FIXED, SCHEDULES
from shared.shopify.sale_jobs import SaleJob

NET = "NET"
NOON = "T12:00:00Z"
"""A date is sent as its noon, which is that day nearly everywhere."""
_LIST = Document("TermsListed", "query TermsListed { paymentTermsTemplates { id name paymentTermsType } }")
_ERRORS = "userErrors { field message code }"


@dataclass
class Terms:
    """The terms that a shop can give. Not for several threads at once."""

    client: ShopifyClient
    _known: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def prepare(self, jobs: Sequence[SaleJob]) -> None:
        """Jobs whose terms Shopify does not know end here, before anything is made."""
        for job in jobs:
            try:
                self.given(job)
            except SyncError as error:
                job.fail(error)

    def given(self, job: SaleJob) -> dict[str, Any] | None:
        """The input for a write's terms; None where it wants none, or its order is paid."""
        name = job.values.sale.get("terms")
        if not name or job.values.sale.get("paid"):
            return None
        return self._input(str(name), _issued(job) or self.client.now())

    def _input(self, name: str, issued: datetime) -> dict[str, Any]:
        day = _day(name)
        template = self._named("fixed" if day else name.strip().casefold(), name)
        found: dict[str, Any] = {"paymentTermsTemplateId": template["id"]}
        if day:
            return found | {"paymentSchedules": [{"dueAt": f"{day.isoformat()}{NOON}"}]}
        if template["paymentTermsType"] == FIXED:
            raise Invalid(f"The payment terms '{name}' need a date: map one (2026-12-24) instead.")
        if template["paymentTermsType"] == NET:
            return found | {"paymentSchedules": [{"issuedAt": issued.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}]}
        return found

    def _named(self, key: str, name: str) -> Mapping[str, Any]:
        if not self._known:
            listed = self.client.execute(_LIST, {}).data["paymentTermsTemplates"]
            self._known = {str(each["name"]).casefold(): each for each in listed}
        if key not in self._known:
            known = ", ".join(str(each["name"]) for each in self._known.values())
            sentence = f"Shopify has no payment terms '{name}'. It has: {known}; or map a date."
            raise Invalid(sentence, facts={"terms": name})
        return self._known[key]

    def changes(self, job: SaleJob) -> Iterator[Mutation]:
        """What brings the terms of an order that exists to what the write says; a paid order is left as it is."""
        content = job.write.current.content if job.write.current else None
        if "terms" not in job.values.sale or (content is not None and content["sale"]["paid"]):
            return
        standing = content["paymentTerms"] if content else None
        given = self.given(job)
        if given is not None and standing is not None:
            update = {"paymentTermsId": standing["id"], "paymentTermsAttributes": given}
            yield _mutation("paymentTermsUpdate", "PaymentTermsUpdateInput!", update)
        elif given is not None:
            yield creation(job, given)
        elif standing is not None and not job.values.sale["terms"]:
            gone = {"paymentTermsId": standing["id"]}
            yield _mutation("paymentTermsDelete", "PaymentTermsDeleteInput!", gone, "deletedId")


def creation(job: SaleJob, given: Mapping[str, Any]) -> Mutation:
    """The mutation that gives an order its first terms."""
    arguments = {
        "referenceId": ("ID!", job.order_gid),
        "paymentTermsAttributes": ("PaymentTermsCreateInput!", dict(given)),
    }
    return Mutation("paymentTermsCreate", arguments, f"paymentTerms {{ id }} {_ERRORS}")


def _mutation(root: str, kind: str, given: dict[str, Any], selection: str = "paymentTerms { id }") -> Mutation:
    return Mutation(root, {"input": (kind, given)}, f"{selection} {_ERRORS}")


def _issued(job: SaleJob) -> datetime | None:
    """The day from which the terms that an order has count; a change of them does not move it."""
    terms = job.write.current.content["paymentTerms"] if job.write.current else None
    found = [node["issuedAt"] for node in terms[SCHEDULES]["nodes"]] if terms else []
    return datetime.fromisoformat(str(found[0])) if found and found[0] else None


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(name.strip()[:10])
    except ValueError:
        return None
