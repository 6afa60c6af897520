"""`explain`, `pairs` and `parked`: why a record is as it is, and how a person changes that."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import partial

import pytest

from shared import app as actions
from shared import wiring
from shared.records import PairState, ParkedRow, Side
from shared.state.queues import LIVE, from_text, queue_name
from shared.sync.returning import causes
from tests.contract.ops.conftest import CHAIR, IN, OUT, Desk
from tests.support.plant import SHOP

PRICE = """
mutation($p: ID!, $v: [ProductVariantsBulkInput!]!) {
  productVariantsBulkUpdate(productId: $p, variants: $v) { userErrors { message } }
}
"""


def reprice(desk: Desk, sku: str, price: str) -> None:
    """The merchant changes a variant's price."""
    (variant,) = desk.plant.variants(sku)
    desk.plant.merchant.call(PRICE, {"p": variant["product"]["id"], "v": [{"id": variant["id"], "price": price}]})


def field(answer: dict[str, object], name: str) -> dict[str, object]:
    """One field of an explanation."""
    fields: list[dict[str, object]] = answer["fields"]  # type: ignore[assignment]
    return next(each for each in fields if each["field"] == name)


def test_a_settled_record_is_explained_whole(synced: Desk) -> None:
    """Pair, every field with both sides' values, and what the last run did; nothing is written by asking."""
    writes, stored = synced.plant.writes(), synced.stored()
    answer = synced.json("explain", OUT, synced.product(CHAIR.number))
    assert (answer["verdict"], answer["pair"]["state"], answer["target_id"]) == (
        "leave",
        "paired",
        synced.variant(CHAIR.number),
    )
    price = field(answer, "price")
    assert (price["reads"], price["actual"]) == ({"price_item.amount": "49.9000"}, "49.90")
    assert (price["source_base"], price["target_base"], price["decision"]) == ("equal", "equal", "already equal")
    assert "created" in [outcome["verdict"] for outcome in answer["outcomes"]]
    assert (synced.plant.writes(), synced.stored()) == (writes, stored)


def test_an_edit_shows_which_side_moved_and_who_wins(synced: Desk) -> None:
    """After the merchant changed a price that CRM owns, explain names the moved side and the owner's decision."""
    reprice(synced, CHAIR.number, "1.00")
    answer = synced.json("explain", IN, synced.variant(CHAIR.number))
    price = field(answer, "price")
    assert (price["source_base"], price["target_base"], price["owner"]) == ("moved", "equal", "crm")
    assert (price["wanted"], price["actual"]) == ("1.00", "49.9000")
    drawn = " ".join(synced("explain", IN, synced.variant(CHAIR.number)).out.split())
    assert "shopify moved; owner crm" in drawn


def test_an_unpaired_record_shows_whom_it_would_be_linked_to(desk: Desk) -> None:
    """Before the first run, explain names the counterpart that the key finds and that nothing was agreed on yet."""
    answer = desk.json("explain", OUT, desk.product("LAMP-S"))
    assert (answer["pair"], answer["verdict"], answer["target_id"]) == (None, "update", desk.variant("LAMP-S"))
    assert field(answer, "price")["source_base"] == "none"


def test_a_parked_record_is_explained_with_its_reason(synced: Desk) -> None:
    """A record that waits shows its code, the sentence that names the fix, and exit code 1."""
    answer = synced.json("explain", IN, synced.variant("TWIN"), code=1)
    assert (answer["verdict"], answer["code"], answer["parked"]["code"]) == ("park", "Ambiguous", "Ambiguous")
    assert "not unique" in synced("explain", IN, synced.variant("TWIN")).out


def test_what_the_reverse_flow_did_is_told_too(synced: Desk) -> None:
    """The last outcomes of a pair come from both of its flows."""
    answer = synced.json("explain", OUT, synced.product("LAMP-S"))
    assert {outcome["flow"] for outcome in answer["outcomes"]} == {IN, OUT}


def test_records_that_are_kept_apart_are_explained_field_by_field(synced: Desk) -> None:
    """An unlinked record would be skipped, and yet every field says what both sides hold."""
    chair = synced.product(CHAIR.number)
    synced("pairs", "unlink", chair, "--yes")
    answer = synced.json("explain", OUT, chair)
    assert answer["verdict"] == "skip"
    assert {each["decision"] for each in answer["fields"]} == {
        "already equal",
        "the mapping leaves it",
        "set on creation only",
    }


def test_an_unknown_record_is_said_to_be_unknown(desk: Desk) -> None:
    """An id that the source does not know is explained in one sentence."""
    assert "does not know this id" in desk.json("explain", IN, "99")["reason"]


def test_pairs_are_listed_and_shown_by_either_id(synced: Desk) -> None:
    """Each pair can be found by the id of either side; a limit says that there are more."""
    listed = synced.json("pairs", "list")
    assert (len(listed["pairs"]), listed["more"]) == (3, False)
    assert synced.json("pairs", "list", "--limit", "2")["more"]
    by_crm = synced.json("pairs", "show", "{" + synced.product(CHAIR.number).upper() + "}")
    assert by_crm == synced.json("pairs", "show", synced.variant(CHAIR.number))
    assert synced("pairs", "show", "99").code == 1
    assert synced.json("pairs", "list", "--state", "tombstone")["pairs"] == []


def test_unlinked_records_stay_apart_until_they_are_relinked(synced: Desk) -> None:
    """After `pairs unlink` an edit reaches nobody; after `pairs relink` the flow brings both into line again."""
    chair = synced.product(CHAIR.number)
    assert synced.json("pairs", "unlink", chair, "--yes")["pair"]["state"] == "tombstone"
    synced.plant.sales.send("PATCH", f"products({chair})", {"vendorpartnumber": "VP-9"})
    synced.later()
    assert synced.json("sync", OUT)["flows"][0]["skipped"] >= 1
    assert synced.json("pairs", "relink", OUT, chair, synced.variant(CHAIR.number))["pair"]["state"] == "intent"
    assert synced.json("sync", OUT)["flows"][0]["updated"] == 1
    assert synced.json("pairs", "show", chair)["pairs"][0]["state"] == "paired"
    vendor = field(synced.json("explain", OUT, chair), "vendor_part")
    assert (vendor["actual"], vendor["decision"]) == ("VP-9", "already equal")


def test_a_record_whose_counterpart_is_gone_is_sent_as_new(synced: Desk) -> None:
    """Where the CRM row was deleted, `unlink` has the variant create another one, with another id."""
    lamp, row = synced.variant("LAMP-M"), synced.product("LAMP-M")
    synced.plant.sales.send("DELETE", f"products({row})", {})
    assert "sent as new" in synced.json("pairs", "unlink", lamp, "--yes")["then"]
    assert synced.json("sync", IN, "--id", lamp)["flows"][0]["created"] == 1
    assert synced.product("LAMP-M") != row
    assert synced.json("pairs", "show", lamp)["pairs"][0]["generation"] == 1


def test_a_living_pair_is_never_taken_over(synced: Desk) -> None:
    """`relink` refuses a record that is paired, and one whose mark another record carries, and changes nothing."""
    chair, stored = synced.product(CHAIR.number), synced.stored()
    taken = synced("pairs", "relink", OUT, chair, synced.variant("LAMP-M"))
    assert taken.code == 2
    assert synced("pairs", "relink", OUT, chair, "99").code == 2
    assert synced.stored() == stored
    synced("pairs", "unlink", chair, "--yes")
    marked = synced("pairs", "relink", OUT, chair, synced.variant("TWIN"))
    assert (marked.code, "carries the mark" in marked.err) == (2, True)


def test_a_pair_without_marks_is_refused_as_a_pair(synced: Desk) -> None:
    """A record that was adopted, so that only its counterpart is marked, cannot be relinked while its pair lives."""
    synced.plant.sales.create(type(CHAIR)("HOOK", "Hook", "", CHAIR.price))
    said = synced("pairs", "relink", IN, synced.variant("LAMP-S"), synced.product("HOOK"))
    assert (said.code, "unlink that pair first" in " ".join(said.err.split())) == (2, True)


def test_the_right_twin_is_linked_by_hand(synced: Desk) -> None:
    """Two variants share a SKU: a product made for one of them is linked to it by `relink`, and gets its values."""
    synced.plant.sales.create(type(CHAIR)("HOOK", "Hook", "", CHAIR.price))
    hook, twin = synced.product("HOOK"), synced.variant("TWIN")
    synced.json("pairs", "relink", IN, twin, hook)
    synced("sync", IN, "--id", twin)
    pair = synced.plant.app.state.crossrefs.load(SHOP, "variants", Side.SHOPIFY, [twin])[twin]
    assert (pair.state, pair.crm_id) == (PairState.PAIRED, hook)
    assert twin not in {row["source_id"] for row in synced.json("parked", "list", code=1)["parked"]}


def test_nothing_is_taken_apart_without_a_yes(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `--yes` and without an answer, `unlink` and `discard` change nothing."""
    stored = synced.stored()
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    assert synced("pairs", "unlink", synced.variant(CHAIR.number)).code == 1
    assert synced("parked", "discard", IN, synced.variant("TWIN")).code == 1
    assert synced.stored() == stored


def test_parked_records_are_listed_with_what_to_do(synced: Desk) -> None:
    """Every parked record stands with its sentence; exit code 1 while there are any, 0 for a flow without."""
    rows = synced.json("parked", "list", code=1)["parked"]
    assert {row["source_id"] for row in rows} == {synced.variant("TWIN"), synced.variant("TWIN", 1)}
    assert synced.json("parked", "list", OUT)["parked"] == []
    (row,) = synced.json("parked", "show", IN, synced.variant("TWIN"))["parked"]
    assert row["facts"]["key"] == "TWIN"
    assert "pairs relink" in " ".join(synced("parked", "list").out.split())


def test_a_retry_puts_ids_on_the_queue(synced: Desk) -> None:
    """`parked retry` of one, then of all: those and only those are tried once more by whoever works the queue."""
    twin = synced.variant("TWIN")
    assert synced.json("parked", "retry", IN, twin)["records"] == 1
    synced("sync", IN)
    assert {row["source_id"]: row["attempts"] for row in synced.json("parked", "list", code=1)["parked"]} == {
        twin: 2,
        synced.variant("TWIN", 1): 1,
    }
    assert synced.json("parked", "retry", IN, "--all")["records"] == 2
    synced("sync", IN)
    assert [row["attempts"] for row in synced.json("parked", "list", code=1)["parked"]] == [3, 2]
    assert synced("parked", "retry", IN).code == 2
    assert synced("parked", "retry", IN, "99").code == 1


def test_what_was_parked_as_a_delete_is_retried_as_one(synced: Desk) -> None:
    """A delete that waits comes back as a delete, and ids of another table stay ids of that table."""
    state, now = synced.plant.app.state, synced.plant.clock.now()
    for number, facts in (("7", {"deleted": True}), ("8", {"rows_of": "products"})):
        state.parked.put([ParkedRow(SHOP, IN, "variants", number, "Busy", "Wait.", facts, 1, now, now)])
        synced("parked", "retry", IN, number)
    messages = [from_text(each.text) for each in state.queue_service.receive(queue_name(LIVE, IN), 10, 60)]
    assert [(each.ids, each.deleted, each.table) for each in messages] == [((), ("7",), ""), (("8",), (), "products")]


def test_no_personal_data_is_listed(synced: Desk) -> None:
    """Sentences and facts of parked rows are shown without e-mail addresses."""
    now = synced.plant.clock.now()
    facts = {"key": "jane@example.com"}
    row = ParkedRow(SHOP, OUT, "variants", "7", "Ambiguous", "Two have jane@example.com.", facts, 1, now, now)
    synced.plant.app.state.parked.put([row])
    said = synced("--json", "parked", "list")
    assert "[e-mail]" in said.out
    assert "jane" not in said.out


def test_a_discarded_record_is_not_parked_any_more(synced: Desk) -> None:
    """`parked discard` forgets one record and leaves the others."""
    assert synced.json("parked", "discard", IN, synced.variant("TWIN"), "--yes")["records"] == 1
    assert len(synced.json("parked", "list", code=1)["parked"]) == 1


def test_parked_records_are_chosen_by_their_error(synced: Desk) -> None:
    """`--code` narrows the list, and names what is retried or discarded; several ids are one command."""
    twins = {synced.variant("TWIN"), synced.variant("TWIN", 1)}
    now, parked = synced.plant.clock.now(), synced.plant.app.state.parked
    parked.put([ParkedRow(SHOP, IN, "variants", "7", "Busy", "Wait.", {}, 1, now, now)])
    assert [row["source_id"] for row in synced.json("parked", "list", "--code", "Busy", code=1)["parked"]] == ["7"]
    assert synced.json("parked", "list", "--code", "Invalid")["parked"] == []
    assert synced.json("parked", "retry", IN, "--code", "Ambiguous")["records"] == 2
    assert synced.json("parked", "retry", IN, *twins)["records"] == 2
    assert synced("parked", "retry", IN, "--code", "Busy", "--all").code == 2
    assert synced("parked", "discard", IN).code == 2
    assert synced.json("parked", "discard", IN, "--code", "Busy", "--yes")["records"] == 1
    assert synced.json("parked", "discard", IN, *twins, "--yes")["records"] == 2
    assert list(parked.list(SHOP, IN)) == []


def test_a_message_that_cannot_be_read_is_shown_and_discarded(synced: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands among the parked with its text; a retry has nothing to try, a new mapping neither."""
    monkeypatch.setattr(wiring, "app", lambda: synced.plant.app)
    actions.work(OUT, b"half a mess")
    (row,) = synced.json("parked", "list", OUT, code=1)["parked"]
    assert (row["code"], row["facts"]["text"]) == ("Unreadable", "half a mess")
    assert synced.json("parked", "show", OUT, row["source_id"])["parked"] == [row]
    assert synced.json("parked", "retry", OUT, "--all")["records"] == 0
    job = replace(synced.plant.app.job(OUT, SHOP), in_force="another mapping")
    now = synced.plant.clock.now()
    assert list(synced.plant.app.state.parked.due(SHOP, OUT, partial(causes, job, now))) == []
    assert synced.json("parked", "discard", OUT, row["source_id"], "--yes")["records"] == 1
    assert synced.json("parked", "list", OUT)["parked"] == []
