"""Bodies of webhooks: every field and the kind of every value, against written-down tables and recorded payloads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify import payload_makers, payload_shapes
from tests.contract.shopify.client import Shop
from tests.contract.shopify.payload_makers import MAKERS
from tests.contract.shopify.payload_reasons import WHY
from tests.contract.shopify.payload_shapes import RECORDED, against_recorded, against_table

TABLE = {"order_with_all": "order"}


def written(box: ShopifySandbox, shop: Shop, kind: str) -> Any:
    """A body as its receiver reads it."""
    return json.loads(json.dumps(payload_makers.body(box, shop, kind)))


@pytest.mark.parametrize("kind", MAKERS)
def test_a_body_has_exactly_the_documented_fields(box: ShopifySandbox, shop: Shop, kind: str) -> None:
    """No field is missing, none is made up, and every value is of the kind that webhooks have."""
    assert against_table(written(box, shop, kind), TABLE.get(kind, kind)) == []


def recorded(kind: str) -> list[Path]:
    """The recorded payloads of a kind; not every kind has one, and the folder is not on every machine."""
    return sorted(RECORDED.glob(f"{TABLE.get(kind, kind)}__*.json"))


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if recorded(kind)])
def test_recorded_bodies_differ_only_where_it_is_known_why(box: ShopifySandbox, shop: Shop, kind: str) -> None:
    """Each difference from a recorded payload of the kind is listed above with its reason."""
    ours = written(box, shop, kind)
    known, unexplained = WHY.get(TABLE.get(kind, kind), {}), []
    for file in recorded(kind):
        for line in against_recorded(ours, json.loads(file.read_text())):
            reason = next((why for start, why in known.items() if line.startswith(start)), None)
            print(f"{file.name}: {line}: {reason or 'NOT EXPLAINED'}")
            unexplained += [] if reason else [f"{file.name}: {line}"]
    assert unexplained == []


def test_the_comparison_notices_single_fields() -> None:
    """A missing, an added and a changed field are each found; otherwise the tests above could not fail."""
    table = {"id": 1, "sku": None, "created_at": "x", "updated_at": "x", "requires_shipping": True, "cost": "1.00"}
    table |= {"country_code_of_origin": None, "province_code_of_origin": None, "harmonized_system_code": None}
    table |= {"tracked": True, "country_harmonized_system_codes": [], "weight_value": 0.5, "weight_unit": "kg"}
    whole = table | {"admin_graphql_api_id": "gid://shopify/InventoryItem/1"}
    assert against_table(whole, "inventory_item") == []
    assert against_table({name: value for name, value in whole.items() if name != "sku"}, "inventory_item")
    assert against_table(whole | {"invented": 1}, "inventory_item")
    assert against_table(whole | {"cost": 1.0}, "inventory_item")
    assert against_table(whole | {"tracked": None}, "inventory_item")
    assert against_recorded(whole | {"id": "1"}, whole) == ["kind id: str instead of int"]
    assert payload_shapes.table("refund")["transactions[].id"] == "int"
