"""Roles of contacts at locations: given and taken back one by one or many at a time.

Many at a time succeed in part, and the two sides name what is missing in different words (recorded in the area b2b).
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse, user_error
from sandbox.shopify.mutations.companies import UNKNOWN
from sandbox.shopify.mutations.company_contacts import contact_of
from sandbox.shopify.resolvers.companies import typed
from sandbox.shopify.store import companies
from sandbox.shopify.store.database import Row

registry.inputs("CompanyContactRoleAssign", "companyContactRoleId companyLocationId")
registry.inputs("CompanyLocationRoleAssign", "companyContactRoleId companyContactId")
HAS_ONE = "Company contact has already been assigned a role in that company location."
MISSING = "RESOURCE_NOT_FOUND"
ASSIGNMENT = "CompanyContactRoleAssignment"


def _of_company(call: Call, kind: str, table: str, identifier: str, company: int) -> Row | None:
    row = call.db.get(table, gid.number(identifier, kind))
    return row if row is not None and row["company_id"] == company else None


def _location(call: Call, identifier: str, company: int) -> Row | None:
    return _of_company(call, "CompanyLocation", "company_locations", identifier, company)


def _role(call: Call, identifier: str, company: int) -> Row | None:
    return _of_company(call, "CompanyContactRole", "company_roles", identifier, company)


def _assigned(call: Call, number: int) -> Row | None:
    call.target(ASSIGNMENT, number)
    return typed(ASSIGNMENT, call.db.get("company_role_assignments", number))


@registry.mutation(
    "companyContactAssignRole",
    "companyContactId companyContactRoleId companyLocationId",
    "companyContactRoleAssignment userErrors",
)
def _assign(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    contact = contact_of(call, args["companyContactId"])
    location = _location(call, args["companyLocationId"], contact["company_id"])
    if location is None:
        raise refuse(["companyLocationId"], "The company location doesn't exist.", MISSING)
    role = _role(call, args["companyContactRoleId"], contact["company_id"])
    if role is None:
        raise refuse(["companyContactRoleId"], "The company contact role doesn't exist.", MISSING)
    number = companies.assign(call.store, contact, location["id"], role["id"])
    if number is None:
        raise refuse(None, HAS_ONE, "LIMIT_REACHED")
    return {"companyContactRoleAssignment": _assigned(call, number), "userErrors": []}


@registry.mutation("companyContactAssignRoles", "companyContactId rolesToAssign", "roleAssignments userErrors")
def _assign_to_contact(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    contact = contact_of(call, args["companyContactId"])
    made: list[Row | None] = []
    errors: list[Row] = []
    for place, wanted in enumerate(args["rolesToAssign"]):
        path = ["rolesToAssign", str(place)]
        location = _location(call, wanted["companyLocationId"], contact["company_id"])
        role = _role(call, wanted["companyContactRoleId"], contact["company_id"])
        if location is None or role is None:
            name = "companyLocationId" if location is None else "companyContactRoleId"
            errors.append(user_error([*path, name], UNKNOWN, MISSING))
            continue
        _give(call, (contact, location["id"], role["id"]), path, made, errors)
    return {"roleAssignments": made, "userErrors": errors}


@registry.mutation("companyLocationAssignRoles", "companyLocationId rolesToAssign", "roleAssignments userErrors")
def _assign_at_location(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    location = _location_of(call, args["companyLocationId"])
    company = location["company_id"]
    made: list[Row | None] = []
    errors: list[Row] = []
    for place, wanted in enumerate(args["rolesToAssign"]):
        path = ["rolesToAssign", str(place)]
        contact = _of_company(call, "CompanyContact", "company_contacts", wanted["companyContactId"], company)
        role = _role(call, wanted["companyContactRoleId"], company)
        if contact is None or role is None:
            text = "Company contact does not exist." if contact is None else "Company role does not exist."
            errors.append(user_error(path, text, MISSING))
            continue
        _give(call, (contact, location["id"], role["id"]), path, made, errors)
    return {"roleAssignments": made, "userErrors": errors}


def _give(
    call: Call, wanted: tuple[Row, int, int], path: list[str], made: list[Row | None], errors: list[Row]
) -> None:
    number = companies.assign(call.store, *wanted)
    if number is None:
        errors.append(user_error(path, HAS_ONE, "LIMIT_REACHED"))
    else:
        made.append(_assigned(call, number))


def _location_of(call: Call, identifier: str) -> Row:
    row = call.db.get("company_locations", gid.number(identifier, "CompanyLocation"))
    if row is None:
        raise refuse(["companyLocationId"], "Location does not exist.", MISSING)
    return row


@registry.mutation(
    "companyContactRevokeRole",
    "companyContactId companyContactRoleAssignmentId",
    "revokedCompanyContactRoleAssignmentId userErrors",
)
def _revoke(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    contact = contact_of(call, args["companyContactId"])
    identifier = args["companyContactRoleAssignmentId"]
    row = call.db.get("company_role_assignments", gid.number(identifier, ASSIGNMENT))
    if row is None or row["contact_id"] != contact["id"]:
        raise refuse(["companyContactRoleAssignmentId"], "The role assignment doesn't exist.", MISSING)
    call.target(ASSIGNMENT, row["id"])
    companies.revoke(call.store, row["id"])
    return {"revokedCompanyContactRoleAssignmentId": identifier, "userErrors": []}


@registry.mutation(
    "companyContactRevokeRoles", "companyContactId roleAssignmentIds revokeAll", "revokedRoleAssignmentIds userErrors"
)
def _revoke_of_contact(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    contact = contact_of(call, args["companyContactId"])
    wanted = args.get("roleAssignmentIds") or []
    if args.get("revokeAll"):
        rows = call.db.all("SELECT id FROM company_role_assignments WHERE contact_id = ?", (contact["id"],))
        wanted = [gid.make(ASSIGNMENT, row["id"]) for row in rows]
    elif not wanted:
        raise refuse(None, "Invalid input.", "INVALID_INPUT")
    return _revoke_all(call, wanted, "roleAssignmentIds", ("contact_id", contact["id"]))


@registry.mutation(
    "companyLocationRevokeRoles", "companyLocationId rolesToRevoke", "revokedRoleAssignmentIds userErrors"
)
def _revoke_at_location(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    location = _location_of(call, args["companyLocationId"])
    return _revoke_all(call, args["rolesToRevoke"], "rolesToRevoke", ("location_id", location["id"]))


def _revoke_all(call: Call, wanted: list[str], argument: str, owner: tuple[str, int]) -> Row:
    revoked: list[str] = []
    errors: list[Row] = []
    for place, identifier in enumerate(wanted):
        row = call.db.get("company_role_assignments", gid.number(identifier, ASSIGNMENT))
        if row is None or row[owner[0]] != owner[1]:
            errors.append(user_error([argument, str(place)], UNKNOWN, MISSING))
            continue
        call.target(ASSIGNMENT, row["id"])
        companies.revoke(call.store, row["id"])
        revoked.append(identifier)
    return {"revokedRoleAssignmentIds": revoked, "userErrors": errors}
