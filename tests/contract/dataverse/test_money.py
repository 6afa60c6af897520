"""Money: precision, rounding, base amounts, currencies (entity reference, error codes)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from .conftest import Org, fault


def test_pricing_precision(org: Org) -> None:
    """Prices keep the organization's pricing precision and are printed with four decimals."""
    # reference b.: PrecisionSource 1; wire form [M]
    item = org.price(org.product(), amount=12.34567)
    assert org.get(f"productpricelevels({item})")["amount"] == Decimal("12.3457")
    assert '"amount":12.3457' in org.call("GET", f"productpricelevels({item})?$select=amount").text
    org.setting(pricingdecimalprecision=2)
    org.patch(f"productpricelevels({item})", {"amount": 12.34567})
    assert '"amount":12.3500' in org.call("GET", f"productpricelevels({item})?$select=amount").text


def test_currency_precision(org: Org) -> None:
    """Other money keeps the currency's precision."""
    # reference b.: PrecisionSource 2
    row_id = org.create("accounts", {"name": "A", "creditlimit": 10.129})
    assert org.get(f"accounts({row_id})")["creditlimit"] == Decimal("10.13")


@pytest.mark.parametrize(("mode", "found"), [("ROUND_HALF_UP", "0.13"), ("ROUND_HALF_EVEN", "0.12")])
def test_rounding_mode_is_a_setting(make_org: Any, mode: str, found: str) -> None:
    """Halves are rounded as the setting says, because the platform's mode is not documented."""
    # reference, not established: rounding mode
    org = make_org(rounding=mode)
    row_id = org.create("accounts", {"name": "A", "creditlimit": 0.125})
    assert org.get(f"accounts({row_id})")["creditlimit"] == Decimal(found)


def test_large_amounts_are_exact(org: Org) -> None:
    """An amount with fifteen digits keeps every one of them."""
    # reference b.: money up to 9.2e14 with four decimals
    sent = b'{"name":"A","creditlimit":99999999999.99}'
    row_id = org.call("POST", "accounts", sent).headers["OData-EntityId"][-37:-1]
    assert '"creditlimit":99999999999.9900' in org.call("GET", f"accounts({row_id})?$select=creditlimit").text


def test_base_amounts(org: Org) -> None:
    """Amounts in another currency have a base amount by the exchange rate, which the row keeps."""
    # reference b.4: exchangerate is a snapshot
    product = org.product(price=11, **{
        "transactioncurrencyid@odata.bind": f"/transactioncurrencies({org.id_of('currency/USD')})"})
    row = org.get(f"products({product})")
    assert (row["price_base"], row["exchangerate"]) == (Decimal(10), Decimal("1.1"))


def test_second_currency_with_the_same_code(org: Org) -> None:
    """There is one currency per ISO code."""
    # by the error code list, 0x80048CF3
    body = {"currencyname": "Euro 2", "isocurrencycode": "EUR", "currencysymbol": "E", "currencyprecision": 2,
            "exchangerate": 1}
    assert fault(org.call("POST", "transactioncurrencies", body)) == (400, "0x80048CF3")
