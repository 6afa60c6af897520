"""Reads webhook registrations and builds the RemoteExecutionContext body.

Only the columns that were sent stand in an Update's Target; a Delete's Target is a reference.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .metadata.model import Column, Table
from .store import type_column
from .values import parse_time

if TYPE_CHECKING:
    from .context import Context
    from .store import Row
    from .webhooks import Event

_CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts"
_SETTING = re.compile(r'<setting\s+name="([^"]*)"\s+value="([^"]*)"\s*/>')
_ALWAYS = frozenset({"modifiedon", "modifiedby"})
WEBHOOK_CONTRACT, ENABLED = 8, 0


@dataclass(frozen=True)
class Registration:
    """One enabled step with its endpoint."""

    step_id: str
    name: str
    message: str
    table: str
    stage: int
    mode: int
    filtering: frozenset[str]
    url: str
    auth_type: int
    settings: dict[str, str]
    auto_delete: bool = True
    images: tuple[tuple[int, str, frozenset[str]], ...] = field(default=())


def read_registrations(ctx: Context) -> list[Registration]:
    """All enabled steps whose handler is a webhook."""
    store = ctx.store
    messages = {r["sdkmessageid"]: r["name"] for r in store.find(ctx.table("sdkmessage"), {})}
    endpoints = {r["serviceendpointid"]: r for r in store.find(ctx.table("serviceendpoint"), {})}
    found = []
    for step in store.find(ctx.table("sdkmessageprocessingstep"), {"statecode": ENABLED}):
        endpoint = endpoints.get(step["eventhandler"])
        if endpoint is None or endpoint["contract"] != WEBHOOK_CONTRACT:
            continue
        found.append(_registration(ctx, step, endpoint, messages.get(step["sdkmessageid"], "")))
    return found


def _registration(ctx: Context, step: Row, endpoint: Row, message: str) -> Registration:
    table = ""
    if step["sdkmessagefilterid"]:
        filters = ctx.store.get(ctx.table("sdkmessagefilter"), step["sdkmessagefilterid"])
        table = filters["primaryobjecttypecode"] if filters else ""
    images = ctx.store.find(
        ctx.table("sdkmessageprocessingstepimage"), {"sdkmessageprocessingstepid": step["sdkmessageprocessingstepid"]})
    return Registration(
        step_id=step["sdkmessageprocessingstepid"], name=step["name"] or "", message=message, table=table,
        stage=step["stage"], mode=step["mode"], filtering=_names(step["filteringattributes"]),
        auto_delete=bool(step["asyncautodelete"]), url=endpoint["url"] or "", auth_type=endpoint["authtype"] or 0,
        settings=auth_settings(endpoint["authtype"] or 0, endpoint["authvalue"] or ""),
        images=tuple((i["imagetype"], i["entityalias"] or i["name"] or "", _names(i["attributes"])) for i in images))


def _names(text: str | None) -> frozenset[str]:
    return frozenset(n.strip() for n in (text or "").split(",") if n.strip())


def auth_settings(auth_type: int, value: str) -> dict[str, str]:
    """Names and values to send along: `code` for a webhook key, the listed settings otherwise."""
    if auth_type == 4:
        return {"code": value}
    return {html.unescape(name): html.unescape(text) for name, text in _SETTING.findall(value)}


def context_body(ctx: Context, event: Event, step: Registration, correlation: str, stripped: bool) -> bytes:
    """The RemoteExecutionContext as JSON bytes; stripped of everything large when it is too long."""
    table = ctx.table(event.table)
    now = _date(ctx.now())
    body = {
        "BusinessUnitId": ctx.core.business_unit_id, "CorrelationId": correlation, "Depth": ctx.depth,
        "InitiatingUserAzureActiveDirectoryObjectId": "00000000-0000-0000-0000-000000000000",
        "InitiatingUserId": ctx.actor.user_id,
        "InputParameters": [] if stripped else [{"key": "Target", "value": _target(ctx, table, event)}],
        "IsExecutingOffline": False, "IsInTransaction": False, "IsOfflinePlayback": False, "IsolationMode": 1,
        "MessageName": event.message, "Mode": step.mode, "OperationCreatedOn": now, "OperationId": ctx.core.ids.new(),
        "OrganizationId": ctx.core.organization_id, "OrganizationName": ctx.core.config.organization_name,
        "OutputParameters": [{"key": "id", "value": event.row_id}] if event.message == "Create" else [],
        "OwningExtension": _entity_reference("sdkmessageprocessingstep", step.step_id, step.name),
        "ParentContext": None,
        "PostEntityImages": [] if stripped else _images(ctx, table, event, step, (1, 2)),
        "PreEntityImages": [] if stripped else _images(ctx, table, event, step, (0, 2)),
        "PrimaryEntityId": event.row_id, "PrimaryEntityName": event.table,
        "RequestId": ctx.core.ids.new(), "SecondaryEntityName": "none", "SharedVariables": [], "Stage": step.stage,
        "UserId": ctx.actor.user_id}
    text = json.dumps(body, ensure_ascii=False, default=_number)
    return text.replace('"/Date(', '"\\/Date(').replace(')/"', ')\\/"').encode()


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def _target(ctx: Context, table: Table, event: Event) -> dict[str, Any]:
    if event.message == "Delete":
        return {"__type": f"EntityReference:{_CONTRACTS}", **_entity_reference(table.name, event.row_id, None, False)}
    values = event.values
    if event.message == "Update":
        values = {n: v for n, v in values.items() if n in event.sent or n in _ALWAYS}
    return {"__type": f"Entity:{_CONTRACTS}", **_entity(table, event.row_id, {table.pk: event.row_id, **values})}


def _entity(table: Table, row_id: str, values: Row) -> dict[str, Any]:
    attributes = [
        {"key": name, "value": attribute(table, table.columns[name], value, values)}
        for name, value in values.items() if name in table.columns]
    return {"Attributes": attributes, "EntityState": None, "FormattedValues": [], "Id": row_id, "KeyAttributes": [],
            "LogicalName": table.name, "RelatedEntities": [], "RowVersion": None}


def _images(
    ctx: Context, table: Table, event: Event, step: Registration, kinds: tuple[int, ...],
) -> list[dict[str, Any]]:
    """The images registered for the step: the row before (kinds 0, 2) or after (1, 2) the write."""
    if not step.images:
        return []
    row = (event.before if 0 in kinds else ctx.store.get(table, event.row_id)) or {}
    images = []
    for kind, alias, names in step.images:
        if kind in kinds:
            values = {n: v for n, v in row.items() if v is not None and (not names or n in names)}
            images.append({"key": alias, "value": _entity(table, event.row_id, values)})
    return images


def attribute(table: Table, column: Column, value: Any, row: Row) -> Any:
    """A column value as the SDK's contract writes it."""
    if value is None:
        return None
    if column.is_lookup:
        target = row.get(type_column(column.name)) or (column.targets[0] if column.targets else table.name)
        return {"__type": f"EntityReference:{_CONTRACTS}", **_entity_reference(target, value, None, False)}
    if column.type in ("Picklist", "State", "Status"):
        return {"__type": f"OptionSetValue:{_CONTRACTS}", "Value": value}
    if column.type == "Money":
        return {"__type": f"Money:{_CONTRACTS}", "Value": value}
    return _date(value) if column.type == "DateTime" else value


def _entity_reference(table: str, row_id: str, name: str | None, with_name: bool = True) -> dict[str, Any]:
    return {"Id": row_id, "KeyAttributes": [], "LogicalName": table, "Name": name if with_name else None,
            "RowVersion": None}


def _date(text: str) -> str:
    moment = parse_time(text)
    return f"/Date({int(moment.timestamp() * 1000)})/" if moment else text
