"""The address of a company's location in an input: what is refused and how it becomes columns.

Unlike customers' addresses these have a zone code, check the postal code and call every bad text just invalid
(recorded in the area b2b). It writes nothing.
"""

from __future__ import annotations

from sandbox.shopify import contact_points, registry
from sandbox.shopify.address_text import LABELS, fault_of, trimmed
from sandbox.shopify.call import Call, user_error
from sandbox.shopify.places.lookup import country_of, has_zones, postal_code_fits, zone_of
from sandbox.shopify.store.database import Row

registry.inputs(
    "CompanyAddressInput", "address1 address2 city zip phone firstName lastName recipient countryCode zoneCode"
)
TEXTS = {
    "recipient": "recipient",
    "firstName": "first_name",
    "lastName": "last_name",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "zip": "zip",
    "phone": "phone",
}


class CompanyAddressInput:
    """One address of an input: `columns` are what it sets, `errors` what is wrong with it under `path`."""

    def __init__(self, call: Call, given: Row, path: list[str], standing: Row | None = None) -> None:
        self.errors: list[Row] = []
        self.columns: Row = {}
        self._call = call
        self._path = path
        self._standing = standing or {}
        self._place(given)
        self._texts(given)

    def _refuse(self, name: str, message: str, code: str = "INVALID") -> None:
        self.errors.append(user_error([*self._path, name], message, code))

    def _place(self, given: Row) -> None:
        country = self._standing.get("country_code")
        if "countryCode" in given or not self._standing:
            code = given.get("countryCode")
            country = country_of(code) if code else None
            if country is None:
                self._refuse("countryCode", "Country code is invalid" if code else "Country code can't be blank")
            if country != self._standing.get("country_code"):
                self.columns["zone_code"] = None
            self.columns["country_code"] = country
        text = trimmed(given.get("zoneCode"))
        if "zoneCode" in given and country:
            zone = zone_of(country, text) if text and has_zones(country) else None
            if text and zone is None and has_zones(country):
                self._refuse("zoneCode", "Zone code is invalid")
            self.columns["zone_code"] = zone
        if country and trimmed(given.get("zip")) and not postal_code_fits(country, given["zip"]):
            self._refuse("zip", "Zip is invalid")

    def _texts(self, given: Row) -> None:
        for name, column in TEXTS.items():
            if name not in given:
                continue
            text = trimmed(given[name])
            fault = fault_of(text) if text else None
            if fault:
                self._refuse(name, f"{LABELS[name]} is invalid")
            self.columns[column] = text
        if self.columns.get("phone"):
            self._phone()

    def _phone(self) -> None:
        country = self.columns.get("country_code") or self._standing.get("country_code")
        phone = contact_points.phone(self.columns["phone"], country or self._call.store.config.country)
        if phone is None:
            self._refuse("phone", "Phone is invalid")
        self.columns["phone"] = phone
