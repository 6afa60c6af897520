"""A sandbox in process and a small client for the contract tests; nothing here knows the app."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
import requests

from sandbox.dataverse.clock import SandboxClock
from sandbox.dataverse.config import DataverseConfig
from sandbox.dataverse.server import DataverseSandbox, create
from sandbox.wsgi_adapter import WsgiAdapter

ROOT = "https://org.example/api/data/v9.2/"
START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


# Every vendor code an answer brought in this session; test_census counts them.
RAISED: set[str] = set()
CODE = re.compile(r'"code":"(0x[0-9A-Fa-f]+)"')


BIRTH_FACTS = ("organization_name", "change_tracking_default", "accent_insensitive")


@cache
def born(at: datetime, facts: tuple[tuple[str, Any], ...]) -> bytes:
    """A database right after its birth at that moment, under those facts: to copy one costs a tenth of a birth."""
    first = create(DataverseConfig(seed="test", clock=SandboxClock(at), **dict(facts)))
    image = first.core.store.image()
    first.close()
    return image


class Org:
    """One organization under test, called as the app, the salesperson or the administrator."""

    def __init__(self, **config: Any) -> None:
        config.setdefault("clock", SandboxClock(START))
        if "db" not in config:
            facts = {name: value for name, value in config.items() if name in BIRTH_FACTS}
            config["image"] = born(config["clock"].now(), tuple(sorted(facts.items())))
        self.sandbox: DataverseSandbox = create(DataverseConfig(seed="test", deterministic_webhooks=True, **config))
        self.session = requests.Session()
        self.session.mount("https://org.example/", WsgiAdapter(self.sandbox.wsgi))
        self.tokens = {"app": "app-token", "salesperson": "salesperson-token", "admin": "admin-token"}

    def call(self, method: str, path: str, body: Any = None, actor: str = "app", **headers: str) -> requests.Response:
        sent = {"Authorization": f"Bearer {self.tokens[actor]}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        url = path if path.startswith("https://") else ROOT + path
        data = None
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
            data = body if isinstance(body, bytes) else json.dumps(body, default=float).encode()
        answer = self.session.request(method, url, data=data, headers=sent)
        if answer.status_code >= 300 or path == "$batch":
            RAISED.update(code.lower() for code in CODE.findall(answer.text))
        return answer

    def get(self, path: str, **headers: str) -> Any:
        found = self.call("GET", path, **headers)
        assert found.status_code == 200, found.text
        return json.loads(found.text, parse_float=Decimal)

    def create(self, entity_set: str, body: dict[str, Any], actor: str = "app") -> str:
        made = self.call("POST", entity_set, body, actor)
        assert made.status_code == 204, made.text
        return made.headers["OData-EntityId"].split("(")[1].rstrip(")")

    def patch(self, path: str, body: dict[str, Any], actor: str = "app", **headers: str) -> requests.Response:
        return self.call("PATCH", path, body, actor, **headers)

    def id_of(self, name: str) -> str:
        return self.sandbox.id_of(name)

    def product(self, number: str = "P-1", **more: Any) -> str:
        body = {
            "name": f"Product {number}", "productnumber": number,
            "defaultuomid@odata.bind": f"/uoms({self.id_of('uom')})",
            "defaultuomscheduleid@odata.bind": f"/uomschedules({self.id_of('uomschedule')})", **more}
        return self.create("products", body)

    def price(self, product: str, amount: Any = 10, **more: Any) -> str:
        return self.create("productpricelevels", {**self.price_body(product, amount), **more})

    def price_body(self, product: str, amount: Any = 10) -> dict[str, Any]:
        return {"productid@odata.bind": f"/products({product})", "uomid@odata.bind": f"/uoms({self.id_of('uom')})",
                "pricelevelid@odata.bind": f"/pricelevels({self.id_of('pricelevel')})", "amount": amount}

    def key(self, table: str, column: str, name: str = "new_Key", kind: str = "String") -> None:
        body: dict[str, Any] = {"@odata.type": f"Microsoft.Dynamics.CRM.{kind}AttributeMetadata", "SchemaName": column}
        if kind == "String":
            body["MaxLength"] = 100
        columns = f"EntityDefinitions(LogicalName='{table}')/Attributes"
        assert self.call("POST", columns, body, "admin").status_code == 204
        made = self.call("POST", f"EntityDefinitions(LogicalName='{table}')/Keys",
                         {"SchemaName": name, "KeyAttributes": [column.lower()]}, "admin")
        assert made.status_code == 204, made.text

    def track(self, table: str) -> None:
        made = self.call("PUT", f"EntityDefinitions(LogicalName='{table}')", {"ChangeTrackingEnabled": True}, "admin")
        assert made.status_code == 204

    def setting(self, **values: Any) -> None:
        changed = self.patch(f"organizations({self.id_of('organization')})", values, actor="admin")
        assert changed.status_code == 204, changed.text


def fault(response: requests.Response) -> tuple[int, str]:
    """The status and vendor code of an error answer."""
    return response.status_code, response.json()["error"]["code"]


def pytest_itemcollected(item: pytest.Item) -> None:
    """One worker of xdist runs them all: what answers brought is counted in one process."""
    item.add_marker(pytest.mark.xdist_group("dataverse"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The census of raised codes comes last, whatever the order of the rest."""
    items.sort(key=lambda item: item.name == "test_sixty_codes_are_raised")


@pytest.fixture
def org() -> Iterator[Org]:
    """A fresh organization with the clock standing still."""
    made = Org()
    yield made
    made.sandbox.close()


@pytest.fixture
def make_org() -> Iterator[Any]:
    """A maker of organizations with other settings, closed afterwards."""
    made: list[Org] = []

    def make(**config: Any) -> Org:
        made.append(Org(**config))
        return made[-1]

    yield make
    for one in made:
        one.sandbox.close()


@pytest.fixture
def shop(org: Org) -> Any:
    """The fresh organization with a customer, ready to sell."""
    from .selling import Shop

    return Shop(org)
