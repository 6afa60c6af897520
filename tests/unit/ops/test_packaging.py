"""The package: what is in it, that it is the same twice, and that a broken mapping is refused."""

from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest
import typer

from ops import packaging
from shared.errors import MappingInvalid
from shared.flows import FLOWS
from shared.mapping.tables import FLOW as TABLES

ROOT = Path(__file__).parents[3]
NEVER = ("tests", "sandbox", "ops", "docs", "infra", "local.settings", ".venv", "node_modules", "__pycache__", ".git")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what is packed, in a folder of its own."""
    for name in packaging.contents(ROOT):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    return tmp_path


def test_it_holds_what_runs_and_nothing_else() -> None:
    """Promise: the three files at the top, shared and mappings with the schema; no test, no sandbox, no secret."""
    names = packaging.contents(ROOT)
    assert {name.partition("/")[0] for name in names} == {*packaging.TOP, "shared", "mappings"}
    assert not [name for name in names if name.startswith(NEVER) or "__pycache__" in name]
    assert {"shared/wiring.py", "shared/shopify/queries/shop.graphql"} <= set(names)
    assert {f"mappings/{flow.name}.toml" for flow in FLOWS if flow.name != TABLES} <= set(names)
    assert "mappings/tables/locations.toml" in names


def test_the_same_files_give_the_same_bytes(copy: Path, tmp_path: Path) -> None:
    """Promise: other times, other rights, another moment: the same package."""
    first = packaging.build(copy, tmp_path / "one.zip")
    for path in copy.rglob("*.py"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    (copy / "shared" / "__pycache__").mkdir()
    (copy / "shared" / "__pycache__" / "x.py").write_text("")
    assert packaging.build(copy, tmp_path / "two.zip") == first
    with zipfile.ZipFile(tmp_path / "one.zip") as package:
        assert package.testzip() is None
        assert package.namelist() == packaging.contents(copy)


def test_a_changed_file_gives_other_bytes(copy: Path, tmp_path: Path) -> None:
    """Promise: the digest is of the contents."""
    first = packaging.build(copy, tmp_path / "one.zip")
    (copy / "host.json").write_text("{}")
    assert packaging.build(copy, tmp_path / "two.zip") != first


def test_a_broken_definition_of_dataverse_is_told(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Promise: one sentence with the fix, and no package."""
    (copy / "mappings" / "dataverse.json").write_text("{")
    monkeypatch.chdir(copy)
    with pytest.raises(typer.Exit):
        packaging.main(Path("out.zip"))
    assert "mappings/dataverse.json is not what `setup` saved there" in capsys.readouterr().err
    assert not (copy / "out.zip").exists()


def test_the_shops_that_have_files_of_their_own_are_told(
    copy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Promise: where nobody knows the shops, a person sees for which ones files are packed."""
    (copy / "mappings" / "acmeshpo").mkdir()
    monkeypatch.chdir(copy)
    monkeypatch.delenv("SHOPIFY_SHOPS", raising=False)
    packaging.main(Path("out.zip"))
    assert "acmeshpo (SHOPIFY_SHOPS is not set" in capsys.readouterr().err


@pytest.mark.parametrize("shop", ["", "acme/"])
def test_a_broken_mapping_is_refused_before_anything_is_written(copy: Path, tmp_path: Path, shop: str) -> None:
    """Promise: file and line are named, for a shop's own file too, and there is no package."""
    file = copy / "mappings" / f"{shop}customers_shopify_to_crm.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text('[fields.name]\nfrom = "join("\n')
    with pytest.raises(MappingInvalid, match=r"customers_shopify_to_crm\.toml"):
        packaging.build(copy, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()
