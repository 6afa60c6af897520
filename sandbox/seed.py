"""Puts products and customers into both sandboxes through their public APIs, as merchant and salesperson would.

Idempotent per database: a store that has products already is left alone. Never touches a sandbox's insides; what
only a checkout can say goes through the control for it (`sandbox/shopify/store/checkout.py`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import requests

from sandbox.catalogue import Catalogue, CrmProduct, SeedProduct
from sandbox.clientele import Clientele, CrmAccount, SeedCustomer

Progress = Callable[[str], None]
API_VERSION = "2026-10"
TIMEOUT_S = 60

COUNT = "query { productsCount { count } }"
CUSTOMERS = "query { customersCount { count } }"
CREATE = """
mutation Seed($input: ProductSetInput!) {
  productSet(synchronous: true, input: $input) { product { id } userErrors { field message } }
}
"""

WELCOME = """
mutation Seed($input: CustomerInput!) { customerCreate(input: $input) { userErrors { field message } } }
"""


class SeedFailedError(RuntimeError):
    """A sandbox refused a seed record; the message says which and why."""


def seed(info: Mapping[str, Any], catalogue: Catalogue, progress: Progress) -> None:
    """Seed both sandboxes named in `info` (the shape that `sandbox up --info` writes)."""
    shopify, dataverse = Shop(info["shopify"]), Crm(info["dataverse"])
    if shopify.empty():
        for number, product in enumerate(catalogue.shopify, start=1):
            shopify.create(product)
            if number % 10 == 0:
                progress(f"Shopify: {number} of {len(catalogue.shopify)} products")
    if dataverse.empty():
        for number, row in enumerate(catalogue.crm, start=1):
            dataverse.create(row)
            if number % 40 == 0:
                progress(f"CRM: {number} of {len(catalogue.crm)} products")


def welcome(info: Mapping[str, Any], clientele: Clientele, progress: Progress) -> None:
    """Seed the customers, and the accounts that sales has of some of them."""
    shopify, dataverse = Shop(info["shopify"]), Crm(info["dataverse"])
    if shopify.without_customers():
        for number, account in enumerate(clientele.accounts, start=1):  # sales had them before the shop
            dataverse.open_account(account)
            if number % 10 == 0:
                progress(f"CRM: {number} of {len(clientele.accounts)} accounts")
        for number, customer in enumerate(clientele.customers, start=1):
            shopify.welcome(customer)
            if number % 50 == 0:
                progress(f"Shopify: {number} of {len(clientele.customers)} customers")


class Shop:
    """The merchant at the Shopify sandbox."""

    def __init__(self, info: Mapping[str, str]) -> None:
        self._url = f"{info['url']}/admin/api/{API_VERSION}/graphql.json"
        self._control = f"{info['url']}/_sandbox/orders"
        self._session = requests.Session()
        self._session.headers["X-Shopify-Access-Token"] = info["merchant_token"]

    def call(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """One GraphQL request, repeated while Shopify asks to wait; raises SeedFailedError on any other error."""
        body = json.dumps({"query": query, "variables": dict(variables or {})}, default=str)
        headers = {"Content-Type": "application/json"}
        answer = self._session.post(self._url, data=body, headers=headers, timeout=TIMEOUT_S).json()
        while any(error.get("extensions", {}).get("code") == "THROTTLED" for error in answer.get("errors") or ()):
            time.sleep(1)
            answer = self._session.post(self._url, data=body, headers=headers, timeout=TIMEOUT_S).json()
        if answer.get("errors"):
            raise SeedFailedError(f"Shopify sandbox: {answer['errors']}")
        return answer["data"]

    def done(self, mutation: str, variables: Mapping[str, Any]) -> Any:
        """The payload of a document's one mutation; raises SeedFailedError where it is refused."""
        ((name, payload),) = self.call(mutation, variables).items()
        if payload["userErrors"]:
            raise SeedFailedError(f"Shopify sandbox refused {name}: {payload['userErrors']}")
        return payload

    def at_checkout(self, orders: Sequence[Mapping[str, Any]]) -> None:
        """What the API cannot say of orders, each by its number `id`; raises SeedFailedError where one is refused."""
        answer = self._session.post(self._control, json=list(orders), timeout=TIMEOUT_S)
        if answer.status_code != HTTPStatus.OK:
            raise SeedFailedError(f"Shopify sandbox refused a checkout: {answer.text}")

    def empty(self) -> bool:
        """Whether the store has no product yet."""
        return bool(self.call(COUNT)["productsCount"]["count"] == 0)

    def without_customers(self) -> bool:
        """Whether the store has no customer yet."""
        return bool(self.call(CUSTOMERS)["customersCount"]["count"] == 0)

    def welcome(self, customer: SeedCustomer) -> None:
        """One customer."""
        payload = self.call(WELCOME, {"input": customer.values})["customerCreate"]
        if payload["userErrors"]:
            raise SeedFailedError(f"Shopify sandbox refused a customer: {payload['userErrors']}")

    def create(self, product: SeedProduct) -> None:
        """One product with all its options and variants."""
        payload = self.call(CREATE, {"input": _product_input(product)})["productSet"]
        if payload["userErrors"]:
            raise SeedFailedError(f"Shopify sandbox refused '{product.title}': {payload['userErrors']}")


def _product_input(product: SeedProduct) -> dict[str, Any]:
    names = product.options or ("Title",)
    rows = [variant.values or ("Default Title",) for variant in product.variants]
    options = [
        {"name": name, "values": [{"name": value} for value in dict.fromkeys(row[at] for row in rows)]}
        for at, name in enumerate(names)
    ]
    variants = [
        {
            "price": str(variant.price),
            "inventoryItem": {"sku": variant.sku},
            "optionValues": [{"optionName": name, "name": value} for name, value in zip(names, row, strict=True)],
        }
        for variant, row in zip(product.variants, rows, strict=True)
    ]
    return {
        "title": product.title,
        "descriptionHtml": product.html,
        "status": product.status,
        "productOptions": options,
        "variants": variants,
    }


class Crm:
    """A salesperson at the Dataverse sandbox."""

    def __init__(self, info: Mapping[str, str]) -> None:
        self._url = f"{info['url'].rstrip('/')}/api/data/v9.2/"
        self._session = requests.Session()
        self._session.headers.update(
            {
                "Authorization": f"Bearer {info['salesperson_token']}",
                "Accept": "application/json",
                "OData-Version": "4.0",
                "OData-MaxVersion": "4.0",
                "Content-Type": "application/json",
            }
        )
        self._basics: dict[str, str] = {}

    def get(self, path: str) -> Any:
        """One GET; raises SeedFailedError on any error."""
        return self._checked(self._session.get(self._url + path, timeout=TIMEOUT_S), path).json()

    def send(self, method: str, path: str, body: Mapping[str, Any]) -> str:
        """One write; returns the address of the row."""
        data = json.dumps(body, default=float)
        answer = self._session.request(method, self._url + path, data=data, timeout=TIMEOUT_S)
        return self._checked(answer, path).headers.get("OData-EntityId", "")

    def _checked(self, answer: requests.Response, path: str) -> requests.Response:
        if answer.status_code >= 400:
            raise SeedFailedError(f"Dataverse sandbox: {path}: HTTP {answer.status_code} {answer.text[:300]}")
        return answer

    def empty(self) -> bool:
        """Whether there is no product yet."""
        return not self.get("products?$select=productid&$top=1")["value"]

    def basics(self) -> dict[str, str]:
        """The ids of the price list, the unit group and the unit that a fresh organisation has."""
        if not self._basics:
            price_list = self.get("pricelevels?$select=pricelevelid&$filter=name eq 'Standard'")["value"][0]
            group = self.get("uomschedules?$select=uomscheduleid&$filter=name eq 'Default Unit'")["value"][0]
            unit = self.get("uoms?$select=uomid&$filter=name eq 'Primary Unit'")["value"][0]
            self._basics = {
                "list": price_list["pricelevelid"],
                "group": group["uomscheduleid"],
                "unit": unit["uomid"],
            }
        return self._basics

    def create(self, row: CrmProduct) -> None:
        """One product, its price in the standard list, and its publication."""
        basics = self.basics()
        product = {
            "name": row.name,
            "productnumber": row.number,
            "description": row.description,
            "vendorpartnumber": row.vendor_part,
            "quantitydecimal": 0,
            "productstructure": 1,
            "defaultuomscheduleid@odata.bind": f"/uomschedules({basics['group']})",
            "defaultuomid@odata.bind": f"/uoms({basics['unit']})",
        }
        address = self.send("POST", "products", product)
        product_id = _id(address)
        price = {
            "amount": row.price,
            "pricingmethodcode": 1,
            "quantitysellingcode": 1,
            "pricelevelid@odata.bind": f"/pricelevels({basics['list']})",
            "productid@odata.bind": f"/products({product_id})",
            "uomid@odata.bind": f"/uoms({basics['unit']})",
        }
        self.send("POST", "productpricelevels", price)
        self.send("PATCH", f"products({product_id})", {"statecode": 0, "statuscode": 1})

    def open_account(self, account: CrmAccount) -> None:
        """One account, its contact, and whether that is its primary one; or a contact that has no account."""
        owner: dict[str, Any] = {}
        if account.name:
            row = self.send("POST", "accounts", {"name": account.name, **account.values})
            owner = {"parentcustomerid_account@odata.bind": f"/accounts({_id(row)})"}
        if account.contact:
            contact = self.send("POST", "contacts", {**account.contact, **owner})
        if account.contact and account.name:
            first = contact if account.primary else self.send("POST", "contacts", {"lastname": "Office", **owner})
            bound = {"primarycontactid@odata.bind": f"/contacts({_id(first)})"}
            self.send("PATCH", f"accounts({_id(row)})", bound)


def _id(address: str) -> str:
    """The id at the end of a row's address."""
    return address.rsplit("(", 1)[1].rstrip(")")
