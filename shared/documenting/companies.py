"""The company that buys by a document, where its account is one in Shopify (B2B): with one of its people and locations.

The person is the one with the document's e-mail address, else the company's main contact. The location is the one at
the document's shipping address, else the oldest, which is the account's own address (decision 0011). One call for ten
companies, and more only for one with more than fifty people or locations; for documents whose account is linked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from shared.documenting.buyers import Buyer, address
from shared.records import Content
from shared.shopify.client import Document, ShopifyClient
from shared.shopify.graph import follow, gid, number

Linked = Callable[[Sequence[str]], Mapping[str, str]]
"""Ids of accounts → the Shopify ids of the companies that are linked to them."""
_TOGETHER = 10
_PAGE = "pageInfo { hasNextPage endCursor }"
_CONTACTS = f"{{ nodes {{ id customer {{ legacyResourceId email }} }} {_PAGE} }}"
_PLACES = f"{{ nodes {{ id shippingAddress {{ address1 zip city }} }} {_PAGE} }}"
_COMPANIES = Document(
    "CompaniesBuying",
    "query CompaniesBuying($ids: [ID!]!) { nodes(ids: $ids) { ... on Company { id mainContact { id } "
    f"contacts(first: 50) {_CONTACTS} locations(first: 50, sortKey: ID) {_PLACES} }} }} }}",
)
_MORE: Mapping[str, Document] = {
    "contacts": Document(
        "ContactsContinued",
        "query ContactsContinued($id: ID!, $after: String) { company(id: $id) { "
        f"contacts(first: 250, after: $after) {_CONTACTS} }} }}",
    ),
    "locations": Document(
        "LocationsContinued",
        "query LocationsContinued($id: ID!, $after: String) { company(id: $id) { "
        f"locations(first: 250, sortKey: ID, after: $after) {_PLACES} }} }}",
    ),
}
_PARTS = {"address1": "address1", "zip": "zip", "city": "city"}


@dataclass(frozen=True, slots=True)
class Companies:
    """Finds the companies of a page of documents."""

    shopify: ShopifyClient
    linked: Linked

    def of(self, contents: Sequence[Content], buyers: Sequence[Buyer]) -> list[Buyer]:
        """The buyers, those of a company with that and with its person's customer."""
        accounts = {str(each["customerid_account"]) for each in contents if each["customerid_account"]}
        links = self.linked(sorted(accounts))
        known = self._asked(sorted(set(links.values())))
        pairs = zip(contents, buyers, strict=True)
        return [_with(known.get(links.get(str(each["customerid_account"]), "")), each, buyer) for each, buyer in pairs]

    def _asked(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        found: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(ids), _TOGETHER):
            wanted = [gid("Company", each) for each in ids[start : start + _TOGETHER]]
            nodes = self.shopify.execute(_COMPANIES, {"ids": wanted}).data["nodes"]
            found |= {number(node["id"]): self._whole(node) for node in nodes if node}
        return found

    def _whole(self, company: Mapping[str, Any]) -> Mapping[str, Any]:
        """The company with all its people and locations: whoever buys may be the last of them."""
        return {**company, **{part: list(follow(company[part], self._after(company, part), part)) for part in _MORE}}

    def _after(self, company: Mapping[str, Any], part: str) -> Callable[[str], Any]:
        def fetch(cursor: str) -> Any:
            found = self.shopify.execute(_MORE[part], {"id": company["id"], "after": cursor}).data["company"]
            return found and found[part]

        return fetch


def _with(company: Mapping[str, Any] | None, content: Content, buyer: Buyer) -> Buyer:
    places = company["locations"] if company else []
    if company is None or not places:
        return buyer  # without a location nothing can be sold to it as a company
    person = _person(company, buyer.email)
    ids = (company["id"], person["id"] if person else "", _place(places, content, buyer)["id"])
    customer = person["customer"]["legacyResourceId"] if person else None
    named = "/".join(number(each) if each else "" for each in ids)
    return replace(buyer, purchaser=named, customer=str(customer) if customer else None)


def _person(company: Mapping[str, Any], email: str | None) -> Mapping[str, Any] | None:
    people = [each for each in company["contacts"] if each["customer"]]
    wanted = (email or "").casefold()
    same = [each for each in people if wanted and str(each["customer"]["email"] or "").casefold() == wanted]
    main = company["mainContact"]
    first = [each for each in people if main and each["id"] == main["id"]]
    return next(iter([*same, *first, *people]), None)


def _place(places: Sequence[Mapping[str, Any]], content: Content, buyer: Buyer) -> Mapping[str, Any]:
    wanted = _words(address(content, "shipto", buyer))
    return next((each for each in places if wanted and _words(each["shippingAddress"]) == wanted), places[0])


def _words(given: Mapping[str, Any] | None) -> tuple[str, ...]:
    found = tuple(" ".join(str((given or {}).get(part) or "").casefold().split()) for part in _PARTS)
    return found if any(found) else ()
