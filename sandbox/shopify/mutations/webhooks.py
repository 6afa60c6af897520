"""webhookSubscriptionCreate, -Update, -Delete, and what the API tells of subscriptions.

Nothing is told to Pub/Sub and EventBridge: such subscriptions are kept and answered, their deliveries are not made.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, UserErrors, refuse, user_error
from sandbox.shopify.clock import iso
from sandbox.shopify.mutations import webhook_addresses as addresses
from sandbox.shopify.paging import Connection, Order, Select, page
from sandbox.shopify.payloads import kinds
from sandbox.shopify.resolvers.metafields import namespace_of
from sandbox.shopify.store.database import Row
from sandbox.shopify.webhooks import filters

ADDRESS = ["webhookSubscription", "callbackUrl"]
MAX_FILTER = 65_535
registry.inputs("WebhookSubscriptionInput", "uri callbackUrl format name filter includeFields metafieldNamespaces")
registry.keys("WebhookSubscription", "topic uri format name")
registry.keys("WebhookHttpEndpoint", "callbackUrl")
registry.keys("WebhookPubSubEndpoint", "pubSubProject pubSubTopic")
registry.keys("WebhookEventBridgeEndpoint", "arn")
registry.keys("ApiVersion", "handle displayName supported")


def source(row: Row | None) -> Row | None:
    """A subscription row as the executor passes it on."""
    return None if row is None else row | {"__typename": "WebhookSubscription"}


def _check(call: Call, given: Row, topic: str, standing: Row | None) -> Row:
    """The columns that an input sets, after every check; raises with what is wrong."""
    found: Row = {}
    if "uri" in given or "callbackUrl" in given:
        found["uri"] = _address(call, given.get("uri") or given.get("callbackUrl") or "")
    held = {"uri": "", "format": "JSON", "filter": None, "id": None} | (standing or {})
    if given.get("format"):
        found["format"] = _format(given["format"], topic, found.get("uri", held["uri"]))
    if given.get("filter") is not None:
        found["filter"] = _filter_text(given["filter"])
    if given.get("includeFields") is not None:
        found["include_fields"] = given["includeFields"]
    if given.get("metafieldNamespaces") is not None:
        found["metafield_namespaces"] = [namespace_of(call, one) for one in given["metafieldNamespaces"]]
    if given.get("name") is not None:
        found["name"] = _name(call, given["name"], held["id"])
    _check_free(call, topic, held | found)
    return found


def _check_free(call: Call, topic: str, wanted: Row) -> None:
    """One subscription per topic, address, format and filter."""
    sql = "SELECT id FROM webhook_subscriptions WHERE topic = ? AND uri = ? AND format = ? AND COALESCE(filter, '') = ?"
    taken = call.db.one(sql, (topic, wanted["uri"], wanted["format"], wanted["filter"] or ""))
    if taken is not None and taken["id"] != wanted["id"]:
        raise refuse(ADDRESS, "Address for this topic has already been taken")


def _format(given: str, topic: str, uri: str) -> str:
    path = ["webhookSubscription", "format"]
    if given == "JSON":
        return given
    if addresses.is_cloud(uri):
        raise refuse(path, "Format can only be used with format: 'json'")
    if topic.startswith("RETURNS_"):
        raise refuse(path, "Format 'xml' is invalid for this webhook topic. Allowed formats: json")
    raise registry.not_built("webhook payloads in XML")


def _filter_text(text: str) -> str:
    """A filter must name the field of each of its conditions, and has a size (both recorded)."""
    path = ["webhookSubscription"]
    if len(text.encode()) > MAX_FILTER:
        raise refuse(path, "The specified filter exceeds the maximum allowed size.")
    if text and not filters.names_fields(text):
        wrong = "The specified filter is invalid, please ensure you specify the field(s) you wish to filter on."
        raise refuse(path, wrong)
    return text


def _address(call: Call, given: str) -> str:
    uri = given.strip()
    app = (call.store.setting("app_id") or "").rsplit("/", 1)[-1]
    config = call.store.config
    wrong = addresses.problems(uri, addresses.Owner(config.shop, app, config.local_webhooks))
    if wrong:
        raise UserErrors([user_error(ADDRESS, message) for message in wrong])
    return uri


def _name(call: Call, name: str, number: int | None) -> str:
    path, wrong = ["webhookSubscription", "name"], []
    if not name:
        wrong.append("Name is too short (minimum is 1 character)")
    if not name or not all(letter.isalnum() or letter in "_-" for letter in name):
        wrong.append("Name name field can only contain alphanumeric characters, underscores, and hyphens")
    if wrong:
        raise UserErrors([user_error(path, message) for message in wrong])
    row = call.db.one("SELECT id FROM webhook_subscriptions WHERE LOWER(name) = ?", (name.lower(),))
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
        "filter": None,
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
    found = _check(call, args["webhookSubscription"], row["topic"], row)
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
    uri = row["uri"]
    if uri.startswith("pubsub://"):
        project, topic = addresses.pubsub_parts(uri)
        return {"__typename": "WebhookPubSubEndpoint", "pubSubProject": project, "pubSubTopic": topic}
    if addresses.is_cloud(uri):
        return {"__typename": "WebhookEventBridgeEndpoint", "arn": uri}
    return {"__typename": "WebhookHttpEndpoint", "callbackUrl": uri}


@registry.field("WebhookSubscription", "apiVersion")
def _version(_row: Row, call: Call, _args: dict[str, Any]) -> Row:
    version = call.store.config.api_version
    return {"handle": version, "displayName": version, "supported": True}


@registry.field("WebhookSubscription", "filter")
def _filter(row: Row, _call: Call, _args: dict[str, Any]) -> str | None:
    text: str | None = row["filter"]
    return text


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
