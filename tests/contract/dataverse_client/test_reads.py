from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from shared.dataverse.tables import TableEntity
from shared.errors import SchemaMismatch, TokenExpired
from shared.records import Side
from tests.contract.dataverse_client.conftest import PATHS, Org, Shelf, calls_of

DAY_S = 86_400


def test_a_page_of_records_is_read_in_one_call(shelf: Shelf) -> None:
    """Two hundred and fifty records, prices included, cost one request; unknown ids are simply missing."""
    writes = [shelf.new(str(n), f"N-{n}") for n in range(1, 250)]
    shelf.entity.write(writes)
    ids = [str(write.id) for write in writes]
    reading, calls = calls_of(lambda: shelf.entity.read([*ids, "00000000-0000-4000-8000-000000000001", "trash"]))
    assert calls == 1
    assert set(reading.records) == set(ids)
    assert all(record.content["price_item"] == {"amount": Decimal("10.5")} for record in reading.records.values())
    assert reading.read_at <= shelf.org.clock.now()


def test_a_record_is_as_young_as_its_youngest_part(shelf: Shelf) -> None:
    """A price change alone moves the record's modified time."""
    record = shelf.add("1", "A")
    shelf.org.clock.advance(600)
    result = shelf.entity.write([shelf.change(record, price_item__amount=Decimal("9"))])[0]
    assert result.record.modified_at == record.modified_at + timedelta(seconds=600)  # type: ignore[union-attr]


def test_a_listing_walks_everything_once(shelf: Shelf) -> None:
    """Pages follow each other in one order until all rows were given out, each with its content."""
    entity = shelf.org.products(page_size=7)
    entity.write([shelf.new(str(n), f"N-{n}") for n in range(1, 24)])
    seen: list[str] = []
    token, more = "", True
    while more:
        page = entity.listing(token)
        assert len(page.items) <= 7
        assert all(item.record and item.record.content["price_item"] for item in page.items)
        seen += [item.id for item in page.items]
        token, more = page.token, page.more
    assert len(seen) == len(set(seen)) == 23


def test_a_listing_begun_under_another_selection_gives_ids(shelf: Shelf) -> None:
    """After a change of the mapping a walk goes on; its rows are read live instead of half."""
    narrow = shelf.org.products(page_size=2, paths=PATHS - {"description"})
    narrow.write([shelf.new(str(n), f"N-{n}") for n in range(1, 5)])
    first = narrow.listing("")
    rest = shelf.org.products(page_size=2).listing(first.token)
    assert len(rest.items) == 2
    assert all(item.record is None for item in rest.items)


def test_an_idle_tick_costs_one_call_a_table(shelf: Shelf) -> None:
    """Nothing changed: one request per table, no rows, and a token to go on from."""
    shelf.add("1", "A")
    for table in shelf.entity.tables:
        token = shelf.entity.start_token(table)
        page, calls = calls_of(lambda table=table, token=token: shelf.entity.changes(table, token))
        assert calls == 1
        assert (page.items, page.more, page.orphans) == ((), False, ())
        assert page.token


def test_changes_carry_ids_and_deletes(shelf: Shelf) -> None:
    """A changed row is an id to be read live; a deleted one is flagged."""
    kept, gone = shelf.add("1", "A"), shelf.add("2", "B", **{"price_item.amount": None})
    token = shelf.entity.start_token("product")
    shelf.org.person.send("PATCH", f"products({kept.id})", {"name": "x"}, name="edit")
    shelf.org.person.send("DELETE", f"products({gone.id})", name="delete")
    page = shelf.entity.changes("product", token)
    assert [(item.id, item.deleted, item.record) for item in page.items] == [
        (kept.id, False, None),
        (gone.id, True, None),
    ]
    assert shelf.entity.changes("product", page.token).items == ()


def test_changes_come_in_pages(shelf: Shelf) -> None:
    """A large delta is given out piece by piece, and the last piece leads to the next delta."""
    entity = shelf.org.products(page_size=4)
    token = entity.start_token("product")
    entity.write([shelf.new(str(n), f"N-{n}") for n in range(1, 11)])
    seen: list[str] = []
    more = True
    while more:
        page = entity.changes("product", token)
        assert len(page.items) <= 4
        seen += [item.id for item in page.items]
        token, more = page.token, page.more
    assert len(set(seen)) == 10
    assert entity.changes("product", token).items == ()


def test_a_price_leads_to_its_product(shelf: Shelf) -> None:
    """A changed price names its product and leaves a pointer; a deleted one is an orphan to be looked up there."""
    record = shelf.add("1", "A")
    token = shelf.entity.start_token("productpricelevel")
    shelf.entity.write([shelf.change(record, price_item__amount=Decimal("3"))])
    page = shelf.entity.changes("productpricelevel", token)
    assert [item.id for item in page.items] == [record.id]
    (item_id,) = page.pointers
    assert page.pointers == {item_id: record.id}
    assert [item.id for item in shelf.entity.members("productpricelevel", [item_id]).items] == [record.id]
    shelf.org.person.send("DELETE", f"productpricelevels({item_id})", name="delete")
    after = shelf.entity.changes("productpricelevel", page.token)
    assert (after.items, after.orphans) == ((), (item_id,))
    assert shelf.entity.members("productpricelevel", [item_id]).items == ()


def test_a_price_in_another_list_is_nobodys_business(shelf: Shelf) -> None:
    """Changes in price lists that are not configured lead nowhere."""
    record = shelf.add("1", "A", **{"price_item.amount": None})
    other = "00000000-0000-4000-8000-00000000aaaa"
    shelf.org.person.send("POST", "pricelevels", {"name": "Wholesale", "pricelevelid": other}, name="list")
    token = shelf.entity.start_token("productpricelevel")
    item = {
        "productid@odata.bind": f"/products({record.id})",
        "pricelevelid@odata.bind": f"/pricelevels({other})",
        "uomid@odata.bind": f"/uoms({shelf.org.unit})",
        "amount": Decimal("1"),
    }
    shelf.org.person.send("POST", "productpricelevels", item, name="price")
    page = shelf.entity.changes("productpricelevel", token)
    assert (page.items, page.pointers) == ((), {})
    assert shelf.live(record.id).content["price_item"] is None


def test_an_expired_token_asks_for_a_full_listing(shelf: Shelf) -> None:
    """Tokens end after seven days, and a token of another organization never worked: both say so."""
    token = shelf.entity.start_token("product")
    with pytest.raises(TokenExpired):
        shelf.entity.changes("product", token.partition("deltatoken=")[0] + "deltatoken=nonsense")
    with pytest.raises(TokenExpired, match="another organization"):
        shelf.entity.changes("product", token.replace("acme", "evil"))
    shelf.org.clock.advance(8 * DAY_S)
    with pytest.raises(TokenExpired):
        shelf.entity.changes("product", token)


def test_without_change_tracking_the_fix_is_named() -> None:
    """An organization that was not set up says which command is missing."""
    org = Org()
    entity = org.products(paths=frozenset({"name"}))
    with pytest.raises(SchemaMismatch, match="ops setup"):
        entity.start_token("product")
    org.sandbox.close()


def test_only_the_same_characters_match(shelf: Shelf) -> None:
    """Dataverse finds `abc-1` for ABC-1; a natural key that differs in case is no match here."""
    shelf.add("1", "ABC-1")
    shelf.add("2", "O'Neil & Söhne")
    found = shelf.entity.find("productnumber", ["abc-1", "ABC-1", "O'Neil & Söhne", "nothing", ""])
    assert set(found) == {"ABC-1", "O'Neil & Söhne"}
    assert found["ABC-1"][0].marker == "1"
    assert shelf.entity.find("productnumber", ["abc-1"]) == {}


def test_markers_lead_to_rows(shelf: Shelf) -> None:
    """Rows are found by the variant id they carry, whichever system wrote it."""
    record = shelf.add("1", "A")
    assert {marker: each.id for marker, each in shelf.entity.marked(["1", "2"]).items()} == {"1": record.id}


def test_a_column_that_does_not_exist_is_named(shelf: Shelf) -> None:
    """A mapping that reads a column nobody created pauses the flow with its name."""
    entity = shelf.org.products(paths=PATHS | {"new_missing"})
    with pytest.raises(SchemaMismatch, match="new_missing"):
        entity.read(["00000000-0000-4000-8000-000000000001"])


def test_ids_are_stable_and_differ(shelf: Shelf) -> None:
    """The same source record gets the same key for ever; another generation, shop or kind gets another."""
    entity = shelf.entity
    ids = {entity.new_id("1", 0), entity.new_id("1", 1), entity.new_id("2", 0)}
    for change in ({"shop": "other"}, {"kind": "other"}):
        other = TableEntity(shelf.org.app, shelf.org.metadata, replace(entity.config, **change))  # type: ignore[arg-type]
        ids.add(other.new_id("1", 0))
    assert len(ids) == 5
    assert entity.new_id("1", 0) == entity.new_id("1", 0)
    assert entity.side is Side.CRM


def test_a_mapping_can_be_checked_against_the_organization(shelf: Shelf) -> None:
    """Types, lengths, precision, choices and what is required come from the organization itself."""
    describe = shelf.entity.describe
    number, state, amount = describe("productnumber"), describe("statecode"), describe("price_item.amount")
    assert number is not None
    assert (number.type, number.max_length, number.required) == ("text", 100, True)
    assert state is not None
    assert state.options == ("0", "1", "2", "3")
    assert amount is not None
    assert (amount.path, amount.type, amount.precision) == ("price_item.amount", "decimal", 4)
    assert describe("new_missing") is None
    assert describe("price_item.missing") is None
    assert [info.path for info in shelf.entity.required()] == ["productnumber"]
