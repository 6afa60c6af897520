"""What the API tells of bulk operations: by id, the newest of a kind, as a list that can be searched.

Reads only; an app sees its own.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.bulk import outputs
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso, sql_moment
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.search import direct
from sandbox.shopify.search.match import Sql
from sandbox.shopify.search.query import Term
from sandbox.shopify.store import bulk_operations as operations
from sandbox.shopify.store.database import Row

registry.keys("BulkOperation", "type query errorCode")


def source(row: Row | None) -> Row | None:
    """An operation as the executor passes it on."""
    return None if row is None else row | {"__typename": "BulkOperation"}


@registry.node("BulkOperation")
def _node(call: Call, identifier: str) -> Row | None:
    row = operations.get(call.store, gid.number(identifier, "BulkOperation"))
    return source(row) if row is not None and row["actor"] == call.actor.name else None


@registry.field("QueryRoot", "bulkOperation", "id")
def _one(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    if gid.kind_of(args["id"]) != "BulkOperation":
        raise FieldFailed(f"Invalid id: {args['id']}", "RESOURCE_NOT_FOUND")
    return _node(call, args["id"])


@registry.field("QueryRoot", "currentBulkOperation", "type")
def _current(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return source(operations.newest(call.store, call.actor.name, args.get("type") or "QUERY"))


_ORDERS = {
    "CREATED_AT": Order("b.created_at", time=True),
    "COMPLETED_AT": Order("b.completed_at", time=True, nullable=True),
}


@registry.field("QueryRoot", "bulkOperations", f"{registry.CONNECTION_ARGUMENTS} query sortKey")
def _many(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    where, parameters = "b.actor = ?", [call.actor.name]
    if (args.get("query") or "").strip():
        found = direct.condition(call, args["query"], _term)
        where += f" AND ({found.text})"
        parameters += found.parameters
    order = _ORDERS[args.get("sortKey") or "CREATED_AT"]
    # The newest come first unless the order is reversed (recorded).
    given = args | {"reverse": not args.get("reverse")}
    select = Select("b.*", "bulk_operations b", where, parameters, "b.id", order, _moment)
    return page(call.db, select, given)


def _moment(value: int | None) -> str | None:
    return None if value is None else sql_moment(value)


def _term(call: Call, term: Term) -> Sql | None:
    name = (term.field or "default").lower()
    if name == "status":
        return Sql("b.status = ?", [term.value.upper()])
    if name == "operation_type":
        return Sql("b.type = ?", [term.value.upper()])
    if name == "created_at":
        return direct.time("b.created_at", name, term, call.store.config.time_zone)
    if name == "id":
        return direct.number("b.id", term)
    return Sql("0") if name == "default" else None


@registry.field("BulkOperation", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return operations.global_id(row)


@registry.field("BulkOperation", "status")
def _status(row: Row, call: Call, _args: dict[str, Any]) -> str:
    return operations.status(call.store, row)


@registry.field("BulkOperation", "createdAt")
def _created(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["created_at"])


@registry.field("BulkOperation", "completedAt")
def _completed(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["completed_at"])


@registry.field("BulkOperation", "objectCount")
def _objects(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["object_count"])


@registry.field("BulkOperation", "rootObjectCount")
def _roots(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["root_count"])


@registry.field("BulkOperation", "fileSize")
def _size(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return None if row["file_size"] is None else str(row["file_size"])


@registry.field("BulkOperation", "url")
def _url(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
    return _address(row, call, ("COMPLETED", "CANCELED"))


@registry.field("BulkOperation", "partialDataUrl")
def _partial(row: Row, call: Call, _args: dict[str, Any]) -> str | None:
    return _address(row, call, ("FAILED",))


def _address(row: Row, call: Call, states: tuple[str, ...]) -> str | None:
    if not row["file"] or operations.status(call.store, row) not in states:
        return None
    return outputs.address(row, call.base_url)
