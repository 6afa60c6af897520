"""A mapping held against both schemas: unknown paths, columns that refuse a write, values that do not fit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared.fields import FieldInfo
from shared.mapping.check import Known, check
from shared.mapping.expressions import compiled
from shared.mapping.findings import Finding
from tests.unit.mapping.builders import field, inward, table


class FieldList:
    """A schema made of a list of fields."""

    def __init__(self, *fields: FieldInfo, required: Sequence[str] = ()) -> None:
        self._fields = {info.path: info for info in fields}
        self._required = required
        self.names = tuple(self._fields)
        self.searchable = None

    def describe(self, path: str) -> FieldInfo | None:
        return self._fields.get(path)

    def required_on_create(self) -> Sequence[str]:
        return self._required


SOURCE = FieldList(
    FieldInfo("sku", "text", max_length=255),
    FieldInfo("title", "text"),
    FieldInfo("price", "decimal"),
    FieldInfo("count", "integer"),
    FieldInfo("active", "boolean"),
    FieldInfo("at", "datetime"),
    FieldInfo("status", "choice", options=("ACTIVE", "ARCHIVED", "DRAFT")),
    FieldInfo("secret", "text", readable=False),
    FieldInfo("product", "object"),
    FieldInfo("product.title", "text"),
    FieldInfo("tags", "text", is_list=True),
    FieldInfo("counts", "integer", is_list=True),
    FieldInfo("lineItems", "object", is_list=True),
    FieldInfo("lineItems.id", "text", is_list=True),
    FieldInfo("lineItems.name", "text", is_list=True),
)


def column(path: str, kind: str, **facts: object) -> FieldInfo:
    """A column that may be written at any time unless the facts say otherwise."""
    return FieldInfo(path, kind, **{"creatable": True, "updatable": True, **facts})  # type: ignore[arg-type]


TARGET = FieldList(
    column("name", "text", max_length=100),
    column("amount", "decimal", precision=2),
    column("quantity", "integer"),
    column("flag", "boolean"),
    column("day", "date"),
    column("moment", "datetime"),
    column("statecode", "choice", options=("0", "1")),
    column("color", "choice", options=("ACTIVE", "ARCHIVED", "DRAFT", "OTHER")),
    column("unit", "reference"),
    column("labels", "text", is_list=True),
    column("lookup", "object"),
    column("born", "text", updatable=False),
    column("later", "text", creatable=False),
    column("fixed", "text", creatable=False, updatable=False),
    column("rows", "object", is_list=True, inside=("text",)),
    column("rows.text", "text"),
    required=("name",),
)
NAME = field("name", from_="title", to="name")


def findings(body: str, constants: Sequence[str] | None = None) -> list[Finding]:
    """What the check says of a file."""
    return check(inward(body), SOURCE, TARGET, Known(constants))


def test_a_good_file() -> None:
    """A file that fits both schemas gives nothing to report."""
    body = (
        NAME
        + field("sku", from_="truncate(sku, `100`)", to="rows.text")
        + field("price", from_="money(price)", to="amount")
        + field("count", from_="length(tags)", to="quantity")
        + field("active", from_="status == 'ACTIVE'", to="flag")
        + field("day", from_="date(at)", to="day")
        + field("at", from_="at", to="moment")
        + field("state", from_="status", to="statecode", values={"ARCHIVED": 1, "": 0}, other="keep")
        + field("color", from_="status", to="color")
        + field("unit", constant="unit", to="unit")
        + field("tags", from_="tags", to="labels")
        + field("born", value="x", to="born", on_create=True)
        + field("later", from_="title", to="later")
        + "[[skip]]\nwhen = 'product.title'\nreason = 'r'\n[deleted]\nset = { statecode = 1 }\n"
    )
    assert findings(body, constants=["unit"]) == []


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"from_": "titel", "to": "name"}, "name: Shopify's Thing has no titel; did you mean title?"),
        ({"from_": "zzzzzzzz", "to": "name"}, "Shopify's Thing has no zzzzzzzz; look the name up"),
        ({"from_": "title", "to": "nam"}, "Dataverse's thing has no nam; did you mean name?"),
        ({"from_": 'status == "ACTIVE" && title', "to": "name"}, "write it in single quotes: 'ACTIVE'"),
        ({"from_": "to_string(product)", "to": "name"}, "product is an object and is read as a whole; name the fields"),
        ({"from_": "secret", "to": "name"}, "secret cannot be read from Shopify's Thing"),
        ({"from_": "title", "to": "lookup"}, "lookup is an object; name the field inside it"),
        ({"from_": "title", "to": "born"}, "born cannot be changed once the record exists; add on_create = true"),
        ({"from_": "title", "to": "fixed"}, "fixed cannot be written; choose another field"),
        ({"value": "x", "to": "later", "on_create": True}, "later cannot be set when a record is created"),
        ({"value": 5, "to": "name"}, "5 does not fit name: it takes a text; put it in quotes"),
        ({"value": "5", "to": "quantity"}, "it takes a number (integer), not a text"),
        ({"value": 1.5, "to": "quantity"}, "it takes a whole number"),
        ({"value": 1.555, "to": "amount"}, "it holds 2 decimal places and the value has 3"),
        ({"value": True, "to": "quantity"}, "it takes integer, not true or false"),
        ({"value": 1, "to": "flag"}, "it takes true or false"),
        ({"value": ["a"], "to": "name"}, "it takes one value, not a list"),
        ({"value": "a", "to": "labels"}, "it takes a list; write [ … ]"),
        ({"value": ["a", "b"] * 60, "to": "name"}, "not a list"),
        ({"value": "x" * 101, "to": "name"}, "it holds 100 characters and the text has 101"),
        ({"value": 2, "to": "statecode"}, "2 is none of its options; possible are 0, 1"),
        ({"value": "ARCHIVD", "to": "color"}, "did you mean ARCHIVED?"),
        ({"from_": "status", "to": "statecode", "values": {"DRAFT": 7}, "other": "park"}, "7 is none of its options"),
        (
            {"from_": "status", "to": "statecode", "values": {"ARCHIVD": 1}, "other": "park"},
            "never meet this key: ARCHIVD is none of its",
        ),
        ({"from_": "status", "to": "statecode", "values": {"DRAFT": 0}, "other": 5}, "5 is none of its options"),
        ({"from_": "truncate(title, `200`)", "to": "name"}, "it is cut to 200 and name holds 100 characters"),
        ({"constant": "unt", "to": "unit"}, "there is no constant unt; did you mean unit?"),
        (
            {"pair": {"kind": "k", "id": "sku", "fallback": "zz"}, "to": "unit"},
            "there is no constant zz; known are unit",
        ),
    ],
)
def test_errors(keys: dict[str, object], said: str) -> None:
    """What one of the systems would refuse is an error that names field, line and fix."""
    found = [one for one in findings(field("x", **keys), ["unit"]) if one.field == "x"]
    assert len(found) == 1
    assert found[0].level == "error"
    assert said.removeprefix("name: ") in found[0].sentence
    assert found[0].file == "inward.toml"
    assert 7 <= found[0].line <= 11


@pytest.mark.parametrize(
    "text",
    [
        "tags[0]", "tags[-1]", "tags | [0]", "tags[?@] | [0]", "tags[?@ != 'x'] | [0]", "tags[0:1] | [0]",
        "lineItems[0].name", "lineItems[*].name | [0]", "lineItems[].name | [-1]", "tags[0] || 'none'",
        "lineItems[?id == 'a'].name | [0]", "lineItems[?id == 'a'] | [0].name", "max_by(lineItems, &id).name",
        "sort_by(lineItems, &id)[0].name", "title && tags[0]", "join(', ', tags)", "not_null(tags[0], 'x')",
        "map(&name, lineItems)[0]", "reverse(tags)[0]", "truncate(tags[0], `60`)",
    ],
)  # fmt: skip
def test_one_item_of_a_list_is_one_value(text: str) -> None:
    """Promise: who takes one item of a list is not told that it is a list, and may not write it into one."""
    assert findings(field("name", from_=text, to="name", length=100)) == []
    if not text.startswith(("join", "truncate", "not_null")):
        (found,) = findings(NAME + field("x", from_=text, to="labels"))
        assert found.sentence.endswith(f"is one value and labels takes a list; write [{text}].")


@pytest.mark.parametrize(
    ("text", "hints"),
    [
        ("tags", ("join(', ', tags)", "tags[0]")),
        ("tags[0:1]", ("join(', ', tags[0:1])", "tags[0:1] | [0]")),
        ("tags[?@]", ("join(', ', tags[?@])", "tags[?@] | [0]")),
        ("lineItems.name", ("join(', ', lineItems[].name)", "lineItems[0].name")),
        ("lineItems[*].name", ("join(', ', lineItems[*].name)", "lineItems[*].name | [0]")),
        ("lineItems[*].name[0]", ("join(', ', lineItems[*].name[0])", "lineItems[*].name[0] | [0]")),
        ("counts", ("join(', ', (counts)[].to_string(@))", "counts[0]")),
    ],
)
def test_what_the_check_says_of_a_list_holds_when_followed(text: str, hints: tuple[str, str]) -> None:
    """Promise: a list is refused for one value with two ways out; both give one text, and pass."""
    (found,) = [one for one in findings(field("name", from_=text, to="name", length=100)) if one.level == "error"]
    assert found.sentence.endswith(f"takes one value; write {hints[0]}, or {hints[1]}.")
    record = {"tags": ["a", "b"], "counts": [1, 2], "title": "T", "lineItems": [{"name": "x"}, {"name": "y"}]}
    for hint in hints:
        assert [one for one in findings(field("name", from_=hint, to="name", length=100)) if one.level == "error"] == []
        if text != "lineItems[*].name[0]":
            assert isinstance(compiled(hint).evaluate(record), str | int)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"from_": "sku", "to": "name"}, "may be longer than the 100 characters of name; add length = 100"),
        ({"from_": "sku", "to": "amount"}, "kind text goes into a column of kind decimal; convert it with decimal()"),
        (
            {"from_": "price", "to": "rows.text"},
            "kind decimal goes into a column of kind text; convert it with to_string",
        ),
        ({"from_": "sku", "to": "flag"}, "column of kind boolean; compare it"),
        ({"from_": "at", "to": "day"}, "convert it with date()"),
        ({"from_": "active", "to": "quantity"}, "column of kind integer"),
        ({"from_": "price", "to": "moment"}, "take a field that holds a time"),
        ({"from_": "lower(sku)", "to": "amount"}, "kind text goes into a column of kind decimal"),
        ({"from_": "sku == 'x'", "to": "amount"}, "kind boolean goes into a column of kind decimal"),
        ({"from_": "status", "to": "statecode"}, "the column takes one of its options; translate with values"),
        ({"from_": "money(price, `4`)", "to": "amount"}, "rounded to 4 decimal places and the column holds 2"),
    ],
)
def test_warnings(keys: dict[str, object], said: str) -> None:
    """What looks wrong but may be meant is a warning with the way out."""
    found = [one for one in findings(field("x", **keys)) if one.field == "x"]
    assert [one.level for one in found] == ["warning"]
    assert said in found[0].sentence


def test_required_columns() -> None:
    """A column without which a create is refused needs a field that writes it, an on_create field included."""
    (missing,) = findings(field("x", from_="title", to="rows.text"))
    assert (missing.level, missing.field) == ("error", "name")
    assert 'add a field with to = "name"' in missing.sentence
    assert findings(field("x", value="New", to="name", on_create=True)) == []


def test_skips_and_deletion() -> None:
    """Skip rules and the deletion's columns are held against the schemas as well, each on its own line."""
    body = (
        NAME + "[[skip]]\nwhen = 'gift'\nreason = 'r'\n[deleted]\nset = { statecod = 1, statecode = 3, born = 'x' }\n"
    )
    found = findings(body)
    assert [one.line for one in found] == [11, 14, 14, 14]
    said = " ".join(one.sentence for one in found)
    assert "Shopify's Thing has no gift" in said
    assert "Dataverse's thing has no statecod; did you mean statecode?" in said
    assert "3 is none of its options" in said
    assert "born cannot be changed" in said


def test_lines_are_checked() -> None:
    """A line's list, id and fields are looked up by their full paths."""
    lines = table("lines.items", from_="lineItems", id="id", to="rows")
    good = NAME + lines + table("lines.items.fields.text", from_="join(' ', [name, header.title])", to="text")
    assert findings(good) == []
    assert "Shopify's Thing has no lineItems.sku" in findings(good.replace("[name,", "[sku,"))[0].sentence
    assert "Shopify's Thing has no lineItems.idd" in findings(good.replace('id = "id"', 'id = "idd"'))[0].sentence
    assert any("sku is no list" in one.sentence for one in findings(good.replace('"lineItems"', '"sku"')))
    assert "Dataverse's thing has no rows.txt" in findings(good.replace('to = "text"', 'to = "txt"'))[0].sentence


def test_fields_that_a_setting_turns_off_are_checked() -> None:
    """A mistake in a field that is off today is found today."""
    body = NAME + field("x", from_="title", to="nowhere", when_setting="later")
    assert "Dataverse's thing has no nowhere" in findings(body)[0].sentence
