"""Answers the pages: GET shows one, POST carries out a form and goes back to where it was sent from."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from sandbox.dataverse.context import Context, Core
from sandbox.dataverse.errors import DataverseError
from sandbox.dataverse.http import Request, Response
from sandbox.dataverse.values import guid

from . import catalogue, documents
from .changes import carry_out
from .layout import Frame, page

_PLAIN = {"/": ("Products", catalogue.products), "/pricelists": ("Price lists", catalogue.price_lists),
          "/accounts": ("Accounts", catalogue.accounts), "/contacts": ("Contacts", catalogue.contacts)}
HTML = {"Content-Type": "text/html; charset=utf-8"}


def answer(core: Core, request: Request, recent: list[dict[str, Any]]) -> Response:
    """The page a path names, or what became of a form."""
    path = "/" + request.path.strip("/")
    message = ""
    with core.store.lock:
        if request.method == "POST":
            try:
                sent = parse_qs(request.body.decode(), keep_blank_values=True)
                carry_out(core, {name: values[0] for name, values in sent.items()})
            except DataverseError as exc:
                message = f"{exc.code} {exc.message}"
            else:
                return Response(303, {"Location": path})
        shown = _show(core, path, parse_qs(request.query).get("q", [""])[0], message, recent)
    if shown is None:
        return Response(404, {"Content-Type": "text/plain; charset=utf-8"}, b"There is no such page; start at /")
    return Response(400 if message else 200, dict(HTML), shown.encode())


def _show(core: Core, path: str, search: str, message: str, recent: list[dict[str, Any]]) -> str | None:
    ctx = Context(core, core.actors["salesperson"], "")
    if path in _PLAIN:
        title, content = _PLAIN[path]
        return page(Frame(path, title, message, search=search), content(ctx, search))
    if path == "/requests":
        return page(Frame(path, "Last requests", message), catalogue.requests(recent))
    if path in documents.SECTIONS:
        frame = Frame(path, path.strip("/").capitalize(), message, search=search)
        return page(frame, documents.listing(ctx, documents.SECTIONS[path], search))
    return _record(ctx, path, message)


def _record(ctx: Context, path: str, message: str) -> str | None:
    start, _, row_id = path.rpartition("/")
    if start not in documents.SECTIONS or guid(row_id) is None:
        return None
    try:
        title, under, body = documents.record(ctx, documents.SECTIONS[start], str(guid(row_id)))
    except DataverseError:
        return None
    return page(Frame(path, title, message, under), body)
