"""The table of webhook requests and of what each must get: data for the test and for docs/webhooks.md.

Two shops are served, each by an app of its own; the second one's secret is being replaced. Every body carries a
sentence that must never be believed, kept or repeated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from shared.dataverse.webhooks import MAX_BODY
from shared.shopify.webhooks import MOST_BYTES
from tests.support.plant import ENVIRONMENT, KEY, SECRET, SHOP, signed

IN, OUT, CUSTOMERS = "products_shopify_to_crm", "products_crm_to_shopify", "customers_shopify_to_crm"
OTHER = "other.myshopify.com"
OTHER_SECRET = "the-other-app-secret"
OTHER_OLD = "the-other-app-old-secret"
OLD_KEY = "the-key-before"
SETTINGS = {
    **ENVIRONMENT,
    "CUSTOMERS_SHOPIFY_TO_CRM_MODE": "on",
    "COMPANIES_SHOPIFY_TO_CRM_MODE": "on",
    "SHOPIFY_SHOPS": f"{SHOP}, {OTHER}",
    "SHOPIFY_CLIENT_SECRET__OTHER": OTHER_SECRET,
    "SHOPIFY_OLD_CLIENT_SECRET__OTHER": OTHER_OLD,
    "DATAVERSE_OLD_WEBHOOK_KEY": OLD_KEY,
}
LIE = "must never be believed"
NUMBER = "788032119674292922"
ROW, PARENT, NIL = (
    "11111111-2222-4333-8444-555555555555",
    "66666666-7777-4888-9999-000000000000",
    "00000000-0000-0000-0000-000000000000",
)
OURSELVES = "aaaaaaaa-7777-4888-9999-000000000000"
BODY = json.dumps({"id": int(NUMBER), "title": LIE}).encode()


@dataclass(frozen=True)
class Sent:
    """One request, the status it must get, and the messages that must then be on the queue (without flow, origin).

    `headers` are pairs, so that one can come twice; `stored` holds one entry per message.
    """

    what: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int
    stored: tuple[Mapping[str, Any], ...] = ()
    flow: str = IN
    why: str = ""
    method: str = field(default="POST")


def _shopify(what: str, status: int, why: str = "", body: bytes = BODY, **changes: str | None) -> Sent:
    """A products/update of the first shop, rightly signed, but for the headers that are changed or left out."""
    told = {name.lower(): value for name, value in signed(body, topic="products/update").items()}
    for name, value in changes.items():
        key = f"x-shopify-{name.replace('_', '-')}"
        told.pop(key, None)
        told |= {} if value is None else {key: value}
    ids = {"shop": SHOP, "ids": [NUMBER], "table": "products", "seen_at": "2026-11-23T12:00:05+00:00"}
    return Sent(what, tuple(told.items()), body, status, ({**ids, "correlation_id": "w-1"},) * (status == 200), why=why)


def _stored(sent: Sent, **changes: Any) -> Sent:
    """The same request with other messages stored; None takes an entry away, `stored=()` all."""
    if "stored" in changes:
        return Sent(**{**vars(sent), **changes})
    kept = {**sent.stored[0], **changes}
    return Sent(**{**vars(sent), "stored": ({name: value for name, value in kept.items() if value is not None},)})


def _twice(sent: Sent, name: str) -> Sent:
    """The same request with one header doubled."""
    return Sent(**{**vars(sent), "headers": (*sent.headers, *(pair for pair in sent.headers if pair[0] == name))})


def _sign(body: bytes, secret: str) -> str:
    return signed(body, topic="", secret=secret)["X-Shopify-Hmac-Sha256"]


def _json(**content: Any) -> bytes:
    return json.dumps({**content, "title": LIE}, ensure_ascii=False).encode()


_AFRESH = "ids are read afresh, so this header decides nothing"
_FORM = "signed, but nothing that could be looked up"

SHOPIFY: tuple[Sent, ...] = (
    _shopify("rightly signed", 200, "one message with the id"),
    _stored(
        _shopify("signed by the second shop's app", 200, shop_domain=OTHER, hmac_sha256=_sign(BODY, OTHER_SECRET)),
        shop=OTHER,
    ),
    _stored(
        _shopify("signed with the secret that is being replaced", 200, "Shopify signs with the old one for up to an"
                 " hour", shop_domain=OTHER, hmac_sha256=_sign(BODY, OTHER_OLD)),
        shop=OTHER,
    ),
    _shopify("signed by the first shop's app for the second shop", 401, "each app answers for its own shops",
             shop_domain=OTHER),
    _shopify("signed with a foreign secret", 401, hmac_sha256=_sign(BODY, "foreign")),
    _shopify("signed with nothing", 401, "an empty secret is none", hmac_sha256=_sign(BODY, "")),
    _shopify("another body than was signed", 401, "the raw bytes count", hmac_sha256=_sign(BODY + b" ", SECRET)),
    _shopify("no signature", 401, hmac_sha256=None),
    _shopify("a signature that is not base64", 401, hmac_sha256="ÄÖ, nonsense"),
    _twice(_shopify("the signature twice", 401), "x-shopify-hmac-sha256"),
    Sent("no headers at all", (), BODY, 401),
    _shopify(f"more than {MOST_BYTES >> 20} MB", 413, "before anything is hashed", b"x" * (MOST_BYTES + 1)),
    _shopify("no shop", 400, shop_domain=None),
    _twice(_shopify("the shop twice", 400), "x-shopify-shop-domain"),
    _shopify("the shop in capitals, with a dot at its end", 200, "the same host", shop_domain="ACME.MyShopify.com."),
    _shopify("the shop's own domain", 404, "Shopify always names the myshopify.com one",
             shop_domain="www.acme.example"),
    _shopify("a shop that is not ours", 404, "signed by one of our apps", shop_domain="evil.myshopify.com"),
    _shopify("a shop that is not ours, badly signed", 401, shop_domain="evil.myshopify.com", hmac_sha256="x"),
    _shopify("no topic", 400, topic=None),
    _twice(_shopify("the topic twice", 400), "x-shopify-topic"),
    _stored(
        _shopify("a topic nobody asked for", 200, "counted in the log; a refusal would end the subscription",
                 topic="themes/publish"), stored=(),
    ),
    _shopify("another API version than ours", 200, "ids do not change with it; a log event tells",
             api_version="2027-01"),
    _shopify("no API version", 200, _AFRESH, api_version=None),
    _shopify("no event id", 200, _AFRESH, event_id=None),
    _stored(_shopify("no webhook id", 200, _AFRESH, webhook_id=None), correlation_id=None),
    _stored(_shopify("a webhook id of 9,000 letters", 200, _AFRESH, webhook_id="é" * 9000), correlation_id=None),
    _stored(_shopify("no time", 200, _AFRESH, triggered_at=None), seen_at=None),
    _stored(_shopify("a time that is none", 200, _AFRESH, triggered_at="yesterday"), seen_at=None),
    _stored(_shopify("a time before time", 200, _AFRESH, triggered_at="0001-01-01T00:00:00+14:00"), seen_at=None),
    _stored(_shopify("the last moment of time", 200, _AFRESH, triggered_at="9999-12-31T23:59:59Z"), seen_at=None),
    _stored(_shopify("the time of another zone", 200, triggered_at="2026-11-23T07:30:00.123456789-05:00"),
            seen_at="2026-11-23T12:30:05.123456+00:00"),
    _stored(_shopify("a delete, which names an id only", 200, "confirmed by a read of its own",
                     b'{"id":%s}' % NUMBER.encode(), topic="products/delete")),
    _shopify("the id as a GID", 200, "", _json(id=f"gid://shopify/Product/{NUMBER}")),
    _shopify("no body", 400, _FORM, b""),
    _shopify("no JSON", 400, _FORM, b'{"id": 1,'),
    _shopify("JSON without an object", 400, _FORM, b"[1]"),
    _shopify("nested 100,000 deep", 400, _FORM, b"[" * 100_000),
    _shopify("not UTF-8", 400, _FORM, b'{"id": 1, "title": "\xff\xfe"}'),
    _shopify("no id", 400, _FORM, _json(name="x")),
    *(
        _shopify(f"the id {shown}", 400, _FORM, _json(id=value))
        for shown, value in (
            ("null", None), ("true", True), ("0", 0), ("-1", -1), ("1.5", 1.5), ('""', ""), ('"٣"', "٣"),
            ('"../1"', "../1"), ("of 21 digits", 10**20), ("of 4,000 digits", 10**3999), ("{}", {}),
        )
    ),
    Sent("a GET", (), b"", 404, why="the route takes POST only", method="GET"),
)  # fmt: skip


def _context(table: Any = "product", row: Any = ROW, message: str = "Update", **more: Any) -> bytes:
    """A RemoteExecutionContext with a lie in its target."""
    target = _entity(("name", LIE), row=row)
    body = {
        "PrimaryEntityName": table,
        "PrimaryEntityId": row,
        "MessageName": message,
        "InputParameters": [{"key": "Target", "value": target}],
        "OperationCreatedOn": "/Date(1795435200000)/",
    }
    return json.dumps({**body, **more}).encode()


def _entity(*attributes: tuple[str, Any], row: Any = ROW) -> dict[str, Any]:
    return {"Attributes": [{"key": key, "value": value} for key, value in attributes], "Id": row, "LogicalName": "x"}


def _crm(what: str, status: int, why: str = "", body: bytes | None = None, key: str | None = KEY, **kept: Any) -> Sent:
    """An update of a product with the right key; `kept`: what each shop's message holds instead of its id."""
    entries = {"seen_at": "2026-11-23T12:02:00+00:00", **(kept or {"ids": [ROW]})}
    stored = [{"shop": shop, **{name: value for name, value in entries.items() if value}} for shop in (SHOP, OTHER)]
    headers = (("x-api-key", key),) if key is not None else ()
    return Sent(what, headers, _context() if body is None else body, status, tuple(stored) * (status == 200), OUT, why)


_PRICE = [{"key": "image", "value": _entity(("productid", {"Id": PARENT.upper(), "LogicalName": "product"}))}]
_NO_ROW = "the right key, but no row that could be read"

CRM: tuple[Sent, ...] = (
    _crm("the right key", 200, "one message per shop, with the id"),
    _crm("the key before the rotation", 200, key=OLD_KEY),
    _crm("a wrong key", 401, key="guess"),
    _crm("a key with other letters", 401, key="schlüssel"),
    _crm("an empty key", 401, key=""),
    _crm("no key", 401, key=None),
    _twice(_crm("the key twice", 401), "x-api-key"),
    _crm(f"more than {MAX_BODY >> 20} MB", 413, "four times what Dataverse sends", b"x" * (MAX_BODY + 1)),
    _crm("a delete", 200, "confirmed by a read of its own",
         _context(message="Delete", InputParameters=[{"key": "Target", "value": {"Id": ROW}}]),
         deleted=[ROW]),
    _crm("the row by a key only", 200, "has the flow poll: the change is in the table's change tracking",
         _context(row=NIL, InputParameters=[{"key": "Target", "value": {**_entity(row=NIL), "KeyAttributes": [
             {"key": "productnumber", "value": LIE}]}}]), poll=True, seen_at=None),
    _crm("the row's id in the target only", 200, "", _context(row=NIL, InputParameters=[
        {"key": "Target", "value": _entity()}])),
    _crm("a message beyond 256 KB, stripped", 200, "the row is read anyway",
         _context(InputParameters=[], PreEntityImages=None, PostEntityImages=None)),
    _crm("a price with its product in an image before", 200, "the product is the record",
         _context("productpricelevel", PreEntityImages=_PRICE), ids=[PARENT]),
    _crm("a price with its product in an image after", 200, "the product is the record",
         _context("productpricelevel", PostEntityImages=_PRICE), ids=[PARENT]),
    _crm("a deleted price with its product in an image", 200, "the product is the record",
         _context("productpricelevel", message="Delete", InputParameters=[], PreEntityImages=_PRICE), ids=[PARENT]),
    _crm("a price of no product known", 200, "the worker reads the price", _context("productpricelevel"), ids=[ROW],
         table="productpricelevel"),
    _crm("images that are no lists", 200, "", _context(InputParameters=1, PreEntityImages={"a": 1})),
    _crm("the id in capitals and braces", 200, "", _context(row="{" + ROW.upper() + "}")),
    _stored(_crm("a write of the app's own user", 200, "what comes of it is known; polling sees it anyway",
                 _context(InitiatingUserId=OURSELVES.upper(), Depth=1)), stored=()),
    _crm("a write that followed from one of the app's", 200, "somebody's own logic in CRM",
         _context(InitiatingUserId=OURSELVES, Depth=2)),
    _crm("a write of somebody else", 200, "", _context(InitiatingUserId=PARENT, Depth=1)),
    _crm("a user of odd form", 200, "", _context(InitiatingUserId=[1], Depth="1")),
    _stored(_crm("a table nobody asked for", 200, "counted in the log", _context("account")), stored=()),
    *(
        _crm(f"{shown} as its time", 200, "never decides whether a message is taken",
             _context(OperationCreatedOn=moment), ids=[ROW], seen_at=None)
        for shown, moment in (("nothing", None), ("a word", "yesterday"), ("99 digits", f"/Date({'9' * 99})/"),
                              ("a year too far", "/Date(999999999999999)/"), ("a list", [1]),
                              ("the last moment of time", "/Date(253402300799999)/"))
    ),
    _crm("a time with a zone", 200, "", _context(OperationCreatedOn="/Date(1795435200000+0100)/")),
    _crm("no body", 400, _NO_ROW, b""),
    _crm("no JSON", 400, _NO_ROW, b"<xml/>"),
    _crm("JSON without an object", 400, _NO_ROW, b"[]"),
    _crm("nested 100,000 deep", 400, _NO_ROW, b"[" * 100_000),
    _crm("not UTF-8", 400, _NO_ROW, b'{"PrimaryEntityName": "\xff"}'),
    _crm("no table", 400, _NO_ROW, _context(None)),
    _crm("a table of odd form", 400, _NO_ROW, _context(["product"])),
    _crm("an id that is none", 400, _NO_ROW, _context(row="42")),
)  # fmt: skip


def _person(what: str, topic: str, status: int, why: str = "", *, ids: tuple[str, ...] = (), **body: Any) -> Sent:
    """A webhook at the customers' address; without a body of its own it is about the customer NUMBER."""
    raw = _json(**{"email": LIE, **(body or {"id": int(NUMBER)})})
    stored: dict[str, Any] = {"shop": SHOP, "correlation_id": "w-1"}
    if body:
        stored |= {"ids": list(ids), "notice": topic}
    else:
        named = "deleted" if topic.endswith("/delete") else "ids"
        stored |= {named: [NUMBER], "seen_at": "2026-11-23T12:00:05+00:00"}
    return Sent(what, tuple(signed(raw, topic=topic).items()), raw, status, (stored,) * (status == 200), CUSTOMERS, why)


_HER = {"id": int(NUMBER), "email": LIE, "phone": LIE}
_KEPT, _GONE = "gid://shopify/Customer/17", "gid://shopify/Customer/18"
_ALONE = "an order's id never passes for a customer's"

PEOPLE: tuple[Sent, ...] = (
    _person("`customers/create`", "customers/create", 200),
    _person("`customers/update`", "customers/update", 200),
    _person("`customers/delete`", "customers/delete", 200, "confirmed by a read of its own"),
    _person("`customers/redact` with two orders", "customers/redact", 200, "the customer first, then the orders",
            ids=(NUMBER, "299938", "280263"), customer=_HER, orders_to_redact=[299938, 280263]),
    _person("`customers/redact` without orders", "customers/redact", 200, ids=(NUMBER,), customer=_HER, shop_id=1),
    _person("`customers/redact` with an order's body", "customers/redact", 400,
            "a signed body sent again under another topic", id=5, customer=_HER, line_items=[]),
    _person("orders of odd form among others", "customers/redact", 200, "what is no id is left out",
            ids=(NUMBER, "5"), customer=_HER, orders_to_redact=["x", 0, -1, None, {}, [7], True, 5]),
    _person("`customers/data_request`", "customers/data_request", 200, ids=(NUMBER, "299938"), customer=_HER,
            orders_requested=[299938], data_request={"id": 9999}),
    _person("`customers/merge`", "customers/merge", 200, "who was kept, then who is gone", ids=("17", "18"),
            admin_graphql_api_customer_kept_id=_KEPT, admin_graphql_api_customer_deleted_id=_GONE, errors=[]),
    _person("`shop/redact`", "shop/redact", 200, ids=("954889",), shop_id=954889, shop_domain=SHOP),
    _person("`app/uninstalled`", "app/uninstalled", 200, ids=("548380009",), id=548380009, domain=SHOP),
    *(
        _person(f"`customers/redact`, the customer {shown}", "customers/redact", 400, _FORM, customer=value,
                orders_to_redact=[299938])
        for shown, value in (("null", None), ("a number", 5), ("a list", [_HER]), ("without id", {"email": LIE}),
                             ("with the id 0", {"id": 0}), ("with a list as id", {"id": [1]}))
    ),
    _person("`customers/redact` that names orders only", "customers/redact", 400, _ALONE, orders_to_redact=[299938]),
    _person("`customers/merge` that names one of two", "customers/merge", 400, _FORM,
            admin_graphql_api_customer_kept_id=_KEPT),
    _person("`customers/merge` that names three", "customers/merge", 400, _FORM,
            admin_graphql_api_customer_kept_id=_KEPT, admin_graphql_api_customer_deleted_id=[_GONE, _KEPT]),
    _person("`shop/redact` of no shop", "shop/redact", 400, _FORM, shop_domain=SHOP),
    replace(_person("`customers/redact` at another flow's address", "customers/redact", 200,
                    "only this flow's address is for them", customer=_HER, shop_id=1), stored=(), flow=IN),
    replace(_person("`customers/redact`, badly signed", "customers/redact", 401, customer=_HER),
            headers=tuple(signed(b"", topic="customers/redact").items())),
)  # fmt: skip
