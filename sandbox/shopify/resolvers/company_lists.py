"""Lists of companies and what belongs to them: paged like all others, with the cursors of the B2B area.

A cursor there names page size, sort field, direction and value (recorded for all of its lists); it is opaque to
callers and read back here.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from sandbox.shopify import lists
from sandbox.shopify.call import Call
from sandbox.shopify.lists import Kind
from sandbox.shopify.paging import Connection, Order, encode
from sandbox.shopify.registry import not_built
from sandbox.shopify.search.match import Sql
from sandbox.shopify.store.database import Row

TIMES = ("CREATED_AT", "UPDATED_AT")


def times_of(letter: str) -> dict[str, Order]:
    """The sort keys that all lists of the area share."""
    return {"ID": Order(f"{letter}.id")} | {key: Order(f"{letter}.{key.lower()}", time=True) for key in TIMES}


def listed(call: Call, kind: Kind, args: dict[str, Any], where: Sql | None = None, bare: bool = False) -> Connection:
    """One page of records; `bare` lists carry their cursor's value without a list around it (role assignments)."""
    key = args.get("sortKey") or "ID"
    if key not in kind.orders:
        raise not_built(f"the sort key {key} of lists of {kind.name}")
    order = kind.orders[key]
    if key != "ID" or args.get("query"):
        where = _seen_by_index(call, kind, where)
    plain = args | {name: _read(args[name], order) for name in ("after", "before") if args.get(name)}
    found = lists.connection(call, kind, plain, where)
    found.cursor_of = lambda row: _write(row, args, key, order, bare)
    return found


def born(call: Call, kind: str, number: int) -> None:
    """Note a record that the running request made: lists that the index serves do not have it yet (recorded)."""
    call.cache.setdefault(("born", kind), []).append(number)


def _seen_by_index(call: Call, kind: Kind, where: Sql | None) -> Sql | None:
    fresh = call.cache.get(("born", kind.name))
    if not fresh:
        return where
    base = where or Sql("1")
    marks = ", ".join("?" * len(fresh))
    return Sql(f"({base.text}) AND {kind.id_column} NOT IN ({marks})", [*base.parameters, *fresh])


def _write(row: Row, args: dict[str, Any], key: str, order: Order, bare: bool) -> str:
    value = str(row[order.column.rsplit(".", 1)[-1]]).lower()
    size = args.get("first") if args.get("first") is not None else args.get("last")
    content: Row = {"limit": size, "sort_fields": key.lower(), "sort_dir": "desc" if args.get("reverse") else "asc"}
    if bare:
        content["sort_missing_values"] = None
    content |= {"last_id": row["id"], "last_value": value if bare else [value]}
    content["direction"] = "next" if args.get("first") is not None else "prev"
    text = json.dumps(content, separators=(",", ":"), ensure_ascii=False)
    return base64.b64encode(text.encode()).decode()


def _read(cursor: str, order: Order) -> str:
    """The cursor in the form of all other lists; one that is none is left for the pager to refuse."""
    try:
        content = json.loads(base64.b64decode(cursor, validate=True))
        value = content["last_value"]
    except (ValueError, binascii.Error, KeyError, TypeError):
        return cursor
    value = value[0] if isinstance(value, list) and value else value
    if order.time and isinstance(value, str) and value.isdigit():
        value = int(value) // 1000
    return encode(content.get("last_id"), value)
