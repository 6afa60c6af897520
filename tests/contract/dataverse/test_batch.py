"""$batch (webapi/execute-batch-operations-using-web-api)."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from .conftest import Org, fault

HEAD = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n"


def part(method: str, target: str, body: Any = None, content_id: str | None = None, headers: str = "") -> str:
    """One request of a batch."""
    text = HEAD + (f"Content-ID: {content_id}\r\n" if content_id else "")
    text += f"\r\n{method} {target} HTTP/1.1\r\n{headers}"
    if body is None:
        return text + "\r\n\r\n"
    return text + f"Content-Type: application/json; type=entry\r\n\r\n{json.dumps(body)}\r\n"


def change_set(*parts: str) -> str:
    """Requests that run all or none."""
    inner = "".join(f"--cs\r\n{p}" for p in parts)
    return f"Content-Type: multipart/mixed; boundary=cs\r\n\r\n{inner}--cs--\r\n"


def send(org: Org, *parts: str, **headers: str) -> Any:
    """Send the parts as one batch."""
    body = "".join(f"--b\r\n{p}" for p in parts) + "--b--\r\n"
    return org.call("POST", "$batch", body.encode(), Content_Type="multipart/mixed; boundary=b", **headers)


def statuses(answer: Any) -> list[int]:
    """The statuses of the parts of a batch answer."""
    return [int(s) for s in re.findall(r"HTTP/1\.1 (\d{3})", answer.text)]


def names(org: Org) -> list[str]:
    """The names of all accounts."""
    return sorted(r["name"] for r in org.get("accounts?$select=name")["value"])


@pytest.mark.parametrize("target", ["/api/data/v9.2/accounts", "accounts", "https://org.example/api/data/v9.2/accounts"])
def test_forms_of_targets(org: Org, target: str) -> None:
    """Part addresses may be absolute, rooted or relative."""
    # execute-batch-operations: part URLs
    assert statuses(send(org, part("POST", target, {"name": "A"}))) == [204]
    assert names(org) == ["A"]


def test_answer_is_multipart(org: Org) -> None:
    """The answer is multipart/mixed with a batchresponse boundary; creates carry OData-EntityId and Location."""
    # execute-batch-operations: responses
    answer = send(org, part("POST", "accounts", {"name": "A"}))
    assert answer.status_code == 200
    assert re.match(r"multipart/mixed; boundary=batchresponse_", answer.headers["Content-Type"])
    assert "OData-EntityId: https://org.example/api/data/v9.2/accounts(" in answer.text
    assert "Location: https://org.example/api/data/v9.2/accounts(" in answer.text


def test_reads_in_a_batch(org: Org) -> None:
    """A batch may read; the answer's part is the whole JSON."""
    # execute-batch-operations: GET outside of change sets
    org.create("accounts", {"name": "A"})
    answer = send(org, part("GET", "accounts?$select=name"))
    assert statuses(answer) == [200]
    assert '"name":"A"' in answer.text


def test_change_set_is_all_or_nothing(org: Org) -> None:
    """When one part of a change set fails, nothing of it remains."""
    # execute-batch-operations: change sets
    answer = send(org, change_set(part("POST", "accounts", {"name": "A"}, "1"),
                                  part("POST", "accounts", {"name": "x" * 161}, "2")))
    assert answer.status_code == 400
    assert statuses(answer) == [400]
    assert names(org) == []


def test_first_failure_ends_the_batch(org: Org) -> None:
    """Without continue-on-error the whole answer is 400, later parts do not run, earlier ones stay."""
    # execute-batch-operations: handling errors
    answer = send(org, part("POST", "accounts", {"name": "A"}), part("POST", "accounts", {"nope": 1}),
                  part("POST", "accounts", {"name": "C"}))
    assert answer.status_code == 400
    assert statuses(answer) == [204, 400]
    assert names(org) == ["A"]


def test_continue_on_error(org: Org) -> None:
    """With continue-on-error the answer is 200 and every part has its own status."""
    # execute-batch-operations: Prefer odata.continue-on-error
    answer = send(org, part("POST", "accounts", {"name": "A"}), part("POST", "accounts", {"nope": 1}),
                  part("POST", "accounts", {"name": "C"}), Prefer="odata.continue-on-error")
    assert answer.status_code == 200
    assert statuses(answer) == [204, 400, 204]
    assert names(org) == ["A", "C"]


def test_references_between_parts(org: Org) -> None:
    """Later parts of a change set refer to earlier ones in bindings, addresses and @odata.id."""
    # execute-batch-operations: Content-ID references
    answer = send(org, change_set(
        part("POST", "accounts", {"name": "A"}, "1"),
        part("POST", "contacts", {"lastname": "C", "parentcustomerid_account@odata.bind": "$1"}, "2"),
        part("PUT", "$1/primarycontactid/$ref", {"@odata.id": "$2"}, "3"),
        part("PATCH", "$1", {"fax": "9"}, "4")))
    assert statuses(answer) == [204, 204, 204, 204], answer.text
    row = org.get("accounts?$select=fax&$expand=primarycontactid($select=lastname)")["value"][0]
    assert (row["fax"], row["primarycontactid"]["lastname"]) == ("9", "C")


def test_undefined_reference(org: Org) -> None:
    """A reference nobody made answers 400 with the documented text."""
    # execute-batch-operations: reference error
    answer = send(org, change_set(part("PATCH", "$1", {"fax": "9"}, "2")))
    assert "Content-ID Reference: '$1' does not exist in the batch context." in answer.text
    assert answer.status_code == 400


def test_content_ids_are_echoed(org: Org) -> None:
    """Every answer of a change set carries the Content-ID of its request."""
    # execute-batch-operations: change set responses
    answer = send(org, change_set(part("POST", "accounts", {"name": "A"}, "7")))
    assert "changesetresponse_" in answer.text
    assert "Content-ID: 7" in answer.text


def test_no_get_in_change_sets(org: Org) -> None:
    """Reads are refused in change sets."""
    # execute-batch-operations: change sets
    assert send(org, change_set(part("GET", "accounts", None, "1"))).status_code == 400


def test_content_id_is_needed_in_change_sets(org: Org) -> None:
    """A change set part without its own Content-ID is refused."""
    # execute-batch-operations: Content-ID
    assert send(org, change_set(part("POST", "accounts", {"name": "A"}))).status_code == 400
    assert names(org) == []


def test_thousand_requests(org: Org) -> None:
    """A batch may hold a thousand requests and not one more."""
    # execute-batch-operations: limits
    ok = send(org, *[part("GET", "accounts?$top=1")] * 1000)
    assert statuses(ok) == [200] * 1000
    assert send(org, *[part("GET", "accounts?$top=1")] * 1001).status_code == 400


def test_no_nested_batch(org: Org) -> None:
    """A batch inside a batch is refused."""
    # execute-batch-operations: limits
    assert send(org, part("POST", "$batch", {})).status_code == 400


def test_line_ends_must_be_crlf(org: Org) -> None:
    """A batch with bare line feeds is refused."""
    # execute-batch-operations: line endings
    body = f"--b\n{part('POST', 'accounts', {'name': 'A'})}--b--\n".replace("\r\n", "\n")
    answer = org.call("POST", "$batch", body.encode(), Content_Type="multipart/mixed; boundary=b")
    assert answer.status_code == 400
    assert names(org) == []


def test_preferences_of_a_part(org: Org) -> None:
    """A part's own Prefer header counts for that part."""
    # execute-batch-operations: headers of parts
    answer = send(org, part("POST", "accounts?$select=name", {"name": "A"},
                            headers="Prefer: return=representation\r\n"))
    assert statuses(answer) == [201]


def test_conditions_of_a_part(org: Org) -> None:
    """A part's If-Match is honoured, so one stale row does not stop the others."""
    # perform-conditional-operations within batch
    row_id = org.create("accounts", {"name": "A"})
    answer = send(org, part("PATCH", f"accounts({row_id})", {"name": "B"}, headers='If-Match: W/"1"\r\n'),
                  part("PATCH", f"accounts({row_id})", {"fax": "1"}, headers="If-Match: *\r\n"),
                  Prefer="odata.continue-on-error")
    assert statuses(answer) == [412, 204]
    assert "0x80060882" in answer.text


def test_every_part_counts_against_the_limit(make_org: Any) -> None:
    """Each request inside a batch counts toward the request limit."""
    # api-limits: batch operations
    org = make_org(requests_per_window=10)
    answer = send(org, *[part("GET", "accounts?$top=1")] * 12, Prefer="odata.continue-on-error")
    assert statuses(answer) == [200] * 9 + [429] * 3


def test_bulk_messages(org: Org) -> None:
    """CreateMultiple, UpdateMultiple and UpsertMultiple work on account; ids come in order."""
    # bulk-operations
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.account"}
    made = org.call("POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple",
                    {"Targets": [{**kind, "name": "A"}, {**kind, "name": "B"}]})
    ids = made.json()["Ids"]
    assert [org.get(f"accounts({i})")["name"] for i in ids] == ["A", "B"]
    changed = org.call("POST", "accounts/Microsoft.Dynamics.CRM.UpdateMultiple",
                       {"Targets": [{**kind, "accountid": i, "fax": "1"} for i in ids]})
    assert changed.status_code == 204
    org.key("account", "new_Ext")
    targets = [{**kind, "@odata.id": "accounts(new_ext='1')", "name": "C"}]
    for _ in range(2):
        done = org.call("POST", "accounts/Microsoft.Dynamics.CRM.UpsertMultiple", {"Targets": targets})
        assert done.status_code == 204
    assert names(org) == ["A", "B", "C"]


def test_bulk_is_all_or_nothing(org: Org) -> None:
    """One bad target rolls the whole bulk message back."""
    # bulk-operations: standard tables
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.account"}
    answer = org.call("POST", "accounts/Microsoft.Dynamics.CRM.CreateMultiple",
                      {"Targets": [{**kind, "name": "A"}, {**kind, "nope": "B"}]})
    assert answer.status_code == 400
    assert names(org) == []


@pytest.mark.parametrize("entity_set", ["products", "productpricelevels"])
def test_tables_without_bulk_messages(org: Org, entity_set: str) -> None:
    """product and productpricelevel have no bulk messages."""
    # reference a.10: entity reference pages
    answer = org.call("POST", f"{entity_set}/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": [{}]})
    assert fault(answer)[0] == 404


def test_delete_multiple(org: Org) -> None:
    """DeleteMultiple is not there for standard tables."""
    # bulk-operations
    answer = org.call("POST", "accounts/Microsoft.Dynamics.CRM.DeleteMultiple", {"Targets": []})
    assert answer.status_code == 501
    assert "DeleteMultiple has not yet been implemented." in answer.text


def test_availability_can_be_asked(org: Org) -> None:
    """sdkmessagefilters tell which table has which message."""
    # bulk-operations: availability
    def has(table: str, message: str) -> bool:
        text = f"sdkmessageid/name eq '{message}' and primaryobjecttypecode eq '{table}'"
        return bool(org.get(f"sdkmessagefilters?$select=primaryobjecttypecode&$filter={text}")["value"])

    assert has("salesorder", "UpsertMultiple")
    assert not has("product", "CreateMultiple")
