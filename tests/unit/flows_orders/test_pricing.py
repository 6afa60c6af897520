"""Price and discount of one line under both of Dataverse's methods."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.flows.orders.amounts import DiscountMethod, MoneySettings, step
from shared.flows.orders.pricing import Cost, Priced, priced

ONCE, EACH = (MoneySettings(discount_method=method) for method in DiscountMethod)


def cost(price: str, quantity: int, net: str, inside: str = "0") -> Cost:
    """What a line costs."""
    return Cost(Decimal(price), quantity, Decimal(inside), Decimal(net))


@pytest.mark.parametrize(
    ("settings", "given_cost", "price", "discount", "rounding"),
    [
        (ONCE, cost("9.99", 3, "29.97"), "9.99", "0", "0"),
        (ONCE, cost("9.99", 3, "26.22"), "9.99", "3.75", "0"),
        (EACH, cost("10", 3, "27"), "10", "1", "0"),
        (EACH, cost("10", 3, "26.50"), "9.9933", "1.16", "-0.02"),
        (ONCE, cost("10", 3, "0"), "10", "30", "0"),
        (EACH, cost("10", 3, "0"), "10", "10", "0"),
        # taxes inside: the net unit price is rounded up, and the discount takes back what that added
        (ONCE, cost("10", 3, "25.21", "4.79"), "8.4034", "0", "0"),
        (ONCE, cost("11.90", 100, "1000.03", "189.97"), "10.0003", "0", "0"),
        # 0.0169 would make 2.535, which is rounded one way or the other: the next price is not
        (ONCE, cost("0.02", 150, "2.53", "0.47"), "0.0170", "0.02", "0.02"),
        # shown as 3.33, sold at 3.3334
        (ONCE, cost("3.33", 3, "10.00"), "3.3334", "0", "0.01"),
        (EACH, cost("3.33", 3, "10.00"), "3.3333", "0", "0.01"),
        (ONCE, cost("-5", 2, "-10"), "-5", "0", "0"),
    ],
)
def test_price_and_discount(
    settings: MoneySettings, given_cost: Cost, price: str, discount: str, rounding: str
) -> None:
    """Promise: the listed price stays wherever it can, the discount makes the line exact, its rounding part is told."""
    found = priced(given_cost, settings)
    assert (found.price_per_unit, found.manual_discount, found.rounding) == tuple(
        map(Decimal, (price, discount, rounding))
    )


def priced_or_none(wanted: Cost, settings: MoneySettings) -> Priced | None:
    """The price, or None where none has enough decimals."""
    try:
        return priced(wanted, settings)
    except Invalid:
        return None


@given(
    units=st.integers(1, 500),
    listed=st.integers(0, 10_000_000),
    kept=st.integers(0, 100),
    taxed=st.integers(0, 25),
    digits=st.integers(0, 3),
    method=st.sampled_from(DiscountMethod),
)
def test_the_engine_arrives_at_the_net(
    units: int, listed: int, kept: int, taxed: int, digits: int, method: DiscountMethod
) -> None:
    """Promise: whichever way the engine rounds halves, the line costs its net to the unit, or is refused by name."""
    settings = MoneySettings(discount_method=method, currency_precision=digits)
    unit = step(digits)
    price = listed * unit
    inside = (price * units * taxed / 125).quantize(unit)
    net = ((price * units - inside) * kept / 100).quantize(unit)
    found = priced_or_none(Cost(price, units, inside, net), settings)
    if found is None:
        assert method is DiscountMethod.PER_UNIT
        assert units >= 10 ** (4 - digits)
        return
    times = units if method is DiscountMethod.PER_UNIT else 1
    assert found.manual_discount >= 0
    for mode in (ROUND_HALF_UP, ROUND_HALF_EVEN):
        base = (found.price_per_unit * units).quantize(unit, mode)
        assert base == found.base_amount
        assert base - found.manual_discount * times == net
        assert found.price_per_unit == found.price_per_unit.quantize(step(4))


def test_a_pricing_precision_that_is_too_small_is_named() -> None:
    """Promise: a price with more decimals than the organization keeps is refused, with the precision it needs."""
    with pytest.raises(Invalid, match=r"2 decimals, as the organization's pricing precision has it: raise it to 3"):
        priced(cost("1.234", 1, "1.234"), MoneySettings(pricing_precision=2, currency_precision=3))
    with pytest.raises(Invalid) as refused:
        priced(cost("10", 3, "26.50"), MoneySettings(discount_method=DiscountMethod.PER_UNIT, pricing_precision=2))
    assert refused.value.facts == {
        "field": "priceperunit", "unit_price": "10", "quantity": 3, "net": "26.50", "pricing_precision": 2, "needed": 3,
    }  # fmt: skip


def test_a_thousand_units_per_unit_are_refused() -> None:
    """Promise: where no precision holds the price, the sentence says which setting would help."""
    with pytest.raises(Invalid, match="no precision would do, discounts per line item would"):
        priced(cost("1", 1000, "999.99"), EACH)
    assert priced(cost("1", 1000, "999.99"), ONCE).manual_discount == Decimal("0.01")


def test_no_price_is_left_that_the_engine_may_round_either_way() -> None:
    """Promise: 150 units at 0.0001 are 0.015, which is 0.01 or 0.02: refused, not hoped for."""
    with pytest.raises(Invalid, match=r"150 units for 0\.02 cannot be priced exactly"):
        priced(cost("0.01", 150, "0.02"), EACH)
