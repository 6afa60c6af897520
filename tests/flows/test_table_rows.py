"""The shipped tables: an edit in Shopify arrives as rows in CRM, and then there is silence."""

from __future__ import annotations

from tests.flows.conftest import OpenTables
from tests.support.tables import number

ADD = """mutation($input: LocationAddInput!) { locationAdd(input: $input) { location { id } userErrors { message } } }"""
EDIT = """mutation($id: ID!, $input: LocationEditInput!) {
  locationEdit(id: $id, input: $input) { location { id } userErrors { message } } }"""
OFF = """mutation($id: ID!, $key: String!) { locationDeactivate(locationId: $id) @idempotent(key: $key) {
  locationDeactivateUserErrors { message } } }"""
DELETE = """mutation($id: ID!) { locationDelete(locationId: $id) { locationDeleteUserErrors { message } } }"""
ANTWERP = {"name": "Antwerp", "address": {"address1": "Meir 1", "city": "Antwerp", "zip": "2000", "countryCode": "BE"}}


def test_a_location_arrives_changes_and_falls_silent(tabling: OpenTables) -> None:
    """A new location becomes a row with its columns, an edit follows, a second look writes nothing."""
    places = tabling(TABLES="locations")
    places.run()
    location = str(places.done(ADD, input=ANTWERP)["location"]["id"])
    places.run()
    row = places.rows_of("new_shopifylocation", "new_shopifylocations")[number(location)]
    assert (row["new_name"], row["new_city"], row["new_country"]) == ("Antwerp", "Antwerp", "BE")
    assert (row["new_active"], row["new_line1"], row["new_line2"]) == (True, "Meir 1", None)
    places.done(EDIT, id=location, input={"name": "Antwerp South", "address": {"city": "Wilrijk", "countryCode": "BE"}})
    places.run()
    row = places.rows_of("new_shopifylocation", "new_shopifylocations")[number(location)]
    assert (row["new_name"], row["new_city"]) == ("Antwerp South", "Wilrijk")
    places.silent()
