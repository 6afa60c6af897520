"""Proposals of tables: for every list of Shopify's that can be one, a file that is good as it stands."""

from __future__ import annotations

import re

import pytest

from ops.proposing import Wish, proposed
from shared.errors import SchemaMismatch
from shared.kinds.tables import TableKind
from shared.mapping.load import parse
from shared.mapping.rules import join
from shared.records import Side
from shared.shopify.root_names import named
from shared.shopify.schema import load
from shared.shopify.selection import Selection

SCHEMA = load()
KNOWN = {"customers": "account", "variants": "product", "orders": "salesorder", "companies": "account"}


def roots() -> list[str]:
    """Every list of the schema's root that can be a table without arguments."""
    found = []
    for name in SCHEMA.entry(SCHEMA.query_type)["f"]:
        try:
            named(SCHEMA, name)
        except SchemaMismatch:
            continue
        found.append(name)
    return found


def wish(root: str, **more: object) -> Wish:
    """What `tables propose ROOT` asks for."""
    kind = named(SCHEMA, root).type_name
    given = {"tables": KNOWN, **more}
    return Wish(root, kind, "things", f"new_shopify{kind.lower()}", **given)  # type: ignore[arg-type] # of a test


def test_every_list_can_be_proposed() -> None:
    """Seventy and more lists: each proposal loads, reads only what the schema has, and can be set up."""
    names = roots()
    assert len(names) > 70
    for name in names:
        file = parse(proposed(SCHEMA, wish(name)))
        kind = TableKind(file.model)
        kind.root(SCHEMA)
        Selection(SCHEMA, file.model.source.type or "", join(file, None).paths(Side.SHOPIFY))
        tables = [(column.table, column.name) for column in kind.wanted(["acme"]).columns]
        assert len(tables) == len(set(tables)), name


def lists_of(root: str) -> list[str]:
    """What the remarks of a proposal say can be asked for as rows."""
    return re.findall(r"--fields …,(\w+)", proposed(SCHEMA, wish(root)))


def test_every_list_that_a_remark_names_can_be_asked_for() -> None:
    """A hundred and fifty and more: with `--fields` each becomes rows that Shopify's schema can read."""
    asked = [(root, name) for root in roots() for name in lists_of(root)]
    assert len(asked) > 150
    for root, name in asked:
        file = parse(proposed(SCHEMA, wish(root, fields=[name])).replace("WHAT TELLS THEM APART", "'1'"))
        Selection(SCHEMA, file.model.source.type or "", join(file, None).paths(Side.SHOPIFY))
        assert len(file.model.lines) == 1, (root, name)


@pytest.mark.parametrize("name", ["metafields", "translations"])
def test_a_list_that_cannot_be_read_whole_is_refused(name: str) -> None:
    """Metafields, and what needs an argument: no remark names them, and who does is told what to write instead."""
    assert name not in lists_of("products")
    with pytest.raises(SchemaMismatch, match=f"{name} is not read by its name alone"):
        proposed(SCHEMA, wish("products", fields=["title", name]))


def test_types_lengths_choices_and_lookups_follow_the_schema() -> None:
    """Money is decimal, times are times, enumerations choices, a customer a lookup where customers are carried."""
    text = proposed(SCHEMA, wish("draftOrders"))
    model = parse(text).model
    kinds = {name: field.column.type for name, field in model.fields.items() if field.column}
    assert (kinds["total_price"], kinds["completed_at"], kinds["status"]) == ("decimal", "datetime", "choice")
    assert (kinds["tags"], kinds["ready"], kinds["currency_code"]) == ("long_text", "boolean", "text")
    assert model.fields["status"].values == {"COMPLETED": 1, "INVOICE_SENT": 2, "OPEN": 3}
    pair = model.fields["customer_ref"].pair
    assert pair is not None
    assert (pair.kind, pair.id) == ("customers", "customer.legacyResourceId")
    assert "customer_ref" not in parse(proposed(SCHEMA, wish("draftOrders", tables={}))).model.fields


def test_a_list_that_is_asked_for_becomes_rows() -> None:
    """Named among the fields it is a table of its own; else a remark says how to have it."""
    assert "# lineItems: a list of DraftOrderLineItem" in proposed(SCHEMA, wish("draftOrders"))
    model = parse(proposed(SCHEMA, wish("draftOrders", fields=["name", "lineItems"]))).model
    lines = model.lines["line_items"]
    assert (lines.from_, lines.id, lines.to) == ("lineItems.nodes", "id", "new_shopifydraftorder_lineitems")
    assert lines.table is not None
    assert lines.table.name == "new_shopifydraftorderlineitem"
    assert lines.fields["quantity"].column is not None


def test_a_field_that_does_not_exist_is_named() -> None:
    """With what was probably meant."""
    with pytest.raises(SchemaMismatch, match="did you mean 'status'"):
        proposed(SCHEMA, wish("draftOrders", fields=["statu"]))


def test_a_metaobjects_fields_are_read_by_their_keys() -> None:
    """Numbers become decimals, truths booleans, all else texts."""
    keys = [("region", "single_line_text_field"), ("chest", "number_decimal"), ("sale", "boolean"), ("2-way", "url")]
    made = Wish('metaobjects(type: "x")', "Metaobject", "x", "new_x", keys=keys)
    model = parse(proposed(SCHEMA, made)).model
    assert model.fields["chest"].from_ == 'decimal("field(key: \\"chest\\")".value)'
    kinds = {name: field.column.type for name, field in model.fields.items() if field.column}
    assert (kinds["region"], kinds["chest"], kinds["sale"], kinds["f_2_way"]) == ("text", "decimal", "boolean", "text")


OWN = ["name", "handle", "type", "display_name", "created_at", "values", "Values"]


@pytest.mark.parametrize("keys", [[key] for key in OWN] + [OWN, ["top_size", "topsize", "top-size", "top_size_2"]])
def test_keys_that_make_one_name_become_columns_of_their_own(keys: list[str]) -> None:
    """A key may be called as a metaobject's own field is, or differ from another by a sign: none is lost or doubled."""
    given = [(key, "single_line_text_field") for key in keys]
    made = Wish('metaobjects(type: "x")', "Metaobject", "x", "new_x", keys=given)
    file = parse(proposed(SCHEMA, made))
    columns = [field.to for field in file.model.fields.values()]
    assert len(columns) == len(set(columns))
    sources = " ".join(str(field.from_) for field in file.model.fields.values())
    assert [key for key in keys if sources.count(f'(key: \\"{key}\\")') != 1] == []
    assert "name" in file.model.fields
