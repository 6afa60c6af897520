"""What a table's file has to say, what only it may say, and what each mistake is answered with."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.errors import MappingInvalid
from shared.mapping.load import load, parse
from shared.mapping.rules import join
from shared.mapping.tables import GONE
from shared.records import Side
from tests.support.tables import SHIPPED

GOOD = """flow = "tables_shopify_to_crm"
kind = "places"
[source]
root = "locations"
type = "Location"
[target]
table = "new_place"
[fields.city]
from = "address.city"
to = "new_city"
column = { type = "text", length = 50, label = "City" }
"""


def problems(text: str) -> str:
    """What is wrong with the file, as one text."""
    with pytest.raises(MappingInvalid) as refused:
        parse(text)
    found: list[dict[str, str]] = refused.value.facts["problems"]  # type: ignore[assignment] # facts are objects
    return "; ".join(f"line {each['line']}: {each['what']}; {each['fix']}" for each in found)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('root = "locations"\n', "", "source.root is missing"),
        ('root = "locations"', 'root = "locations"\nkey = "name"', "line 5: source.key has no meaning"),
        ('"new_place"', '"place"', "'place' is no custom table"),
        ('to = "new_city"', 'to = "city"', "'city' is no custom column"),
        ('to = "new_city"', 'to = "new_BasketValue"', "logical names have no capitals: write new_basketvalue"),
        ('"new_place"', '"New_Place"', "logical names have no capitals: write new_place"),
        ("length = 50, ", "", "a text column has a length"),
        ("length = 50", "length = 4001", 'use type = "long_text"'),
        ('type = "text", length = 50', 'type = "choice"', "a choice has options"),
        ('type = "text", length = 50', 'type = "lookup", table = "account"', "a lookup and a pair belong together"),
        ('type = "text", length = 50', 'type = "integer", length = 5', "others have none"),
        ('"new_place"\n', '"new_place"\n[[match]]\nfield = "city"\n', "take [[match]] out"),
        ('kind = "places"', 'kind = "orders"', "cannot be the name of a table's file"),
        ('kind = "places"', 'kind = "Places!"', "cannot be the name of a table's file"),
        ('"new_place"\n', '"new_place"\nroot = "x"\n', "it belongs under [source]"),
    ],
)
def test_each_mistake_is_named_with_its_fix(old: str, new: str, said: str) -> None:
    """File, line, what is wrong and what to write instead."""
    parse(GOOD)
    assert said in problems(GOOD.replace(old, new, 1))


def test_a_choice_lists_every_option_that_values_may_give() -> None:
    """Options are made by setup alone, so what the file would write has to be among them."""
    choice = 'values = { A = 1, B = 2 }\nother = 9\ncolumn = { type = "choice", options = { 1 = "A" } }'
    text = GOOD.replace('column = { type = "text", length = 50, label = "City" }', choice)
    assert "the choice has no option 2, 9" in problems(text)


def test_lines_of_a_table_need_a_table() -> None:
    """Without one nobody would know where the rows go."""
    text = GOOD + '[lines.things]\nfrom = "x.nodes"\nid = "id"\nto = "new_things"\n'
    text += '[lines.things.fields.a]\nfrom = "a"\nto = "new_a"\n'
    assert "lines.things.table is missing" in problems(text)


@pytest.mark.parametrize(
    "more",
    [
        '[deleted]\naction = "delete"\n',
        '[fields.city]\nfrom = "x"\nto = "new_city"\ncolumn = { type = "text", length = 5 }\n',
    ],
)
def test_other_flows_say_nothing_of_tables(more: str) -> None:
    """Deleting a counterpart, or a column that setup makes, is refused in any other flow's file."""
    head = 'flow = "customers_shopify_to_crm"\nkind = "customers"\n[source]\ntype = "Customer"\n[target]\n'
    field = "" if "fields" in more else '[fields.name]\nfrom = "firstName"\nto = "name"\n'
    assert re.search("never deletes|in tables/ alone", problems(f'{head}table = "account"\n{field}{more}'))


def test_deleting_reads_no_column() -> None:
    """What stands for the whole row is no path that anybody selects; making inactive writes the two of a state."""
    rules = join(parse(GOOD + '[deleted]\naction = "delete"\n'), None)
    assert rules.deleted == {GONE: True}
    assert rules.paths(Side.CRM) == ("new_city",)
    rules = join(parse(GOOD + '[deleted]\naction = "deactivate"\n'), None)
    assert rules.deleted == {"statecode": 1, "statuscode": 2}


def test_labels_are_no_part_of_the_meaning() -> None:
    """Another label or length asks for no new listing of everything; another expression does."""
    digest = parse(GOOD).digest
    assert parse(GOOD.replace('"City"', '"Town"').replace("50", "60")).digest == digest
    assert parse(GOOD.replace("address.city", "address.zip")).digest != digest


def test_a_table_without_a_file_may_be_taken_out_of_the_setting(tmp_path: Path) -> None:
    """Promise: who wrote a name into TABLES that has no file is told of that setting; the flow stays on."""
    with pytest.raises(MappingInvalid, match="there is no such file; add it, or take it out of TABLES"):
        load(tmp_path, "tables_shopify_to_crm/nonsense")


@pytest.mark.parametrize("path", sorted((SHIPPED / "tables").glob("*.toml")), ids=lambda path: path.stem)
def test_the_shipped_tables_are_good(path: Path) -> None:
    """Each file loads under its own name."""
    assert load(SHIPPED, f"tables_shopify_to_crm/{path.stem}").model.kind == path.stem
