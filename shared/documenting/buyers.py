"""Who buys by a document: the Shopify customer that is linked to its account or contact, else one with the same e-mail
address, else one with the same phone number, else nobody; his address is kept in any case.

Two calls to CRM a page (accounts, contacts), and one to Shopify for those who are linked to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.mapping.phones import e164
from shared.records import Content
from shared.shopify.client import Document, ShopifyClient

Linked = Callable[[str, Sequence[str]], Mapping[str, str]]
"""(table, ids of its rows) → the Shopify ids of the customers that are linked to them."""
_IDS = 100
_MAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;.]+")
_ADDRESS = ("name", "line1", "line2", "city", "stateorprovince", "postalcode", "country")
_ROWS: Mapping[str, tuple[str, str]] = {
    "account": ("accounts", "accountid,name,emailaddress1,telephone1,_primarycontactid_value"),
    "contact": ("contacts", "contactid,firstname,lastname,emailaddress1,telephone1,mobilephone"),
}
_BLANK: Mapping[str, str] = {}
_ALIASES: Mapping[str, str] = {
    **dict.fromkeys(("UK", "ENGLAND", "SCOTLAND", "WALES"), "GB"),
    **dict.fromkeys(("USA", "U.S.A.", "UNITED STATES OF AMERICA"), "US"),
    **dict.fromkeys(("HOLLAND", "THE NETHERLANDS"), "NL"),
    "EL": "GR",
    "DEUTSCHLAND": "DE",
}
"""What people write for a country that Shopify knows under another name; all else is left to Shopify."""


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys. `customer`: his id in Shopify, where he has one. `purchaser`: ids of the company that buys (B2B), its
    contact and location, with a stroke between them."""

    customer: str | None = None
    email: str | None = None
    phone: str | None = None
    first: str | None = None
    last: str | None = None
    company: str | None = None
    address: Mapping[str, Any] | None = None
    purchaser: str | None = None


@dataclass(frozen=True, slots=True)
class Buyers:
    """Finds the buyers of a page of documents."""

    crm: Client
    shopify: ShopifyClient
    linked: Linked

    def of(self, contents: Sequence[Content]) -> list[Buyer]:
        """The buyer of each."""
        accounts = self._rows(
            "account", {str(each["customerid_account"]) for each in contents if each["customerid_account"]}
        )
        people = {str(each["customerid_contact"]) for each in contents if each["customerid_contact"]}
        people |= {
            str(row["_primarycontactid_value"]).lower() for row in accounts.values() if row["_primarycontactid_value"]
        }
        contacts = self._rows("contact", people)
        links = {**self.linked("account", sorted(accounts)), **self.linked("contact", sorted(contacts))}
        found = [_buyer(each, accounts, contacts, links) for each in contents]
        known = self._by_reach([each for each in found if each.customer is None])
        return [_linked(each, known) for each in found]

    def _rows(self, table: str, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
        entity_set, select = _ROWS[table]
        select += "".join(f",address1_{each}" for each in _ADDRESS)
        wanted, found = sorted(ids), dict[str, Mapping[str, Any]]()
        for start in range(0, len(wanted), _IDS):
            within = odata.within(f"{table}id", wanted[start : start + _IDS])
            url = odata.query(entity_set, {"$select": select, "$filter": within})
            for page in self.crm.pages(url, name=f"buyers ({table})"):
                found |= {str(row[f"{table}id"]).lower(): row for row in page.data["value"]}
        return found

    def _by_reach(self, buyers: Sequence[Buyer]) -> Mapping[str, str]:
        """Customers by e-mail address and by phone number, asked for by exactly those."""
        asked = [("emailAddress", each) for each in dict.fromkeys(buyer.email for buyer in buyers) if each]
        asked += [("phoneNumber", each) for each in dict.fromkeys(buyer.phone for buyer in buyers) if each]
        found: dict[str, str] = {}
        for start in range(0, len(asked), _IDS):
            part = asked[start : start + _IDS]
            declared = ", ".join(f"$c{place}: CustomerIdentifierInput!" for place in range(len(part)))
            fields = " ".join(
                f"c{place}: customerByIdentifier(identifier: $c{place}) {{ legacyResourceId }}"
                for place in range(len(part))
            )
            document = Document("CustomersReached", f"query CustomersReached({declared}) {{ {fields} }}")
            variables = {f"c{place}": {name: value} for place, (name, value) in enumerate(part)}
            data = self.shopify.execute(document, variables).data
            for place, (_, value) in enumerate(part):
                if data[f"c{place}"]:
                    found[value] = str(data[f"c{place}"]["legacyResourceId"])
        return found


def _buyer(
    content: Content, accounts: Mapping[str, Any], contacts: Mapping[str, Any], links: Mapping[str, str]
) -> Buyer:
    account_id, contact_id = (str(content[name] or "") for name in ("customerid_account", "customerid_contact"))
    account = accounts.get(account_id, _BLANK)
    person_id = contact_id or str(account.get("_primarycontactid_value") or "").lower()
    person = contacts.get(person_id, _BLANK)
    ids = (contact_id, account_id, person_id)
    row = account or person
    return Buyer(
        customer=next((links[each] for each in ids if each in links), None),
        email=next(_mails(account, person), None),
        phone=next(_phones(account, person), None),
        first=person.get("firstname"),
        last=person.get("lastname"),
        company=account.get("name"),
        address={each: row.get(f"address1_{each}") for each in _ADDRESS},
    )


def _mails(*rows: Mapping[str, Any]) -> Iterator[str]:
    for row in rows:
        text = str(row.get("emailaddress1") or "").strip()
        if _MAIL.fullmatch(text):
            yield text


def _phones(*rows: Mapping[str, Any]) -> Iterator[str]:
    for row in rows:
        home = str(row.get("address1_country") or "").strip().upper()
        code = _ALIASES.get(home, home)
        for column in ("telephone1", "mobilephone"):
            number = e164(str(row[column]), code if len(code) == 2 else None) if row.get(column) else None
            if number:
                yield number


def _linked(buyer: Buyer, known: Mapping[str, str]) -> Buyer:
    if buyer.customer is not None:
        return buyer
    found = known.get(buyer.email or "") or known.get(buyer.phone or "")
    return replace(buyer, customer=found)


def address(content: Content, prefix: str, buyer: Buyer) -> dict[str, Any]:
    """An address of a document in Shopify's words; where it has none, its account's."""
    own = {each: content.get(f"{prefix}_{each}") for each in _ADDRESS}
    given = own if any(own.values()) else dict(buyer.address or {})
    if not any(value for name, value in given.items() if name != "name"):
        return dict.fromkeys(("company", "first", "last", "address1", "address2", "city", "province", "zip", "country"))
    country = str(given.get("country") or "").strip()
    return {
        "company": given.get("name") or buyer.company,
        "first": buyer.first,
        "last": buyer.last or given.get("name") or buyer.company,
        "address1": given.get("line1"),
        "address2": given.get("line2"),
        "city": given.get("city"),
        "province": given.get("stateorprovince"),
        "zip": given.get("postalcode"),
        "country": _ALIASES.get(country.upper(), country) or None,
    }
