"""Lists of records that can be searched, sorted and counted: one way for all kinds.

Without `query:` a list is read from the store at once; with it, from the index, which may lag.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.shopify.call import Call
from sandbox.shopify.clock import sql_moment
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.registry import not_built
from sandbox.shopify.search import fields
from sandbox.shopify.search.match import Matcher, Sql, local_moment, lower_bound
from sandbox.shopify.search.query import Node, Term, parse, shown
from sandbox.shopify.store import metafields

MAX_COUNT = 10_000


@dataclass(frozen=True)
class Kind:
    """A kind of record as a list: name, table, extra joins, sort keys; `indexed` unless its cursors are the store's."""

    name: str
    columns: str
    source: str
    id_column: str
    orders: dict[str, Order]
    updated_column: str | None = None
    indexed: bool = True


def connection(
    call: Call,
    kind: Kind,
    args: dict[str, Any],
    where: Sql | None = None,
    filterable: frozenset[str] | None = None,
) -> Connection:
    """One page of records of a kind; `filterable` are the custom fields of it that a search may name."""
    text = args.get("query") or ""
    base = where or Sql("1")
    found = _search(call, kind, text, filterable) if text.strip() else Sql("1")
    key = args.get("sortKey") or "ID"
    if key not in kind.orders:
        raise not_built(f"the sort key {key} of lists of {kind.name}")
    order = kind.orders[key]
    condition = f"({base.text}) AND ({found.text})"
    searched = bool(text.strip()) and kind.indexed and not _names_one(parse(text))
    select = Select(
        kind.columns,
        kind.source,
        condition,
        [*base.parameters, *found.parameters],
        kind.id_column,
        order,
        _shower(order, kind, searched),
    )
    return page(call.db, select, args)


def count(call: Call, kind: Kind, args: dict[str, Any], where: Sql | None = None) -> dict[str, Any]:
    """How many records there are, exactly up to `limit` (10,000 unless told, null for no limit)."""
    text = args.get("query") or ""
    base = where or Sql("1")
    found = _search(call, kind, text, None, fields.COUNTED.get(kind.name)) if text.strip() else Sql("1")
    limit = args.get("limit", MAX_COUNT)
    sql = (
        f"SELECT COUNT(*) FROM (SELECT 1 FROM {kind.source} "  # noqa: S608 - parts are our own
        f"WHERE ({base.text}) AND ({found.text}) LIMIT ?)"
    )
    number = call.db.value(sql, [*base.parameters, *found.parameters, -1 if limit is None else limit + 1])
    if limit is not None and number > limit:
        return {"count": limit, "precision": "AT_LEAST"}
    return {"count": number, "precision": "EXACT"}


def _search(
    call: Call,
    kind: Kind,
    text: str,
    filterable: frozenset[str] | None = None,
    fewer: dict[str, str] | None = None,
) -> Sql:
    call.store.index.catch_up()
    tree = parse(text)
    custom = metafields.filterable(call.store, kind.name) if filterable is None else filterable
    matcher = Matcher(call.db, kind.name, call.store.config.time_zone, custom, fewer=fewer)
    found = matcher.condition(tree, kind.id_column)
    if matcher.warnings:
        parsed = shown(tree, lambda term: _moment(call, kind, term))
        entry = {"path": list(call.path), "query": text, "parsed": parsed, "warnings": matcher.warnings}
        call.searches.append(entry)
    whole_days = fields.KNOWN[kind.name].get("updated_at") == fields.DAY
    bound = lower_bound(tree, "updated_at", call.store.config.time_zone, whole_days) if kind.updated_column else None
    if bound is not None:
        return Sql(f"({found.text}) AND {kind.updated_column} >= ?", [*found.parameters, bound])
    return found


def _moment(call: Call, kind: Kind, term: Term) -> str | None:
    if fields.KNOWN[kind.name].get(term.field or "") not in {fields.TIME, fields.DAY} or term.exists:
        return None
    return local_moment(term.value, call.store.config.time_zone)


def _names_one(tree: Node | None) -> bool:
    # A search for one id is answered like a list without a search: its cursors are the database's (recorded on orders).
    return isinstance(tree, Term) and tree.field == "id" and tree.comparator == ":" and not tree.exists


def _shower(order: Order, kind: Kind, searched: bool) -> Any:
    if order.time:
        return (lambda value: value and value // 1000) if searched else (lambda value: value and sql_moment(value))
    if order.column == kind.id_column:
        return (lambda value: value) if searched else str
    return lambda value: value
