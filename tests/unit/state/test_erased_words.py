"""Who is meant by a person's words: nobody called Mark Price is missed, and no product is taken for him."""

from __future__ import annotations

from typing import Any

import pytest

from shared.records import FieldChange, Outcome, Verdict
from shared.state import exact
from shared.state.erasing import Words
from shared.state.lines import outcome_to_line

HIM = Words(["Mark", "Price"])
TEXTS = (
    "Mark", "for MARK.", "Mark's order", "Marks Bestellung", "call\nMark", "\u00e9Mark", "\u5c71\u7530Mark\u3055\u3093",
    "mark_p", "mark75", "@markprice", "realmarkprice", "MarkPrice.pdf", "mprice", "PriceM", "mark.price",
    "Dear Mr Price", "thebookmark@shoe.example", "info@de-prices.example",
)  # fmt: skip
OTHERS = ("Market", "Remarkable", "bookmark", "marked", "Overpriced", "priceless", "pricing", "Marmalade")


def _verdict(*changes: FieldChange, reason: str = "It changed.") -> str:
    return outcome_to_line(Outcome("1", Verdict.UPDATED, reason, "2", changes))


@pytest.mark.parametrize("text", TEXTS)
def test_however_he_is_written_he_is_found(text: str) -> None:
    """Promise: a short name is found with an ending, in a name of the two, with initials and in an e-mail address; in
    pages, in verdicts' values and sentences, and wherever it is the key of what a merchant stores."""
    for content in (["1", {"note": text}], {"a": [{"b": text}]}, {"metafields": {"custom.of": {text: 1}}}):
        assert HIM.within(exact.dumps(content)), content
    assert HIM.within(_verdict(FieldChange("name", text, None, "changed")))
    assert HIM.within(_verdict(reason=text))
    assert HIM.said_in(text)


@pytest.mark.parametrize("text", OTHERS)
def test_what_only_holds_his_name_stays(text: str) -> None:
    """Promise: another word that holds a short name is not him."""
    assert not HIM.within(exact.dumps(["1", {"note": text, "title": f"A {text} of ours"}]))
    assert not HIM.within(_verdict(FieldChange("name", None, text, "changed")))


@pytest.mark.parametrize(
    "content",
    [["1", {"price": "2", "mark": None}], {"price_item": {"price": 1}}, {"metafields": {"shop.price": "2"}}],
    ids=str,
)
def test_the_name_of_a_field_is_no_person(content: Any) -> None:
    """Promise: fields, columns and metafields that are called as he is, and changes of them, are not about him."""
    assert not HIM.within(exact.dumps(content))
    assert not HIM.within(_verdict(FieldChange("price", 1, 2, "changed"), FieldChange("mark", None, 2, "changed")))


def test_what_no_other_word_holds_is_found_anywhere() -> None:
    """Promise: long names, names of several words, and those with a letter that is not ASCII, are found inside others;
    a company's person is found by the name of the line, also where that is the name of what changed."""
    her = Words(["Hadewijch", "Ann Lee", "Zo\u00eb", "lines.people[4711]."])
    for text in ("dehadewijchs", "joann leeward", "xZO\u00cbx"):
        assert her.within(exact.dumps(["1", {"note": text}])), text
    assert her.within(_verdict(FieldChange("lines.people[4711].first_name", None, "x", "changed")))
