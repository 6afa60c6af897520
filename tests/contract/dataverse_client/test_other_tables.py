from __future__ import annotations

from decimal import Decimal

from shared.dataverse.products import price_item
from shared.dataverse.selection import Child, TableConfig
from shared.dataverse.tables import TableEntity
from shared.errors import Ambiguous, SchemaMismatch
from shared.records import Action, Write
from tests.contract.dataverse_client.conftest import Org, Shelf, calls_of, written


def orders(org: Org, *paths: str) -> TableEntity:
    """Sales orders without children or marker."""
    return TableEntity(org.app, org.metadata, TableConfig("acme", "orders", "salesorder", frozenset(paths)))


def test_a_lookup_with_several_targets_is_named_by_both(shelf: Shelf) -> None:
    """`customerid_contact` reads and writes the contact, and says nothing where the customer is an account."""
    org = shelf.org
    account, contact = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000c"
    org.person.send("POST", "accounts", {"accountid": account, "name": "A"}, name="account")
    org.person.send("POST", "contacts", {"contactid": contact, "lastname": "C"}, name="contact")
    entity = orders(org, "name", "customerid_account", "customerid_contact")
    write = Write(Action.CREATE, "1", {"name": "O", "customerid_account": account}, id=entity.new_id("1", 0))
    record = written(entity.write([write])[0])
    assert (record.content["customerid_account"], record.content["customerid_contact"]) == (account, None)
    change = Write(Action.UPDATE, "1", {"customerid_contact": contact}, id=record.id, current=record)
    record = written(entity.write([change])[0])
    assert (record.content["customerid_account"], record.content["customerid_contact"]) == (None, contact)


def test_an_ambiguous_lookup_is_a_fault_of_the_mapping(shelf: Shelf) -> None:
    """A lookup that may point to several tables is not guessed; the choices are named."""
    entity = orders(shelf.org, "name", "customerid")
    write = Write(Action.CREATE, "1", {"customerid": shelf.org.unit}, id=entity.new_id("1", 0))
    result = entity.write([write])[0]
    assert isinstance(result, SchemaMismatch)
    assert "customerid_account" in result.sentence


def test_several_child_rows_are_nobodys_to_choose(shelf: Shelf) -> None:
    """Where two rows match, the record reads as without one, and writing it waits for a person."""
    org = shelf.org
    record = shelf.add("1", "A")
    second = "00000000-0000-4000-8000-0000000000bb"
    unit = {
        "uomid": second,
        "name": "Box",
        "quantity": Decimal(12),
        "uomscheduleid@odata.bind": f"/uomschedules({org.unit_group})",
        "baseuom@odata.bind": f"/uoms({org.unit})",
    }
    org.person.send("POST", "uoms", unit, name="unit")
    item = {
        "productid@odata.bind": f"/products({record.id})",
        "pricelevelid@odata.bind": f"/pricelevels({org.price_list})",
        "uomid@odata.bind": f"/uoms({second})",
        "amount": Decimal(100),
    }
    org.person.send("POST", "productpricelevels", item, name="price")
    assert shelf.live(record.id).content["price_item"] == {"amount": Decimal("10.5")}
    ours = price_item(org.price_list)
    loose = Child(ours.name, ours.table, ours.navigation, ours.parent, ours.where, {}, ours.create)
    config = TableConfig("acme", "variants", "product", frozenset({"name", "price_item.amount"}), children=(loose,))
    entity = TableEntity(org.app, org.metadata, config)
    found = entity.read([record.id]).records[record.id]
    assert found.content["price_item"] is None
    price = Write(Action.UPDATE, "1", {"price_item.amount": Decimal(1)}, id=record.id, current=found)
    name = Write(Action.UPDATE, "1", {"name": "New"}, id=record.id, current=found)
    results = entity.write([price, name])
    assert isinstance(results[0], Ambiguous)
    assert written(results[1]).content["name"] == "New"


def test_another_table_needs_no_code(shelf: Shelf) -> None:
    """Any table is read and written by configuration alone, its state last, and in one call once it is known."""
    org = shelf.org
    config = TableConfig("acme", "customers", "account", frozenset({"name", "emailaddress1", "statecode"}))
    entity = TableEntity(org.app, org.metadata, config)
    create = Write(Action.CREATE, "1", {"name": "A", "statecode": 1}, id=entity.new_id("1", 0))
    assert written(entity.write([create])[0]).content["statecode"] == 1
    create = Write(Action.CREATE, "2", {"name": "B"}, id=entity.new_id("2", 0))
    results, calls = calls_of(lambda: entity.write([create]))
    assert calls == 1
    record = written(results[0])
    assert record.content == {"name": "B", "emailaddress1": None, "statecode": 0}
    change = Write(Action.UPDATE, "2", {"emailaddress1": "b@example.com", "statecode": 1}, id=record.id, current=record)
    record = written(entity.write([change])[0])
    assert record.content == {"name": "B", "emailaddress1": "b@example.com", "statecode": 1}
