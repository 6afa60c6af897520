"""The frame of every page and the small parts they are made of: tables, forms, pills, amounts, times.

Plain HTML that works without any script. Whatever comes from the store passes through `escape` here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from sandbox.shopify.money import unit

MENU = (
    ("/", "Overview"),
    ("/products", "Products"),
    ("/customers", "Customers"),
    ("/orders", "Orders"),
    ("/drafts", "Drafts"),
    ("/companies", "Companies"),
    ("/metaobjects", "Metaobjects"),
    ("/calls", "API calls"),
    ("/webhooks", "Webhooks"),
)
GOOD = {"ACTIVE", "PAID", "FULFILLED", "COMPLETED", "ENABLED", "delivered", "SUCCESS"}
WARN = {"DRAFT", "PENDING", "PARTIALLY_PAID", "PARTIALLY_FULFILLED", "UNFULFILLED", "AUTHORIZED", "OPEN", "due"}
WARN |= {"PARTIALLY_REFUNDED", "INVOICE_SENT", "IN_PROGRESS", "ON_HOLD", "sending"}
BAD = {"VOIDED", "REFUNDED", "EXPIRED", "CANCELLED", "given up", "lost", "dropped", "FAILURE", "ERROR"}


@cache
def _style() -> str:
    return Path(__file__).with_name("style.css").read_text(encoding="utf-8")


def text(value: Any) -> str:
    """A value of the store as HTML; nothing for null."""
    return "" if value is None else escape(str(value))


def frame(shop: str, place: str, title: str, body: str, alert: str = "") -> str:
    """A whole page; `place` is the entry of the menu it belongs to."""
    menu = "".join(
        f'<a href="{path}"{" aria-current=page" if path == place else ""}>{escape(name)}</a>' for path, name in MENU
    )
    warning = f'<div class=alert role=alert>{text(alert)}</div>' if alert else ""
    return (
        "<!doctype html><html lang=en><head><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)} \u00b7 {escape(shop)}</title><style>{_style()}</style></head><body>"
        '<a class=skip href="#main">To the content</a><header><div>'
        f'<a class=shop href="/">{escape(shop)}<small>sandbox</small></a><nav aria-label="Pages">{menu}</nav></div>'
        f"</header><main id=main>{warning}{body}</main></body></html>"
    )


def table(heads: Sequence[str], rows: Iterable[str], empty: str) -> str:
    """A table that becomes cards on a phone; a head that ends in # is of numbers."""
    found = "".join(rows)
    if not found:
        return f"<p class=empty>{escape(empty)}</p>"
    shown = "".join(f'<th scope=col{_num(head)}>{escape(head.rstrip("#"))}</th>' for head in heads)
    return f"<table class=cards><thead><tr>{shown}</tr></thead><tbody>{found}</tbody></table>"


def _num(head: str) -> str:
    return " class=num" if head.endswith("#") else ""


def row(heads: Sequence[str], cells: Sequence[str], kind: str = "") -> str:
    """A row of such a table; the cells are HTML."""
    shown = "".join(
        f'<td data-label="{escape(head.rstrip("#"))}"{_num(head)}>{cell}</td>'
        for head, cell in zip(heads, cells, strict=True)
    )
    return f"<tr{f' class={kind!r}' if kind else ''}>{shown}</tr>"


def wide(heads: Sequence[str], cell: str, kind: str = "part") -> str:
    """A row with one cell over all columns, for the parts of the row above."""
    return f'<tr class="{kind}"><td colspan={len(heads)}>{cell}</td></tr>'


def section(title: str, note: str, body: str, more: str = "") -> str:
    """A part of a page with its heading, a remark and a link to all of it."""
    link = f'<a class=more href="{more}">All of them</a>' if more else ""
    head = f"<div class=head><h2>{escape(title)}</h2><small>{text(note)}</small>{link}</div>"
    return f"<section>{head}{body}</section>"


def pill(state: str | None) -> str:
    """A status."""
    if not state:
        return ""
    kind = "good" if state in GOOD else "warn" if state in WARN else "bad" if state in BAD else ""
    return f'<span class="pill {kind}">{escape(state.replace("_", " ").capitalize())}</span>'


def money(bag: Mapping[str, Any] | None) -> str:
    """An amount; in the buyer's currency too when that is another one."""
    if bag is None:
        return ""
    if "shopMoney" not in bag:
        amount = Decimal(bag["amount"]).quantize(unit(bag["currencyCode"]))
        return f"{amount:,}\u00a0{text(bag['currencyCode'])}"
    shop, buyer = bag["shopMoney"], bag.get("presentmentMoney")
    shown = money(shop)
    if buyer and buyer["currencyCode"] != shop["currencyCode"]:
        shown += f"<br><small>{money(buyer)}</small>"
    return shown


def time(value: str | None) -> str:
    """A time as the API prints it, with a blank for a reader."""
    if not value:
        return ""
    return f'<time datetime="{text(value)}">{text(value.replace("T", " ").replace("Z", ""))}</time>'


def link(path: str, name: Any) -> str:
    """A link within the pages."""
    return f'<a href="{escape(path)}">{text(name)}</a>'


def field(label: str, name: str, value: Any, kind: str = "", hidden: bool = False) -> str:
    """One field of a form with its label; a hidden label is still read aloud."""
    classes = " ".join(part for part in ("hidden" if hidden else "", kind) if part)
    return (
        f'<label class="{classes}"><span>{escape(label)}</span>'
        f'<input name="{name}" value="{text(value)}" autocomplete=off></label>'
    )


def choice(label: str, name: str, value: str, options: Sequence[str], hidden: bool = False) -> str:
    """A field with a fixed list of values."""
    shown = "".join(f"<option{' selected' if one == value else ''}>{escape(one)}</option>" for one in options)
    classes = "hidden narrow" if hidden else "narrow"
    return f'<label class="{classes}"><span>{escape(label)}</span><select name="{name}">{shown}</select></label>'


def form(path: str, fields: str, button: str = "Save", style: str = "row", kind: str = "") -> str:
    """A form that posts to a path of the pages; without fields it is one button."""
    classes = f' class="{kind}"' if kind else ""
    inner = f"{fields}<button{classes}>{escape(button)}</button>"
    return f'<form class="{style}" method=post action="{escape(path)}">{inner}</form>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of names and values; the values are HTML, empty ones are left out."""
    shown = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in pairs if value)
    return f"<dl>{shown}</dl>"
