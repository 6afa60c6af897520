"""A customer's address in an input: what is refused and how it becomes columns.

The country wins over the province, a code over a name; what is not said stays as it stands (recorded in the areas
customers of 2025-01 and 2026-04). It writes nothing.
"""

from __future__ import annotations

from sandbox.shopify import contact_points, registry
from sandbox.shopify.address_text import LABELS, fault_of, trimmed
from sandbox.shopify.call import Call, user_error
from sandbox.shopify.places.lookup import country_of, has_zones, zone_name, zone_of
from sandbox.shopify.store.database import Row

registry.inputs(
    "MailingAddressInput",
    "id firstName lastName company address1 address2 city zip phone country countryCode province provinceCode",
)
TEXTS = {
    "firstName": "first_name",
    "lastName": "last_name",
    "company": "company",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "zip": "zip",
    "phone": "phone",
}


class AddressInput:
    """One address of an input: `columns` are what it sets, `errors` what is wrong with it under `path`."""

    def __init__(self, call: Call, given: Row, path: list[str], standing: Row | None = None) -> None:
        self.errors: list[Row] = []
        self._call = call
        self._path = path
        self._standing = standing or {}
        self.columns: Row = {}
        self._place(given)
        self._texts(given)

    def _refuse(self, name: str, message: str) -> None:
        self.errors.append(user_error([*self._path, name], message, "INVALID"))

    def _place(self, given: Row) -> None:
        country = self._standing.get("country_code")
        if "country" in given or "countryCode" in given:
            country = self._country(given)
            self.columns["country_code"] = country
            if country != self._standing.get("country_code"):
                self.columns["province_code"] = None
        text = trimmed(given.get("provinceCode")) or trimmed(given.get("province"))
        if "province" not in given and "provinceCode" not in given:
            return
        self.columns["province_code"] = None
        if text is None or country is None or not has_zones(country):
            return
        zone = zone_of(country, text)
        if zone is None:
            self._refuse("province", "Province is invalid")
        self.columns["province_code"] = zone

    def _country(self, given: Row) -> str | None:
        text = trimmed(given.get("countryCode")) or trimmed(given.get("country"))
        code = country_of(text) if text else None
        if text and code is None:
            self._refuse("country", "Country is invalid")
        return code

    def _texts(self, given: Row) -> None:
        for name, column in TEXTS.items():
            if name not in given:
                continue
            text = trimmed(given[name])
            fault = fault_of(text) if text else None
            if fault:
                self._refuse(name, f"{LABELS[name]} {fault}")
            self.columns[column] = text
        if self.columns.get("phone"):
            country = self.columns.get("country_code") or self._standing.get("country_code")
            home = country or self._call.store.config.country
            self.columns["phone"] = contact_points.loose_phone(self.columns["phone"], home)


def whole(columns: Row) -> Row:
    """All columns of a new address: what is not said is nothing, and a zone belongs to its country."""
    blank: Row = dict.fromkeys([*TEXTS.values(), "country_code", "province_code"])
    row = blank | columns
    return row if zone_name(row["country_code"], row["province_code"]) else row | {"province_code": None}
