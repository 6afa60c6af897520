"""The frame of every page and the small pieces they are built of: tables, fields, badges, amounts.

Pure text to HTML: nothing here reads rows. Everything that is shown passes through `escape`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape

from .style import STYLE

SECTIONS = (
    ("/", "Products"), ("/pricelists", "Price lists"), ("/accounts", "Accounts"), ("/contacts", "Contacts"),
    ("/opportunities", "Opportunities"), ("/quotes", "Quotes"), ("/orders", "Orders"), ("/invoices", "Invoices"),
    ("/requests", "Requests"))


@dataclass(frozen=True)
class Frame:
    """What stands around a page's content: where it is, what went wrong, what was searched for."""

    path: str
    title: str
    message: str = ""
    under: str = ""
    search: str | None = None


def page(frame: Frame, body: str) -> str:
    """A whole page."""
    active = "/" + frame.path.strip("/").split("/")[0]
    links = "".join(
        f'<a href="{path}"{" aria-current=page" if path == active else ""}>{name}</a>' for path, name in SECTIONS)
    alert = f"<p class=error role=alert>{escape(frame.message)}</p>" if frame.message else ""
    under = f"<small>{escape(frame.under)}</small>" if frame.under else ""
    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width,initial-scale=1">'
        f"<title>{escape(frame.title)} - Dataverse sandbox</title><style>{STYLE}</style>"
        f"<header><b>Dataverse sandbox</b><nav>{links}</nav></header>"
        f"<main><div class=top><div><h1>{escape(frame.title)}</h1>{under}</div>{_search(frame)}</div>{alert}{body}"
        "</main></html>")


def _search(frame: Frame) -> str:
    if frame.search is None:
        return ""
    return (f'<form class=search method=get action="{escape(frame.path)}"><input type=search name=q '
            f'value="{escape(frame.search)}" aria-label=Search placeholder=Search><button>Search</button></form>')


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table that becomes a list of cards on a narrow screen; a head that ends in `#` is a column of numbers."""
    labels = [h.rstrip("#") for h in head]
    kinds = [' class="num"' if h.endswith("#") else "" for h in head]
    top = "".join(f"<th{kind}>{label}" for label, kind in zip(labels, kinds, strict=True))
    lines = [
        "<tr>" + "".join(f'<td{kind} data-label="{label}"><div>{cell}</div>'
                         for cell, label, kind in zip(cells, labels, kinds, strict=True)) for cells in rows]
    empty = "" if lines else f"<tr><td colspan={len(head)} class=empty>Nothing here yet."
    return f"<table id={name}><thead><tr>{top}<tbody>{''.join(lines)}{empty}</table>"


def form(table_name: str, row_id: str, back: str, fields: str, button: str = "Save") -> str:
    """A form that changes one row."""
    return (f'<form method=post action="{escape(back)}" data-id={row_id}><input type=hidden name=table '
            f"value={table_name}><input type=hidden name=id value={row_id}>{fields}<button>{button}</button></form>")


def button(label: str, back: str, facts: dict[str, str], quiet: bool = False) -> str:
    """A form that is only a button."""
    hidden = "".join(f'<input type=hidden name={n} value="{escape(v)}">' for n, v in facts.items())
    kind = " class=quiet" if quiet else ""
    return f'<form method=post action="{escape(back)}">{hidden}<button{kind}>{escape(label)}</button></form>'


def field(name: str, value: object, label: str = "", number: bool = False) -> str:
    """A text field; with a visible label when it has one."""
    shown = escape(plain(value))
    mode = " inputmode=decimal class=num" if number else ""
    box = f'<input name={name} value="{shown}" aria-label="{escape(label or name)}"{mode}>'
    return f"<label>{escape(label)}{box}</label>" if label else box


def choice(name: str, options: Iterable[tuple[int, str]], current: object, label: str = "") -> str:
    """A choice of one of the options."""
    items = "".join(
        f"<option value={value}{' selected' if value == current else ''}>{escape(text)}" for value, text in options)
    box = f'<select name={name} aria-label="{escape(label or name)}">{items}</select>'
    return f"<label>{escape(label)}{box}</label>" if label else box


def badge(text: str, tone: str) -> str:
    """A state as a coloured word."""
    return f'<span class="badge {tone}">{escape(text)}</span>'


def link(path: str, text: object) -> str:
    """A link."""
    return f'<a href="{escape(path)}">{escape(str(text)) or "(no name)"}</a>'


def plain(value: object) -> str:
    """A value as it stands in a field: no trailing zeros beyond two decimals, nothing for none."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = format(value, "f")
        whole, _, part = text.partition(".")
        return f"{whole}.{part.rstrip('0').ljust(2, '0')}" if part.strip("0") else whole
    return str(value)


def time(value: object) -> str:
    """A stored time without its letters."""
    return str(value).replace("T", " ").removesuffix("Z")


def money(value: Decimal | None, currency: str) -> str:
    """An amount with its currency."""
    if value is None:
        return ""
    digits = max(2, -int(value.normalize().as_tuple().exponent)) if value else 2
    return f"{value:,.{min(digits, 4)}f} {escape(currency)}"
