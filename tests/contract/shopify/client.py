"""A short way to send GraphQL to a sandbox in process; knows nothing of its inside."""

from __future__ import annotations

from typing import Any

from werkzeug.test import Client, TestResponse

from sandbox.shopify.server import ShopifySandbox

CREATE = """mutation($p: ProductCreateInput!) { productCreate(product: $p) {
  product { id handle updatedAt variants(first: 5) { nodes { id title price sku inventoryItem { id } } } }
  userErrors { field message } } }"""
SET = """mutation($i: ProductSetInput!, $by: ProductSetIdentifiers) { productSet(input: $i, identifier: $by) {
  product { id title handle tags options { name values } variants(first: 50) { nodes { id title sku price position } }
    metafields(first: 10) { nodes { namespace key value } } }
  userErrors { field message code } } }"""


class Shop:
    """One actor's connection."""

    def __init__(self, box: ShopifySandbox, token: str | None = None, version: str = "2026-10") -> None:
        self.client = Client(box.wsgi)
        self.token = token or box.config.token
        self.version = version

    def post(self, query: str, variables: dict[str, Any] | None = None) -> TestResponse:
        """The HTTP answer."""
        path = f"/admin/api/{self.version}/graphql.json"
        headers = {"X-Shopify-Access-Token": self.token}
        return self.client.post(path, json={"query": query, "variables": variables}, headers=headers)

    def run(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The body of the answer."""
        body: dict[str, Any] = self.post(query, variables).json
        return body

    def data(self, query: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """The data of an answer that must have no errors."""
        body = self.run(query, variables)
        assert "errors" not in body, body["errors"]
        return dict(body["data"])

    def create(self, **product: Any) -> dict[str, Any]:
        """A created product."""
        made = self.data(CREATE, {"p": {"title": "Thing"} | product})["productCreate"]
        assert made["userErrors"] == []
        return dict(made["product"])

    def set(self, given: dict[str, Any], by: dict[str, Any] | None = None) -> dict[str, Any]:
        """The payload of productSet."""
        return dict(self.data(SET, {"i": given, "by": by})["productSet"])


def sized(*names: str, **more: Any) -> dict[str, Any]:
    """An input of productSet with one option Size and a variant per name; the SKU is S-name."""
    variants = [
        {"optionValues": [{"optionName": "Size", "name": name}], "price": "5", "inventoryItem": {"sku": f"S-{name}"}}
        for name in names
    ]
    options = [{"name": "Size", "values": [{"name": name} for name in names]}]
    return {"title": "Sized", "productOptions": options, "variants": variants} | more
