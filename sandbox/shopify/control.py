"""What a test from outside the process can ask of a sandbox, under /_sandbox/.

Nothing here is Shopify's; the app under test never calls it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.shopify.faults import Fault
from sandbox.shopify.store import abandoned, checkout
from sandbox.shopify.webhooks.outbox import AppSubscription

if TYPE_CHECKING:
    from sandbox.shopify.server import ShopifySandbox

Reply = tuple[int, Any]


def answer(sandbox: ShopifySandbox, method: str, what: str, body: Any) -> Reply:
    """Status and body of one control request."""
    handler = _HANDLERS.get((method, what))
    if handler is None:
        return 404, {"errors": f"unknown control {method} {what}"}
    if body is None:
        return 400, {"errors": "the body is not JSON"}
    try:
        return 200, handler(sandbox, body)
    except abandoned.NoCheckout as error:
        return 422, {"errors": str(error)}
    except (TypeError, ValueError, KeyError) as error:
        return 422, {"errors": f"{type(error).__name__}: {error}"}


def _counters(sandbox: ShopifySandbox, _body: Any) -> Any:
    return sandbox.counters.shown()


def _reset(sandbox: ShopifySandbox, _body: Any) -> Any:
    sandbox.counters.reset()
    return {}


def _calls(sandbox: ShopifySandbox, _body: Any) -> Any:
    return list(sandbox.counters.calls)


def _faults(sandbox: ShopifySandbox, body: Any) -> Any:
    """A fault or a list of them; an empty list takes all back."""
    given = body if isinstance(body, list) else [body]
    ordered = [Fault(**entry) for entry in given]
    if not ordered:
        sandbox.faults.clear()
    for fault in ordered:
        sandbox.faults.add(fault)
    return sandbox.faults.shown()


def _latency(sandbox: ShopifySandbox, body: Any) -> Any:
    sandbox.faults.latency_per_call_s = float(body.get("per_call_s", 0.0))
    sandbox.faults.latency_per_row_s = float(body.get("per_row_s", 0.0))
    return {"per_call_s": sandbox.faults.latency_per_call_s, "per_row_s": sandbox.faults.latency_per_row_s}


def _clock(sandbox: ShopifySandbox, body: Any) -> Any:
    if body.get("advance_s"):
        sandbox.clock.advance(float(body["advance_s"]))
    return {"now": sandbox.clock.now().isoformat()}


def _webhooks(sandbox: ShopifySandbox, body: Any) -> Any:
    switches = sandbox.webhooks.switches
    for name, value in body.items():
        if not hasattr(switches, name):
            raise KeyError(name)
        setattr(switches, name, value)
    return vars(switches)


def _app(sandbox: ShopifySandbox, body: Any) -> Any:
    """Scopes, approvals, the app's own subscriptions, uninstalling, and requests about a customer's data."""
    installation, tokens = sandbox.installation, sandbox.tokens
    if "scopes" in body:
        installation.grant(tuple(body["scopes"]))
    if "approved" in body:
        installation.approve(frozenset(body["approved"]))
    if "subscriptions" in body:
        given = [AppSubscription(**one | {"topics": tuple(one["topics"])}) for one in body["subscriptions"]]
        sandbox.webhooks.app_subscriptions[:] = given
    for name in ("request_data", "redact"):
        if name in body:
            getattr(installation, name)(int(body[name]))
    if "installed" in body:
        (installation.install if body["installed"] else installation.uninstall)()
    shown = {"installed": tokens.installed, "scopes": tokens.granted, "approved": sorted(tokens.approved)}
    return shown | {"subscriptions": [vars(one) for one in sandbox.webhooks.app_subscriptions]}


def _waiting(sandbox: ShopifySandbox, _body: Any) -> Any:
    return vars(sandbox.webhooks.switches) | {"deliveries": sandbox.webhooks.waiting()}


def _index(sandbox: ShopifySandbox, body: Any) -> Any:
    sandbox.store.index.lag_s = float(body["lag_s"])
    return {"lag_s": sandbox.store.index.lag_s}


def _token(sandbox: ShopifySandbox, body: Any) -> Any:
    if body.get("revoke"):
        sandbox.tokens.revoke(body["revoke"])
    if body.get("lifetime_s"):
        sandbox.tokens.lifetime_s = float(body["lifetime_s"])
    return {"lifetime_s": sandbox.tokens.lifetime_s}


def _bulk(sandbox: ShopifySandbox, body: Any) -> Any:
    switches = sandbox.bulk.switches
    if "delay_s" in body:
        sandbox.store.bulk_delay_s = float(body["delay_s"])
    if "hold" in body:
        switches.hold = bool(body["hold"])
    if "fail_after" in body:
        switches.fail_after = None if body["fail_after"] is None else int(body["fail_after"])
    return {"delay_s": sandbox.store.bulk_delay_s, "hold": switches.hold, "fail_after": switches.fail_after}


def _checkouts(sandbox: ShopifySandbox, body: Any) -> Any:
    """A buyer leaves a checkout (`customer`, `lines`), or comes back to one and pays (`complete`)."""
    store = sandbox.store
    with store.db.transaction():
        if "complete" in body:
            abandoned.complete(store, int(body["complete"]))
            return {"id": int(body["complete"])}
        return {"id": abandoned.leave(store, body.get("customer"), body.get("lines"), body.get("note", ""))}


def _orders(sandbox: ShopifySandbox, body: Any) -> Any:
    """What an order was checked out with (`sandbox.shopify.store.checkout`); a list does so for many."""
    given = body if isinstance(body, list) else [body]
    with sandbox.store.db.transaction():
        for order in given:
            checkout.complete(sandbox.store, order)
    return {"orders": len(given)}


_HANDLERS = {
    ("GET", "counters"): _counters,
    ("GET", "calls"): _calls,
    ("POST", "reset-counters"): _reset,
    ("GET", "faults"): lambda sandbox, _body: sandbox.faults.shown(),
    ("POST", "faults"): _faults,
    ("POST", "latency"): _latency,
    ("POST", "clock"): _clock,
    ("GET", "webhooks"): _waiting,
    ("POST", "webhooks"): _webhooks,
    ("POST", "app"): _app,
    ("GET", "app"): _app,
    ("GET", "nothing"): lambda _sandbox, _body: {},
    ("POST", "index"): _index,
    ("POST", "checkouts"): _checkouts,
    ("POST", "orders"): _orders,
    ("POST", "bulk"): _bulk,
    ("POST", "tokens"): _token,
}
