"""Queues on real storage: tries, poison, delays, several hosts, clean stops and crashes."""

from __future__ import annotations

import collections
import json
import signal
import time

import requests
from azure.storage.queue import QueueClient

from tests.contract.host.world import World, wait_for


def _messages(queue: QueueClient) -> list[str]:
    return [message.content for message in queue.peek_messages(32)]


def _length(world: World) -> int:
    """Messages in the queue, hidden ones included."""
    return world.queue.get_queue_properties().approximate_message_count or 0


def test_a_failing_message_is_tried_three_times_and_then_poison(world: World) -> None:
    """After maxDequeueCount failures, visibilityTimeout apart, the message is in the poison queue and nowhere else."""
    host, _ = world.start_host()
    world.send(id=1, fail=99)
    assert wait_for(lambda: [e["attempt"] for e in world.events("begin")] == [1, 2, 3])
    assert wait_for(lambda: _length(world) == 0)
    assert "after 3 tries" in host.output()
    assert [json.loads(text)["id"] for text in _messages(world.poison)] == [1]


def test_a_message_that_succeeds_on_its_second_try_is_done(world: World) -> None:
    """A failure releases the message after visibilityTimeout, not before, and a success deletes it."""
    world.start_host()
    world.send(id=1, fail=1)
    assert wait_for(lambda: world.ids("begin") == [1])
    released = time.monotonic()
    assert wait_for(lambda: world.ids("end") == [1])
    assert time.monotonic() - released > 0.5
    assert wait_for(lambda: _length(world) == 0)
    assert [e["attempt"] for e in world.events("begin")] == [1, 2]


def test_a_message_tried_too_often_elsewhere_is_poison_without_a_run(world: World) -> None:
    """A message already received more than maxDequeueCount times goes to the poison queue unrun."""
    world.send(id=1)
    for _ in range(3):
        message = world.queue.receive_message(visibility_timeout=1)
        assert message is not None
        world.queue.update_message(message.id, message.pop_receipt, visibility_timeout=0)
    world.start_host()
    assert wait_for(lambda: _length(world) == 0)
    assert world.events("begin") == []
    assert len(_messages(world.poison)) == 1


def test_a_delayed_message_is_delivered_when_it_is_due(world: World) -> None:
    """A message sent with a visibility delay is not delivered before it."""
    world.start_host()
    sent = time.time()
    world.queue.send_message(json.dumps({"id": 1}), visibility_timeout=2)
    assert wait_for(lambda: world.ids("end") == [1])
    assert time.time() - sent > 1.5


def test_an_output_binding_feeds_the_queue(world: World) -> None:
    """What an HTTP function sets on a queue output is delivered to the queue's function."""
    _, info = world.start_host()
    assert requests.post(f"{info['url']}/api/send", data=json.dumps({"id": 5}), timeout=10).status_code == 202
    assert wait_for(lambda: world.ids("end") == [5])


def test_parallel_work_is_bounded_by_batch_size_and_threshold(world: World) -> None:
    """One host has at most batchSize + newBatchThreshold messages under way, and more than batchSize at times."""
    for number in range(12):
        world.send(id=number, sleep=0.5)
    world.start_host(PYTHON_THREADPOOL_THREAD_COUNT="12")
    assert wait_for(lambda: len(world.events("end")) == 12)
    under_way = most = 0
    for line in (world.folder / "events.jsonl").read_text("utf-8").splitlines():
        under_way += {"begin": 1, "end": -1}[json.loads(line)["event"]]
        most = max(most, under_way)
    assert 4 <= most <= 6


def test_a_long_run_keeps_its_message(world: World) -> None:
    """A function that runs three times the lock time is not delivered a second time: the lock is renewed."""
    world.start_host()
    world.send(id=1, sleep=6)
    assert wait_for(lambda: world.ids("end") == [1])
    assert wait_for(lambda: _length(world) == 0)
    assert len(world.events("begin")) == 1


def test_four_hosts_share_the_work(world: World) -> None:
    """Four processes on one queue handle 200 messages exactly once each, and all four take part."""
    for _ in range(4):
        world.start_host()
    for number in range(200):
        world.send(id=number, sleep=0.05)
    assert wait_for(lambda: len(world.events("end")) >= 200, 60)
    assert wait_for(lambda: _length(world) == 0)
    assert world.ids("end") == list(range(200))
    assert len(world.events("begin")) == 200
    shares = collections.Counter(event["pid"] for event in world.events("end"))
    assert len(shares) == 4


def test_sigterm_finishes_what_runs_and_takes_nothing_new(world: World) -> None:
    """On SIGTERM calls are refused at once, running functions end, the rest stays in the queue, exit code 0."""
    host, info = world.start_host(PYTHON_THREADPOOL_THREAD_COUNT="2")
    for number in range(20):
        world.send(id=number, sleep=5)
    assert wait_for(lambda: len(world.events("begin")) >= 2)
    host.signal(signal.SIGTERM)
    assert wait_for(lambda: _refused(info["url"]), 4.5)
    assert host.running
    assert host.stop(grace_s=30) == 0
    assert world.ids("begin") == world.ids("end")
    assert 2 <= len(world.events("end")) <= 10
    assert _length(world) == 20 - len(world.events("end"))


def _refused(url: str) -> bool:
    try:
        requests.get(url, timeout=2)
    except requests.ConnectionError:
        return True
    return False


def test_a_killed_hosts_message_comes_back_when_its_lock_ends(world: World) -> None:
    """After SIGKILL another host gets the message, as its second try, and not before the lock time has passed."""
    first, _ = world.start_host()
    world.send(id=1, sleep=2)
    assert wait_for(lambda: world.ids("begin") == [1])
    assert first.kill() == -signal.SIGKILL
    killed = time.monotonic()
    world.start_host()
    assert wait_for(lambda: world.ids("end") == [1])
    assert time.monotonic() - killed > 2.5
    assert [event["attempt"] for event in world.events("begin")] == [1, 2]


def test_a_grace_time_that_is_too_short_is_said(world: World) -> None:
    """Work that outlasts the grace time ends the process with code 1 and the function's name in the log."""
    host, _ = world.start_host("--grace-s", "0.5")
    world.send(id=1, sleep=20)
    assert wait_for(lambda: world.ids("begin") == [1])
    assert host.stop(grace_s=15) == 1
    assert "still running after 0.5 s: work" in host.output()


def test_a_queue_that_appears_later_is_listened_to(world: World) -> None:
    """A queue that does not exist is waited for and never created by the host."""
    world.queue.delete_queue()
    world.start_host()
    time.sleep(1)
    world.queue.create_queue()  # would be a conflict if the host had created it
    world.send(id=1)
    assert wait_for(lambda: world.ids("end") == [1])
