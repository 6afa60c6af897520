"""Lines that find their row by a key: one that stands there already is taken, several are not chosen between."""

from __future__ import annotations

import pytest

from shared.errors import MappingInvalid
from shared.mapping.load import parse
from shared.records import Record, Verdict
from tests.support.ordering import ORDERS, by_hand, decided, details, item, named, orders, placed, touch
from tests.support.world import World

MATCHED = ORDERS.replace(
    "[lines.items.fields.quantity]",
    '[[lines.items.match]]\nfield = "text"\nignore_case = true\n\n[lines.items.fields.quantity]',
).replace("join(' ', [header.name, text])", "text")
OWNED = MATCHED.replace('[lines.items]\n', '[lines.items]\nowner = "crm"\n')


def test_a_row_that_stands_there_is_the_lines() -> None:
    """A row by hand with the key, whatever its case, gets the line's values and no second one is made; then silence."""
    world = orders(MATCHED)
    order, crm = placed(world, item(1))
    by_hand(world, crm, "theirs", text="GREEN tea", extra=7)
    outcome = touch(world, order, items=[item(1), item(2, 3, "Green Tea")])
    assert outcome.verdict is Verdict.UPDATED
    rows = details(world, crm)
    assert rows.keys() == {"items|1", "theirs"}
    assert rows["theirs"] == {"quantity": 3, "text": "Green Tea", "written": True, "extra": 7}  # no note
    before = world.writes()
    for _ in range(3):
        world.send(world.inward, order)
        world.run()
    assert world.writes() == before
    assert touch(world, order, items=[item(1), item(2, 4, "Green Tea")]).verdict is Verdict.UPDATED
    assert details(world, crm)["theirs"]["quantity"] == 4


def test_a_row_that_is_equal_already_is_taken_without_a_write_of_it() -> None:
    """What a line finds as it wants it is known as the line's from then on."""
    world = orders(MATCHED)
    order, crm = placed(world, item(1))
    by_hand(world, crm, "theirs", text="item 2", quantity=1, written=True)
    touch(world, order, items=[item(1), item(2)])
    touch(world, order, items=[item(1), item(2, 5)])
    assert details(world, crm)["theirs"]["quantity"] == 5


def test_of_two_rows_none_is_chosen() -> None:
    """Two rows with the key park the record with both, and nothing is written."""
    world = orders(MATCHED)
    order, crm = placed(world, item(1))
    for row in ("one", "two"):
        by_hand(world, crm, row, text="Tea", quantity=0)
    before = world.writes()
    outcome = touch(world, order, items=[item(1), item(2, 3, "tea")])
    assert outcome.error is not None
    assert (outcome.error.code, outcome.error.facts["rows"]) == ("Ambiguous", ["one", "two"])
    assert world.writes() == before


def test_two_new_lines_with_one_key_park_the_record() -> None:
    """Neither may be the other, and neither is made."""
    world = orders(MATCHED)
    order, _ = placed(world, item(1))
    outcome = touch(world, order, items=[item(1), item(2, 3, "Tea"), item(3, 1, "tea")])
    assert outcome.error is not None
    assert outcome.error.code == "Ambiguous"


def test_a_row_of_another_line_is_not_taken() -> None:
    """A row that a line which is still there has made is nobody else's, though it has the key."""
    world = orders(MATCHED)
    order, crm = placed(world, item(1, 1, "Tea"))
    touch(world, order, items=[item(1, 1, "Tea"), item(2, 5, "tea")])
    assert details(world, crm).keys() == {"items|1", "items|2"}


@pytest.mark.parametrize("text", [MATCHED, OWNED], ids=["the source's lines", "the target's lines"])
def test_a_line_under_a_new_id_keeps_its_row(text: str) -> None:
    """The line left and came back under another id: its row stays, and is the new line's alone."""
    world = orders(text)
    order, crm = placed(world, item(1, 1, "Tea"))
    outcome = touch(world, order, items=[item(2, 5, "Tea")])
    assert outcome.verdict is Verdict.UPDATED
    assert details(world, crm) == {"items|1": {"quantity": 5, "text": "Tea", "written": True, "note": "n"}}
    touch(world, order, items=[])
    assert details(world, crm).keys() == ({"items|1"} if text == OWNED else set())


def test_rows_of_lines_that_the_target_owns_are_nobodys_news() -> None:
    """A row by hand is told where the source owns the lines, and only there."""
    for text, told in ((MATCHED, True), (OWNED, False)):
        world = orders(text if told else _all_owned(text))
        order, crm = placed(world, item(1))
        by_hand(world, crm, "theirs", text="By hand", quantity=1)
        assert ("details[theirs]" in named(touch(world, order))) is told


def test_a_row_of_another_record_parks(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the target finds elsewhere is named, and nothing is written; the value itself is not told."""
    world = orders(MATCHED)
    order, _ = placed(world, item(1))
    asked: list[tuple[str, list[str], bool]] = []

    def find(path: str, values: list[str], *, fold: bool = False) -> dict[str, list[Record]]:
        asked.append((path, values, fold))
        return {value: [Record("row-9", {}, unfit="The row row-9 belongs to order 7")] for value in values}

    monkeypatch.setattr(world.crm, "find", find)
    before = world.writes()
    outcome = touch(world, order, items=[item(1), item(2, 3, "Tea")])
    assert asked == [("details.text", ["tea"], True)]
    assert outcome.error is not None
    assert outcome.error.facts == {"line": "lines.items[2]", "field": "text", "rows": ["row-9"]}
    assert "belongs to order 7" in outcome.error.sentence
    assert world.writes() == before
    decided(world, order)
    assert len(asked) == 1  # a parked record that did not change asks for nothing


def test_a_match_names_a_field_of_its_lines() -> None:
    """A field that the group has not is refused with the ones it has."""
    with pytest.raises(MappingInvalid, match=r"lines.items.match names 'size', which is no field of it; name one of"):
        parse(MATCHED.replace('field = "text"', 'field = "size"'))


def _all_owned(text: str) -> str:
    return text.replace("[lines.tips]\n", '[lines.tips]\nowner = "crm"\n')


def test_an_unmatched_world_asks_nothing() -> None:
    """Groups without a match never look beyond their record."""
    world: World = orders()
    order, _ = placed(world, item(1))
    before = world.faults.calls["find"]
    touch(world, order, items=[item(1), item(2)])
    assert world.faults.calls["find"] == before
