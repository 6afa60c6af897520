"""The pages of products with their prices, price lists, accounts and contacts, and of the last requests."""

from __future__ import annotations

from html import escape
from typing import Any

from sandbox.dataverse.context import Context
from sandbox.dataverse.store import Row

from .layout import badge, choice, field, form, table, time
from .rows import SHOWN, currency_of, label, latest, options

_TONES = {0: "good", 1: "calm", 2: "warn", 3: "warn"}
_NOTE = f"<p class=note>The {SHOWN} changed last. Whatever is saved here is written as the salesperson.</p>"


def products(ctx: Context, search: str) -> str:
    """Products, each with its prices."""
    kind = ctx.table("product")
    lists = {row["pricelevelid"]: row["name"] for row in ctx.store.find(ctx.table("pricelevel"), {}, limit=SHOWN)}
    cells = []
    for row in latest(ctx, kind, search, ("name", "productnumber")):
        fields = field("name", row["name"]) + field("productnumber", row["productnumber"])
        fields += choice("statecode", options(kind, "statecode"), row["statecode"])
        cells.append((
            form("product", row["productid"], "/", fields), _state(kind, row), _prices(ctx, row, lists), _when(row)))
    return _NOTE + table("products", ("Product", "State", "Prices", "Changed"), cells)


def _state(kind: Any, row: Row) -> str:
    return badge(label(kind, "statecode", row["statecode"]), _TONES.get(row["statecode"], "calm"))


def _when(row: Row) -> str:
    return f"{time(row['modifiedon'])}<br><small>version {row['versionnumber']}</small>"


def _prices(ctx: Context, product: Row, lists: dict[str, str]) -> str:
    shown = []
    for item in ctx.store.find(ctx.table("productpricelevel"), {"productid": product["productid"]}, limit=SHOWN):
        name = escape(str(lists.get(item["pricelevelid"], item["pricelevelid"])))
        amount = f"{item['amount']:.4f}" if item["amount"] is not None else None
        edit = form("productpricelevel", item["productpricelevelid"], "/", field("amount", amount, number=True))
        code = escape(currency_of(ctx, item))
        shown.append(f"<div class=price><span>{name} <small>{code}</small></span>{edit}</div>")
    return "".join(shown) or "<small>no price</small>"


def price_lists(ctx: Context, search: str) -> str:
    """Price lists with the number of their items."""
    kind = ctx.table("pricelevel")
    cells = []
    for row in latest(ctx, kind, search, ("name",)):
        fields = field("name", row["name"]) + choice("statecode", options(kind, "statecode"), row["statecode"])
        items = ctx.store.query("SELECT COUNT(*) FROM productpricelevel WHERE pricelevelid = ?", [row["pricelevelid"]])
        cells.append((
            form("pricelevel", row["pricelevelid"], "/pricelists", fields), _state(kind, row),
            escape(currency_of(ctx, row)), str(items[0][0]), f"<code>{row['pricelevelid']}</code>"))
    return table("pricelists", ("Price list", "State", "Currency", "Items#", "Id"), cells)


def accounts(ctx: Context, search: str) -> str:
    """Accounts."""
    cells = []
    for row in latest(ctx, ctx.table("account"), search, ("name", "emailaddress1", "accountnumber")):
        fields = field("name", row["name"], "Name") + field("emailaddress1", row["emailaddress1"], "E-mail")
        fields += field("telephone1", row["telephone1"], "Phone")
        cells.append((form("account", row["accountid"], "/accounts", fields), _address(row), _when(row)))
    return _NOTE + table("accounts", ("Account", "Address", "Changed"), cells)


def contacts(ctx: Context, search: str) -> str:
    """Contacts."""
    cells = []
    for row in latest(ctx, ctx.table("contact"), search, ("fullname", "emailaddress1")):
        fields = field("firstname", row["firstname"], "First name") + field("lastname", row["lastname"], "Last name")
        fields += field("emailaddress1", row["emailaddress1"], "E-mail")
        cells.append((form("contact", row["contactid"], "/contacts", fields), _address(row), _when(row)))
    return _NOTE + table("contacts", ("Contact", "Address", "Changed"), cells)


def _address(row: Row) -> str:
    parts = [row.get(f"address1_{n}") for n in ("line1", "postalcode", "city", "country")]
    return escape(", ".join(str(p) for p in parts if p)) or "<small>none</small>"


def requests(recent: list[dict[str, Any]]) -> str:
    """The last calls of the Web API."""
    cells = []
    for entry in recent:
        query = f"?{entry['query']}" if entry["query"] else ""
        tone = "good" if entry["status"] < 400 else "bad"
        cells.append((f"{entry['at']:%H:%M:%S}", escape(entry["actor"]), entry["method"],
                      f"<code>{escape(entry['path'] + query)}</code>", badge(str(entry["status"]), tone)))
    return table("requests", ("Time", "Actor", "Method", "Path", "Status"), cells)

