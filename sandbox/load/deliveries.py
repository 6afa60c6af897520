"""The webhooks that are sent: both systems', valid and refused ones mixed by a seed, made before the clock starts.

Each knows the answer it must get and, where that is "accepted", the flow and the id that must then lie on a queue.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

SHOP = "load-shop.myshopify.com"
SECRET = "load-client-secret"  # noqa: S105 - known to this measurement only
KEY = "load-webhook-key"
SHOPIFY_FLOW, CRM_FLOW = "products_shopify_to_crm", "products_crm_to_shopify"
_WORDS = ("oak", "brass", "linen", "chair", "lamp", "table", "warm", "light", "made", "by", "hand", "to", "last")
_CONTRACTS = "http://schemas.microsoft.com/xrm/2011/Contracts"


@dataclass(frozen=True)
class Delivery:
    """One request: what is sent, what must be answered, and what must then be on the flow's queue ('': nothing)."""

    path: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    status: int = 200
    flow: str = ""
    record_id: str = ""

    def packed(self, *, keep: bool) -> bytes:
        """The bytes of an HTTP/1.1 request; `keep`: the connection is used again."""
        lines = [f"POST {self.path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {text}" for name, text in self.headers.items()]
        lines += [f"Connection: {'keep-alive' if keep else 'close'}", "", ""]
        return "\r\n".join(lines).encode("latin-1") + self.body


def mixed(count: int, seed: int) -> list[Delivery]:
    """So many webhooks of both systems: 80 % accepted, the rest refused or not meant for us."""
    return list(_mixed(count, random.Random(seed)))


def plain(count: int, seed: int) -> list[Delivery]:
    """The same requests for the endpoint that only answers 200."""
    return [Delivery("/api/webhooks/plain", each.headers, each.body) for each in mixed(count, seed)]


def _mixed(count: int, chance: random.Random) -> Iterator[Delivery]:
    for number in range(count):
        make = _of_shopify if number % 2 else _of_crm
        kind = chance.choices(("accepted", "wrong", "unsigned", "foreign"), (80, 10, 5, 5))[0]
        yield make(chance, kind)


def _of_shopify(chance: random.Random, kind: str) -> Delivery:
    record = str(chance.randrange(10**12, 10**14))
    body = json.dumps(_product(int(record), chance)).encode()
    secret = "somebody else's" if kind == "wrong" else SECRET
    signature = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Shopify-Captain-Hook",
        "X-Shopify-Topic": "themes/update" if kind == "foreign" else "products/update",
        "X-Shopify-Shop-Domain": SHOP,
        "X-Shopify-Hmac-Sha256": signature,
        "X-Shopify-Webhook-Id": str(uuid.UUID(int=chance.getrandbits(128))),
        "X-Shopify-Event-Id": str(uuid.UUID(int=chance.getrandbits(128))),
        "X-Shopify-Triggered-At": "2026-11-23T12:00:00.000000Z",
        "X-Shopify-API-Version": "2026-10",
    }
    if kind == "unsigned":
        del headers["X-Shopify-Hmac-Sha256"]
    return _expected(SHOPIFY_FLOW, headers, body, kind, record)


def _of_crm(chance: random.Random, kind: str) -> Delivery:
    record = str(uuid.UUID(int=chance.getrandbits(128), version=4))
    table = "account" if kind == "foreign" else "product"
    body = json.dumps(_context(record, table, chance)).encode()
    headers = {
        "Content-Type": "application/json",
        "x-ms-dynamics-organization": "load.crm.dynamics.com",
        "x-ms-dynamics-entity-name": table,
        "x-ms-dynamics-request-name": "Update",
        "x-ms-correlation-request-id": str(uuid.UUID(int=chance.getrandbits(128))),
        "x-api-key": "somebody else's" if kind == "wrong" else KEY,
    }
    if kind == "unsigned":
        del headers["x-api-key"]
    return _expected(CRM_FLOW, headers, body, kind, record)


def _expected(flow: str, headers: dict[str, str], body: bytes, kind: str, record: str) -> Delivery:
    path = f"/api/webhooks/{flow}"
    if kind in ("wrong", "unsigned"):
        return Delivery(path, headers, body, 401)
    return Delivery(path, headers, body) if kind == "foreign" else Delivery(path, headers, body, 200, flow, record)


def _text(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words))


def _product(number: int, chance: random.Random) -> dict[str, object]:
    """About six kilobytes, as a product with a few variants is."""
    variants = [
        {
            "id": number + place,
            "admin_graphql_api_id": f"gid://shopify/ProductVariant/{number + place}",
            "product_id": number,
            "title": f"Size {place}",
            "price": f"{chance.randrange(100, 99_999) / 100:.2f}",
            "sku": f"LOAD-{number}-{place}",
            "position": place,
            "inventory_policy": "deny",
            "option1": f"Size {place}",
            "created_at": "2026-11-20T08:00:00-05:00",
            "updated_at": "2026-11-23T07:00:00-05:00",
            "taxable": True,
            "inventory_item_id": number + 1000 + place,
            "inventory_quantity": chance.randrange(500),
        }
        for place in range(1, 8)
    ]
    title = _text(chance, 3)
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/Product/{number}",
        "title": title,
        "handle": title.replace(" ", "-"),
        "body_html": f"<p>{_text(chance, 300)}</p>",
        "status": "active",
        "vendor": "Load",
        "tags": _text(chance, 8),
        "variants": variants,
        "options": [{"name": "Size", "values": [variant["title"] for variant in variants]}],
    }


def _context(record: str, table: str, chance: random.Random) -> dict[str, object]:
    """A RemoteExecutionContext of about five kilobytes."""
    attributes = [{"key": f"new_column{place}", "value": _text(chance, 6)} for place in range(30)]
    target = {
        "__type": f"Entity:{_CONTRACTS}",
        "Attributes": [{"key": f"{table}id", "value": record}, *attributes],
        "EntityState": None,
        "Id": record,
        "LogicalName": table,
    }
    return {
        "CorrelationId": str(uuid.UUID(int=chance.getrandbits(128))),
        "Depth": 1,
        "InputParameters": [{"key": "Target", "value": target}],
        "MessageName": "Update",
        "Mode": 1,
        "OrganizationName": "load",
        "OutputParameters": [],
        "PostEntityImages": [],
        "PreEntityImages": [],
        "PrimaryEntityId": record,
        "PrimaryEntityName": table,
        "Stage": 40,
    }
