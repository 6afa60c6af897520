"""orderEditBegin and orderEditCommit, and what all mutations of an edit have in common.

An edit that was committed is not there any more; one without any change cannot be committed (recorded).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, refuse
from sandbox.shopify.money import Bag, Pair
from sandbox.shopify.mutations.order_amounts import of_presentment
from sandbox.shopify.mutations.order_lookup import answer
from sandbox.shopify.resolvers.order_edit_lines import shown_line
from sandbox.shopify.resolvers.order_edits import session, source
from sandbox.shopify.store import mail, order_commit, order_edits, order_states, orders
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.order_book import Book
from sandbox.shopify.store.order_edits import Calculated

MISSING = "The calculated order does not exist."
NO_LINE = "The line item does not exist on the order."


@registry.mutation("orderEditBegin", "id", "calculatedOrder orderEditSession userErrors")
def _begin(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = orders.get(call.store, gid.number(args["id"], "Order"))
    if row is None:
        raise refuse(["id"], "The order does not exist.")
    if order_states.edit_obstacles(Book(call.store, row["id"])):
        raise refuse(None, "The order cannot be edited.")
    return edited(call, order_edits.begin(call.store, row["id"]))


@registry.mutation("orderEditCommit", "id notifyCustomer staffNote", "order successMessages userErrors")
def _commit(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    edit = wanted(call, args["id"])
    if not Calculated(call.store, edit).effective:
        raise refuse(["id"], "There must be at least one change to be made.")
    order_commit.commit(call.store, edit)
    if args.get("notifyCustomer"):
        mail.tell(call.store, "order edited", "Order", orders.get(call.store, edit["order_id"]) or {})
    return answer(call, edit["order_id"], successMessages=["Order updated"])


def wanted(call: Call, identifier: str, code: str | None = None) -> Row:
    """The open edit of a calculated order or a session."""
    number = gid.number(identifier, "CalculatedOrder") or gid.number(identifier, "OrderEditSession")
    edit = order_edits.find(call.store, number)
    if edit is None:
        raise refuse(["id"], MISSING, code)
    return edit


def edited(call: Call, edit: Row, **more: Any) -> Row:
    """The payload of a mutation that staged something."""
    call.wrote("CalculatedOrder", edit["id"])
    return {"calculatedOrder": source(edit), "orderEditSession": session(edit), "userErrors": []} | more


def stage(call: Call, edit: Row, change: Row) -> Row:
    """Add a staged change; the edit as it is now."""
    return order_edits.save(call.store, edit, [*order_edits.changes_of(edit), change])


def key_of(identifier: str) -> str:
    """How an edit knows the line of a global id."""
    return identifier.rsplit("/", 1)[-1]


def line_shown(call: Call, edit: Row, key: str) -> Row | None:
    """A line of the edit as the payload shows it."""
    line = Calculated(call.store, edit).line(key)
    return None if line is None else shown_line(edit, line)


def price(given: Row, found: Calculated) -> Bag:
    """A price in the buyer's currency as a bag at the order's own rate."""
    pair: Pair = found.pair
    return of_presentment(Decimal(str(given["amount"])), found.book.total, pair)
