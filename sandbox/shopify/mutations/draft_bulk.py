"""draftOrderBulkAddTags, draftOrderBulkRemoveTags, draftOrderBulkDelete, and the saved searches that choose for them.

The work is promised as a job and done a little later; ids that are unknown are passed over.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, lists, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers.draft_orders import KIND
from sandbox.shopify.store import draft_orders, jobs
from sandbox.shopify.store.database import ID_STEP, Row
from sandbox.shopify.store.shop import Store

WAIT_S = 1.0
CHOICE = "ids search savedSearchId"
# The views that a shop's list of draft orders has from the start (recorded).
FIRST_SEARCH = 3_634_391_515_442
SEARCHES = (
    ("Open", "status:open"),
    ("Invoice sent", "status:invoice_sent"),
    ("Completed", "status:completed"),
    ("Submitted for review", "status:open source:online_store"),
    ("Open and invoice sent", "status:open_and_invoice_sent"),
)
registry.keys("SavedSearch", "name query resourceType searchTerms filters")
registry.keys("SearchFilter", "key value")


def _chosen(call: Call, args: dict[str, Any]) -> list[int]:
    if args.get("ids") is not None:
        return [number for one in args["ids"] if (number := gid.number(one, "DraftOrder")) is not None]
    text = args.get("search")
    if args.get("savedSearchId"):
        wanted = gid.number(args["savedSearchId"], "SavedSearch")
        text = next((row["query"] for row in _searches() if row["id"] == wanted), None)
    if text is None:
        raise refuse(None, "At least one of ids, search or savedSearchId must be given")
    found: list[int] = []
    after = None
    while True:
        page = lists.connection(call, KIND, {"query": text, "first": 250, "after": after})
        found += [row["id"] for row in page.rows]
        if not page.has_next:
            return found
        after = page.cursor_of(page.rows[-1])


def _promise(call: Call, kind: str, args: dict[str, Any]) -> Row:
    numbers = _chosen(call, args)
    for number in numbers:
        call.target("DraftOrder", number)
    job = jobs.promise(call.store, kind, {"numbers": numbers, "tags": args.get("tags") or []}, WAIT_S)
    return {"job": job, "userErrors": []}


@registry.mutation("draftOrderBulkAddTags", f"{CHOICE} tags", "job userErrors")
def _add(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _promise(call, "draft order tags", args)


@registry.mutation("draftOrderBulkRemoveTags", f"{CHOICE} tags", "job userErrors")
def _remove(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _promise(call, "draft order tags off", args)


@registry.mutation("draftOrderBulkDelete", CHOICE, "job userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    return _promise(call, "draft order delete", args)


@jobs.work("draft order tags")
def _do_add(store: Store, request: Row) -> None:
    for number in request["numbers"]:
        row = draft_orders.get(store, number)
        if row is not None:
            draft_orders.add_tags(store, row, request["tags"])


@jobs.work("draft order tags off")
def _do_remove(store: Store, request: Row) -> None:
    for number in request["numbers"]:
        row = draft_orders.get(store, number)
        if row is not None:
            draft_orders.remove_tags(store, row, request["tags"])


@jobs.work("draft order delete")
def _do_delete(store: Store, request: Row) -> None:
    for number in request["numbers"]:
        if draft_orders.get(store, number) is not None:
            draft_orders.delete(store, number)


def _searches() -> list[Row]:
    found = []
    for place, (name, query) in enumerate(SEARCHES):
        filters = [dict(zip(("key", "value"), part.split(":"), strict=True)) for part in query.split(" ")]
        row = {"id": FIRST_SEARCH + place * ID_STEP, "name": name, "query": query, "searchTerms": ""}
        found.append(row | {"__typename": "SavedSearch", "resourceType": "DRAFT_ORDER", "filters": filters})
    return found


@registry.field("QueryRoot", "draftOrderSavedSearches", registry.CONNECTION_ARGUMENTS)
def _saved(_source: Any, _call: Call, args: dict[str, Any]) -> Connection:
    return listed(_searches(), args)


@registry.field("SavedSearch", "id")
def _search_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("SavedSearch", row["id"])


@registry.field("SavedSearch", "legacyResourceId")
def _search_legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])
