"""What `ops doctor` wants to know of an organization: who we are, how it is set, what we are not allowed to do.

Reads only, and never ends at the first problem: each is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.dataverse.metadata import Metadata
from shared.errors import AuthFailed, SchemaMismatch, SyncError


@dataclass(frozen=True, slots=True)
class Examination:
    """The findings. `problems` are sentences that name the fix; `at` is the organization's clock."""

    user_id: str
    organization_id: str
    version: str
    settings: Mapping[str, Any]
    at: datetime
    problems: tuple[str, ...]


def examine(client: Client, metadata: Metadata, tables: Iterable[str]) -> Examination:
    """Ask who we are and read one row of every table. Raises only when the organization does not answer at all."""
    answer = client.get("WhoAmI", name="WhoAmI")
    who = answer.data
    version = client.get("RetrieveVersion()", name="RetrieveVersion").data
    problems: list[str] = []
    settings: Mapping[str, Any] = {}
    try:
        settings = metadata.organization()
    except (AuthFailed, SchemaMismatch) as error:
        problems.append(f"The organization's settings cannot be read. {error.sentence}")
    for table in tables:
        problems += _problems_of(client, metadata, table)
    problems += _pricing(settings)
    return Examination(
        user_id=odata.guid(str(who["UserId"])),
        organization_id=odata.guid(str(who["OrganizationId"])),
        version=str(version.get("Version", "")),
        settings=settings,
        at=answer.answer.date,
        problems=tuple(problems),
    )


def _pricing(settings: Mapping[str, Any]) -> Iterable[str]:
    """What the organization is set to that keeps prices or totals from being what they are in the shop."""
    precision = settings.get("pricingdecimalprecision")
    if settings.get("discountcalculationmethod") == 1 and int(precision or 0) < 4:
        yield (
            "This organization discounts per unit: raise its pricing decimal precision to 4, else order lines with "
            "discounts that do not divide evenly are parked."
        )
    elif precision is not None and int(precision) < 2:
        yield (
            f"Prices are kept with {precision} decimals: raise the organization's pricing decimal precision to 2 or "
            "more, else cents are lost and orders are parked."
        )
    if settings.get("oobpricecalculationenabled") is False:
        yield (
            "System pricing is off (OOBPriceCalculationEnabled), so CRM computes no totals and orders are parked: "
            "switch on 'Use system pricing calculation' in the sales settings."
        )


def _problems_of(client: Client, metadata: Metadata, table: str) -> list[str]:
    try:
        known = metadata.table(table)
        url = odata.query(known.entity_set, {"$select": known.id_column, "$top": "1"})
        client.get(url, name=f"read {table}")
    except SyncError as error:
        return [error.sentence]
    if not known.tracked:
        return [f"Change tracking is off for {table}; `python -m ops setup` switches it on."]
    return []
