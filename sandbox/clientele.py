"""The made-up customers of both sandboxes: deterministic for a seed, nobody who exists.

200 customers in Shopify: with addresses of nine countries, with a phone alone, without a name, with one name, of a
company, with emoji and long texts. Some are in CRM already and have to be adopted, by their contact's e-mail, their
account's, or their phone; six cannot be told apart, or lead to a row that is not theirs, and have to be parked.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

CUSTOMERS = 200
BY_CONTACT, BY_ACCOUNT, BY_PHONE = 10, 5, 5
DOUBLE, NOT_PRIMARY, ALONE = 3, 2, 1

FIRST = (
    "Aurelia",
    "Benedek",
    "Casimira",
    "Dagobert",
    "Eulalia",
    "Fridolin",
    "Griselda",
    "Hyacinth",
    "Isolde",
    "Jorinde",
)
LAST = (
    "Quillfeather",
    "Brandywyne",
    "Oswaldtwistle",
    "Thistlewood",
    "Marchbanks",
    "Pennyfarthing",
    "Øvregård",
    "Szczepánik",
)
PLACES = (
    ("DE", "Berlin", "10117", "", "+4930900{:06d}"),
    ("US", "Springfield", "62701", "IL", "+1202555{:04d}"),
    ("GB", "London", "SW1A 1AA", "", "+4420794{:05d}"),
    ("FR", "Lyon", "69001", "", "+3347200{:04d}"),
    ("CH", "Zürich", "8001", "", "+4144211{:04d}"),
    ("IT", "Torino", "10121", "", "+3901155{:05d}"),
    ("NO", "Bergen", "5003", "", "+475521{:04d}"),
    ("CA", "Ottawa", "K1A 0A9", "ON", "+1613555{:04d}"),
    ("AU", "Hobart", "7000", "TAS", "+6136221{:04d}"),
)
STREETS = ("Lantern Row", "Mulberry Steps", "Old Ferry Lane", "Tollgate Yard", "Windmill Rise")


@dataclass(frozen=True)
class SeedCustomer:
    """One customer as the merchant enters him: the fields of Shopify's CustomerInput."""

    values: dict[str, Any]


@dataclass(frozen=True)
class CrmAccount:
    """One account with its contact, made by sales before the integration ran. An empty name: the contact has none."""

    name: str
    values: dict[str, str] = field(default_factory=dict)
    contact: dict[str, str] = field(default_factory=dict)
    primary: bool = True


@dataclass(frozen=True)
class Clientele:
    """Everybody to seed. `parked` of the customers have to be parked."""

    customers: tuple[SeedCustomer, ...]
    accounts: tuple[CrmAccount, ...]
    parked: int = DOUBLE + NOT_PRIMARY + ALONE


def build(seed: int = 1) -> Clientele:
    """The customers of that seed, and the accounts some of them have already."""
    chance = random.Random(seed)
    customers = [_customer(chance, number) for number in range(CUSTOMERS)]
    return Clientele(tuple(map(SeedCustomer, customers)), tuple(_accounts(customers)))


def _customer(chance: random.Random, number: int) -> dict[str, Any]:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    country, city, code, province, phone = PLACES[number % len(PLACES)]
    address = {
        "address1": f"{number + 1} {chance.choice(STREETS)}",
        "city": city,
        "zip": code,
        "countryCode": country,
        **({"provinceCode": province} if province else {}),
    }
    values: dict[str, Any] = {
        "firstName": first,
        "lastName": last,
        "email": f"{first}.{number}@example.com".lower(),
        "phone": phone.format(100 + number),
        "addresses": [address],
        "tags": ["newsletter"] if number % 4 == 0 else [],
    }
    return values | _special(number, first, last, address)


def _special(number: int, first: str, last: str, address: dict[str, Any]) -> dict[str, Any]:
    """What is unusual about some of them: six in twenty."""
    unusual: dict[int, dict[str, Any]] = {
        11: {"email": None},
        12: {"firstName": None, "lastName": None, "phone": None},
        13: {"lastName": None},
        14: {"addresses": [{**address, "company": f"{last} & Daughters {number}"}]},
        15: {"firstName": f"{first} 🌿", "note": "Prefers paper bags. " * 40},
        16: {"addresses": [], "phone": None},
    }
    return unusual.get(number % 20, {})


def _accounts(customers: list[dict[str, Any]]) -> list[CrmAccount]:
    """What sales had entered: the plain customers from the first on, one way each."""
    plain = iter([each for number, each in enumerate(customers) if number % 20 < 11])
    made = [_by_contact(next(plain)) for _ in range(BY_CONTACT)]
    made += [CrmAccount(_name(each), {"emailaddress1": each["email"]}) for each in _some(plain, BY_ACCOUNT)]
    without_email = iter([each for each in customers if not each["email"]])
    made += [CrmAccount(_name(each), {"telephone1": each["phone"]}) for each in _some(without_email, BY_PHONE)]
    for each in _some(plain, DOUBLE):
        made += [CrmAccount(f"{_name(each)} ({copy})", {"emailaddress1": each["email"]}) for copy in "AB"]
    made += [
        CrmAccount(f"{each['lastName']} Ltd", {}, _contact(each), primary=False) for each in _some(plain, NOT_PRIMARY)
    ]
    return made + [CrmAccount("", {}, _contact(each)) for each in _some(plain, ALONE)]


def _some(customers: Any, count: int) -> list[dict[str, Any]]:
    return [next(customers) for _ in range(count)]


def _by_contact(customer: dict[str, Any]) -> CrmAccount:
    """A contact whose e-mail is spelled in capitals: case does not count in addresses."""
    contact = {**_contact(customer), "emailaddress1": customer["email"].upper()}
    return CrmAccount(_name(customer), {}, contact)


def _contact(customer: dict[str, Any]) -> dict[str, str]:
    names = {"firstname": customer["firstName"], "lastname": customer["lastName"]}
    return {**names, "emailaddress1": customer["email"]}


def _name(customer: dict[str, Any]) -> str:
    return f"{customer['firstName']} {customer['lastName']}"
