"""Orders between the two sandboxes in process: a small mapping with write-in lines, a merchant and a salesperson."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sandbox.dataverse.config import DataverseConfig
from sandbox.dataverse.server import create as create_dataverse
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import create as create_shopify
from sandbox.wsgi_adapter import WsgiAdapter
from shared.dataverse.client import Client, connect
from shared.dataverse.collections import Collection
from shared.dataverse.definitions import NewColumn, TableKey, Wanted
from shared.dataverse.metadata import Metadata
from shared.dataverse.selection import TableConfig
from shared.dataverse.setup import set_up
from shared.dataverse.tables import TableEntity
from shared.mapping.load import parse
from shared.mapping.rules import join
from shared.records import Side
from shared.shopify.client import Document, Secrets, ShopifyClient
from shared.shopify.client import connect as connect_shopify
from shared.shopify.roots import Root, RootSource
from tests.support.faults import Faults
from tests.support.sandboxes import URL, Counted, OneClock
from tests.support.world import SHOP, Couple, World

MARKER, PENDING = "new_shopifyorderid_acme", "new_shopifypending"
MAPPING = """
flow = "orders_shopify_to_crm"
kind = "orders"
[source]
type = "Order"
[target]
table = "salesorder"
[fields.name]
from = "name"
to = "name"
[fields.number]
from = "name"
to = "ordernumber"
on_create = true
[fields.note]
from = "note"
to = "description"
[lines.items]
from = "lineItems.nodes[?currentQuantity > `0`]"
id = "split(id, '/')[-1]"
to = "order_details"
[lines.items.fields.written_in]
value = true
to = "isproductoverridden"
on_create = true
[lines.items.fields.text]
from = "truncate(name, `500`)"
to = "productdescription"
[lines.items.fields.price_overridden]
value = true
to = "ispriceoverridden"
[lines.items.fields.price]
from = "decimal(originalUnitPriceSet.shopMoney.amount)"
to = "priceperunit"
[lines.items.fields.quantity]
from = "currentQuantity"
to = "quantity"
[lines.items.fields.tax]
from = "sum(map(&decimal(priceSet.shopMoney.amount), taxLines))"
to = "tax"
"""
COLUMNS = Wanted(
    (
        NewColumn("salesorder", MARKER, "Shopify order id (acme)", 20),
        NewColumn("salesorder", PENDING, "Shopify lines are being written", 100),
    ),
    (TableKey("salesorder", "new_shopifyorderkey_acme", "Shopify order (acme)", MARKER),),
    ("salesorder", "salesorderdetail"),
)
DETAILS = Collection("order_details", "salesorderdetail", "order_details", "salesorderid")
CREATE = """mutation Merchant($o: OrderCreateOrderInput!) { orderCreate(order: $o) {
  order { legacyResourceId } userErrors { field message } } }"""
NOTE = """mutation Merchant($o: OrderInput!) { orderUpdate(input: $o) { userErrors { field message } } }"""
BEGIN = """mutation Merchant($id: ID!) { orderEditBegin(id: $id) {
  calculatedOrder { id lineItems(first: 250) { nodes { id title } } } userErrors { field message } } }"""
SET = """mutation Merchant($id: ID!, $line: ID!, $n: Int!) {
  orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $n) { userErrors { field message } } }"""
ADD = """mutation Merchant($id: ID!, $title: String!, $n: Int!, $price: MoneyInput!) {
  orderEditAddCustomItem(id: $id, title: $title, quantity: $n, price: $price) { userErrors { field message } } }"""
COMMIT = """mutation Merchant($id: ID!) { orderEditCommit(id: $id) { userErrors { field message } } }"""


class Sales:
    """Both sandboxes with a flow of orders between them."""

    def __init__(self) -> None:
        self.clock = OneClock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC))
        self.dataverse = create_dataverse(DataverseConfig(seed="t", clock=self.clock))  # type: ignore[arg-type]
        self.store = create_shopify(ShopifyConfig(), self.clock)
        config = self.store.config
        self._merchant = self._shop(Secrets(token=config.merchant_token))
        self._person = self._crm("salesperson-token")
        admin, self.app = self._crm("admin-token"), self._crm("app-token")
        set_up(admin, Metadata(admin), COLUMNS)
        self.mapping = parse(MAPPING)
        rules = join(self.mapping, None)
        table = TableConfig(
            SHOP, "orders", "salesorder", frozenset(rules.paths(Side.CRM)), MARKER, lines=(DETAILS,), pending=PENDING
        )
        self.target = TableEntity(self.app, Metadata(self.app), table)
        reader = self._shop(Secrets(config.client_id, config.client_secret))
        self.source = RootSource(reader, Root("Order", "orders"), rules.paths(Side.SHOPIFY))
        faults = Faults()
        shopify = Counted(self.source, Side.SHOPIFY, self.clock, faults)
        crm = Counted(self.target, Side.CRM, self.clock, faults)
        self.world = World(Couple(rules, None, "salesorder"), shopify, crm)  # type: ignore[arg-type]

    def close(self) -> None:
        """Let go of both databases."""
        self.dataverse.close()
        self.store.close()

    def _crm(self, token: str) -> Client:
        source = SimpleNamespace(get_token=lambda *_: SimpleNamespace(token=token, expires_on=4_000_000_000))
        client = connect(URL, source, self.clock)
        client.transport.session.mount(URL, WsgiAdapter(self.dataverse.wsgi))
        return client

    def _shop(self, secrets: Secrets) -> ShopifyClient:
        client = connect_shopify(SHOP, secrets, clock=self.clock)
        client.transport.session.mount("https://", WsgiAdapter(self.store.wsgi))
        return client

    # -- the merchant -------------------------------------------------------------------------------------------

    def order(self, *lines: tuple[str, str, int], tax: str = "") -> str:
        """An order of lines (title, price, quantity), each with that much tax; its number."""
        taxes = [{"title": "VAT", "rate": 0.2, "priceSet": _bag(tax)}] if tax else []
        items = [{"title": t, "quantity": n, "priceSet": _bag(p), "taxLines": taxes} for t, p, n in lines]
        return str(self._edit(CREATE, o={"lineItems": items})["order"]["legacyResourceId"])

    def note(self, order: str, text: str) -> None:
        """Another note."""
        self._edit(NOTE, o={"id": f"gid://shopify/Order/{order}", "note": text})

    def edit(self, order: str, quantities: Mapping[str, int], *added: tuple[str, str, int]) -> None:
        """An edit of the order: new quantities by title, and new lines; then time for Shopify's search to know it."""
        self.clock.sleep(5)
        calculated = self._edit(BEGIN, id=f"gid://shopify/Order/{order}")["calculatedOrder"]
        lines = {node["title"]: node["id"] for node in calculated["lineItems"]["nodes"]}
        for title, quantity in quantities.items():
            self._edit(SET, id=calculated["id"], line=lines[title], n=quantity)
        for title, price, quantity in added:
            money = {"amount": price, "currencyCode": "EUR"}
            self._edit(ADD, id=calculated["id"], title=title, n=quantity, price=money)
        self._edit(COMMIT, id=calculated["id"])
        self.clock.sleep(70)

    def _edit(self, text: str, **variables: Any) -> Any:
        payload = next(iter(self._merchant.execute(Document("Merchant", text), variables).data.values()))
        assert not payload["userErrors"], payload
        return payload

    # -- the salesperson ----------------------------------------------------------------------------------------

    def crm(self, order: str) -> dict[str, Any]:
        """The CRM order as the salesperson sees it."""
        pair = self.world.pair(shopify=order)
        assert pair is not None, self.world.parked(self.world.inward)
        return dict(self._person.get(f"salesorders({pair.crm_id})?$expand=order_details", name="order").data)

    def rows(self, order: str) -> dict[str, Any]:
        """Its lines by their text."""
        return {row["productdescription"]: row for row in self.crm(order)["order_details"]}

    def by_hand(self, order: str, text: str, **values: Any) -> None:
        """She changes a line, or (without values) deletes it."""
        url = f"salesorderdetails({self.rows(order)[text]['salesorderdetailid']})"
        self._person.send("PATCH" if values else "DELETE", url, values or None, name="line")

    def add(self, order: str, text: str) -> None:
        """She adds a line of her own."""
        bind = {"salesorderid@odata.bind": f"/salesorders({self.crm(order)['salesorderid']})"}
        values = {"isproductoverridden": True, "productdescription": text, "priceperunit": 1, "quantity": 1}
        self._person.send("POST", "salesorderdetails", {**values, **bind}, name="line")

    def all(self) -> Iterator[str]:
        """Every CRM order."""
        yield from self.world.crm.all()  # type: ignore[attr-defined]


def _bag(amount: str) -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": "EUR"}}
