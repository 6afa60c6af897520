"""Loading a mapping file: what is refused, on which line, with which fix; replacements per shop; the digest."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.errors import MappingInvalid
from shared.mapping.load import load, parse
from shared.mapping.locate import moved, spots
from tests.unit.mapping.builders import SHOPIFY_TO_CRM, field, inward, table

REPOSITORY = Path(__file__).parents[3]
LINES = table("lines.items", from_="rows", id="id", to="rows")
GOOD = field("name", from_="title", to="name")


def refusal(body: str) -> MappingInvalid:
    """The error for a file from Shopify to CRM with this body."""
    with pytest.raises(MappingInvalid) as caught:
        inward(body)
    return caught.value


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (GOOD + 'ownr = "crm"\n', "line 10: unknown key 'fields.name.ownr'; did you mean 'owner'?"),
        (GOOD + "[feilds.x]\n", "line 10: unknown key 'feilds'; did you mean 'fields'?"),
        (GOOD + "xyz = 1\n", "line 10: unknown key 'fields.name.xyz'; possible here: from, value"),
        (table("fields.name", from_="x"), "line 7: 'fields.name.to' is missing; add it (The path on the target side)"),
        (
            table("fields.name", from_="x", to=3),
            "line 9: 'fields.name.to' is not as it must be; write a text in quotes",
        ),
        (GOOD + 'owner = "dynamics"\n', "line 10: 'fields.name.owner' is not as it must be; write 'crm', 'shopify' or"),
        (GOOD + "on_create = 1\n", "line 10: 'fields.name.on_create' is not as it must be; write true or false"),
        (GOOD + "value = 1979-05-27\n", "line 10: 'fields.name.value' is not as it must be; write a text, a number"),
        (GOOD + 'values = "x"\n', "line 10: 'fields.name.values' is not as it must be; write a table in [brackets] or"),
        (
            GOOD + "values = { a = [1] }\n",
            "line 10: 'fields.name.values.a' is not as it must be; write a text, a number",
        ),
        (GOOD + "[skip]\nwhen = 'x'\n", "line 10: 'skip' is not as it must be; write it with double [[brackets]]"),
        (GOOD + "[[skip]]\nwhen = 'x'\n", "line 10: 'skip.0.reason' is missing; add it"),
        (
            GOOD + "[fields.Name]\nvalue = 1\nto='x'\n",
            "'fields.Name' is not as it must be; names are lower-case letters",
        ),
        ("[fields]\n", "'fields' is not as it must be; at least one entry is needed"),
        ("", "'fields' is missing; add it (The fields, by a name that you choose)"),
        (
            table("fields.name", from_="", to="x"),
            "line 8: 'fields.name.from' is not as it must be; it must not be empty",
        ),
        (
            GOOD + "value = 1\n",
            "line 7: name: exactly one of from, value, constant and pair is needed, from and value given",
        ),
        (
            table("fields.name", to="x"),
            "line 7: name: exactly one of from, value, constant and pair is needed, none given",
        ),
        (table("fields.name", from_="a ==", to="x"), "line 8: fields.name.from: it is not JMESPath: it ends where"),
        (table("fields.name", from_="a", to="x || y"), "line 9: 'x || y' is not a path: a dot was expected after 'x'"),
        (GOOD + 'other = "keep"\n', "line 10: name: other has no meaning without values; add the values table"),
        (GOOD + 'blank = "keep"\nrequired = true\n', 'line 10: name: required and blank = "keep" exclude each other'),
        (GOOD + 'owner = "crm"\non_create = true\n', "line 10: name: on_create is written once, so there is nothing"),
        (GOOD + 'drift = "repair"\non_create = true\n', "line 10: name: on_create is written once and never repaired"),
        (table("fields.name", value=1, to="x", values={"a": 1}), "line 10: name: values translates what from reads"),
        (GOOD + field("other", from_="x", to='"name"'), "line 12: name and other both write name; write it once"),
        (
            field("a", value=1, to="x", on_create=True) + field("b", value=2, to="x", on_create=True),
            "line 13: a and b both write x; write it once",
        ),
        (
            field("a", value=1, to="x") + field("b", value=2, to="x.y"),
            "line 9: a writes the whole that b writes a part of",
        ),
        (
            GOOD + '[[match]]\nfield = "nam"\n',
            "line 11: [[match]] names 'nam', which is no field of this file; did you mean name?",
        ),
        (
            field("a", value=1, to="x") + '[[match]]\nfield = "a"\n',
            "line 11: [[match]] names a field without a from; match by one that has a from",
        ),
        (
            GOOD + '[deleted]\naction = "keep"\nset = { a = 1 }\n',
            "line 10: [deleted] needs exactly one of set and action",
        ),
        (GOOD + "[deleted]\nset = { 'a b' = 1 }\n", "line 11: 'a b' is not a path"),
        (GOOD + "[[skip]]\nwhen = 'x = 1'\nreason = 'r'\n", "line 11: skip.0.when: it is not JMESPath at character 3"),
        (
            GOOD + LINES.replace("rows", "lower(a)", 1) + table("lines.items.fields.x", value=1, to="x"),
            "line 11: lines.items.from is not a list of the source record; name one",
        ),
        (GOOD + LINES + "[lines.items.fields]\n", "[lines.items] has no fields; add at"),
        ("x = [1,\n", "not TOML: "),
        (GOOD + "to = 'again'\n", "line 10: not TOML: this key stands in its table twice"),
        (GOOD.replace('"name"', "name"), "line 9: not TOML: a value is needed here"),
    ],
)
def test_a_broken_file(body: str, said: str) -> None:
    """Every mistake is refused with the file, the line of the key, what is wrong, and the fix."""
    error = refusal(body)
    assert error.sentence.startswith("inward.toml, line ")
    assert said in re.sub(r", column \d+", "", error.sentence)
    assert error.facts["file"] == "inward.toml"
    assert f"line {error.facts['line']}, column {error.facts['column']}:" in error.sentence


def test_several_mistakes_at_once() -> None:
    """A user sees all mistakes in one go, in the order of the file, not one per attempt."""
    error = refusal(
        table("fields.a", from_="x ==", to="a")
        + table("fields.b", from_="lowr(x)", to="b", other="keep")
        + '[[match]]\nfield = "c"\n'
    )
    problems = error.facts["problems"]
    assert isinstance(problems, list)
    assert [problem["line"] for problem in problems] == [8, 11, 13, 15]
    assert "(3 more in these files.)" in error.sentence


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (SHOPIFY_TO_CRM.replace('type = "Thing"', 'table = "x"'), "source and target are on the same side"),
        (SHOPIFY_TO_CRM.replace('type = "Thing"', ""), "line 3: [source] needs exactly one of type and table"),
        (SHOPIFY_TO_CRM.replace("things_shopify_to_crm", "things"), "line 1: 'things' does not say its direction"),
        (SHOPIFY_TO_CRM.replace("shopify_to_crm", "crm_to_shopify"), "reads from crm, [source] names the other side"),
    ],
)
def test_sides(head: str, said: str) -> None:
    """Source and target are two sides, and the flow's name says which is which."""
    with pytest.raises(MappingInvalid) as caught:
        parse(head + GOOD)
    facts = caught.value.facts["problems"]
    assert isinstance(facts, list)
    assert any(said in f"line {problem['line']}: {problem['what']}" for problem in facts)


def write(folder: Path, name: str, text: str) -> None:
    """A mapping file in a folder."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


FLOW = "things_shopify_to_crm"


def test_missing_file_and_wrong_flow(tmp_path: Path) -> None:
    """A missing file and a file copied under another flow's name are named without the machine's path."""
    folder = tmp_path / "mappings"
    write(folder, "other_shopify_to_crm.toml", SHOPIFY_TO_CRM + GOOD)
    with pytest.raises(MappingInvalid, match=r"^mappings/things_shopify_to_crm.toml, line 1, .*there is no such file"):
        load(folder, FLOW)
    with pytest.raises(MappingInvalid, match=r"line 1, column 8: flow is 'things_shopify_to_crm' here; write 'other_"):
        load(folder, "other_shopify_to_crm")
    (folder / f"{FLOW}.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(MappingInvalid, match="not UTF-8"):
        load(folder, FLOW)


def test_lines_are_refused(tmp_path: Path) -> None:
    """Promise: lines that no flow would write are refused with file and line, and are not left out in silence."""
    lines = table("lines.items", from_="rows", id="id", to="rows") + table("lines.items.fields.x", value=1, to="x")
    text = SHOPIFY_TO_CRM + GOOD + lines
    write(tmp_path / "mappings", f"{FLOW}.toml", text.replace('kind = "things"', 'kind = "variants"'))
    said = "line 10, column 1: lines: this flow's records have no lines; take the table out."
    with pytest.raises(MappingInvalid, match=f"^mappings/things_shopify_to_crm.toml, {said}$"):
        load(tmp_path / "mappings", FLOW)


def test_a_table_file(tmp_path: Path) -> None:
    """The any-table flow's files are found by their own names in tables/."""
    head = 'flow = "tables_shopify_to_crm"\nkind = "locations"\n[source]\nroot = "locations"\ntype = "Location"\n'
    write(tmp_path, "tables/locations.toml", head + '[target]\ntable = "new_location"\n' + GOOD)
    assert load(tmp_path, "tables_shopify_to_crm/locations").model.kind == "locations"


def test_a_shop_replaces_single_keys(tmp_path: Path) -> None:
    """A shop's file changes single keys, adds and removes fields, and leaves all the rest."""
    body = (
        field("name", from_="title", to="name", drift="repair")
        + field("size", from_="size", to="size", values={"S": 1, "M": 2})
        + field("gone", from_="x", to="x")
    )
    write(tmp_path, f"{FLOW}.toml", SHOPIFY_TO_CRM + body + "[deleted]\nset = { a = 1 }\n")
    override = '[source]\ntype = "Other"\n[fields]\ngone = false\n' + table("fields.name", value="fixed")
    override += table("fields.size", values={"L": 3}) + field("new", from_="y", to="y")
    write(tmp_path, f"east/{FLOW}.toml", override + '[deleted]\naction = "keep"\n')
    model = load(tmp_path, FLOW, shop="east").model
    assert set(model.fields) == {"name", "size", "new"}
    assert (model.fields["name"].value, model.fields["name"].from_, model.fields["name"].to) == ("fixed", None, "name")
    assert model.fields["name"].drift == "repair"
    assert model.fields["size"].values == {"L": 3}
    assert model.source.type == "Other"
    assert model.deleted.set is None
    plain = load(tmp_path, FLOW)
    assert load(tmp_path, FLOW, shop="west") == plain
    assert set(plain.model.fields) == {"name", "size", "gone"}


def test_an_override_is_named_when_it_is_wrong(tmp_path: Path) -> None:
    """The file and line named are those of the file in which the wrong key stands."""
    write(tmp_path / "mappings", f"{FLOW}.toml", SHOPIFY_TO_CRM + GOOD)
    write(tmp_path / "mappings", f"east/{FLOW}.toml", '\n[fields.name]\nfrom = "lowr(title)"\n')
    with pytest.raises(MappingInvalid, match=r"^mappings/east/things_shopify_to_crm.toml, line 3, .*fields.name.from"):
        load(tmp_path / "mappings", FLOW, shop="east")


def test_digest_is_of_the_meaning() -> None:
    """Comments, the order of keys and written-out defaults leave the digest; anything that means something moves it."""
    plain = inward(field("a", from_="x", to="y") + field("b", value=1, to="z")).digest
    same = "# a comment\n" + field("b", to="z", value=1) + field("a", to="y", from_="x", drift="accept", other="park")
    assert inward(same.replace('other = "park"\n', "")).digest == plain
    for changed in (
        field("a", from_="x2", to="y") + field("b", value=1, to="z"),
        field("a", from_="x", to="y") + field("b", value="1", to="z"),
        field("a", from_="x", to="y", blank="keep") + field("b", value=1, to="z"),
        field("a2", from_="x", to="y") + field("b", value=1, to="z"),
        field("a", from_="x", to="y") + field("b", value=1.5, to="z"),
        field("a", from_="x", to="y") + field("b", value=True, to="z"),
    ):
        assert inward(changed).digest != plain
    assert inward(field("b", value=1.5, to="z")).digest != inward(field("b", value="1.5", to="z")).digest


def test_numbers_keep_their_digits() -> None:
    """A number with a decimal point in a file is exact."""
    value = inward(field("a", value=0.1, to="y")).model.fields["a"].value
    assert str(value) == "0.1"
    assert type(value).__name__ == "Decimal"


def test_line_numbers() -> None:
    """Keys are found behind comments, texts of several lines, lists of several lines, and quoted or dotted names."""
    text = (
        '# [no.header]\n[a]\nx = """\n[not.a.header]\ny = 1\n"""\nlist = [ # ]\n  1,\n  { z = 2 },\n]\n'
        "\"q.k\" = 'it''s'\n[[s]]\nw = 1\n[[s]]\nw = 2\n[ b . \"c d\" ]\nd.e = 3\n"
    ).replace("it''s", "its [")
    found = {key: spot.key[0] for key, spot in spots(text).items()}
    assert found[("a",)] == 2
    assert found[("a", "x")] == 3
    assert found[("a", "list")] == 7
    assert found[("a", "q.k")] == 11
    assert found[("s", 0, "w")] == 13
    assert found[("s", 1)] == 14
    assert found[("s", 1, "w")] == 15
    assert found[("b", "c d", "d", "e")] == 17
    assert ("not", "a", "header") not in found


def test_positions_of_values_and_texts() -> None:
    """Promise: key, value, and the first character of a text are placed; a text with escapes has no such place."""
    text = (
        "[a]\r\n  key  =  'one'\r\nb = { c = \"two\", \"d e\" = [1, 'x'] }\r\n"
        'f = """\nlong\n text"""\ng = "tab\\t"\nh.i = """x"y\\""""\nj = 1 # no = key\n'
    )
    found = {".".join(map(str, key)): (spot.key, spot.value, spot.text) for key, spot in spots(text).items()}
    assert found["a"] == ((1, 1), None, None)
    assert found["a.key"] == ((2, 3), (2, 11), (2, 12))
    assert found["a.b"] == ((3, 1), (3, 5), None)
    assert found["a.b.c"] == ((3, 7), (3, 11), (3, 12))
    assert found["a.b.d e"] == ((3, 18), (3, 26), None)
    assert found["a.b.d e.1"] == ((3, 30), (3, 30), (3, 31))
    assert found["a.f"] == ((4, 1), (4, 5), (5, 1))
    assert found["a.g"] == ((7, 1), (7, 5), None)
    assert found["a.h.i"] == ((8, 1), (8, 7), None)
    assert found["a.j"] == ((9, 1), (9, 5), None)
    assert moved((5, 1), "long\n text", 6) == (6, 2)
