"""webhookSubscriptionCreate, -Update, -Delete, and what the API tells of subscriptions.

Addresses are checked in the vendor's words; cloud addresses and filters are refused as not modelled.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse
from sandbox.shopify.clock import iso
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.payloads import kinds
from sandbox.shopify.store.database import Row
from sandbox.shopify.webhooks import filters

ADDRESS = ["webhookSubscription", "callbackUrl"]
registry.inputs("WebhookSubscriptionInput", "uri callbackUrl format name filter includeFields metafieldNamespaces")
registry.keys("WebhookSubscription", "topic uri format name")
registry.keys("WebhookHttpEndpoint", "callbackUrl")
registry.keys("ApiVersion", "handle displayName supported")


def source(row: Row | None) -> Row | None:
    """A subscription row as the executor passes it on."""
    return None if row is None else row | {"__typename": "WebhookSubscription"}


def _check(call: Call, given: Row, topic: str, number: int | None) -> Row:
    found: Row = {}
    if "uri" in given or "callbackUrl" in given:
        found["uri"] = _address(call, given.get("uri") or given.get("callbackUrl") or "")
    if given.get("format"):
        if given["format"] != "JSON":
            raise registry.not_built("webhook payloads in XML")
        found["format"] = given["format"]
    if given.get("filter"):
        found["filter"] = _filter_text(given["filter"])
    columns = {"includeFields": "include_fields", "metafieldNamespaces": "metafield_namespaces"}
    found |= {column: given[name] or [] for name, column in columns.items() if name in given}
    if "name" in given and given["name"] is not None:
        found["name"] = _name(call, given["name"], number)
    if "uri" in found:
        sql = "SELECT id FROM webhook_subscriptions WHERE topic = ? AND uri = ?"
        taken = call.db.one(sql, (topic, found["uri"]))
        if taken is not None and taken["id"] != number:
            raise refuse(ADDRESS, "Address for this topic has already been taken")
    return found


def _filter_text(text: str) -> str:
    """A filter must name the field of each of its conditions (recorded)."""
    if not filters.names_fields(text):
        wrong = "The specified filter is invalid, please ensure you specify the field(s) you wish to filter on."
        raise refuse(["webhookSubscription"], wrong)
    return text


def _address(call: Call, uri: str) -> str:
    if not uri.strip():
        raise refuse(ADDRESS, "Address can't be blank")
    if len(uri.encode()) > 65_536:
        raise refuse(ADDRESS, "Address is too big (maximum is 64 KB)")
    parts = urlsplit(uri.strip())
    if parts.scheme in {"pubsub"} or uri.startswith("arn:aws:events:"):
        raise registry.not_built("webhooks to Pub/Sub and EventBridge")
    local = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme != "https" and not local:
        scheme = parts.scheme or uri.split(":", 1)[0]
        if "://" not in uri:
            raise refuse(ADDRESS, "Address is invalid")
        raise refuse(ADDRESS, f"Address protocol {scheme}:// is not supported")
    if not parts.hostname or parts.hostname == call.store.config.shop:
        raise refuse(ADDRESS, "Address is invalid")
    return uri.strip()


def _name(call: Call, name: str, number: int | None) -> str:
    path = ["webhookSubscription", "name"]
    if not name:
        raise refuse(path, "Name is too short (minimum is 1 character)")
    if not all(letter.isalnum() or letter in "_-" for letter in name):
        raise refuse(path, "Name name field can only contain alphanumeric characters, underscores, and hyphens")
    row = call.db.one("SELECT id FROM webhook_subscriptions WHERE name = ?", (name,))
    if row is not None and row["id"] != number:
        raise refuse(path, "Name already exists, no duplicate allowed")
    return name


@registry.mutation("webhookSubscriptionCreate", "topic webhookSubscription", "webhookSubscription userErrors")
def _create(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    if args["topic"] not in kinds.MEMBERS:
        raise registry.not_built(f"the webhook topic {args['topic']}")
    if call.permits is not None and not call.permits.check_topic(call.actor, args["topic"]):
        raise refuse(["topic"], "You cannot create a webhook subscription with the specified topic")
    given = args["webhookSubscription"]
    found = _check(call, {"uri": None} | given, args["topic"], None)
    now = call.store.now()
    row = {
        "id": call.db.next_id("WebhookSubscription"),
        "topic": args["topic"],
        "format": "JSON",
        "filter": "",
        "name": None,
        "include_fields": [],
        "metafield_namespaces": [],
        "failures": 0,
        "created_at": now,
        "updated_at": now,
    }
    call.db.insert("webhook_subscriptions", row | found)
    call.target("WebhookSubscription", row["id"])
    return {"webhookSubscription": source(call.db.get("webhook_subscriptions", row["id"])), "userErrors": []}


def _existing(call: Call, identifier: str) -> Row:
    row = call.db.get("webhook_subscriptions", gid.number(identifier, "WebhookSubscription"))
    if row is None:
        raise UserErrors([{"field": ["id"], "message": "Webhook subscription does not exist"}])
    return row


@registry.mutation("webhookSubscriptionUpdate", "id webhookSubscription", "webhookSubscription userErrors")
def _update(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _existing(call, args["id"])
    found = _check(call, args["webhookSubscription"], row["topic"], row["id"])
    call.db.update("webhook_subscriptions", row["id"], found | {"updated_at": call.store.now()})
    call.target("WebhookSubscription", row["id"])
    return {"webhookSubscription": source(call.db.get("webhook_subscriptions", row["id"])), "userErrors": []}


@registry.mutation("webhookSubscriptionDelete", "id", "deletedWebhookSubscriptionId userErrors")
def _delete(_source: Any, call: Call, args: dict[str, Any]) -> Row:
    row = _existing(call, args["id"])
    call.db.run("DELETE FROM webhook_subscriptions WHERE id = ?", (row["id"],))
    call.target("WebhookSubscription", row["id"])
    return {"deletedWebhookSubscriptionId": args["id"], "userErrors": []}


@registry.field("QueryRoot", "webhookSubscription", "id")
def _one(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _node(call, args["id"])


@registry.node("WebhookSubscription")
def _node(call: Call, identifier: str) -> Row | None:
    return source(call.db.get("webhook_subscriptions", gid.number(identifier, "WebhookSubscription")))


@registry.field(
    "QueryRoot", "webhookSubscriptions", f"{registry.CONNECTION_ARGUMENTS} sortKey topics uri callbackUrl format"
)
def _many(_source: Any, call: Call, args: dict[str, Any]) -> Connection:
    where, parameters = "1", []
    if args.get("topics"):
        where += f" AND w.topic IN ({', '.join('?' * len(args['topics']))})"
        parameters += args["topics"]
    uri = args.get("uri") or args.get("callbackUrl")
    if uri:
        where += " AND w.uri = ?"
        parameters.append(uri)
    orders = {"ID": Order("w.id"), "CREATED_AT": Order("w.created_at", time=True)}
    order = orders[args.get("sortKey") or "CREATED_AT"]
    return page(call.db, Select("w.*", "webhook_subscriptions w", where, parameters, "w.id", order), args)


@registry.field("WebhookSubscription", "id")
def _id(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return gid.make("WebhookSubscription", row["id"])


@registry.field("WebhookSubscription", "legacyResourceId")
def _legacy(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["id"])


@registry.field("WebhookSubscription", "callbackUrl")
def _callback(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["uri"])


@registry.field("WebhookSubscription", "endpoint")
def _endpoint(row: Row, _call: Call, _args: dict[str, Any]) -> Row:
    return {"__typename": "WebhookHttpEndpoint", "callbackUrl": row["uri"]}


@registry.field("WebhookSubscription", "apiVersion")
def _version(_row: Row, call: Call, _args: dict[str, Any]) -> Row:
    version = call.store.config.api_version
    return {"handle": version, "displayName": version, "supported": True}


@registry.field("WebhookSubscription", "filter")
def _filter(row: Row, _call: Call, _args: dict[str, Any]) -> str:
    return str(row["filter"])


@registry.field("WebhookSubscription", "includeFields")
def _include(row: Row, _call: Call, _args: dict[str, Any]) -> list[str]:
    return list(json.loads(row["include_fields"]))


@registry.field("WebhookSubscription", "metafieldNamespaces")
def _namespaces(row: Row, _call: Call, _args: dict[str, Any]) -> list[str]:
    return list(json.loads(row["metafield_namespaces"]))


@registry.field("WebhookSubscription", "createdAt")
def _created(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["created_at"])


@registry.field("WebhookSubscription", "updatedAt")
def _updated(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    return iso(row["updated_at"])
