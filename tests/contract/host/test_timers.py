"""Timers on real storage: never overlapping, one catch-up run, one host at a time."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
from azure.storage.blob import BlobServiceClient

from sandbox.host.schedule_status import ScheduleStatus
from tests.contract.host.world import World, wait_for

_EVERY_SECOND = "* * * * * *"


def _status_blob(world: World) -> str:
    return f"timers/{world.queue_name}/Host.Functions.tick/status"


def _store_status(world: World, status: ScheduleStatus) -> None:
    with BlobServiceClient.from_connection_string(world.connection_string) as blobs:
        container = blobs.get_container_client("azure-webjobs-hosts")
        if not container.exists():
            container.create_container()
        container.upload_blob(_status_blob(world), status.to_json(), overwrite=True)


def _load_status(world: World) -> ScheduleStatus | None:
    with BlobServiceClient.from_connection_string(world.connection_string) as blobs:
        blob = blobs.get_blob_client("azure-webjobs-hosts", _status_blob(world))
        return ScheduleStatus.from_json(blob.download_blob().readall()) if blob.exists() else None


def test_a_timer_runs_on_its_schedule_and_never_overlaps_itself(world: World) -> None:
    """A run longer than its interval delays the next one; two never run at once."""
    world.start_host(TICK=_EVERY_SECOND, TICK_SLEEP="1.5")
    assert wait_for(lambda: len(world.events("tock")) >= 3)
    text = (world.folder / "events.jsonl").read_text("utf-8")
    names = [line.split('"')[3] for line in text.splitlines()]
    assert names[:6] == ["tick", "tock"] * 3


def test_one_of_two_hosts_runs_a_timer_and_the_other_takes_over(world: World) -> None:
    """Only the holder of the lock fires; when it stops, the other goes on."""
    first, _ = world.start_host(TICK=_EVERY_SECOND)
    assert wait_for(lambda: world.events("tick"))
    second, _ = world.start_host(TICK=_EVERY_SECOND)
    time.sleep(2.5)
    assert {event["pid"] for event in world.events("tick")} == {first.pid}
    assert first.stop() == 0
    assert wait_for(lambda: second.pid in {event["pid"] for event in world.events("tick")}, 8)


@pytest.mark.long
def test_a_killed_hosts_timers_move_when_its_lease_ends(world: World) -> None:
    """After SIGKILL the lock stays for its lease time, then another host takes the timers over."""
    first, _ = world.start_host(TICK=_EVERY_SECOND)
    second, _ = world.start_host(TICK=_EVERY_SECOND)
    assert wait_for(lambda: world.events("tick"))
    first.kill()
    killed = time.monotonic()
    assert wait_for(lambda: second.pid in {event["pid"] for event in world.events("tick")}, 40)
    assert 5 < time.monotonic() - killed < 20


def test_missed_occurrences_are_caught_up_once(world: World) -> None:
    """A host that starts after many missed occurrences runs the timer once, past due, and stores the new status."""
    last = datetime.now(UTC) - timedelta(days=30)
    _store_status(world, ScheduleStatus(last, _next_minute_three(last), last))
    world.start_host(TICK="0 3 * * * *")
    assert wait_for(lambda: world.events("tock"))
    time.sleep(0.5)
    assert [event["past_due"] for event in world.events("tick")] == [True]
    assert wait_for(lambda: (_load_status(world) or _NONE).next_at > datetime.now(UTC))


def _next_minute_three(moment: datetime) -> datetime:
    third = moment.replace(minute=3, second=0, microsecond=0)
    return third if third > moment else third + timedelta(hours=1)


_NONE = ScheduleStatus(None, datetime.min.replace(tzinfo=UTC), None)


def test_a_first_start_runs_nothing_and_remembers_the_next_occurrence(world: World) -> None:
    """A timer seen for the first time waits for its schedule, and its status is stored before any run."""
    world.start_host(TICK="0 3 * * * *")
    assert wait_for(lambda: _load_status(world))
    status = _load_status(world)
    assert status is not None
    assert status.last_at is None
    assert status.next_at.minute == 3
    assert world.events("tick") == []


def test_a_sub_minute_schedule_keeps_no_status(world: World) -> None:
    """A schedule of less than a minute is not monitored: no status blob, no catch-up."""
    world.start_host(TICK=_EVERY_SECOND)
    assert wait_for(lambda: world.events("tock"))
    assert _load_status(world) is None


def test_a_timer_can_be_fired_by_hand(world: World) -> None:
    """POST /admin/functions/<name> fires a timer whose schedule is far away."""
    _, info = world.start_host()
    answer = requests.post(f"{info['url']}/admin/functions/tick", json={"input": ""}, timeout=10)
    assert answer.status_code == 202
    assert wait_for(lambda: world.events("tock"))
    assert [event["past_due"] for event in world.events("tick")] == [False]


def test_sigterm_waits_for_a_running_timer(world: World) -> None:
    """A timer function under way is finished before the host ends with code 0."""
    host, _ = world.start_host(TICK=_EVERY_SECOND, TICK_SLEEP="2")
    assert wait_for(lambda: world.events("tick"))
    assert host.stop() == 0
    assert len(world.events("tick")) == len(world.events("tock"))
