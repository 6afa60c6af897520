"""What batches cost, how long addresses may be, and what lies at the end of a change set."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .conftest import Org, fault
from .test_batch import change_set, part, send, statuses

COSTS = {"request": 0.0, "row_read": 0.0, "row_write": 10.0}


def left(answer: Any) -> float:
    """The execution time left in the window, in seconds."""
    return float(answer.headers["x-ms-ratelimit-time-remaining-xrm-requests"])


def test_a_batch_is_charged_for_its_rows(make_org: Any) -> None:
    """A batch of many creates costs the time of all of them."""
    # api-limits: execution time of each request; batches do not circumvent it
    org = make_org(costs_ms=COSTS)
    assert left(send(org, *[part("POST", "accounts", {"name": "A"})] * 30)) == 1200 - 0.30


def test_the_end_of_a_change_set_is_charged_too(make_org: Any) -> None:
    """Totals that are calculated when a change set ends count as its execution time."""
    # api-limits: all work a request causes counts
    org = make_org(costs_ms=COSTS)
    account = org.create("accounts", {"name": "A"})
    order = org.create("salesorders", {"name": "O", "customerid_account@odata.bind": f"/accounts({account})"})
    before = left(org.call("GET", "WhoAmI"))
    line = {"salesorderid@odata.bind": f"/salesorders({order})", "isproductoverridden": True,
            "productdescription": "x", "priceperunit": 1, "quantity": 1, "ispriceoverridden": True}
    answer = send(org, change_set(part("POST", "salesorderdetails", line, "1")))
    assert statuses(answer) == [204]
    assert round(before - left(answer), 2) == 0.02  # the line, and its header at the end


def test_a_failed_change_set_is_charged(make_org: Any) -> None:
    """Work that is rolled back was work."""
    # api-limits: execution time
    org = make_org(costs_ms=COSTS)
    failed = change_set(part("POST", "accounts", {"name": "A"}, "1"), part("POST", "accounts", {"x": 1}, "2"))
    answer = send(org, failed)
    assert answer.status_code == 400
    assert left(answer) == 1200 - 0.01


def test_parts_beyond_the_request_limit(make_org: Any) -> None:
    """Inside a change set the request limit rolls everything back."""
    # api-limits: each request of a batch counts
    org = make_org(requests_per_window=3)
    answer = send(org, change_set(*[part("POST", "accounts", {"name": "A"}, str(n)) for n in range(4)]))
    assert (answer.status_code, statuses(answer)) == (400, [429])
    org.sandbox.clock.advance(301)
    assert org.get("accounts?$select=name")["value"] == []


def test_a_key_violation_is_one_parts_failure(org: Org) -> None:
    """Two parts with the same key value: the second fails with its own status, the first stays."""
    # define-alternate-keys-entity; execute-batch-operations: continue-on-error
    org.key("account", "new_Ext")
    answer = send(org, *[part("POST", "accounts", {"name": "A", "new_ext": "1"})] * 2,
                  Prefer="odata.continue-on-error")
    assert statuses(answer) == [204, 412]
    assert "0x80060892" in answer.text


def test_long_addresses(org: Org) -> None:
    """A GET address may have 32 KB, inside a batch 64 KB."""
    # webapi/query/overview: URL length
    long = "accounts?$select=name&$filter=" + quote(f"name eq '{'x' * 40_000}'")
    assert org.call("GET", long).status_code == 414
    assert statuses(send(org, part("GET", long))) == [200]
    longer = "accounts?$select=name&$filter=" + quote(f"name eq '{'x' * 70_000}'")
    assert fault(send(org, part("GET", longer))) == (400, "0x80060888")


def test_part_headers_do_not_leak(org: Org) -> None:
    """One part's preference does not count for the next."""
    # execute-batch-operations: headers apply to their part
    answer = send(org, part("POST", "accounts", {"name": "A"}, headers="Prefer: return=representation\r\n"),
                  part("POST", "accounts", {"name": "B"}))
    assert statuses(answer) == [201, 204]


def test_a_reference_does_not_outlive_a_failed_change_set(org: Org) -> None:
    """A Content-ID of a rolled back change set refers to nothing afterwards."""
    # execute-batch-operations: Content-ID references the entity created
    failed = change_set(part("POST", "accounts", {"name": "A"}, "1"), part("POST", "accounts", {"x": 1}, "2"))
    answer = send(org, failed, change_set(part("PATCH", "$1", {"fax": "1"}, "3")), Prefer="odata.continue-on-error")
    assert "Content-ID Reference: '$1' does not exist in the batch context." in answer.text


def test_order_of_answers(org: Org) -> None:
    """Answers come in the order of the requests, change sets among them."""
    # execute-batch-operations: sequence of responses
    answer = send(org, part("GET", "accounts?$select=name"), change_set(part("POST", "accounts", {"name": "A"}, "1")),
                  part("GET", "accounts?$select=name"))
    assert statuses(answer) == [200, 204, 200]
    first, _, last = answer.text.partition("changesetresponse_")
    assert '"name":"A"' not in first
    assert '"name":"A"' in last
