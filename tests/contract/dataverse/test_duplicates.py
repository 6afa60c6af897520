"""Duplicate detection (webapi/manage-duplicate-detection-create-update, duplicaterule-entities)."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Org, fault

ON = {"MSCRM.SuppressDuplicateDetection": "false"}
OFF = {"MSCRM.SuppressDuplicateDetection": "true"}
HIT = (500, "0x80040333")
MAIL = {"name": "A", "emailaddress1": "a@example.com"}


def rule(org: Org, *conditions: dict[str, Any], publish: bool = True, **facts: Any) -> str:
    """A rule on accounts with these conditions."""
    made = org.create("duplicaterules", {
        "name": "R", "baseentityname": "account", "matchingentityname": "account", **facts}, "admin")
    for condition in conditions:
        org.create("duplicateruleconditions", {
            "regardingobjectid@odata.bind": f"/duplicaterules({made})", "operatorcode": 0,
            "baseattributename": "name", "matchingattributename": "name", **condition}, "admin")
    if publish:
        call = f"duplicaterules({made})/Microsoft.Dynamics.CRM.PublishDuplicateRule"
        assert org.call("POST", call, {}, "admin").status_code == 200
    return made


def test_detection_is_off_by_default(org: Org) -> None:
    """Without the header, or with it true, a duplicate is created."""
    # manage-duplicate-detection: suppressed by default on the Web API
    for headers in ({}, {}, OFF):
        assert org.call("POST", "accounts", MAIL, **headers).status_code == 204


def test_a_duplicate_is_refused(org: Org) -> None:
    """With the header false, a row that a published rule matches is not created."""
    # manage-duplicate-detection: detect duplicates during create, sample
    org.create("accounts", MAIL)
    answer = org.call("POST", "accounts", {"name": "B", "emailaddress1": "A@example.com"}, **ON)
    assert fault(answer) == HIT
    assert answer.json()["error"]["message"] == (
        "A record was not created or updated because a duplicate of the current record already exists.")
    assert len(org.get("accounts?$select=name")["value"]) == 1


def test_an_update_is_refused(org: Org) -> None:
    """With the header false, a row cannot be changed into a duplicate; itself it does not match."""
    # manage-duplicate-detection: detect duplicates during update, sample
    org.create("accounts", MAIL)
    other = org.create("accounts", {"name": "B", "emailaddress1": "b@example.com"})
    change = {"emailaddress1": "a@example.com"}
    assert fault(org.patch(f"accounts({other})", change, If_Match="*", **ON)) == HIT
    same = {"emailaddress1": "b@example.com"}
    assert org.patch(f"accounts({other})", same, If_Match="*", **ON).status_code == 204
    assert org.patch(f"accounts({other})", {"fax": "1"}, **ON).status_code == 204


def test_the_status_is_a_setting(make_org: Any) -> None:
    """The HTTP status can be set, since the samples say 500 and the status table 412."""
    # manage-duplicate-detection against compose-http-requests-handle-errors
    org = make_org(duplicate_status=412)
    org.create("accounts", MAIL)
    assert fault(org.call("POST", "accounts", MAIL, **ON)) == (412, "0x80040333")


def test_default_rules(org: Org) -> None:
    """Accounts and contacts have default rules, products none."""
    # manage-duplicate-detection: default rules for accounts, contacts and leads
    found = org.get("duplicaterules?$select=baseentityname,statuscode")["value"]
    assert {(r["baseentityname"], r["statuscode"]) for r in found} == {("account", 2), ("contact", 2)}


def test_blank_values_are_ignored_when_the_rule_says_so(org: Org) -> None:
    """Empty values match each other only in a rule that does not ignore them."""
    # entity reference of duplicaterulecondition, IgnoreBlankValues
    org.create("accounts", {"name": "A"})
    assert org.call("POST", "accounts", {"name": "B", "emailaddress1": None}, **ON).status_code == 204
    rule(org, {"baseattributename": "fax", "matchingattributename": "fax"})
    assert fault(org.call("POST", "accounts", {"name": "C", "fax": None}, **ON)) == HIT


def test_all_conditions_must_match(org: Org) -> None:
    """Several conditions of a rule count together."""
    # set-up-duplicate-detection-rules: conditions are combined with and
    rule(org, {}, {"baseattributename": "fax", "matchingattributename": "fax"})
    org.create("accounts", {"name": "A", "fax": "1"})
    assert org.call("POST", "accounts", {"name": "A", "fax": "2"}, **ON).status_code == 204
    assert fault(org.call("POST", "accounts", {"name": "a", "fax": "1"}, **ON)) == HIT


@pytest.mark.parametrize(("condition", "name", "hit"), [
    ({"operatorcode": 1, "operatorparam": 3}, "abcX", True), ({"operatorcode": 1, "operatorparam": 3}, "abX", False),
    ({"operatorcode": 2, "operatorparam": 2}, "Xde", True), ({"operatorcode": 2, "operatorparam": 2}, "Xd", False)])
def test_first_and_last_characters(org: Org, condition: dict[str, Any], name: str, hit: bool) -> None:
    """Operators compare the first or the last characters."""
    # duplicaterulecondition: OperatorCode Same First Characters, Same Last Characters
    rule(org, condition)
    org.create("accounts", {"name": "abcde"})
    answer = org.call("POST", "accounts", {"name": name}, **ON)
    assert (answer.status_code == 500) is hit


def test_case_sensitive_rules(org: Org) -> None:
    """A case-sensitive rule tells large from small letters."""
    # entity reference of duplicaterule, IsCaseSensitive
    rule(org, {}, iscasesensitive=True)
    org.create("accounts", {"name": "Acme"})
    assert org.call("POST", "accounts", {"name": "ACME"}, **ON).status_code == 204
    assert fault(org.call("POST", "accounts", {"name": "Acme"}, **ON)) == HIT


def test_inactive_rows_can_be_left_out(org: Org) -> None:
    """A rule may leave inactive rows out."""
    # entity reference of duplicaterule, ExcludeInactiveRecords
    rule(org, {}, excludeinactiverecords=True)
    org.patch(f"accounts({org.create('accounts', {'name': 'A'})})", {"statecode": 1})
    assert org.call("POST", "accounts", {"name": "A"}, **ON).status_code == 204


def test_unpublished_rules_do_nothing(org: Org) -> None:
    """A rule counts from its publication until it is unpublished."""
    # PublishDuplicateRule, UnpublishDuplicateRule
    made = rule(org, {}, publish=False)
    org.create("accounts", {"name": "A"})
    assert org.call("POST", "accounts", {"name": "A"}, **ON).status_code == 204
    call = f"duplicaterules({made})/Microsoft.Dynamics.CRM.PublishDuplicateRule"
    job = org.call("POST", call, {}, "admin").json()["asyncoperationid"]
    assert org.get(f"asyncoperations({job})")["statuscode"] == 30
    assert fault(org.call("POST", "accounts", {"name": "A"}, **ON)) == HIT
    assert org.call("POST", "UnpublishDuplicateRule", {"DuplicateRuleId": made}, "admin").status_code == 204
    assert org.call("POST", "accounts", {"name": "A"}, **ON).status_code == 204


def test_tables_that_cannot_have_rules(org: Org) -> None:
    """A rule on a table without duplicate detection is refused."""
    # error list: DuplicateCheckNotSupportedOnEntity
    body = {"name": "R", "baseentityname": "sdkmessage", "matchingentityname": "sdkmessage"}
    assert fault(org.call("POST", "duplicaterules", body, "admin")) == (400, "0x80048410")


def test_operators_must_fit_the_column(org: Org) -> None:
    """A condition whose operator does not fit its column is refused."""
    # error list: DuplicateDetectionNotSupportedOnAttributeType
    made = rule(org, publish=False)
    answer = org.call("POST", "duplicateruleconditions", {
        "regardingobjectid@odata.bind": f"/duplicaterules({made})", "operatorcode": 3, "baseattributename": "name",
        "matchingattributename": "name"}, "admin")
    assert fault(answer) == (400, "0x80048430")


def test_parts_of_a_batch_decide_for_themselves(org: Org) -> None:
    """The header of a batch part switches detection for that part."""
    # execute-batch-operations: parts carry their own headers
    org.create("accounts", MAIL)
    part = "\r\n".join([
        "--b", "Content-Type: application/http", "Content-Transfer-Encoding: binary", "",
        "POST accounts HTTP/1.1", "Content-Type: application/json", "{header}", "",
        '{{"name":"B","emailaddress1":"a@example.com"}}', ""])
    body = part.format(header="MSCRM.SuppressDuplicateDetection: true")
    body += part.format(header="MSCRM.SuppressDuplicateDetection: false") + "--b--\r\n"
    answer = org.call("POST", "$batch", body.encode(), Content_Type="multipart/mixed; boundary=b")
    assert [answer.text.count(s) for s in ("HTTP/1.1 204", "HTTP/1.1 500", "0x80040333")] == [1, 1, 1]
