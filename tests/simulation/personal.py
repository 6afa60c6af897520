"""What must be true of customers once the troubles are over, read from both sides as people see them.

Only for verdicts, parked records and what the state still holds is the app asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from shared.flows import flow_named
from shared.records import Item, Origin, Page, ParkedRow, Verdict
from tests.contract.state.search import everything
from tests.simulation.persons import MARKED, Persons
from tests.simulation.town import Town
from tests.support.plant import SHOP

FLOW = "customers_shopify_to_crm"
CUSTOMERS = """query { customers(first: 50) { nodes { legacyResourceId firstName lastName
  defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber } defaultAddress { address1 city } } } }"""
ROWS = (
    f"accounts?$select=name,emailaddress1,telephone1,address1_line1,address1_city,websiteurl,{MARKED}"
    f"&$expand=contact_customer_accounts($select=firstname,lastname,emailaddress1,{MARKED})"
)
QUIET = frozenset({Verdict.UNCHANGED, Verdict.SKIPPED})


@dataclass
class PersonalPromises:
    """All of them, for one life of persons. `checked` counts what was looked at in the end."""

    town: Town
    people: Persons
    checked: Counter[str] = field(default_factory=Counter)

    def before_comparison(self) -> list[str]:
        """What has to be right without the nightly comparison. What was parked because workers died waits for it."""
        failed = {row.source_id for row in self._parked() if row.code == "WorkerFailed"}
        wrong = [one for one in self._both_sides() if not any(each in one for each in failed)]
        return [*self.town.defects, *wrong, *self._remembered()]

    def broken(self) -> list[str]:
        """Every promise that does not hold at the end."""
        parked = [f"parked: {row.source_id} {row.code}: {row.sentence}" for row in self._parked()]
        doubled = self.town.witness.doubled()
        self.checked = Counter({"creates": self.town.witness.made.total()})
        wrong = [*self.town.defects, *self._both_sides(), *parked, *doubled, *self._remembered()]
        return [*wrong, *self._verdicts()]

    def _parked(self) -> Iterator[ParkedRow]:
        yield from self.town.hosts[0].state.parked.list(SHOP, FLOW)

    def _both_sides(self) -> list[str]:
        wrong: list[str] = []
        rows = self.town.sales.get(ROWS)["value"]
        for customer in self.town.merchant.call(CUSTOMERS)["customers"]["nodes"]:
            customer_id = str(customer["legacyResourceId"])
            mine = [row for row in rows if row[MARKED] == customer_id]
            if len(mine) != 1:
                wrong.append(f"customer {customer_id} has {len(mine)} accounts")
                continue
            wrong += [f"customer {customer_id}: {one}" for one in self._differs(customer, mine[0])]
            self.checked["pairs"] += 1
        return [*wrong, *self._kept(rows)]

    def _differs(self, customer: dict[str, Any], row: dict[str, Any]) -> Iterator[str]:
        contacts = [each for each in row["contact_customer_accounts"] if each[MARKED] == row[MARKED]]
        if len(contacts) != 1:
            yield f"{len(contacts)} contacts carry its mark"
            return
        name = " ".join(filter(None, (customer["firstName"], customer["lastName"])))
        email = (customer["defaultEmailAddress"] or {}).get("emailAddress")
        address = customer["defaultAddress"] or {}
        pairs = {
            "name": (name, row["name"]),
            "email": (email, row["emailaddress1"]),
            "line1": (address.get("address1"), row["address1_line1"]),
            "city": (address.get("city"), row["address1_city"]),
            "first name": (customer["firstName"], contacts[0]["firstname"]),
            "last name": (customer["lastName"] or "-", contacts[0]["lastname"]),
            "contact's email": (email, contacts[0]["emailaddress1"]),
        }
        yield from (f"{what} is {found}, not {wanted}" for what, (wanted, found) in pairs.items() if wanted != found)
        phone = (customer["defaultPhoneNumber"] or {}).get("phoneNumber")
        sales = [entry.value for entry in self.people.book.of("telephone1", row["accountid"])]
        if row["telephone1"] not in (phone, *sales):
            yield f"phone is {row['telephone1']}, not {phone}"
        self.checked["fields that people edited"] += len(self.people.book.of("lastName", str(row[MARKED])))

    def _kept(self, rows: list[dict[str, Any]]) -> list[str]:
        """What sales wrote into columns that no flow writes stands, and no account of theirs is doubled or gone."""
        held = {row["accountid"]: row for row in rows}
        last = {entry.record: entry.value for entry in self.people.book.entries if entry.field == "websiteurl"}
        wrong = [f"websiteurl of {each} is lost" for each, value in last.items() if held[each]["websiteurl"] != value]
        known = set(self.people.known)
        known -= {entry.record for entry in self.people.book.entries if entry.field == "email"}  # perhaps seen too late
        adopted = [entry for entry in self.people.book.entries if entry.field == "adopted" and entry.value in known]
        return wrong + [f"{one.record} was not adopted" for one in adopted if not held[one.record][MARKED]]

    def _remembered(self) -> list[str]:
        """Nothing about a redacted person anywhere in the state, once the app has been told of him."""
        told = {customer for customer in self.people.redacted if customer in self.town.mail.redactions}
        words = {customer: {word.lower() for word in self._words_of(customer)} for customer in told}
        self.checked["redacted"] = len(told)
        if not told:
            return []
        texts = [text.lower() for text in everything(self.town.hosts[0].state)]
        return [
            f"the state still holds {word} of the redacted {customer}"
            for customer, of_him in words.items()
            for word in sorted(of_him)
            if any(word in text for text in texts)
        ]

    def _words_of(self, customer: str) -> set[str]:
        """All that was ever written of this person, also under the numbers that became this one, if that was told."""
        before = [
            gone for gone, kept in self.people.merged.items() if kept == customer and gone in self.town.mail.merges
        ]
        return self.people.words[customer].union(*map(self._words_of, before))

    def _verdicts(self) -> list[str]:
        app = self.town.hosts[0]
        ids = [str(each["legacyResourceId"]) for each in self.town.merchant.call(CUSTOMERS)["customers"]["nodes"]]
        page = Page(FLOW, SHOP, tuple(map(Item, ids)), Origin.POLL)
        outcomes = app.engine(app.job(flow_named(FLOW).name, SHOP)).apply(page, write=False).outcomes
        self.checked["verdicts"] += len(ids)
        given = Counter(outcome.source_id for outcome in outcomes)
        wrong = [f"{each} has {given[each]} verdicts" for each in ids if given[each] != 1]
        loud = [one for one in outcomes if one.verdict not in QUIET]
        return wrong + [f"{FLOW} leaves {one.source_id} {one.verdict}: {one.reason}" for one in loud]
