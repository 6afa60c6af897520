"""The payment terms a shop can choose from: Shopify's own fixed list, the same in every shop (recorded).

Reads only.
"""

from __future__ import annotations

from typing import Any

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call
from sandbox.shopify.store.database import Row

# Number, name, description, days until due, type: in the order Shopify lists them.
_LISTED: tuple[tuple[int, str, str, int | None, str], ...] = (
    (1, "Due on receipt", "Due on receipt", None, "RECEIPT"),
    (9, "Due on fulfillment", "Due on fulfillment", None, "FULFILLMENT"),
    (2, "Net 7", "Within 7 days", 7, "NET"),
    (3, "Net 15", "Within 15 days", 15, "NET"),
    (4, "Net 30", "Within 30 days", 30, "NET"),
    (8, "Net 45", "Within 45 days", 45, "NET"),
    (5, "Net 60", "Within 60 days", 60, "NET"),
    (6, "Net 90", "Within 90 days", 90, "NET"),
    (7, "Fixed", "Fixed date", None, "FIXED"),
)
TEMPLATES: dict[int, Row] = {
    number: {
        "__typename": "PaymentTermsTemplate",
        "id": gid.make("PaymentTermsTemplate", number),
        "name": name,
        "translatedName": name,
        "description": description,
        "dueInDays": days,
        "paymentTermsType": kind,
    }
    for number, name, description, days, kind in _LISTED
}
registry.keys("PaymentTermsTemplate", "id name translatedName description dueInDays paymentTermsType")


@registry.field("QueryRoot", "paymentTermsTemplates", "paymentTermsType")
def _templates(_source: Any, _call: Call, args: dict[str, Any]) -> list[Row]:
    wanted = args.get("paymentTermsType")
    return [row for row in TEMPLATES.values() if wanted in {None, row["paymentTermsType"]}]


@registry.node("PaymentTermsTemplate")
def _node(_call: Call, identifier: str) -> Row | None:
    return TEMPLATES.get(gid.number(identifier, "PaymentTermsTemplate") or 0)
