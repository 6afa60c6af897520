"""Who the app is in Dataverse: its application user and the one security role that it has.

Every step looks first. A role that exists already keeps what somebody added to it: nothing is ever taken away from it,
so that a lookup that a mapping needs stays granted. Run by a system administrator. Sources: learn.microsoft.com,
Web API reference of AddPrivilegesRole, ReplacePrivilegesRole, RetrieveRolePrivilegesRole and systemuser.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.dataverse.edits import NAMESPACE
from shared.dataverse.setup import Step
from shared.errors import Ambiguous, SchemaMismatch

EVERYWHERE = "Global"
"""The depth of every privilege: the whole organization."""
_UNIT = "_businessunitid_value"


@dataclass(frozen=True, slots=True)
class Role:
    """A security role: its name, what it is for, and its privileges as Dataverse names them."""

    name: str
    about: str
    privileges: Sequence[str]


def grant(client: Client, role: Role, application: str, *, dry_run: bool) -> Iterator[Step]:
    """Make or complete the role, make the application's user, give him the role. Raises what names the fix."""
    wanted, unit = _privileges(client, role), _root(client)
    role_id, user = _role(client, role, unit), _user(client, application)
    yield _made(f"role {role.name}", there=role_id is not None, dry_run=dry_run)
    if role_id is None and not dry_run:
        role_id = str(uuid.uuid5(NAMESPACE, f"role|{unit}|{role.name}"))
        body = {"roleid": role_id, "name": role.name, "description": role.about, **_in_unit(unit)}
        client.send("POST", "roles", body, name="make a role")
        yield _complete(client, role_id, wanted, new=True, dry_run=False)
    elif role_id is not None:
        yield _complete(client, role_id, wanted, new=False, dry_run=dry_run)
    else:
        yield _made(_named(wanted), there=False, dry_run=True)
    yield _made(f"user of application {application}", there=user is not None, dry_run=dry_run)
    if user is None and not dry_run:
        user = {"systemuserid": str(uuid.uuid5(NAMESPACE, f"user|{unit}|{application}")), _UNIT: unit}
        body = {"systemuserid": user["systemuserid"], "applicationid": application, **_in_unit(unit)}
        client.send("POST", "systemusers", body, name="make an application user")
    if user is None or role_id is None:
        yield _made("role given to the user", there=False, dry_run=True)
    else:
        yield _assigned(client, _role(client, role, user[_UNIT]) or role_id, user["systemuserid"], dry_run=dry_run)


def _privileges(client: Client, role: Role) -> Mapping[str, str]:
    """Name → id of all that the role needs; SchemaMismatch where Dataverse has no such privilege."""
    found: dict[str, str] = {}
    for part in odata.chunks(list(role.privileges), count=100, characters=8_000):
        url = odata.query("privileges", {"$select": "name,privilegeid", "$filter": odata.within("name", part)})
        for page in client.pages(url, name="read privileges"):
            found |= {str(row["name"]).lower(): str(row["privilegeid"]) for row in page.data["value"]}
    missing = [name for name in role.privileges if name.lower() not in found]
    if missing:
        sentence = f"Dataverse has no privilege {', '.join(missing)}: run `python -m ops setup` first."
        raise SchemaMismatch(sentence, facts={"privileges": missing})
    return {name: found[name.lower()] for name in role.privileges}


def _root(client: Client) -> str:
    options = {"$select": "businessunitid", "$filter": "_parentbusinessunitid_value eq null"}
    rows = client.get(odata.query("businessunits", options), name="read business units").data["value"]
    return str(rows[0]["businessunitid"])


def _role(client: Client, role: Role, unit: str) -> str | None:
    """The role of that business unit; a child unit has a copy of each role of its parent."""
    where = f"name eq {odata.quoted(role.name)} and _businessunitid_value eq {unit}"
    url = odata.query("roles", {"$select": "roleid", "$filter": where})
    rows = client.get(url, name="read roles").data["value"]
    if len(rows) > 1:
        raise Ambiguous(f"There are {len(rows)} roles called '{role.name}'. Rename all but one.")
    return str(rows[0]["roleid"]) if rows else None


def _named(wanted: Mapping[str, str]) -> str:
    return f"{len(wanted)} privileges of the role"


def _complete(client: Client, role_id: str, wanted: Mapping[str, str], *, new: bool, dry_run: bool) -> Step:
    """Its privileges; a new role loses what Dataverse gives every new one, another keeps what it has besides."""
    answer = client.get(f"RetrieveRolePrivilegesRole(RoleId={role_id})", name="read a role's privileges").data
    held = {str(row["PrivilegeId"]): str(row["Depth"]) for row in answer["RolePrivileges"]}
    missing = sorted(name for name, privilege in wanted.items() if held.get(privilege) != EVERYWHERE)
    if missing and not dry_run:
        whole = {**({} if new else held), **dict.fromkeys(wanted.values(), EVERYWHERE)}
        body = {"Privileges": [{"PrivilegeId": each, "Depth": depth} for each, depth in whole.items()]}
        url = f"{odata.row('roles', role_id)}/Microsoft.Dynamics.CRM.ReplacePrivilegesRole"
        client.send("POST", url, body, name="set a role's privileges", repeatable=True)
    detail = f"missing: {', '.join(missing)}" if missing and not new else ""
    return Step(_named(wanted), needed=bool(missing), done=bool(missing) and not dry_run, detail=detail)


def _user(client: Client, application: str) -> Mapping[str, str] | None:
    options = {"$select": f"systemuserid,{_UNIT},isdisabled", "$filter": f"applicationid eq {application}"}
    rows = client.get(odata.query("systemusers", options), name="read the application user").data["value"]
    if rows and rows[0]["isdisabled"]:
        raise Ambiguous(f"The user of application {application} is disabled in Dataverse. Enable it first.")
    return rows[0] if rows else None


def _assigned(client: Client, role_id: str, user_id: str, *, dry_run: bool) -> Step:
    link = f"{odata.row('systemusers', user_id)}/systemuserroles_association"
    rows = client.get(odata.query(link, {"$select": "roleid"}), name="read a user's roles").data["value"]
    there = role_id in {str(row["roleid"]).lower() for row in rows}
    if not there and not dry_run:
        target = {"@odata.id": f"{client.transport.base_url}{odata.row('roles', role_id)}"}
        client.send("POST", f"{link}/$ref", target, name="give a user a role")
    return _made("role given to the user", there=there, dry_run=dry_run)


def _made(name: str, *, there: bool, dry_run: bool) -> Step:
    return Step(name, needed=not there, done=not there and not dry_run)


def _in_unit(unit: str) -> Mapping[str, str]:
    return {"businessunitid@odata.bind": f"/{odata.row('businessunits', unit)}"}
