"""Hosts that are killed at any moment of a first load, and several hosts at once: nothing doubled, nothing missing.

Only hosts are killed, never the storage, never the two systems. The times that a crash leaves behind are shortened
together: lease and time-out of the app, the host's message and timer locks, and how many workers may write (a killed
worker's permit stays taken for a minute).
"""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox import catalogue
from sandbox.catalogue import Catalogue
from tests.e2e.auditor import Audit, audit
from tests.e2e.running import Running, integrated, said, until

SHORT = {
    "SYNC_TIMEOUT_S": "5",
    "SYNC_LEASE_S": "15",
    "SYNC_PERMITS": "200",
    "HOUSEKEEPING_SCHEDULE": "*/5 * * * * *",
}
OPTIONS = ("--message-lock-s", "5", "--timer-lock-s", "15", "--timer-poll-s", "1")


def test_three_kills_in_a_small_first_load(tmp_path: Path) -> None:
    """A host that is killed three times during a first load leaves no duplicate and no gap."""
    whole = catalogue.build(3)
    small = replace(whole, shopify=whole.shopify[3:29] + whole.shopify[-6:], crm=whole.crm[:50])
    _load_with_kills(tmp_path, small, kills=3, seed=3, settles=True)


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_twenty_kills_in_a_first_load(tmp_path: Path) -> None:
    """A host that is killed twenty times during a first load leaves no duplicate and no gap."""
    # Messages that died five times are taken apart and meet the vendor's limits: their retries may wait for long.
    _load_with_kills(tmp_path, catalogue.build(1), kills=20, seed=int(time.time()), settles=False)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_four_hosts_on_the_same_queues(tmp_path: Path) -> None:
    """Four hosts that load at the same time make what one makes, once."""
    with integrated(tmp_path, catalogue.build(1), **SHORT) as running:
        started = time.monotonic()
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: running.start(*OPTIONS), range(4)))
        running.settle(timeout_s=400)
        _assert_whole(running, f"four hosts: {time.monotonic() - started:.0f} s")


def _load_with_kills(folder: Path, seeded: Catalogue, *, kills: int, seed: int, settles: bool) -> None:
    chance = random.Random(seed)
    at_kill: list[int] = []
    with integrated(folder, seeded, **SHORT) as running:
        started = time.monotonic()
        for number in range(kills):
            host = running.start(*OPTIONS)
            host.poll()
            if number % 4:  # three of four die while they write, the fourth at any moment, perhaps before it began
                _wait_for_a_write(running, 20)
            time.sleep(chance.uniform(0.1, 3.0))  # the random moment itself: nothing is waited for
            host.process.kill()
            at_kill.append(running.counted().written)
        last = running.start(*OPTIONS)
        last.poll()
        until(
            lambda: _whole(running),
            150 if settles else 600,
            lambda: f"{_audited(running)} {running.last_lines()}",
            step_s=3,
        )
        seconds = time.monotonic() - started
        if settles:
            running.settle()
        written = running.counted().written
        amid = len({count for count in at_kill if 0 < count < written})
        said([f"seed {seed}: {kills} kills, {amid} amid the load; rows written at each: {at_kill} of {written}"])
        assert amid >= kills / 3, "too few kills met a host that was writing: they prove nothing"
        _assert_whole(running, f"{kills} kills: whole after {seconds:.0f} s, {running.waiting()} messages wait")


def _wait_for_a_write(running: Running, longest_s: float) -> None:
    """Until something more was written, or for so long: after many kills messages rest before they are tried again."""
    before, deadline = running.counted().written, time.monotonic() + longest_s
    while running.counted().written == before and time.monotonic() < deadline:
        time.sleep(0.05)


def _audited(running: Running) -> Audit:
    return audit(running.info, shared=running.catalogue.shared)


def _whole(running: Running) -> bool:
    found, wanted = _audited(running), _Wanted(running.catalogue)
    return not found.findings and (len(found.variants), len(found.products)) == (wanted.variants, wanted.products)


def _assert_whole(running: Running, what: str) -> None:
    found = _audited(running)
    counted, wanted = running.counted(), _Wanted(running.catalogue)
    repeated = counted.shopify_targets["Product"] - wanted.born_in_crm
    said([f"{what}; {found}", f"repeated creates in Shopify: {repeated}, CRM rows written {counted.crm_rows}"])
    assert not found.findings, str(found)
    assert (len(found.variants), len(found.products)) == (wanted.variants, wanted.products)
    assert len(found.parked) == 2 * catalogue.SHARED_SKUS


class _Wanted:
    """How many records each side has to end with."""

    def __init__(self, seeded: Catalogue) -> None:
        skus = [variant.sku for product in seeded.shopify for variant in product.variants]
        numbers = {row.number for row in seeded.crm}
        adopted = len(numbers & set(skus))
        self.born_in_crm = len(numbers) - adopted
        self.variants = len(skus) + self.born_in_crm
        self.products = len(numbers) + len(skus) - adopted - 2 * catalogue.SHARED_SKUS
