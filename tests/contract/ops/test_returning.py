"""What a mended mapping file or setting does for records that are parked, seen from the command line."""

from __future__ import annotations

from pathlib import Path

from tests.contract.ops.conftest import IN, Desk

PRICE = 'from = "price"\nto = "price_item.amount"'
WRONG = 'from = "price"\nto = "price_item.amount"\nvalues = { "19.99" = "1.00" }\nother = "park"'
MENDED = 'from = "price"\nto = "price_item.amount"\nvalues = { "19.99" = "1.00" }\nother = "keep"'


def parked(desk: Desk) -> dict[str, int]:
    """Error codes of parked records and how many there are of each."""
    rows = desk.json("parked", "list", IN, code=1)["parked"]
    return {code: sum(1 for row in rows if row["code"] == code) for code in {row["code"] for row in rows}}


def test_a_mended_file_brings_parked_records_back(desk: Desk, tmp_path: Path) -> None:
    """A table without the prices that occur parks every record; once the file is mended the next poll applies them."""
    desk.remapped(tmp_path / "wrong", IN, PRICE, WRONG)
    desk("sync", IN)
    assert parked(desk)["MappingFailed"] >= 2
    desk.later()
    desk.remapped(tmp_path / "mended", IN, PRICE, MENDED)
    assert desk("sync", IN).code == 1
    assert parked(desk) == {"Ambiguous": 2}  # their cause is another
    assert desk.product("LAMP-M")


def test_another_setting_brings_them_back_too(synced: Desk) -> None:
    """A changed setting that decides what is written gives each parked record one more try."""
    synced.environment["CRM_PRICE_LIST"] = "Spare"
    synced.plant.sales.send("POST", "pricelevels", {"name": "Spare"})
    for tries in (2, 2):
        synced("sync", IN)
        assert {row["attempts"] for row in synced.json("parked", "list", IN, code=1)["parked"]} == {tries}
        synced.later()


def test_doctor_offers_to_list_everything_again(synced: Desk, tmp_path: Path) -> None:
    """After the mapping changed, `doctor` names the command that brings unchanged records into line, until it ran."""
    synced.remapped(tmp_path, IN, 'from = "product.title"\nto =', 'from = "upper(product.title)"\nto =')
    assert f"python -m ops sync {IN} --all" in " ".join(synced("doctor").out.split())
    synced("sync", IN, "--all")
    assert "sync" not in synced("doctor").out
