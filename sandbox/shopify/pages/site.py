"""Which page is where: the overview, a list per kind, a page per record, and where a form leads back to.

Reads only; changes are `edits`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from sandbox.shopify.pages import edits, layout, metaobjects, orders, people, products, traffic
from sandbox.shopify.pages.reading import Visit, pages, search_box

if TYPE_CHECKING:
    from sandbox.shopify.server import ShopifySandbox

List = Callable[[Visit], tuple[str, dict[str, Any], str]]
LISTS: dict[str, tuple[str, List, str]] = {
    "products": ("Products", products.listing, "title:chair AND status:active"),
    "customers": ("Customers", people.customers, "email:ada@example.com"),
    "orders": ("Orders", orders.orders, "financial_status:paid"),
    "drafts": ("Draft orders", orders.drafts, "status:open"),
    "companies": ("Companies", people.companies, "name:Acme"),
}
RECORDS: dict[str, Callable[[Visit, int], tuple[str, str] | None]] = {
    "products": products.one,
    "customers": people.customer,
    "orders": orders.order,
    "drafts": orders.draft,
    "companies": people.company,
    "metaobjects": metaobjects.one,
    "webhooks": traffic.delivery,
}
# Where a form is on when nobody says it: the list of its kind.
HOME = {"variant": "products", "company": "companies"}
ON_OVERVIEW = {"products": 12, "customers": 5, "orders": 8, "drafts": 5, "companies": 5}
TRAFFIC = 20


def show(sandbox: ShopifySandbox, request: Request, what: str = "", number: int | None = None) -> Response:
    """One page; 404 for a record that is not there."""
    return _page(sandbox, request, f"/{what}" if what else "/", number, "", 200)


def edit(sandbox: ShopifySandbox, request: Request, kind: str, number: int) -> Response:
    """Carry out a form and go back to where it was; a refusal is shown on top of that page."""
    problem = edits.apply(sandbox, kind, number, request.form.to_dict())
    where = _back(request, kind)
    if problem is None:
        return Response("", 303, {"Location": where})
    place, _, rest = where.partition("?")[0].lstrip("/").partition("/")
    return _page(sandbox, request, f"/{place}" if place else "/", int(rest) if rest.isdigit() else None, problem, 422)


def _back(request: Request, kind: str) -> str:
    """The page the form was on, as far as it is one of ours."""
    host = request.host_url.rstrip("/")
    referrer = request.referrer or ""
    if referrer.startswith(f"{host}/") and "/edit/" not in referrer:
        return referrer[len(host) :]
    name = kind.partition("-")[0]
    home = HOME.get(name, f"{name}s")
    return f"/{home}" if home in RECORDS else "/"


def _page(
    sandbox: ShopifySandbox, request: Request, place: str, number: int | None, alert: str, status: int
) -> Response:
    visit = Visit(sandbox, 25, request.args.get("after") or None, request.args.get("q") or None)
    what = place.lstrip("/")
    try:
        found = _record(visit, what, number) if number is not None else _body(visit, what)
    except RuntimeError as error:
        found, alert, status = ("Problem", ""), str(error), 500
    if found is None:
        found, status = ("Not found", "<p class=empty>There is no such record, or not any more.</p>"), 404
    title, body = found
    head = f"<h1>{layout.text(title)}</h1>"
    html = layout.frame(sandbox.config.shop, place, title, head + body, alert)
    return Response(html, status, content_type="text/html; charset=utf-8")


def _record(visit: Visit, what: str, number: int) -> tuple[str, str] | None:
    return RECORDS[what](visit, number) if what in RECORDS else None


def _body(visit: Visit, what: str) -> tuple[str, str] | None:
    if what in LISTS:
        title, listing, hint = LISTS[what]
        body, info, note = listing(visit)
        return title, search_box(visit, f"/{what}", hint) + layout.section(title, note, body) + pages(
            visit, f"/{what}", info
        )
    whole = Visit(visit.box, 200)
    if what == "metaobjects":
        return "Metaobjects", metaobjects.sections(visit)
    if what == "calls":
        return "API calls", layout.section("The last calls", "", traffic.calls(whole))
    if what == "webhooks":
        body = layout.section("Subscriptions", "", traffic.subscriptions(whole))
        return "Webhooks", body + layout.section("Deliveries", "the last ones first", traffic.deliveries(whole))
    return ("Overview", _overview(visit)) if what == "" else None


def _overview(visit: Visit) -> str:
    body, tiles = "", ""
    for what, size in ON_OVERVIEW.items():
        title, listing, _ = LISTS[what]
        shown, _, note = listing(Visit(visit.box, size))
        body += layout.section(title, note, shown, f"/{what}")
        tiles += f'<a href="/{what}"><b>{layout.text(note.split(" ", 1)[0])}</b>{layout.text(title)}</a>'
    some = Visit(visit.box, TRAFFIC)
    body += layout.section("Last API calls", "", traffic.calls(some), "/calls")
    body += layout.section("Webhook deliveries", "", traffic.deliveries(some), "/webhooks")
    lead = "<p class=lead>Changes made here run through the API, as a person in the store would make them.</p>"
    return f'{lead}<nav class=tiles aria-label="Counts">{tiles}</nav>{body}'
