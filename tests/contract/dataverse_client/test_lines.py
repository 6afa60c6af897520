"""Records with lines against the Dataverse sandbox: header and lines are written, read and refused as one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

import pytest

from shared.dataverse.edits import UNFINISHED
from shared.dataverse.faults import RowChanged
from shared.dataverse.tables import TableEntity
from shared.errors import Invalid, UnknownOutcome
from shared.lines import ETAG, PARTLY, PENDING, ROW
from shared.records import Action, Write, Written
from tests.contract.dataverse_client.conftest import Org, Shelf, calls_of, written
from tests.contract.dataverse_client.selling import LINES, Orders, rows, told


@pytest.fixture
def orders() -> Iterator[Orders]:
    """An organization with its tables known, so that calls counted are calls of the work itself."""
    org = Org()
    made = Orders(org)
    made.add("1", ["warm-up"])
    yield made
    org.sandbox.close()


@pytest.mark.parametrize("count", [0, 1, 50, 260])
def test_an_order_is_made_with_its_lines_in_one_call(orders: Orders, count: int) -> None:
    """Header, lines and read-back are one round trip; every row has the id we chose, and the total is theirs."""
    write = orders.new("7", range(count))
    results, calls = calls_of(lambda: orders.entity.write([write]))
    order = written(results[0])
    assert calls == 1
    assert {row[ROW] for row in rows(order)} == {line.row for line in write.lines}
    assert order.content["totalamount"] == Decimal(10) * count
    assert order.content == orders.live(order.id).content
    assert PENDING not in order.content


def test_a_page_of_orders_is_written_in_one_call(orders: Orders) -> None:
    """Fifty orders of ten lines cost one request to write and read back, and one to read."""
    writes = [orders.new(str(100 + number), range(10)) for number in range(50)]
    results, calls = calls_of(lambda: orders.entity.write(writes))
    assert calls == 1
    assert [len(rows(written(result))) for result in results] == [10] * 50
    read, calls = calls_of(lambda: orders.entity.read([str(write.id) for write in writes]))
    assert (calls, len(read.records)) == (1, 50)


def test_lines_are_made_changed_and_deleted_in_one_call(orders: Orders) -> None:
    """An edit of the order touches the lines it is about and no other, and the header's totals follow."""
    before = orders.add("7", "abc")
    edit = (orders.edited(before, "a"), orders.edited(before, "b", quantity=Decimal(3)), orders.line(before.id, "d"))
    results, calls = calls_of(lambda: orders.entity.write([orders.change(before, *edit, name="New")]))
    after = written(results[0])
    assert calls == 1
    assert told(after) == ["Line b", "Line c", "Line d"]
    assert (after.content["name"], after.content["totalamount"]) == ("New", Decimal(50))
    untouched = [[row for row in rows(each) if row["productdescription"] == "Line c"] for each in (before, after)]
    assert untouched[0] == untouched[1]


def test_a_line_refused_takes_back_its_record_alone(orders: Orders) -> None:
    """Dataverse refuses one line: its order is not written, the line is named, and the other orders are there."""
    bad = orders.new("7", "abc")
    lines = [
        bad.lines[0],
        replace(bad.lines[1], values={**(bad.lines[1].values or {}), "productdescription": "x" * 501}),
    ]
    results = orders.entity.write([orders.new("6", "a"), replace(bad, lines=lines), orders.new("8", "a")])
    assert [type(result) for result in results] == [Written, Invalid, Written]
    error = results[1]
    assert isinstance(error, Invalid)
    assert error.facts["line"] == "lines.items[b]"
    assert error.sentence.startswith("lines.items[b]: ")
    assert error.facts["source_id"] == "7"
    assert orders.entity.read([str(bad.id)]).records == {}


def test_a_value_that_does_not_fit_names_its_line(orders: Orders) -> None:
    """What is refused before anything is sent names the line, too."""
    bad = orders.new("7", "ab")
    lines = [bad.lines[0], replace(bad.lines[1], values={"quantity": Decimal("0.000001")})]
    result = orders.entity.write([replace(bad, lines=lines)])[0]
    assert isinstance(result, Invalid)
    assert (result.facts["line"], result.facts["column"]) == ("lines.items[b]", "quantity")


@pytest.mark.parametrize("edit", ["change", "delete"])
def test_a_line_changed_meanwhile_is_never_overwritten(orders: Orders, edit: str) -> None:
    """Somebody else's edit between look and write: nothing of the record is written, and it is planned again."""
    before = orders.add("7", "ab")
    line = orders.edited(before, "a", **({"quantity": Decimal(3)} if edit == "change" else {}))
    orders.org.person.send("PATCH", f"salesorderdetails({line.row})", {"quantity": 7}, name="edit")
    result = orders.entity.write([orders.change(orders.live(before.id), line)])[0]
    assert isinstance(result, RowChanged)
    assert result.facts["line"] == "lines.items[a]"
    assert told(orders.live(before.id), "quantity") == [Decimal(1), Decimal(7)]


def test_new_lines_go_under_the_headers_version(orders: Orders) -> None:
    """A line that has no version of its own is only made in an order that is as it was looked at."""
    before = orders.add("7", "a")
    orders.org.person.send("PATCH", f"salesorders({before.id})", {"name": "Theirs"}, name="edit")
    result = orders.entity.write([orders.change(before, orders.line(before.id, "b"))])[0]
    assert isinstance(result, RowChanged)
    assert told(orders.live(before.id)) == ["Line a"]


def test_a_line_gone_or_made_meanwhile_is_planned_again(orders: Orders) -> None:
    """A row that was deleted, and one of ours that is there already, send the record back to look."""
    before = orders.add("7", "ab")
    gone = orders.edited(before, "a", quantity=Decimal(3))
    orders.org.person.send("DELETE", f"salesorderdetails({gone.row})", name="delete")
    result = orders.entity.write([orders.change(orders.live(before.id), gone)])[0]
    assert isinstance(result, RowChanged)
    assert "line" in result.facts
    again = orders.entity.write([orders.change(orders.live(before.id), orders.line(before.id, "b"))])[0]
    assert isinstance(again, RowChanged)


def test_a_repeated_create_doubles_no_line(orders: Orders) -> None:
    """After a lost answer the same create finds its own rows; with other lines it is planned again."""
    orders.org.sandbox.faults.add("lost_answer", match="$batch")
    write = orders.new("7", "abc")
    assert isinstance(orders.entity.write([write])[0], UnknownOutcome)
    assert told(written(orders.entity.write([write])[0])) == ["Line a", "Line b", "Line c"]
    assert isinstance(orders.entity.write([orders.new("7", "abcd")])[0], RowChanged)
    assert told(orders.live(str(write.id))) == ["Line a", "Line b", "Line c"]


def test_1200_lines_go_out_in_two_changesets(orders: Orders) -> None:
    """More than a batch holds: the header and the first lines, then the rest; at the end nothing is pending."""
    results, calls = calls_of(lambda: orders.entity.write([orders.new("7", range(1200)), orders.new("8", "a")]))
    assert calls == 2
    assert [len(rows(written(result))) for result in results] == [1200, 1]
    assert written(results[0]).content["totalamount"] == Decimal(12000)
    assert PENDING not in written(results[0]).content


@pytest.mark.parametrize("fault", ["lost_answer", "throttled"])
def test_an_order_written_in_part_says_so_until_it_is_whole(orders: Orders, fault: str) -> None:
    """The second changeset fails: the header is pending, the outcome in doubt; what is missing completes it."""
    write, sent = orders.new("7", range(1200)), []
    real = orders.org.app.batch

    def second(items: list[object], *, name: str) -> object:
        sent.append(items)
        if len(sent) == 2:
            orders.org.sandbox.faults.add(fault, match="$batch", count=9 if fault == "throttled" else 1)
        return real(items, name=name)  # type: ignore[arg-type]

    orders.org.app.batch = second  # type: ignore[method-assign,assignment]
    result = orders.entity.write([write])[0]
    assert isinstance(result, UnknownOutcome)
    orders.org.sandbox.faults.clear()
    half = orders.live(str(write.id))
    if fault == "throttled":
        assert half.content[PENDING] == UNFINISHED
    there = {row[ROW] for row in rows(half)}
    missing = [line for line in write.lines if line.row not in there]
    whole = written(orders.entity.write([orders.change(half, *missing)])[0])
    assert (len(rows(whole)), PENDING in whole.content) == (1200, False)


def test_a_line_refused_behind_the_first_changeset_says_so(orders: Orders) -> None:
    """The line is named, and that a part was written, so that nobody takes the record for untouched."""
    write = orders.new("7", range(1200))
    long = {**(write.lines[-1].values or {}), "productdescription": "x" * 501}
    bad = replace(write, lines=[*write.lines[:-1], replace(write.lines[-1], values=long)])
    result = orders.entity.write([bad])[0]
    assert isinstance(result, Invalid)
    assert (result.facts["line"], result.facts[PARTLY]) == ("lines.items[1199]", True)
    half = orders.live(str(write.id))
    there = {row[ROW] for row in rows(half)}
    assert half.content[PENDING] == UNFINISHED
    missing = [line for line in write.lines if line.row not in there]
    assert len(rows(written(orders.entity.write([orders.change(half, *missing)])[0]))) == 1200


def test_lines_are_read_as_a_list_of_rows(orders: Orders) -> None:
    """A record's content holds its collection in the order of row ids, each row with id, version and columns."""
    order = orders.add("7", "ba")
    found = rows(orders.live(order.id))
    assert found == sorted(found, key=lambda row: str(row[ROW]))
    assert {row["productdescription"] for row in found} == {"Line a", "Line b"}
    assert all(row[ETAG].startswith('W/"') and row["quantity"] == Decimal(1) for row in found)
    assert all(set(row) == {ROW, ETAG, *(path.partition(".")[2] for path in PATHS_OF_LINES)} for row in found)


PATHS_OF_LINES = [f"{LINES}.{name}" for name in ("isproductoverridden", "ispriceoverridden", "productdescription",
                                                 "priceperunit", "quantity", "tax")]  # fmt: skip


def test_a_line_describes_itself_to_the_mapping_check(orders: Orders) -> None:
    """The collection is a list, its columns are known by their full paths, and nothing else is."""
    whole, column = orders.entity.describe(LINES), orders.entity.describe(f"{LINES}.quantity")
    assert whole is not None
    assert (whole.is_list, whole.type) == (True, "object")
    assert column is not None
    assert (column.path, column.type, column.creatable) == (f"{LINES}.quantity", "decimal", True)
    assert orders.entity.describe(f"{LINES}.nothing") is None


def test_a_change_of_a_line_leads_to_its_order(orders: Orders) -> None:
    """A line's delta gives the order's id and remembers whose line it was, for its delete names only the line."""
    order = orders.add("7", "a")
    token = orders.entity.start_token("salesorderdetail")
    (row,) = rows(order)
    orders.org.person.send("PATCH", f"salesorderdetails({row[ROW]})", {"quantity": 2}, name="edit")
    found = orders.entity.changes("salesorderdetail", token)
    assert [item.id for item in found.items] == [order.id]
    assert found.pointers == {row[ROW]: order.id}
    assert [item.id for item in orders.entity.members("salesorderdetail", [row[ROW]]).items] == [order.id]


def test_a_line_takes_its_product(orders: Orders) -> None:
    """A lookup of a line is bound and read back by its path."""
    orders.org.install()
    entity, shelf = orders.entity, Shelf(orders.org, orders.org.products())
    paths = entity.config.paths | {f"{LINES}.productid", f"{LINES}.uomid"}
    known = TableEntity(orders.org.app, orders.org.metadata, replace(entity.config, paths=paths))
    product, write = shelf.add("5", "LAMP"), orders.new("7", "a")
    values = {"productid": product.id, "uomid": orders.org.unit, "ispriceoverridden": True, "priceperunit": Decimal(3)}
    lines = [replace(write.lines[0], values={**values, "quantity": Decimal(2)})]
    order = written(known.write([Write(Action.CREATE, "7", write.values, id=write.id, lines=lines)])[0])
    assert (told(order, "productid"), told(order, "uomid")) == ([product.id], [orders.org.unit])
