"""A merchant and a salesperson who have to do with customers: who enters, corrects, merges and erases whom.

Every value is one that nobody else has, so that whatever is found later is known to be that person's. Nothing here
knows the app.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from sandbox.seed import SeedFailedError
from tests.simulation.book import CRM, SHOPIFY, Book
from tests.simulation.chance import Chance
from tests.support.plant import World

MOST = 10
LIST = "query { customers(first: 50) { nodes { id legacyResourceId } } }"
CREATE = "mutation($i: CustomerInput!) { done: customerCreate(input: $i) { customer { legacyResourceId } userErrors { message } } }"  # noqa: E501
UPDATE = "mutation($i: CustomerInput!) { done: customerUpdate(input: $i) { userErrors { message } } }"
DELETE = "mutation($i: CustomerDeleteInput!) { done: customerDelete(input: $i) { userErrors { message } } }"
MERGE = """mutation($a: ID!, $b: ID!) {
  done: customerMerge(customerOneId: $a, customerTwoId: $b) { resultingCustomerId userErrors { message } } }"""
MARKED = "new_shopifycustomerid_acme"
ROWS = f"accounts?$select=accountid,{MARKED},websiteurl,telephone1&$filter={MARKED} ne null"


class Persons:
    """Both of them. `act` makes one edit. `words`: per customer all that was ever written of him."""

    def __init__(self, world: World, chance: Chance) -> None:
        self._world, self._chance = world, chance
        self.book = Book()
        self.words: dict[str, set[str]] = {}
        self.known: dict[str, dict[str, Any]] = {}
        self.redacted: list[str] = []
        self.merged: dict[str, str] = {}
        self._number = itertools.count(1)
        kinds = [self.enter, self.rename, self.remail, self.rephone, self.move, self.website, self.phone_in_crm]
        rare = [self.delete, self.merge, self.redact, self.redact, self.sales_knew]
        self._kinds: list[Callable[[], str]] = [*kinds, *kinds, *rare]

    def act(self) -> None:
        """One edit by one of them; a refusal is their own affair."""
        kind = self._chance.among(self._kinds)
        try:
            told = kind()
        except SeedFailedError as error:
            told = f"refused: {str(error)[:60]}"
        if told:
            self._chance.note(f"person {kind.__name__} {told}")

    correct = act

    def open_shop(self) -> None:
        """Whom there is before anything goes wrong."""
        for _ in range(3):
            self._chance.note(f"person enter {self.enter()}")

    # -- the merchant -------------------------------------------------------------------------------------------

    def enter(self) -> str:
        """A new customer, with an address in two of three cases."""
        if len(self.known) >= MOST:
            return ""
        return self._enter(self._values(with_address=self._chance.happens(0.67)))

    def _enter(self, values: dict[str, Any]) -> str:
        made = str(self._send(CREATE, i=values)["customer"]["legacyResourceId"])
        self.known[made] = values
        self.words[made] = set(_words(values))
        return made

    def rename(self) -> str:
        """Another family name."""
        return self._update(lastName=f"Family{next(self._number):04d}x")

    def remail(self) -> str:
        """Another e-mail address."""
        return self._update(email=f"p{next(self._number):04d}x@example.com")

    def rephone(self) -> str:
        """Another phone number."""
        return self._update(phone=f"+4930901{next(self._number):06d}")

    def move(self) -> str:
        """Another address."""
        return self._update(addresses=[self._address()])

    def _update(self, **values: Any) -> str:
        customer = self._any()
        if customer:
            self._send(UPDATE, i={"id": _gid(customer), **values})
            self.known[customer] |= values
            self.words[customer] |= set(_words(values))
            self.book.note(SHOPIFY, customer, **dict.fromkeys(values, True))
        return f"{customer} {sorted(values)}" if customer else ""

    def delete(self) -> str:
        """A customer is deleted."""
        customer = self._any()
        if customer:
            self._send(DELETE, i={"id": _gid(customer)})
            del self.known[customer]
            self.book.removed.append((SHOPIFY, customer))
        return customer

    def redact(self) -> str:
        """A customer asks to be forgotten: the merchant deletes him, and Shopify tells the app."""
        customer = self.delete()
        if customer:
            self._world.shopify.installation.redact(int(customer))
            self.redacted.append(customer)
        return customer

    def merge(self) -> str:
        """Two customers become one."""
        if len(self.known) < 2:
            return ""
        one, two = self._any(), self._any()
        if one == two:
            return ""
        kept = self._send(MERGE, a=_gid(one), b=_gid(two))["resultingCustomerId"].rpartition("/")[2]
        gone = two if kept == one else one
        self.merged[gone] = kept
        del self.known[gone]
        del self.known[kept]
        self.known[kept] = {}
        self.book.removed.append((SHOPIFY, gone))
        return f"{gone} into {kept}"

    # -- the salesperson ----------------------------------------------------------------------------------------

    def website(self) -> str:
        """A column that no flow writes."""
        return self._amend("websiteurl", f"https://w{next(self._number):04d}.example")

    def phone_in_crm(self) -> str:
        """A column that the flow writes: it stays until the customer's own number changes."""
        number = f"+4930902{next(self._number):06d}"
        told = self._amend("telephone1", number)
        if told:
            self.words.setdefault(told, set()).add(number)
        return told

    def _amend(self, column: str, value: str) -> str:
        rows = self._world.sales.get(ROWS)["value"]
        row = self._chance.among(rows) if rows else None
        if row is None:
            return ""
        self._world.sales.send("PATCH", f"accounts({row['accountid']})", {column: value})
        self.book.note(CRM, row["accountid"], **{column: value})
        return str(row[MARKED])

    def sales_knew(self) -> str:
        """An account with a contact whose e-mail a new customer has: it has to be adopted."""
        if len(self.known) >= MOST:
            return ""
        values, sales = self._values(with_address=False), self._world.sales
        account = _id(sales.send("POST", "accounts", {"name": f"Known {values['lastName']}"}))
        owner = {"parentcustomerid_account@odata.bind": f"/accounts({account})"}
        contact = {"lastname": values["lastName"], "emailaddress1": values["email"].upper(), **owner}
        row = _id(sales.send("POST", "contacts", contact))
        sales.send("PATCH", f"accounts({account})", {"primarycontactid@odata.bind": f"/contacts({row})"})
        made = self._enter(values)
        self.book.note(CRM, account, adopted=made)
        return made

    # -- both ---------------------------------------------------------------------------------------------------

    def _values(self, *, with_address: bool) -> dict[str, Any]:
        number = next(self._number)
        values: dict[str, Any] = {
            "firstName": f"Given{number:04d}x",
            "lastName": f"Family{number:04d}x",
            "email": f"p{number:04d}x@example.com",
            "phone": f"+4930900{number:06d}",
        }
        return values | ({"addresses": [self._address()]} if with_address else {})

    def _address(self) -> dict[str, str]:
        return {"address1": f"{next(self._number):04d} Alleyway", "city": "Berlin", "zip": "10117", "countryCode": "DE"}

    def _any(self) -> str:
        return str(self._chance.among(sorted(self.known))) if self.known else ""

    def _send(self, text: str, **variables: Any) -> Any:
        done = self._world.merchant.call(text, variables)["done"]
        if done["userErrors"]:
            raise SeedFailedError(f"{done['userErrors']}")
        return done


def _words(values: dict[str, Any]) -> list[str]:
    found = [str(values[name]) for name in ("lastName", "email", "phone", "firstName") if values.get(name)]
    return [*found, *(address["address1"] for address in values.get("addresses", ()))]


def _gid(customer: str) -> str:
    return f"gid://shopify/Customer/{customer}"


def _id(address: str) -> str:
    return address.rsplit("(", 1)[1].rstrip(")")
