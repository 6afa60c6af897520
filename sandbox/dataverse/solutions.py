"""Solutions: which component was made or changed under the header MSCRM.SolutionUniqueName.

Reference: compose-http-requests-handle-errors (the header), solutioncomponent (types of components), register-web-hook.
That an unknown solution refuses the call before anything is made, and with 0x80040217, is an assumption (S18).
"""

from __future__ import annotations

import re

from .context import Context
from .errors import error
from .http import Request, Response
from .metadata.describe import metadata_id
from .urls import Segment

HEADER = "MSCRM.SolutionUniqueName"
ENTITY, ATTRIBUTE, RELATIONSHIP, KEY = 1, 2, 10, 14
_PARTS = {"Attributes": ATTRIBUTE, "Keys": KEY}
_ROWS = {"sdkmessageprocessingsteps": 92, "sdkmessageprocessingstepimages": 93, "serviceendpoints": 95}
_ID = re.compile(r"\(([0-9a-fA-F-]{36})\)$")


def named(ctx: Context, request: Request) -> str | None:
    """The solution that a call names, which has to exist and to be unmanaged."""
    name = request.header(HEADER)
    if name is None or request.method == "GET":
        return None
    table = ctx.table("solution")
    found = ctx.store.query('SELECT "solutionid" FROM "solution" WHERE "uniquename" = ?', (name,))
    if not found:
        raise error("ObjectDoesNotExist", message=f"The solution '{name}' does not exist.")
    return str(ctx.store.get(table, found[0][0], [table.pk])[table.pk])  # type: ignore[index]


def keep(ctx: Context, solution: str, segments: list[Segment], response: Response) -> None:
    """Put what was made or changed into the solution, once."""
    component = _component(ctx, segments, response)
    if response.status >= 300 or component is None:
        return
    kind, object_id = component
    known = 'SELECT 1 FROM "solutioncomponent" WHERE "solutionid" = ? AND "objectid" = ? AND "componenttype" = ?'
    if ctx.store.query(known, (solution, object_id, kind)):
        return
    table, now = ctx.table("solutioncomponent"), ctx.now()
    row = {"componenttype": kind, "objectid": object_id, "solutionid": solution, "createdon": now, "modifiedon": now}
    by = {"createdby": ctx.actor.user_id, "modifiedby": ctx.actor.user_id, "rootcomponentbehavior": 1}
    with ctx.store.transaction():
        ctx.store.insert(table, {table.pk: ctx.core.ids.new(), **row, **by})


def _component(ctx: Context, segments: list[Segment], response: Response) -> tuple[int, str] | None:
    """Type and id of the component that a call was about."""
    first, last = segments[0], segments[-1]
    made = _ID.search(response.headers.get("OData-EntityId", ""))
    if first.name == "EntityDefinitions" and first.args and len(segments) == 1:
        table = first.args.partition("=")[2].strip("'")
        return ENTITY, metadata_id("entity", table)
    kind = _PARTS.get(last.name) if first.name == "EntityDefinitions" else None
    if first.name == "EntityDefinitions" and len(segments) == 1:
        kind = ENTITY
    if first.name == "RelationshipDefinitions":
        kind = RELATIONSHIP
    kind = kind or _ROWS.get(first.name)
    return (kind, made[1].lower()) if kind and made else None
