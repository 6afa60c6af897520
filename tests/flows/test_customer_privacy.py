"""Rules 9, 10 and 12 of customers: what Shopify asks for a person's data is done, wholly and once."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared import app as actions
from shared.records import PairState, Side
from shared.sync.flow import Mode
from tests.flows.conftest import Open
from tests.support.clientele import FLOW, Clientele
from tests.support.plant import SHOP

STREET = "Ooievaarsnest 12"
JANE: dict[str, Any] = {
    "firstName": "Hadewijch",
    "lastName": "Zonderland",
    "email": "hadewijch@shoe.example",
    "phone": "+3225551212",
    "addresses": [{"address1": STREET, "city": "Gent", "countryCode": "BE", "company": "Zonderland Stoelen"}],
}
WORDS = (
    "hadewijch", "zonderland", "ooievaarsnest", "+3225551212", "25551212", "02/555.12.12", "02 555 12 12", "555-12-12"
)  # fmt: skip
"""How she may stand in whatever the state holds."""


def _jane(people: Clientele) -> str:
    """She, brought over; and further traces of her: a change, a parked row that speaks of her."""
    customer = people.customer(**JANE)
    people.run()
    people.edit(customer, note="Call Hadewijch at 02/555.12.12 or 02 555 12 12")
    people.run()
    people.list_all()
    return customer


def test_the_state_holds_her_before(people: Clientele) -> None:
    """Promise: the search that the tests below end with finds what there is to find."""
    _jane(people)
    assert all(people.held(word) for word in ("hadewijch", "zonderland", "ooievaarsnest", "+3225551212", "555 12 12"))


def test_rule_09_a_redacted_customer_is_nowhere_in_the_state(people: Clientele) -> None:
    """Promise: no table, queue or blob holds e-mail, name, phone or address; the row in CRM stays, with a task."""
    customer = _jane(people)
    before = people.account_of(customer)
    assert people.redacted(customer) == 200
    people.work()
    assert people.held(*WORDS) == []
    assert people.account_of(customer) == before
    (task,) = people.rows("tasks")
    assert (task["_regardingobjectid_value"], customer in task["description"]) == (before["accountid"], True)
    pair = people.pair(customer)
    assert pair is not None
    assert (pair.state, pair.crm_id, pair.bases) == (PairState.TOMBSTONE, before["accountid"], {})


def test_rule_09_the_proof_names_an_id_and_a_time_only(people: Clientele) -> None:
    """Promise: a note says that she was redacted, when, and how much was emptied."""
    customer = _jane(people)
    people.redacted(customer)
    people.work()
    note = people.app.state.notes.all()[f"redacted {SHOP} {customer}"]
    assert set(note) == {"at", "pages", "outcomes", "parked", "pairs", "busy"}
    assert note["busy"] == 0


def test_rule_09_a_redacted_customer_is_not_written_again(people: Clientele) -> None:
    """Promise: later changes, listings and comparisons leave the row alone and bring nothing of hers back."""
    customer = _jane(people)
    people.redacted(customer)
    people.work()
    before = people.writes()
    people.edit(customer, firstName="Hadewijch Maria")
    people.told("customers/update", {"id": int(customer)})
    people.run()
    people.list_all()
    assert people.writes() == before
    assert people.account_of(customer)["name"] == "Zonderland Stoelen"
    pair = people.pair(customer)
    assert pair is not None
    assert pair.bases == {}


def test_rule_09_with_anonymise_the_rows_are_emptied(opened: Open) -> None:
    """Promise: with CUSTOMER_ANONYMISE every mapped text of account and contact goes, other columns stay, no task."""
    people = opened(CUSTOMER_ANONYMISE="true")
    customer = _jane(people)
    account, contact = people.account_of(customer), people.contact_of(customer)
    people.change("accounts", account["accountid"], creditlimit=500)
    people.redacted(customer)
    people.work()
    rows = (people.account_of(customer), people.contact_of(customer))
    texts = json.dumps(rows).casefold()
    assert [word for word in WORDS if word in texts] == []
    assert (rows[0]["name"], rows[1]["lastname"], rows[0]["creditlimit"]) == ("Redacted", "Redacted", 500)
    assert (rows[0]["accountid"], rows[1]["contactid"]) == (account["accountid"], contact["contactid"])
    assert (people.rows("tasks"), people.held(*WORDS)) == ([], [])


def test_rule_09_an_id_that_nobody_knows_is_done_with_too(people: Clientele) -> None:
    """Promise: a customer who was never brought over is remembered by id, so that no older page brings him."""
    assert people.redacted("4711") == 200
    people.work()
    pair = people.pair("4711")
    assert pair is not None
    assert (pair.state, pair.crm_id) == (PairState.TOMBSTONE, None)
    assert (people.rows("tasks"), people.rows("accounts")) == ([], [])
    assert f"redacted {SHOP} 4711" in people.app.state.notes.all()


def test_rule_09_a_customer_who_was_deleted_before_is_redacted_too(people: Clientele) -> None:
    """Promise: Shopify asks days after it deleted her; what she was called is read from her row in CRM."""
    customer = _jane(people)
    people.customer(firstName="Piet", note="A friend of Hadewijch, of Ooievaarsnest 12")
    people.run()
    people.remove(customer)
    people.told("customers/delete", {"id": int(customer)})
    people.run()
    assert people.held("hadewijch")
    people.redacted(customer)
    people.work()
    assert people.held(*WORDS) == []
    assert people.rows("tasks")[0]["_regardingobjectid_value"] == people.account_of(customer)["accountid"]


def test_rule_09_her_parked_row_goes_too(people: Clientele) -> None:
    """Promise: nobody is asked about a customer who is redacted."""
    for name in ("A", "B"):
        people.row("accounts", name=name, emailaddress1=JANE["email"])
    customer = people.customer(**JANE)
    people.run()
    assert people.parked(customer) is not None
    people.redacted(customer)
    people.work()
    assert people.parked(customer) is None
    assert people.held(*WORDS) == []


def test_rule_09_a_row_whose_pair_is_forgotten_is_found_by_its_mark(people: Clientele) -> None:
    """Promise: after the state of a shop went, a request still reaches the account."""
    customer = _jane(people)
    people.shopify.installation.uninstall()
    people.told("shop/redact", {"shop_id": 954889, "shop_domain": SHOP})
    people.work()
    people.redacted(customer)
    people.work()
    (task,) = people.rows("tasks")
    assert task["_regardingobjectid_value"] == people.account_of(customer)["accountid"]


def test_rule_09_a_repeated_request_does_nothing_more(people: Clientele) -> None:
    """Promise: Shopify may send it twice: one task, the same tombstone, nothing left on the queue."""
    customer = _jane(people)
    for _ in range(2):
        people.redacted(customer, orders=[299938, 280263])
        people.work()
    assert len(people.rows("tasks")) == 1
    assert people.held(*WORDS) == []


def test_rule_09_a_task_that_was_done_meanwhile_stays_done(people: Clientele) -> None:
    """Promise: whoever settles the task within the quarter of an hour before the repeat is not asked again."""
    customer = _jane(people)
    people.redacted(customer)
    assert people._work_one(FLOW, "sync")
    (task,) = people.rows("tasks")
    people.change("tasks", task["activityid"], statecode=1, statuscode=5)
    people.work()
    assert [row["statecode"] for row in people.rows("tasks")] == [1]
    assert list(people.app.state.parked.list(SHOP, FLOW)) == []


def test_rule_09_an_older_page_on_a_queue_brings_nothing_back(people: Clientele) -> None:
    """Promise: a page that was read before and is worked after holds nothing of her, and writes nothing."""
    customer = _jane(people)
    people.edit(customer, note="Hadewijch called")
    people.clock.advance(120)
    actions.tick(FLOW)
    assert people.held("hadewijch called")
    before = people.writes()
    people.redacted(customer)
    waiting = [_take(people), _take(people)]
    for text in reversed(waiting):
        actions.work(FLOW, text)
    assert people.held(*WORDS) == []
    people.work()
    assert people.held(*WORDS) == []
    assert people.writes() == before + 1  # the task


def _take(people: Clientele) -> bytes:
    queue = f"sync-{FLOW.replace('_', '-')}"
    (taken, *_) = people.app.state.queue_service.receive(queue, 1, 600)
    people.app.state.queue_service.delete(queue, taken)
    return taken.text.encode()


def test_rule_09_a_flow_that_is_off_redacts(people: Clientele) -> None:
    """Promise: who switches the flow off still holds what it had read, so requests are carried out."""
    customer = _jane(people)
    modes = {**people.app.settings.modes, FLOW: Mode.OFF}
    people.app.settings = replace(people.app.settings, modes=modes)
    assert people.redacted(customer) == 200
    people.work()
    assert people.held(*WORDS) == []
    assert len(people.rows("tasks")) == 1


def test_rule_09_while_a_worker_holds_the_pair_it_waits_and_is_done_then(people: Clientele) -> None:
    """Promise: what a worker has in its hands just then is not pulled away; the request comes back until it is done."""
    customer = _jane(people)
    pair = people.pair(customer)
    assert pair is not None
    until = people.clock.now() + timedelta(seconds=200)
    held = replace(pair, state=PairState.WRITING, holder="another", lease_until=until)
    people.app.state.crossrefs.save([held])
    people.redacted(customer)
    assert people._work_one(FLOW, "sync")
    found = people.pair(customer)
    assert found is not None
    assert found.state is PairState.WRITING
    people.work()
    found = people.pair(customer)
    assert found is not None
    assert found.state is PairState.TOMBSTONE
    assert people.held(*WORDS) == []


def test_rule_09_what_a_worker_stored_after_is_found_by_the_repeat(people: Clientele) -> None:
    """Promise: a quarter of an hour later it is looked through again, for what was read before and stored after."""
    customer = _jane(people)
    people.redacted(customer)
    assert people._work_one(FLOW, "sync")
    name = next(blob.name for blob in people.app.state.blobs.list("outcomes/acme"))
    line = {"id": customer, "verdict": "updated", "reason": "x", "changes": [["name", "x", "Hadewijch"]], "error": None}
    late = gzip.compress(f"{json.dumps(line)}\n".encode())
    people.app.state.blobs.put(f"{name.rpartition('/')[0]}/late.jsonl.gz", late)
    assert people.held("hadewijch")
    people.work()
    assert people.held(*WORDS) == []


def test_rule_10_a_data_request_becomes_a_task(people: Clientele) -> None:
    """Promise: a task on her account says what is held and how to see it, without naming her; sent twice, one task."""
    customer = _jane(people)
    body = {"shop_id": 954889, "customer": {"id": int(customer), "email": JANE["email"]}, "orders_requested": [1, 2]}
    for _ in range(2):
        assert people.told("customers/data_request", {**body, "data_request": {"id": 9999}}) == 200
        people.work()
    (task,) = people.rows("tasks")
    assert task["_regardingobjectid_value"] == people.account_of(customer)["accountid"]
    assert f"`python -m ops explain {FLOW} {customer}`" in task["description"]
    assert [word for word in WORDS if word in json.dumps(task).casefold()] == []


def test_rule_10_a_data_request_of_somebody_unknown_becomes_a_task(people: Clientele) -> None:
    """Promise: the answer "nothing" is an answer too, and somebody has to give it."""
    people.told("customers/data_request", {"shop_id": 1, "customer": {"id": 4711}})
    people.work()
    (task,) = people.rows("tasks")
    assert (task["_regardingobjectid_value"], "no link" in task["description"]) == (None, True)


@pytest.mark.parametrize(
    "topic", ["customers/redact", "customers/data_request", "shop/redact", "app/uninstalled", "customers/merge"]
)
def test_rule_12_a_request_that_is_not_shopifys_is_refused(people: Clientele, topic: str) -> None:
    """Promise: 401 for a wrong signature, and nothing is done."""
    customer = _jane(people)
    body = {"id": 1, "shop_id": 1, "customer": {"id": int(customer)}}
    assert people.told(topic, body, secret="foreign") == 401
    assert people.app.state.queues.depth(FLOW) == 0
    pair = people.app.state.crossrefs.load(SHOP, "customers", Side.SHOPIFY, [customer])[customer]
    assert pair.state is PairState.PAIRED
