"""Webhooks out (use-webhooks, register-web-hook)."""

from __future__ import annotations

import pytest

from .conftest import Org
from .hooks import Receiver, register, target


def test_update_brings_only_what_was_sent(org: Org) -> None:
    """An update's Target holds the sent columns, with contract types, and who changed the row."""
    # use-webhooks: RemoteExecutionContext
    row_id = org.create("accounts", {"name": "A", "fax": "1"})
    register(org)
    receiver = Receiver(org)
    org.patch(f"accounts({row_id})", {"name": "B", "accountcategorycode": 1}, actor="salesperson")
    assert org.sandbox.webhooks.flush() == 1
    _, headers, body = receiver.calls[0]
    attributes = {a["key"]: a["value"] for a in target(receiver.calls[0])["Attributes"]}
    assert attributes["name"] == "B"
    assert attributes["accountcategorycode"]["Value"] == 1
    assert "fax" not in attributes
    assert body["UserId"] == org.id_of("systemuser/salesperson")
    assert (body["MessageName"], body["PrimaryEntityName"], body["PrimaryEntityId"]) == ("Update", "account", row_id)
    assert (headers["x-ms-dynamics-entity-name"], headers["x-ms-dynamics-request-name"]) == ("account", "Update")
    assert headers["x-ms-correlation-request-id"] == body["CorrelationId"]


def test_dates_are_written_the_old_way(org: Org) -> None:
    """Times in the body have the /Date(ms)/ form."""
    # use-webhooks: sample
    register(org, "Create")
    receiver = Receiver(org)
    org.create("accounts", {"name": "A"})
    org.sandbox.webhooks.flush()
    attributes = {a["key"]: a["value"] for a in target(receiver.calls[0])["Attributes"]}
    assert attributes["createdon"] == "/Date(1772366400000)/"


def test_delete_brings_a_reference(org: Org) -> None:
    """A delete's Target is an entity reference."""
    # use-webhooks
    row_id = org.create("accounts", {"name": "A"})
    register(org, "Delete")
    receiver = Receiver(org)
    org.call("DELETE", f"accounts({row_id})")
    org.sandbox.webhooks.flush()
    found = target(receiver.calls[0])
    assert (found["Id"], found["LogicalName"], found["__type"].split(":")[0]) == (row_id, "account", "EntityReference")


@pytest.mark.parametrize(("auth", "url", "header"), [
    (4, "https://app.example/hook?code=k1", None), (5, "https://app.example/hook", "s3"),
    (6, "https://app.example/hook?x-key=s3", None)])
def test_authentication(org: Org, auth: int, url: str, header: str | None) -> None:
    """The shared secret travels as code, as a header or in the query string."""
    # register-web-hook: authentication options
    register(org, "Create", auth=auth)
    receiver = Receiver(org)
    org.create("accounts", {"name": "A"})
    org.sandbox.webhooks.flush()
    assert receiver.calls[0][0] == url
    assert receiver.calls[0][1].get("x-key") == header


def test_filtering_attributes(org: Org) -> None:
    """A step with filtering attributes fires only when one of them is sent."""
    # register-plug-in: filtering attributes
    row_id = org.create("accounts", {"name": "A"})
    register(org, filteringattributes="name,fax")
    receiver = Receiver(org)
    org.patch(f"accounts({row_id})", {"telephone1": "1"})
    org.patch(f"accounts({row_id})", {"fax": "1"})
    org.sandbox.webhooks.flush()
    assert len(receiver.calls) == 1


@pytest.mark.parametrize(("statuses", "tries", "failed"), [
    ([200], 1, 0), ([500], 1, 1), ([404], 1, 1), ([503, 200], 2, 0), ([502, 502], 2, 1), ([504, 200], 2, 0)])
def test_retries(org: Org, statuses: list[int], tries: int, failed: int) -> None:
    """Only 502, 503 and 504 are tried again, once; failures become system jobs."""
    # use-webhooks: retry
    register(org, "Create")
    receiver = Receiver(org)
    receiver.statuses = list(statuses)
    org.create("accounts", {"name": "A"})
    org.sandbox.webhooks.flush()
    assert len(receiver.calls) == tries
    assert len(org.get("asyncoperations?$select=statuscode&$filter=statuscode eq 31")["value"]) == failed


def test_nothing_leaves_before_the_commit(org: Org) -> None:
    """A rolled back write sends nothing."""
    # use-webhooks: asynchronous, after the transaction
    register(org, "Create")
    receiver = Receiver(org)
    org.call("POST", "accounts", {"name": "A", "contact_customer_accounts": [{"lastname": "x" * 51}]})
    org.sandbox.webhooks.flush()
    assert receiver.calls == []


@pytest.mark.parametrize(("kind", "count"), [("webhook_loss", 0), ("webhook_duplicate", 2)])
def test_loss_and_duplicates(org: Org, kind: str, count: int) -> None:
    """Deliveries can be made to get lost or to come twice."""
    # own switches: no at-least-once, no order
    register(org, "Create")
    receiver = Receiver(org)
    org.sandbox.faults.add(kind)
    org.create("accounts", {"name": "A"})
    org.sandbox.webhooks.flush()
    assert len(receiver.calls) == count


def test_disabled_steps_are_silent(org: Org) -> None:
    """A disabled step sends nothing."""
    # register-web-hook: state of the step
    step = register(org, "Create")
    org.patch(f"sdkmessageprocessingsteps({step})", {"statecode": 1}, "admin")
    receiver = Receiver(org)
    org.create("accounts", {"name": "A"})
    org.sandbox.webhooks.flush()
    assert receiver.calls == []


def test_the_secret_cannot_be_read_back(org: Org) -> None:
    """The endpoint's authentication value is never returned."""
    # serviceendpoint entity reference: authvalue not valid for read
    register(org)
    assert "authvalue" not in org.get("serviceendpoints")["value"][0]


def test_large_bodies_are_stripped(org: Org) -> None:
    """A body over 256 KB loses its input parameters and says so in a header."""
    # use-webhooks: message size
    made = org.call("POST", "EntityDefinitions(LogicalName='account')/Attributes", {
        "@odata.type": "Microsoft.Dynamics.CRM.MemoAttributeMetadata", "SchemaName": "new_Long", "MaxLength": 1000000},
        "admin")
    assert made.status_code == 204
    register(org, "Create")
    receiver = Receiver(org)
    org.create("accounts", {"name": "A", "new_long": "x" * 300000})
    org.sandbox.webhooks.flush()
    assert receiver.calls[0][1]["x-ms-dynamics-msg-size-exceeded"] == "True"
    assert receiver.calls[0][2]["InputParameters"] == []


def test_deliveries_keep_no_order(org: Org) -> None:
    """Who delivers may take any of those that wait, and leave the rest for later."""
    # use-webhooks: no order is promised
    register(org, "Create")
    receiver = Receiver(org)
    for name in ("A", "B", "C"):
        org.create("accounts", {"name": name})
    org.sandbox.webhooks.choose = lambda waiting: waiting - 1
    assert org.sandbox.webhooks.flush(2) == 2
    assert org.sandbox.webhooks.waiting == 1
    assert org.sandbox.webhooks.flush() == 1
    names = [next(a["value"] for a in target(call)["Attributes"] if a["key"] == "name") for call in receiver.calls]
    assert names == ["C", "B", "A"]
