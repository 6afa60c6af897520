"""Reads the parameters of actions and writes the rows they return.

A parameter the action does not have, or one that is missing, answers 400 with its name. Nothing here changes rows.
"""

from __future__ import annotations

from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error, payload
from sandbox.dataverse.http import Request, Response, json_response
from sandbox.dataverse.metadata.model import Table
from sandbox.dataverse.query.options import build
from sandbox.dataverse.query.run import context_url, one_object
from sandbox.dataverse.store import Row
from sandbox.dataverse.values import guid


def parameters(request: Request, action: str, known: tuple[str, ...], needed: tuple[str, ...] = ()) -> dict[str, Any]:
    """The body of an action's call, its names checked."""
    body = request.json()
    if not isinstance(body, dict):
        raise payload(action, "The parameters of an action are a JSON object.")
    for name in body:
        if name not in known and "@" not in name:
            raise payload(action, f"The parameter '{name}' in the request payload is not a valid parameter for the "
                          f"operation '{action}'.")
    for name in needed:
        if body.get(name) is None:
            raise error("InvalidArgument", message=f"Required field '{name}' is missing for {action}.")
    return body


def id_parameter(body: dict[str, Any], name: str) -> str:
    """A GUID parameter."""
    found = guid(body.get(name))
    if found is None:
        raise payload(name, f"Cannot convert the literal '{body.get(name)}' to the expected type 'Edm.Guid'.")
    return found


def row_parameter(body: dict[str, Any], name: str, table: Table) -> str:
    """The id inside an entity parameter such as `Target`: an object with the table's primary id."""
    value = body.get(name)
    if isinstance(value, dict):
        kind = value.get("@odata.type")
        if kind is not None and str(kind).lstrip("#") != f"Microsoft.Dynamics.CRM.{table.name}":
            raise payload(name, f"A resource with type '{kind}' was found, but it is not assignable to the expected "
                          f"type 'Microsoft.Dynamics.CRM.{table.name}'.")
        found = guid(value.get(table.pk))
        if found is not None:
            return found
    raise payload(name, f"The parameter '{name}' must be an entity with '{table.pk}'.")


def column_set(ctx: Context, table: Table, body: dict[str, Any]) -> list[str] | None:
    """The columns asked back: None for all, the primary id alone when no set was given."""
    wanted = body.get("ColumnSet")
    if not isinstance(wanted, dict):
        return [table.pk]
    if wanted.get("AllColumns"):
        return None
    names = wanted.get("Columns") or []
    shown = []
    for name in names:
        column = table.columns.get(name) or table.by_wire.get(name)
        if column is None:
            raise error("InvalidArgument", message=f"'{table.name}' entity doesn't contain attribute with Name = "
                        f"'{name}'.")
        shown.append(column.wire)
    return [table.pk, *(n for n in shown if n != table.pk)]


def returned(ctx: Context, table: Table, row_id: str, body: dict[str, Any], base_type: bool = False) -> Response:
    """The new row an action answers with, in the columns its `ColumnSet` names."""
    ctx.store.settle()
    names = column_set(ctx, table, body)
    options = build({} if names is None else {"$select": ",".join(names)})
    found = one_object(ctx, table, row_id, options)
    if found is None:
        raise error("ObjectDoesNotExist", table.name, row_id)
    out: Row = {"@odata.context": context_url(ctx, table, options, "/$entity")}
    if base_type:
        out["@odata.type"] = f"#Microsoft.Dynamics.CRM.{table.name}"
    return json_response(200, {**out, **found[1]})
