"""The ten changes of docs/mapping.md, carried out: read from the page, put into the files, checked, run, seen.

A piece is put where the page says: at the end of its file, or in the place of the table of the same name.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ops import checking
from sandbox.catalogue import SeedProduct, SeedVariant
from shared import install
from shared.dataverse.definitions import NewColumn
from shared.flows import flow_named
from tests.flows.conftest import Open, OpenTrade
from tests.support.clientele import Clientele
from tests.support.guide import CHANGES, placed
from tests.support.orders import JANE
from tests.support.plant import ENVIRONMENT, SHOP
from tests.support.power_apps import admin, buyer
from tests.support.till import bought

ROOT = Path(__file__).resolve().parents[2]
PRODUCTS = {"PRODUCTS_CRM_TO_SHOPIFY_MODE": "on", "PRODUCTS_SHOPIFY_TO_CRM_MODE": "on"}
UPDATE = """mutation($product: ProductUpdateInput!) { productUpdate(product: $product) { userErrors { message } } }"""
REPRICE = """mutation($p: ID!, $v: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $p, variants: $v) { userErrors { message } } }"""
SUPPLIER = """query($id: ID!) { productVariant(id: $id) {
  metafield(namespace: "custom", key: "supplier") { value } } }"""


@pytest.fixture
def changed(tmp_path: Path) -> Callable[[int], str]:
    """The folder of the mapping files under a change of the page."""

    def apply(number: int) -> str:
        folder = tmp_path / "mappings"
        shutil.copytree(ROOT / "mappings", folder)
        for flow, piece in CHANGES[number]:
            file = folder / f"{flow}.toml"
            file.write_text(placed(file.read_text("utf-8"), piece), "utf-8")
        return str(folder)

    return apply


def checked(world: Clientele, number: int) -> None:
    """`mapping check` has nothing to say of the files that were changed."""
    for flow, _ in CHANGES[number]:
        assert list(checking.check_flow(world.app, flow_named(flow), SHOP)) == []


def sell(world: Clientele, sku: str, price: str = "20.00") -> dict[str, Any]:
    """The merchant makes a product; its one variant."""
    variant = SeedVariant(sku, Decimal(price), ())
    world.merchant.create(SeedProduct(f"Lamp {sku}", "", "ACTIVE", (), (variant,)))
    (found,) = world.variants(sku)
    return found


def update(world: Clientele, variant: Mapping[str, Any], **values: Any) -> None:
    """The merchant changes a product."""
    answer = world.merchant.call(UPDATE, {"product": {"id": variant["product"]["id"], **values}})
    assert answer["productUpdate"]["userErrors"] == []


def reprice(world: Clientele, variant: Mapping[str, Any], **values: Any) -> None:
    """The merchant changes a variant."""
    given = {"p": variant["product"]["id"], "v": [{"id": variant["id"], **values}]}
    assert world.merchant.call(REPRICE, given)["productVariantsBulkUpdate"]["userErrors"] == []


def row(world: Clientele, number: str) -> dict[str, Any]:
    """A product of CRM by its number, with its prices."""
    inside = "product_price_levels($select=amount,_pricelevelid_value)"
    (found,) = world.sales.get(f"products?$filter=productnumber eq '{number}'&$expand={inside}")["value"]
    return dict(found)


def test_the_page_has_ten_changes() -> None:
    """Promise: ten, each with at least one piece of a file that there is."""
    assert sorted(CHANGES) == list(range(1, 11))
    assert all((ROOT / "mappings" / f"{flow}.toml").is_file() for pieces in CHANGES.values() for flow, _ in pieces)
    assert all(CHANGES.values())


def test_change_1_a_field(opened: Open, changed: Callable[[int], str]) -> None:
    """Promise: the vendor of a Shopify product stands in CRM, and follows when it changes."""
    world = opened(**PRODUCTS, MAPPINGS_DIR=changed(1))
    checked(world, 1)
    variant = sell(world, "L-1")
    update(world, variant, vendor="Lumen")
    world.run()
    assert row(world, "L-1")["vendorname"] == "Lumen"
    update(world, variant, vendor="Lux")
    world.run()
    assert row(world, "L-1")["vendorname"] == "Lux"


def test_change_2_a_custom_column(opened: Open, changed: Callable[[int], str]) -> None:
    """Promise: a column made in Power Apps is filled; what does not fit parks the product and says so."""
    world = opened(**PRODUCTS, MAPPINGS_DIR=changed(2))
    column = NewColumn("product", "new_producttype", "Product type", 60)
    admin(world).send("POST", "EntityDefinitions(LogicalName='product')/Attributes", column.definition)
    checked(world, 2)
    lamp, vase = sell(world, "L-1"), sell(world, "V-1")
    update(world, lamp, productType="Lighting")
    update(world, vase, productType="v" * 61)
    world.run()
    assert row(world, "L-1")["new_producttype"] == "Lighting"
    assert world.rows("products", "productnumber eq 'V-1'") == []
    (parked,) = world.app.state.parked.list(SHOP, "products_shopify_to_crm")
    assert "product_type" in parked.sentence
    assert "it has 61 characters, and length is 60" in parked.sentence


def test_change_3_a_metafield(opened: Open, changed: Callable[[int], str]) -> None:
    """Promise: `setup` defines it, and the supplier of a CRM product stands on its variant."""
    world = opened(**PRODUCTS, MAPPINGS_DIR=changed(3))
    assert "custom.supplier" in " ".join(step.name + step.detail for step in world.setup_steps)
    assert [step for step in install.set_up(world.wired(as_admin(world)), dry_run=True) if step.needed] == []
    checked(world, 3)
    variant = sell(world, "L-1")
    world.run()
    world.change("products", row(world, "L-1")["productid"], suppliername="Brass & Co")
    world.run()
    assert world.merchant.call(SUPPLIER, {"id": variant["id"]})["productVariant"]["metafield"]["value"] == "Brass & Co"


def as_admin(world: Clientele) -> dict[str, str]:
    """The world's settings, signed in as an administrator."""
    return {**ENVIRONMENT, **world.environment, "DATAVERSE_TOKEN": "admin-token"}


def test_change_4_a_constant(opened: Open, changed: Callable[[int], str]) -> None:
    """Promise: an account that the shop makes is a customer's; what sales says later stays."""
    people = opened(MAPPINGS_DIR=changed(4))
    checked(people, 4)
    customer = people.customer(**JANE)
    people.run()
    account = people.account_of(customer)
    assert account["customertypecode"] == 3
    people.change("accounts", account["accountid"], customertypecode=8)
    people.edit(customer, firstName="Joan")
    people.run()
    assert (people.account_of(customer)["customertypecode"], people.account_of(customer)["name"]) == (8, "Joan Doe")


def test_change_5_a_condition(opened: Open, changed: Callable[[int], str]) -> None:
    """Promise: who has the tag is of the one category, all others of the other, and it follows the tag."""
    people = opened(MAPPINGS_DIR=changed(5))
    checked(people, 5)
    jane, john = people.customer(**JANE, tags=["vip"]), people.customer(email="john@shoe.example", lastName="Roe")
    people.run()
    assert [people.account_of(each)["accountcategorycode"] for each in (jane, john)] == [1, 2]
    people.edit(jane, tags=[])
    people.run()
    assert people.account_of(jane)["accountcategorycode"] == 2


def test_change_6_a_value_table(opened: Open, changed: Callable[[int], str]) -> None:
    """Promise: Shopify's words become Dataverse's numbers, and words that are not listed the one that is said."""
    people = opened(MAPPINGS_DIR=changed(6))
    checked(people, 6)
    consent = {"marketingState": "SUBSCRIBED", "marketingOptInLevel": "SINGLE_OPT_IN"}
    jane = people.customer(**JANE, emailMarketingConsent=consent)
    john = people.customer(email="john@shoe.example", lastName="Roe")
    people.run()
    assert [people.account_of(each)["preferredcontactmethodcode"] for each in (jane, john)] == [2, 1]


def test_change_7_a_lookup(trading: OpenTrade, changed: Callable[[int], str]) -> None:
    """Promise: the lookup holds the account of the customer; an order without a customer has the guests' one."""
    trade = trading(MAPPINGS_DIR=changed(7), CRM_GUEST_ACCOUNT="Guests")
    guests = trade.row("accounts", name="Guests")
    admin(trade).send("POST", "RelationshipDefinitions", buyer())
    checked(trade, 7)
    (variant,) = trade.offer("L-1")
    hers, nobodys = trade.order(bought(variant, "20.00"), by=JANE), trade.order(bought(variant, "20.00"))
    trade.run()
    (jane,) = trade.rows("accounts", "name eq 'Jane Doe'")
    assert [trade.crm_order(each)["_new_buyer_value"] for each in (hers, nobodys)] == [jane["accountid"], guests]


def test_change_8_a_second_price_list(opened: Open, changed: Callable[[int], str]) -> None:
    """Promise: both prices stand in their own list, each follows its own field, and the first one's goes back."""
    world = opened(**PRODUCTS, MAPPINGS_DIR=changed(8))
    (currency,) = world.rows("transactioncurrencies", "isocurrencycode eq 'EUR'")
    bind = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({currency['transactioncurrencyid']})"}
    retail = world.row("pricelevels", name="Retail", **bind)
    checked(world, 8)
    variant, plain = sell(world, "L-1"), sell(world, "P-1")
    reprice(world, variant, compareAtPrice="25.00")
    world.run()
    assert prices(world, "L-1", retail) == (20, 25)
    assert prices(world, "P-1", retail) == (20, None)
    reprice(world, variant, compareAtPrice="30.00")
    world.run()
    assert prices(world, "L-1", retail) == (20, 30)
    first = next(each for each in row(world, "L-1")["product_price_levels"] if each["amount"] == 20)
    world.change("productpricelevels", first["productpricelevelid"], amount=22)
    world.run()
    assert world.variants("L-1")[0]["price"] == "22.00"
    before = world.writes()
    world.run()
    assert world.writes() == before
    assert plain["sku"] == "P-1"


def test_a_price_list_that_does_not_exist_is_told(opened: Open, changed: Callable[[int], str]) -> None:
    """Promise: the check asks CRM for the list that a path names, and says which there are."""
    world = opened(**PRODUCTS, MAPPINGS_DIR=changed(8))
    (finding,) = checking.check_flow(world.app, flow_named("products_shopify_to_crm"), SHOP)
    assert finding.level == "error"
    assert "'retail', but no active price list has that name. There are: standard" in finding.sentence


def prices(world: Clientele, number: str, retail: str) -> tuple[Any, Any]:
    """A product's price in the configured list, and in the second one."""
    items = row(world, number)["product_price_levels"]
    found = {each["_pricelevelid_value"] == retail: each["amount"] for each in items}
    assert len(found) == len(items)
    return found.get(False), found.get(True)


def test_change_9_the_owner(opened: Open, changed: Callable[[int], str]) -> None:
    """Promise: as shipped CRM's price wins where both changed; after the change Shopify's does."""
    for folder, kept in (("mappings", "25.00"), (changed(9), "50.00")):
        world = opened(**PRODUCTS, MAPPINGS_DIR=folder)
        variant = sell(world, "L-1")
        world.run()
        checked(world, 9)
        (item,) = row(world, "L-1")["product_price_levels"]
        world.change("productpricelevels", item["productpricelevelid"], amount=25)
        reprice(world, variant, price="50.00")
        world.run()
        assert world.variants("L-1")[0]["price"] == kept
        assert f"{row(world, 'L-1')['product_price_levels'][0]['amount']:.2f}" == kept


def test_change_10_a_filter(opened: Open, changed: Callable[[int], str]) -> None:
    """Promise: what has the tag stays out, with the reason that the file gives; the tag away, it comes."""
    world = opened(**PRODUCTS, MAPPINGS_DIR=changed(10))
    checked(world, 10)
    lamp, hidden = sell(world, "L-1"), sell(world, "H-1")
    update(world, hidden, tags=["internal"])
    world.run()
    assert row(world, "L-1")["name"] == "Lamp L-1"
    assert world.rows("products", "productnumber eq 'H-1'") == []
    assert "It is tagged internal." in said(world)
    update(world, hidden, tags=[])
    world.run()
    assert row(world, "H-1")["name"] == "Lamp H-1"
    assert lamp["sku"] == "L-1"


def said(world: Clientele) -> set[str]:
    """The reasons of all outcomes of the products' flow."""
    runs = world.app.state.runs.last(SHOP, "products_shopify_to_crm", 50)
    told = [world.app.state.journal.get_outcomes(run.outcomes_blob) for run in runs if run.outcomes_blob]
    return {each.reason for outcomes in told for each in outcomes}


