"""Actions on documents and products, by the names and parameters they are documented with."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import fault
from .selling import Shop

INVALID_STATE = (400, "0x80040233")


def act(shop: Shop, path: str, body: dict[str, Any] | None = None, actor: str = "app") -> Any:
    """The answer to an action."""
    return shop.org.call("POST", path, body or {}, actor)


# closing --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("action", "status", "state", "reason"), [
    ("FulfillSalesOrder", -1, 3, 100001), ("FulfillSalesOrder", 100002, 3, 100002), ("CancelSalesOrder", -1, 2, 4),
    ("CancelSalesOrder", 4, 2, 4)])
def test_closing_an_order(shop: Shop, action: str, status: int, state: int, reason: int) -> None:
    """Fulfilling and cancelling set state and reason (-1 the default one) and leave an order close activity."""
    # FulfillSalesOrder, CancelSalesOrder; reference b.2
    order = shop.document(lines=[shop.written_in(10)])
    answer = shop.fulfil(order, action, status)
    assert (answer.status_code, answer.content) == (204, b"")
    row = shop.row(order)
    assert (row["statecode"], row["statuscode"], row["totalamount"]) == (state, reason, 10)
    (activity,) = shop.org.get(f"salesorders({order})/SalesOrder_OrderClose")["value"]
    assert (activity["subject"], activity["statecode"], activity["statuscode"]) == ("Done", 1, 2)
    assert (activity["ordernumber"], activity["actualend"]) == (row["ordernumber"], "2026-03-01T12:00:00Z")


def test_closing_an_order_twice(shop: Shop) -> None:
    """A closed order is neither fulfilled nor cancelled again."""
    # create or edit orders: an order can't be changed after it has been closed
    order = shop.document()
    shop.fulfil(order)
    assert fault(shop.fulfil(order)) == INVALID_STATE
    assert fault(shop.fulfil(order, "CancelSalesOrder")) == INVALID_STATE


def test_closing_with_a_reason_of_another_state(shop: Shop) -> None:
    """The status must belong to the state the action sets; nothing changes otherwise."""
    # reference b.2: 0x80048408
    order = shop.document()
    assert fault(shop.fulfil(order, status=4)) == (400, "0x80048408")
    assert (shop.row(order)["statecode"], shop.org.get("ordercloses")["value"]) == (0, [])


@pytest.mark.parametrize("body", [{}, {"OrderClose": {"subject": "x"}}, {"Status": -1},
                                  {"OrderClose": {"subject": "x"}, "Status": -1},
                                  {"OrderClose": {"subject": "x"}, "Status": "now"},
                                  {"OrderClose": {"subject": "x"}, "Status": -1, "Extra": 1}])
def test_actions_check_their_parameters(shop: Shop, body: dict[str, Any]) -> None:
    """A parameter that is missing, of the wrong type or unknown is refused."""
    # use-web-api-actions: parameters
    assert act(shop, "FulfillSalesOrder", body).status_code == 400


def test_closing_an_order_that_is_not_there(shop: Shop) -> None:
    """An unknown order answers 404."""
    # reference a.8: 0x80040217
    assert shop.fulfil("00000000-0000-0000-0000-000000000001").status_code == 404


def test_wrong_verb_on_an_action(shop: Shop) -> None:
    """An action called with GET answers 404."""
    # reference a.5: wrong verb
    assert shop.org.call("GET", "FulfillSalesOrder").status_code == 404


def test_winning_an_opportunity(shop: Shop) -> None:
    """Winning sets state, revenue and close date, and leaves an opportunity close activity."""
    # WinOpportunity; close opportunities as won or lost
    lead = shop.document("opportunity", [shop.written_in(10, 3)], isrevenuesystemcalculated=True)
    assert shop.close_opportunity(lead, status=3).status_code == 204
    row = shop.row(lead, "opportunity")
    assert (row["statecode"], row["statuscode"], row["actualvalue"]) == (1, 3, 30)
    assert row["actualclosedate"].startswith("2026-03-01")
    (activity,) = shop.org.get(f"opportunities({lead})/Opportunity_OpportunityClose")["value"]
    assert (activity["actualrevenue"], activity["statecode"]) == (30, 1)


@pytest.mark.parametrize(("status", "reason"), [(-1, 4), (4, 4), (5, 5)])
def test_losing_an_opportunity(shop: Shop, status: int, reason: int) -> None:
    """Losing takes one of the reasons of lost, and the revenue that was entered."""
    # LoseOpportunity; close opportunities as won or lost
    lead = shop.document("opportunity")
    assert shop.close_opportunity(lead, "LoseOpportunity", status, actualrevenue=7).status_code == 204
    row = shop.row(lead, "opportunity")
    assert (row["statecode"], row["statuscode"], row["actualvalue"]) == (2, reason, 7)


@pytest.mark.parametrize("action", ["WinOpportunity", "LoseOpportunity"])
def test_closing_a_closed_opportunity(shop: Shop, action: str) -> None:
    """An opportunity that is closed cannot be closed again."""
    # troubleshooting opportunities: already closed; error code list, 0x80040515
    lead = shop.document("opportunity")
    shop.close_opportunity(lead)
    assert fault(shop.close_opportunity(lead, action)) == (400, "0x80040515")


@pytest.mark.parametrize("active", [False, True])
def test_open_quotes_keep_an_opportunity_open(shop: Shop, active: bool) -> None:
    """With a draft or active quote the opportunity cannot be closed; with a closed one it can."""
    # troubleshooting opportunities: the opportunity can't be closed; error code list, 0x80040516
    lead = shop.document("opportunity")
    quote = shop.document("quote", **{"opportunityid@odata.bind": f"/opportunities({lead})"})
    if active:
        shop.activate(quote)
    assert fault(shop.close_opportunity(lead)) == (400, "0x80040516")
    if active:
        shop.close_quote(quote)
        assert shop.close_opportunity(lead).status_code == 204


def test_winning_a_quote(shop: Shop) -> None:
    """Winning an active quote sets Won and leaves a quote close activity with number and revision."""
    # WinQuote
    quote = shop.document("quote")
    shop.activate(quote)
    assert shop.close_quote(quote, "WinQuote").status_code == 204
    row = shop.row(quote, "quote")
    assert (row["statecode"], row["statuscode"], row["closedon"]) == (2, 4, "2026-03-01T12:00:00Z")
    (activity,) = shop.org.get(f"quotes({quote})/Quote_QuoteClose")["value"]
    assert (activity["quotenumber"], activity["revision"]) == (row["quotenumber"], 0)


@pytest.mark.parametrize(("status", "reason"), [(-1, 5), (5, 5), (6, 6), (7, 7)])
def test_closing_a_quote(shop: Shop, status: int, reason: int) -> None:
    """An active quote is closed as lost, canceled or revised."""
    # CloseQuote; close a quote: status reason
    quote = shop.document("quote")
    shop.activate(quote)
    assert shop.close_quote(quote, status=status).status_code == 204
    assert [shop.row(quote, "quote")[c] for c in ("statecode", "statuscode")] == [3, reason]


@pytest.mark.parametrize("action", ["WinQuote", "CloseQuote"])
def test_a_draft_quote_cannot_be_closed(shop: Shop, action: str) -> None:
    """A quote is closed or won only when it is active."""
    # close a quote: only when it's in the Active state
    assert fault(shop.close_quote(shop.document("quote"), action)) == INVALID_STATE
