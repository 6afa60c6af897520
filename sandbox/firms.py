"""The made-up companies of both sandboxes: deterministic for a seed, nobody who exists.

Eight companies in Shopify, each with one to three people and locations. Sales knows some of them: two by their external
id, one of these with its buyer. Two have to be parked: one whose number two accounts have, one with a person who is
another account's contact.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from sandbox.clientele import FIRST, LAST, PLACES, STREETS, CrmAccount

FIRMS = 8
TITLES = ("Buyer", "Owner", "Accounts payable")
KNOWN, KNOWN_WITH_BUYER, DOUBLE, TAKEN = 0, 1, 2, 3
PARKED = (DOUBLE, TAKEN)


@dataclass(frozen=True)
class SeedFirm:
    """One company as the merchant enters it: CompanyCreateInput, then its further people and locations."""

    values: dict[str, Any]
    people: tuple[dict[str, Any], ...]
    locations: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class Firms:
    """All companies to seed, and the accounts that sales has of some of them or of their people."""

    firms: tuple[SeedFirm, ...]
    accounts: tuple[CrmAccount, ...]


def build(seed: int = 1) -> Firms:
    """The companies of that seed."""
    chance = random.Random(f"firms {seed}")
    firms = tuple(_firm(chance, number) for number in range(FIRMS))
    return Firms(firms, tuple(_accounts(firms)))


def _firm(chance: random.Random, number: int) -> SeedFirm:
    people = [_person(chance, number, place) for place in range(1 + number % 3)]
    locations = [_location(chance, number, place) for place in range(1 + (number + 1) % 3)]
    company = {"name": f"{chance.choice(LAST)} Trading {number}", "externalId": f"FIRM-{number}"}
    if number % 4 == 1:
        company["note"] = "Pays by bank transfer. " * 5
    if number == FIRMS - 1:
        del company["externalId"]
    values = {"company": company, "companyContact": people[0], "companyLocation": locations[0]}
    return SeedFirm(values, tuple(people[1:]), tuple(locations[1:]))


def _person(chance: random.Random, number: int, place: int) -> dict[str, Any]:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    email = f"{first}.{last}.firm{number}.{place}@example.com".lower().encode("ascii", "ignore").decode()
    return {"firstName": first, "lastName": last, "email": email, "title": TITLES[place]}


def _location(chance: random.Random, number: int, place: int) -> dict[str, Any]:
    """Where goods go and, for every other one, bills as well."""
    found: dict[str, Any] = {"name": f"Site {place + 1}", "shippingAddress": _address(chance, number + place)}
    if (number + place) % 2:
        return found | {"billingAddress": _address(chance, number + place + 4)}
    return found | {"billingSameAsShipping": True}


def _address(chance: random.Random, place: int) -> dict[str, Any]:
    country, city, code, province, _ = PLACES[place % len(PLACES)]
    line = f"{chance.randrange(1, 99)} {chance.choice(STREETS)}"
    zone = {"zoneCode": province} if province else {}
    return {"address1": line, "city": city, "zip": code, "countryCode": country, **zone}


def _accounts(firms: tuple[SeedFirm, ...]) -> list[CrmAccount]:
    """What sales had entered before."""
    named = {number: firm.values["company"]["name"] for number, firm in enumerate(firms)}
    buyers = {number: firm.values["companyContact"] for number, firm in enumerate(firms)}
    made = [CrmAccount(named[KNOWN].upper(), {"accountnumber": f"FIRM-{KNOWN}"})]
    buyer = {"lastname": "As sales spell it", "emailaddress1": buyers[KNOWN_WITH_BUYER]["email"].upper()}
    number = {"accountnumber": f"FIRM-{KNOWN_WITH_BUYER}"}
    made.append(CrmAccount(named[KNOWN_WITH_BUYER], number, buyer))
    made += [CrmAccount(f"{named[DOUBLE]} ({copy})", {"accountnumber": f"FIRM-{DOUBLE}"}) for copy in "AB"]
    person = {"lastname": buyers[TAKEN]["lastName"], "emailaddress1": buyers[TAKEN]["email"]}
    return [*made, CrmAccount("Somebody else's", {}, person)]
