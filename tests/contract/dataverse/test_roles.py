"""Security roles, their privileges, and application users."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Org, fault

NEW = {
    "prvReadSharePointData", "prvWriteSharePointData", "prvCreateSharePointData", "prvReadSharePointDocument",
    "prvReadSdkMessage", "prvReadSdkMessageProcessingStep", "prvReadSdkMessageProcessingStepImage",
    "prvReadPluginAssembly", "prvReadPluginType"}
APPLICATION = "11111111-2222-4333-8444-555555555555"


def unit(org: Org) -> dict[str, str]:
    """The binding to the business unit."""
    return {"businessunitid@odata.bind": f"/businessunits({org.id_of('businessunit')})"}


@pytest.fixture
def role(org: Org) -> str:
    """A role that an administrator made."""
    return org.create("roles", {"name": "Test Role", **unit(org)}, "admin")


def held(org: Org, role: str) -> dict[str, str]:
    """Privileges of a role by name, with their depth."""
    rows = org.get(f"RetrieveRolePrivilegesRole(RoleId={role})")["RolePrivileges"]
    return {row["PrivilegeName"]: row["Depth"] for row in rows}


def called(org: Org, *names: str) -> list[str]:
    """The ids of privileges."""
    listed = " or ".join(f"name eq '{name}'" for name in names)
    return [row["privilegeid"] for row in org.get(f"privileges?$select=name&$filter={listed}")["value"]]


def act(org: Org, role: str, action: str, privileges: list[Any], actor: str = "admin") -> Any:
    """Run one of a role's actions."""
    path = f"roles({role})/Microsoft.Dynamics.CRM.{action}"
    return org.call("POST", path, {"Privileges": privileges}, actor)


def test_a_new_role_has_nine_privileges(org: Org, role: str) -> None:
    """Dataverse gives every new role nine privileges."""
    # web-api-functions-actions-sample: "Number of privileges in new role: 9"
    assert set(held(org, role)) == NEW


def test_adding_keeps_what_is_there(org: Org, role: str) -> None:
    """AddPrivilegesRole adds, by the name of the depth or its number, and answers 204."""
    # AddPrivilegesRole; bypass-custom-business-logic shows "Depth": "3" for Global
    (read,) = called(org, "prvReadAccount")
    (create,) = called(org, "prvCreateAccount")
    sent = [{"PrivilegeId": read, "Depth": "Basic"}, {"PrivilegeId": create, "Depth": "3"}]
    assert act(org, role, "AddPrivilegesRole", sent).status_code == 204
    assert held(org, role) == {**dict.fromkeys(NEW, "Global"), "prvReadAccount": "Basic", "prvCreateAccount": "Global"}
    assert act(org, role, "AddPrivilegesRole", [{"PrivilegeId": read, "Depth": "Global"}]).status_code == 204
    assert held(org, role)["prvReadAccount"] == "Basic"


def test_replacing_leaves_nothing_else(org: Org, role: str) -> None:
    """ReplacePrivilegesRole sets exactly what it is given."""
    # ReplacePrivilegesRole: replaces the privilege set of an existing role
    (read,) = called(org, "prvReadAccount")
    assert act(org, role, "ReplacePrivilegesRole", [{"PrivilegeId": read, "Depth": "Global"}]).status_code == 204
    assert held(org, role) == {"prvReadAccount": "Global"}


def test_unknown_privileges_and_depths_are_refused(org: Org, role: str) -> None:
    """A privilege that does not exist answers 404, a depth that does not exist 400."""
    # RolePrivilege, PrivilegeDepth: Basic, Local, Deep, Global
    (read,) = called(org, "prvReadAccount")
    assert fault(act(org, role, "AddPrivilegesRole", [{"PrivilegeId": role, "Depth": "Global"}]))[0] == 404
    assert act(org, role, "AddPrivilegesRole", [{"PrivilegeId": read, "Depth": "Whole"}]).status_code == 400


def test_who_works_with_records_makes_no_roles(org: Org, role: str) -> None:
    """Without the privilege to write roles neither the role nor its privileges can be changed."""
    # security-roles-privileges; AddPrivilegesRole message privileges: prvWriteRole
    (read,) = called(org, "prvReadAccount")
    assert fault(org.call("POST", "roles", {"name": "Mine", **unit(org)})) == (403, "0x80040220")
    assert act(org, role, "AddPrivilegesRole", [{"PrivilegeId": read, "Depth": "Global"}], "app").status_code == 403


def test_a_new_table_brings_its_privileges(org: Org) -> None:
    """The privileges of a custom table are called after its schema name."""
    # security-roles-privileges: prv, the verb, the table's schema name
    kind = "Microsoft.Dynamics.CRM"
    name = {"@odata.type": f"{kind}.StringAttributeMetadata", "SchemaName": "new_N", "IsPrimaryName": True}
    body = {"@odata.type": f"{kind}.EntityMetadata", "SchemaName": "new_Thing", "Attributes": [name]}
    assert not called(org, "prvCreatenew_Thing")
    org.call("POST", "EntityDefinitions", body, "admin")
    assert len(called(org, "prvCreatenew_Thing", "prvReadnew_Thing")) == 2


def test_an_application_user_needs_no_names(org: Org) -> None:
    """A user of an application is made from its id and a business unit, takes no licence, and is there once."""
    # manage-application-users: user name and full name fill themselves from the application; non-interactive
    body = {"applicationid": APPLICATION, **unit(org)}
    user = org.create("systemusers", body, "admin")
    found = org.get(f"systemusers({user})?$select=applicationid,accessmode,domainname")
    assert (found["applicationid"], found["accessmode"]) == (APPLICATION, 4)
    assert found["domainname"].startswith(APPLICATION)
    assert org.call("POST", "systemusers", body, "admin").status_code == 412


def test_a_role_is_given_by_reference(org: Org, role: str) -> None:
    """systemuserroles_association lists a user's roles, and $ref gives one."""
    # systemuser: many-to-many systemuserroles_association, intersect systemuserroles
    user = org.id_of("systemuser/app")
    link = f"systemusers({user})/systemuserroles_association"
    assert org.get(f"{link}?$select=roleid")["value"] == []
    assert org.call("POST", f"{link}/$ref", {"@odata.id": f"roles({role})"}, "admin").status_code == 204
    assert [row["name"] for row in org.get(f"{link}?$select=name")["value"]] == ["Test Role"]
