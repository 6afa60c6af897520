"""`setup`, `doctor` and `mapping`: what is examined is said, what is missing is made, what is wrong is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sandbox.seed import Crm
from shared.dataverse import snapshot
from shared.dataverse.definitions import NewColumn
from shared.errors import SchemaMismatch
from shared.flows import FLOWS
from shared.mapping.schema import schema_text
from shared.mapping.tables import FLOW as TABLES
from tests.contract.ops.conftest import IN, OUT, Desk
from tests.support.plant import CRM_URL, ENVIRONMENT

MAPPINGS = Path(__file__).resolve().parents[3] / "mappings"


def calls(desk: Desk) -> int:
    """How often both systems were asked so far."""
    return int(desk.plant.crm.counters.of("app").requests) + int(desk.plant.shopify.counters["app"].calls)


def add_column(desk: Desk, name: str) -> None:
    """An administrator makes a text column of products in Power Apps."""
    admin = Crm({"url": CRM_URL, "salesperson_token": "admin-token"})
    desk.plant.mount(admin._session, desk.plant.crm.wsgi)
    column = NewColumn("product", name, "Vendor", 100)
    admin.send("POST", "EntityDefinitions(LogicalName='product')/Attributes", column.definition)


def changed(desk: Desk, folder: Path, old: str, new: str) -> None:
    """Work under a copy of the mappings in which the inward file says something else."""
    shutil.copytree(MAPPINGS, folder / "mappings")
    file = folder / "mappings" / f"{IN}.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
    desk.environment["MAPPINGS_DIR"] = str(folder / "mappings")


def test_setup_says_that_everything_is_there(desk: Desk, tmp_path: Path) -> None:
    """On a world that was set up, every step is in place, and a dry run has nothing to do."""
    changed(desk, tmp_path, "flow", "flow")
    desk.environment["DATAVERSE_TOKEN"] = "admin-token"
    answer = desk.json("setup", "--dry-run")
    assert [step for step in answer["steps"] if step["needed"]] == []
    assert not (tmp_path / "mappings" / snapshot.NAME).exists()
    assert desk("setup").code == 0
    assert (tmp_path / "mappings" / snapshot.NAME).exists()


def test_a_check_goes_by_what_setup_kept_and_asks_nobody(desk: Desk, tmp_path: Path) -> None:
    """Promise: after `setup` a check calls neither system; a column made since is found with --live, and is kept."""
    changed(desk, tmp_path, "flow", "flow")
    assert desk.json("mapping", "check")["dataverse"] == "live"
    desk.environment["DATAVERSE_TOKEN"] = "admin-token"
    desk("setup")
    desk.environment["DATAVERSE_TOKEN"] = "app-token"
    add_column(desk, "new_vendor")
    file = tmp_path / "mappings" / f"{IN}.toml"
    file.write_text(file.read_text() + '\n[fields.vendor]\nfrom = "product.vendor"\nto = "new_vendor"\nlength = 100\n')
    before = calls(desk)
    answer = desk.json("mapping", "check", code=1)
    assert (answer["dataverse"], calls(desk)) == ("saved", before)
    (finding,) = answer["findings"]
    assert "Dataverse's product has no new_vendor" in finding["sentence"]
    assert "--live asks it again" in desk("mapping", "check").out
    assert desk.json("mapping", "check", "--live")["findings"] == []
    assert calls(desk) > before
    answer = desk.json("mapping", "check")
    assert (answer["dataverse"], answer["findings"]) == ("saved", [])


def test_what_was_kept_of_another_organization_says_nothing(desk: Desk, tmp_path: Path) -> None:
    """Promise: definitions of another organization are not taken for this one's; a file that is none is told."""
    changed(desk, tmp_path, "flow", "flow")
    desk.json("mapping", "check", "--live")
    kept = tmp_path / "mappings" / snapshot.NAME
    kept.write_text(kept.read_text().replace(ENVIRONMENT["DATAVERSE_URL"], "https://test.crm.dynamics.com"))
    assert desk.json("mapping", "check")["dataverse"] == "live"
    kept.write_text("{}")
    said = desk("mapping", "check")
    assert (said.code, "mapping check --live" in said.err) == (2, True)


def test_a_folder_that_cannot_be_written_to_is_no_failure(desk: Desk, tmp_path: Path) -> None:
    """Promise: where the mappings' folder is read-only, `setup` and `check --live` do all else and say so."""
    changed(desk, tmp_path, "flow", "flow")
    (tmp_path / "mappings" / snapshot.NAME).symlink_to(tmp_path / "nowhere" / "x")
    desk.environment["DATAVERSE_TOKEN"] = "admin-token"
    assert desk("setup").code == 0
    said = desk("mapping", "check", "--live")
    assert (said.code, "not kept" in said.err) == (0, True)


def test_a_dry_run_of_setup_names_what_is_missing(desk: Desk) -> None:
    """A shop that was never set up needs its column and key: exit code 1, and nothing is made."""
    desk.environment["DATAVERSE_TOKEN"] = "admin-token"
    desk.environment["SHOPIFY_SHOPS"] = "other.myshopify.com"
    desk.environment["SHOPIFY_ENDPOINT"] = "https://acme.myshopify.com"
    for _ in range(2):
        said = desk("setup", "--dry-run")
        assert said.code == 1
        assert "to do  crm: column product.new_shopifyvariantid_other" in said.out


def test_a_setup_that_breaks_off_says_what_was_done_till_then(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: where a step fails, what was made before it stands in the answer, and the reason beside it."""
    desk.environment |= {"DATAVERSE_TOKEN": "admin-token", "SHOPIFY_SHOPS": "other.myshopify.com"}
    desk.environment["SHOPIFY_ENDPOINT"] = "https://acme.myshopify.com"

    def refused(installer: object, tables: object) -> None:
        raise SchemaMismatch("Somebody else is publishing. Wait, and run setup again.")

    monkeypatch.setattr("shared.dataverse.setup._Installer._publish", refused)
    said = desk("--json", "setup")
    assert said.code == 2
    assert "run setup again" in said.err
    done = [step["name"] for step in said.json["steps"] if step["done"]]
    assert "column product.new_shopifyvariantid_other" in done


def test_doctor_is_content_with_a_world_that_is_set_up(desk: Desk) -> None:
    """Every area is examined and fine: exit code 0."""
    findings = desk.json("doctor")["findings"]
    assert {finding["area"] for finding in findings} >= {"storage", "crm", IN, OUT}


def test_doctor_names_each_problem_with_its_fix(desk: Desk) -> None:
    """A wrong token and a paused flow are both found, in one run, without the token."""
    desk("pause", IN, "--reason", "month end")
    desk.environment["SHOPIFY_TOKEN"] = "shpat_wrong0123456789"
    said = desk("doctor")
    assert said.code == 1
    assert "month end." in said.out
    assert "shopify acme.myshopify.com" in said.out
    assert "shpat_wrong" not in said.out + said.err


def test_the_delivered_mappings_fit_both_systems(desk: Desk) -> None:
    """All files are held against the live schemas without an error."""
    answer = desk.json("mapping", "check")
    tables = [f"mappings/tables/{path.name}" for path in (MAPPINGS / "tables").glob("*.toml")]
    flows = [f"mappings/{flow.name}.toml" for flow in FLOWS if flow.name != TABLES]
    assert answer["files"] == sorted([*flows, *tables])
    assert [finding for finding in answer["findings"] if finding["level"] == "error"] == []


def test_a_column_that_does_not_exist_is_found_with_what_was_meant(desk: Desk, tmp_path: Path) -> None:
    """A misspelt column is named with file, line and the column that was probably meant: exit code 1."""
    changed(desk, tmp_path, 'to = "description"', 'to = "descripton"')
    (finding,) = desk.json("mapping", "check", IN, code=1)["findings"]
    assert (finding["field"], finding["file"]) == ("description", f"mappings/{IN}.toml")
    assert "did you mean description?" in finding["sentence"]
    assert finding["line"] > 1


def test_a_path_that_shopify_does_not_have_is_found(desk: Desk, tmp_path: Path) -> None:
    """So is a misspelt Shopify field, on the reading side."""
    changed(desk, tmp_path, 'from = "product.title"', 'from = "product.titel"')
    (finding,) = desk.json("mapping", "check", IN, code=1)["findings"]
    assert "did you mean product.title?" in finding["sentence"]


def test_a_shops_replacements_under_a_wrong_name_are_found(desk: Desk, tmp_path: Path) -> None:
    """Promise: a folder of no shop, and a file of no flow in a shop's folder, are named with what was meant."""
    changed(desk, tmp_path, "flow", "flow")
    for name in ("tables/x.toml", "acne/x.toml", f"acme/{IN}.toml", "acme/products_shopify_to_cmr.toml"):
        (tmp_path / "mappings" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "mappings" / name).write_text("")
    findings = desk.json("mapping", "check", IN, code=1)["findings"]
    assert [(finding["file"], finding["sentence"].split("; ")[1]) for finding in findings] == [
        ("mappings/acme/products_shopify_to_cmr.toml", f"did you mean {IN}.toml?"),
        ("mappings/acne", "did you mean acme?"),
    ]


def test_a_file_that_cannot_be_read_is_a_finding_and_stops_a_plan(desk: Desk, tmp_path: Path) -> None:
    """Broken TOML is told with its line by `mapping check` (1); a plan under it ends in the same words (2)."""
    changed(desk, tmp_path, 'kind = "variants"', "kind = ")
    (finding,) = desk.json("mapping", "check", IN, code=1)["findings"]
    assert "not TOML" in finding["sentence"]
    said = desk("plan", IN)
    assert (said.code, said.out) == (2, "")
    assert f"{finding['file']}, line {finding['line']}" in said.err


def test_the_schema_is_the_delivered_one(desk: Desk) -> None:
    """`mapping schema` prints exactly what editors are given."""
    assert desk("mapping", "schema").out == schema_text() == (MAPPINGS / "mapping.schema.json").read_text()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('from = "product.title"', 'from = "to_string(product)"', "product is an object and is read as a whole"),
        ('constant = "unit"', 'constant = "unt"', "there is no constant unt; did you mean unit?"),
        ('type = "ProductVariant"', 'type = "Product"', "is about Shopify's ProductVariant, not Product"),
        ('field = "number"', 'field = "price"', "cannot be searched by price"),
    ],
)
def test_nothing_of_a_flow_runs_with_a_refused_file(desk: Desk, tmp_path: Path, old: str, new: str, said: str) -> None:
    """Promise: what the check refuses by what is known without asking stops a flow at its start, in the same words."""
    changed(desk, tmp_path, old, new)
    assert any(said in each["sentence"] for each in desk.json("mapping", "check", IN, code=1)["findings"])
    before = desk.plant.writes()
    for command in (("plan", IN), ("sync", IN)):
        answer = desk(*command)
        assert answer.code != 0
        assert said in " ".join((answer.out + answer.err).split())
    assert desk.plant.writes() == before


def test_a_mistake_in_a_field_that_is_off_stops_nothing(desk: Desk, tmp_path: Path) -> None:
    """Promise: the check tells of a field that a setting leaves out; the flow goes on without it."""
    off = '[fields.x]\nfrom = "product.titel"\nto = "vendorname"\nwhen_setting = "publish"\n\n[fields.name]'
    changed(desk, tmp_path, "[fields.name]", off)
    desk.environment["PRODUCT_PUBLISH"] = "false"
    assert desk.json("mapping", "check", IN, code=1)["findings"]
    assert "4 read" in desk("plan", IN).out
