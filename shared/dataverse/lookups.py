"""Rows that settings name for people: a price list, a unit, a currency, a team; by name to id.

Never takes the first of several: a setting that does not name exactly one row is an error that lists the choices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.dataverse.metadata import Metadata
from shared.errors import SettingMissing, SyncError

_SHOWN = 10
_CALLED = {"pricelevel": "active price list", "uomschedule": "unit group", "uom": "unit"}


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

    def price_list_called(self, name: str) -> str:
        """The id of the active price list whose name, in small letters and with _ for all else, is this one."""
        known = self._metadata.table("pricelevel")
        options = {"$select": f"{known.id_column},{known.name_column}", "$filter": "statecode eq 0"}
        rows = list(self._rows(odata.query(known.entity_set, options), known.name))
        found = [row for row in rows if plain_name(str(row[known.name_column])) == name]
        if len(found) == 1:
            return odata.guid(str(found[0][known.id_column]))
        names = [plain_name(str(row[known.name_column])) for row in rows]
        sentence = _unclear("The mapping's price list", name, _CALLED["pricelevel"], names, len(found))
        raise SettingMissing(sentence, facts={"table": known.name, "name": name, "found": len(found)})

    def unit_group(self, name: str) -> str:
        """The id of a unit group."""
        return self.named("uomschedule", name, setting="CRM_UNIT_GROUP")

    def unit(self, name: str, unit_group_id: str) -> str:
        """The id of a unit within its group."""
        return self.named("uom", name, where={"uomscheduleid": unit_group_id}, setting="CRM_UNIT")

    def currency(self, iso_code: str) -> str:
        """The id of a currency by its ISO code."""
        return self.named("transactioncurrency", iso_code, column="isocurrencycode", setting="currency")

    def guest_account(self, name: str) -> str:
        """The id of the active account that orders without a customer belong to."""
        return self.named("account", name, where={"statecode": 0}, setting="CRM_GUEST_ACCOUNT")

    def team(self, name: str) -> str:
        """The id of a team."""
        return self.named("team", name, setting="CRM_TEAM")

    def named(
        self,
        table: str,
        name: str,
        *,
        setting: str,
        column: str = "",
        where: Mapping[str, object] | None = None,
    ) -> str:
        """The id of the one row with that name; SettingMissing naming the choices where there is none, or several.

        Case does not count (it does not for Dataverse), except to choose between rows that differ in case alone.
        """
        known = self._metadata.table(table)
        column = column or known.name_column
        conditions = [f"{known.column(key).wire} eq {odata.literal(value)}" for key, value in (where or {}).items()]
        options = {"$select": f"{known.id_column},{column}", "$filter": " and ".join(conditions), "$orderby": column}
        listed = odata.query(known.entity_set, options)
        options["$filter"] = " and ".join([*conditions, f"{column} eq {odata.quoted(name)}"] if name else conditions)
        rows = list(self._rows(odata.query(known.entity_set, options), table))
        rows = [row for row in rows if name and row[column] == name] or rows
        if len(rows) == 1:
            return odata.guid(str(rows[0][known.id_column]))
        found = [str(row[column]) for row in islice(self._rows(listed, table), _SHOWN + 1)]
        sentence = _unclear(f"Setting {setting}", name, _CALLED.get(table, table), found, len(rows))
        raise SettingMissing(sentence, facts={"setting": setting, "table": table, "name": name, "found": len(rows)})

    def _rows(self, url: str, table: str) -> Iterator[Mapping[str, object]]:
        for page in self._client.pages(url, name=f"find {table}"):
            yield from page.data["value"]


def plain_name(name: str) -> str:
    """A row's name as mapping files write it: "Wholesale (EUR)" is wholesale_eur."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def _unclear(setting: str, name: str, called: str, found: Sequence[str], matched: int) -> str:
    """Why no row was chosen, and what there is to choose from."""
    shown = ", ".join([*found[:_SHOWN], *("…" for _ in found[_SHOWN:])])
    choices = f"There are: {shown}. Set one of them." if found else "There is none at all: create it first."
    if name and matched:
        return f"{setting} is '{name}', but {matched} rows ({called}) have that name. Rename all but one of them."
    if name:
        return f"{setting} is '{name}', but no {called} has that name. {choices}"
    return f"{setting} is missing, and there is not exactly one {called} to take. {choices}"
