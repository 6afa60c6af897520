"""Creating and deleting definitions, relationships, and the operations in `$metadata`."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from sandbox.dataverse.actions import BOUND, UNBOUND
from sandbox.dataverse.config import DataverseConfig
from sandbox.dataverse.server import create

from .conftest import Org, fault

CAST = "Microsoft.Dynamics.CRM."
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
ACCOUNT = "EntityDefinitions(LogicalName='account')"
TABLE = "EntityDefinitions(LogicalName='new_thing')"


def text(name: str) -> dict[str, Any]:
    """A label."""
    return {"@odata.type": f"{CAST}Label", "LocalizedLabels": [{"Label": name, "LanguageCode": 1033}]}


def thing(org: Org, relation: bool = False, on_delete: str = "") -> None:
    """A custom table, perhaps with a lookup to accounts."""
    name = {"@odata.type": f"{CAST}StringAttributeMetadata", "SchemaName": "new_Name", "IsPrimaryName": True}
    body = {"SchemaName": "new_Thing", "DisplayName": text("Thing"), "DisplayCollectionName": text("Things"),
            "Attributes": [name]}
    assert org.call("POST", "EntityDefinitions", body, "admin").status_code == 204
    if relation:
        answer = org.call("POST", "RelationshipDefinitions", {
            "SchemaName": "new_account_new_thing", "ReferencedEntity": "account", "ReferencingEntity": "new_thing",
            "Lookup": {"SchemaName": "new_AccountId"},
            **({"CascadeConfiguration": {"Delete": on_delete}} if on_delete else {})}, "admin")
        assert answer.status_code == 204


@pytest.mark.parametrize(("on_delete", "left"), [("Cascade", []), ("RemoveLink", [None]), ("", [None])])
def test_a_custom_relationship_says_what_a_deletion_does(org: Org, on_delete: str, left: list[None]) -> None:
    """Rows go with the row that their lookup names, or lose the link, as the relationship says; else they lose it."""
    # configure-entity-relationship-cascading-behavior
    thing(org, relation=True, on_delete=on_delete)
    account = org.create("accounts", {"name": "A"}, "admin")
    org.create("new_things", {"new_name": "T", "new_AccountId@odata.bind": f"/accounts({account})"}, "admin")
    assert org.call("DELETE", f"accounts({account})", None, "admin").status_code == 204
    rows = org.call("GET", "new_things?$select=_new_accountid_value", None, "admin").json()["value"]
    assert [row["_new_accountid_value"] for row in rows] == left


def test_csdl_lists_every_operation(org: Org) -> None:
    """$metadata lists each action and function that the sandbox carries out, and no other."""
    # web-api-types-operations: operations
    root = ElementTree.fromstring(org.call("GET", "$metadata").content)  # noqa: S314 - the sandbox wrote it
    listed = [o for kind in ("Action", "Function") for o in root.iter(EDM + kind) if o.get("IsBound") != "true"]
    assert {o.get("Name") for o in listed} == set(UNBOUND)
    bound = {(o.find(f"{EDM}Parameter").get("Type"), o.get("Name"))  # type: ignore[union-attr]
             for o in root.iter(f"{EDM}Action") if o.get("IsBound") == "true"}
    assert {(f"mscrm.{table}", name) for table, name in BOUND} <= bound
    assert ("Collection(mscrm.salesorder)", "UpsertMultiple") in bound
    assert ("Collection(mscrm.salesorderdetail)", "UpsertMultiple") not in bound
    imports = {o.get("Name") for kind in ("ActionImport", "FunctionImport") for o in root.iter(EDM + kind)}
    assert imports == set(UNBOUND)


def test_csdl_refers_to_what_it_defines(org: Org) -> None:
    """Every type that $metadata names is defined in it, every binding leads to a set of it."""
    # OData CSDL: names must resolve
    root = ElementTree.fromstring(org.call("GET", "$metadata").content)  # noqa: S314 - the sandbox wrote it
    defined = {f"mscrm.{t.get('Name')}" for kind in ("EntityType", "ComplexType") for t in root.iter(EDM + kind)}
    sets = {s.get("Name") for s in root.iter(f"{EDM}EntitySet")}
    named = {(e.get("Type") or "").removeprefix("Collection(").removesuffix(")") for e in root.iter()}
    assert {n for n in named if n.startswith("mscrm.")} <= defined
    assert {b.get("Target") for b in root.iter(f"{EDM}NavigationPropertyBinding")} <= sets


def test_csdl_grows_with_new_tables(org: Org) -> None:
    """A new table stands in $metadata at once, with its set, lookup and bulk messages."""
    # create-update-entity-definitions; bulk-operations: custom tables have them
    thing(org, relation=True)
    root = ElementTree.fromstring(org.call("GET", "$metadata").content)  # noqa: S314 - the sandbox wrote it
    found = next(t for t in root.iter(f"{EDM}EntityType") if t.get("Name") == "new_thing")
    assert "new_AccountId" in {n.get("Name") for n in found.iter(f"{EDM}NavigationProperty")}
    assert "new_things" in {s.get("Name") for s in root.iter(f"{EDM}EntitySet")}
    target = {"@odata.type": f"{CAST}new_thing", "new_name": "N"}
    assert org.call("POST", f"new_things/{CAST}CreateMultiple", {"Targets": [target]}).status_code == 200


def test_relationship_by_name(org: Org) -> None:
    """A relationship is read by its schema name, and listed with a filter."""
    # query-metadata-web-api; create-update-relationships
    thing(org, relation=True)
    found = org.get("RelationshipDefinitions(SchemaName='new_account_new_thing')")
    assert (found["ReferencedEntity"], found["ReferencingEntity"]) == ("account", "new_thing")
    listed = org.get("RelationshipDefinitions?$select=SchemaName&$filter=ReferencingAttribute eq 'new_accountid'")
    assert [r["SchemaName"] for r in listed["value"]] == ["new_account_new_thing"]
    assert org.call("GET", "RelationshipDefinitions(SchemaName='nope')").status_code == 404


def test_a_custom_table_is_deleted(org: Org) -> None:
    """A deleted table is gone with its rows, its set and its relationships."""
    # create-update-entity-definitions: delete
    thing(org, relation=True)
    org.create("new_things", {"new_name": "N"})
    assert org.call("DELETE", TABLE, actor="admin").status_code == 204
    assert org.call("GET", TABLE).status_code == 404
    assert fault(org.call("GET", "new_things")) == (404, "0x8006088a")
    assert fault(org.call("GET", "accounts?$expand=new_account_new_thing")) == (400, "0x80060888")


def test_standard_components_stay(org: Org) -> None:
    """Tables and columns of the platform cannot be deleted."""
    # managed properties; error list: CannotDeleteMetadata
    assert fault(org.call("DELETE", ACCOUNT, actor="admin")) == (400, "0x8004F032")
    column = f"{ACCOUNT}/Attributes(LogicalName='fax')"
    assert fault(org.call("DELETE", column, actor="admin")) == (400, "0x8004F032")


def test_a_table_that_others_look_up_stays(org: Org) -> None:
    """A table that a lookup of another table leads to cannot be deleted."""
    # error list: CannotDeleteInUseComponent
    thing(org)
    made = org.call("POST", "RelationshipDefinitions", {
        "SchemaName": "new_thing_account", "ReferencedEntity": "new_thing", "ReferencingEntity": "account",
        "Lookup": {"SchemaName": "new_ThingId"}}, "admin")
    assert made.status_code == 204
    assert fault(org.call("DELETE", TABLE, actor="admin")) == (400, "0x8004F01F")


def test_a_custom_column_is_deleted(org: Org) -> None:
    """A deleted column can no longer be selected; one in a key or the primary name stays."""
    # create-update-column-definitions: delete; error list: CannotDeletePrimaryUIAttribute
    org.key("account", "new_Ext")
    column = f"{ACCOUNT}/Attributes(LogicalName='new_ext')"
    assert fault(org.call("DELETE", column, actor="admin")) == (400, "0x8004F01F")
    assert org.call("DELETE", f"{ACCOUNT}/Keys(LogicalName='new_key')", actor="admin").status_code == 204
    assert org.call("DELETE", column, actor="admin").status_code == 204
    assert fault(org.call("GET", "accounts?$select=new_ext")) == (400, "0x80060888")
    thing(org)
    name = f"{TABLE}/Attributes(LogicalName='new_name')"
    assert fault(org.call("DELETE", name, actor="admin")) == (400, "0x80047002")


def test_labels_are_replaced(org: Org) -> None:
    """A PUT of the definition changes the display names and keeps the schema name."""
    # create-update-entity-definitions: update with PUT
    thing(org)
    assert org.call("PUT", TABLE, {"SchemaName": "new_Thing", "DisplayName": text("Other")}, "admin").status_code == 204
    found = org.get(TABLE)
    assert found["DisplayName"]["UserLocalizedLabel"]["Label"] == "Other"
    assert found["DisplayCollectionName"]["UserLocalizedLabel"]["Label"] == "Things"


def test_definitions_survive_a_restart(tmp_path: Any) -> None:
    """Custom tables, labels, columns, keys and deletions are the same when the file is opened again."""
    # own rule: the file is the organization
    config = {"db": str(tmp_path / "org.db")}
    org = Org(**config)
    thing(org, relation=True)
    org.key("account", "new_Ext")
    org.call("DELETE", f"{ACCOUNT}/Keys(LogicalName='new_key')", actor="admin")
    org.sandbox.close()
    again = create(DataverseConfig(**config))
    table = again.core.registry.tables["new_thing"]
    assert (table.custom, table.labels["DisplayName"]) == (True, "Thing")
    assert "new_account_new_thing" in again.core.registry.tables["account"].many
    assert (again.core.registry.tables["account"].keys, "new_ext" in again.core.registry.tables["account"].columns) == (
        {}, True)
    again.close()


def test_key_states(make_org: Any) -> None:
    """A key is Pending, then InProgress while its index is built, then Active."""
    # define-alternate-keys-entity: EntityKeyIndexStatus
    org = make_org(key_activation_s=60)
    org.key("account", "new_Ext")
    found = []
    for _ in range(3):
        found.append(org.get(f"{ACCOUNT}/Keys")["value"][0]["EntityKeyIndexStatus"])
        org.sandbox.clock.advance(31)
    assert found == ["Pending", "InProgress", "Active"]


def test_reactivating_a_key(make_org: Any) -> None:
    """A failed key is tried again once the duplicates are gone; any other key is not."""
    # define-alternate-keys-entity: ReactivateEntityKey; error list: ReactivateEntityKeyOnlyForFailedJobs
    org = make_org(key_activation_s=60)
    org.key("account", "new_Ext")
    rows = [org.create("accounts", {"name": n, "new_ext": "same"}) for n in "AB"]
    key = f"{ACCOUNT}/Keys(LogicalName='new_key')"
    again = f"{key}/{CAST}ReactivateEntityKey"
    assert fault(org.call("POST", again, {}, "admin")) == (400, "0x80060897")
    org.sandbox.clock.advance(61)
    assert org.get(key)["EntityKeyIndexStatus"] == "Failed"
    org.call("DELETE", f"accounts({rows[0]})")
    assert org.call("POST", again, {}, "admin").status_code == 204
    assert org.get(key)["EntityKeyIndexStatus"] == "Pending"
    org.sandbox.clock.advance(61)
    assert org.get(key)["EntityKeyIndexStatus"] == "Active"


def test_languages(org: Org) -> None:
    """The languages for labels are the base language."""
    # RetrieveAvailableLanguages function
    assert org.get("RetrieveAvailableLanguages")["LocaleIds"] == [1033]


@pytest.mark.parametrize(("table", "messages"), [
    ("account", {"CreateMultiple", "UpdateMultiple", "UpsertMultiple"}),
    ("contact", {"CreateMultiple", "UpdateMultiple", "UpsertMultiple"}),
    ("salesorder", {"CreateMultiple", "UpdateMultiple", "UpsertMultiple"}),
    ("salesorderdetail", {"CreateMultiple", "UpdateMultiple"}),
    ("quotedetail", {"CreateMultiple", "UpdateMultiple"}), ("product", set()), ("productpricelevel", set())])
def test_bulk_messages_per_table(org: Org, table: str, messages: set[str]) -> None:
    """The message filters say which table has which bulk message."""
    # bulk-operations: availability; entity reference pages
    text = f"primaryobjecttypecode eq '{table}' and endswith(sdkmessageid/name,'Multiple')"
    path = "sdkmessagefilters?$select=primaryobjecttypecode&$expand=sdkmessageid($select=name)"
    found = org.get(f"{path}&$filter={text}")
    names = {f["sdkmessageid"]["name"] for f in found["value"]} - {"RetrieveMultiple"}
    assert names == messages
