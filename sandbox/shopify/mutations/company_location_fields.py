"""The fields of a company's location in an input: what is refused, what it is called, how it becomes rows.

Shared by companyCreate and the mutations of locations. Only `LocationInput.write` writes.
"""

from __future__ import annotations

from sandbox.shopify import contact_points, gid, registry
from sandbox.shopify.address_text import trimmed
from sandbox.shopify.call import Call, user_error
from sandbox.shopify.mutations.company_address_input import CompanyAddressInput
from sandbox.shopify.mutations.company_fields import external_id, texts
from sandbox.shopify.resolvers.company_lists import born
from sandbox.shopify.store import companies
from sandbox.shopify.store.database import Row

OWN = "name phone locale externalId note buyerExperienceConfiguration"
registry.inputs(
    "CompanyLocationInput",
    f"{OWN} billingAddress shippingAddress billingSameAsShipping taxRegistrationId taxExempt taxExemptions",
)
registry.inputs("CompanyLocationUpdateInput", OWN)
registry.inputs(
    "BuyerExperienceConfigurationInput", "checkoutToDraft editableShippingAddress paymentTermsTemplateId deposit"
)
registry.inputs("DepositInput", "percentage")
# An input that holds nothing but these counts as empty (recorded for an address alone).
ADDRESSES = frozenset(["billingAddress", "shippingAddress", "billingSameAsShipping"])
WRONG = "Invalid input."


class LocationInput:
    """The input of a location: `errors` under `path`, and what to write when there are none."""

    def __init__(self, call: Call, given: Row, path: list[str], standing: Row | None = None) -> None:
        self._call = call
        self._given = given
        self._path = path
        self._standing = standing
        self.errors: list[Row] = []
        self.columns: Row = {}
        self._addresses: dict[str, Row] = {}
        self._shape()
        # An input that is no input is refused before any of its values is looked at (recorded).
        self.is_misshapen = bool(self.errors)
        if not self.is_misshapen:
            self._own()
            self._experience()
        if standing is None and not self.is_misshapen:
            self._taxes()
            self._places()

    def _shape(self) -> None:
        given = self._given
        if given.get("buyerExperienceConfiguration") == {}:
            self._refuse("buyerExperienceConfiguration", WRONG, "INVALID_INPUT")
        if "taxExempt" in given and given["taxExempt"] is None:
            self._refuse("taxExempt", WRONG, "INVALID_INPUT")
        if given.get("billingSameAsShipping"):
            if given.get("billingAddress") is not None:
                self._refuse("billingAddress", WRONG, "INVALID_INPUT")
            if given.get("shippingAddress") is None:
                self._refuse("shippingAddress", WRONG, "INVALID_INPUT")

    def _refuse(self, name: str, message: str, code: str) -> None:
        self.errors.append(user_error([*self._path, name], message, code))

    def _own(self) -> None:
        given = self._given
        if self._standing and "name" in given:
            if given["name"] is None:
                self._refuse("name", "Name is of unexpected type NilClass", "UNEXPECTED_TYPE")
            elif not trimmed(given["name"]):
                self._refuse("name", "Name can't be blank", "BLANK")
        self.errors += texts(given, self._path)
        number = self._standing and self._standing["id"]
        self.errors += external_id(self._call, "company_locations", given, self._path, number)
        named = {"name": "name", "locale": "locale", "externalId": "external_id", "note": "note"}
        self.columns |= {column: given[name] for name, column in named.items() if given.get(name) is not None}
        for name in ("externalId", "note"):
            if name in given:
                self.columns[named[name]] = given[name] or None
        self._phone()

    def _phone(self) -> None:
        if "phone" not in self._given:
            return
        text = trimmed(self._given["phone"])
        phone = contact_points.phone(text, self._call.store.config.country) if text else None
        if text and phone is None:
            self._refuse("phone", "Phone is invalid", "INVALID")
        self.columns["phone"] = phone

    def _experience(self) -> None:
        given = self._given.get("buyerExperienceConfiguration")
        if given is None:
            return
        name = "buyerExperienceConfiguration"
        for flag, column in (
            ("checkoutToDraft", "checkout_to_draft"),
            ("editableShippingAddress", "editable_shipping_address"),
        ):
            if given.get(flag) is not None:
                self.columns[column] = int(given[flag])
        if "deposit" in given:
            self._deposit(given, name)
        if "paymentTermsTemplateId" in given:
            self._terms(given, name)

    def _deposit(self, given: Row, name: str) -> None:
        percentage = (given["deposit"] or {}).get("percentage")
        if percentage is not None and not self._template(given):
            path = [*self._path, name, "deposit"]
            self.errors.append(user_error(path, "Deposit requires a payment terms template.", "INVALID"))
        self.columns["deposit_percentage"] = percentage

    def _template(self, given: Row) -> int | None:
        number = gid.number(given.get("paymentTermsTemplateId"), "PaymentTermsTemplate")
        return number or (self._standing or {}).get("payment_terms_template")

    def _terms(self, given: Row, name: str) -> None:
        identifier = given["paymentTermsTemplateId"]
        if identifier and registry.NODES["PaymentTermsTemplate"](self._call, identifier) is None:
            self._refuse(name, WRONG, "INVALID_INPUT")
        self.columns["payment_terms_template"] = gid.number(identifier, "PaymentTermsTemplate")

    def _taxes(self) -> None:
        given = self._given
        if "taxExempt" in given:
            self.columns["tax_exempt"] = int(bool(given["taxExempt"]))
        if given.get("taxExemptions") is not None:
            self.columns["tax_exemptions"] = list(dict.fromkeys(given["taxExemptions"]))
        if "taxRegistrationId" in given:
            self.columns["tax_registration_id"] = given["taxRegistrationId"] or None

    def _places(self) -> None:
        given = self._given
        for name in ("billingAddress", "shippingAddress"):
            if given.get(name) is not None:
                read = CompanyAddressInput(self._call, given[name], [*self._path, name])
                self.errors += read.errors
                self._addresses[name] = read.columns

    def write(self, company: int, fallback: str) -> int:
        """Add the location to a company; without a name it is called by its street or else by the fallback."""
        store = self._call.store
        columns = dict(self.columns)
        columns["name"] = trimmed(columns.get("name")) or fallback
        shipping, billing = self._addresses.get("shippingAddress"), self._addresses.get("billingAddress")
        if self._given.get("billingSameAsShipping"):
            billing = shipping
        if shipping is not None:
            columns["shipping_address_id"] = companies.put_address(store, None, shipping)
        if billing is not None:
            columns["billing_address_id"] = companies.put_address(store, None, billing)
        number = companies.create_location(store, company, columns)
        born(self._call, "CompanyLocation", number)
        return number

    @property
    def street(self) -> str | None:
        """The street of the shipping address, which names a location that has no name (recorded)."""
        return (self._addresses.get("shippingAddress") or {}).get("address1")
