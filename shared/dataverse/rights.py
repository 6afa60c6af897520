"""What the app's user has to be allowed to do in CRM, per kind of record, and what of that he is not.

infra/dataverse/role.json is the role that grants all of it; a test holds the two together. Reads only.
Source: learn.microsoft.com/power-apps/developer/data-platform/webapi/reference/retrieveuserprivileges and
entitymetadata (Privileges).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.dataverse.definitions import Wanted

Rights = Mapping[str, Collection[str]]
"""Per table what is done with its rows."""

_READ, _EDIT = ("Read",), ("Read", "Write")
_MAKE = ("Create", "Read", "Write", "Append", "AppendTo")
_ALL = (*_MAKE, "Delete")
ALWAYS: Rights = {
    "transactioncurrency": ("Read", "AppendTo"), "organization": _READ, "team": _READ, "systemuser": _READ,
    "serviceendpoint": _READ, "sdkmessageprocessingstep": _READ, "sdkmessageprocessingstepimage": _READ,
}  # fmt: skip
_BESIDE: Rights = {"new_shopifyordernote": ("Create", "Read", "Write", "Delete", "Append")}
"""Rows beside orders and documents, which they name."""
_PEOPLE: Rights = {"account": _MAKE, "contact": _MAKE, "task": ("Create", "Read", "Write", "Append")}
RIGHTS: Mapping[str, Rights] = {
    "variants": {"product": _ALL, "productpricelevel": _ALL},
    "customers": _PEOPLE,
    "companies": _PEOPLE,
    "orders": {
        **_PEOPLE,
        "salesorder": _ALL,
        **_BESIDE,
        "orderclose": ("Create", "Read", "Write"),
    },
    "documents": {
        **dict.fromkeys(("opportunity", "salesorder", "invoice"), (*_EDIT, "AppendTo")),
        **_BESIDE,
        "account": _READ,
        "contact": _READ,
    },
}


def of_kinds(kinds: Iterable[str], besides: Rights | None = None) -> Rights:
    """All rights that those kinds need together, and those besides."""
    found: dict[str, set[str]] = {table: set(verbs) for table, verbs in ALWAYS.items()}
    for part in (*(RIGHTS.get(kind, {}) for kind in kinds), besides or {}):
        for table, verbs in part.items():
            found.setdefault(table, set()).update(verbs)
    return found


def of_wanted(wanted: Wanted) -> Rights:
    """What is done with tables that are made so: all with their rows, and naming others by their lookups."""
    named: Rights = {lookup.target: ("AppendTo",) for lookup in wanted.lookups}
    return {**named, **{table.name: _ALL for table in wanted.tables}}


def lacking(client: Client, user_id: str, wanted: Rights) -> list[str]:
    """The privileges by name that the user does not have; a table that is not there has none.

    Raises AuthFailed where whoever asks may not see them.
    """
    held = {each["PrivilegeName"] for each in _held(client, user_id)}
    needed = {each["Name"] for table, verbs in wanted.items() for each in _of(client, table, verbs)}
    return sorted(needed - held)


def privileges(client: Client, wanted: Rights) -> list[str]:
    """Those rights by the names of their privileges; of a table that is not there, those that it will have."""
    found: dict[str, None] = {}
    for table, verbs in wanted.items():
        known = [str(each["Name"]) for each in _of(client, table, verbs)]
        found |= dict.fromkeys(known or [f"prv{verb}{table}" for verb in verbs])
    return list(found)


def _held(client: Client, user_id: str) -> Iterable[Mapping[str, str]]:
    url = f"{odata.row('systemusers', user_id)}/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
    found: Iterable[Mapping[str, str]] = client.get(url, name="privileges").data["RolePrivileges"]
    return found


def _of(client: Client, table: str, verbs: Collection[str]) -> Iterable[Mapping[str, str]]:
    options = {"$select": "LogicalName,Privileges", "$filter": f"LogicalName eq {odata.quoted(table)}"}
    rows = client.get(odata.query("EntityDefinitions", options), name=f"privileges of {table}").data["value"]
    return [each for row in rows for each in row["Privileges"] if each["PrivilegeType"] in verbs]
