"""Security roles: their privileges, what a new one has, and application users.

Reference: AddPrivilegesRole, ReplacePrivilegesRole (bound to a role), RetrieveRolePrivilegesRole; the Web API sample
"Functions and actions" shows what a new role has by default. Roles are kept and told, not enforced: `security` says who
may do what. Privileges are made of the tables there are; they take no row versions.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

import uuid
from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error, payload
from sandbox.dataverse.http import Request, Response, json_response, no_content
from sandbox.dataverse.logic.rules import Change, Rules
from sandbox.dataverse.metadata.describe import metadata_id
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.security import CUSTOMIZING, VERBS, privilege
from sandbox.dataverse.store import Row
from sandbox.dataverse.urls import Segment
from sandbox.dataverse.values import guid

from .parameters import parameters

DEPTHS = {"Basic": 1, "Local": 2, "Deep": 4, "Global": 8}
"""PrivilegeDepth's members, in the order of their numbers, with the masks of privilegedepthmask."""
NEW = (
    "prvReadSharePointData", "prvWriteSharePointData", "prvCreateSharePointData", "prvReadSharePointDocument",
    "prvReadSdkMessage", "prvReadSdkMessageProcessingStep", "prvReadSdkMessageProcessingStepImage",
    "prvReadPluginAssembly", "prvReadPluginType")
_OTHERS = frozenset({"privilege", "roleprivileges", "sdkmessage", "sdkmessagefilter"})
_NAMESPACE = uuid.UUID("d9c44a2c-4a38-4a1c-8a71-7cf3c1d4b7a0")
NON_INTERACTIVE = 4


def register(rules: Rules) -> None:
    """Hook the rules in."""
    rules.on("after_create", "role", _new_role)
    rules.on("before_create", "systemuser", _application_user)


def _application_user(ctx: Context, change: Change) -> None:
    """A user of an application takes its names from the application: the caller gives id and business unit."""
    application = change.values.get("applicationid")
    if application is None:
        return
    if ctx.store.find(change.table, {"applicationid": application}, [change.table.pk], limit=1):
        raise error("DuplicateRecord")
    change.values.setdefault("domainname", f"{application}@{ctx.core.config.organization_name}.example")
    change.values.setdefault("fullname", f"# {application}")
    change.values["accessmode"] = NON_INTERACTIVE


def make_privileges(ctx: Context) -> None:
    """The privileges of all tables that have none yet."""
    names = {privilege(each, verb) for each in ctx.registry.tables.values() if each.name not in _OTHERS
             for verb in VERBS} | set(CUSTOMIZING) | set(NEW)
    known = {row[0] for row in ctx.store.query('SELECT "name" FROM "privilege"')}
    can = ("canbebasic", "canbelocal", "canbedeep", "canbeglobal")
    columns = ", ".join(f'"{name}"' for name in ("privilegeid", "name", *can, "versionnumber"))
    for name in sorted(names - known):
        ctx.store.query(
            f'INSERT INTO "privilege" ({columns}) VALUES (?, ?, 1, 1, 1, 1, 1)', (metadata_id("privilege", name), name))


def _new_role(ctx: Context, change: Change) -> None:
    for name in NEW:
        _set(ctx, change.row_id, metadata_id("privilege", name), DEPTHS["Global"])


def add(ctx: Context, table: Table, row_id: str, segment: Segment, request: Request) -> Response:
    """AddPrivilegesRole: a privilege that the role has already keeps its depth."""
    wanted = _wanted(ctx, segment.name, request)
    with ctx.store.transaction():
        known = {row["privilegeid"] for row in _held(ctx, row_id)}
        for privilege_id, depth in wanted.items():
            if privilege_id not in known:
                _set(ctx, row_id, privilege_id, depth)
    return no_content()


def replace(ctx: Context, table: Table, row_id: str, segment: Segment, request: Request) -> Response:
    """ReplacePrivilegesRole: these and no others."""
    wanted = _wanted(ctx, segment.name, request)
    with ctx.store.transaction():
        ctx.store.query('DELETE FROM "roleprivileges" WHERE "roleid" = ?', (row_id,))
        for privilege_id, depth in wanted.items():
            _set(ctx, row_id, privilege_id, depth)
    return no_content()


def retrieve(ctx: Context, segment: Segment, request: Request) -> Response:
    """RetrieveRolePrivilegesRole."""
    name, _, text = (segment.args or "").partition("=")
    role = guid(text.strip())
    if name.strip() != "RoleId" or role is None:
        raise payload(segment.name, f"The parameters '{segment.args}' are not those of the operation.")
    if ctx.store.get(ctx.table("role"), role) is None:
        raise error("ObjectDoesNotExist", "role", role)
    names = {mask: depth for depth, mask in DEPTHS.items()}
    known = {row[0]: row[1] for row in ctx.store.query('SELECT "privilegeid", "name" FROM "privilege"')}
    held = [{
        "Depth": names[row["privilegedepthmask"]], "PrivilegeId": row["privilegeid"],
        "BusinessUnitId": ctx.core.business_unit_id, "PrivilegeName": known[row["privilegeid"]],
        "RecordFilterId": "00000000-0000-0000-0000-000000000000", "RecordFilterUniqueName": ""}
        for row in _held(ctx, role)]
    return json_response(200, {
        "@odata.context": f"{ctx.base_url}$metadata#Microsoft.Dynamics.CRM.RetrieveRolePrivilegesRoleResponse",
        "RolePrivileges": held})


def _wanted(ctx: Context, action: str, request: Request) -> dict[str, int]:
    """Privileges and depth masks that the body names."""
    body = parameters(request, action, ("Privileges",), ("Privileges",))
    wanted: dict[str, int] = {}
    for each in body["Privileges"]:
        privilege_id, depth = guid(each.get("PrivilegeId")), _depth(action, each.get("Depth"))
        if privilege_id is None or ctx.store.get(ctx.table("privilege"), privilege_id) is None:
            raise error("ObjectDoesNotExist", "privilege", each.get("PrivilegeId"))
        wanted[privilege_id] = depth
    return wanted


def _depth(action: str, value: Any) -> int:
    """A member of PrivilegeDepth, by its name or its number."""
    names = list(DEPTHS)
    if str(value).isdigit() and int(value) < len(names):
        return DEPTHS[names[int(value)]]
    if value not in DEPTHS:
        raise payload(action, f"Requested value '{value}' was not found.")
    return DEPTHS[value]


def _held(ctx: Context, role: str) -> list[Row]:
    return list(ctx.store.find(ctx.table("roleprivileges"), {"roleid": role}, ["privilegeid", "privilegedepthmask"]))


def _set(ctx: Context, role: str, privilege_id: str, mask: int) -> None:
    row_id = str(uuid.uuid5(_NAMESPACE, f"{role}/{privilege_id}"))
    ctx.store.insert(ctx.table("roleprivileges"), {
        "roleprivilegeid": row_id, "roleid": role, "privilegeid": privilege_id, "privilegedepthmask": mask})
