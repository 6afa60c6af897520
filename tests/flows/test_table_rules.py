"""Rules 87 to 91: what a table does about lists, missing keys, deletions, unknown choices and absent lookup targets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops import checking
from shared import app as actions
from shared.flows import flow_named
from shared.mapping.tables import FLOW, name_of
from shared.sync.flow import Mode
from tests.flows.conftest import OpenTables
from tests.flows.test_customer_models import FILE as CUSTOMERS
from tests.flows.test_customer_models import by_contacts_only
from tests.flows.test_table_rows import ADD, ANTWERP, COLLECT, DRAFT, DROP, ISSUE, PRODUCT
from tests.support.plant import ENVIRONMENT, SHOP, signed
from tests.support.tables import SHIPPED, Tables, number, shipped, written

COLLECTIONS = """
flow = "tables_shopify_to_crm"
kind = "groups"

[source]
root = "collections"
type = "Collection"

[target]
table = "new_group"

[deleted]
action = "{action}"

[fields.name]
from = "title"
to = "new_name"

[fields.order]
from = "sortOrder"
to = "new_order"
values = {{ ALPHA_ASC = 1, BEST_SELLING = 2 }}
other = {other}
column = {{ type = "choice", label = "Order", options = {{ 1 = "Title", 2 = "Best selling", 3 = "Other" }} }}
"""


def _groups(tabling: OpenTables, folder: Path, action: str = "keep", other: str = '"park"') -> Tables:
    file = COLLECTIONS.format(action=action, other=other)
    return tabling(TABLES="groups", MAPPINGS_DIR=str(written(shipped(folder), groups=file)))


def _collection(shop: Tables, **given: object) -> str:
    return str(shop.done(COLLECT, i={"title": "Winter", **given})["collection"]["id"])


def _paused(shop: Tables, table: str) -> str:
    return shop.app.state.switches.all().get(name_of(table), "")


def test_rule_87_a_list_becomes_text_or_rows_by_the_file(tabling: OpenTables) -> None:
    """The rules of a smart collection are JSON in one column, its products rows of a table beside it."""
    shop = tabling(TABLES="collections")
    shop.done(PRODUCT, p={"title": "Hat", "vendor": "Acme"})
    rule = {"column": "VENDOR", "relation": "EQUALS", "condition": "Acme"}
    smart = _collection(shop, ruleSet={"appliedDisjunctively": True, "rules": [rule]})
    shop.run()
    row = shop.rows_of("new_shopifycollection", "new_shopifycollections")[number(smart)]
    assert json.loads(row["new_rules"]) == [rule]
    assert [each["new_name"] for each in shop.rows("new_shopifycollectionproducts")] == ["Hat"]
    shop.silent()


def test_rule_87_a_text_that_may_be_longer_than_its_column_stops_that_table_alone(
    tabling: OpenTables, tmp_path: Path
) -> None:
    """Lengths are held against CRM before anything runs: the table pauses with file, line and fix; others go on."""
    text = (SHIPPED / "tables" / "locations.toml").read_text(encoding="utf-8")
    folder = written(shipped(tmp_path), locations=text, places=text.replace('"locations"', '"places"', 1))
    shop = tabling(TABLES="locations,places", MAPPINGS_DIR=str(folder))
    longer = text.replace('"locations"', '"places"', 1).replace("`200`", "`300`")
    written(folder, places=longer)
    shop.done(ADD, input=ANTWERP)
    shop.run()
    said = "places.toml, line 20, column 8: name: it is cut to 300 and new_name holds 200 characters; write 200."
    assert said in _paused(shop, "places")
    assert _paused(shop, "locations") == ""
    assert len(shop.told_of("locations")) > 0
    assert shop.told_of("places") == []


def test_rule_87_a_value_that_does_not_fit_parks_its_record_alone(tabling: OpenTables, tmp_path: Path) -> None:
    """A text that nobody cuts is refused by CRM: the record is parked and named, the others arrive."""
    shop = _groups(tabling, tmp_path, other='"blank"')
    long, short = _collection(shop, title="x" * 201), _collection(shop)
    shop.run()
    assert list(shop.waiting("groups")) == [number(long)]
    assert list(shop.rows_of("new_group", "new_groups")) == [number(short)]


def test_rule_88_a_missing_key_stops_that_table_alone(tabling: OpenTables) -> None:
    """Without the alternate key rows could double: the table pauses and says what to run; others go on."""
    shop = tabling(TABLES="locations,collections")
    keys = "EntityDefinitions(LogicalName='new_shopifycollection')/Keys"
    admin = shop.wired({**ENVIRONMENT, **shop.environment, "DATAVERSE_TOKEN": "admin-token"}).crm
    (key,) = admin.get(keys, name="keys").data["value"]
    admin.send("DELETE", f"{keys}({key['MetadataId']})", None, name="drop a key")
    shop.done(ADD, input=ANTWERP)
    _collection(shop)
    shop.run()
    assert "The key on new_shopifycollection.new_shopifyid_acme is missing" in _paused(shop, "collections")
    assert len(shop.rows_of("new_shopifylocation", "new_shopifylocations")) == 2
    shop.set_up_again()
    shop.app.state.switches.resume(name_of("collections"))
    shop.run()
    assert len(shop.rows_of("new_shopifycollection", "new_shopifycollections")) == 1


@pytest.mark.parametrize(("action", "left"), [("keep", [0]), ("deactivate", [1]), ("delete", [])])
@pytest.mark.parametrize("told", [True, False])
def test_rule_89_a_deleted_source_is_kept_deactivated_or_deleted(
    tabling: OpenTables, tmp_path: Path, action: str, left: list[int], told: bool
) -> None:
    """By the file's word, whether its topic tells of it or the night's comparison finds it; the pair rests."""
    shop = _groups(tabling, tmp_path, action, '"blank"')
    group = _collection(shop)
    shop.run()
    shop.done(DROP, i={"id": group})
    if told:
        body = json.dumps({"id": int(number(group))}).encode()
        assert actions.receive(FLOW, signed(body, topic="collections/delete"), body)[0] == 200
        shop.work()
    else:
        shop.night("groups")
    assert [row["statecode"] for row in shop.rows("new_groups")] == left
    pair = shop.pair_of("groups", number(group))
    assert pair is not None
    assert pair.state.value == "tombstone"
    shop.silent()


@pytest.mark.parametrize(("other", "found"), [('"park"', "parked"), ('"blank"', None), ("3", 3)])
def test_rule_90_an_unknown_choice_is_parked_blank_or_another_and_never_made(
    tabling: OpenTables, tmp_path: Path, other: str, found: object
) -> None:
    """A value that the table does not list: by the file's word; the choice keeps the options that setup gave it."""
    shop = _groups(tabling, tmp_path, other=other)
    group = _collection(shop, sortOrder="PRICE_ASC")
    shop.run()
    rows = shop.rows_of("new_group", "new_groups")
    if found == "parked":
        assert rows == {}
        assert "is not in its values table" in shop.waiting("groups")[number(group)].sentence
    else:
        assert rows[number(group)]["new_order"] == found
    shop.app.metadata.forget("new_group")
    assert shop.app.metadata.table("new_group").columns["new_order"].info.options == ("1", "2", "3")


def _with_customers(shop: Tables) -> None:
    """The customers' flow is switched on, and the app started again."""
    on = {**shop.app.settings.modes, "customers_shopify_to_crm": Mode.ON}
    object.__setattr__(shop.app.settings, "modes", on)
    shop.app._jobs.clear()


def test_rule_91_a_lookup_waits_for_its_target(tabling: OpenTables) -> None:
    """A draft order of a customer who is on his way arrives behind him, with the lookup to his account."""
    shop = tabling(TABLES="draft_orders")
    customer = shop.customer(firstName="Jane", lastName="Doe", email="jane@shoe.example")
    given = {"purchasingEntity": {"customerId": f"gid://shopify/Customer/{customer}"}}
    lines = [{"title": "Hat", "quantity": 1, "originalUnitPrice": "5"}]
    draft = number(str(shop.done(DRAFT, i={"lineItems": lines, **given})["draftOrder"]["id"]))
    actions.tick(FLOW)
    shop.clock.advance(120)
    for message in shop.app.state.queue_service.receive("load-tables-shopify-to-crm", 32, 600):
        actions.work(FLOW, message.text.encode())
        shop.app.state.queue_service.delete("load-tables-shopify-to-crm", message)
    assert shop.rows_of("new_shopifydraftorder", "new_shopifydraftorders") == {}
    assert [each.verdict.value for each in shop.told_of("draft_orders")] == ["later"]
    _with_customers(shop)
    shop.run()
    row = shop.rows_of("new_shopifydraftorder", "new_shopifydraftorders")[draft]
    assert row["_new_customerid_value"] == shop.account_of(customer)["accountid"]


def test_rule_91_a_target_that_never_comes_parks_the_record(tabling: OpenTables) -> None:
    """It is tried for as long as any record is, then parked; when the target is paired it comes back by itself."""
    shop = tabling(TABLES="draft_orders", SYNC_RETRY_AGE_S="600")
    customer = shop.customer(firstName="Jane", lastName="Doe", email="jane@shoe.example")
    given = {"purchasingEntity": {"customerId": f"gid://shopify/Customer/{customer}"}}
    lines = [{"title": "Hat", "quantity": 1, "originalUnitPrice": "5"}]
    draft = number(str(shop.done(DRAFT, i={"lineItems": lines, **given})["draftOrder"]["id"]))
    shop.run()
    row = shop.waiting("draft_orders")[draft]
    assert row.sentence.startswith("Tried for 0 hours")
    assert row.facts["waits_for"] == [["customers", customer]]
    _with_customers(shop)
    shop.run()
    assert shop.waiting("draft_orders") == {}
    row_now = shop.rows_of("new_shopifydraftorder", "new_shopifydraftorders")[draft]
    assert row_now["_new_customerid_value"] == shop.account_of(customer)["accountid"]


def _by_contacts(folder: Path) -> Path:
    """The shipped files, of customers as contacts."""
    made = shipped(folder)
    (made / CUSTOMERS).write_text(by_contacts_only((SHIPPED / CUSTOMERS).read_text("utf-8")), "utf-8")
    return made


def test_rule_91_a_lookup_to_another_table_than_its_kinds_rows_are_in_stops_that_table_alone(
    tabling: OpenTables, tmp_path: Path
) -> None:
    """Customers are contacts and gift cards look for accounts: file, line and fix are told, nothing is parked."""
    text = (SHIPPED / "tables" / "gift_cards.toml").read_text("utf-8")
    folder = written(_by_contacts(tmp_path), gift_cards=text)
    shop = tabling(TABLES="gift_cards", MAPPINGS_DIR=str(folder), CUSTOMERS_SHOPIFY_TO_CRM_MODE="on")
    customer = shop.customer(firstName="Jane", lastName="Doe", email="jane@shoe.example")
    shop.done(ISSUE, i={"initialValue": "5", "customerId": f"gid://shopify/Customer/{customer}"})
    shop.run()
    line = 1 + text[: text.index('table = "account"')].count("\n")
    said = 'customer: the rows of customers are in contact, not in account; write table = "contact"'
    assert f"gift_cards.toml, line {line}, column " in _paused(shop, "gift_cards")
    assert said in _paused(shop, "gift_cards")
    (shown,) = {each for each in checking.check_flow(shop.app, flow_named(name_of("gift_cards")), SHOP)
                if each.level == "error"}  # fmt: skip
    assert (shown.line, shown.sentence) == (line, f"{said}.")
    assert (shop.waiting("gift_cards"), shop.told_of("gift_cards")) == ({}, [])


def test_rule_91_customers_as_contacts_are_looked_up_as_contacts(tabling: OpenTables, tmp_path: Path) -> None:
    """With the one word that docs/tables.md names changed, a gift card leads to its customer's contact."""
    text = (SHIPPED / "tables" / "gift_cards.toml").read_text("utf-8").replace('table = "account"', 'table = "contact"')
    folder = written(_by_contacts(tmp_path), gift_cards=text)
    shop = tabling(TABLES="gift_cards", MAPPINGS_DIR=str(folder), CUSTOMERS_SHOPIFY_TO_CRM_MODE="on")
    customer = shop.customer(firstName="Jane", lastName="Doe", email="jane@shoe.example")
    shop.done(ISSUE, i={"initialValue": "5", "customerId": f"gid://shopify/Customer/{customer}"})
    shop.run()
    (row,), (contact,) = shop.rows("new_shopifygiftcards"), shop.rows("contacts")
    assert row["_new_customerid_value"] == contact["contactid"]
