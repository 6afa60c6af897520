"""A plain page at `/`: products with their prices, price lists, the last requests, and small edit forms.

Edits are made as the salesperson and go through the same functions as the Web API, so versions, tracking, rules
and webhooks move as they would for a person in the sales app.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any
from urllib.parse import parse_qs

from .context import Context, Core
from .errors import DataverseError, bad_request
from .http import Request, Response
from .metadata.model import Table
from .store import Row, physical_columns, to_row
from .values import guid
from .writes.convert import check_limits
from .writes.rows import update_row

SHOWN = 100
# What the forms may change: table, and per field its column and how the text is read.
EDITABLE: dict[str, dict[str, Callable[[str], Any]]] = {
    "product": {"name": str, "productnumber": str, "description": str},
    "productpricelevel": {"amount": Decimal},
    "pricelevel": {"name": str}}
_STYLE = """body{font:14px system-ui,sans-serif;margin:2rem;color:#222}table{border-collapse:collapse;margin:1rem 0}
th,td{border:1px solid #ccc;padding:.3rem .6rem;text-align:left;vertical-align:top}th{background:#f4f4f4}
input,select,button{font:inherit}.error{background:#fdd;padding:.5rem}form{display:inline}"""


def answer(core: Core, request: Request, recent: list[dict[str, Any]]) -> Response:
    """GET `/` shows the page; POST `/` carries out one form and goes back to it."""
    if request.path not in ("", "/"):
        return Response(404, {"Content-Type": "text/plain; charset=utf-8"}, b"There is only one page: /")
    message = ""
    if request.method == "POST":
        try:
            _edit(core, {n: v[0] for n, v in parse_qs(request.body.decode(), keep_blank_values=True).items()})
        except DataverseError as exc:
            message = f"{exc.code} {exc.message}"
        else:
            return Response(303, {"Location": "/"})
    with core.store.lock:
        ctx = Context(core, core.actors["salesperson"], "")
        html = _page(ctx, recent, message, parse_qs(request.query).get("q", [""])[0])
    return Response(400 if message else 200, {"Content-Type": "text/html; charset=utf-8"}, html.encode())


def _edit(core: Core, form: dict[str, str]) -> None:
    table = core.registry.get(form.get("table", ""))
    row_id = guid(form.get("id", ""))
    if table is None or table.name not in EDITABLE or row_id is None:
        raise bad_request("The form names no editable row.")
    ctx = Context(core, core.actors["salesperson"], "")
    with core.store.transaction():
        core.registry.settle(core.clock.now())
        update_row(ctx, table, row_id, _changes(ctx, table, row_id, form))
    tally = core.counters.of("salesperson")
    tally.writes += 1
    tally.rows_written += ctx.rows_written


def _changes(ctx: Context, table: Table, row_id: str, form: dict[str, str]) -> Row:
    current = ctx.store.get(table, row_id) or {}
    values: Row = {}
    for name, kind in EDITABLE[table.name].items():
        if name not in form:
            continue
        try:
            value = kind(form[name].strip()) if form[name].strip() else None
        except InvalidOperation:
            raise bad_request(f"'{form[name]}' is not a number.") from None
        if value is not None:
            check_limits(table, table.columns[name], value)
        if value != current.get(name):
            values[name] = value
    if form.get("statecode", "").isdigit() and int(form["statecode"]) != current.get("statecode"):
        values["statecode"] = int(form["statecode"])
    return values


def _page(ctx: Context, recent: list[dict[str, Any]], message: str, search: str) -> str:
    products = _products(ctx, search)
    lists = ctx.store.find(ctx.table("pricelevel"), {}, limit=SHOWN)
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Dataverse sandbox</title><style>{_STYLE}</style>",
        "<h1>Dataverse sandbox</h1>", f"<p class=error role=alert>{escape(message)}</p>" if message else "",
        f"<form method=get action=/><input name=q value=\"{escape(search)}\" aria-label=Search> "
        "<button>Search</button></form>",
        f"<h2>Products</h2><p>The {SHOWN} changed last.</p>", _product_table(ctx, products, lists),
        "<h2>Price lists</h2>", _list_table(ctx, lists), "<h2>Last requests</h2>", _requests(recent), "</html>"]
    return "".join(parts)


def _products(ctx: Context, search: str) -> list[Row]:
    table = ctx.table("product")
    names = physical_columns(table)
    where = "WHERE dv_contains(name, ?) OR dv_contains(productnumber, ?)" if search else ""
    picked = ", ".join(f'"{n}"' for n in names)
    sql = f'SELECT {picked} FROM "product" {where} ORDER BY versionnumber DESC LIMIT {SHOWN}'  # noqa: S608 - names
    return [to_row(table, names, raw) for raw in ctx.store.query(sql, [search, search] if search else [])]


def _label(table: Table, column: str, value: object) -> str:
    return next((o.label for o in table.columns[column].options if o.value == value), str(value))


def _form(table: str, row: Row, pk: str, fields: str) -> str:
    hidden = f"<input type=hidden name=table value={table}><input type=hidden name=id value={row[pk]}>"
    return f"<form method=post action=/ data-id={row[pk]}>{hidden}{fields}<button>Save</button></form>"


def _input(name: str, value: object) -> str:
    shown = "" if value is None else escape(str(value), quote=True)
    return f'<input name={name} value="{shown}" aria-label={name}> '


def _states(table: Table, current: object) -> str:
    options = "".join(
        f"<option value={o.value}{' selected' if o.value == current else ''}>{escape(o.label)}</option>"
        for o in table.columns["statecode"].options)
    return f"<select name=statecode aria-label=statecode>{options}</select> "


def _product_table(ctx: Context, products: list[Row], lists: list[Row]) -> str:
    table = ctx.table("product")
    names = {row["pricelevelid"]: row["name"] for row in lists}
    rows = []
    for product in products:
        fields = _input("name", product["name"]) + _input("productnumber", product["productnumber"])
        form = _form("product", product, "productid", fields + _states(table, product["statecode"]))
        state = escape(_label(table, "statecode", product["statecode"]))
        prices = _prices(ctx, product, names)
        rows.append(f"<tr><td>{form}<td>{state}<td>{prices}<td>{product['modifiedon']}<td>{product['versionnumber']}")
    head = "<tr><th>Product<th>State<th>Prices<th>Modified<th>Version"
    return f"<table id=products>{head}{''.join(rows)}</table>"


def _prices(ctx: Context, product: Row, names: dict[str, str]) -> str:
    items = ctx.store.find(ctx.table("productpricelevel"), {"productid": product["productid"]}, limit=SHOWN)
    shown = []
    for item in items:
        amount = item["amount"].quantize(Decimal("0.0001")) if item["amount"] is not None else None
        form = _form("productpricelevel", item, "productpricelevelid", _input("amount", amount))
        shown.append(f"<div>{escape(str(names.get(item['pricelevelid'], item['pricelevelid'])))} {form}</div>")
    return "".join(shown)


def _list_table(ctx: Context, lists: list[Row]) -> str:
    table = ctx.table("pricelevel")
    rows = [
        f"<tr><td>{_form('pricelevel', row, 'pricelevelid', _input('name', row['name']))}"
        f"<td>{escape(_label(table, 'statecode', row['statecode']))}<td>{row['pricelevelid']}" for row in lists]
    return f"<table id=pricelists><tr><th>Price list<th>State<th>Id{''.join(rows)}</table>"


def _requests(recent: list[dict[str, Any]]) -> str:
    rows = [
        f"<tr><td>{entry['at']:%H:%M:%S}<td>{entry['actor']}<td>{entry['method']}"
        f"<td>{escape(entry['path'])}?{escape(entry['query'])}<td>{entry['status']}" for entry in recent]
    return f"<table id=requests><tr><th>Time<th>Actor<th>Method<th>Path<th>Status{''.join(rows)}</table>"
