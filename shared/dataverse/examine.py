"""What `ops doctor` wants to know of an organization: who we are, how it is set, what we are not allowed to do.

Reads only, and never ends at the first problem: each is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.dataverse.metadata import Metadata
from shared.errors import AuthFailed, SchemaMismatch, SyncError


@dataclass(frozen=True, slots=True)
class Examination:
    """The findings. `problems` are sentences that name the fix."""

    user_id: str
    organization_id: str
    version: str
    settings: Mapping[str, Any]
    problems: tuple[str, ...]


def examine(client: Client, metadata: Metadata, tables: Iterable[str]) -> Examination:
    """Ask who we are and read one row of every table. Raises only when the organization does not answer at all."""
    who = client.get("WhoAmI", name="WhoAmI").data
    version = client.get("RetrieveVersion()", name="RetrieveVersion").data
    problems: list[str] = []
    settings: Mapping[str, Any] = {}
    try:
        settings = metadata.organization()
    except (AuthFailed, SchemaMismatch) as error:
        problems.append(f"The organization's settings cannot be read. {error.sentence}")
    for table in tables:
        problems += _problems_of(client, metadata, table)
    if settings.get("discountcalculationmethod") == 1 and int(settings.get("pricingdecimalprecision") or 0) < 4:
        problems.append(
            "This organization discounts per unit: raise its pricing decimal precision to 4, else order lines with "
            "discounts that do not divide evenly are parked."
        )
    return Examination(
        user_id=odata.guid(str(who["UserId"])),
        organization_id=odata.guid(str(who["OrganizationId"])),
        version=str(version.get("Version", "")),
        settings=settings,
        problems=tuple(problems),
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
