"""What a merchant and a salesperson see: every variant and every product, through the sandboxes' public APIs.

Reads only, as people and never as the app, so that its counters stay untouched. Must import nothing of the app.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import requests

TIMEOUT_S = 60
PAGE = 100
VARIANTS = """
query Everything($first: Int!, $after: String) {
  productVariants(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      legacyResourceId sku price title selectedOptions { name value }
      mark: metafield(namespace: "dynamics", key: "product_id") { value }
      vendor: metafield(namespace: "dynamics", key: "vendor_part_number") { value }
      product { legacyResourceId title descriptionHtml status isGiftCard }
    }
  }
}
"""
COLUMNS = (
    "productid,productnumber,name,description,statecode,productstructure,quantitydecimal,vendorpartnumber,"
    "_defaultuomid_value,_defaultuomscheduleid_value,new_shopifytitle,new_shopifyoptions,new_shopifyproductid"
)


@dataclass(frozen=True)
class Variant:
    """A Shopify variant with what its product says."""

    id: str
    sku: str
    price: Decimal
    title: str
    options: tuple[tuple[str, str], ...]
    mark: str
    vendor: str
    product_id: str
    product_title: str
    html: str
    status: str
    gift_card: bool


@dataclass(frozen=True)
class Product:
    """A CRM product with its price in the standard list; None: it has none there."""

    id: str
    number: str
    name: str
    description: str
    state: int
    structure: int
    decimals: int
    vendor: str
    unit: str
    unit_group: str
    shopify_title: str
    shopify_options: str
    shopify_product: str
    mark: str
    price: Decimal | None


class Merchant:
    """The merchant's way into the Shopify sandbox."""

    def __init__(self, info: Mapping[str, str]) -> None:
        self._url = f"{info['url']}/admin/api/2026-10/graphql.json"
        self._session = requests.Session()
        self._session.headers["X-Shopify-Access-Token"] = info["merchant_token"]

    def call(self, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """One request; it waits where the merchant asks for more than the bucket holds."""
        body = {"query": query, "variables": dict(variables or {})}
        while True:
            answer = self._session.post(self._url, json=body, timeout=TIMEOUT_S).json(parse_float=Decimal)
            errors = answer.get("errors") or []
            if not errors:
                return answer["data"]
            if not any((error.get("extensions") or {}).get("code") == "THROTTLED" for error in errors):
                raise AssertionError(f"the merchant was refused: {errors}")
            time.sleep(0.5)

    def variants(self) -> list[Variant]:
        """All of them."""
        return [_variant(node) for node in self._nodes()]

    def _nodes(self) -> Iterator[dict[str, Any]]:
        after = None
        while True:
            page = self.call(VARIANTS, {"first": PAGE, "after": after})["productVariants"]
            yield from page["nodes"]
            if not page["pageInfo"]["hasNextPage"]:
                return
            after = page["pageInfo"]["endCursor"]


class Salesperson:
    """The salesperson's way into the Dataverse sandbox; `shop`: the part of a mark's column that names the shop."""

    def __init__(self, info: Mapping[str, str], shop: str = "sandboxshop") -> None:
        self._mark = f"new_shopifyvariantid_{shop}"
        self._url = f"{info['url'].rstrip('/')}/api/data/v9.2/"
        self._session = requests.Session()
        self._session.headers.update(
            {
                "Authorization": f"Bearer {info['salesperson_token']}",
                "Accept": "application/json",
                "OData-Version": "4.0",
                "OData-MaxVersion": "4.0",
                "Prefer": "odata.maxpagesize=500",
            }
        )

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> None:
        """One write."""
        data = None if body is None else json.dumps(body, default=float)
        headers = {"Content-Type": "application/json"} if body is not None else {}
        answer = self._session.request(method, self._url + path, data=data, headers=headers, timeout=TIMEOUT_S)
        assert answer.status_code < 400, f"the salesperson was refused: {method} {path}: {answer.text[:300]}"

    def rows(self, path: str) -> list[dict[str, Any]]:
        """All rows of a query, page by page."""
        found: list[dict[str, Any]] = []
        url = self._url + path
        while url:
            answer = self._session.get(url, timeout=TIMEOUT_S)
            assert answer.status_code == 200, f"the salesperson was refused: {path}: {answer.text[:300]}"
            page = answer.json(parse_float=Decimal)
            found += page["value"]
            url = page.get("@odata.nextLink", "")
        return found

    def basics(self) -> tuple[str, str, str]:
        """The ids of the standard price list, the default unit group and its unit."""
        price_list = self.rows("pricelevels?$select=pricelevelid&$filter=name eq 'Standard'")[0]["pricelevelid"]
        group = self.rows("uomschedules?$select=uomscheduleid&$filter=name eq 'Default Unit'")[0]["uomscheduleid"]
        unit = self.rows("uoms?$select=uomid&$filter=name eq 'Primary Unit'")[0]["uomid"]
        return price_list, group, unit

    def price_items(self) -> list[dict[str, Any]]:
        """All rows of the standard price list."""
        price_list = self.basics()[0]
        rows = self.rows("productpricelevels?$select=productpricelevelid,amount,_productid_value,_pricelevelid_value")
        return [row for row in rows if row["_pricelevelid_value"] == price_list]

    def products(self) -> list[Product]:
        """All of them. A product that stands twice on the price list is an error of its own."""
        prices: dict[str, Decimal] = {}
        for row in self.price_items():
            assert row["_productid_value"] not in prices, f"two prices of one product: {row['_productid_value']}"
            prices[row["_productid_value"]] = Decimal(str(row["amount"]))
        rows = self.rows(f"products?$select={COLUMNS},{self._mark}")
        return [_product(row, row[self._mark] or "", prices.get(row["productid"])) for row in rows]


def _variant(node: Mapping[str, Any]) -> Variant:
    product = node["product"]
    return Variant(
        id=str(node["legacyResourceId"]),
        sku=node["sku"] or "",
        price=Decimal(str(node["price"])),
        title=node["title"],
        options=tuple((option["name"], option["value"]) for option in node["selectedOptions"]),
        mark=(node["mark"] or {}).get("value", "").lower(),
        vendor=(node["vendor"] or {}).get("value", ""),
        product_id=str(product["legacyResourceId"]),
        product_title=product["title"],
        html=product["descriptionHtml"],
        status=product["status"],
        gift_card=product["isGiftCard"],
    )


def _product(row: Mapping[str, Any], mark: str, price: Decimal | None) -> Product:
    return Product(
        id=row["productid"].lower(),
        number=row["productnumber"] or "",
        name=row["name"] or "",
        description=row["description"] or "",
        state=row["statecode"],
        structure=row["productstructure"],
        decimals=row["quantitydecimal"],
        vendor=row["vendorpartnumber"] or "",
        unit=row["_defaultuomid_value"] or "",
        unit_group=row["_defaultuomscheduleid_value"] or "",
        shopify_title=row["new_shopifytitle"] or "",
        shopify_options=row["new_shopifyoptions"] or "",
        shopify_product=row["new_shopifyproductid"] or "",
        mark=mark,
        price=price,
    )
