"""Products, units and price lists (product life cycle pages, entity reference, error codes)."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Org, fault

ACTIVE, RETIRED, DRAFT, REVISION = 0, 1, 2, 3


def move(org: Org, product: str, *states: int) -> Any:
    """Set the states one after the other; returns the last answer."""
    answer = None
    for state in states:
        answer = org.patch(f"products({product})", {"statecode": state})
    return answer


def in_state(org: Org, state: int, number: str = "P") -> str:
    """A product brought into the state by allowed steps."""
    product = org.product(number)
    move(org, product, *{DRAFT: [], ACTIVE: [0], RETIRED: [0, 1], REVISION: [0, 3]}[state])
    assert org.get(f"products({product})")["statecode"] == state
    return product


def test_new_products_are_drafts(org: Org) -> None:
    """A product is created as a draft with the draft reason."""
    # reference b.3
    row = org.get(f"products({org.product()})")
    assert (row["statecode"], row["statuscode"], row["productstructure"]) == (2, 0, 1)


def test_new_products_may_be_active(org: Org) -> None:
    """With the organization's setting, parentless products are created active."""
    # reference b.3: CreateProductsWithoutParentInActiveState
    org.setting(createproductswithoutparentinactivestate=True)
    row = org.get(f"products({org.product()})")
    assert (row["statecode"], row["statuscode"]) == (0, 1)


def test_publish_by_state(org: Org) -> None:
    """A draft is published by setting statecode 0; the reason follows."""
    # reference b.3: publish one
    row = org.get(f"products({in_state(org, ACTIVE)})")
    assert (row["statecode"], row["statuscode"]) == (0, 1)


@pytest.mark.parametrize(("old", "new"), [(ACTIVE, REVISION), (REVISION, ACTIVE), (ACTIVE, RETIRED), (RETIRED, ACTIVE),
                                          (REVISION, RETIRED), (DRAFT, ACTIVE)])
def test_allowed_transitions(org: Org, old: int, new: int) -> None:
    """The life cycle allows this transition."""
    # reference b.3
    assert move(org, in_state(org, old), new).status_code == 204


@pytest.mark.parametrize(("old", "new", "code"), [
    (ACTIVE, DRAFT, "0x8004F912"), (DRAFT, RETIRED, "0x8004F978"), (DRAFT, REVISION, "0x8004F913"),
    (RETIRED, REVISION, "0x8004F913"), (RETIRED, DRAFT, "0x8004F979"), (ACTIVE, ACTIVE, "0x8004F982"),
    (DRAFT, DRAFT, "0x8004F981"), (RETIRED, RETIRED, "0x8004F980"), (REVISION, DRAFT, "0x80061035"),
    (REVISION, REVISION, "0x8004F883")])
def test_refused_transitions(org: Org, old: int, new: int, code: str) -> None:
    """The life cycle refuses this transition with its own code and changes nothing."""
    # reference b.3: illegal transitions
    product = in_state(org, old)
    assert fault(move(org, product, new)) == (400, code)
    assert org.get(f"products({product})")["statecode"] == old


@pytest.mark.parametrize("body", [{"statecode": 0, "statuscode": 2}, {"statuscode": 1}, {"statecode": 9}])
def test_wrong_state_pairs(org: Org, body: dict[str, int]) -> None:
    """A status reason of another state is refused."""
    # reference b.2: 0x80048408
    assert fault(org.patch(f"products({org.product()})", body)) == (400, "0x80048408")


def test_retiring_a_priced_product(org: Org) -> None:
    """A product in a price list cannot be retired; without the item it can."""
    # reference b.3: 0x8004F915
    product = in_state(org, ACTIVE)
    item = org.price(product)
    assert fault(move(org, product, RETIRED)) == (400, "0x8004F915")
    org.call("DELETE", f"productpricelevels({item})")
    assert move(org, product, RETIRED).status_code == 204


def test_retired_products_are_read_only(org: Org) -> None:
    """A retired product refuses edits."""
    # reference b.3: retired, read-only
    answer = org.patch(f"products({in_state(org, RETIRED)})", {"name": "x"})
    assert fault(answer) == (400, "0x8004022E")


def test_active_products_may_be_edited_by_default(org: Org) -> None:
    """Plain columns of an active product may be changed, unless the setting says otherwise."""
    # reference b.3 [M]: lenient default
    product = in_state(org, ACTIVE)
    assert org.patch(f"products({product})", {"name": "new"}).status_code == 204


def test_draft_only_columns(make_org: Any) -> None:
    """Columns named by the setting are refused while active; revise, change, publish works."""
    # reference b.3: 0x8004F995
    org = make_org(product_draft_only=("name",))
    product = in_state(org, ACTIVE)
    assert fault(org.patch(f"products({product})", {"name": "new"})) == (400, "0x8004F995")
    assert org.patch(f"products({product})", {"description": "new"}).status_code == 204
    move(org, product, REVISION)
    assert org.patch(f"products({product})", {"name": "new"}).status_code == 204
    assert move(org, product, ACTIVE).status_code == 204


def test_children_of_families(org: Org) -> None:
    """A child is published only under an active family, and as a draft keeps its family from retiring."""
    # reference b.3: 0x8004F909, 0x8004F910
    family = org.product("F", productstructure=2)
    child = org.product("C", **{"parentproductid@odata.bind": f"/products({family})"})
    assert fault(move(org, child, ACTIVE)) == (400, "0x8004F909")
    move(org, family, ACTIVE)
    assert fault(move(org, family, RETIRED)) == (400, "0x8004F910")
    assert move(org, child, ACTIVE).status_code == 204


def test_product_number_is_needed(org: Org) -> None:
    """A product without a number is refused."""
    # by the error code list, 0x80043B05
    assert fault(org.call("POST", "products", {"name": "A"})) == (400, "0x80043B05")


def test_product_number_is_unique(org: Org) -> None:
    """Two products cannot share a number, whatever its case."""
    # by the error code list, 0x80043B06
    org.product("AB")
    assert fault(org.call("POST", "products", {"name": "A", "productnumber": "ab"})) == (400, "0x80043B06")
    other = org.product("CD")
    assert fault(org.patch(f"products({other})", {"productnumber": "AB"})) == (400, "0x80043B06")


def test_unit_must_belong_to_the_group(org: Org) -> None:
    """The default unit must belong to the product's unit group."""
    # by the error code list, 0x80043B16
    other = org.create("uomschedules", {"name": "Boxes", "baseuomname": "Box"})
    body = {"name": "A", "productnumber": "1", "defaultuomid@odata.bind": f"/uoms({org.id_of('uom')})",
            "defaultuomscheduleid@odata.bind": f"/uomschedules({other})"}
    assert fault(org.call("POST", "products", body)) == (400, "0x80043B16")


def test_unit_group_brings_its_base_unit(org: Org) -> None:
    """Creating a unit group creates its base unit."""
    # reference b.: baseuomname
    group = org.create("uomschedules", {"name": "Boxes", "baseuomname": "Box"})
    units = org.get(f"uoms?$select=name,isschedulebaseuom&$filter=_uomscheduleid_value eq {group}")["value"]
    assert [(u["name"], u["isschedulebaseuom"]) for u in units] == [("Box", True)]


def test_prices_need_a_currency(org: Org) -> None:
    """A product with a price but no currency is refused."""
    # by the error code list, 0x80048CFB
    body = {"name": "A", "productnumber": "1", "price": 5}
    assert fault(org.call("POST", "products", body)) == (400, "0x80048CFB")


def test_price_item_takes_the_currency_of_its_list(org: Org) -> None:
    """A price list item has the list's currency and repeats the product's number."""
    # reference b.: transactioncurrencyid inherited from the list
    row = org.get(f"productpricelevels({org.price(org.product('N-1'))})")
    assert row["_transactioncurrencyid_value"] == org.id_of("currency/EUR")
    assert row["productnumber"] == "N-1"


def test_one_item_per_product_unit_and_list(org: Org) -> None:
    """A second item for the same product, unit and list is refused."""
    # by the error code list, 0x80043B08
    product = org.product()
    org.price(product)
    assert fault(org.call("POST", "productpricelevels", org.price_body(product))) == (400, "0x80043B08")


@pytest.mark.parametrize(("missing", "code"), [("pricelevelid@odata.bind", "0x80043B12"),
                                               ("productid@odata.bind", "0x80043B11")])
def test_item_without_list_or_product(org: Org, missing: str, code: str) -> None:
    """An item needs its list and its product."""
    # by the error code list, MissingPriceLevelId, MissingProductId
    body = org.price_body(org.product())
    del body[missing]
    assert fault(org.call("POST", "productpricelevels", body)) == (400, code)


def test_item_of_a_retired_product(org: Org) -> None:
    """Retired products cannot be priced."""
    # by the error code list, 0x80061009
    answer = org.call("POST", "productpricelevels", org.price_body(in_state(org, RETIRED)))
    assert fault(answer) == (400, "0x80061009")


def test_item_of_a_family(org: Org) -> None:
    """Product families cannot be priced."""
    # by the error code list, 0x8004F902
    answer = org.call("POST", "productpricelevels", org.price_body(org.product("F", productstructure=2)))
    assert fault(answer) == (400, "0x8004F902")


def test_item_with_a_unit_of_another_group(org: Org) -> None:
    """The item's unit must be of the product's group."""
    # by the error code list, 0x80043B14
    group = org.create("uomschedules", {"name": "Boxes", "baseuomname": "Box"})
    unit = org.get(f"uoms?$filter=_uomscheduleid_value eq {group}&$select=name")["value"][0]["uomid"]
    body = {**org.price_body(org.product()), "uomid@odata.bind": f"/uoms({unit})"}
    assert fault(org.call("POST", "productpricelevels", body)) == (400, "0x80043B14")


def test_percentage_range(org: Org) -> None:
    """A percentage of 100,000 or more is refused."""
    # by the error code list, 0x80043B0C
    body = {**org.price_body(org.product()), "percentage": 100000}
    assert fault(org.call("POST", "productpricelevels", body)) == (400, "0x80043B0C")


def test_currency_with_percentage_items(org: Org) -> None:
    """The product's currency cannot change while percentage items exist."""
    # by the error code list, 0x80048CFA
    euro = {"transactioncurrencyid@odata.bind": f"/transactioncurrencies({org.id_of('currency/EUR')})"}
    product = org.product(**euro)
    org.price(product, pricingmethodcode=2, percentage=90)
    answer = org.patch(f"products({product})", {
        "transactioncurrencyid@odata.bind": f"/transactioncurrencies({org.id_of('currency/USD')})"})
    assert fault(answer) == (400, "0x80048CFA")


def test_deleting_a_price_list_with_items(org: Org) -> None:
    """A price list that has items cannot be deleted."""
    # entity reference: price_level_product_price_levels, Delete: Restrict
    org.price(org.product())
    answer = org.call("DELETE", f"pricelevels({org.id_of('pricelevel')})")
    assert fault(answer) == (405, "0x80040227")


def test_deleting_a_product_takes_its_prices(org: Org) -> None:
    """Deleting a product deletes its price list items."""
    # entity reference: product_price_levels, Delete: Cascade
    product = org.product()
    org.price(product)
    assert org.call("DELETE", f"products({product})").status_code == 204
    assert org.get("productpricelevels?$select=amount")["value"] == []


def test_deleting_a_unit_in_use(org: Org) -> None:
    """A unit that a price uses cannot be deleted."""
    # entity reference: unit_of_measurement_product_price_levels, Delete: Restrict
    org.price(org.product())
    assert fault(org.call("DELETE", f"uoms({org.id_of('uom')})")) == (405, "0x80040227")


def test_price_list_states(org: Org) -> None:
    """A price list is deactivated and activated by its state."""
    # reference b.1: pricelevel
    path = f"pricelevels({org.id_of('pricelevel')})"
    org.patch(path, {"statecode": 1})
    assert org.get(path)["statuscode"] == 100002
