"""`grant`: the role as the file says it, the application's user, and that he has it; never less than there was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sandbox.seed import Crm
from tests.contract.ops.conftest import MAPPINGS, Desk
from tests.support.plant import CRM_URL

CLIENT = "11111111-2222-4333-8444-555555555555"
FILE = Path(__file__).parents[3] / "infra" / "dataverse" / "role.json"
WANTED = {f"prv{verb}{name}" for name, verbs in json.loads(FILE.read_text())["privileges"].items() for verb in verbs}


@pytest.fixture
def office(desk: Desk) -> Desk:
    """A system administrator at the command line."""
    desk.environment["DATAVERSE_TOKEN"] = "admin-token"
    return desk


def admin(desk: Desk) -> Crm:
    """The same person in Dataverse."""
    made = Crm({"url": CRM_URL, "salesperson_token": "admin-token"})
    desk.plant.mount(made._session, desk.plant.crm.wsgi)
    return made


def roles(desk: Desk, client: str = CLIENT) -> dict[str, dict[str, str]]:
    """The roles of an application's user, with the depth of each privilege."""
    crm = admin(desk)
    (user,) = crm.get(f"systemusers?$filter=applicationid eq {client}")["value"]
    given = crm.get(f"systemusers({user['systemuserid']})/systemuserroles_association")["value"]
    return {row["name"]: held(crm, row["roleid"]) for row in given}


def held(crm: Crm, role: str) -> dict[str, str]:
    """Privileges by name, with their depth."""
    rows = crm.get(f"RetrieveRolePrivilegesRole(RoleId={role})")["RolePrivileges"]
    return {row["PrivilegeName"]: row["Depth"] for row in rows}


def needed(answer: dict[str, Any]) -> list[str]:
    """The steps that were, or are, to be done."""
    return [step["name"] for step in answer["steps"] if step["needed"]]


def test_the_app_gets_exactly_the_role_of_the_file(office: Desk) -> None:
    """Promise: a dry run makes nothing; then role, user and assignment are there, and a repeat has nothing to do."""
    told = office.json("grant", CLIENT, "--dry-run", code=1)
    assert admin(office).get(f"systemusers?$filter=applicationid eq {CLIENT}")["value"] == []
    assert admin(office).get("roles")["value"] == []
    done = office.json("grant", f"{{{CLIENT.upper()}}}")
    assert needed(done) == needed(told)
    assert len(needed(done)) == 4
    assert roles(office) == {"Shopify integration": dict.fromkeys(WANTED, "Global")}
    rows = office.plant.crm.counters.of("admin").rows_written
    assert needed(office.json("grant", CLIENT)) == []
    assert needed(office.json("grant", CLIENT, "--dry-run")) == []
    assert office.plant.crm.counters.of("admin").rows_written == rows
    assert len(admin(office).get("roles")["value"]) == 1


def test_what_somebody_added_to_the_role_is_kept(office: Desk) -> None:
    """Promise: what is missing or too narrow is granted, what a mapping needs besides stays."""
    office.json("grant", CLIENT)
    crm = admin(office)
    (role,) = crm.get("roles")["value"]
    names = ("prvReadQuote", "prvReadAccount")
    ids = [crm.get(f"privileges?$filter=name eq '{name}'")["value"][0]["privilegeid"] for name in names]
    body = {"Privileges": [{"PrivilegeId": each, "Depth": "Local"} for each in ids]}
    crm.send("POST", f"roles({role['roleid']})/Microsoft.Dynamics.CRM.ReplacePrivilegesRole", body)
    told = office.json("grant", CLIENT, "--dry-run", code=1)
    (step,) = [step for step in told["steps"] if step["needed"]]
    assert "prvReadAccount" in step["detail"]
    assert held(crm, role["roleid"]) == dict.fromkeys(names, "Local")
    office.json("grant", CLIENT)
    assert held(crm, role["roleid"]) == {**dict.fromkeys(WANTED, "Global"), "prvReadQuote": "Local"}


def test_a_flow_that_is_switched_on_gets_what_it_needs_besides(office: Desk) -> None:
    """Promise: nobody may delete accounts before companies are on; then a repeat grants it."""
    office.json("grant", CLIENT)
    assert "prvDeleteAccount" not in roles(office)["Shopify integration"]
    office.environment["COMPANIES_SHOPIFY_TO_CRM_MODE"] = "plan"
    office.json("grant", CLIENT)
    assert set(roles(office)["Shopify integration"]) == WANTED | {"prvDeleteAccount"}


def test_a_user_that_is_there_gets_the_role(office: Desk) -> None:
    """Promise: an application user that was made in the admin centre is used, not doubled."""
    (user,) = admin(office).get("systemusers?$filter=applicationid ne null")["value"]
    answer = office.json("grant", user["applicationid"])
    assert f"user of application {user['applicationid']}" not in needed(answer)
    assert set(roles(office, user["applicationid"])) == {"Shopify integration"}


def test_what_stands_in_the_way_is_said(office: Desk, tmp_path: Path) -> None:
    """Promise: a table that is not there yet, a name in place of an id, a file that is none, a user without rights."""
    other = tmp_path / "role.json"
    other.write_text(json.dumps({"name": "R", "about": "", "privileges": {"new_nothing": ["Read"]}}))
    said = office("grant", CLIENT, "--role", other)
    assert (said.code, "prvReadnew_nothing: run `python -m ops setup` first" in said.err) == (2, True)
    assert "is no client id" in office("grant", "shopsync-identity").err
    other.write_text("{}")
    assert "cannot be read" in office("grant", CLIENT, "--role", other).err
    office.environment["DATAVERSE_TOKEN"] = "app-token"
    said = office("grant", CLIENT)
    assert (said.code, "prvCreateRole" in said.err) == (2, True)


def test_tables_that_are_carried_get_their_rights(office: Desk, tmp_path: Path) -> None:
    """Promise: what a table's file makes, the app may use after `setup` and `grant`, and `doctor` misses it before."""
    office.environment |= {"TABLES": "refunds", "TABLES_SHOPIFY_TO_CRM_MODE": "plan"}
    office.environment["MAPPINGS_DIR"] = str(shutil.copytree(MAPPINGS, tmp_path / "mappings"))  # `setup` keeps one more
    said = office("grant", CLIENT)
    assert (said.code, "prvCreatenew_shopifyrefund" in said.err, "`python -m ops setup` first" in said.err) == (
        2, True, True,
    )  # fmt: skip
    office.json("setup")
    office.json("grant", CLIENT)
    own = ("new_shopifyrefund", "new_shopifyrefundline")
    verbs = ("Create", "Read", "Write", "Delete", "Append", "AppendTo")
    assert set(roles(office)["Shopify integration"]) == WANTED | {f"prv{verb}{name}" for name in own for verb in verbs}
    office.plant.crm.take_privileges("app", "prvDeletenew_shopifyrefundline")
    office.environment["DATAVERSE_TOKEN"] = "app-token"
    told = {each["area"]: each["sentence"] for each in office.json("doctor", code=1)["findings"] if not each["fine"]}
    assert "lacks prvDeletenew_shopifyrefundline" in told["crm rights"]
