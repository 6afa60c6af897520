"""A small kind with every sort of field, for tests of the engine itself, and the real products mapping over fakes.

`things`: a key that CRM owns, an amount that Shopify owns, a note that the newer edit wins, a name that is repaired,
a label that may drift, a fixed source and a first state written once.
"""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from shared.mapping.load import load, parse
from shared.mapping.rules import join
from shared.records import Side
from shared.sync.flow import Timing
from tests.support.clock import VirtualClock
from tests.support.entity import FakeEntity, Normalise
from tests.support.faults import Faults
from tests.support.world import Couple, World

INWARD = """
flow = "things_shopify_to_crm"
kind = "things"
[source]
type = "Thing"
[target]
table = "thing"
[[match]]
field = "key"
[[skip]]
when = "secret"
reason = "Secret things stay in Shopify."
[deleted]
set = { state = 1 }
[fields.key]
from = "sku"
to = "number"
owner = "crm"
blank = "keep"
[fields.amount]
from = "price"
to = "item.amount"
owner = "shopify"
[fields.note]
from = "note"
to = "remark"
owner = "latest"
[fields.name]
from = "parent.title"
to = "name"
drift = "repair"
[fields.label]
from = "label"
to = "label"
[fields.origin]
value = "shop"
to = "origin"
[fields.first_state]
value = 0
to = "state"
on_create = true
"""

OUTWARD = """
flow = "things_crm_to_shopify"
kind = "things"
[source]
table = "thing"
[target]
type = "Thing"
[[match]]
field = "key"
[deleted]
set = { "parent.status" = "DRAFT" }
[fields.key]
from = "number"
to = "sku"
owner = "crm"
blank = "keep"
[fields.amount]
from = "item.amount"
to = "price"
owner = "shopify"
[fields.note]
from = "remark"
to = "note"
owner = "latest"
[fields.title]
from = "name"
to = "parent.title"
on_create = true
[fields.part]
from = "part"
to = 'metafields."our.part"'
"""


def shopify_blank(record_id: str) -> dict[str, Any]:
    """A new thing in Shopify."""
    return {
        "legacyResourceId": record_id,
        "sku": "",
        "price": Decimal("0.00"),
        "note": None,
        "label": None,
        "secret": False,
        "parent": {"title": "", "status": "ACTIVE"},
        "metafields": {"our.part": None},
    }


def crm_blank(record_id: str) -> dict[str, Any]:
    """A new thing in CRM."""
    names = ("number", "remark", "name", "label", "origin", "part")
    return {"thingid": record_id, **dict.fromkeys(names), "state": 0, "item": {"amount": None}}


def things(
    *,
    shopify_normalises: dict[str, Normalise] | None = None,
    crm_normalises: dict[str, Normalise] | None = None,
    timing: Timing | None = None,
) -> World:
    """A world of things."""
    inward, outward = parse(INWARD), parse(OUTWARD)
    couple = Couple(join(inward, outward), join(outward, inward), "thing")
    clock, faults = VirtualClock(), Faults()
    shopify = FakeEntity(Side.SHOPIFY, clock, faults, blank=shopify_blank, normalise=shopify_normalises or {})
    crm = FakeEntity(
        Side.CRM, clock, faults, blank=crm_blank, normalise=crm_normalises or {}, unique="number", gives_content=False
    )
    shopify.tells_deletes = False
    return World(couple, shopify, crm, timing=timing)


def products(*, timing: Timing | None = None) -> World:
    """A world of product variants under the mapping files that are shipped."""
    folder = Path(__file__).resolve().parents[2] / "mappings"
    inward, outward = (load(folder, flow) for flow in ("products_shopify_to_crm", "products_crm_to_shopify"))
    settings = {"publish": True}
    couple = Couple(
        join(inward, outward, settings=settings), join(outward, inward, settings=settings), crm_table="product"
    )
    clock, faults = VirtualClock(), Faults()
    shopify = FakeEntity(Side.SHOPIFY, clock, faults, tables=("products",), blank=variant_blank)
    crm = FakeEntity(
        Side.CRM, clock, faults, tables=("product",), blank=product_blank, unique="productnumber", gives_content=False
    )
    shopify.tells_deletes = False
    return World(couple, shopify, crm, timing=timing)


def variant_blank(record_id: str) -> dict[str, Any]:
    """A new variant, the only one of its product."""
    return {
        "legacyResourceId": record_id,
        "sku": None,
        "price": Decimal("0.00"),
        "title": "Default Title",
        "selectedOptions": [{"name": "Title", "value": "Default Title"}],
        "metafields": {"dynamics.vendor_part_number": None},
        "product": {
            "legacyResourceId": f"9{record_id}",
            "title": "",
            "descriptionHtml": "",
            "status": "ACTIVE",
            "isGiftCard": False,
        },
    }


def product_blank(record_id: str) -> dict[str, Any]:
    """A new product, a draft until somebody publishes it."""
    names = ("productnumber", "name", "description", "vendorpartnumber", "defaultuomid", "defaultuomscheduleid")
    own = ("new_shopifytitle", "new_shopifyoptions", "new_shopifyproductid", "quantitydecimal")
    return {
        "productid": record_id,
        **dict.fromkeys(names + own),
        "statecode": 2,
        "statuscode": 2,
        "productstructure": 1,
        "price_item": {"amount": None},
    }
