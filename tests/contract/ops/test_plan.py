"""`plan` on real data: what it says, and that saying it changes nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.contract.ops.conftest import IN, OUT, Desk

MAPPINGS = Path(__file__).resolve().parents[3] / "mappings"


def test_a_plan_names_what_a_run_would_do_and_writes_nothing(desk: Desk) -> None:
    """A plan of both flows counts creates, updates and parks, and neither side nor the state is touched."""
    writes, stored = desk.plant.writes(), desk.stored()
    outward, inward, *_ = desk.json("plan", code=1)["flows"]
    assert (outward["flow"], outward["totals"]["create"], outward["totals"]["update"]) == (OUT, 1, 1)
    assert (inward["flow"], inward["totals"]["create"], inward["totals"]["park"]) == (IN, 1, 2)
    assert [(reason["code"], reason["records"]) for reason in inward["reasons"] if reason["code"]] == [("Ambiguous", 2)]
    assert (desk.plant.writes(), desk.stored()) == (writes, stored)


def test_a_plan_says_old_and_new_per_field(desk: Desk) -> None:
    """An update's fields stand with what the target holds, what it would hold, and why."""
    (flow,) = desk.json("plan", OUT, "--id", desk.product("LAMP-S"))["flows"]
    (record,) = flow["records"]
    assert (record["verdict"], record["target_id"]) == ("update", desk.variant("LAMP-S"))
    assert [(each["name"], each["before"], each["after"]) for each in record["changes"]] == [
        ("price", "20.00", "19.0000")
    ]
    drawn = desk("plan", OUT).out
    assert "19.0000" in drawn
    assert "the source owns the field" in drawn


def test_a_flow_that_is_off_can_be_planned(desk: Desk) -> None:
    """Planning is what one does before a flow is switched on."""
    desk.environment["PRODUCTS_CRM_TO_SHOPIFY_MODE"] = "off"
    (flow,) = desk.json("plan", OUT)["flows"]
    assert (flow["mode"], flow["totals"]["create"]) == ("off", 1)


def test_a_run_does_what_its_plan_said(desk: Desk) -> None:
    """The values that a plan shows for a record are those that a run of it then writes."""
    lamp = desk.variant("LAMP-M")
    (planned,) = desk.json("plan", IN, "--id", lamp)["flows"][0]["records"]
    desk.json("sync", IN, "--id", lamp)
    done = desk.json("explain", IN, lamp)["outcomes"][0]
    assert (planned["verdict"], done["verdict"]) == ("create", "created")
    assert done["changes"] == planned["changes"]


def test_every_record_goes_to_the_file(desk: Desk, tmp_path: Path) -> None:
    """`--out` holds one JSON line per record of every flow, also of those that are left alone."""
    desk("plan", "--out", tmp_path / "plan.jsonl")
    lines = [json.loads(line) for line in (tmp_path / "plan.jsonl").read_text().splitlines()]
    assert sorted((line["flow"], line["verdict"]) for line in lines) == [
        (OUT, "create"),
        (OUT, "update"),
        (IN, "create"),
        (IN, "park"),
        (IN, "park"),
        (IN, "update"),
    ]


def test_a_sample_ends_early(desk: Desk) -> None:
    """`--sample 1` plans one record of each flow that has any."""
    assert [flow["read"] for flow in desk.json("plan", "--sample", "1")["flows"]] == [1, 1, 0, 0, 0, 0, 0]


def test_another_mapping_is_compared_on_the_same_records(synced: Desk, tmp_path: Path) -> None:
    """A changed mapping folder shows exactly the records whose plan differs, and is not remembered."""
    folder = tmp_path / "mappings"
    shutil.copytree(MAPPINGS, folder)
    file = folder / f"{IN}.toml"
    file.write_text(file.read_text().replace('from = "product.title"', 'from = "upper(product.title)"'))
    stored = synced.stored()
    (flow,) = synced.json("plan", IN, "--mapping", folder, code=1)["flows"]
    effect = flow["other_mapping"]
    assert (flow["totals"]["leave"], effect["totals"]["update"], effect["differing"]) == (3, 3, 3)
    assert {change["after"] for one in effect["records"] for change in one["then"]["changes"]} == {
        "BRASS LAMP",
        "OAK CHAIR",
    }
    assert "BRASS LAMP" in synced("plan", IN, "--mapping", folder).out
    assert synced.stored() == stored


def test_the_same_mapping_elsewhere_differs_in_nothing(synced: Desk, tmp_path: Path) -> None:
    """A copy of the mapping folder is no change, and no reason for attention."""
    shutil.copytree(MAPPINGS, tmp_path / "mappings")
    (flow,) = synced.json("plan", OUT, "--mapping", tmp_path / "mappings")["flows"]
    assert flow["other_mapping"]["differing"] == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("plan", "products_shopify_to_krm"), f"Did you mean {IN}?"),
        (("plan", "--id", "5"), "exactly one FLOW"),
        (("plan", OUT, "--id", "12"), "not a GUID"),
        (("plan", IN, "--id", "gid://shopify/Product/1"), "is a Product"),
        (("plan", IN, "--id", "shoe"), "is no id"),
        (("--shop", "other", "plan"), "not one of the shops"),
        (("plan", "--mapping", "/nowhere"), "does not exist"),
        (("plan", "--nonsense"), "No such option"),
    ],
)
def test_a_wrong_use_ends_with_what_was_wrong(desk: Desk, arguments: tuple[str, ...], said: str) -> None:
    """Wrong flows, ids and options end in exit code 2 with the reason on standard error and nothing on the other."""
    result = desk(*arguments)
    assert (result.code, result.out) == (2, "")
    assert said in " ".join(result.err.split())
