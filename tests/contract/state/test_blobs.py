"""Journal and permits: blobs that are stored once, read back exactly, and leased."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from shared.errors import Invalid, TotalsDiffer, Unavailable
from shared.records import FieldChange, Item, Origin, Outcome, Page, Record, Side, Verdict
from shared.state.blobs import BlobPresent
from shared.state.permits import StoredPermits
from tests.contract.state.conftest import Bench

NOON = datetime(2026, 3, 1, 12, 30, 15, 250_000, tzinfo=UTC)


def page(bench: Bench, read_at: datetime | None = NOON) -> Page:
    """A page with every kind of value."""
    lines = [{"quantity": 2, "tax": Decimal("-0.0"), "rate": Decimal("1E+3")}, []]
    content = {"title": "Größe ☃ \U0001f600\n", "price": Decimal("10.00"), "big": 10**30, "none": None, "yes": True}
    content |= {"lines": lines, "a.b": {"\ue000d": "x"}}
    items = (Item("1", Record("1", content, NOON, 'W/"12"', "guid")), Item("2"), Item("3", deleted=True))
    return Page(bench.flow, bench.shop, items, Origin.POLL, read_at, "sel", NOON)


def exact(value: object) -> str:
    """A text that tells 10 from 10.0, and a list from a tuple."""
    return repr(value)


def test_a_page_comes_back_exactly(bench: Bench) -> None:
    """Decimals keep their digits, times their microseconds, None stays None, and the name tells shop, flow and day."""
    stored = page(bench)
    name = bench.state.journal.put_page(stored)
    assert name.startswith(f"journal/{bench.shop}/{bench.flow}/2026/03/01/123015250000-")
    assert name.endswith(".jsonl.gz")
    assert exact(bench.state.journal.get_page(name)) == exact(stored)


def test_a_page_costs_one_request_each_way(bench: Bench) -> None:
    """Storing is one request, reading another; a page without a moment of reading goes under the clock's day."""
    before = bench.cost("blobs")
    name = bench.state.journal.put_page(page(bench, None))
    bench.state.journal.get_page(name)
    assert bench.cost("blobs") - before == 2
    assert f"/{bench.clock.now():%Y/%m/%d}/" in name


def test_a_page_that_is_gone_says_so(bench: Bench) -> None:
    """Reading a deleted page is Invalid and names the blob."""
    with pytest.raises(Invalid) as caught:
        bench.state.journal.get_page(f"journal/{bench.shop}/x/2026/01/01/none.jsonl.gz")
    assert "none.jsonl.gz" in str(caught.value.facts["blob"])


def test_outcomes_keep_why_a_record_is_as_it_is(bench: Bench) -> None:
    """Verdicts come back with values before and after and with an error of the same class; a repeat replaces them."""
    changes = (FieldChange("price", Decimal("1.10"), Decimal("1.1"), "owner crm"), FieldChange("t", None, NOON, "both"))
    outcomes = [
        Outcome("1", Verdict.UPDATED, "price changed", "guid", changes),
        Outcome(
            "2", Verdict.PARKED, "refused", error=TotalsDiffer("Totals differ.", facts={"difference": Decimal("0.01")})
        ),
        Outcome("3", Verdict.LATER, "busy", deleted=True, error=Unavailable("Down.", retry_after_s=7.5)),
    ]
    journal = bench.state.journal
    journal.put_outcomes(bench.shop, bench.flow, "run-1", [])
    name = journal.put_outcomes(bench.shop, bench.flow, "run-1", outcomes)
    read = journal.get_outcomes(name)
    assert exact(read[0]) == exact(outcomes[0])
    assert isinstance(read[1].error, TotalsDiffer)
    assert read[1].error.facts == {"difference": Decimal("0.01")}
    assert isinstance(read[2].error, Unavailable)
    assert read[2].error.retry_after_s == 7.5


def test_the_journal_is_listed_by_time_and_shortened_by_day(bench: Bench) -> None:
    """Replay finds the pages between two moments; housekeeping deletes whole days and only older ones."""
    journal = bench.state.journal
    moments = [NOON + timedelta(hours=hours) for hours in (-48, -1, 0, 1, 20)]
    names = [journal.put_page(page(bench, moment)) for moment in moments]
    found = list(journal.names(bench.shop, bench.flow, NOON - timedelta(hours=1), NOON + timedelta(hours=2)))
    assert found == names[1:4]
    assert list(journal.names(bench.shop, bench.flow, NOON, NOON)) == names[2:3]
    abroad = timezone(timedelta(hours=-9))
    assert list(journal.names(bench.shop, bench.flow, moments[4].astimezone(abroad), moments[4])) == names[4:]
    journal.put_outcomes(bench.shop, bench.flow, "run", [])
    assert journal.delete_older(bench.shop, bench.flow, NOON) == 1
    assert journal.delete_older(bench.shop, "another_flow", NOON) == 0
    assert list(journal.names(bench.shop, bench.flow, moments[0], moments[4])) == names[1:]


def test_a_blob_is_not_overwritten_by_accident(bench: Bench) -> None:
    """A taken name is refused unless overwriting is asked for; deleting twice is fine."""
    blobs, name = bench.state.blobs, f"journal/{bench.shop}/one"
    blobs.put(name, b"1")
    with pytest.raises(BlobPresent):
        blobs.put(name, b"2")
    assert blobs.get(name) == b"1"
    blobs.put(name, b"3", overwrite=True)
    assert blobs.get(name) == b"3"
    assert [info.name for info in blobs.list(f"journal/{bench.shop}/")] == [name]
    blobs.delete(name)
    blobs.delete(name)
    assert blobs.get(name) is None
    with pytest.raises(Invalid):
        blobs.put("Journal/x", b"")


def test_a_lease_belongs_to_one(bench: Bench) -> None:
    """A second holder is refused, the first may prolong, and a release frees it for the next."""
    blobs, name = bench.state.blobs, f"permits/{bench.shop}/lease"
    one, two = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
    assert blobs.lease(name, one, 15) is None
    blobs.put(name, b"")
    assert blobs.lease(name, one, 15) is True
    assert blobs.lease(name, two, 15) is False
    assert blobs.lease(name, one, 60) is True
    blobs.release(name, two)
    assert blobs.lease(name, two, 15) is False
    blobs.release(name, one)
    assert blobs.lease(name, two, 15) is True
    for seconds in (14, 61):
        with pytest.raises(Invalid):
            blobs.lease(name, two, seconds)
    with pytest.raises(BlobPresent):
        blobs.put(name, b"x", overwrite=True)


@pytest.mark.parametrize("bench", ["memory", pytest.param("azurite", marks=pytest.mark.long)], indirect=True)
def test_a_crashed_holder_frees_its_lease_by_time(bench: Bench) -> None:
    """A lease that nobody renews runs out, and the next may have it."""
    blobs, name = bench.state.blobs, f"permits/{bench.shop}/crashed"
    blobs.put(name, b"")
    assert blobs.lease(name, "11111111-1111-4111-8111-111111111111", 15)
    bench.service_wait(16)
    assert blobs.lease(name, "22222222-2222-4222-8222-222222222222", 15)


def permits(bench: Bench, slots: int) -> StoredPermits:
    """Permits of that many slots."""
    return StoredPermits(bench.state.blobs, dict.fromkeys(Side, slots), bench.new_id)


def test_loads_get_six_of_ten_permits_and_live_changes_the_rest(bench: Bench) -> None:
    """Six loads get in, the seventh does not; four live changes still do, the eleventh worker does not."""
    held = permits(bench, 10)
    with ExitStack() as stack:
        loads = [stack.enter_context(held.hold(Side.CRM, load=True)) for _ in range(7)]
        assert loads == [True] * 6 + [False]
        live = [stack.enter_context(held.hold(Side.CRM, load=False)) for _ in range(5)]
        assert live == [True] * 4 + [False]
        assert stack.enter_context(held.hold(Side.SHOPIFY, load=False))
    with held.hold(Side.CRM, load=True) as again:
        assert again


def test_a_permit_comes_back_after_an_error(bench: Bench) -> None:
    """Work that fails gives its permit back."""
    held = permits(bench, 1)

    def fail() -> None:
        with held.hold(Side.SHOPIFY, load=False) as had:
            assert had
            raise RuntimeError("the work failed")

    for _ in range(3):
        with pytest.raises(RuntimeError):
            fail()


def test_an_edit_is_never_made_over_another_one(bench: Bench) -> None:
    """What was changed between reading and writing is read again; None leaves it; a blob that is gone stays gone."""
    blobs, name = bench.state.blobs, f"journal/{bench.shop}/edited"
    blobs.put(name, b"one")
    seen: list[bytes] = []

    def meanwhile(data: bytes) -> bytes:
        seen.append(data)
        if len(seen) == 1:
            blobs.put(name, b"two", overwrite=True)
        return data + b"!"

    assert blobs.edit(name, meanwhile)
    assert (seen, blobs.get(name)) == ([b"one", b"two"], b"two!")
    assert not blobs.edit(name, lambda _: None)
    assert blobs.get(name) == b"two!"
    assert not blobs.edit(name, lambda data: blobs.delete(name) or data)  # type: ignore[func-returns-value]
    assert blobs.get(name) is None
