"""The check of a folder that asks nobody, as `make package` does it: files of tables, and what no flow reads."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from ops import checking
from ops.packaging import check_mappings
from shared.errors import MappingInvalid
from shared.mapping.tables import name_of
from tests.support.tables import SHIPPED, Tables


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped files."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "mappings"))


def change(folder: Path, old: str, new: str, file: str = "tables/locations.toml") -> None:
    """A person edits a file."""
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")


def wrong(folder: Path) -> list[str]:
    """The errors of the folder, as they are said."""
    found, _ = checking.problems_of(folder)
    return [f"{each.file}: {each.sentence}" for each in found if each.level == "error"]


def test_a_tables_file_is_held_against_shopifys_schema(folder: Path) -> None:
    """Promise: nobody has to carry a table for its wrong field or type to be found before a deploy."""
    assert wrong(folder) == []
    change(folder, "address.city", "address.citi")
    (said,) = wrong(folder)
    assert said.startswith("mappings/tables/locations.toml: city: ")
    assert "did you mean address.city?" in said
    with pytest.raises(MappingInvalid, match=r"tables/locations\.toml, line \d+, column \d+"):
        check_mappings(folder)
    change(folder, 'type = "Location"', 'type = "Order"')
    assert any("write that" in said for said in wrong(folder))


def test_what_setup_would_make_counts_as_there(folder: Path) -> None:
    """Promise: with what was kept of CRM a table that is not made yet is no error, a column that nobody makes is."""
    plant = Tables(TABLES="collections")
    checking.keep(plant.app, folder)
    plant.close()
    assert wrong(folder) == []
    change(folder, "[fields.city]", '[fields.own]\nfrom = "name"\nto = "new_nowhere"\n\n[fields.city]')
    (said,) = wrong(folder)
    assert "own: " in said
    assert "has no new_nowhere" in said


def test_a_shops_file_of_no_table_is_told(folder: Path) -> None:
    """Promise: one shop's keys for a table are known by the table's file; under another name nobody reads them."""
    (folder / "acme" / "tables").mkdir(parents=True)
    for name in ("locations.toml", "loactions.toml"):
        (folder / "acme" / "tables" / name).write_text("[fields]\n", "utf-8")
    (found,) = checking.strays(folder, ["acme"])
    assert found.file == "mappings/acme/tables/loactions.toml"
    assert "did you mean locations.toml?" in found.sentence


def test_a_file_that_no_flow_reads_is_told(folder: Path) -> None:
    """Promise: who edits a file under a name that no flow has learns that, with the name that is meant."""
    assert list(checking.strays(folder, [])) == []
    (folder / "orders_shopify_crm.toml").write_text("[fields]\n", "utf-8")
    (found,) = checking.strays(folder, [])
    assert (found.level, found.file) == ("error", "mappings/orders_shopify_crm.toml")
    assert "did you mean orders_shopify_to_crm.toml?" in found.sentence


@pytest.mark.parametrize(
    ("name", "shops", "said"),
    [
        ("acmeshpo", ["acmeshop"], "no shop of SHOPIFY_SHOPS has this key; did you mean acmeshop?"),
        ("acme-shop", [], "a shop's folder is called by its key, small letters and digits alone; call it acmeshop."),
        ("acmeshop", ["acmeshop"], ""),
        ("acmeshop", [], ""),
    ],
)
def test_a_shops_folder_under_a_wrong_name_is_no_part_of_a_package(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, shops: list[str], said: str
) -> None:
    """Promise: what no shop would ever go by is refused with the right name, as far as the shops are known."""
    (folder / name).mkdir()
    (folder / name / "products_shopify_to_crm.toml").write_text("[fields]\n", "utf-8")
    monkeypatch.setenv("SHOPIFY_SHOPS", ",".join(f"{shop}.myshopify.com" for shop in shops))
    if not said:
        check_mappings(folder)
        return
    with pytest.raises(MappingInvalid, match=f"mappings/{name}, line 1, column 1: {re.escape(said)}"):
        check_mappings(folder)


def test_a_file_that_notepad_saved_is_read(folder: Path) -> None:
    """Promise: the mark that some editors put before UTF-8 text is no mistake; a folder in a file's place is told."""
    file = folder / "products_shopify_to_crm.toml"
    file.write_text(file.read_text("utf-8"), "utf-8-sig")
    assert wrong(folder) == []
    file.unlink()
    file.mkdir()
    assert any("there is no such file" in said for said in wrong(folder))


def test_a_table_that_is_carried_is_checked_once(folder: Path) -> None:
    """Promise: of the tables only those are added that no flow is about already."""
    plant = Tables(TABLES="locations", MAPPINGS_DIR=str(folder))
    others = [flow.name for flow in checking.uncarried(plant.app)]
    assert name_of("locations") not in others
    assert name_of("refunds") in others
    assert checking.file_of(plant.app.flows[-1]) == "tables/locations.toml"
    plant.close()
