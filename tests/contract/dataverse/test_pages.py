"""The pages to look at and to edit: every form goes through the Web API's own code (own feature, no vendor page)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .selling import KINDS, Shop

PATHS = {"salesorder": "/orders", "quote": "/quotes", "opportunity": "/opportunities", "invoice": "/invoices"}


def show(shop: Shop, path: str, status: int = 200) -> str:
    """The text of a page."""
    found = shop.org.session.get(f"https://org.example{path}")
    assert found.status_code == status, found.text
    return str(found.text)


def save(shop: Shop, path: str, **fields: Any) -> Any:
    """The answer to a form, not followed."""
    return shop.org.session.post(f"https://org.example{path}", data=fields, allow_redirects=False)


def test_every_page_answers_without_scripts(shop: Shop) -> None:
    """Each section answers with a page that names itself, fits a phone and runs no script."""
    # issue: works without JavaScript, readable on a phone
    for path in ("/", "/pricelists", "/accounts", "/contacts", "/requests", *PATHS.values()):
        text = show(shop, path)
        assert "<h1>" in text
        assert "name=viewport" in text
        assert not re.search(r"<script|javascript:|\son\w+=", text)


def test_unknown_pages(shop: Shop) -> None:
    """A path or a record that is not there answers 404."""
    # own rule
    show(shop, "/nope", 404)
    show(shop, "/orders/00000000-0000-0000-0000-000000000001", 404)
    show(shop, "/orders/1", 404)


def test_what_is_shown_is_escaped(shop: Shop) -> None:
    """Text of a record never becomes part of the page."""
    # own rule
    shop.org.create("accounts", {"name": "<b onclick=x>&'\""})
    shop.document(name="<i>")
    shop.org.call("GET", "accounts?$filter=name eq '<u>'")
    for path in ("/accounts", "/orders", "/requests"):
        assert not re.search(r"<b onclick|<i>|<u>", show(shop, path))


@pytest.mark.parametrize("kind", KINDS)
def test_documents_show_lines_and_totals(shop: Shop, kind: str) -> None:
    """The list of a document's kind shows its total, its own page the lines and every total."""
    # issue, part 9: orders with lines and totals
    header = shop.document(kind, [shop.written_in(12.5, 2, tax=5)], freightamount=3)
    listed = show(shop, PATHS[kind])
    assert f'href="{PATHS[kind]}/{header}"' in listed
    assert "33.00 EUR" in listed
    text = show(shop, f"{PATHS[kind]}/{header}")
    for part in ("Written in", "25.00 EUR", "30.00 EUR", "5.00 EUR", "3.00 EUR", "id=total>33.00 EUR"):
        assert part in text


def test_pricing_errors_are_shown(shop: Shop) -> None:
    """A line that could not be priced says why."""
    # options of pricingerrorcode
    order = shop.document(lines=[shop.existing(shop.on_sale(amount=None))])
    text = show(shop, f"/orders/{order}")
    assert "Product Not In Price Level" in text
    assert "Detail Error" in text


def test_a_line_is_edited_and_deleted(shop: Shop) -> None:
    """A line's form changes only what differs, as the salesperson; the totals follow."""
    # issue, part 9: records editable through the same pipeline
    order = shop.document(lines=[shop.written_in(10, 2), shop.written_in(1)])
    first = shop.lines(order)[0]
    form = {"table": "salesorderdetail", "id": first["salesorderdetailid"], "quantity": "3", "priceperunit": "10.00",
            "manualdiscountamount": "", "tax": "2,5"}
    assert save(shop, f"/orders/{order}", **form).status_code == 400
    answer = save(shop, f"/orders/{order}", **{**form, "tax": "2.5"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/orders/{order}")
    assert shop.total(order) == 33.5
    changed = shop.org.get(f"salesorderdetails({first['salesorderdetailid']})")
    assert changed["_modifiedby_value"] == shop.org.id_of("systemuser/salesperson")
    save(shop, f"/orders/{order}", table="salesorderdetail", id=first["salesorderdetailid"], action="Delete")
    assert shop.total(order) == 1


def test_a_header_is_edited(shop: Shop) -> None:
    """Name, discounts, freight and state of a document are edited on its page."""
    # issue, part 9
    order = shop.document(lines=[shop.written_in(100)])
    save(shop, f"/orders/{order}", table="salesorder", id=order, name="New", discountpercentage="10",
         discountamount="", freightamount="5", statecode="0")
    row = shop.row(order)
    assert (row["name"], row["totalamount"]) == ("New", 95)


def test_lines_keep_their_place(shop: Shop) -> None:
    """A line that was edited stays where it stood."""
    # own rule
    order = shop.document(lines=[shop.written_in(1, productdescription="First"), shop.written_in(2)])
    first = shop.lines(order)[0]["salesorderdetailid"]
    save(shop, f"/orders/{order}", table="salesorderdetail", id=first, quantity="7")
    text = show(shop, f"/orders/{order}")
    assert text.index("First") < text.index("Written in")


def test_closed_documents_offer_no_moves(shop: Shop) -> None:
    """A closed document has no button that could only be refused."""
    # own rule
    order = shop.document()
    shop.fulfil(order)
    assert "name=action" not in show(shop, f"/orders/{order}")


def test_refusals_are_shown(shop: Shop) -> None:
    """What the Web API refuses stands on the page with its code, and nothing changes."""
    # error code list, 0x8004022E
    order = shop.document(name="Old")
    shop.fulfil(order)
    answer = save(shop, f"/orders/{order}", table="salesorder", id=order, name="New")
    assert (answer.status_code, "0x8004022E" in answer.text) == (400, True)
    assert shop.row(order)["name"] == "Old"


@pytest.mark.parametrize(("kind", "action", "state"), [
    ("salesorder", "FulfillSalesOrder", 3), ("salesorder", "CancelSalesOrder", 2), ("opportunity", "WinOpportunity", 1),
    ("opportunity", "LoseOpportunity", 2), ("quote", "WinQuote", 2), ("quote", "CloseQuote", 3)])
def test_buttons_close_documents(shop: Shop, kind: str, action: str, state: int) -> None:
    """Each closing button runs its action."""
    # reference b.2: actions
    header = shop.document(kind)
    if kind == "quote":
        shop.activate(header)
    assert f'name=action value="{action}"' in show(shop, f"{PATHS[kind]}/{header}")
    assert save(shop, f"{PATHS[kind]}/{header}", table=kind, id=header, action=action).status_code == 303
    assert shop.row(header, kind)["statecode"] == state


@pytest.mark.parametrize("kind", ["salesorder", "invoice"])
def test_buttons_lock_prices(shop: Shop, kind: str) -> None:
    """The button locks prices, and then unlocks them."""
    # lock or unlock the price for an order or invoice
    header = shop.document(kind)
    for action, locked in (("Lock", True), ("Unlock", False)):
        assert f'name=action value="{action}"' in show(shop, f"{PATHS[kind]}/{header}")
        save(shop, f"{PATHS[kind]}/{header}", table=kind, id=header, action=action)
        assert shop.row(header, kind)["ispricelocked"] is locked


def test_opening_a_record_takes_current_prices(shop: Shop) -> None:
    """A record that is opened on its page is calculated, as it is in the sales app."""
    # price calculation: when the record is opened
    order = shop.document(lines=[shop.existing(shop.on_sale(amount=10))])
    (item,) = shop.org.get("productpricelevels?$select=productpricelevelid")["value"]
    save(shop, "/", table="productpricelevel", id=item["productpricelevelid"], amount="12")
    assert "id=total>12.00 EUR" in show(shop, f"/orders/{order}")


@pytest.mark.parametrize("form", [
    {"table": "systemuser"}, {"table": "account", "id": "x"}, {}, {"table": "account", "action": "Delete"},
    {"table": "salesorder", "action": "Nonsense"}])
def test_forms_that_are_not_ours(shop: Shop, form: dict[str, str]) -> None:
    """A form that names no editable row or an unknown action is refused."""
    # own rule
    assert save(shop, "/accounts", **{"id": shop.account, **form}).status_code == 400
    assert shop.org.get(f"accounts({shop.account})")["name"] == "Buyer"


def test_search(shop: Shop) -> None:
    """A search keeps the rows that contain the text."""
    # own rule
    shop.document(name="Alpha")
    shop.document(name="Beta")
    text = show(shop, "/orders?q=alph")
    assert "Alpha" in text
    assert "Beta" not in text


def test_page_writes_are_counted_and_announced(shop: Shop) -> None:
    """A form counts as a write of the salesperson and shows in change tracking."""
    # issue, part 9: the same pipeline
    first = shop.org.get("accounts?$select=name", Prefer="odata.track-changes")["@odata.deltaLink"]
    before = shop.org.sandbox.counters.of("salesperson").writes
    save(shop, "/accounts", table="account", id=shop.account, name="Renamed", emailaddress1="", telephone1="")
    assert shop.org.sandbox.counters.of("salesperson").writes == before + 1
    (changed,) = shop.org.get(first, Prefer="odata.track-changes")["value"]
    assert changed["name"] == "Renamed"
