"""The whole app with companies on, beside customers and orders, and what people do with companies at both systems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from shared import app as actions
from shared.records import Outcome, Pair, ParkedRow, Side
from tests.support.clientele import Row
from tests.support.orders import Trade
from tests.support.plant import SHOP, signed
from tests.support.till import ERRORS

COMPANIES = "companies_shopify_to_crm"
COMPANY_MARK = "new_shopifycompanyid_acme"
QUAY = {"address1": "Quay 1", "city": "Ghent", "zip": "9000", "countryCode": "BE"}
YARD = {"address1": "Yard 2", "city": "Lyon", "zip": "69001", "countryCode": "FR"}
CREATE = f"""mutation($i: CompanyCreateInput!) {{ companyCreate(input: $i) {{ company {{ id }} {ERRORS} }} }}"""
UPDATE = f"""mutation($id: ID!, $i: CompanyInput!) {{ companyUpdate(companyId: $id, input: $i) {{ {ERRORS} }} }}"""
DELETE = f"mutation($id: ID!) {{ companyDelete(id: $id) {{ {ERRORS} }} }}"
JOIN = f"""mutation($id: ID!, $i: CompanyContactInput!) {{ companyContactCreate(companyId: $id, input: $i) {{
  companyContact {{ id customer {{ legacyResourceId }} }} {ERRORS} }} }}"""
ASSIGN = f"""mutation($id: ID!, $u: ID!) {{
  companyAssignCustomerAsContact(companyId: $id, customerId: $u) {{ {ERRORS} }} }}"""
EDIT = f"""mutation($id: ID!, $i: CompanyContactInput!) {{
  companyContactUpdate(companyContactId: $id, input: $i) {{ {ERRORS} }} }}"""
LEAVE = f"mutation($id: ID!) {{ companyContactDelete(companyContactId: $id) {{ {ERRORS} }} }}"
OPEN = f"""mutation($id: ID!, $i: CompanyLocationInput!) {{ companyLocationCreate(companyId: $id, input: $i) {{
  companyLocation {{ id }} {ERRORS} }} }}"""
CHANGE = f"""mutation($id: ID!, $i: CompanyLocationUpdateInput!) {{
  companyLocationUpdate(companyLocationId: $id, input: $i) {{ {ERRORS} }} }}"""
MOVE = f"""mutation($id: ID!, $a: CompanyAddressInput!, $t: [CompanyAddressType!]!) {{
  companyLocationAssignAddress(locationId: $id, address: $a, addressTypes: $t) {{ {ERRORS} }} }}"""
SHUT = f"mutation($id: ID!) {{ companyLocationDelete(companyLocationId: $id) {{ {ERRORS} }} }}"
SPEAKS = f"""mutation($id: ID!, $c: ID!) {{ companyAssignMainContact(companyId: $id, companyContactId: $c) {{
  {ERRORS} }} }}"""
SILENT = f"mutation($id: ID!) {{ companyRevokeMainContact(companyId: $id) {{ {ERRORS} }} }}"
PARTS = """query($id: ID!) { company(id: $id) { locations(first: 50) { nodes { id } }
  contacts(first: 50) { nodes { id customer { legacyResourceId } } } } }"""


class Business(Trade):
    """A Plant with companies, customers and orders on; products are off unless given."""

    def __init__(self, **environment: str) -> None:
        off = {"PRODUCTS_CRM_TO_SHOPIFY_MODE": "off", "PRODUCTS_SHOPIFY_TO_CRM_MODE": "off"}
        super().__init__(**{"COMPANIES_SHOPIFY_TO_CRM_MODE": "on", **off, **environment})

    # -- the merchant -------------------------------------------------------------------------------------------

    def company(self, name: str = "Acme", *, person: Mapping[str, Any] | None = None, **given: Any) -> str:
        """A company with one location, and a main contact; its number."""
        place = given.pop("place", {"name": f"{name} HQ", "shippingAddress": QUAY, "billingSameAsShipping": True})
        made = {"company": {"name": name, **given}, "companyLocation": place}
        if person is not None:
            made["companyContact"] = dict(person)
        return _number(self.done(CREATE, i=made)["company"]["id"])

    def rename(self, company: str, **given: Any) -> None:
        """The merchant changes a company's own fields."""
        self.done(UPDATE, id=_gid("Company", company), i=given)

    def dissolve(self, company: str) -> None:
        """The merchant deletes a company."""
        self.done(DELETE, id=_gid("Company", company))

    def join(self, company: str, **person: Any) -> str:
        """A further contact; the number of its customer."""
        made = self.done(JOIN, id=_gid("Company", company), i=person)["companyContact"]
        return str(made["customer"]["legacyResourceId"])

    def join_as(self, company: str, customer: str) -> None:
        """A customer becomes a contact."""
        self.done(ASSIGN, id=_gid("Company", company), u=_gid("Customer", customer))

    def bought_by(self, company: str, *lines: Mapping[str, Any], **given: Any) -> str:
        """An order of a company, for its first location; the order's number."""
        return self.order(*lines, companyLocationId=self.parts(company)["locations"][0], **given)

    def parts(self, company: str) -> Row:
        """Global ids: of its locations, and of its contacts by their customer."""
        found: Row = self.merchant.call(PARTS, {"id": _gid("Company", company)})["company"]
        people = {node["customer"]["legacyResourceId"]: node["id"] for node in found["contacts"]["nodes"]}
        return {"locations": [node["id"] for node in found["locations"]["nodes"]], "contacts": people}

    def person_of(self, company: str, customer: str, **given: Any) -> None:
        """The merchant changes a contact."""
        self.done(EDIT, id=self.parts(company)["contacts"][customer], i=given)

    def leave(self, company: str, customer: str) -> None:
        """The merchant removes a contact."""
        self.done(LEAVE, id=self.parts(company)["contacts"][customer])

    def speaks(self, company: str, customer: str | None) -> None:
        """The merchant makes somebody the main contact, or nobody."""
        if customer is None:
            self.done(SILENT, id=_gid("Company", company))
            return
        self.done(SPEAKS, id=_gid("Company", company), c=self.parts(company)["contacts"][customer])

    def housekeep(self) -> None:
        """The app's housekeeping, and what it found worked."""
        actions.housekeeping()
        self.work()

    def open(self, company: str, name: str, **given: Any) -> str:
        """A further location; its global id."""
        place = {"name": name, "shippingAddress": YARD, "billingSameAsShipping": True, **given}
        return str(self.done(OPEN, id=_gid("Company", company), i=place)["companyLocation"]["id"])

    def moved(self, location: str, address: Mapping[str, Any], *types: str) -> None:
        """The merchant changes the address of a location."""
        self.done(MOVE, id=location, a=dict(address), t=list(types or ("SHIPPING",)))

    def shut(self, location: str) -> None:
        """The merchant closes a location."""
        self.done(SHUT, id=location)

    def night(self) -> None:
        """The nightly comparison of companies, and what it found worked."""
        actions.poll(self.app, COMPANIES, SHOP, restart=True, compare=True)
        self.work()

    # -- Shopify, and what became of it -------------------------------------------------------------------------

    def said(self, topic: str, company: str, **more: Any) -> int:
        """Shopify calls the companies' webhook, with the bodies it was seen to have; the status. Nothing is worked."""
        of = {"admin_graphql_api_id": _gid("Company", company)}
        body = {**of, **more} if topic.startswith("companies/") else {"company": of, **more}
        raw = json.dumps(body).encode()
        return actions.receive(COMPANIES, signed(raw, topic=topic), raw)[0]

    def account(self, company: str) -> Row:
        """The one account that carries the company's id."""
        (found,) = self.rows("accounts", f"{COMPANY_MARK} eq '{company}'")
        return found

    def people(self, company: str) -> dict[str, Row]:
        """The contacts of its account, by their e-mail address."""
        account = self.account(company)["accountid"]
        return {row["emailaddress1"]: row for row in self.rows("contacts", f"_parentcustomerid_value eq {account}")}

    def addresses(self, company: str) -> list[Row]:
        """The further addresses of its account, in the order of their names and kinds."""
        account = self.account(company)["accountid"]
        rows = self.rows("customeraddresses", f"_parentid_value eq {account}")
        further = [row for row in rows if row["addressnumber"] not in (1, 2)]
        return sorted(further, key=lambda row: (row["name"], row["addresstypecode"]))

    def company_pair(self, company: str) -> Pair | None:
        """What the state knows of a company."""
        return self.app.state.crossrefs.load(SHOP, "companies", Side.SHOPIFY, [company]).get(company)

    def parked_company(self, company: str) -> ParkedRow | None:
        """The company's parked row."""
        return self.app.state.parked.known(SHOP, COMPANIES, [company]).get(company)

    def company_outcomes(self, company: str) -> list[Outcome]:
        """What runs said of a company, the newest first; a run in which nothing changed says nothing."""
        runs = self.app.state.runs.last(SHOP, COMPANIES, 200)
        told = [self.app.state.journal.get_outcomes(run.outcomes_blob) for run in runs if run.outcomes_blob]
        return [each for outcomes in told for each in outcomes if each.source_id == company]


def _gid(kind: str, number: str) -> str:
    return f"gid://shopify/{kind}/{number}"


def _number(identifier: str) -> str:
    return identifier.rpartition("/")[2]
