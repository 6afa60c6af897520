"""The worlds of the tests begin as `setup` leaves them under their settings."""

from __future__ import annotations

from shared import install
from shared.flows import FLOWS
from tests.support.plant import ENVIRONMENT, Born, World, born, shaping

SHAPELESS = {
    **{f"{flow.name.upper()}_MODE": "on" for flow in FLOWS if not flow.name.startswith("tables")},
    "CUSTOMER_ANONYMISE": "true",
    "CUSTOMER_RECREATE": "true",
    "DOCUMENTS": "invoice",
    "DOCUMENTS_SINCE": "2020-01-01",
    "DOCUMENT_ROUTE": "order",
    "DOCUMENT_NOTIFY": "true",
    "ORDERS_SINCE": "2020-01-01",
    "ORDERS_REOPEN": "true",
    "ORDER_CURRENCY": "presentment",
    "PRODUCT_PUBLISH": "true",
    "SIBLINGS": "park",
    "SYNC_RETRY_AGE_S": "60",
}


def test_setup_makes_the_same_whatever_those_settings_say() -> None:
    """Promise: worlds whose settings differ in these alone may begin as copies of one."""
    world = World(Born())
    done = list(install.set_up(world.wired({**ENVIRONMENT, **SHAPELESS, "DATAVERSE_TOKEN": "admin-token"})))
    made = world.shopify.store.db.image(), world.crm.core.store.image()
    world.close()
    assert shaping(SHAPELESS) == ()
    assert (made[0] == born(()).shopify, made[1] == born(()).crm) == (True, True)
    assert [step.name for step in done if step.done] == [step.name for step in born(()).steps if step.done]


def test_settings_that_shape_setup_have_worlds_of_their_own() -> None:
    """Promise: a test with its own mapping files, tables or webhooks begins with what these need."""
    address = {"WEBHOOKS_URL": "https://acme.azurewebsites.net", "ORDERS_SHOPIFY_TO_CRM_MODE": "on"}
    tables = {"TABLES": "gift_cards", "TABLES_SHOPIFY_TO_CRM_MODE": "on", "DOCUMENT_ROUTE": "order"}
    assert [name for name, _ in shaping(tables)] == ["TABLES", "TABLES_SHOPIFY_TO_CRM_MODE"]
    assert [name for name, _ in shaping(address)] == ["ORDERS_SHOPIFY_TO_CRM_MODE", "WEBHOOKS_URL"]
