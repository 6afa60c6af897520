"""The whole app with the customers' flow on, and what people do with customers at both systems."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from shared import app as actions
from shared.records import Pair, ParkedRow, Side
from tests.contract.state.search import everything
from tests.support.plant import ENVIRONMENT, SHOP, Plant, signed

FLOW = "customers_shopify_to_crm"
MARK = "new_shopifycustomerid_acme"
Row = dict[str, Any]


class Clientele(Plant):
    """A Plant whose customers' flow alone is on."""

    def __init__(self, **environment: str) -> None:
        off = {"PRODUCTS_CRM_TO_SHOPIFY_MODE": "off", "PRODUCTS_SHOPIFY_TO_CRM_MODE": "off"}
        given = {"CUSTOMERS_SHOPIFY_TO_CRM_MODE": "on", **off, **environment}
        super().__init__(**given)
        self.environment = {**ENVIRONMENT, **given}

    def customer(self, **given: Any) -> str:
        """A customer the merchant enters; his id."""
        return self._mutate("customerCreate", "CustomerInput", given)

    def edit(self, customer: str, **given: Any) -> None:
        """The merchant changes a customer."""
        self._mutate("customerUpdate", "CustomerInput", {"id": _gid(customer), **given})

    def remove(self, customer: str) -> None:
        """The merchant deletes a customer."""
        text = "mutation($input: CustomerDeleteInput!) { customerDelete(input: $input) { userErrors { message } } }"
        answer = self.merchant.call(text, {"input": {"id": _gid(customer)}})
        assert answer["customerDelete"]["userErrors"] == []

    def merge(self, one: str, two: str) -> tuple[str, str]:
        """The merchant merges two customers; who was kept, and who is gone."""
        text = """mutation($one: ID!, $two: ID!) { customerMerge(customerOneId: $one, customerTwoId: $two) {
          resultingCustomerId userErrors { message } } }"""
        answer = self.merchant.call(text, {"one": _gid(one), "two": _gid(two)})["customerMerge"]
        assert answer["userErrors"] == []
        kept = str(answer["resultingCustomerId"]).rpartition("/")[2]
        return kept, two if kept == one else one

    def _mutate(self, name: str, kind: str, given: Mapping[str, Any]) -> str:
        text = f"""mutation($input: {kind}!) {{ {name}(input: $input) {{
          customer {{ legacyResourceId }} userErrors {{ field message }} }} }}"""
        answer = self.merchant.call(text, {"input": dict(given)})[name]
        assert answer["userErrors"] == [], answer["userErrors"]
        return str(answer["customer"]["legacyResourceId"])

    def row(self, table: str, **columns: Any) -> str:
        """A row a salesperson enters; its id."""
        return self.sales.send("POST", table, columns).rsplit("(", 1)[1].rstrip(")").lower()

    def change(self, table: str, row: str, **columns: Any) -> None:
        """A salesperson changes a row."""
        self.sales.send("PATCH", f"{table}({row})", columns)

    def delete(self, table: str, row: str) -> None:
        """A salesperson deletes a row."""
        self.sales.send("DELETE", f"{table}({row})", {})

    def person(self, account: str | None = None, *, primary: bool = True, **columns: Any) -> str:
        """A contact a salesperson enters, of that account and its primary contact; its id."""
        parent = {"parentcustomerid_account@odata.bind": f"/accounts({account})"} if account else {}
        contact = self.row("contacts", **columns, **parent)
        if account and primary:
            self.change("accounts", account, **{"primarycontactid@odata.bind": f"/contacts({contact})"})
        return contact

    def rows(self, table: str, where: str = "") -> list[Row]:
        """Rows of a table, in the order of their names."""
        found: list[Row] = self.sales.get(f"{table}?$filter={where}" if where else table)["value"]
        return found

    def account_of(self, customer: str) -> Row:
        """The one account that carries the customer's id."""
        (found,) = self.rows("accounts", f"{MARK} eq '{customer}'")
        return found

    def contact_of(self, customer: str) -> Row:
        """The one contact that carries the customer's id."""
        (found,) = self.rows("contacts", f"{MARK} eq '{customer}'")
        return found

    def pair(self, customer: str) -> Pair | None:
        """What the state knows of a customer."""
        return self.app.state.crossrefs.load(SHOP, "customers", Side.SHOPIFY, [customer]).get(customer)

    def parked(self, customer: str) -> ParkedRow | None:
        """The customer's parked row."""
        return self.app.state.parked.known(SHOP, FLOW, [customer]).get(customer)

    def told(self, topic: str, body: Mapping[str, Any], *, secret: str | None = None) -> int:
        """Shopify calls the flow's webhook; the status of the answer. Nothing is worked yet."""
        raw = json.dumps(dict(body)).encode()
        headers = signed(raw, topic=topic, **({"secret": secret} if secret else {}))
        return actions.receive(FLOW, headers, raw)[0]

    def redacted(self, customer: str, orders: Sequence[int] = (), **more: Any) -> int:
        """Shopify asks to erase a customer, with all that its body really holds; the status of the answer."""
        about = {"id": int(customer), "email": "john@example.com", "phone": "555-625-1199", **more}
        body = {"shop_id": 954889, "shop_domain": SHOP, "customer": about, "orders_to_redact": list(orders)}
        return self.told("customers/redact", body)

    def merged(self, kept: str, gone: str) -> int:
        """Shopify tells of a merge; the status of the answer."""
        ids = {"admin_graphql_api_customer_kept_id": _gid(kept), "admin_graphql_api_customer_deleted_id": _gid(gone)}
        return self.told("customers/merge", {**ids, "status": "completed", "errors": []})

    def list_all(self) -> None:
        """Everything is listed again, as `sync --all` does, and worked."""
        actions.poll(self.app, FLOW, SHOP, restart=True)
        self.run()

    def held(self, *words: str) -> list[str]:
        """Every text of tables, blobs and queues in which one of the words stands, whatever its case."""
        texts = [text.casefold() for text in everything(self.app.state)]
        return [text for text in texts if any(word.casefold() in text for word in words)]


def _gid(customer: str) -> str:
    return f"gid://shopify/Customer/{customer}"
