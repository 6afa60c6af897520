"""What the API tells of requests to a fulfilment service.

Reads only.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.clock import iso
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.resolvers.fulfilment_orders import source
from sandbox.shopify.store import fulfilment_orders
from sandbox.shopify.store.database import Row

registry.keys("FulfillmentOrderMerchantRequest", "kind message")


@registry.field("FulfillmentOrder", "merchantRequests", f"{registry.CONNECTION_ARGUMENTS} kind")
def _requests(row: Row, call: Call, args: dict[str, Any]) -> Connection:
    where, parameters = "r.fulfillment_order_id = ?", [row["id"]]
    if args.get("kind"):
        where += " AND r.kind = ?"
        parameters.append(args["kind"])
    return page(call.db, Select("r.*", "fulfillment_requests r", where, parameters, "r.id", Order("r.id")), args)


@registry.field("FulfillmentOrderMerchantRequest", "id")
def _request_id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("FulfillmentOrderMerchantRequest", row["id"])


@registry.field("FulfillmentOrderMerchantRequest", "sentAt")
def _request_sent(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["sent_at"])


@registry.field("FulfillmentOrderMerchantRequest", "requestOptions")
def _request_options(row: Row, _call: Call, _args: dict[str, Any]) -> Any:
    return json.loads(row["options"])


@registry.field("FulfillmentOrderMerchantRequest", "responseData")
def _request_response(row: Row, _call: Call, _args: dict[str, Any]) -> Any:
    return json.loads(row["response"]) if row["response"] else None


@registry.field("FulfillmentOrderMerchantRequest", "fulfillmentOrder")
def _request_owner(row: Row, call: Call, _args: dict[str, Any]) -> Row | None:
    return source(fulfilment_orders.get(call.store, row["fulfillment_order_id"]))
