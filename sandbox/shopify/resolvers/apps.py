"""The app that asks, and its installation in the store: by id, by handle, by key.

Reads only. An app sees itself; other apps of a store are not its to list.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import registry
from sandbox.shopify.call import Call
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.paging import Connection, listed
from sandbox.shopify.resolvers.scope_words import DESCRIPTIONS
from sandbox.shopify.store.database import Row

ACCESS_DOCUMENTATION = "https://shopify.dev/api/usage/access-scopes"
registry.keys("AccessScope", "handle description")
registry.keys("App", "id apiKey handle title developerName embedded previouslyInstalled requestedAccessScopes")
registry.keys("AppInstallation", "id launchUrl uninstallUrl accessScopes app activeSubscriptions")


def _scopes(call: Call) -> list[Row]:
    asked = call.actor.scopes
    # What an app asked for comes first, what its write scopes imply follows (recorded).
    implied = {f"read_{scope[6:]}" for scope in asked if scope.startswith("write_")} - asked
    return [
        {"handle": scope, "description": DESCRIPTIONS.get(scope, scope.replace("_", " ").capitalize())}
        for scope in [*sorted(asked), *sorted(implied)]
    ]


def _app(call: Call) -> Row:
    return {
        "__typename": "App",
        "id": call.store.setting("app_id"),
        "apiKey": call.store.config.client_id,
        "handle": call.actor.name,
        "title": call.actor.name,
        "developerName": call.store.config.shop_name,
        "embedded": True,
        "previouslyInstalled": False,
        "requestedAccessScopes": _scopes(call),
    }


@registry.node("App")
def _app_node(call: Call, identifier: str) -> Row | None:
    return _app(call) if identifier == call.store.setting("app_id") else None


@registry.field("QueryRoot", "app", "id")
def _one(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _app_node(call, args["id"]) if args.get("id") else _app(call)


@registry.field("QueryRoot", "appByHandle", "handle")
def _by_handle(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _app(call) if args["handle"] == call.actor.name else None


@registry.field("QueryRoot", "appByKey", "apiKey")
def _by_key(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _app(call) if args["apiKey"] == call.store.config.client_id else None


def _installed(call: Call) -> Row:
    return {
        "__typename": "AppInstallation",
        "id": call.store.setting("app_installation_id"),
        "launchUrl": f"https://{call.store.config.shop}/admin/apps/{call.actor.name}",
        "uninstallUrl": None,
        "accessScopes": _scopes(call),
        "app": _app(call),
        "activeSubscriptions": [],
    }


@registry.field("QueryRoot", "currentAppInstallation")
def _current(_source: Any, call: Call, _args: dict[str, Any]) -> Row:
    return _installed(call)


@registry.node("AppInstallation")
def _installation_node(call: Call, identifier: str) -> Row | None:
    return _installed(call) if identifier == call.store.setting("app_installation_id") else None


@registry.field("QueryRoot", "appInstallation", "id")
def _installation(_source: Any, call: Call, args: dict[str, Any]) -> Row | None:
    return _installation_node(call, args["id"]) if args.get("id") else _installed(call)


@registry.field("QueryRoot", "appInstallations", "first last after before reverse sortKey category privacy")
def _installations(_source: Any, _call: Call, _args: dict[str, Any]) -> None:
    # An ordinary app may not list the others (recorded, with these words).
    raise FieldFailed("access denied", "ACCESS_DENIED", {"documentation": ACCESS_DOCUMENTATION})


def _none(_row: Row, _call: Call, args: dict[str, Any]) -> Connection:
    # A custom app cannot bill, so it has neither subscriptions nor purchases.
    return listed([], args)


for _name in ("allSubscriptions", "oneTimePurchases"):
    registry.field("AppInstallation", _name, "first last after before reverse sortKey")(_none)
