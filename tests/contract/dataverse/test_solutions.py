"""Solutions, and what a user may do (solutioncomponent, RetrieveUserPrivileges, entitymetadata)."""

from __future__ import annotations

from typing import Any

from .conftest import Org, fault

COLUMN = {"@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_C", "MaxLength": 5}
ACCOUNT = "EntityDefinitions(LogicalName='account')"
INTO = {"MSCRM.SolutionUniqueName": "OurSync"}


def solution(org: Org) -> str:
    """A solution with its publisher; its id."""
    named = {"uniquename": "ours", "friendlyname": "Ours", "customizationprefix": "new"}
    made = org.create("publishers", {**named, "customizationoptionvalueprefix": 10000}, "admin")
    about = {"uniquename": "OurSync", "friendlyname": "Our sync", "version": "1.0.0.0"}
    return org.create("solutions", {**about, "publisherid@odata.bind": f"/publishers({made})"}, "admin")


def components(org: Org, of: str) -> list[tuple[int, str]]:
    """What is in a solution."""
    rows = org.get(f"solutioncomponents?$filter=_solutionid_value eq {of}")["value"]
    return sorted((int(row["componenttype"]), str(row["objectid"])) for row in rows)


def test_what_is_made_under_the_header_is_in_the_solution(org: Org) -> None:
    """Columns, keys and endpoints made with MSCRM.SolutionUniqueName are its components, each once."""
    # solutioncomponent: componenttype 1 Entity, 2 Attribute, 14 Entity Key, 95 Service Endpoint
    ours = solution(org)
    calls: list[tuple[str, str, Any]] = [
        ("POST", f"{ACCOUNT}/Attributes", COLUMN),
        ("POST", f"{ACCOUNT}/Keys", {"SchemaName": "new_K", "KeyAttributes": ["new_c"]}),
        ("PUT", ACCOUNT, {"ChangeTrackingEnabled": True}),
        ("PUT", ACCOUNT, {"ChangeTrackingEnabled": True}),
        ("POST", "serviceendpoints", {"name": "n", "contract": 8, "url": "https://a.example", "authtype": 5}),
    ]
    for method, path, body in calls:
        assert org.call(method, path, body, "admin", **INTO).status_code == 204
    assert [kind for kind, _ in components(org, ours)] == [1, 2, 14, 95]
    known = org.get(f"{ACCOUNT}?$select=MetadataId&$expand=Attributes($select=MetadataId,LogicalName)")
    column = next(each["MetadataId"] for each in known["Attributes"] if each["LogicalName"] == "new_c")
    assert (1, known["MetadataId"]) in components(org, ours)
    assert (2, column) in components(org, ours)


def test_what_is_made_without_it_is_in_none(org: Org) -> None:
    """Without the header nothing is put into a solution of ours."""
    # web api headers: MSCRM.SolutionUniqueName names the unmanaged solution that what is made goes into
    ours = solution(org)
    assert org.call("POST", f"{ACCOUNT}/Attributes", COLUMN, "admin").status_code == 204
    assert components(org, ours) == []


def test_an_unknown_solution_refuses_the_call(org: Org) -> None:
    """Nothing is made under the name of a solution that is not there (S18)."""
    # error codes: 0x80040217 ObjectDoesNotExist
    answer = org.call("POST", f"{ACCOUNT}/Attributes", COLUMN, "admin", **INTO)
    assert fault(answer) == (404, "0x80040217")
    made = org.get(f"{ACCOUNT}?$select=LogicalName&$expand=Attributes($select=LogicalName)")["Attributes"]
    assert "new_c" not in [each["LogicalName"] for each in made]


def test_solutions_are_for_those_who_customize(org: Org) -> None:
    """Whoever works with records makes neither publishers nor solutions."""
    # security-roles-privileges: System Customizer
    assert fault(org.call("POST", "publishers", {"uniquename": "x"})) == (403, "0x80040220")


def test_a_user_is_told_what_he_may_do(org: Org) -> None:
    """RetrieveUserPrivileges lists the privileges by name; one that was taken away is not among them."""
    # RetrieveUserPrivileges function: RolePrivileges with PrivilegeName and Depth
    me = org.get("WhoAmI")["UserId"]
    asked = f"systemusers({me})/Microsoft.Dynamics.CRM.RetrieveUserPrivileges()"
    before = {each["PrivilegeName"]: each["Depth"] for each in org.get(asked)["RolePrivileges"]}
    assert before["prvCreateAccount"] == "Global"
    assert "prvCreateServiceEndpoint" not in before
    org.sandbox.take_privileges("app", "prvCreateAccount")
    assert "prvCreateAccount" not in {each["PrivilegeName"] for each in org.get(asked)["RolePrivileges"]}


def test_a_table_says_which_privileges_it_has(org: Org) -> None:
    """The definition of a table names its privileges; lines of orders have those of the order."""
    # entitymetadata: Privileges, securityprivilegemetadata: Name and PrivilegeType
    both = "LogicalName eq 'task' or LogicalName eq 'account'"
    rows = org.get(f"EntityDefinitions?$select=LogicalName,Privileges&$filter={both}")["value"]
    found = {each["LogicalName"]: each["Privileges"] for each in rows}
    assert "prvCreateActivity" in [each["Name"] for each in found["task"]]
    assert set(found) == {"task", "account"}
    for table, name in (("account", "prvCreateAccount"), ("salesorderdetail", "prvCreateOrder")):
        one = org.get(f"EntityDefinitions(LogicalName='{table}')?$select=LogicalName,Privileges")["Privileges"]
        assert name in [each["Name"] for each in one if each["PrivilegeType"] == "Create"]
