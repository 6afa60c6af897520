"""Functions and actions: the platform's own, and by their names those of `messages`.

A wrong verb answers 404, as documented.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import duplicates
from .context import Context
from .errors import error
from .http import Request, Response, json_response, no_content
from .messages import roles
from .messages.registry import BOUND_SALES, NEEDS, UNBOUND_SALES
from .metadata.describe import metadata_id
from .metadata.model import Table
from .security import VERBS, demand, demand_named, privilege
from .urls import Segment, split_outside

Handler = Callable[[Context, Segment, Request], Response]
VERSION = "9.2.24044.00186"


def who_am_i(ctx: Context, segment: Segment, request: Request) -> Response:
    """The caller's ids."""
    return json_response(200, {
        "@odata.context": f"{ctx.base_url}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse",
        "BusinessUnitId": ctx.core.business_unit_id, "UserId": ctx.actor.user_id,
        "OrganizationId": ctx.core.organization_id})


def retrieve_version(ctx: Context, segment: Segment, request: Request) -> Response:
    """The platform's version."""
    return json_response(200, {
        "@odata.context": f"{ctx.base_url}$metadata#Microsoft.Dynamics.CRM.RetrieveVersionResponse",
        "Version": VERSION})


def total_record_count(ctx: Context, segment: Segment, request: Request) -> Response:
    """Row counts of tables; the real one is a daily snapshot, this one counts now."""
    _, _, text = (segment.args or "").partition("=")
    names = [n.strip().strip("'\"") for n in split_outside(text.strip("[] "), ",")]
    counts = []
    for name in names:
        table = ctx.registry.get(name)
        if table is None:
            raise error("InvalidArgument", message=f"The entity with a name = '{name}' was not found.")
        counts.append(ctx.store.query(f'SELECT COUNT(*) FROM "{table.name}"')[0][0])
    return json_response(200, {
        "@odata.context": f"{ctx.base_url}$metadata#Microsoft.Dynamics.CRM.RetrieveTotalRecordCountResponse",
        "EntityRecordCountCollection": {"Count": len(names), "IsReadOnly": False, "Keys": names, "Values": counts}})


def available_languages(ctx: Context, segment: Segment, request: Request) -> Response:
    """The languages that labels may have: the base language alone."""
    return json_response(200, {
        "@odata.context": f"{ctx.base_url}$metadata#Microsoft.Dynamics.CRM.RetrieveAvailableLanguagesResponse",
        "LocaleIds": [ctx.core.organization()["languagecode"]]})


def publish(ctx: Context, segment: Segment, request: Request) -> Response:
    """Publishing is accepted; definitions are visible at once."""
    demand_named(ctx, "prvPublishCustomization")
    return no_content()


# The verb and the handler of each name.
UNBOUND: dict[str, tuple[str, Handler]] = {
    "WhoAmI": ("GET", who_am_i),
    "RetrieveVersion": ("GET", retrieve_version),
    "RetrieveAvailableLanguages": ("GET", available_languages),
    "RetrieveTotalRecordCount": ("GET", total_record_count),
    "RetrieveRolePrivilegesRole": ("GET", roles.retrieve),
    "UnpublishDuplicateRule": ("POST", duplicates.unpublish),
    "PublishXml": ("POST", publish),
    "PublishAllXml": ("POST", publish),
    **{name: ("POST", handler) for name, handler in UNBOUND_SALES.items()},
}


def user_privileges(ctx: Context, table: Table, row_id: str, segment: Segment, request: Request) -> Response:
    """What a user may do, by his roles; the depth is always the organization."""
    names = sorted({privilege(each, verb) for each in ctx.registry for verb in VERBS})
    held = [name for name in names if not ctx.core.security.lacks(row_id, name)]
    unit = {"Depth": "Global", "BusinessUnitId": ctx.core.business_unit_id}
    rows = [{"PrivilegeName": name, "PrivilegeId": metadata_id("privilege", name), **unit} for name in held]
    return json_response(200, {
        "@odata.context": f"{ctx.base_url}$metadata#Microsoft.Dynamics.CRM.RetrieveUserPrivilegesResponse",
        "RolePrivileges": rows})


# Functions of one row.
ASKED = {("systemuser", "RetrieveUserPrivileges"): user_privileges}
BOUND = {**BOUND_SALES, ("duplicaterule", "PublishDuplicateRule"): duplicates.publish}


def unbound(ctx: Context, segment: Segment, request: Request) -> Response:
    """Run a function or action by name; 404 for the wrong verb."""
    verb, handler = UNBOUND[segment.name]
    if request.method != verb:
        raise error("CrmHttpError", segment.name)
    _demand(ctx, segment.name)
    return handler(ctx, segment, request)


def bound(ctx: Context, table: Table, row_id: str, segment: Segment, request: Request) -> Response:
    """Run an action bound to one row; 404 for a name the table does not have, or the wrong verb."""
    name = segment.name.removeprefix("Microsoft.Dynamics.CRM.")
    known: dict[tuple[str, str], Any] = ASKED if request.method == "GET" else BOUND
    handler = known.get((table.name, name))
    if handler is None or request.method not in ("GET", "POST"):
        raise error("CrmHttpError", segment.name)
    _demand(ctx, name)
    answer: Response = handler(ctx, table, row_id, segment, request)
    return answer


def _demand(ctx: Context, name: str) -> None:
    for table, verb in NEEDS.get(name, ()):
        demand(ctx, ctx.table(table), verb)
