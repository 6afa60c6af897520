"""The broken mapping files of `broken/`: one kind of mistake each, told exactly, and nothing left once it is mended.

The first lines of a file say what is to be found: level, line and column, sentence (`error FILE.toml …` where the
reverse flow's file is meant), and how it is mended: a text of the file and what to write in its place.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ops import checking
from ops.packaging import check_mappings
from shared.dataverse import snapshot
from shared.errors import MappingInvalid
from shared.flows import FLOWS, flow_named
from shared.mapping.findings import Finding
from tests.support.plant import Plant

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.toml"))
MAPPINGS = Path(__file__).resolve().parents[3] / "mappings"
SAID = re.compile(r"# (error|warning)(?: (\S+\.toml))? (\d+):(\d+) (.*)")
MEND = re.compile(r"# mend: (.*) -> (.*)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped mapping files, with Dataverse as `setup` leaves it kept beside them."""
    made = tmp_path_factory.mktemp("broken") / "mappings"
    shutil.copytree(MAPPINGS, made)
    plant = Plant()
    checking.keep(plant.app, made)
    plant.close()
    return made


def flow_of(text: str, name: str) -> str:
    """The flow whose file it stands for: the one that it names, or that its sentence names."""
    named = re.search(r'^flow = "(\w+)"', text, re.MULTILINE)
    said = re.search(r"write '(\w+_to_\w+)'", text)
    assert named, name
    return said.group(1) if said else named.group(1)


def found(folder: Path, flow: str, text: str) -> list[Finding]:
    """Everything that is said of a flow's file, and of its reverse flow's under it."""
    file = folder / f"{flow}.toml"
    before = file.read_text("utf-8")
    file.write_text(text, "utf-8")
    try:
        return checking.ordered(_said(folder, flow))
    finally:
        file.write_text(before, "utf-8")


def _said(folder: Path, flow: str) -> Iterator[Finding]:
    app = checking.unasking(checking.without_settings(folder), snapshot.read(folder))
    one = flow_named(flow)
    for each in (one, *([flow_named(one.reverse)] if one.reverse else [])):
        for shop in app.shopify:
            yield from checking.check_flow(app, each, shop)
    app.close()


def expected(text: str, flow: str) -> list[tuple[str, ...]]:
    """What the first lines of a file say."""
    rows = (SAID.fullmatch(line) for line in text.splitlines())
    return sorted((row[1], row[2] or f"{flow}.toml", row[3], row[4], row[5]) for row in rows if row)


def told(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    """Findings in the same words."""
    names = [(each, each.file.rpartition("/")[2]) for each in findings]
    return sorted((each.level, name, str(each.line), str(each.column), each.sentence) for each, name in names)


@pytest.mark.parametrize("path", BROKEN, ids=[path.stem for path in BROKEN])
def test_a_mistake_is_told_exactly_and_is_all_there_is(folder: Path, path: Path) -> None:
    """Promise: level, line, column and sentence are exactly these, and the mended file has nothing wrong with it."""
    text = path.read_text("utf-8")
    flow = flow_of(text, path.stem)
    assert told(found(folder, flow, text)) == expected(text, flow) != []
    mend = MEND.search(text)
    assert mend
    wrong, right = (part.replace("\\n", "\n") for part in mend.groups())
    head, _, body = text.partition(mend[0])
    assert body.count(wrong) == 1
    assert found(folder, flow, head + mend[0] + body.replace(wrong, right)) == []


def test_there_are_files_for_all_kinds_of_mistakes() -> None:
    """Promise: at least forty, no two of them with one and the same sentence."""
    assert len(BROKEN) >= 40
    sentences = [SAID.search(path.read_text("utf-8"))[5] for path in BROKEN]  # type: ignore[index] # each has one
    assert len(set(sentences)) == len(sentences)


def test_every_error_names_a_fix() -> None:
    """Promise: each sentence says what is wrong and, behind a semicolon, what to do or what was meant."""
    for path in BROKEN:
        for row in SAID.finditer(path.read_text("utf-8")):
            assert re.search(r"; .{8,}[.?]$", row[5]), (path.stem, row[5])


def test_the_shipped_files_are_clean(folder: Path) -> None:
    """Promise: neither an error nor a warning in any of them, whether or not Dataverse is known."""
    assert checking.problems_of(folder)[0] == []
    assert checking.problems_of(MAPPINGS)[0] == []


def test_a_package_is_refused_for_what_dataverse_disproves(folder: Path, tmp_path: Path) -> None:
    """Promise: `make package` names file, line, column and fix of a column that was not there; without what was kept
    of Dataverse it still refuses what Shopify's schema disproves."""
    shutil.copytree(folder, tmp_path / "mappings")
    file = tmp_path / "mappings" / "customers_shopify_to_crm.toml"
    whole = file.read_text("utf-8")
    file.write_text(whole.replace('to = "address1_city"', 'to = "adress1_city"'), "utf-8")
    said = r"customers_shopify_to_crm\.toml, line \d+, column 6: .* did you mean address1_city\?\n.*as it was at 2026"
    with pytest.raises(MappingInvalid, match=said):
        check_mappings(tmp_path / "mappings")
    (tmp_path / "mappings" / snapshot.NAME).unlink()
    check_mappings(tmp_path / "mappings")
    file.write_text(whole.replace("defaultAddress.city", "defaultAddress.cty"), "utf-8")
    with pytest.raises(MappingInvalid, match=r"did you mean defaultAddress\.city\?$"):
        check_mappings(tmp_path / "mappings")


def test_a_shops_own_file_is_checked_where_its_mistake_stands(folder: Path, tmp_path: Path) -> None:
    """Promise: what a shop replaces is found in the shop's file, at its own line and column."""
    shutil.copytree(folder, tmp_path / "mappings")
    own = tmp_path / "mappings" / "acme" / "customers_shopify_to_crm.toml"
    own.parent.mkdir()
    own.write_text('# ours\n[fields.city]\nfrom = "defaultAddress.cty"\n', "utf-8")
    (one,) = checking.problems_of(tmp_path / "mappings")[0]
    assert (one.file, one.line, one.column) == ("mappings/acme/customers_shopify_to_crm.toml", 3, 24)
    own.write_text("[fields]\nciti = false\n", "utf-8")
    (one,) = checking.problems_of(tmp_path / "mappings")[0]
    assert (one.line, one.column, one.sentence) == (2, 1, "there is no field citi to take out; did you mean city?")


def test_every_table_that_is_asked_for_is_kept(folder: Path) -> None:
    """Promise: what was kept reads back as it was, and holds a table for every flow that there is."""
    kept = snapshot.read(folder)
    assert kept is not None
    fixed = {flow.crm_table for flow in FLOWS} - {"document", ""}  # a document has several, a table's is its file's
    assert fixed <= set(kept.tables)
    again = snapshot.Snapshot(kept.organization, kept.at, kept.tables).text()
    assert again == (folder / snapshot.NAME).read_text("utf-8")
