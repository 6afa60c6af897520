"""`apply`: a plan that was read is carried out exactly: the same writes, no others, and nothing that moved since."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ops import applying
from shared.errors import Unavailable
from tests.contract.ops.conftest import CHAIR, IN, OUT, Desk, Sit
from tests.contract.ops.worlds import SCRIPTS, more_products, sent


def by_plan(desk: Desk, flow: str, file: Path) -> Any:
    """A flow is planned, which writes nothing, and its plan applied."""
    before = sent(desk)
    planned = desk("--json", "plan", flow, "--out", file).json["flows"][0]["totals"]
    assert sent(desk) == before
    (done,) = desk.json("apply", file, code=0)["flows"] or [{"created": 0, "updated": 0, "already": 0}]
    assert (done["created"], done["updated"]) == (planned["create"], planned["update"])
    return done


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_plan_that_is_applied_makes_the_planned_writes_and_no_others(sit: Sit, tmp_path: Path, name: str) -> None:
    """Promise: counted by both systems, a plan's writes are those that a run in a twin world makes, at creation and at
    a change; applied once more it writes nothing."""
    flows, kind, begin, go_on = SCRIPTS[name]
    told: list[Any] = []
    for way in ("plan", "sync"):
        desk = sit(kind)
        for act in (begin, go_on):
            act(desk)
            for flow in flows:
                desk.later()
                if way == "plan":
                    done = by_plan(desk, flow, tmp_path / "plan.jsonl")
                    told.append((done["created"], done["updated"], sent(desk)))
                    again = desk.json("apply", tmp_path / "plan.jsonl")["flows"]
                    assert sum(one["already"] for one in again) == done["created"] + done["updated"]
                    assert sent(desk) == told[-1][2]
                else:
                    (one,) = desk("--json", "sync", flow, "--limit", "100").json["flows"]  # the twins are parked
                    assert (one["created"], one["updated"], sent(desk)) == told.pop(0)
    assert told == []


def planned(desk: Desk, file: Path, flow: str = IN) -> dict[str, Any]:
    """The plan's lines by record."""
    desk("plan", flow, "--out", file)
    return {line["id"]: line for line in map(json.loads, file.read_text().splitlines())}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the plan is kept."""
    return tmp_path / "plan.jsonl"


def test_a_plan_file_is_its_owners_alone(desk: Desk, file: Path) -> None:
    """It holds values of records: nobody else may read it."""
    planned(desk, file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_record_that_moved_in_its_source_is_refused(desk: Desk, file: Path) -> None:
    """What the merchant changed since is not written, and named; the others are."""
    planned(desk, file)
    before = sent(desk)
    more_products(desk)  # both lamps have that title
    (one,) = desk.json("apply", file, code=1)["flows"]
    assert (one["created"], one["updated"], one["refused"]) == (0, 0, 2)
    assert "changed in shopify since it was planned: product.title" in one["records"][0]["reason"]
    assert sent(desk) == before
    assert not desk.plant.app.state.parked.known("acme.myshopify.com", IN, [one["records"][0]["id"]])


def test_a_record_whose_counterpart_moved_is_refused(desk: Desk, file: Path) -> None:
    """What a salesperson changed since is not overwritten by what was planned before."""
    planned(desk, file)
    desk.plant.sales.send("PATCH", f"products({desk.product('LAMP-S')})", {"description": "Hers."})
    (one,) = desk.json("apply", file, code=1)["flows"]
    assert (one["created"], one["refused"]) == (1, 1)
    assert "counterpart changed in crm since it was planned: description" in one["records"][0]["reason"]


def test_a_counterpart_that_came_since_is_not_doubled(desk: Desk, file: Path) -> None:
    """A create is refused where sales made the record meanwhile; a new plan then links it."""
    planned(desk, file)
    desk.plant.sales.create(replace(CHAIR, number="LAMP-M"))
    (one,) = desk.json("apply", file, code=1)["flows"]
    assert (one["created"], one["refused"]) == (0, 1)
    assert "By now it has a counterpart in crm" in one["records"][0]["reason"]


def test_a_plan_under_another_mapping_or_setting_is_refused(desk: Desk, file: Path, tmp_path: Path) -> None:
    """Promise: what was read under one mapping is never written under another."""
    planned(desk, file)
    before = sent(desk)
    desk.environment["PRODUCT_PUBLISH"] = "false"
    (one,) = desk.json("apply", file, code=1)["flows"]
    assert one["refused"] == 2
    assert "The mapping, a setting or what it names was changed" in one["records"][0]["reason"]
    del desk.environment["PRODUCT_PUBLISH"]
    desk.remapped(tmp_path / "m", IN, 'from = "product.title"', 'from = "upper(product.title)"')
    assert desk.json("apply", file, code=1)["flows"][0]["refused"] == 2
    assert sent(desk) == before


def test_a_line_that_was_taken_out_is_not_written(desk: Desk, file: Path) -> None:
    """A plan can be thinned out before it is applied."""
    lines = planned(desk, file)
    file.write_text("".join(json.dumps(line) + "\n" for line in lines.values() if line["verdict"] == "update"))
    (one,) = desk.json("apply", file)["flows"]
    assert (one["created"], one["updated"]) == (0, 1)


@pytest.mark.parametrize("where", ["changes", "seal"])
def test_a_line_that_was_changed_by_hand_is_refused(desk: Desk, file: Path, where: str) -> None:
    """What nobody planned is not written, whether the shown or the sealed values were changed."""
    lines = planned(desk, file)
    (line,) = [line for line in lines.values() if line["verdict"] == "create"]
    if where == "changes":
        line["changes"][0]["after"] = "Mine"
    else:
        line["seal"]["writes"]["name"] = "0000000000000000"
    file.write_text(json.dumps(line) + "\n")
    before = sent(desk)
    (one,) = desk.json("apply", file, code=1)["flows"]
    assert (one["refused"], sent(desk)) == (1, before)


@pytest.mark.parametrize("text", ["no json\n", '{"flow": "x"}\n', '{"verdict": "create", "flow": 1}\n'])
def test_a_file_that_is_no_plan_is_refused_whole(desk: Desk, file: Path, text: str) -> None:
    """Its line is named before anything of it is written: exit code 2."""
    planned(desk, file)
    before = sent(desk)
    file.write_text(file.read_text() + text)
    said = desk("apply", file)
    assert (said.code, sent(desk)) == (2, before)
    assert "line 5" in said.err


def test_a_plan_can_be_applied_while_the_flow_only_plans(desk: Desk, file: Path) -> None:
    """In mode plan a person's word lets these records through, and wakes nobody else; off and paused do not."""
    planned(desk, file)
    for mode in ("off", "plan"):
        desk.environment["PRODUCTS_SHOPIFY_TO_CRM_MODE"] = mode
        assert desk("apply", file).code == (2 if mode == "off" else 0)
    runs = desk.json("runs", IN)["runs"]
    assert [(run["counts"]["created"], run["planned"]) for run in runs] == [(1, False)]
    assert desk.plant.app.state.queues.depth(OUT) == 0
    desk("pause", IN, "--reason", "month end")
    assert "month end" in desk("apply", file).err


def test_what_was_done_before_a_system_stopped_is_said(
    desk: Desk, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: where the connection fails on a later page, what went before is told, and a repeat finishes."""
    planned(desk, file)
    monkeypatch.setattr(applying, "CHUNK", 1)
    page = applying.Applied.page

    def once(applied: applying.Applied, lines: Any) -> None:
        if applied.counts:
            raise Unavailable("Dataverse does not answer.")
        page(applied, lines)

    with monkeypatch.context() as patched:
        patched.setattr(applying.Applied, "page", once)
        said = desk("--json", "apply", file)
    assert (said.code, "does not answer" in said.err) == (2, True)
    (one,) = said.json["flows"]
    assert one["created"] + one["updated"] == 1
    (one,) = desk.json("apply", file)["flows"]
    assert (one["already"], one["created"] + one["updated"]) == (1, 1)


def test_a_planned_retirement_is_applied(synced: Desk, file: Path) -> None:
    """What a plan would take out of use is named so, and applied like the rest of it."""
    product = synced.plant.variants("LAMP-M")[0]["product"]["id"]
    synced.plant.merchant.call(
        "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }",
        {"p": {"id": product, "status": "ARCHIVED"}},
    )
    synced.later()
    (plan,) = synced.json("plan", IN, "--out", file, code=1)["flows"]
    assert plan["totals"]["retire"] == 2
    (one,) = synced.json("apply", file)["flows"]
    assert (one["retired"], one["updated"]) == (2, 0)
    assert synced.json("apply", file)["flows"][0]["already"] == 2
