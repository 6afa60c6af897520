"""`erase`: a person taken out of what the app keeps, from the command line."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from shared.records import Message
from tests.contract.ops.conftest import IN, OUT, Desk
from tests.contract.state.search import everything
from tests.support.plant import SHOP

WORD = "Brass Lamp"


def holds(desk: Desk) -> bool:
    """Whether a search of the whole state finds the word."""
    return any(WORD.lower() in text.lower() for text in everything(desk.plant.app.state))


def test_words_are_erased_without_being_printed(synced: Desk, tmp_path: Path) -> None:
    """Nothing of the word is left, counts are told per shop, the word is not, and the flows go on as before."""
    file = tmp_path / "words.txt"
    file.write_text(f"\n{WORD}\n\n", encoding="utf-8-sig")
    assert holds(synced)
    said = synced("erase", "--words", file, "--yes")
    assert (said.code, holds(synced)) == (0, False)
    assert WORD not in said.out + said.err
    assert "Repeat it after" in said.err
    (row,) = synced.json("erase", "--words", file, "--yes")["shops"]
    assert row == {"shop": SHOP, "pages": 0, "outcomes": 0, "parked": 0, "pairs": 0, "busy": 0}
    assert synced.json("explain", IN, synced.variant("LAMP-M"))["verdict"] == "leave"


def test_a_records_ids_are_enough(synced: Desk) -> None:
    """By the id of one side its pair, its items and its verdicts of both flows are emptied; a sync agrees anew."""
    lamp = synced.product("LAMP-M")
    (row,) = synced.json("erase", "--id", lamp, "--yes")["shops"]
    assert row["pairs"] == 1
    assert row["pages"] >= 1
    assert row["outcomes"] >= 1
    writes = synced.plant.writes()
    assert synced.json("sync", OUT, "--id", lamp)["flows"][0]["unchanged"] == 1
    assert synced.plant.writes() == writes


def test_nothing_is_erased_without_a_yes(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `--yes` and without an answer nothing changes; without a name it is wrong use."""
    stored = synced.stored()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert synced("erase", "--id", synced.variant("LAMP-M")).code == 1
    assert synced("erase").code == 2
    assert synced("erase", "--id", "Marisol").code == 2
    assert synced.stored() == stored


def test_queues_hold_no_words() -> None:
    """A message is ids, names and times: whoever gives it another field has to think of its erasure."""
    assert set(Message.__dataclass_fields__) == {
        "flow", "shop", "origin", "blob", "offset", "ids", "deleted", "table", "poll", "attempt", "first_at", "seen_at",
        "failed", "storms", "poisoned", "refused_at", "notice", "correlation_id", "turn",
    }  # fmt: skip
