"""`explain` for every flow: pair, both states, each field with its values, expression, base, owner and decision."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.__main__ import main
from sandbox.wsgi_adapter import WsgiAdapter
from shared import wiring
from shared.mapping.load import load
from shared.mapping.tables import name_of
from shared.settings import Settings
from tests.contract.ops.shapes import hold
from tests.flows.conftest import OpenBusiness, OpenTables, OpenTrade
from tests.flows.test_table_rows import DRAFT
from tests.support.clientele import Clientele
from tests.support.companies import COMPANIES
from tests.support.orders import JANE, ORDERS
from tests.support.papers import BACK, OUTWARD, Papers, text
from tests.support.tables import number as numeric
from tests.support.till import bought, item

MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
CUSTOMERS = "customers_shopify_to_crm"
Explain = Callable[[Clientele, str, str], Any]


@pytest.fixture
def explain(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Explain:
    """What `explain FLOW ID --json` says in a world; nothing may be written by asking."""
    made = wiring.open_app

    def say(world: Clientele, flow: str, record: str) -> Any:
        def opened(settings: Settings) -> wiring.App:
            app = made(settings, clock=world.clock, state=world.app.state)
            app.crm.transport.session.mount("https://", WsgiAdapter(world.crm.wsgi))
            for client in app.shopify.values():
                client.transport.session.mount("https://", WsgiAdapter(world.shopify.wsgi))
            return app

        capsys.readouterr()
        before = world.writes()
        with monkeypatch.context() as patched:
            patched.setattr(wiring, "open_app", opened)
            main(["--json", "explain", flow, record], world.environment)
        told = capsys.readouterr()
        assert told.out, told.err
        answer = json.loads(told.out)
        hold(["explain", flow, record], answer)
        assert world.writes() == before
        return answer

    return say


def whole(answer: Any, fields: int) -> dict[str, Any]:
    """The fields by their names; every one of them says all that is promised."""
    assert answer["pair"]["state"] == "paired"
    assert answer["target_id"]
    assert {"read_at", "written_at", "moved", "born"} <= answer["pair"].keys()
    assert len(answer["fields"]) == fields
    for each in [*answer["fields"], *(field for line in answer["lines"] for field in line["fields"])]:
        assert each["expression"], each
        assert each["decision"], each
        assert each["owner"] in ("crm", "shopify"), each
        assert each["reads"] or each["expression"].startswith(("value", "constant", "[")), each
        assert (each["source_base"], each["target_base"]) in (("equal", "equal"), ("", "equal")), each
    assert "created" in [past["verdict"] for past in answer["outcomes"]]
    return {each["field"]: each for each in answer["fields"]}


def brief(field: dict[str, Any]) -> tuple[Any, ...]:
    """What is read, wanted and held, and what is decided."""
    return (*field["reads"].values(), field["wanted"], field["actual"], field["decision"])


def number(flow: str) -> int:
    """How many fields the shipped file of a flow has."""
    return len(load(MAPPINGS, flow).model.fields)


def test_a_customer_is_explained(explain: Explain, people: Clientele) -> None:
    """Promise: both tables' fields, what sales changed, and what was cut, with the lengths; then the outcomes."""
    customer = people.customer(**JANE, note="n" * 2100)
    people.run()
    fields = whole(explain(people, CUSTOMERS, customer), number(CUSTOMERS))
    assert brief(fields["contact_first_name"]) == ("Jane", "Jane", "Jane", "already equal")
    assert fields["note"]["decision"] == "already equal; cut from 2100 to 2000 characters"
    assert len(fields["note"]["actual"]) == 2000
    people.change("accounts", people.account_of(customer)["accountid"], address1_city="Ghent")
    answer = explain(people, CUSTOMERS, customer)
    city = next(each for each in answer["fields"] if each["field"] == "city")
    assert (city["source_base"], city["target_base"], city["owner"], city["actual"]) == (
        "equal",
        "moved",
        "shopify",
        "Ghent",
    )
    assert city["decision"] == "changed on the target by somebody, the mapping accepts it"


def test_a_company_is_explained_with_its_people_and_places(explain: Explain, firms: OpenBusiness) -> None:
    """Promise: at rest, too, every person and address stands there with its row and its fields."""
    firm = firms()
    company = firm.company("Acme", person={"email": "boss@acme.example", "firstName": "Bo", "lastName": "Ss"})
    firm.open(company, "Yard")
    firm.run()
    answer = explain(firm, COMPANIES, company)
    fields = whole(answer, number(COMPANIES))
    assert answer["verdict"] == "leave"
    assert brief(fields["name"]) == ("Acme", "Acme", "Acme", "already equal")
    (person, place) = answer["lines"]
    assert (person["line"].split("[")[0], place["line"].split("[")[0]) == ("lines.contacts", "lines.shipping")
    assert person["row"] == firm.people(company)["boss@acme.example"]["contactid"]
    email = next(each for each in person["fields"] if each["field"] == "email")
    assert list(email["reads"]) == ["customer.defaultEmailAddress.emailAddress"]
    assert brief(email) == (*["boss@acme.example"] * 3, "already equal")


def test_an_order_is_explained_with_its_lines(explain: Explain, trading: OpenTrade) -> None:
    """Promise: amounts that are computed, rows it refers to, and each line with product, price and what was agreed."""
    trade = trading()
    (variant,) = trade.offer("L-1")
    trade.run()
    order = trade.order(bought(variant, "20.00", 2), item("Tea", "10.00"), by=JANE)
    trade.run()
    answer = explain(trade, ORDERS, order)
    fields = whole(answer, number(ORDERS))
    assert brief(fields["account"])[0] == trade.crm_order(order)["_customerid_value"]
    lines = {each["line"]: {field["field"]: field for field in each["fields"]} for each in answer["lines"]}
    assert len(lines) == 3
    (status,) = [fields for name, fields in lines.items() if name.startswith("lines.status")]
    assert brief(status["financial"])[0] == status["financial"]["actual"]
    prices = sorted(fields["price"]["actual"] for name, fields in lines.items() if name.startswith("lines.items"))
    assert prices == ["10.0000", "20.0000"]
    trade.by_hand(order, "Tea", priceperunit=9)
    answer = explain(trade, ORDERS, order)
    (tea,) = [each for each in answer["lines"] if any(field["actual"] == "9.0000" for field in each["fields"])]
    price = next(field for field in tea["fields"] if field["field"] == "price")
    assert (price["wanted"], price["source_base"], price["target_base"]) == ("10.0000", "equal", "moved")
    assert "the mapping accepts it" in price["decision"]


def test_an_order_that_waits_is_explained(explain: Explain, trading: OpenTrade) -> None:
    """Promise: an order that is parked shows why, and its values all the same."""
    trade = trading()
    order = trade.order(item("Tea", "10.00", currency="CHF"), currency="CHF", note="Ring twice")
    trade.run()
    answer = explain(trade, ORDERS, order)
    assert (answer["pair"], answer["target_id"], answer["verdict"]) == (None, None, "park")
    assert answer["parked"]["sentence"] == answer["reason"]
    assert "CHF" in answer["reason"]
    note = next(each for each in answer["fields"] if each["field"] == "note")
    assert (note["reads"], note["decision"]) == ({"note": "Ring twice"}, "not decided")


def test_a_document_and_its_order_are_explained(explain: Explain, papers: Papers) -> None:
    """Promise: both ways: what is sent with its lines, and what comes back; each names its counterpart."""
    document = papers.sold(text("Tea", 10, 2))
    papers.run()
    answer = explain(papers, OUTWARD, document)
    fields = whole(answer, number(OUTWARD))
    assert fields["total"]["reads"] == {"document.total": "20.0000"}
    (line,) = [each for each in answer["lines"] if "status" not in each["line"]]
    quantity = next(each for each in line["fields"] if each["field"] == "quantity")
    assert brief(quantity)[-1] == "already equal"
    order = papers.of(document)["legacyResourceId"]
    assert answer["target_id"] == order
    back = explain(papers, BACK, order)
    assert back["target_id"] == document
    assert len(back["fields"]) == number(BACK)
    name = next(each for each in back["fields"] if each["field"] == "order_name")
    assert brief(name) == ("#1001", "#1001", "#1001", "already equal")
    assert {past["flow"] for past in answer["outcomes"]} == {OUTWARD, BACK}


def test_both_flows_of_products_explain_one_pair(explain: Explain, trading: OpenTrade) -> None:
    """Promise: a variant and its product are explained from either side, with one owner of what both write."""
    trade = trading()
    (variant,) = trade.offer("L-1")
    trade.run()
    inward = explain(trade, "products_shopify_to_crm", variant)
    fields = whole(inward, number("products_shopify_to_crm"))
    outward = explain(trade, "products_crm_to_shopify", inward["target_id"])
    assert outward["target_id"] == variant
    price = next(each for each in outward["fields"] if each["field"] == "price")
    assert (price["owner"], fields["price"]["owner"], price["two_way"]) == ("crm", "crm", True)
    assert (price["actual"], fields["price"]["actual"]) == ("20.00", "20.0000")


def test_a_record_whose_row_was_deleted_is_explained_by_that(explain: Explain, tabling: OpenTables) -> None:
    """Promise: before its next change, too, one sentence says that its row is gone and how it comes back."""
    shop = tabling(TABLES="draft_orders")
    shop.run()
    line = {"title": "Hat", "quantity": 2, "originalUnitPrice": "10.50"}
    draft = numeric(str(shop.done(DRAFT, i={"lineItems": [line]})["draftOrder"]["id"]))
    shop.run()
    (row,) = shop.rows("new_shopifydraftorders")
    shop.delete("new_shopifydraftorders", row["new_shopifydraftorderid"])
    answer = explain(shop, name_of("draft_orders"), draft)
    assert (answer["verdict"], answer["target_id"]) == ("leave", row["new_shopifydraftorderid"])
    assert answer["reason"] == (
        "Its counterpart in crm was deleted: it comes back with the record's next change, or now by "
        "`python -m ops pairs unlink ID`."
    )
    assert (answer["pair"]["state"], answer["pair"]["crm_id"]) == ("paired", row["new_shopifydraftorderid"])
    assert answer["pair"]["written_at"]["crm"] is not None


def test_a_customer_whose_account_was_deleted_is_explained_by_that(explain: Explain, people: Clientele) -> None:
    """Promise: where it does not come back by itself, the sentence says that its next change is parked, and the way."""
    customer = people.customer(**JANE)
    people.run()
    account = people.account_of(customer)["accountid"]
    people.delete("contacts", people.contact_of(customer)["contactid"])
    people.delete("accounts", account)
    answer = explain(people, CUSTOMERS, customer)
    assert "the record's next change is parked; `python -m ops pairs unlink ID` has it made anew" in answer["reason"]
    assert answer["pair"]["crm_id"] == account
