from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from requests import PreparedRequest

from shared.dataverse.definitions import TableKey, Wanted
from shared.dataverse.metadata import Metadata
from shared.dataverse.setup import set_up
from shared.errors import AuthFailed, SchemaMismatch, Unavailable
from tests.unit.dataverse.organization import Answer, HandClock, Script, batch, client_of, error, ok, part

KEY = TableKey("product", "new_key", "Key", "new_marker")


def definition(tracked: bool = True, status: str = "", column: str = "new_marker") -> Answer:
    """The answers to a read of the product's definition: one text column, and its key in some status."""
    attribute = {
        "LogicalName": column,
        "AttributeType": "String",
        "RequiredLevel": {"Value": "None"},
        "IsValidForRead": True,
        "IsValidForCreate": True,
        "IsValidForUpdate": True,
    }
    key = {"LogicalName": "new_key", "KeyAttributes": ["new_marker"], "EntityKeyIndexStatus": status}
    table = {
        "LogicalName": "product",
        "EntitySetName": "products",
        "PrimaryIdAttribute": "productid",
        "PrimaryNameAttribute": "name",
        "ChangeTrackingEnabled": tracked,
        "Attributes": [attribute],
        "Keys": [key] if status else [],
        "ManyToOneRelationships": [],
    }
    parts = [part(200, json.dumps(table).encode()), *[part(200, b'{"value":[]}')] * 10]
    return batch(*parts)


def run(wanted: Wanted, *answers: Answer | Callable[[PreparedRequest], Answer]) -> tuple[Script, HandClock]:
    """Setup against a scripted organization."""
    script, clock = Script(*answers), HandClock()
    client = client_of(script, clock)
    set_up(client, Metadata(client), wanted)
    return script, clock


def sent(script: Script, number: int) -> tuple[str, str, Any]:
    """Method, path and body of a request."""
    request = script.sent[number]
    return str(request.method), str(request.url).partition("v9.2/")[2], json.loads(request.body or b"null")


def test_a_failed_key_is_built_again() -> None:
    """After the doubles were cleared the same key is activated; it is neither deleted nor made twice."""
    answers = (definition(status="Failed"), (204, {}, b""), (204, {}, b""), definition(status="Active"))
    script, _ = run(Wanted((), (KEY,), ()), *answers)
    assert sent(script, 1) == (
        "POST",
        "ReactivateEntityKey",
        {"EntityLogicalName": "product", "EntityKeyLogicalName": "new_key"},
    )


def test_a_key_that_never_becomes_active_ends_the_wait() -> None:
    """Setup does not hang: after ten minutes it says how far the key got."""
    answers = [definition(status="Pending"), (204, {}, b""), *[definition(status="InProgress")] * 200]
    with pytest.raises(Unavailable, match="InProgress"):
        run(Wanted((), (KEY,), ()), *answers)


def test_tracking_is_switched_on_with_the_whole_definition() -> None:
    """An update replaces a definition, so everything read is sent back, labels merged."""
    whole = {"@odata.context": "x", "LogicalName": "product", "Other": {"Value": 1}, "ChangeTrackingEnabled": False}
    there = ok({"value": [{"solutionid": "s"}]})
    answers = (there, definition(tracked=False), ok(whole), (204, {}, b""), (204, {}, b""))
    script, _ = run(Wanted((), (), ("product",), solution="mine"), *answers)
    method, path, body = sent(script, 3)
    assert (method, path) == ("PUT", "EntityDefinitions(LogicalName='product')")
    assert body == {"LogicalName": "product", "Other": {"Value": 1}, "ChangeTrackingEnabled": True}
    assert script.sent[3].headers["MSCRM.MergeLabels"] == "true"
    assert script.sent[3].headers["MSCRM.SolutionUniqueName"] == "mine"
    assert "<entity>product</entity>" in sent(script, 4)[2]["ParameterXml"]


def test_tracking_that_a_solution_forbids_is_reported() -> None:
    """What setup cannot do is said before anything is sent."""
    locked = {"LogicalName": "product", "CanChangeTrackingBeEnabled": {"Value": False}}
    with pytest.raises(SchemaMismatch, match="managed solution"):
        run(Wanted((), (), ("product",)), definition(tracked=False), ok(locked))


def test_who_may_not_customize_learns_which_privilege_is_missing() -> None:
    """The sentence names the privilege and the role that has it."""
    refused = error(403, "0x80040220", "Principal user is missing prvCreateEntityKey privilege")
    with pytest.raises(AuthFailed, match=r"prvCreateEntityKey.*System Customizer"):
        run(Wanted((), (KEY,), ()), definition(), refused)
