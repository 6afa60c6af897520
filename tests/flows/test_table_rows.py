"""The shipped tables: an edit in Shopify arrives as rows in CRM, and then there is silence."""

from __future__ import annotations

from tests.flows.conftest import OpenTables
from tests.support.tables import number

ADD = "mutation($input: LocationAddInput!) { locationAdd(input: $input) { location { id } userErrors { message } } }"
EDIT = """mutation($id: ID!, $input: LocationEditInput!) {
  locationEdit(id: $id, input: $input) { location { id } userErrors { message } } }"""
SHUT = """mutation($id: ID!, $key: String!) { locationDeactivate(locationId: $id) @idempotent(key: $key) {
  locationDeactivateUserErrors { message } } }"""
DELETE = "mutation($id: ID!) { locationDelete(locationId: $id) { locationDeleteUserErrors { message } } }"
PRODUCT = "mutation($p: ProductCreateInput!) { productCreate(product: $p) { product { id } userErrors { message } } }"
COLLECT = "mutation($i: CollectionInput!) { collectionCreate(input: $i) { collection { id } userErrors { message } } }"
RENAME = "mutation($i: CollectionInput!) { collectionUpdate(input: $i) { collection { id } userErrors { message } } }"
JOIN = """mutation($id: ID!, $p: [ID!]!) { collectionAddProducts(id: $id, productIds: $p) {
  collection { id } userErrors { message } } }"""
PART = """mutation($id: ID!, $p: [ID!]!) { collectionRemoveProducts(id: $id, productIds: $p) {
  job { id } userErrors { message } } }"""
DROP = """mutation($i: CollectionDeleteInput!) { collectionDelete(input: $i) {
  deletedCollectionId userErrors { message } } }"""
DRAFT = "mutation($i: DraftOrderInput!) { draftOrderCreate(input: $i) { draftOrder { id } userErrors { message } } }"
REDRAFT = """mutation($id: ID!, $i: DraftOrderInput!) { draftOrderUpdate(id: $id, input: $i) {
  draftOrder { id } userErrors { message } } }"""
DISCARD = "mutation($i: DraftOrderDeleteInput!) { draftOrderDelete(input: $i) { deletedId userErrors { message } } }"
ISSUE = "mutation($i: GiftCardCreateInput!) { giftCardCreate(input: $i) { giftCard { id } userErrors { message } } }"
SPEND = """mutation($id: ID!, $i: GiftCardDebitInput!) { giftCardDebit(id: $id, debitInput: $i) {
  userErrors { message } } }"""
CARD_OFF = "mutation($id: ID!) { giftCardDeactivate(id: $id) { userErrors { message } } }"
DEFINE = """mutation($d: MetaobjectDefinitionCreateInput!) { metaobjectDefinitionCreate(definition: $d) {
  metaobjectDefinition { id } userErrors { message } } }"""
ENTER = """mutation($m: MetaobjectCreateInput!) { metaobjectCreate(metaobject: $m) {
  metaobject { id } userErrors { message } } }"""
ALTER = """mutation($id: ID!, $m: MetaobjectUpdateInput!) { metaobjectUpdate(id: $id, metaobject: $m) {
  metaobject { id } userErrors { message } } }"""
STRIKE = "mutation($id: ID!) { metaobjectDelete(id: $id) { deletedId userErrors { message } } }"
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


def test_a_location_that_is_deleted_makes_its_row_inactive(tabling: OpenTables) -> None:
    """Switched off it is a row that says so; deleted, without any webhook, its row is inactive."""
    places = tabling(TABLES="locations")
    location = str(places.done(ADD, input=ANTWERP)["location"]["id"])
    places.run()
    places.done(SHUT, id=location, key="once")
    places.run()
    row = places.rows_of("new_shopifylocation", "new_shopifylocations")[number(location)]
    assert (row["new_active"], row["statecode"]) == (False, 0)
    places.done(DELETE, id=location)
    places.run()
    assert places.rows_of("new_shopifylocation", "new_shopifylocations")[number(location)]["statecode"] == 1
    places.silent()


def test_a_collection_arrives_with_its_products_and_goes_with_them(tabling: OpenTables) -> None:
    """Products that join and leave are rows that come and go; a deleted collection takes its row and theirs along."""
    shop = tabling(TABLES="collections")
    shop.run()
    hat, scarf = (str(shop.done(PRODUCT, p={"title": title})["product"]["id"]) for title in ("Hat", "Scarf"))
    wanted = {"title": "Winter", "descriptionHtml": "<p>Warm &amp; soft</p>"}
    collection = str(shop.done(COLLECT, i=wanted)["collection"]["id"])
    shop.done(JOIN, id=collection, p=[hat, scarf])
    shop.run()
    row = shop.rows_of("new_shopifycollection", "new_shopifycollections")[number(collection)]
    assert (row["new_name"], row["new_description"], row["new_smart"]) == ("Winter", "Warm & soft", False)
    assert {each["new_name"] for each in shop.rows("new_shopifycollectionproducts")} == {"Hat", "Scarf"}
    shop.silent()
    shop.done(PART, id=collection, p=[hat])
    shop.done(RENAME, i={"id": collection, "title": "Frost"})
    shop.run()
    assert {each["new_name"] for each in shop.rows("new_shopifycollectionproducts")} == {"Scarf"}
    assert shop.rows_of("new_shopifycollection", "new_shopifycollections")[number(collection)]["new_name"] == "Frost"
    shop.done(DROP, i={"id": collection})
    shop.night("collections")
    assert number(collection) not in shop.rows_of("new_shopifycollection", "new_shopifycollections")
    assert shop.rows("new_shopifycollectionproducts") == []
    shop.silent()


def test_a_draft_order_arrives_with_its_lines(tabling: OpenTables) -> None:
    """Its money to the cent, its lines as rows; lines that are replaced are replaced; a deleted one is inactive."""
    shop = tabling(TABLES="draft_orders")
    shop.run()
    lines = [{"title": "Hat", "quantity": 2, "originalUnitPrice": "10.50", "sku": "HAT"}]
    draft = str(shop.done(DRAFT, i={"lineItems": lines, "tags": ["b", "a"], "taxExempt": True})["draftOrder"]["id"])
    shop.run()
    row = shop.rows_of("new_shopifydraftorder", "new_shopifydraftorders")[number(draft)]
    assert (row["new_total"], row["new_status"], row["new_tags"]) == (21.0, 1, "a, b")
    (line,) = shop.rows("new_shopifydraftlines")
    assert (line["new_name"], line["new_sku"], line["new_quantity"], line["new_total"]) == ("Hat", "HAT", 2, 21.0)
    assert line["_new_draftorderid_value"] == row["new_shopifydraftorderid"]
    shop.silent()
    lines = [*lines, {"title": "Scarf", "quantity": 1, "originalUnitPrice": "4", "sku": "SCARF"}]
    shop.done(REDRAFT, id=draft, i={"lineItems": lines})
    shop.run()
    assert sorted(each["new_sku"] for each in shop.rows("new_shopifydraftlines")) == ["HAT", "SCARF"]
    assert shop.rows_of("new_shopifydraftorder", "new_shopifydraftorders")[number(draft)]["new_total"] == 25.0
    shop.done(DISCARD, i={"id": draft})
    shop.night("draft_orders")
    assert shop.rows_of("new_shopifydraftorder", "new_shopifydraftorders")[number(draft)]["statecode"] == 1
    shop.silent()


def test_a_gift_card_arrives_is_spent_and_switched_off(tabling: OpenTables) -> None:
    """Its balance follows, and nowhere in CRM or the state is its code."""
    shop = tabling(TABLES="gift_cards")
    shop.run()
    given = {"code": "secretcode1234", "initialValue": "50", "expiresOn": "2030-01-31"}
    card = str(shop.done(ISSUE, i=given)["giftCard"]["id"])
    shop.run()
    row = shop.rows_of("new_shopifygiftcard", "new_shopifygiftcards")[number(card)]
    assert (row["new_name"], row["new_balance"], row["new_expires"]) == ("… 1234", 50.0, "2030-01-31")
    assert (row["new_enabled"], row["new_currency"]) == (True, "EUR")
    shop.silent()
    shop.done(SPEND, id=card, i={"debitAmount": {"amount": "12.34", "currencyCode": "EUR"}})
    shop.done(CARD_OFF, id=card)
    shop.run()
    row = shop.rows_of("new_shopifygiftcard", "new_shopifygiftcards")[number(card)]
    assert (row["new_balance"], row["new_value"], row["new_enabled"]) == (37.66, 50.0, False)
    assert shop.held("secretcode") == []
    shop.silent()


def test_a_metaobject_arrives_changes_and_goes(tabling: OpenTables) -> None:
    """Its fields by their keys; a changed one follows, a deleted entry takes its row along."""
    shop = tabling(TABLES="size_charts")
    keys = (("region", "single_line_text_field"), ("chest", "number_decimal"), ("sizes", "multi_line_text_field"))
    fields = [{"key": key, "name": key, "type": kind} for key, kind in keys]
    shop.done(DEFINE, d={"type": "size_chart", "name": "Size chart", "fieldDefinitions": fields})
    shop.run()
    values = [{"key": "region", "value": "EU"}, {"key": "chest", "value": "96.5"}, {"key": "sizes", "value": "48\n50"}]
    entry = str(shop.done(ENTER, m={"type": "size_chart", "handle": "men", "fields": values})["metaobject"]["id"])
    shop.run()
    row = shop.rows_of("new_shopifysizechart", "new_shopifysizecharts")[number(entry)]
    assert (row["new_handle"], row["new_region"], row["new_chest"], row["new_sizes"]) == ("men", "EU", 96.5, "48\n50")
    shop.silent()
    shop.done(ALTER, id=entry, m={"fields": [{"key": "region", "value": "US"}, {"key": "chest", "value": ""}]})
    shop.run()
    row = shop.rows_of("new_shopifysizechart", "new_shopifysizecharts")[number(entry)]
    assert (row["new_region"], row["new_chest"]) == ("US", None)
    shop.done(STRIKE, id=entry)
    shop.night("size_charts")
    assert shop.rows_of("new_shopifysizechart", "new_shopifysizecharts") == {}
    shop.silent()
