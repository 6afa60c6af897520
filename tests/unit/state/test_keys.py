"""Keys that every service takes, that no two ids share, and that sort as their ids do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.state import keys, limits
from tests.unit.state.values import moments

anything = st.text(max_size=60) | st.integers(0, 10**22).map(str) | st.text("0123456789", max_size=22)


@given(anything)
def test_any_text_becomes_a_key_the_service_takes(text: str) -> None:
    """Whatever an id holds, its keys pass the service's own rules."""
    for key in (keys.pair_key(text), keys.crm_key("t", text), keys.claim_key(text), keys.join(text)):
        limits.check_key(key)


@given(anything, anything)
@example("7", "00000000000000000007")
@example("07", "7")
@example("a", "A")
@example("a~b", "a!7eb")
def test_two_ids_never_share_a_key(one: str, two: str) -> None:
    """Different ids have different keys, leading zeros and escapes included."""
    assert (keys.padded(one) == keys.padded(two)) == (one == two)
    assume(len(one.encode()) + len(two.encode()) < 150)  # longer ones are refused, which has a test of its own
    assert (keys.join(one, two) == keys.join(two, one)) == (one == two)


@given(st.lists(anything.filter(lambda part: len(part.encode()) < 130), min_size=1, max_size=4))
def test_joined_parts_come_apart_again(parts: list[str]) -> None:
    """What was joined is split into the same parts, tildes and all; longer ones are shortened, as told below."""
    joined = "~".join(keys.encode(part) for part in parts)
    assert keys.split(joined) == parts


@given(st.integers(0, 10**20 - 1), st.integers(0, 10**20 - 1))
def test_key_order_is_id_order(one: int, two: int) -> None:
    """Numeric ids sort as numbers, so that a stretch of ids is a stretch of keys."""
    assert (keys.pair_key(str(one)) < keys.pair_key(str(two))) == (one < two)


@given(moments, moments)
def test_the_newest_sorts_first(one: object, two: object) -> None:
    """Reversed times order runs from the newest to the oldest, to the microsecond."""
    assert (keys.reverse_time(one) < keys.reverse_time(two)) == (one > two)  # type: ignore[arg-type,operator]


@given(moments)
def test_a_microsecond_makes_another_key(moment: object) -> None:
    """Two moments a microsecond apart do not share a key."""
    assert keys.reverse_time(moment) != keys.reverse_time(moment + timedelta(microseconds=1))  # type: ignore[arg-type,operator]


def test_long_ids_keep_apart_and_cannot_be_read_back() -> None:
    """An id of thousands of characters gets a key that fits; decoding it is refused instead of guessed."""
    one, two = "é" * 3000, "é" * 3000 + "x"
    assert keys.encode(one) != keys.encode(two)
    limits.check_key(keys.pair_key(one))
    with pytest.raises(Invalid):
        keys.decode(keys.encode(one))
    with pytest.raises(Invalid):
        keys.join(one, two)


def test_a_natural_key_cannot_be_read_from_its_claim() -> None:
    """Keys appear in URLs and in the account's logs: an e-mail address must not."""
    claim = keys.claim_key("jane@person.example")
    assert "jane" not in claim
    assert claim == keys.claim_key("jane@person.example") != keys.claim_key("joan@person.example")
