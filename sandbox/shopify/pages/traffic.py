"""What went in and out: the last API calls with their cost, and webhook deliveries with their state.

Nothing here can be changed; it is what happened.
"""

from __future__ import annotations

import json
from typing import Any

from sandbox.shopify.clock import iso
from sandbox.shopify.pages import layout
from sandbox.shopify.pages.layout import facts, link, pill, text, time
from sandbox.shopify.pages.reading import Visit

CALLS = ("At", "By", "Operation", "Requested#", "Actual#", "Errors")
DELIVERIES = ("Delivery", "Record", "To", "State", "Attempts#", "Answer", "Triggered")


def calls(visit: Visit) -> str:
    """The table of the last calls."""
    found = [
        layout.row(
            CALLS,
            (
                time(one["at"]),
                text(one["actor"]),
                text(one["operation"]),
                text(one["requested"]),
                text(one["actual"]),
                text(", ".join(one["errors"])),
            ),
        )
        for one in list(visit.box.counters.calls)[: visit.size]
    ]
    return layout.table(CALLS, found, "Nobody has called yet.")


def deliveries(visit: Visit) -> str:
    """The table of the last deliveries."""
    rows = visit.box.store.db.all("SELECT * FROM webhook_deliveries ORDER BY id DESC LIMIT ?", (visit.size,))
    found = [
        layout.row(
            DELIVERIES,
            (
                link(f"/webhooks/{row['id']}", row["topic"]),
                text(_record(json.loads(row["body"]))),
                text(row["uri"]),
                pill(row["state"]),
                text(row["attempts"]),
                text(row["last_answer"]),
                time(iso(row["triggered_at"])),
            ),
        )
        for row in rows
    ]
    return layout.table(DELIVERIES, found, "Nothing was delivered: nobody has subscribed, or nothing has changed.")


def _record(body: dict[str, Any]) -> Any:
    """What a reader knows the record of a body by."""
    gid = str(body.get("admin_graphql_api_id") or "").rsplit("/", 1)[-1]
    names = ("name", "title", "email", "id", "inventory_item_id", "customer_id")
    return next((body[name] for name in names if body.get(name)), gid)


def subscriptions(visit: Visit) -> str:
    """The table of subscriptions, the app's own among them."""
    heads = ("Topic", "Address", "Filter", "Fields", "Failures#")
    rows = visit.box.store.db.all("SELECT * FROM webhook_subscriptions ORDER BY id")
    found = [
        layout.row(
            heads,
            (
                text(row["topic"]),
                text(row["uri"]),
                text(row["filter"]),
                text(", ".join(json.loads(row["include_fields"]))),
                text(row["failures"]),
            ),
        )
        for row in rows
    ]
    for configured in visit.box.webhooks.app_subscriptions:
        fields = ", ".join(configured.include_fields)
        cells = (text(", ".join(configured.topics)), text(configured.uri), text(configured.filter), text(fields), "")
        found.append(layout.row(heads, cells))
    return layout.table(heads, found, "Nobody has subscribed.")


def delivery(visit: Visit, number: int) -> tuple[str, str] | None:
    """Title and page of one delivery."""
    row = visit.box.store.db.get("webhook_deliveries", number)
    if row is None:
        return None
    known = facts(
        [
            ("State", pill(row["state"])),
            ("To", text(row["uri"])),
            ("Attempts", text(row["attempts"])),
            ("Last answer", text(row["last_answer"])),
            ("Triggered", time(iso(row["triggered_at"]))),
            ("Due", time(iso(row["due_at"])) if row["state"] == "due" else ""),
            ("X-Shopify-Webhook-Id", text(row["webhook_id"])),
            ("X-Shopify-Event-Id", text(row["event_id"])),
        ]
    )
    body = json.dumps(json.loads(row["body"]), indent=2, ensure_ascii=False)
    return row["topic"], layout.section("Delivery", "", known) + layout.section("Body", "", f"<pre>{text(body)}</pre>")
