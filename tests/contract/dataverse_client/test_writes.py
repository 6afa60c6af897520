from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from shared.dataverse.faults import AlreadyExists, RowChanged, RowGone
from shared.errors import Invalid, SchemaMismatch, UnknownOutcome
from shared.records import Action, Write, Written
from tests.contract.dataverse_client.conftest import Shelf, calls_of, written


def test_a_page_is_written_and_read_back_in_one_call(shelf: Shelf) -> None:
    """Fifty products with prices, published and read back, cost one request."""
    shelf.add("1", "WARM-UP")
    writes = [shelf.new(str(100 + n), f"N-{n}") for n in range(50)]
    results, calls = calls_of(lambda: shelf.entity.write(writes))
    assert calls == 1
    for write, result in zip(writes, results, strict=True):
        record = written(result)
        assert record.id == write.id
        assert record.marker == write.source_id
        assert record.content["productnumber"] == write.values["productnumber"]
        assert record.content["statecode"] == 0
        assert record.content["price_item"] == {"amount": Decimal("10.50")}
        assert record.content["defaultuomid"] == shelf.org.unit


def test_one_bad_record_does_not_cost_the_others(shelf: Shelf) -> None:
    """Results come in order, and each record stands or falls alone with all its parts."""
    results = shelf.entity.write([shelf.new("1", "A"), shelf.new("2", "B", name="x" * 101), shelf.new("3", "C")])
    assert [type(each).__name__ for each in results] == ["Written", "Invalid", "Written"]
    assert shelf.entity.marked(["1", "2", "3"]).keys() == {"1", "3"}
    assert shelf.entity.find("productnumber", ["B"]) == {}


def test_a_failed_record_leaves_nothing_behind(shelf: Shelf) -> None:
    """Row, price and state are one changeset: a price that is refused takes the product back."""
    bad = shelf.new("1", "A", **{"price_item.amount": Decimal("1e15")})
    assert isinstance(shelf.entity.write([bad])[0], Invalid)
    assert shelf.entity.read([str(bad.id)]).records == {}


def test_a_repeated_create_is_the_same_row(shelf: Shelf) -> None:
    """After a lost answer the create is sent again: it finds its own row, and no second one appears."""
    shelf.add("0", "WARM-UP")
    shelf.org.sandbox.faults.add("lost_answer", match="$batch")
    write = shelf.new("1", "A")
    first = shelf.entity.write([write])[0]
    assert isinstance(first, UnknownOutcome)
    again = written(shelf.entity.write([write])[0])
    assert again.content["price_item"] == {"amount": Decimal("10.50")}
    assert len(shelf.entity.find("productnumber", ["A"])["A"]) == 1


def test_a_repeated_create_with_other_values_is_planned_again(shelf: Shelf) -> None:
    """A row of ours that holds older values is never reported as written with the new ones."""
    shelf.add("1", "A")
    assert isinstance(shelf.entity.write([shelf.new("1", "A", name="Other")])[0], RowChanged)


def test_a_taken_product_number_is_named(shelf: Shelf) -> None:
    """The record is parked with the column and the number, and nothing of it is written."""
    shelf.add("1", "A")
    result = shelf.entity.write([shelf.new("2", "a")])[0]
    assert isinstance(result, AlreadyExists)
    assert result.facts["column"] == "productnumber"
    assert result.facts["value"] == "a"
    assert result.facts["source_id"] == "2"


def test_a_taken_marker_is_named(shelf: Shelf) -> None:
    """The alternate key keeps one row per variant, and the refusal names the marker's column."""
    shelf.add("1", "A")
    twin = replace(shelf.new("1", "B"), id=shelf.entity.new_id("1", 1))
    result = shelf.entity.write([twin])[0]
    assert isinstance(result, AlreadyExists)
    assert result.facts["column"] == "new_shopifyvariantid_acme"


def test_an_update_sends_only_what_changed(shelf: Shelf) -> None:
    """The customer's own flows see one column change, and the read-back is the whole record."""
    before = shelf.add("1", "A")
    record = written(shelf.entity.write([shelf.change(before, name="New")])[0])
    assert record.content == {**before.content, "name": "New"}
    assert record.etag != before.etag


@pytest.mark.parametrize(
    "values", [{"name": "Mine"}, {"price_item__amount": Decimal("1")}, {"statecode": 1, "statuscode": 2}]
)
@pytest.mark.parametrize("theirs", ["row", "price"])
def test_a_change_made_meanwhile_is_never_overwritten(shelf: Shelf, values: dict[str, Any], theirs: str) -> None:
    """Row and price each have their own version; a write over an older one is refused and planned again."""
    before = shelf.add("1", "A")
    touches_price = "price_item__amount" in values
    item = shelf.org.person.get(f"productpricelevels?$filter=_productid_value eq {before.id}", name="x").data["value"][
        0
    ]
    url = f"products({before.id})" if theirs == "row" else f"productpricelevels({item['productpricelevelid']})"
    body = {"name": "Theirs"} if theirs == "row" else {"amount": Decimal("99")}
    shelf.org.person.send("PATCH", url, body, name="edit")
    result = shelf.entity.write([shelf.change(before, **values)])[0]
    conflict = touches_price == (theirs == "price")
    if "statecode" in values:
        conflict = True  # retiring takes the price off the list, so both versions count
    assert isinstance(result, RowChanged if conflict else Written)
    live = shelf.live(before.id)
    assert live.content["name" if theirs == "row" else "price_item"] == (
        "Theirs" if theirs == "row" else {"amount": Decimal("99")}
    )


def test_a_price_is_created_changed_and_removed(shelf: Shelf) -> None:
    """The price item follows the value: a new row, an update, and none when it is blank."""
    record = shelf.add("1", "A", **{"price_item.amount": None})
    assert record.content["price_item"] is None
    record = written(shelf.entity.write([shelf.change(record, price_item__amount=Decimal("5"))])[0])
    assert record.content["price_item"] == {"amount": Decimal("5")}
    record = written(shelf.entity.write([shelf.change(record, price_item__amount=Decimal("6"))])[0])
    assert record.content["price_item"] == {"amount": Decimal("6")}
    record = written(shelf.entity.write([shelf.change(record, price_item__amount=None)])[0])
    assert record.content["price_item"] is None


def test_a_price_that_appeared_meanwhile_is_planned_again(shelf: Shelf) -> None:
    """A second price for the same list and unit is refused by Dataverse; the record is read again, not parked."""
    before = shelf.add("1", "A", **{"price_item.amount": None})
    body = {
        "productid@odata.bind": f"/products({before.id})",
        "pricelevelid@odata.bind": f"/pricelevels({shelf.org.price_list})",
        "uomid@odata.bind": f"/uoms({shelf.org.unit})",
        "amount": Decimal("7"),
    }
    shelf.org.person.send("POST", "productpricelevels", body, name="price")
    assert isinstance(shelf.entity.write([shelf.change(before, price_item__amount=Decimal("5"))])[0], RowChanged)
    assert shelf.live(before.id).content["price_item"] == {"amount": Decimal("7")}


def test_a_row_deleted_meanwhile_is_planned_again(shelf: Shelf) -> None:
    """An update never brings a deleted row back to life."""
    before = shelf.add("1", "A")
    shelf.org.person.send("DELETE", f"products({before.id})", name="delete")
    assert isinstance(shelf.entity.write([shelf.change(before, name="New")])[0], RowGone)
    unseen = replace(shelf.change(before, name="New"), current=None)
    assert isinstance(shelf.entity.write([unseen])[0], RowGone)
    assert shelf.entity.read([before.id]).records == {}


def test_a_reference_to_nothing_is_refused(shelf: Shelf) -> None:
    """A lookup that points to a row that is not there parks the record and names it."""
    nothing = "00000000-0000-4000-8000-000000000001"
    result = shelf.entity.write([shelf.new("1", "A", defaultuomid=nothing)])[0]
    assert isinstance(result, Invalid)


def test_adoption_writes_the_marker(shelf: Shelf) -> None:
    """A row that existed before gets its variant's id, and nothing else, when it is linked."""
    body = {
        "productnumber": "OLD-1",
        "name": "Old",
        "defaultuomid@odata.bind": f"/uoms({shelf.org.unit})",
        "defaultuomscheduleid@odata.bind": f"/uomschedules({shelf.org.unit_group})",
    }
    shelf.org.person.send("POST", "products", body, name="create")
    found = shelf.entity.find("productnumber", ["OLD-1"])["OLD-1"][0]
    assert found.marker is None
    write = Write(Action.UPDATE, "42", {}, id=found.id, mark=True, current=found)
    assert written(shelf.entity.write([write])[0]).marker == "42"
    assert shelf.entity.marked(["42"])["42"].id == found.id


def test_more_decimals_than_the_column_holds_are_refused(shelf: Shelf) -> None:
    """Nothing is rounded behind anybody's back: the record is parked with column and precision."""
    result = shelf.entity.write([shelf.new("1", "A", **{"price_item.amount": Decimal("1.00001")})])[0]
    assert isinstance(result, Invalid)
    assert result.facts["column"] == "amount"
    assert result.facts["precision"] == 4


def test_a_column_that_cannot_be_written_is_a_fault_of_the_mapping(shelf: Shelf) -> None:
    """Dataverse ignores read-only columns silently; here they pause the flow by name."""
    record = shelf.add("1", "A")
    result = shelf.entity.write([shelf.change(record, productstructure=3)])[0]
    assert isinstance(result, SchemaMismatch)
    assert result.facts["column"] == "productstructure"


def test_amounts_given_as_text_arrive_as_numbers(shelf: Shelf) -> None:
    """Shopify writes amounts as text; the wire to Dataverse carries exact numbers."""
    assert shelf.add("1", "A", **{"price_item.amount": "12.30"}).content["price_item"] == {"amount": Decimal("12.3")}


def test_a_large_page_is_cut_by_the_limits_of_a_batch(shelf: Shelf) -> None:
    """More than a batch may hold goes out in several, and every write still has its result."""
    shelf.add("0", "WARM-UP")
    writes = [shelf.new(str(n), f"N-{n}") for n in range(1, 301)]
    results, calls = calls_of(lambda: shelf.entity.write(writes))
    assert calls == 2
    assert sum(isinstance(each, Written) for each in results) == 300


def test_a_throttled_call_was_not_run(shelf: Shelf) -> None:
    """A 429 is waited out; nothing is written twice."""
    shelf.add("0", "WARM-UP")
    shelf.org.sandbox.faults.add("throttled", match="$batch", retry_after_s=3)
    assert shelf.add("1", "A").content["productnumber"] == "A"
    assert len(shelf.entity.find("productnumber", ["A"])["A"]) == 1
