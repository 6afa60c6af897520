from __future__ import annotations

import json
from decimal import Decimal
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.dataverse import odata

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, places=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_json_keeps_every_value(value: object) -> None:
    """What is sent reads back as exactly the same values, every digit of a Decimal included."""
    text = odata.dumps(value)
    assert json.loads(text, parse_float=Decimal) == value


def test_a_decimal_keeps_its_digits_on_the_wire() -> None:
    """Amounts never pass through float, so no digit appears or is lost."""
    assert odata.dumps({"amount": Decimal("0.1000000000000000000000001")}) == '{"amount":0.1000000000000000000000001}'


@pytest.mark.parametrize("value", [1.5, Decimal("NaN"), object()])
def test_json_refuses_what_is_not_exact(value: object) -> None:
    """A float or a number that is none never leaves this machine."""
    with pytest.raises(TypeError):
        odata.dumps({"x": value})


def test_text_in_a_filter_is_quoted_and_doubled() -> None:
    """A quote in a value cannot end the literal."""
    assert odata.within("productnumber", ["O'Neil", "b"]).endswith('PropertyValues=["O\'Neil","b"])')
    assert odata.literal("it's") == "'it''s'"


def test_a_guid_stands_bare_and_in_lower_case() -> None:
    """Ids have one form everywhere."""
    assert odata.row("products", "{0A67DAE0-1B4B-5E6E-B61D-3FD1665DE1FE}") == (
        "products(0a67dae0-1b4b-5e6e-b61d-3fd1665de1fe)"
    )
    with pytest.raises(ValueError, match="not a GUID"):
        odata.row("products", "1) or (1 eq 1")


@given(TEXT)
def test_a_query_option_survives_the_url(value: str) -> None:
    """Whatever stands in an option arrives as it was written: no plus for space, no second option."""
    url = urlsplit(f"https://x/{odata.query('rows', {'$filter': value or 'x'})}")
    assert unquote(url.query) == f"$filter={value or 'x'}"
    assert "+" not in url.query
    assert "&" not in url.query


@given(st.lists(st.text("ab'é ", min_size=1, max_size=20), max_size=60))
def test_chunks_keep_order_and_limits(values: list[str]) -> None:
    """Long lists are cut so that no URL grows too long, and nothing is lost or moved."""
    parts = list(odata.chunks(values, count=7, characters=100))
    assert [value for part in parts for value in part] == values
    assert all(len(part) <= 7 for part in parts)
    assert all(len(part) == 1 or sum(len(value) for value in part) <= 100 for part in parts)
