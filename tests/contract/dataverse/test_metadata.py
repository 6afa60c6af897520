"""Metadata (webapi/query-metadata-web-api, create-update-entity-definitions-using-web-api)."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from .conftest import Org, fault

PRODUCT = "EntityDefinitions(LogicalName='product')"
CAST = "Microsoft.Dynamics.CRM."
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"


def test_entity_definition(org: Org) -> None:
    """A definition tells set name, key, and what the table can do; only the selected properties come."""
    # query-metadata-web-api
    found = org.get(f"{PRODUCT}?$select=EntitySetName,PrimaryIdAttribute,ChangeTrackingEnabled")
    assert (found["EntitySetName"], found["PrimaryIdAttribute"]) == ("products", "productid")
    assert "SchemaName" not in found


def test_expanded_attributes_and_keys(org: Org) -> None:
    """Attributes and keys come along when expanded."""
    # query-metadata-web-api: $expand
    found = org.get(f"{PRODUCT}?$select=LogicalName&$expand=Attributes($select=LogicalName,AttributeType),Keys")
    types = {a["LogicalName"]: a["AttributeType"] for a in found["Attributes"]}
    assert (types["productnumber"], types["defaultuomid"], found["Keys"]) == ("String", "Lookup", [])


@pytest.mark.parametrize(("column", "cast", "name", "value"), [
    ("productnumber", "StringAttributeMetadata", "MaxLength", 100),
    ("price", "MoneyAttributeMetadata", "PrecisionSource", 1),
    ("quantityonhand", "DecimalAttributeMetadata", "Precision", 2),
    ("quantitydecimal", "IntegerAttributeMetadata", "MaxValue", 5),
    ("defaultuomid", "LookupAttributeMetadata", "Targets", ["uom"]),
    ("validfromdate", "DateTimeAttributeMetadata", "Format", "DateAndTime")])
def test_typed_attributes(org: Org, column: str, cast: str, name: str, value: Any) -> None:
    """A cast brings the properties of the column's type."""
    # query-metadata-web-api: casts
    path = f"{PRODUCT}/Attributes(LogicalName='{column}')/{CAST}{cast}?$select={name}"
    assert org.get(path)[name] == value


@pytest.mark.parametrize(("column", "cast", "values"), [
    ("statecode", "StateAttributeMetadata", [0, 1, 2, 3]), ("statuscode", "StatusAttributeMetadata", [1, 2, 0, 3]),
    ("producttypecode", "PicklistAttributeMetadata", [1, 2, 3, 4])])
def test_option_sets(org: Org, column: str, cast: str, values: list[int]) -> None:
    """Choices are listed by their option set; status reasons with their state."""
    # query-metadata-web-api: OptionSet
    found = org.get(f"{PRODUCT}/Attributes(LogicalName='{column}')/{CAST}{cast}?$select=LogicalName&$expand=OptionSet")
    assert [o["Value"] for o in found["OptionSet"]["Options"]] == values
    if column == "statuscode":
        assert [o["State"] for o in found["OptionSet"]["Options"]] == [0, 1, 2, 3]


def test_listing_one_type(org: Org) -> None:
    """A cast on the collection lists the columns of that type."""
    # query-metadata-web-api: filter by type
    found = org.get(f"{PRODUCT}/Attributes/{CAST}MoneyAttributeMetadata?$select=LogicalName,Precision")["value"]
    assert {a["LogicalName"] for a in found} == {
        "currentcost", "currentcost_base", "price", "price_base", "standardcost", "standardcost_base"}


def test_filters_on_metadata(org: Org) -> None:
    """Definitions and attributes can be filtered."""
    # query-metadata-web-api: $filter
    entities = org.get("EntityDefinitions?$select=LogicalName&$filter=LogicalName eq 'uom'")["value"]
    assert [e["LogicalName"] for e in entities] == ["uom"]
    text = f"AttributeType eq {CAST}AttributeTypeCode'State'"
    columns = org.get(f"{PRODUCT}/Attributes?$select=LogicalName&$filter={text}")["value"]
    assert [c["LogicalName"] for c in columns] == ["statecode"]


def test_navigation_names(org: Org) -> None:
    """ManyToOneRelationships are the source of navigation property names, Pascal case included."""
    # query-metadata-web-api: relationships
    select = "ReferencingAttribute,ReferencedEntity,ReferencingEntityNavigationPropertyName"
    path = "EntityDefinitions(LogicalName='salesorderdetail')/ManyToOneRelationships"
    found = org.get(f"{path}?$select={select}")["value"]
    names = {r["ReferencingAttribute"]: r["ReferencingEntityNavigationPropertyName"] for r in found}
    assert (names["productid"], names["quotedetailid"]) == ("productid", "QuoteDetailId")


def test_unknown_definitions(org: Org) -> None:
    """Unknown tables and columns answer 404."""
    # query-metadata-web-api
    assert org.call("GET", "EntityDefinitions(LogicalName='nope')").status_code == 404
    assert org.call("GET", f"{PRODUCT}/Attributes(LogicalName='nope')").status_code == 404


def test_new_column(org: Org) -> None:
    """A new column can be written, read, selected and filtered at once; its length is enforced."""
    # create-update-column-definitions
    body = {"@odata.type": f"{CAST}StringAttributeMetadata", "SchemaName": "new_Origin", "MaxLength": 5,
            "RequiredLevel": {"Value": "None"}, "DisplayName": {"LocalizedLabels": [{"Label": "Origin"}]}}
    assert org.call("POST", f"{PRODUCT}/Attributes", body, "admin").status_code == 204
    assert org.call("POST", "PublishXml", {"ParameterXml": "<importexportxml/>"}, "admin").status_code == 204
    org.product("P", new_origin="shop")
    assert org.get("products?$select=new_origin&$filter=new_origin eq 'SHOP'")["value"][0]["new_origin"] == "shop"
    assert fault(org.call("POST", "products", {"new_origin": "123456"})) == (400, "0x80044331")
    assert fault(org.call("POST", f"{PRODUCT}/Attributes", body, "admin")) == (400, "0x80047013")


def test_column_without_prefix(org: Org) -> None:
    """A new column needs a customization prefix."""
    # create-update-column-definitions: SchemaName
    body = {"@odata.type": f"{CAST}StringAttributeMetadata", "SchemaName": "Origin", "MaxLength": 5}
    assert fault(org.call("POST", f"{PRODUCT}/Attributes", body, "admin")) == (400, "0x80040203")


def test_new_table_and_lookup(org: Org) -> None:
    """A new table with a lookup to a standard one behaves like any other."""
    # create-update-entity-definitions; create-update-relationships
    name = {"@odata.type": f"{CAST}StringAttributeMetadata", "SchemaName": "new_Name", "IsPrimaryName": True,
            "MaxLength": 100}
    body = {"@odata.type": f"{CAST}EntityMetadata", "SchemaName": "new_Category", "OwnershipType": "UserOwned",
            "Attributes": [name]}
    assert org.call("POST", "EntityDefinitions", body, "admin").status_code == 204
    relation = {
        "@odata.type": f"{CAST}OneToManyRelationshipMetadata", "SchemaName": "new_product_new_category",
        "ReferencedEntity": "product", "ReferencingEntity": "new_category",
        "Lookup": {"@odata.type": f"{CAST}LookupAttributeMetadata", "SchemaName": "new_ProductId"}}
    assert org.call("POST", "RelationshipDefinitions", relation, "admin").status_code == 204
    product = org.product()
    row_id = org.create("new_categories", {"new_name": "N", "new_ProductId@odata.bind": f"/products({product})"})
    row = org.get(f"new_categories({row_id})?$expand=new_ProductId($select=name)")
    assert (row["statecode"], row["new_ProductId"]["productid"]) == (0, product)
    parent = org.get(f"products({product})?$select=name&$expand=new_product_new_category($select=new_name)")
    assert parent["new_product_new_category"][0]["new_name"] == "N"


def test_csdl(org: Org) -> None:
    """$metadata is well-formed CSDL with types, keys, properties and navigation properties."""
    # web-api-types-operations
    answer = org.call("GET", "$metadata")
    assert answer.headers["Content-Type"] == "application/xml"
    root = ElementTree.fromstring(answer.content)  # noqa: S314 - the sandbox wrote it
    product = next(t for t in root.iter(f"{EDM}EntityType") if t.get("Name") == "product")
    types = {p.get("Name"): p.get("Type") for p in product.findall(f"{EDM}Property")}
    shown = [types[n] for n in ("price", "_defaultuomid_value", "statecode")]
    assert shown == ["Edm.Decimal", "Edm.Guid", "Edm.Int32"]
    assert any(n.get("Name") == "product_price_levels" for n in product.findall(f"{EDM}NavigationProperty"))


def test_organization_settings(org: Org) -> None:
    """The settings that change behaviour can be read from the one organization row."""
    # reference b.4: organization settings
    rows = org.get("organizations?$select=pricingdecimalprecision,discountcalculationmethod,oobpricecalculationenabled,"
                   "expirechangetrackingindays,_basecurrencyid_value")["value"]
    assert len(rows) == 1
    assert (rows[0]["pricingdecimalprecision"], rows[0]["expirechangetrackingindays"]) == (4, 7)
