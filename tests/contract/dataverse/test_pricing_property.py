"""The pricing engine as a property: totals are the sums, to the last digit, whatever the order of edits."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import Org
from .selling import KINDS, TOTALS, Shop

EDITS = st.lists(st.tuples(
    st.sampled_from(["add", "change", "drop", "header"]), st.integers(0, 5),
    st.decimals(-500, 2000, places=4), st.decimals(Decimal("0.00001"), 50, places=5),
    st.decimals(0, 40, places=2), st.decimals(-20, 90, places=2)), min_size=1, max_size=9)


def cents(number: Decimal) -> Decimal:
    """The number in whole cents."""
    return number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def expected(lines: list[dict[str, Any]], head: dict[str, Decimal], per_unit: bool) -> list[Decimal]:
    """The totals by the documented formulas, calculated here and not by the sandbox."""
    items, manual, tax = Decimal(0), Decimal(0), Decimal(0)
    for line in lines:
        price = line["priceperunit"].quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
        discount = line["manualdiscountamount"]
        items += cents(price * line["quantity"])
        items -= cents(discount * line["quantity"]) if per_unit else discount
        manual += discount
        tax += line["tax"]
    percent = cents(items * head["discountpercentage"] / 100)
    lower = items - head["discountamount"] - percent
    return [items, manual, manual + head["discountamount"] + percent, lower, tax, lower + head["freightamount"] + tax]


@pytest.fixture(scope="module")
def market() -> Any:
    """One organization for all examples, with a price list in each currency."""
    org = Org()
    shop = Shop(org)
    dollar = org.create("pricelevels", {"name": "USD", "transactioncurrencyid@odata.bind":
                        f"/transactioncurrencies({org.id_of('currency/USD')})"})
    yield shop, {"EUR": org.id_of("pricelevel"), "USD": dollar}
    org.sandbox.close()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, kind=st.sampled_from(sorted(KINDS)), currency=st.sampled_from(["EUR", "USD"]),
       per_unit=st.booleans(), at_once=st.booleans())
def test_totals_are_the_sums(
    market: Any, edits: Any, kind: str, currency: str, per_unit: bool, at_once: bool,
) -> None:
    """For random lines, discounts, taxes, currencies and edits, header totals equal the sums to the last digit."""
    # reference b.4: the formulas of lines and headers
    shop, lists = market
    shop.org.setting(discountcalculationmethod=int(per_unit))
    entity_set, _, line_set, _ = KINDS[kind]
    head = {"discountpercentage": Decimal(0), "discountamount": Decimal(0), "freightamount": Decimal(0)}
    more = {"pricelevelid@odata.bind": f"/pricelevels({lists[currency]})"}
    first = [_line(edit) for edit in edits if edit[0] == "add"] if at_once else []
    header = shop.document(kind, [shop.written_in(**_sent(line)) for line in first], currency=currency, **more)
    known = dict(zip([row[f"{line_set[:-1]}id"] for row in shop.lines(header, kind)], first, strict=True))
    for edit in edits:
        if edit[0] == "add" and not at_once:
            line = _line(edit)
            known[shop.line(header, shop.written_in(**_sent(line)), kind)] = line
        elif edit[0] == "header":
            head.update(discountpercentage=edit[4], discountamount=abs(edit[5]), freightamount=edit[4])
            assert shop.org.patch(f"{entity_set}({header})", head).status_code == 204
        elif known and edit[0] != "add":
            _touch(shop, line_set, known, edit)
    row, stored = shop.row(header, kind), shop.lines(header, kind)
    assert [row[name] for name in TOTALS] == expected(list(known.values()), head, per_unit)
    assert row["totallineitemamount"] == sum((r["extendedamount"] - (r["tax"] or 0) for r in stored), Decimal(0))
    rate = Decimal("1.1") if currency == "USD" else Decimal(1)
    exact = (row["totalamount"] / rate).quantize(Decimal("0.0001"), rounding=ROUND_HALF_UP)
    assert row["totalamount_base"] == exact


def _line(edit: Any) -> dict[str, Decimal]:
    _, _, price, quantity, discount, tax = edit
    return {"priceperunit": price, "quantity": quantity, "manualdiscountamount": discount, "tax": tax}


def _sent(line: dict[str, Decimal]) -> dict[str, Any]:
    return {"price": line["priceperunit"], **{n: v for n, v in line.items() if n != "priceperunit"}}


def _touch(shop: Shop, line_set: str, known: dict[str, dict[str, Decimal]], edit: Any) -> None:
    line_id = sorted(known)[edit[1] % len(known)]
    if edit[0] == "drop":
        assert shop.org.call("DELETE", f"{line_set}({line_id})").status_code == 204
        del known[line_id]
    else:
        known[line_id] = _line(edit)
        assert shop.org.patch(f"{line_set}({line_id})", known[line_id]).status_code == 204
