"""How a table learns what changed: listings of any length, webhooks of several tables, pauses of one and of all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ops.cli import main
from sandbox.dataverse.security import VERBS, privilege
from shared import app as actions
from shared import settings, subscribing, wiring
from shared.errors import SettingMissing
from shared.flows import FLOWS
from shared.mapping.tables import FLOW, name_of
from shared.records import Message, Origin
from shared.shopify import rows
from shared.state.queues import to_text
from shared.sync.flow import Mode
from shared.telemetry import metered
from tests.flows.conftest import OpenTables
from tests.flows.test_table_rows import ADD, ANTWERP, COLLECT, DELETE, DROP, EDIT, PRODUCT, SHUT
from tests.support.plant import ENVIRONMENT, SHOP, signed
from tests.support.tables import SHIPPED, Tables, number, shipped, written


def _place(shop: Tables, name: str = "Antwerp") -> str:
    return str(shop.done(ADD, input={**ANTWERP, "name": name})["location"]["id"])


def _handled(shop: Tables, table: str) -> int:
    runs = shop.app.state.runs.last(SHOP, name_of(table), 500)
    return sum(row.read for row in runs)


def test_a_listing_gives_out_only_what_is_not_as_it_was(tabling: OpenTables) -> None:
    """Every tick lists all locations, and hands on the one that changed, or is gone; the rest costs no work."""
    shop = tabling(TABLES="locations")
    first, second = _place(shop), _place(shop, "Ghent")
    shop.run()
    before = _handled(shop, "locations")
    shop.run()
    assert _handled(shop, "locations") == before
    shop.done(EDIT, id=first, input={"name": "Antwerp South"})
    shop.run()
    assert _handled(shop, "locations") == before + 1
    for text, more in ((SHUT, {"key": "k"}), (DELETE, {})):
        shop.done(text, id=second, **more)
    shop.run()
    row = shop.rows_of("new_shopifylocation", "new_shopifylocations")[number(second)]
    assert row["statecode"] == 1


def test_a_long_listing_is_gone_through_once_an_hour(tabling: OpenTables, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is too much to remember, all is given out, but no more often; changes and nothing else is written."""
    monkeypatch.setattr(rows, "MOST_KNOWN", 40)
    shop = tabling(TABLES="locations")
    first = _place(shop)
    _place(shop, "Ghent")
    shop.run()
    before = _handled(shop, "locations")
    shop.run()
    assert _handled(shop, "locations") == before
    shop.done(EDIT, id=first, input={"name": "Antwerp South"})
    shop.clock.advance(3600)
    writes = shop.writes()
    shop.run(ticks=1)
    assert _handled(shop, "locations") == before + 3
    assert shop.writes() == writes + 1
    assert shop.rows_of("new_shopifylocation", "new_shopifylocations")[number(first)]["new_name"] == "Antwerp South"


def test_one_webhook_reaches_every_table_that_listens(tabling: OpenTables, tmp_path: Path) -> None:
    """Two files of one list: each gets a message of its own; a topic of no table is answered and forgotten."""
    text = (SHIPPED / "tables" / "collections.toml").read_text(encoding="utf-8")
    other = text.replace('"collections"', '"groups"', 1).replace("new_shopifycollection", "new_group")
    folder = written(shipped(tmp_path), collections=text, groups=other)
    shop = tabling(TABLES="collections,groups", MAPPINGS_DIR=str(folder))
    shop.run()
    group = str(shop.done(COLLECT, i={"title": "Winter"})["collection"]["id"])
    body = json.dumps({"id": int(number(group))}).encode()
    assert actions.receive(FLOW, signed(body, topic="collections/create"), body)[0] == 200
    unasked = actions.receive(FLOW, signed(body, topic="products/create"), body)
    assert unasked == (200, "The topic is not one we act on.")
    shop.work()
    for table in ("new_shopifycollections", "new_groups"):
        assert [row["new_name"] for row in shop.rows(table)] == ["Winter"]
    shop.done(DROP, i={"id": group})
    assert actions.receive(FLOW, signed(body, topic="collections/delete"), body)[0] == 200
    shop.work()
    assert shop.rows("new_shopifycollections") + shop.rows("new_groups") == []


def test_webhooks_are_subscribed_for_the_tables_that_are_carried(tabling: OpenTables) -> None:
    """Those of their lists, and no others; without a table there are none."""
    shop = tabling(TABLES="locations,size_charts", WEBHOOKS_URL="https://app.example")
    names = {step.name.split()[1] for step in subscribing.webhooks(shop.app, SHOP, dry_run=True)
             if step.name.endswith(f"/{FLOW}")}  # fmt: skip
    assert names == {f"LOCATIONS_{event}" for event in ("CREATE", "UPDATE", "DELETE", "ACTIVATE", "DEACTIVATE")}


def test_one_table_pauses_alone_and_all_together(tabling: OpenTables, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table by its own name; the flow's name stands for all of them, in pausing and in resuming."""
    shop = tabling(TABLES="locations,collections")
    monkeypatch.setattr(wiring, "open_app", lambda _settings: shop.app)
    monkeypatch.setattr(shop.app, "close", lambda: None)
    shop.run()
    assert main(["pause", name_of("locations"), "--reason", "stocktaking"], shop.environment) == 0
    place = _place(shop)
    shop.done(COLLECT, i={"title": "Winter"})
    shop.run()
    assert number(place) not in shop.rows_of("new_shopifylocation", "new_shopifylocations")
    assert len(shop.rows("new_shopifycollections")) == 1
    assert main(["pause", FLOW, "--reason", "month end"], shop.environment) == 0
    assert set(shop.app.state.switches.all()) == {name_of("locations"), name_of("collections")}
    assert main(["resume", FLOW], shop.environment) == 0
    shop.run()
    assert number(place) in shop.rows_of("new_shopifylocation", "new_shopifylocations")


def test_a_message_of_a_table_that_is_not_carried_any_more_is_kept_and_asks_nothing(tabling: OpenTables) -> None:
    """Its name was taken out of TABLES: what waits for it is held, and neither system is called for it."""
    shop = tabling(TABLES="locations")
    message = Message(name_of("collections"), SHOP, Origin.RETRY, ids=("1",))
    with metered() as usage:
        actions.work(FLOW, to_text(message).encode())
    assert (usage.calls, shop.app.state.queues.held(FLOW)) == (0, 1)


@pytest.mark.parametrize("names", ["a/b", "my locations", "locations.toml", "1st"])
def test_a_wrong_name_in_the_setting_is_refused_at_the_start(names: str) -> None:
    """TABLES names files without .toml; anything else is told before anything runs."""
    with pytest.raises(SettingMissing, match=r"without \.toml"):
        settings.read({**ENVIRONMENT, "TABLES": names}, flows=FLOWS)


def test_a_table_that_is_not_carried_is_off() -> None:
    """Whatever its flow's mode; those that are carried have that mode."""
    found = settings.read({**ENVIRONMENT, "TABLES": "locations", f"{FLOW.upper()}_MODE": "on"}, flows=FLOWS).modes
    assert (found[name_of("locations")], found[name_of("collections")]) == (Mode.ON, Mode.OFF)
    with pytest.raises(KeyError):
        found["no_such_flow"]


def test_what_changes_inside_a_record_alone_is_found_at_night(tabling: OpenTables) -> None:
    """A product that enters a smart collection moves no time and is told by no topic: the comparison brings it."""
    shop = tabling(TABLES="collections")
    rule = {"column": "VENDOR", "relation": "EQUALS", "condition": "Acme"}
    shop.done(COLLECT, i={"title": "Ours", "ruleSet": {"appliedDisjunctively": True, "rules": [rule]}})
    shop.run()
    shop.clock.advance(3600)
    shop.done(PRODUCT, p={"title": "Hat", "vendor": "Acme"})
    shop.run()
    assert shop.rows("new_shopifycollectionproducts") == []
    shop.night("collections")
    assert [row["new_name"] for row in shop.rows("new_shopifycollectionproducts")] == ["Hat"]


def test_rights_on_its_tables_are_all_a_table_needs(tabling: OpenTables) -> None:
    """Promise of docs/deployment.md: with these privileges and no other rows come, change and go, lines too."""
    shop = tabling(TABLES="collections")
    own = ("new_shopifycollection", "new_shopifycollectionproduct")
    granted = {f"prv{verb}{table}" for table in own for verb in VERBS}
    every = {privilege(table, verb) for table in shop.crm.core.registry.tables.values() for verb in VERBS}
    assert granted < every
    shop.crm.take_privileges("app", *(every - granted))
    product = shop.done(PRODUCT, p={"title": "Hat"})["product"]["id"]
    group = str(shop.done(COLLECT, i={"title": "Winter", "products": [product]})["collection"]["id"])
    shop.run()
    assert [row["new_name"] for row in shop.rows("new_shopifycollectionproducts")] == ["Hat"]
    shop.done(DROP, i={"id": group})
    shop.night("collections")
    assert shop.rows("new_shopifycollections") == []
    assert shop.app.state.switches.all() == {}


def test_a_row_that_somebody_deleted_comes_back_with_the_records_next_change(tabling: OpenTables) -> None:
    """The table shows what Shopify has: a deleted row is made anew, once, when its record changes."""
    shop = tabling(TABLES="locations")
    place = _place(shop)
    shop.run()
    row = shop.rows_of("new_shopifylocation", "new_shopifylocations")[number(place)]
    shop.delete("new_shopifylocations", row["new_shopifylocationid"])
    shop.done(EDIT, id=place, input={"name": "Antwerp South"})
    shop.run()
    again = shop.rows_of("new_shopifylocation", "new_shopifylocations")[number(place)]
    assert again["new_name"] == "Antwerp South"
    assert again["new_shopifylocationid"] != row["new_shopifylocationid"]
    shop.silent()
