"""Which connections of the Admin schema's root can be read as a table, and how what changed in them is found.

    root = named(schema, 'metaobjects(type: "size_chart")')
    root.way, root.type_name, root.topics

An unknown search field matches everything, so what can be searched is a list of evidence and never a guess. Sends
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote, unquote

from shared.errors import SchemaMismatch
from shared.shopify.roots import Root
from shared.shopify.schema import Field, Schema, bare
from shared.shopify.selection import checked_arguments

SEARCHED_BY_TIME = frozenset(
    {
        *("abandonedCheckouts", "articles", "blogs", "collections", "comments", "companies", "companyLocations"),
        *("customers", "draftOrders", "files", "fulfillmentOrders", "inventoryItems", "marketingActivities"),
        *("metaobjects", "orders", "pages", "productVariants", "products", "scriptTags", "subscriptionContracts"),
    }
)
"""Connections whose `query` is documented to take `updated_at`, of types that have `updatedAt`: read from the words on
their arguments in Shopify's schema of 2026-10 (npm @shopify/dev-mcp)."""
_TOLD: Mapping[str, Sequence[str]] = {
    "collections": ("create", "update", "delete"),
    "companies": ("create", "update", "delete"),
    "customers": ("create", "update", "delete"),
    "draftOrders": ("create", "update", "delete"),
    "locations": ("create", "update", "delete", "activate", "deactivate"),
    "orders": ("create", "updated", "delete"),
    "products": ("create", "update", "delete"),
}
"""Connections whose topics tell of the record by its own id (shopify.dev/docs/api/webhooks). Those of metaobjects are
sent to subscriptions alone that are filtered by a type, gift cards and most others have none: polling finds them."""
_NESTED_TOLD = {("orders", "refunds"): "refunds/create"}
_SCOPES: Mapping[str, str] = {
    "read_companies": "Company CompanyLocation",
    "read_content": "Article Blog Page",
    "read_draft_orders": "DraftOrder",
    "read_files": "File",
    "read_gift_cards": "GiftCard",
    "read_inventory": "InventoryItem",
    "read_locations": "Location",
    "read_marketing_events": "MarketingActivity MarketingEvent",
    "read_merchant_managed_fulfillment_orders": "FulfillmentOrder",
    "read_metaobjects": "Metaobject",
    "read_orders": "AbandonedCheckout Order Refund",
    "read_products": "Collection Product ProductVariant",
    "read_customers": "Customer",
}
_EXAMPLES = {"metaobjects": 'metaobjects(type: "size_chart")'}
"""How connections with an argument that has to be given are named."""
ALL_ORDERS = "read_all_orders"
"""Without this scope Shopify shows no orders of more than 60 days ago, neither in lists nor by their ids.

https://shopify.dev/docs/api/admin-graphql/latest/objects/Order
"""
_TO_ORDERS = frozenset({"lastOrder", "order", "orders", "originOrder"})
"""The fields that lead to orders from what can be listed."""
_OURS = frozenset({"first", "last", "after", "before", "query", "reverse", "sortKey", "savedSearchId"})
_CALL = re.compile(r"\s*([A-Za-z]\w*)\s*(?:\((.*)\))?\s*", re.DOTALL)
_PREFIX = "gid://shopify/"


class Way(StrEnum):
    """How changes are found: newest first by `updatedAt`, by a search for it, or by listing everything."""

    SORTED = "sorted"
    SEARCHED = "searched"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class AnyRoot(Root):
    """A connection as a table's file names it: with its own arguments, and the way in which changes are found."""

    arguments: str = ""
    way: Way = Way.LISTED
    dated: bool = False
    by_id: bool = False

    @property
    def hides(self) -> bool:
        """Whether a record that a listing leaves out may be there all the same (ALL_ORDERS)."""
        return self.connection in _TO_ORDERS

    @property
    def searched(self) -> bool:
        """Whether what did not change is left out by Shopify's own search."""
        return self.way is not Way.LISTED and self.connection in SEARCHED_BY_TIME

    @property
    def topics(self) -> Sequence[str]:
        """The webhook topics that tell of its records."""
        snake = re.sub(r"(?<!^)([A-Z])", r"_\1", self.connection).lower()
        return [f"{snake}/{event}" for event in _TOLD.get(self.connection, ())]


def named(schema: Schema, text: str, changes: str | None = None) -> AnyRoot:
    """The connection that the text names; `changes` "listing" or "updated_at" where the file insists on a way.

    Raises SchemaMismatch saying what is wrong with it.
    """
    match = _CALL.fullmatch(text)
    found = schema.field(schema.query_type, match[1]) if match else None
    if match is None or found is None:
        near = schema.suggest(schema.query_type, match[1] if match else text, of="Connection")
        raise SchemaMismatch(f"Shopify has no connection {text!r}{near}", facts={"root": text})
    nodes = schema.field(found.type_name, "nodes")
    if nodes is None or not found.type_name.endswith("Connection"):
        raise SchemaMismatch(f"{match[1]} is no list of records: name a connection.", facts={"root": text})
    arguments = _arguments(schema, found, (match[2] or "").strip(), text)
    ours = sorted(_OURS.intersection(re.findall(r"\b(\w+)\s*:", re.sub(r'"(?:[^"\\]|\\.)*"', '""', arguments))))
    if ours:
        what = f"{ours[0]} is the flow's own; leave records out by [[skip]]"
        raise SchemaMismatch(f"{text}: {what}.", facts={"root": text})
    if schema.field(nodes.type_name, "id") is None:
        raise SchemaMismatch(f"{match[1]}: a {nodes.type_name} has no id, so it cannot be kept.", facts={"root": text})
    orders = schema.entry(bare(found.args.get("sortKey", ""))).get("e", ())
    root = AnyRoot(nodes.type_name, match[1], {}, arguments, by_id="ID" in orders)
    root = replace(root, dated=schema.field(nodes.type_name, "updatedAt") is not None)
    return replace(root, way=_way(root, "UPDATED_AT" in orders, changes))


def _arguments(schema: Schema, found: Field, given: str, text: str) -> str:
    try:
        return checked_arguments(schema.query_type, found, given, text)[1:-1]
    except SchemaMismatch as error:
        if given or found.name not in _EXAMPLES:
            raise
        sentence = f"{error.sentence} Write it with its value: '{_EXAMPLES[found.name]}'."
        raise SchemaMismatch(sentence, facts=error.facts) from None


def _way(root: AnyRoot, sortable: bool, changes: str | None) -> Way:
    if changes == "listing":
        return Way.LISTED
    if root.dated and sortable:
        return Way.SORTED
    if root.dated and root.connection in SEARCHED_BY_TIME:
        return Way.SEARCHED
    if changes == "updated_at":
        sentence = f'{root.connection} cannot be asked for what changed: take changes = "updated_at" out.'
        raise SchemaMismatch(sentence, facts={"root": root.connection})
    return Way.LISTED


def nested_topics(connection: str, each: str) -> Mapping[str, str]:
    """Topics that tell of members of a list: by their own ids (""), or by those of the records around them."""
    own = _NESTED_TOLD.get((connection, each))
    return {own: ""} if own else {}


def scopes_of(*type_names: str) -> Sequence[str]:
    """What an app has to be granted to read these types, as far as it is known."""
    return tuple(scope for scope, types in _SCOPES.items() if set(type_names).intersection(types.split()))


def scopes_of_path(root: str, each: str) -> Sequence[str]:
    """What has to be granted besides, so that no record on the way to those of a table is hidden from us."""
    way = (root.partition("(")[0].strip(), *each.split("."))
    return (ALL_ORDERS,) if _TO_ORDERS.intersection(way) else ()


def record_id(global_id: str, type_name: str) -> str:
    """The numeric tail of a global id; what is not numeric encoded, so that it can stand in keys and addresses."""
    tail = global_id.removeprefix(f"{_PREFIX}{type_name}/").removeprefix(_PREFIX)
    return tail if tail.isascii() and tail.isdigit() else encoded(tail)


def global_id(record: str, type_name: str) -> str:
    """The global id of a record's: of another type than the connection's where the id names one."""
    tail = decoded(record)
    return f"{_PREFIX}{tail}" if "/" in tail else f"{_PREFIX}{type_name}/{tail}"


def encoded(text: str) -> str:
    """Letters, digits, - and _ as they are, every other byte as .XX; read back by `decoded`."""
    escaped = quote(text, safe="").replace(".", "%2E").replace("~", "%7E")
    return escaped.replace("%", ".")


def decoded(text: str) -> str:
    """The text that was encoded."""
    return unquote(text.replace(".", "%"))
