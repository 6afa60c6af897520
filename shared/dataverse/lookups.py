"""Rows that settings name for people: a price list, a unit, a currency, a team; by name to id.

Never takes the first of several: a setting that does not name exactly one row is an error that lists the choices.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.dataverse.metadata import Metadata
from shared.errors import SettingMissing, SyncError

_SHOWN = 10


class Lookups:
    """Finds rows by name in one organization."""

    def __init__(self, client: Client, metadata: Metadata) -> None:
        self._client = client
        self._metadata = metadata
        self._own_user: str | None = None

    def own_user(self) -> str:
        """The user that we are, asked for once; empty in a process that was not told."""
        if self._own_user is None:
            self._own_user = ""
            with suppress(SyncError):
                self._own_user = odata.guid(self._client.get("WhoAmI", name="WhoAmI").data["UserId"])
        return self._own_user

    def price_list(self, name: str = "") -> str:
        """The id of an active price list; without a name, of the only one."""
        return self.named("pricelevel", name, where={"statecode": 0}, setting="CRM_PRICE_LIST")

    def unit_group(self, name: str) -> str:
        """The id of a unit group."""
        return self.named("uomschedule", name, setting="CRM_UNIT_GROUP")

    def unit(self, name: str, unit_group_id: str) -> str:
        """The id of a unit within its group."""
        return self.named("uom", name, where={"uomscheduleid": unit_group_id}, setting="CRM_UNIT")

    def currency(self, iso_code: str) -> str:
        """The id of a currency by its ISO code."""
        return self.named("transactioncurrency", iso_code, column="isocurrencycode", setting="the currency")

    def team(self, name: str) -> str:
        """The id of a team."""
        return self.named("team", name, setting="the owning team")

    def named(
        self,
        table: str,
        name: str,
        *,
        column: str = "",
        where: Mapping[str, object] | None = None,
        setting: str = "a setting",
    ) -> str:
        """The id of the one row with that name; SettingMissing naming the choices where there is none, or several.

        Case does not count (it does not for Dataverse), except to choose between rows that differ in case alone.
        """
        known = self._metadata.table(table)
        column = column or known.name_column
        conditions = [f"{known.column(key).wire} eq {odata.literal(value)}" for key, value in (where or {}).items()]
        if name:
            conditions.append(f"{column} eq {odata.quoted(name)}")
        options = {"$select": f"{known.id_column},{column}", "$filter": " and ".join(conditions), "$orderby": column}
        pages = self._client.pages(odata.query(known.entity_set, options), name=f"find {table}")
        rows = [row for page in pages for row in page.data["value"]]
        exact = [row for row in rows if row[column] == name] if name else []
        rows = exact or rows
        if len(rows) == 1:
            return odata.guid(str(rows[0][known.id_column]))
        found = ", ".join(str(row[column]) for row in rows[:_SHOWN]) or "none"
        wanted = f"named {name!r}" if name else "(no name set)"
        sentence = f"{setting} must name exactly one row of {table}; found {wanted}: {len(rows)} ({found})."
        raise SettingMissing(sentence, facts={"setting": setting, "table": table, "name": name, "found": len(rows)})
