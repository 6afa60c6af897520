"""Several hosts, people who edit on both sides, vendors that refuse, webhooks that get lost, hosts that are killed.

`SOAK` seeds repeat what people do and which host dies; moments are the machine's. Only hosts are killed, never the
storage or the two systems. Afterwards the troubles end, and the auditor looks.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox import catalogue
from sandbox.catalogue import Catalogue, CrmProduct, SeedProduct, SeedVariant
from sandbox.seed import Crm, Shop
from shared import settings, wiring
from shared.flows import FLOWS
from tests.e2e.auditor import audit
from tests.e2e.edits import AGAIN, Editors
from tests.e2e.front import Front, standing
from tests.e2e.running import Running, integrated, said
from tests.e2e.test_crashes import OPTIONS, SHORT

APART_S = 1.0
"""Between two edits."""
KILL_EVERY_S = 20.0
REST_S = 900
FRESH = ("shopify_price", "shopify_sku", "shopify_title", "shopify_description",
         "crm_price", "crm_number", "crm_rename", "crm_description", "crm_vendor_part")  # fmt: skip
ONCE = {"crm_retire": 2, "crm_delete": 2, "shopify_archive": 2}
"""No deletes in Shopify: where the webhook of one is lost, only the nightly comparison finds it."""
NEW = "new"
FAULTS = {
    "shopify": [
        {"kind": "too_many_requests", "rate": 0.01, "times": None, "actor": "app"},
        {"kind": "server_error", "rate": 0.005, "times": None, "actor": "app", "status": 503},
        {"kind": "reply_lost", "rate": 0.005, "times": None, "actor": "app"},
    ],
    "dataverse": [
        {"kind": "throttled", "rate": 0.01, "actor": "app", "retry_after_s": 2},
        {"kind": "server_error", "rate": 0.005, "actor": "app", "status": 503},
        {"kind": "lost_answer", "rate": 0.005, "actor": "app"},
    ],
}


@dataclass
class Soak:
    """One run: what is running, what was done, what went wrong on purpose."""

    running: Running
    front: Front
    chance: random.Random
    kills: int = 0
    made: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def urls(self) -> list[str]:
        return [host.url for host in self.running.hosts if host.process.running]

    def kill_one(self) -> None:
        """SIGKILL to one of the living, and another in its place."""
        living = [host for host in self.running.hosts if host.process.running]
        self.chance.choice(living).process.kill()
        self.kills += 1
        self.running.start(*OPTIONS)


@pytest.mark.long
@pytest.mark.parametrize(("seconds", "hosts"), [(60, 2), (600, 4)], ids=["one minute", "ten minutes"])
@pytest.mark.timeout(2400)
def test_hosts_that_die_amid_faults_and_edits_end_with_both_sides_equal(
    tmp_path: Path, seconds: int, hosts: int
) -> None:
    """Ends equal, nothing doubled, nothing lost, nothing parked without a cause, at rest."""
    seed = seconds + hosts
    whole = catalogue.build(3)
    small = replace(whole, shopify=whole.shopify[3:40] + whole.shopify[-6:], crm=whole.crm[:60])
    with _prepared(tmp_path, small, hosts, seed) as soak:
        editors = _edited(soak, seconds)
        started = time.monotonic()
        soak.running.settle(timeout_s=REST_S)
        _judge(soak, editors, time.monotonic() - started)


@contextmanager
def _prepared(folder: Path, seeded: Catalogue, hosts: int, seed: int) -> Iterator[Soak]:
    """A world whose first load is done, with so many hosts behind one address."""
    soaks: list[Soak] = []
    with (
        standing(lambda: soaks[0].urls() if soaks else [], seed) as (front, url),
        integrated(folder, seeded, **SHORT, WEBHOOKS_URL=url) as running,
    ):
        soaks.append(Soak(running, front, random.Random(seed)))
        front.spoils = False
        with ThreadPoolExecutor(hosts) as pool:
            list(pool.map(lambda _: running.start(*OPTIONS), range(hosts)))
        running.settle()
        yield soaks[0]


def _edited(soak: Soak, seconds: int) -> Editors:
    """People edit for so long while everything goes wrong; then the troubles end."""
    running = soak.running
    editors = Editors(running.info, audit(running.info, shared=running.catalogue.shared), seed=seconds)
    soak.front.seen.clear()
    soak.front.spoils = True
    _order(running.info, FAULTS)
    end, kill_at = time.monotonic() + seconds, time.monotonic() + KILL_EVERY_S / 2
    steps = editors.steps(_script(soak.chance, round(seconds / APART_S)))
    with ThreadPoolExecutor(1) as killer:
        killing = []
        while time.monotonic() < end:
            begun = time.monotonic()
            soak.made[next(steps, "none")] += 1
            if soak.chance.random() < 0.1:
                _create(soak)
            if begun >= kill_at:
                killing.append(killer.submit(soak.kill_one))
                kill_at += KILL_EVERY_S
            time.sleep(max(0.0, APART_S - (time.monotonic() - begun)))  # the pace itself: nothing is waited for
        for each in killing:
            each.result()
    _order(running.info, {"shopify": [], "dataverse": []})
    soak.front.spoils = False
    return editors


def _script(chance: random.Random, count: int) -> dict[str, int]:
    """So many edits: each kind first on records nobody touched, the rest on records edited moments before."""
    script = Counter(dict(ONCE))
    fresh = min(5, max(1, count // 20))
    script.update(dict.fromkeys(FRESH, fresh))
    while script.total() < count + 50:
        script[chance.choice(FRESH) + AGAIN] += 1
    return dict(script)


def _create(soak: Soak) -> None:
    """Somebody makes a product, on one side or the other."""
    number = soak.made[NEW]
    soak.made[NEW] += 1
    price = Decimal(soak.chance.randrange(100, 9_999)) / 100
    if number % 2:
        Crm(soak.running.info["dataverse"]).create(CrmProduct(f"SOAK-C{number}", f"Soaked {number}", "New.", price))
    else:
        variants = tuple(SeedVariant(f"SOAK-S{number}-{size}", price, (size,)) for size in "SM")
        product = SeedProduct(f"Soaked {number}", "<p>New.</p>", "ACTIVE", ("Size",), variants)
        Shop(soak.running.info["shopify"]).create(product)


def _order(info: Mapping[str, Any], faults: Mapping[str, list[dict[str, Any]]]) -> None:
    """Order these faults of both sandboxes; none take all back."""
    url = f"{info['shopify']['url']}/_sandbox/faults"
    requests.post(url, json=faults["shopify"], timeout=30).raise_for_status()
    for fault in faults["dataverse"] or [{"clear": True}]:
        url = f"{info['dataverse']['url']}/_sandbox/faults"
        requests.post(url, json=fault, timeout=30).raise_for_status()


def _struck(info: Mapping[str, Any]) -> Any:
    return requests.get(f"{info['dataverse']['url']}/_sandbox/faults", timeout=30).json()["struck"]


def _judge(soak: Soak, editors: Editors, rest_s: float) -> None:
    running, made = soak.running, editors.made
    found = audit(running.info, shared=running.catalogue.shared, ended=frozenset(made.ended))
    parked, shopify = _parked(running), running.counted().shopify_operations
    said(
        [
            f"{sum(made.edits.values())} edits of {len(made.records)} records and {soak.made[NEW]} new ones, "
            f"{soak.kills} kills; at rest {rest_s:.0f} s after the last",
            f"webhooks: {dict(soak.front.seen)}",
            f"refused by Shopify: { {name: count for name, count in shopify.items() if name.startswith('HTTP')} } of "
            f"{running.counted().shopify_calls}, by Dataverse: {_struck(running.info)} of "
            f"{running.counted().crm_requests}; answers lost besides",
            f"parked: {dict(Counter(parked.values()))}",
            str(found),
        ]
    )
    assert not found.findings, str(found)
    shared = {variant.id for variant in found.variants.values() if variant.sku in running.catalogue.shared}
    assert set(parked) <= shared, f"parked without a cause: {parked}"


def _parked(running: Running) -> dict[str, str]:
    """What waits for a person: record id → error code."""
    app = wiring.open_app(settings.read(running.environment, flows=FLOWS))
    rows = [row for flow in FLOWS for shop in app.settings.shops for row in app.state.parked.list(shop.shop, flow.name)]
    app.close()
    return {row.source_id: row.code for row in rows}
