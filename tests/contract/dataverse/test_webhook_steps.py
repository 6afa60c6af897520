"""Steps, images, system jobs and bypassing (register-plug-in, register-web-hook, bypass-custom-business-logic)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import Org, fault
from .hooks import Receiver, register


def image(org: Org, step: str, kind: int, attributes: str = "", name: str = "Target") -> Any:
    """Register an image of a step."""
    return org.call("POST", "sdkmessageprocessingstepimages", {
        "sdkmessageprocessingstepid@odata.bind": f"/sdkmessageprocessingsteps({step})", "imagetype": kind,
        "name": "img", "entityalias": "img", "attributes": attributes, "messagepropertyname": name}, "admin")


def shown(body: Any, which: str) -> dict[str, Any]:
    """The columns of the one image of a delivery."""
    (found,) = body[which]
    assert found["key"] == "img"
    return {a["key"]: a["value"] for a in found["value"]["Attributes"]}


def test_images_show_the_row_before_and_after(org: Org) -> None:
    """A step with an image of both kinds brings the named columns as they were and as they are."""
    # register-plug-in: define entity images
    row_id = org.create("accounts", {"name": "old", "fax": "1", "telephone1": "2"})
    image(org, register(org), 2, "name,fax")
    receiver = Receiver(org)
    org.patch(f"accounts({row_id})", {"name": "new"})
    org.sandbox.webhooks.flush()
    body = receiver.calls[0][2]
    assert shown(body, "PreEntityImages") == {"name": "old", "fax": "1"}
    assert shown(body, "PostEntityImages") == {"name": "new", "fax": "1"}


def test_image_of_a_deleted_row(org: Org) -> None:
    """A delete brings the deleted row as an image, the only place where its columns still are."""
    # register-plug-in: delete has pre-images only
    row_id = org.create("accounts", {"name": "gone"})
    image(org, register(org, "Delete"), 0, "name")
    receiver = Receiver(org)
    org.call("DELETE", f"accounts({row_id})")
    org.sandbox.webhooks.flush()
    assert shown(receiver.calls[0][2], "PreEntityImages") == {"name": "gone"}
    assert receiver.calls[0][2]["PostEntityImages"] == []


@pytest.mark.parametrize(("message", "kind", "name", "code"), [
    ("Create", 0, "Id", "0x8004416D"),  # SdkMessageInvalidImageTypeRegistration
    ("Delete", 1, "Target", "0x8004416D"),
    ("Update", 0, "Id", "0x8004416B"),  # SdkInvalidMessagePropertyName
    ("Retrieve", 0, "Target", "0x80044189")])  # SdkMessageDoesNotSupportImageRegistration
def test_refused_images(org: Org, message: str, kind: int, name: str, code: str) -> None:
    """An image the message does not have cannot be registered."""
    # register-plug-in: images per message; error list
    assert fault(image(org, register(org, message), kind, name=name)) == (400, code)


def test_post_images_need_a_post_step(org: Org) -> None:
    """A step before the operation has no image of the row after it."""
    # error list: SdkMessageDoesNotSupportPostImageRegistration
    assert fault(image(org, register(org, stage=20, mode=0), 1)) == (400, "0x8004416E")


def test_step_must_fit_its_filter(org: Org) -> None:
    """A step whose message is not the filter's is refused."""
    # error list: SdkCustomProcessingStepIsNotAllowed
    create = org.get("sdkmessages?$select=name&$filter=name eq 'Create'")["value"][0]["sdkmessageid"]
    step = register(org)
    answer = org.patch(f"sdkmessageprocessingsteps({step})", {"sdkmessageid@odata.bind": f"/sdkmessages({create})"},
                       "admin")
    assert fault(answer) == (400, "0x80044187")


@pytest.mark.parametrize(("url", "local", "sent"), [
    ("http://app.example/hook", False, 1), ("https://app.example:443/hook", False, 1),
    ("https://app.example:7071/hook", True, 0), ("http://app.example:443/hook", False, 0),
    ("http://127.0.0.1:7071/hook", False, 0), ("http://127.0.0.1:7071/hook", True, 1)])
def test_only_two_ports_are_served(org: Org, url: str, local: bool, sent: int) -> None:
    """Port 80 for http and 443 for https; the switch adds any port of this machine and nothing else."""
    # register-web-hook: supported ports
    org.sandbox.core.config.local_webhooks = local
    register(org, "Create", url=url)
    receiver = Receiver(org)
    org.create("accounts", {"name": "A"})
    org.sandbox.webhooks.flush()
    assert len(receiver.calls) == sent
    failed = org.get("asyncoperations?$select=statuscode&$filter=statuscode eq 31")["value"]
    assert len(failed) == 1 - sent


def test_a_header_value_is_xml(org: Org) -> None:
    """The value of a setting is XML: what stands escaped in it is sent as it is meant."""
    # register-web-hook: HttpHeader
    value = '<settings><setting name="x-key" value="a&lt;&quot;&amp;b" /></settings>'
    register(org, "Create", auth=5, authvalue=value)
    receiver = Receiver(org)
    org.create("accounts", {"name": "A"})
    org.sandbox.webhooks.flush()
    assert receiver.calls[0][1]["x-key"] == 'a<"&b'


def test_acs_endpoints_are_gone(org: Org) -> None:
    """An endpoint with ACS authentication is refused."""
    # error list: ServiceEndpointAcsAuthNotSupported
    body = {"name": "h", "contract": 8, "authtype": 1, "url": "https://app.example/hook"}
    assert fault(org.call("POST", "serviceendpoints", body, "admin")) == (400, "0x80050209")


@pytest.mark.parametrize(("status", "code"), [(500, "0x80050201"), (0, "0x80050202")])
def test_a_synchronous_step_fails_the_write(org: Org, status: int, code: str) -> None:
    """When a synchronous step's endpoint fails or does not answer, nothing is saved."""
    # register-web-hook: synchronous mode; error list: WebhooksNonSuccessHttpResponse, WebhooksHttpRequestTimedOut
    register(org, "Create", mode=0)
    Receiver(org).statuses = [status]
    assert fault(org.call("POST", "accounts", {"name": "A"})) == (400, code)
    assert org.get("accounts?$select=name")["value"] == []


def test_a_synchronous_step_is_called_at_once(org: Org) -> None:
    """A synchronous step's endpoint is called before the write is answered, in mode 0."""
    # register-web-hook: synchronous mode
    register(org, "Create", mode=0)
    receiver = Receiver(org)
    org.create("accounts", {"name": "A"})
    assert [call[2]["Mode"] for call in receiver.calls] == [0]


@pytest.mark.parametrize(("keep", "status", "jobs"), [(False, 200, [30]), (True, 200, []), (True, 500, [31])])
def test_system_jobs(org: Org, keep: bool, status: int, jobs: list[int]) -> None:
    """Deliveries leave a system job; the step may have successful ones deleted."""
    # register-web-hook: asynchronous mode, AsyncOperation deleted when it succeeds
    step = register(org, "Create", asyncautodelete=keep)
    Receiver(org).statuses = [status]
    org.create("accounts", {"name": "A"})
    org.sandbox.webhooks.flush()
    found = org.get(f"asyncoperations?$select=statuscode&$filter=_owningextensionid_value eq {step}")["value"]
    assert [job["statuscode"] for job in found] == jobs


def test_registrations_are_found_by_contract(org: Org) -> None:
    """Webhooks are the endpoints with contract 8; their steps are listed with message and table."""
    # register-web-hook: query registrations and steps
    step = register(org, filteringattributes="name")
    hooks = org.get("serviceendpoints?$select=name,authtype,url&$filter=contract eq 8")["value"]
    assert [h["url"] for h in hooks] == ["https://app.example/hook"]
    row = org.get(f"sdkmessageprocessingsteps({step})?$select=filteringattributes&$expand=eventhandler_serviceendpoint("
                  "$select=name),sdkmessagefilterid($select=primaryobjecttypecode),sdkmessageid($select=name)")
    assert (row["sdkmessagefilterid"]["primaryobjecttypecode"], row["sdkmessageid"]["name"]) == ("account", "Update")


def test_stripping_takes_the_images_too(org: Org) -> None:
    """A body over 256 KB loses its images with its parameters; the ids stay."""
    # use-webhooks: ParentContext, InputParameters, PreEntityImages and PostEntityImages are removed
    made = org.call("POST", "EntityDefinitions(LogicalName='account')/Attributes", {
        "@odata.type": "Microsoft.Dynamics.CRM.MemoAttributeMetadata", "SchemaName": "new_Long", "MaxLength": 1000000},
        "admin")
    assert made.status_code == 204
    image(org, register(org), 2)
    row_id = org.create("accounts", {"name": "A"})
    receiver = Receiver(org)
    org.patch(f"accounts({row_id})", {"new_long": "x" * 262_144})
    org.sandbox.webhooks.flush()
    body = receiver.calls[0][2]
    assert [body[n] for n in ("InputParameters", "PreEntityImages", "PostEntityImages")] == [[], [], []]
    assert body["PrimaryEntityId"] == row_id
    assert len(json.dumps(body)) < 10_000


BYPASS = "MSCRM.BypassBusinessLogicExecution"


@pytest.mark.parametrize(("mode", "headers", "calls"), [
    (1, {BYPASS: "CustomAsync"}, 0), (1, {BYPASS: "CustomSync"}, 1), (0, {BYPASS: "CustomSync,CustomAsync"}, 0),
    (0, {"MSCRM.BypassCustomPluginExecution": "true"}, 0), (1, {"MSCRM.BypassCustomPluginExecution": "true"}, 1)])
def test_custom_logic_can_be_bypassed(org: Org, mode: int, headers: dict[str, str], calls: int) -> None:
    """The headers leave out synchronous or asynchronous steps; the older one synchronous ones only."""
    # bypass-custom-business-logic
    register(org, "Create", mode=mode)
    receiver = Receiver(org)
    assert org.call("POST", "accounts", {"name": "A"}, "admin", **headers).status_code == 204
    org.sandbox.webhooks.flush()
    assert len(receiver.calls) == calls


def test_single_steps_can_be_bypassed(org: Org) -> None:
    """Up to three named steps are left out, the others run."""
    # bypass-custom-business-logic: BypassBusinessLogicExecutionStepIds
    step, other = register(org, "Create"), register(org, "Create")
    receiver = Receiver(org)
    name = f"{BYPASS}StepIds"
    assert org.call("POST", "accounts", {"name": "A"}, "admin", **{name: step}).status_code == 204
    org.sandbox.webhooks.flush()
    assert [call[2]["OwningExtension"]["Id"] for call in receiver.calls] == [other]
    many = ",".join(f"{n:08d}-0000-4000-8000-000000000000" for n in range(4))
    assert fault(org.call("POST", "accounts", {"name": "A"}, "admin", **{name: many})) == (400, "0x80040203")


@pytest.mark.parametrize(("header", "value", "privilege"), [
    (BYPASS, "CustomAsync", "prvBypassCustomBusinessLogic"),
    ("MSCRM.BypassCustomPluginExecution", "true", "prvBypassCustomPlugins")])
def test_bypassing_needs_a_privilege(org: Org, header: str, value: str, privilege: str) -> None:
    """Only who holds the privilege may bypass custom logic."""
    # bypass-custom-business-logic: prvBypassCustomPlugins, prvBypassCustomBusinessLogic
    answer = org.call("POST", "accounts", {"name": "A"}, **{header: value})
    assert fault(answer) == (403, "0x80040220")
    assert privilege in answer.text
