from __future__ import annotations

from collections.abc import Iterator

import pytest

from shared.dataverse.definitions import ColumnType, NewColumn, NewTable, Wanted
from shared.dataverse.examine import examine
from shared.dataverse.lookups import Lookups
from shared.dataverse.metadata import Metadata
from shared.dataverse.setup import Step, set_up, wanted_for_products
from shared.errors import SchemaMismatch, SettingMissing
from tests.contract.dataverse_client.conftest import Org


@pytest.fixture
def bare() -> Iterator[Org]:
    """An organization nobody set up, whose keys take a while to become active."""
    org = Org(key_activation_s=42.0)
    yield org
    org.sandbox.close()


def run(org: Org, wanted: Wanted, *, dry_run: bool = False) -> list[Step]:
    """Setup as the administrator."""
    return set_up(org.admin, Metadata(org.admin), wanted, dry_run=dry_run)


def test_a_dry_run_names_every_step_and_changes_nothing(bare: Org) -> None:
    """What would be made is listed, and is still missing afterwards."""
    wanted = wanted_for_products(["acme", "outlet"])
    first = run(bare, wanted, dry_run=True)
    assert [step.name for step in first if step.needed] == [
        "column product.new_shopifytitle",
        "column product.new_shopifyoptions",
        "column product.new_shopifyproductid",
        "column product.new_shopifyvariantid_acme",
        "column product.new_shopifyvariantid_outlet",
        "key product.new_shopifyvariantkey_acme",
        "key product.new_shopifyvariantkey_outlet",
        "change tracking of product",
        "change tracking of productpricelevel",
        "publish",
    ]
    assert not any(step.done for step in first)
    assert run(bare, wanted, dry_run=True) == first


def test_setup_waits_for_the_key_and_is_done_once(bare: Org) -> None:
    """The key is used only when its index is active; a second run finds everything in place."""
    wanted = wanted_for_products(["acme"])
    started = bare.clock.now()
    steps = run(bare, wanted)
    assert all(step.done for step in steps)
    assert (bare.clock.now() - started).total_seconds() >= 42
    again = run(bare, wanted)
    assert not any(step.needed for step in again)
    table = Metadata(bare.app).table("product")
    assert table.tracked
    assert [(key.columns, key.status) for key in table.keys] == [(("new_shopifyvariantid_acme",), "Active")]
    assert table.columns["new_shopifyoptions"].info.max_length == 500


BOX = NewTable("new_box", "Box", "Boxes", "salesorder", "new_salesorderid", "new_salesorder_boxes")
BOXED = Wanted(
    (
        NewColumn("new_box", "new_kind", "Kind", 20),
        NewColumn("new_box", "new_text", "Text", 4000, ColumnType.LONG_TEXT),
        NewColumn("new_box", "new_amount", "Amount", 0, ColumnType.DECIMAL),
        NewColumn("new_box", "new_units", "Units", 0, ColumnType.INTEGER),
        NewColumn("new_box", "new_at", "At", 0, ColumnType.MOMENT),
    ),
    (), (), tables=(BOX,),
)  # fmt: skip


def test_a_table_is_made_with_its_lookup_and_columns_and_once(bare: Org) -> None:
    """A dry run names the table and its columns; then they are there, rows hang on their parent, and nothing is due."""
    names = ["table new_box", *(f"column new_box.{column.name}" for column in BOXED.columns), "publish"]
    assert [step.name for step in run(bare, BOXED, dry_run=True) if step.needed] == names
    assert [step.name for step in run(bare, BOXED) if step.done] == names
    assert not any(step.needed for step in run(bare, BOXED))
    table = Metadata(bare.app).table("new_box")
    kinds = {column.name: table.columns[column.name].kind for column in BOXED.columns}
    assert kinds == {column.name: column.type.value for column in BOXED.columns}
    assert [(each.column, each.target) for each in table.lookups if each.column == BOX.lookup] == [
        ("new_salesorderid", "salesorder")
    ]


def test_a_table_whose_lookup_is_missing_gets_it(bare: Org) -> None:
    """A setup that died behind the table makes the lookup next time."""
    bare.admin.send("POST", "EntityDefinitions", BOX.definition, name="table alone")
    assert next(step.name for step in run(bare, BOXED) if step.done) == "table new_box"
    assert BOX.lookup in Metadata(bare.app).table("new_box").columns


def test_a_column_in_the_way_is_reported(bare: Org) -> None:
    """A column of that name which is too short stops setup with what to do, before rows are cut."""
    run(bare, Wanted((NewColumn("product", "new_shopifytitle", "Mine", 50),), (), ()))
    with pytest.raises(SchemaMismatch, match="at least 255"):
        run(bare, wanted_for_products(["acme"]))


def test_a_key_over_equal_values_fails_with_the_fix(bare: Org) -> None:
    """Rows that share a value keep the key from becoming active; after they are cleared, setup builds it again."""
    wanted = wanted_for_products(["acme"])
    run(bare, Wanted(wanted.columns, (), ()))
    lookups = Lookups(bare.app, bare.metadata)
    group = lookups.unit_group("Default Unit")
    for number in ("A", "B"):
        body = {
            "productnumber": number,
            "name": number,
            "new_shopifyvariantid_acme": "1",
            "defaultuomscheduleid@odata.bind": f"/uomschedules({group})",
            "defaultuomid@odata.bind": f"/uoms({lookups.unit('Primary Unit', group)})",
        }
        bare.person.send("POST", "products", body, name="create")
    with pytest.raises(SchemaMismatch, match="Clear the doubles"):
        run(bare, wanted)


def test_names_in_settings_become_ids(bare: Org) -> None:
    """Price list, unit group, unit, currency and team are found by the names people know."""
    lookups = Lookups(bare.app, bare.metadata)
    group = lookups.unit_group("Default Unit")
    assert lookups.unit("primary unit", group) == bare.sandbox.id_of("uom")
    assert lookups.price_list() == bare.sandbox.id_of("pricelevel")
    assert lookups.currency("EUR") == bare.sandbox.id_of("currency/EUR")


def test_a_name_that_is_not_one_row_is_an_error_with_the_choices(bare: Org) -> None:
    """Promise: neither a missing row nor the first of several is taken; what there is to choose from is listed."""
    lookups = Lookups(bare.app, bare.metadata)
    group = lookups.unit_group("Default Unit")
    with pytest.raises(SettingMissing) as unit:
        lookups.unit("Stück", group)
    assert unit.value.sentence == (
        "Setting CRM_UNIT is 'Stück', but no unit has that name. There are: Primary Unit. Set one of them."
    )
    with pytest.raises(
        SettingMissing, match=r"CRM_UNIT_GROUP is 'Nothing', but no unit group .* There are: Default Unit"
    ):
        lookups.unit_group("Nothing")
    with pytest.raises(SettingMissing, match=r"CRM_TEAM is 'Nobody', but no team has that name. There "):
        lookups.team("Nobody")
    bare.person.send("POST", "pricelevels", {"name": "Wholesale"}, name="list")
    with pytest.raises(SettingMissing, match=r"CRM_PRICE_LIST is missing, .*: Standard, Wholesale\. Set one"):
        lookups.price_list()
    bare.person.send("POST", "pricelevels", {"name": "Wholesale"}, name="list")
    with pytest.raises(SettingMissing, match="CRM_PRICE_LIST is 'Wholesale', but 2 rows"):
        lookups.price_list("Wholesale")


def test_a_long_list_of_choices_is_cut(bare: Org) -> None:
    """Promise: of many rows ten names are shown, and that there are more."""
    for number in range(12):
        bare.person.send("POST", "pricelevels", {"name": f"List {number:02}"}, name="list")
    with pytest.raises(SettingMissing, match=r"List 09, …\. Set one"):
        Lookups(bare.app, bare.metadata).price_list("None")


def test_the_doctor_reads_who_and_how(bare: Org) -> None:
    """Identity, version and the settings that change behaviour are read; what is missing is a sentence."""
    found = examine(bare.app, bare.metadata, ["product", "nothing"])
    assert found.version.startswith("9.")
    assert found.user_id != found.organization_id
    assert found.settings["expirechangetrackingindays"] == 7
    assert [problem.split(";")[0] for problem in found.problems] == [
        "Change tracking is off for product",
        "The table nothing does not exist in this organization, or its definition cannot be read.",
    ]
