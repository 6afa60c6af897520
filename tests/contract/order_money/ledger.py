"""Sales orders in the Dataverse sandbox: written as the money says, read back as its pricing engine left them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shared.flows.orders.amounts import DiscountMethod, MoneySettings
from shared.flows.orders.money import MoneyLine, OrderMoney
from tests.contract.dataverse.conftest import Org
from tests.support.expected_money import expectations

PRECISIONS = {"EUR": 2, "USD": 2, "CAD": 2, "JPY": 0, "KWD": 3}


class Ledger:
    """One organization with the currencies of the suite and one product on sale."""

    def __init__(self, **config: Any) -> None:
        self.org = Org(enforce_limits=False, **config)
        self.account = self.org.create("accounts", {"name": "Buyer"})
        self.currencies = {code: self._currency(code, digits) for code, digits in PRECISIONS.items()}
        self.lists = {code: self._list(code) for code in PRECISIONS}
        self.product = self.org.product("P-1")
        self.org.price(self.product, 7)
        assert self.org.patch(f"products({self.product})", {"statecode": 0}).status_code == 204
        self._set: tuple[int, int] | None = None

    def close(self) -> None:
        """Let go of the database."""
        self.org.sandbox.close()

    def _currency(self, code: str, digits: int) -> str:
        if code in ("EUR", "USD"):
            return self.org.id_of(f"currency/{code}")
        body = {"currencyname": code, "isocurrencycode": code, "currencysymbol": code, "exchangerate": 2}
        return self.org.create("transactioncurrencies", body | {"currencyprecision": digits}, "admin")

    def _list(self, code: str) -> str:
        if code == "EUR":
            return self.org.id_of("pricelevel")
        bind = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({self.currencies[code]})"}
        return self.org.create("pricelevels", {"name": code} | bind)

    def configure(self, settings: MoneySettings) -> None:
        """The organization's settings as the money takes them to be."""
        wanted = (int(settings.discount_method), settings.pricing_precision)
        if wanted != self._set:
            method, digits = wanted
            self.org.setting(discountcalculationmethod=method, pricingdecimalprecision=digits)
            self._set = wanted

    def write(self, money: OrderMoney) -> str:
        """The order with its lines, in one call; its id."""
        code = money.currency
        body = {
            "name": "From Shopify",
            "customerid_account@odata.bind": f"/accounts({self.account})",
            "transactioncurrencyid@odata.bind": f"/transactioncurrencies({self.currencies[code]})",
            "pricelevelid@odata.bind": f"/pricelevels({self.lists[code]})",
            "freightamount": money.freight,
            "discountamount": money.header_discount,
            "order_details": [self._line(line, code) for line in money.lines],
        }
        if not money.lines:
            del body["order_details"]
        return self.org.create("salesorders", body)

    def _line(self, line: MoneyLine, code: str) -> dict[str, Any]:
        """A line of the catalogue's product where its currency has one, else a written-in one."""
        body = {
            "quantity": line.quantity,
            "ispriceoverridden": True,
            "priceperunit": line.price_per_unit,
            "manualdiscountamount": line.manual_discount,
            "tax": line.tax,
            "description": line.id,
        }
        if line.variant_id is None or code != "EUR":
            return body | {"isproductoverridden": True, "productdescription": line.title}
        uom = self.org.id_of("uom")
        return body | {"productid@odata.bind": f"/products({self.product})", "uomid@odata.bind": f"/uoms({uom})"}

    def differences(self, order: str, money: OrderMoney) -> list[tuple[str, str, Decimal, Decimal]]:
        """Every row of the money table that CRM shows otherwise: (line, column, expected, actual)."""
        header = self.org.get(f"salesorders({order})")
        rows = self.org.get(f"salesorderdetails?$filter=_salesorderid_value eq {order}")["value"]
        lines = {row["description"]: row for row in rows}
        assert header["pricingerrorcode"] == 0
        assert sorted(lines) == sorted(line.id for line in money.lines)
        found = [(one, lines[one.line] if one.line else header) for one in expectations(money)]
        return [
            (one.line, one.column, one.amount, Decimal(row[one.column]))
            for one, row in found
            if Decimal(row[one.column]) != one.amount
        ]


def settings(method: DiscountMethod, currency: str, precision: int | None = None, **more: Any) -> MoneySettings:
    """Settings for a currency; the pricing precision is what setup demands, or finer."""
    digits = PRECISIONS[currency]
    return MoneySettings(discount_method=method, pricing_precision=precision or 4, currency_precision=digits, **more)
