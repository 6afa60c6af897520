"""Somebody brings a list of Shopify's over that no shipped file covers, by what docs/tables.md says, without code."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from sandbox.shopify.store import abandoned
from shared.mapping.tables import FLOW, name_of
from shared.records import Message, Origin
from tests.contract.ops.conftest import MAPPINGS, Desk, Sit
from tests.flows.test_table_rows import ADD, ANTWERP, DISCARD, DRAFT
from tests.support.plant import SHOP
from tests.support.tables import MARK, Tables

GUIDE = (Path(__file__).resolve().parents[3] / "docs" / "tables.md").read_text(encoding="utf-8")
TABLE, LINES = "new_shopifyabandonedcheckout", "new_shopifyabandonedcheckoutlineitems"
SET = f"{TABLE}s"
HAT = {"title": "Hat", "sku": "HAT-1", "quantity": 2, "price": "12.50"}


def steps(word: str) -> list[list[str]]:
    """The command lines of the guide that begin with that command, in their order."""
    found = re.findall(rf"python -m ops ({word}[^\n`]*)", GUIDE)
    return [shlex.split(line) for line in found]


def rows(desk: Desk, entity_set: str) -> list[dict[str, Any]]:
    """Rows of a table in CRM."""
    found: list[dict[str, Any]] = desk.plant.sales.get(entity_set)["value"]
    return found


@pytest.fixture
def newcomer(desk: Desk, tmp_path: Path) -> Desk:
    """Somebody with the mapping files as they are shipped."""
    shutil.copytree(MAPPINGS, tmp_path / "mappings")
    desk.environment["MAPPINGS_DIR"] = str(tmp_path / "mappings")
    return desk


def test_a_list_of_ones_own_comes_over_by_the_guide_alone(newcomer: Desk, tmp_path: Path) -> None:
    """Propose, check, set up, plan, switch on: abandoned checkouts arrive with their lines, change, and fall silent."""
    desk = newcomer
    *_, write = steps("tables propose abandonedCheckouts")
    assert desk(*write).code == 0
    assert (tmp_path / "mappings" / "tables" / "abandoned_checkouts.toml").is_file()
    answer = desk.json(*steps("mapping check")[0])
    assert "mappings/tables/abandoned_checkouts.toml" in answer["files"]
    assert [each for each in answer["findings"] if each["level"] == "error"] == []
    desk.environment |= {"TABLES": "abandoned_checkouts", f"{FLOW.upper()}_MODE": "plan"}
    desk.environment["DATAVERSE_TOKEN"] = "admin-token"
    dry, make = steps("setup")[:2]
    said = desk(*dry)
    assert said.code == 1
    assert f"to do  crm: table {TABLE}" in said.out
    assert desk(*make).code == 0
    desk.environment["DATAVERSE_TOKEN"] = "app-token"
    with desk.plant.shopify.store.db.transaction():
        number = abandoned.leave(desk.plant.shopify.store, None, [HAT])
    desk.later()
    (plan,) = desk.json(*steps("plan")[0])["flows"]
    assert plan["totals"]["create"] == 1
    assert rows(desk, SET) == []
    desk.environment[f"{FLOW.upper()}_MODE"] = "on"
    name = f"{FLOW}/abandoned_checkouts"
    (done,) = desk.json("sync", name)["flows"]
    assert done["created"] == 1
    (row,), (line,) = rows(desk, SET), rows(desk, LINES)
    assert (row[MARK], row["new_totalprice"], row["new_completedat"]) == (str(number), 25.0, None)
    assert (line["new_name"], line["new_quantity"], line["new_sku"]) == ("Hat", 2, "HAT-1")
    with desk.plant.shopify.store.db.transaction():
        abandoned.complete(desk.plant.shopify.store, number)
    desk.later()
    assert desk.json("sync", name)["flows"][0]["updated"] == 1
    assert rows(desk, SET)[0]["new_completedat"] is not None
    desk.later()
    (quiet,) = desk.json("sync", name)["flows"]
    assert (quiet["created"], quiet["updated"]) == (0, 0)
    (again,) = desk.json(*steps(f"sync {name}")[0])["flows"]
    assert (again["created"], again["updated"], again["unchanged"] > 0) == (0, 0, True)


def test_a_proposal_is_printed_and_never_written_over_a_file(newcomer: Desk) -> None:
    """Without --write nothing is stored; a file that is there stays, and the command says so."""
    first, second = steps("tables propose abandonedCheckouts")
    answer = newcomer.json(*first)
    assert (answer["file"], answer["written"]) == ("mappings/tables/abandoned_checkouts.toml", False)
    assert newcomer(*second).code == 0
    said = newcomer(*second)
    assert (said.code, "is there already" in said.err) == (2, True)


@pytest.mark.parametrize(
    ("root", "said"),
    [
        ("abandonedCheckout", "did you mean 'abandonedCheckouts'?"),
        ("returns", "no connection 'returns', did you mean 'orders'?"),
        ("shop", "shop is no list of records"),
        ("companies", "'companies' cannot be the name of a table's file (flows of its own carry that kind)"),
        ("metaobjects", "Write it with its value: 'metaobjects(type: \"size_chart\")'."),
        ("productTags", "has no id, so it cannot be kept"),
        ("metaobjects", "needs 'type'"),
        ('orders(query: "tag:x")', "query is the flow's own"),
        ("orders.taxLines", "has no id of its own: name the field that tells them apart as key"),
    ],
)
def test_a_root_that_cannot_be_a_table_is_refused_with_the_reason(newcomer: Desk, root: str, said: str) -> None:
    """What was meant, or what is missing, in one sentence: exit code 2."""
    answer = newcomer("tables", "propose", root)
    assert answer.code == 2
    assert said in answer.err.replace("\n", " ")


def test_a_table_that_is_not_carried_makes_nothing(desk: Desk) -> None:
    """As shipped no table is set up, polled or asked for, though the files are there and fit."""
    desk.environment["DATAVERSE_TOKEN"] = "admin-token"
    made = [step["name"] for step in desk.json("setup", "--dry-run")["steps"]]
    assert "table new_shopifylocation" not in made
    desk.environment[f"{FLOW.upper()}_MODE"] = "on"
    said = desk("sync", FLOW)
    assert (said.code, "TABLES names no table" in said.err) == (2, True)


@pytest.mark.parametrize("carried", ["locations,draft_orders", "locations"])
def test_a_sync_of_one_table_works_no_other(sit: Sit, carried: str) -> None:
    """What waits for another table on the queue that they share stays there, carried or not, and nothing is asked."""
    shop = Tables(TABLES=carried)
    desk = sit(lambda **_: shop)
    shop.done(ADD, input=ANTWERP)
    draft = str(shop.done(DRAFT, i={"lineItems": [{"title": "Hat", "quantity": 1, "originalUnitPrice": "1"}]}))
    desk.later()
    other = Message(name_of("draft_orders"), SHOP, Origin.RETRY, ids=(draft,))
    shop.app.state.queues.send(other)
    (done,) = desk.json("sync", name_of("locations"), code=1)["flows"]
    assert (done["flow"], done["created"] > 0, done["waiting"]) == (name_of("locations"), True, 1)
    assert shop.app.state.runs.last(SHOP, name_of("draft_orders"), 1) == []


def test_a_deletion_can_be_tried_by_hand(sit: Sit) -> None:
    """`sync --compare` does what the night does: a draft order that was deleted without a webhook is inactive."""
    shop = Tables(TABLES="draft_orders")
    desk, name = sit(lambda **_: shop), name_of("draft_orders")
    draft = shop.done(DRAFT, i={"lineItems": [{"title": "Hat", "quantity": 1, "originalUnitPrice": "1"}]})
    desk.later()
    assert desk.json("sync", name)["flows"][0]["created"] == 1
    shop.done(DISCARD, i={"id": draft["draftOrder"]["id"]})
    desk.later()
    assert desk.json("sync", name)["flows"][0]["retired"] == 0
    assert desk.json("sync", name, "--compare")["flows"][0]["retired"] == 1
    assert [row["statecode"] for row in rows(desk, "new_shopifydraftorders")] == [1]
    assert desk("sync", name, "--compare", "--all").code == 2


def test_doctor_says_what_runs_setup_where_a_table_is_not_made_yet(desk: Desk) -> None:
    """Promise: a table that is carried and not made hides nothing else of CRM, and each line names the command."""
    desk.environment |= {"TABLES": "locations", f"{FLOW.upper()}_MODE": "plan"}
    told = [each["sentence"] for each in desk.json("doctor", code=1)["findings"] if each["area"] == "crm"]
    assert any("Not set up yet: table new_shopifylocation" in each for each in told)
    assert any("Not set up yet: column new_shopifylocation.new_city" in each for each in told)
    assert [each for each in told if "Run: python -m ops setup" not in each] == []
