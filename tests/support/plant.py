"""The whole app in one process: real actions, wiring, clients and engine over both sandboxes and the state's twins."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import requests

from sandbox.catalogue import CrmProduct
from sandbox.dataverse.clock import SandboxClock
from sandbox.dataverse.config import DataverseConfig
from sandbox.dataverse.server import create as create_crm
from sandbox.seed import Crm, Shop
from sandbox.shopify.clock import Clock
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.server import create as create_shopify
from sandbox.wsgi_adapter import WsgiAdapter
from shared import app as actions
from shared import install, settings, wiring
from shared.flows import FLOWS
from shared.state.queues import queue_name
from tests.support.memory import memory_state

SHOP = "acme.myshopify.com"
CRM_URL = "https://acme.crm.dynamics.com"
SECRET = "a-client-secret"
KEY = "a-webhook-key"
ENVIRONMENT = {
    "SHOPIFY_SHOPS": SHOP,
    "SHOPIFY_CLIENT_ID": "a-client-id",
    "SHOPIFY_CLIENT_SECRET": SECRET,
    "DATAVERSE_URL": CRM_URL,
    "DATAVERSE_TOKEN": "app-token",
    "DATAVERSE_WEBHOOK_KEY": KEY,
    "CRM_PRICE_LIST": "Standard",
    "AzureWebJobsStorage": "not used: the state is in memory",
    "PRODUCTS_CRM_TO_SHOPIFY_MODE": "on",
    "PRODUCTS_SHOPIFY_TO_CRM_MODE": "on",
}


VARIANTS = """
query($q: String) {
  productVariants(first: 50, query: $q) { nodes { id sku price product { id title status } } }
}
"""


class OneClock(SandboxClock):
    """The Dataverse sandbox and the app on the Shopify sandbox's time: one clock for the whole world."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)

    def advance(self, seconds: float) -> None:
        self._clock.advance(seconds)


@dataclass(frozen=True)
class Born:
    """What a world begins with: both databases, and the steps of the set-up that filled them."""

    shopify: bytes = b""
    crm: bytes = b""
    steps: tuple[install.Step, ...] = ()


class World:
    """Both systems, the people at them, and one time."""

    def __init__(self, born: Born) -> None:
        self.shopify = create_shopify(
            ShopifyConfig(shop=SHOP, client_id="a-client-id", client_secret=SECRET, image=born.shopify),
            Clock(datetime(2026, 11, 23, 12, 0, tzinfo=UTC)),
        )
        self.clock = OneClock(self.shopify.clock)
        self.crm = create_crm(
            DataverseConfig(seed="app", clock=self.clock, image=born.crm, deterministic_webhooks=True)
        )
        self.merchant = Shop({"url": f"https://{SHOP}", "merchant_token": self.shopify.config.merchant_token})
        self.mount(self.merchant._session, self.shopify.wsgi)
        self.sales = Crm({"url": CRM_URL, "salesperson_token": "salesperson-token"})
        self.mount(self.sales._session, self.crm.wsgi)

    def mount(self, session: requests.Session, application: Any) -> None:
        """Have a session's calls answered in process. No proxy of the environment stands in between."""
        session.trust_env = False
        session.mount("https://", WsgiAdapter(application))

    def wired(self, environment: dict[str, str]) -> wiring.App:
        """What open_app makes, on this world's clock, wires and memory."""
        made = wiring.open_app(
            settings.read(environment, flows=FLOWS), clock=self.clock, state=memory_state(self.clock)
        )
        self.mount(made.crm.transport.session, self.crm.wsgi)
        for client in made.shopify.values():
            self.mount(client.transport.session, self.shopify.wsgi)
        return made

    def close(self) -> None:
        """End both systems."""
        self.shopify.close()
        self.crm.close()


SHAPELESS = ("DOCUMENT", "ORDER", "CUSTOMER_", "PRODUCT_", "SIBLINGS", "SYNC_")
"""What settings begin with that `setup` makes nothing for; tests/unit/support/test_plant.py compares what it made."""


def shaping(environment: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Those settings that `setup` goes by: modes only of tables, or where it subscribes to webhooks."""
    subscribes = bool(environment.get("WEBHOOKS_URL"))

    def shapes(name: str) -> bool:
        if name.endswith("_MODE"):
            return subscribes or name.startswith("TABLES_")
        return not name.startswith(SHAPELESS)

    return tuple(sorted((name, value) for name, value in environment.items() if shapes(name)))


@cache
def born(environment: tuple[tuple[str, str], ...]) -> Born:
    """Both systems as `setup` leaves them, made once per process: every world that begins so is the same.

    Where settings shape them, `setup` is run again under those over what it made without, as an administrator does.
    """
    first = World(born(()) if environment else Born())
    given = {**ENVIRONMENT, **dict(environment), "DATAVERSE_TOKEN": "admin-token"}
    steps = tuple(install.set_up(first.wired(given)))
    made = Born(first.shopify.store.db.image(), first.crm.core.store.image(), steps)
    first.close()
    return made


class Plant(World):
    """The running app and the people at both systems."""

    def __init__(self, **environment: str) -> None:
        begun = born(shaping(environment))
        super().__init__(begun)
        self.setup_steps = begun.steps
        self.environment = {**ENVIRONMENT, **environment}
        self.app = self.wired(self.environment)

    def run(self, *, ticks: int = 3) -> None:
        """Let timers fire and workers work until nothing is left, as the host would."""
        for _ in range(ticks):
            self.clock.advance(120)
            for flow in FLOWS:
                actions.tick(flow.name)
            self.work()

    def work(self) -> None:
        """Work the queues until no message is left."""
        for _ in range(200):
            if not any(self._work_one(flow.name, use) for flow in FLOWS for use in ("sync", "load")):
                if not any(self.app.state.queues.depth(flow.name) for flow in FLOWS):
                    return
                self.clock.advance(10)
        raise AssertionError("the queues never ran empty")

    def _work_one(self, flow: str, use: str) -> bool:
        queue = queue_name(use, flow)
        for taken in self.app.state.queue_service.receive(queue, 32, 600):
            actions.work(flow, taken.text.encode(), delivery=taken.times)
            self.app.state.queue_service.delete(queue, taken)
            return True
        return False

    def writes(self) -> int:
        """Rows the app has written on both sides so far."""
        crm = self.crm.counters.of("app").rows_written
        return int(crm) + sum(self.shopify.counters["app"].targets.values())

    def product(self, row: CrmProduct) -> dict[str, Any]:
        """A product in CRM by its number, with its prices."""
        url = f"products?$filter=productnumber eq '{row.number}'&$expand=product_price_levels($select=amount)"
        found: list[dict[str, Any]] = self.sales.get(url)["value"]
        assert len(found) == 1, f"{row.number}: {len(found)} products"
        return found[0]

    def variants(self, sku: str) -> list[dict[str, Any]]:
        """The store's variants of a SKU."""
        nodes: list[dict[str, Any]] = self.merchant.call(VARIANTS, {"q": f"sku:'{sku}'"})["productVariants"]["nodes"]
        return [node for node in nodes if node["sku"] == sku]


def signed(body: bytes, *, topic: str, shop: str = SHOP, secret: str = SECRET) -> dict[str, str]:
    """The headers of a webhook as Shopify sends it."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return {
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": shop,
        "X-Shopify-Hmac-Sha256": base64.b64encode(digest).decode(),
        "X-Shopify-Webhook-Id": "w-1",
        "X-Shopify-Event-Id": "e-1",
        "X-Shopify-API-Version": "2026-10",
        "X-Shopify-Triggered-At": "2026-11-23T12:00:00.000000Z",
    }


def notice(table: str, row_id: str, message: str = "Update") -> bytes:
    """The body of a Dataverse webhook, as far as it is read."""
    context = {"PrimaryEntityName": table, "PrimaryEntityId": row_id, "MessageName": message, "InputParameters": []}
    return json.dumps(context).encode()
