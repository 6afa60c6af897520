"""The flows' queues: where a message goes, that none is lost, how large one may be."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.errors import Invalid
from shared.records import Message, Origin
from shared.state.queues import HELD, LIVE, LOAD, POISON, from_text, queue_name, to_text
from tests.contract.state.conftest import Bench

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def flow(bench: Bench) -> str:
    """A flow with its queues."""
    bench.state.queues.ensure([bench.flow])
    bench.state.queues.ensure([bench.flow])
    return bench.flow


def taken(bench: Bench, name: str) -> list[Message]:
    """Everything visible on a queue, removed from it."""
    service, found = bench.state.queue_service, []
    while batch := service.receive(name, 32, 30):
        for message in batch:
            found.append(from_text(message.text))
            assert service.delete(name, message)
    return found


@pytest.mark.parametrize("origin", list(Origin))
def test_loads_and_live_changes_have_queues_of_their_own(bench: Bench, flow: str, origin: Origin) -> None:
    """Only what a first load or a full listing found goes to load-; the message comes back as it was."""
    message = Message(
        flow, bench.shop, origin, blob="journal/x", offset=3, ids=("1", "é<&>\"'"), first_at=NOW, seen_at=NOW
    )
    bench.state.queues.send(message)
    use = LOAD if origin is Origin.LOAD else LIVE
    assert bench.state.queues.depth(flow) == 1
    assert taken(bench, queue_name(use, flow)) == [message]
    assert bench.state.queues.depth(flow) == 0


def test_a_delayed_message_shows_up_later(bench: Bench, flow: str) -> None:
    """A delay hides the message, which still counts as waiting; more than 7 days becomes 7 days."""
    message = Message(flow, bench.shop, Origin.RETRY, ids=("1",))
    bench.state.queues.send(message, delay_s=2)
    assert taken(bench, queue_name(LIVE, flow)) == []
    assert bench.state.queues.depth(flow) == 1
    bench.service_wait(2.3)
    assert taken(bench, queue_name(LIVE, flow)) == [message]
    bench.state.queues.send(message, delay_s=30 * 24 * 3600)


def test_a_large_message_is_split_by_its_ids(bench: Bench, flow: str) -> None:
    """Every id and every deleted id arrives exactly once, in messages of at most 48 KiB."""
    ids = tuple(f"00000000-0000-4000-8000-{number:012d}" for number in range(4000))
    deleted = tuple(str(number) for number in range(1500))
    bench.state.queues.send(Message(flow, bench.shop, Origin.POLL, ids=ids, deleted=deleted, table="t"))
    parts = taken(bench, queue_name(LIVE, flow))
    assert sorted(identifier for part in parts for identifier in part.ids) == sorted(ids)
    assert sorted(identifier for part in parts for identifier in part.deleted) == sorted(deleted)
    assert all(len(to_text(part)) <= 48 * 1024 and part.table == "t" for part in parts)
    with pytest.raises(Invalid):
        bench.state.queues.send(Message(flow, bench.shop, Origin.POLL, ids=("x" * 50_000,)))


@pytest.mark.parametrize("done", [3, 1700])
def test_the_rest_of_a_large_message_keeps_every_id_that_is_left(bench: Bench, flow: str, done: int) -> None:
    """Promise: a message that is passed on half done and is too large then loses no id, and repeats none."""
    ids = tuple(f"00000000-0000-4000-8000-{number:012d}" for number in range(1600))
    deleted = tuple(f"10000000-0000-4000-8000-{number:012d}" for number in range(1600))
    bench.state.queues.send(Message(flow, bench.shop, Origin.RETRY, ids=ids, deleted=deleted, offset=done))
    parts = taken(bench, queue_name(LIVE, flow))
    left = [each for part in parts for each in (*part.ids, *part.deleted)[part.offset :]]
    assert sorted(left) == sorted((*ids, *deleted)[done:])
    assert not {each for part in parts for each in part.deleted} & set(ids)


def test_a_large_notice_names_whom_it_is_about_in_every_part(bench: Bench, flow: str) -> None:
    """Thousands of a customer's orders are shared out, and no part begins with an order."""
    orders = tuple(str(5_000_000_000_000 + number) for number in range(5000))
    bench.state.queues.send(Message(flow, bench.shop, Origin.WEBHOOK, ids=("4711", *orders), notice="customers/redact"))
    parts = taken(bench, queue_name(LIVE, flow))
    assert len(parts) > 1
    assert {part.ids[0] for part in parts} == {"4711"}
    assert {part.notice for part in parts} == {"customers/redact"}
    assert sorted(order for part in parts for order in part.ids[1:]) == sorted(orders)


def test_held_messages_go_back_where_they_came_from(bench: Bench, flow: str) -> None:
    """A pause moves messages aside and a resume puts all back on their own queues, none twice."""
    queues = bench.state.queues
    live = [Message(flow, bench.shop, Origin.POLL, ids=(str(number),)) for number in range(40)]
    load = [Message(flow, bench.shop, Origin.LOAD, blob=f"b{number}") for number in range(5)]
    for message in live + load:
        queues.hold(message)
    assert (queues.depth(flow), queues.held(flow)) == (0, 45)
    assert queues.release(flow) == 45
    assert queues.release(flow) == 0
    assert sorted(taken(bench, queue_name(LIVE, flow)), key=lambda m: int(m.ids[0])) == live
    assert sorted(taken(bench, queue_name(LOAD, flow)), key=lambda m: m.blob) == load


def test_a_message_held_during_a_release_does_not_go_round(bench: Bench, flow: str) -> None:
    """A release moves what was there when it began, even if a worker holds it again at once."""
    queues = bench.state.queues
    queues.hold(Message(flow, bench.shop, Origin.POLL, ids=("1",)))
    sent = queues.send

    def held_again(message: Message, *, delay_s: float = 0.0) -> None:
        queues.hold(message)

    queues.send = held_again  # type: ignore[method-assign]
    try:
        assert queues.release(flow) == 1
    finally:
        queues.send = sent  # type: ignore[method-assign]
    assert queues.held(flow) == 1


def test_poisoned_messages_are_handled_before_they_are_deleted(bench: Bench, flow: str) -> None:
    """A handler that fails leaves the message; one that works takes it, readable or not."""
    service, queues = bench.state.queue_service, bench.state.queues
    name = queue_name(LIVE, flow) + POISON
    message = Message(flow, bench.shop, Origin.POLL, ids=("1", "2"))
    service.send(name, to_text(message))

    def failing(text: str) -> None:
        raise RuntimeError("the handler failed")

    with pytest.raises(RuntimeError):
        queues.drain_poison(flow, failing)
    assert service.depth(name) == 1
    second = Message(flow, bench.shop, Origin.LOAD, ids=("3",))
    service.send(queue_name(LOAD, flow) + POISON, to_text(second))
    service.send(queue_name(LOAD, flow) + POISON, "no message")
    seen: list[str] = []
    assert queues.drain_poison(flow, seen.append) == 2
    assert sorted(seen) == sorted([to_text(second), "no message"])
    assert service.depth(queue_name(LOAD, flow) + POISON) == 0


def test_a_receipt_is_good_for_the_last_receiver_only(bench: Bench, flow: str) -> None:
    """A message given out again counts its deliveries, and the first receiver can no longer delete it."""
    service, name = bench.state.queue_service, queue_name(HELD, flow)
    service.send(name, "text")
    (first,) = service.receive(name, 1, 1)
    assert service.receive(name, 1, 1) == []
    bench.service_wait(1.3)
    (second,) = service.receive(name, 1, 30)
    assert (first.times, second.times, first.text) == (1, 2, "text")
    assert not service.delete(name, first)
    assert service.delete(name, second)
    assert not service.delete(name, second)


def test_limits_of_a_queue_are_kept(bench: Bench, flow: str) -> None:
    """64 KiB is accepted, one byte more is not; nor more than 32 messages a call, nor a name with capitals."""
    service, name = bench.state.queue_service, queue_name(HELD, flow)
    service.send(name, "x" * 65_536)
    (message,) = service.receive(name, 32, 30)
    assert len(message.text) == 65_536
    for attempt in (
        lambda: service.send(name, "x" * 65_537),
        lambda: service.send(name, "x", delay_s=8 * 24 * 3600),
        lambda: service.receive(name, 33, 30),
        lambda: service.receive(name, 1, 0),
        lambda: service.send("Held", "x"),
        lambda: service.depth("x"),
    ):
        with pytest.raises(Invalid):
            attempt()


def test_the_oldest_live_change_is_seen_without_being_taken(bench: Bench, flow: str) -> None:
    """Looking at the front takes nothing; retries, loads, hidden and unreadable messages are not what waits."""
    queues, long_ago = bench.state.queues, NOW.replace(year=2020)
    assert queues.oldest("never_made") is None
    queues.send(Message(flow, bench.shop, Origin.RETRY, ids=("1",), first_at=long_ago, attempt=2))
    queues.send(Message(flow, bench.shop, Origin.LOAD, ids=("1",), first_at=long_ago))
    queues.send(Message(flow, bench.shop, Origin.WEBHOOK, ids=("1",), first_at=long_ago), delay_s=600)
    bench.state.queue_service.send(queue_name(LIVE, flow), "{")
    assert queues.oldest(flow) is None
    for minute in (7, 3, 5):
        queues.send(Message(flow, bench.shop, Origin.POLL, ids=("1",), first_at=NOW.replace(minute=minute)))
    assert queues.oldest(flow) == queues.oldest(flow) == NOW.replace(minute=3)
