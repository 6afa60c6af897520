"""The page a person looks at: products, calls, deliveries, with a form to edit each record.

An edit runs the same mutations as the API, as the merchant, so that times and webhooks move as they would.
"""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from sandbox.shopify import gid
from sandbox.shopify.call import Actor, Call
from sandbox.shopify.clock import iso
from sandbox.shopify.config import DEFAULT_SCOPES
from sandbox.shopify.store import metafields, variants
from sandbox.shopify.store.database import Row

if TYPE_CHECKING:
    from sandbox.shopify.server import ShopifySandbox

SHOWN = 100
STATUSES = ("ACTIVE", "ARCHIVED", "DRAFT", "UNLISTED")
STYLE = (
    "body{font:14px system-ui,sans-serif;margin:2rem;color:#222}table{border-collapse:collapse;margin:0 0 2rem}"
    "th,td{border:1px solid #ccc;padding:.3rem .5rem;text-align:left;vertical-align:top}th{background:#f3f3f3}"
    "input,select{font:inherit;width:11rem}small{color:#666}"
)
UPDATE = "mutation($p:ProductUpdateInput!){productUpdate(product:$p){userErrors{message}}}"
UPDATE_VARIANT = (
    "mutation($id:ID!,$v:[ProductVariantsBulkInput!]!){productVariantsBulkUpdate(productId:$id,variants:$v)"
    "{userErrors{message}}}"
)


def overview(sandbox: ShopifySandbox) -> str:
    """The whole page as HTML."""
    with sandbox.store.db.lock:
        rows = sandbox.store.db.all("SELECT * FROM products ORDER BY updated_at DESC, id DESC LIMIT ?", (SHOWN,))
        total = sandbox.store.db.value("SELECT COUNT(*) FROM products")
        body = "".join(_product(sandbox, row) for row in rows)
        sql = "SELECT * FROM webhook_deliveries ORDER BY id DESC LIMIT 50"
        deliveries = "".join(_delivery(row) for row in sandbox.store.db.all(sql))
    calls = "".join(_call(entry) for entry in list(sandbox.counters.calls)[:50])
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(sandbox.config.shop)}</title>"
        f"<style>{STYLE}</style><h1>{escape(sandbox.config.shop)}</h1>"
        f"<h2>Products <small>{total} in all, the last {len(rows)} changed</small></h2>"
        "<table><tr><th>Product<th>Status<th>Variants<th>Metafields<th>Updated</tr>"
        f"{body}</table><h2>Last API calls</h2>"
        "<table><tr><th>At<th>Actor<th>Operation<th>Requested<th>Actual<th>Errors</tr>"
        f"{calls}</table><h2>Webhook deliveries</h2>"
        "<table><tr><th>Topic<th>To<th>State<th>Attempts<th>Answer</tr>"
        f"{deliveries}</table></html>"
    )


def edit(sandbox: ShopifySandbox, kind: str, number: int, form: dict[str, str]) -> str | None:
    """Apply a form of the page; what went wrong, or None."""
    if kind == "product":
        given = {name: form[name] for name in ("title", "status") if name in form}
        variables: Row = {"p": given | {"id": gid.make("Product", number)}}
        return _send(sandbox, UPDATE, variables)
    row = variants.get(sandbox.store, number) if kind == "variant" else None
    if row is None:
        return f"there is no {kind} {number}"
    change: Row = {"id": gid.make("ProductVariant", number)}
    if "price" in form:
        change["price"] = form["price"]
    if "sku" in form:
        change["inventoryItem"] = {"sku": form["sku"]}
    variables = {"id": gid.make("Product", row["product_id"]), "v": [change]}
    return _send(sandbox, UPDATE_VARIANT, variables)


def _send(sandbox: ShopifySandbox, query: str, variables: dict[str, Any]) -> str | None:
    actor = Actor("page", frozenset(DEFAULT_SCOPES))
    call = Call(sandbox.store, actor, sandbox.config.api_version, "page")
    with sandbox.store.db.lock:
        answer = sandbox.executor.run(call, {"query": query, "variables": variables})
    sandbox.counters.note(call, answer, iso(sandbox.clock.micros()) or "")
    found = [error["message"] for error in answer.errors]
    for payload in (answer.body.get("data") or {}).values():
        found += [error["message"] for error in (payload or {}).get("userErrors", [])]
    return "; ".join(found) or None


def _product(sandbox: ShopifySandbox, row: Row) -> str:
    chosen = "".join(
        f"<option{' selected' if status == row['status'] else ''}>{status}</option>" for status in STATUSES
    )
    found = variants.of_product(sandbox.store, row["id"])
    shown = "".join(_variant(one) for one in found[:20])
    more = f"<p>and {len(found) - 20} more</p>" if len(found) > 20 else ""
    fields = "<br>".join(
        f"{escape(one['namespace'])}.{escape(one['key'])} = {escape(one['value'])}"
        for one in metafields.of_owner(sandbox.store, "Product", row["id"])
    )
    return (
        f"<tr><td><form method=post action=/edit/product/{row['id']}>"
        f'<input name=title value="{escape(row["title"])}"><select name=status>{chosen}</select>'
        f"<button>Save</button></form><small>{row['id']}<br>{escape(row['handle'])}</small>"
        f"<td>{row['status']}<td>{shown}{more}<td>{fields}<td>{iso(row['updated_at'])}</tr>"
    )


def _variant(row: Row) -> str:
    return (
        f"<form method=post action=/edit/variant/{row['id']}>{escape(row['title'])} "
        f'<input name=sku value="{escape(row["sku"] or "")}"> '
        f'<input name=price value="{escape(row["price"])}"><button>Save</button></form>'
    )


def _call(entry: Row) -> str:
    errors = escape(", ".join(entry["errors"]))
    return (
        f"<tr><td>{entry['at']}<td>{escape(entry['actor'])}<td>{escape(entry['operation'])}"
        f"<td>{entry['requested']}<td>{entry['actual']}<td>{errors}</tr>"
    )


def _delivery(row: Row) -> str:
    number = json.loads(row["body"]).get("id", "")
    return (
        f"<tr><td>{row['topic']} {number}<td>{escape(row['uri'])}<td>{row['state']}<td>{row['attempts']}"
        f"<td>{escape(row['last_answer'] or '')}</tr>"
    )
