"""`match`: what is said of a kind before its flow is on is what the flow then does, and saying it writes nothing."""

from __future__ import annotations

import csv
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ops import pages
from ops.matching import Report, Row
from shared.flows import FLOWS
from tests.contract.ops.conftest import BACK, COMPANIES, CUSTOMERS, DOCUMENTS, IN, ORDERS, OUT, Desk, Sit
from tests.contract.ops.worlds import SCRIPTS, sent
from tests.support.clientele import Clientele
from tests.support.companies import Business
from tests.support.plant import SHOP


def rows(desk: Desk, flow: str, file: Path, *, code: int = 0) -> dict[str, dict[str, str]]:
    """The CSV of `match`, by record."""
    desk.json("match", flow, "--out", file, code=code)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return {row["record"]: row for row in csv.DictReader(opened)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the report is kept."""
    return tmp_path / "match.csv"


def test_products_are_matched_by_their_number(desk: Desk, file: Path) -> None:
    """One both have is exact, one only the shop has unmatched, a number used twice ambiguous with its twin."""
    before, stored = sent(desk), desk.stored()
    (one,) = desk.json("match", IN, code=1)["flows"]
    assert one["totals"] == {"linked": 0, "exact": 1, "ambiguous": 2, "unmatched": 1, "skipped": 0, "undecided": 0}
    assert (one["keys"], one["left_out"]) == ({"number": 1}, 0)
    told = rows(desk, IN, file, code=1)
    lamp, twins = told[desk.variant("LAMP-S")], [desk.variant("TWIN", 0), desk.variant("TWIN", 1)]
    assert (lamp["result"], lamp["key"], lamp["counterpart"]) == ("exact", "number", desk.product("LAMP-S"))
    assert [(told[twin]["result"], told[twin]["twins"]) for twin in twins] == [
        ("ambiguous", twins[1]), ("ambiguous", twins[0]),
    ]  # fmt: skip
    assert told[desk.variant("LAMP-M")] | {"shop": ""} == {
        "shop": "", "record": desk.variant("LAMP-M"), "result": "unmatched", "key": "", "keys": "number=LAMP-M",
        "counterpart": "", "twins": "", "because": "",
    }  # fmt: skip
    drawn = desk("match", IN).out
    assert "4 read: 1 exact, 2 ambiguous, 1 unmatched (exact: 1 by number)" in drawn
    assert (sent(desk), desk.stored()) == (before, stored)


def test_what_is_paired_already_is_linked(synced: Desk) -> None:
    """After a run the same report says who is linked; what sales made is linked too."""
    totals = synced.json("match", IN, code=1)["flows"][0]["totals"]
    assert (totals["linked"], totals["exact"], totals["unmatched"]) == (3, 0, 0)


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_a_run_does_is_what_was_matched(sit: Sit, file: Path, name: str) -> None:
    """Promise: on every kind, who is exact is linked with that counterpart, who is unmatched is made, nobody else."""
    flows, kind, begin, _ = SCRIPTS[name]
    desk = sit(kind)
    begin(desk)
    for flow in flows:
        desk.later()
        before = sent(desk)
        matched = rows(desk, flow, file, code=desk("match", flow).code)
        assert sent(desk) == before
        desk("sync", flow, "--limit", "100")
        known = next(one for one in FLOWS if one.name == flow)
        refs = desk.plant.app.state.crossrefs
        pairs = refs.load(SHOP, known.kind, known.source, list(matched), table=known.crm_table)
        linked = ("exact", "unmatched", "linked")
        assert set(pairs) == {each for each, row in matched.items() if row["result"] in linked}
        found = {each: row["counterpart"] for each, row in matched.items() if row["counterpart"] and row["key"]}
        assert {each: pairs[each].id_on(known.source.other) for each in found if each in pairs} == found


@pytest.fixture
def people(sit: Sit) -> tuple[Desk, Clientele]:
    """The customers' flow, over two empty systems."""
    desk = sit(Clientele)
    assert isinstance(desk.plant, Clientele)
    return desk, desk.plant


def test_customers_are_matched_by_address_and_then_by_phone(people: tuple[Desk, Clientele], file: Path) -> None:
    """The report says by which key each was found, and names all of an ambiguous one's candidates."""
    desk, plant = people
    jane, bob = plant.row("accounts", name="Jane"), plant.row("accounts", name="Bob", telephone1="+4930123456")
    plant.person(jane, lastname="Doe", emailaddress1="jane@shoe.example")
    both = [plant.row("accounts", name=name, emailaddress1="info@shoe.example") for name in ("One", "Two")]
    ids = {
        "contact_email": plant.customer(email="Jane@shoe.example", lastName="Doe"),
        "phone": plant.customer(phone="+4930123456", lastName="Low"),
        "email": plant.customer(email="info@shoe.example", lastName="Info"),
        "": plant.customer(email="new@shoe.example", lastName="New"),
    }
    desk.later()
    told = rows(desk, CUSTOMERS, file, code=1)
    assert {key: told[each]["result"] for key, each in ids.items()} == {
        "contact_email": "exact", "phone": "exact", "email": "ambiguous", "": "unmatched",
    }  # fmt: skip
    assert {told[each]["key"] for each in ids.values()} == set(ids)
    assert (told[ids["contact_email"]]["counterpart"], told[ids["phone"]]["counterpart"]) == (jane, bob)
    assert set(told[ids["email"]]["counterpart"].split("; ")) == set(both)
    assert told[ids["phone"]]["keys"] == "phone='+4930123456" or "+4930123456" in told[ids["phone"]]["keys"]


def test_two_of_different_pages_with_one_counterpart_are_ambiguous(
    people: tuple[Desk, Clientele], file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Promise: nobody signs off two links to one account, though no page shows both."""
    desk, plant = people
    account = plant.row("accounts", name="Jane", telephone1="+4930123456")
    plant.person(account, lastname="Doe", emailaddress1="jane@shoe.example")
    plant.customer(email="jane@shoe.example", lastName="Doe")
    plant.customer(phone="+4930123456", lastName="Doe")
    desk.later()
    monkeypatch.setattr(pages, "CHUNK", 1)
    told = rows(desk, CUSTOMERS, file, code=1)
    assert [(row["result"], row["counterpart"]) for row in told.values()] == [("ambiguous", account)] * 2
    assert {"Several records lead to this counterpart" in row["because"] for row in told.values()} == {True}


def test_companies_are_matched_by_their_number(sit: Sit, file: Path) -> None:
    """A company whose external id is an account's number is exact by that key."""
    desk = sit(Business)
    firm = desk.plant
    assert isinstance(firm, Business)
    account = firm.row("accounts", name="Acme", accountnumber="C-1")
    company = firm.company("Acme", externalId="C-1")
    desk.later()
    row = rows(desk, COMPANIES, file)[company]
    assert (row["result"], row["key"], row["counterpart"]) == ("exact", "external_id", account)


def test_every_flow_that_creates_can_be_matched(desk: Desk) -> None:
    """All of them answer while they are off; the one that makes nothing says whose pairs it goes by."""
    for flow in (IN, OUT, CUSTOMERS, COMPANIES, ORDERS, DOCUMENTS):
        desk.environment[f"{flow.upper()}_MODE"] = "off"
        assert desk.json("match", flow, code=int(flow == IN))["flows"][0]["flow"] == flow
    said = desk("match", BACK)
    assert (said.code, DOCUMENTS in said.err) == (2, True)


def _many(count: int) -> Iterator[Row]:
    for number in range(count):
        yield Row(str(number), "exact", "email", "x" * 300, f"row {number // 2}" if number < 4 else str(number), "", "")


def test_a_report_of_any_size_takes_the_same_memory(tmp_path: Path) -> None:
    """Promise: a hundred thousand records pass through a file, not through memory, and doubles are found among them."""
    with closing(Report()) as report:
        tracemalloc.start()
        report.fill("acme", _many(100_000))
        assert report.answer("acme")["totals"]["ambiguous"] == 4
        report.write(tmp_path / "all.csv")
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert most < 2_000_000
    assert (tmp_path / "all.csv").stat().st_mode & 0o077 == 0


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    """Promise: what a stranger typed into a shop is never computed by the spreadsheet of whoever signs."""
    cell: Any = '=HYPERLINK("http://x")'
    with closing(Report()) as report:
        report.fill("acme", [Row("1", "skipped", "", cell, "", "", cell)])
        report.write(tmp_path / "all.csv")
    assert "'=HYPERLINK" in (tmp_path / "all.csv").read_text()
    assert ',"=HYPERLINK' not in (tmp_path / "all.csv").read_text()
