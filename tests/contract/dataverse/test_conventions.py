"""Addresses, authentication and headers (webapi/compose-http-requests-handle-errors)."""

from __future__ import annotations

import pytest

from .conftest import ROOT, Org, fault


@pytest.mark.parametrize("version", ["v9.0", "v9.1", "v9.2"])
def test_all_three_versions_answer(org: Org, version: str) -> None:
    """The same organization answers under v9.0, v9.1 and v9.2."""
    # compose-http-requests: versions
    assert org.call("GET", ROOT.replace("v9.2", version) + "WhoAmI").status_code == 200


def test_no_token_is_refused(org: Org) -> None:
    """A call without a valid bearer token answers 401."""
    # authenticate-oauth
    org.tokens["app"] = "expired"
    assert org.call("GET", "WhoAmI").status_code == 401


def test_each_token_is_its_own_user(org: Org) -> None:
    """Every token belongs to its own systemuser."""
    # use-multi-tenant / application users
    ids = {org.call("GET", "WhoAmI", actor=a).json()["UserId"] for a in org.tokens}
    assert len(ids) == 3


def test_who_am_i_as_function_call(org: Org) -> None:
    """WhoAmI answers with and without parentheses."""
    # use-web-api-functions
    assert org.get("WhoAmI()") == org.get("WhoAmI")


def test_wrong_verb_on_a_function(org: Org) -> None:
    """A function called with POST answers 404."""
    # use-web-api-functions: wrong verb
    assert org.call("POST", "WhoAmI").status_code == 404


def test_aliases_in_paths(org: Org) -> None:
    """A parameter alias may stand for a key or a function's argument."""
    # register-web-hook: query samples with (@id); use-web-api-functions: parameter aliases
    row_id = org.create("accounts", {"name": "A"})
    assert org.get(f"accounts(@id)?$select=name&@id={row_id}")["name"] == "A"
    counted = org.get("RetrieveTotalRecordCount(EntityNames=@p)?@p=['account']")
    assert counted["EntityRecordCountCollection"]["Values"] == [1]


@pytest.mark.parametrize("path", ["GlobalOptionSetDefinitions", "RetrieveCurrentOrganization(AccessType=@p)?@p=1"])
def test_what_is_lacking_says_so(org: Org, path: str) -> None:
    """What the platform has and the sandbox does not answers 501 with its name, not 404."""
    # own rule: nothing is canned
    answer = org.call("GET", path)
    assert answer.status_code == 501
    assert path.split("(", maxsplit=1)[0] in answer.text


def test_response_headers(org: Org) -> None:
    """Answers carry the OData version, content type, request id and date."""
    # compose-http-requests: response headers
    headers = org.call("GET", "accounts?$top=1").headers
    assert headers["OData-Version"] == "4.0"
    assert headers["Content-Type"] == "application/json; odata.metadata=minimal"
    assert headers["x-ms-service-request-id"]
    assert headers["Date"] == "Sun, 01 Mar 2026 12:00:00 GMT"


def test_unknown_set(org: Org) -> None:
    """An unknown entity set answers 404 with the segment named."""
    # compose-http-requests: 0x8006088a
    answer = org.call("GET", "Account")
    assert fault(answer) == (404, "0x8006088a")
    assert answer.json()["error"]["message"] == "Resource not found for the segment 'Account'."


def test_names_are_case_sensitive(org: Org) -> None:
    """Property names must be written as declared."""
    # query/overview: names are case sensitive
    answer = org.call("GET", "accounts?$select=Name")
    assert fault(answer) == (400, "0x80060888")
    assert "Could not find a property named 'Name' on type 'Microsoft.Dynamics.CRM.account'." in answer.text


def test_preference_applied(org: Org) -> None:
    """The preferences that were honoured are echoed."""
    # compose-http-requests: Prefer
    answer = org.call("GET", "accounts", Prefer="odata.maxpagesize=3")
    assert answer.headers["Preference-Applied"] == "odata.maxpagesize=3"


def test_etag_header_on_get_one(org: Org) -> None:
    """Reading one row carries its ETag as a header, equal to the one in the body."""
    # perform-conditional-operations
    row_id = org.create("accounts", {"name": "A"})
    answer = org.call("GET", f"accounts({row_id})")
    assert answer.headers["ETag"] == answer.json()["@odata.etag"]


def test_service_document_lists_sets(org: Org) -> None:
    """The root lists the entity sets."""
    # web-api-service-documents
    names = {entry["name"] for entry in org.get("")["value"]}
    assert {"accounts", "products", "productpricelevels", "transactioncurrencies"} <= names


def test_impersonation(org: Org) -> None:
    """MSCRMCallerID makes a write count as another user's."""
    # impersonate-another-user-web-api
    other = org.id_of("systemuser/salesperson")
    row_id = org.call("POST", "accounts", {"name": "A"}, "admin", MSCRMCallerID=other).headers["OData-EntityId"][-37:-1]
    assert org.get(f"accounts({row_id})")["_modifiedby_value"] == other


def test_error_details_on_request(org: Org) -> None:
    """With annotations asked for, errors carry the help link."""
    # compose-http-requests: include details with errors
    answer = org.call("GET", "accounts?$select=nope", Prefer='odata.include-annotations="*"')
    assert "@Microsoft.PowerApps.CDS.HelpLink" in answer.json()["error"]


def test_an_etag_keeps_plus_as_space_in_queries(org: Org) -> None:
    """A plus sign in a query stands for a space."""
    # OData URI conventions as the server's library reads them
    org.create("accounts", {"name": "Two Words"})
    assert len(org.get("accounts?$select=name&$filter=name+eq+'Two+Words'")["value"]) == 1
