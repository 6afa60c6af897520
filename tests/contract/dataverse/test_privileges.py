"""Security roles (security-roles-privileges, privileges by message and by entity)."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from .conftest import Org, fault

REFUSED = (403, "0x80040220")
TABLE = {"@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata", "SchemaName": "new_T", "Attributes": [
    {"@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_N", "IsPrimaryName": True}]}
COLUMN = {"@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_C", "MaxLength": 5}
RELATION = {"SchemaName": "new_r", "ReferencedEntity": "account", "ReferencingEntity": "contact",
            "Lookup": {"SchemaName": "new_L"}}
ACCOUNT = "EntityDefinitions(LogicalName='account')"


def missing(answer: requests.Response, name: str) -> bool:
    """Whether the answer refuses for lack of exactly that privilege."""
    return fault(answer) == REFUSED and f"is missing {name} privilege" in answer.text


@pytest.mark.parametrize(("method", "path", "body", "name"), [
    ("POST", "EntityDefinitions", TABLE, "prvCreateEntity"),  # CreateEntity message privileges
    ("PUT", ACCOUNT, {}, "prvWriteEntity"),  # UpdateEntity message privileges
    ("DELETE", ACCOUNT, None, "prvDeleteEntity"),
    ("POST", f"{ACCOUNT}/Attributes", COLUMN, "prvCreateAttribute"),  # CreateAttribute message privileges
    ("DELETE", f"{ACCOUNT}/Attributes(LogicalName='fax')", None, "prvDeleteAttribute"),
    ("POST", f"{ACCOUNT}/Keys", {"SchemaName": "new_K", "KeyAttributes": ["fax"]}, "prvCreateEntityKey"),
    ("POST", "RelationshipDefinitions", RELATION, "prvCreateRelationship"),
    ("POST", "PublishAllXml", {}, "prvPublishCustomization"),
    ("POST", "serviceendpoints", {"name": "n", "contract": 8}, "prvCreateServiceEndpoint"),
    ("POST", "duplicaterules", {"name": "n"}, "prvCreateDuplicateRule")])
def test_who_works_with_records_does_not_customize(org: Org, method: str, path: str, body: Any, name: str) -> None:
    """The app's user cannot customize; each refusal names the privilege that is missing."""
    # create-update-entity-definitions: System Customizer or Administrator
    assert missing(org.call(method, path, body), name)


@pytest.mark.parametrize(("name", "method", "body"), [
    ("prvReadAccount", "GET", None), ("prvWriteAccount", "PATCH", {"fax": "1"}), ("prvDeleteAccount", "DELETE", None)])
def test_privileges_on_one_row(org: Org, name: str, method: str, body: Any) -> None:
    """Reading, writing and deleting a row each need their privilege."""
    # security-roles-privileges: record-level privileges
    row_id = org.create("accounts", {"name": "A"})
    org.sandbox.take_privileges("app", name)
    answer = org.call(method, f"accounts({row_id})", body)
    assert missing(answer, name)
    org.sandbox.give_privileges("app", name)
    assert org.call(method, f"accounts({row_id})", body).status_code < 300


def test_creating_needs_its_privilege(org: Org) -> None:
    """Creating, by POST or by upsert, needs Create."""
    # security-roles-privileges; use-upsert-insert-update-record: create privilege
    org.sandbox.take_privileges("app", "prvCreateAccount")
    assert missing(org.call("POST", "accounts", {"name": "A"}), "prvCreateAccount")
    missing_row = "accounts(00000000-0000-4000-8000-000000000001)"
    assert missing(org.patch(missing_row, {"name": "A"}), "prvCreateAccount")


def test_deep_insert_needs_all_privileges(org: Org) -> None:
    """A deep insert needs Create on every table, and leaves nothing behind without."""
    # create-entity-web-api: related rows are created with the caller's rights
    org.sandbox.take_privileges("app", "prvCreateContact")
    body = {"name": "A", "contact_customer_accounts": [{"lastname": "L"}]}
    assert missing(org.call("POST", "accounts", body), "prvCreateContact")
    assert org.get("accounts?$select=name")["value"] == []


@pytest.mark.parametrize("path", [
    "accounts?$select=name", "accounts/$count", "accounts?$apply=aggregate($count as n)",
    "contacts?$select=lastname&$expand=parentcustomerid_account($select=name)",
    "contacts?$select=lastname&$filter=parentcustomerid_account/name eq 'A'",
    "contacts?$select=lastname&$filter=account_primary_contact/any(a:a/name eq 'A')"])
def test_every_way_of_reading_needs_read(org: Org, path: str) -> None:
    """Lists, counts, aggregates, expands and filters over related rows need Read on that table."""
    # security-roles-privileges: Read
    assert org.call("GET", path).status_code == 200
    org.sandbox.take_privileges("app", "prvReadAccount")
    assert missing(org.call("GET", path), "prvReadAccount")


@pytest.mark.parametrize("path", ["/name", "/name/$value", "/contact_customer_accounts", "/primarycontactid"])
def test_paths_below_a_row_need_read(org: Org, path: str) -> None:
    """Single properties and related rows need Read on the tables they show."""
    # security-roles-privileges: Read
    contact = {"primarycontactid": {"lastname": "L"}}
    row_id = org.create("accounts", {"name": "A", **contact})
    assert org.call("GET", f"accounts({row_id}){path}").status_code == 200
    name = "prvReadContact" if "contact" in path else "prvReadAccount"
    org.sandbox.take_privileges("app", name)
    assert missing(org.call("GET", f"accounts({row_id}){path}"), name)


@pytest.mark.parametrize("name", ["prvAppendAccount", "prvAppendToContact"])
def test_binding_needs_append_and_append_to(org: Org, name: str) -> None:
    """A lookup needs Append on the row that gets it and AppendTo on the row it leads to."""
    # security-roles-privileges: Append and Append To
    contact = org.create("contacts", {"lastname": "L"})
    org.sandbox.take_privileges("app", name)
    body = {"name": "A", "primarycontactid@odata.bind": f"/contacts({contact})"}
    assert missing(org.call("POST", "accounts", body), name)


def test_associating_needs_append_and_append_to(org: Org) -> None:
    """A $ref request needs the same privileges as a binding."""
    # security-roles-privileges: Append To
    contact, account = org.create("contacts", {"lastname": "L"}), org.create("accounts", {"name": "A"})
    org.sandbox.take_privileges("app", "prvAppendToAccount")
    answer = org.call("POST", f"accounts({account})/contact_customer_accounts/$ref",
                      {"@odata.id": f"contacts({contact})"})
    assert missing(answer, "prvAppendToAccount")


def test_giving_a_row_away_needs_assign(org: Org) -> None:
    """Setting the owner needs Assign."""
    # security-roles-privileges: Assign
    org.sandbox.take_privileges("app", "prvAssignAccount")
    row_id = org.create("accounts", {"name": "A"})
    owner = {"ownerid@odata.bind": f"/systemusers({org.id_of('systemuser/salesperson')})"}
    assert missing(org.patch(f"accounts({row_id})", owner), "prvAssignAccount")


@pytest.mark.parametrize(("path", "name"), [
    ("salesorderdetails", "prvReadOrder"),  # no specific privileges for the SalesOrderDetail entity
    ("salesorders", "prvReadOrder"),  # LockSalesOrderPricing message privileges: prvReadOrder
    ("productpricelevels", "prvReadProduct"),  # no specific privileges for the ProductPriceLevel entity
    ("pricelevels", "prvReadProduct")])  # GetDefaultPriceLevel message privileges: prvReadProduct
def test_tables_without_privileges_of_their_own(org: Org, path: str, name: str) -> None:
    """Lines share the document's privileges, price lists and their items the product's."""
    # privileges by entity
    org.sandbox.take_privileges("app", name)
    assert missing(org.call("GET", path), name)


def test_actions_need_privileges(org: Org) -> None:
    """An action on an order needs Write on orders."""
    # LockSalesOrderPricing message privileges: prvReadOrder, prvWriteOrder
    account = org.create("accounts", {"name": "A"})
    order = org.create("salesorders", {"name": "O", "customerid_account@odata.bind": f"/accounts({account})"})
    org.sandbox.take_privileges("app", "prvWriteOrder")
    answer = org.call("POST", f"salesorders({order})/Microsoft.Dynamics.CRM.LockSalesOrderPricing", {})
    assert missing(answer, "prvWriteOrder")


def test_bulk_messages_need_privileges(org: Org) -> None:
    """CreateMultiple needs Create like a single create."""
    # bulk-operations: the same privileges as single operations
    org.sandbox.take_privileges("app", "prvCreateAccount")
    target = {"@odata.type": "Microsoft.Dynamics.CRM.account", "name": "A"}
    answer = org.call("POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": [target]})
    assert missing(answer, "prvCreateAccount")


def test_the_refusal_says_who_and_where(org: Org) -> None:
    """The message names user, roles, privilege and table as the platform's does."""
    # microsoft/PowerApps-Samples issue 235, microsoft/coe-starter-kit issue 520: captured messages
    org.sandbox.take_privileges("app", "prvReadAccount")
    text = org.call("GET", "accounts").json()["error"]["message"]
    user = org.id_of("systemuser/app")
    assert text.startswith(f"Principal user (Id={user}, type=8, roleCount=1, privilegeCount=")
    assert text.endswith(f"on OTC=1 for entity 'account'. context.Caller={user}")


def test_impersonation_needs_a_privilege(org: Org) -> None:
    """Acting for another user needs prvActOnBehalfOfAnotherUser."""
    # impersonate-another-user-web-api: required privileges
    answer = org.call("POST", "accounts", {"name": "A"}, MSCRMCallerID=org.id_of("systemuser/salesperson"))
    assert missing(answer, "prvActOnBehalfOfAnotherUser")


def test_impersonation_takes_the_lesser_rights(org: Org) -> None:
    """Who acts for another can do only what both may do."""
    # impersonate-another-user-web-api: intersection of the privileges
    org.sandbox.take_privileges("salesperson", "prvCreateAccount")
    answer = org.call("POST", "accounts", {"name": "A"}, "admin", MSCRMCallerID=org.id_of("systemuser/salesperson"))
    assert missing(answer, "prvCreateAccount")


def test_privileges_are_switched_over_http(org: Org) -> None:
    """A test from outside takes privileges away and gives them back."""
    # own switch
    switch = "https://org.example/_sandbox/privileges"
    assert org.call("POST", switch, {"actor": "app", "take": ["prvReadAccount"]}).status_code == 200
    assert missing(org.call("GET", "accounts"), "prvReadAccount")
    assert org.call("POST", switch, {"actor": "app", "give": ["prvReadAccount"]}).status_code == 200
    assert org.call("GET", "accounts").status_code == 200
    assert org.call("POST", switch, {"actor": "nobody"}).status_code == 400
