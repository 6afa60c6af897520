"""A world with hosts in it: starts and ends them, reads the sandboxes' counters, waits until nothing moves any more.

Hosts are started by the command of sandbox/run.py. Never waits for a time, always for a condition with a deadline.
"""

from __future__ import annotations

import itertools
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from azure.storage.queue import QueueServiceClient

from sandbox import run, world
from sandbox.catalogue import Catalogue
from sandbox.processes import ChildProcess
from sandbox.seed import seed as plant

FLOWS = ("products_shopify_to_crm", "products_crm_to_shopify")
RECORDS = ("Product", "ProductVariant", "Metafield")
"""What counts as a written record of Shopify; subscriptions and definitions are set up, not synchronised."""
TICKS = tuple(f"{flow}_timer" for flow in FLOWS)


@dataclass(frozen=True)
class Counted:
    """What one actor asked of both sandboxes, up to now."""

    shopify_calls: int
    shopify_targets: Mapping[str, int]
    shopify_operations: Mapping[str, int]
    crm_requests: int
    crm_rows: int

    @property
    def written(self) -> int:
        """Records of Shopify that mutations named and rows of Dataverse that were written."""
        return sum(self.shopify_targets.values()) + self.crm_rows

    def since(self, before: Counted) -> Counted:
        """What came on top."""
        return Counted(
            self.shopify_calls - before.shopify_calls,
            Counter(self.shopify_targets) - Counter(before.shopify_targets),
            Counter(self.shopify_operations) - Counter(before.shopify_operations),
            self.crm_requests - before.crm_requests,
            self.crm_rows - before.crm_rows,
        )


@dataclass(frozen=True)
class Host:
    """One host and where it listens."""

    process: ChildProcess
    url: str

    def poll(self) -> None:
        """Fire its timers now: a host that was killed keeps the timers' lock for up to 15 seconds."""
        for name in TICKS:
            requests.post(f"{self.url}/admin/functions/{name}", json={}, timeout=30).raise_for_status()


@dataclass
class Running:
    """One world, its settings, and the hosts that run over it."""

    info: Mapping[str, Any]
    environment: dict[str, str]
    folder: Path
    catalogue: Catalogue
    hosts: list[Host] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def start(self, *options: str) -> Host:
        """One more host."""
        name = f"host{next(self._numbers)}"
        process = run.start_host(self.environment, self.folder, name, options)
        host = Host(process, json.loads((self.folder / f"{name}.info.json").read_text())["url"].rstrip("/"))
        self.hosts.append(host)
        return host

    def stop(self) -> None:
        """End every host that still runs."""
        for host in self.hosts:
            host.process.stop()

    def counted(self, actor: str = "app") -> Counted:
        """The counters of both sandboxes."""
        shopify = _counters(self.info["shopify"]["url"]).get(actor, {})
        crm = _counters(self.info["dataverse"]["url"]).get(actor, {})
        return Counted(
            shopify.get("calls", 0),
            {kind: count for kind, count in shopify.get("targets", {}).items() if kind in RECORDS},
            shopify.get("operations", {}),
            crm.get("requests", 0),
            crm.get("rows_written", 0),
        )

    def waiting(self) -> int:
        """Messages on the flows' queues, hidden ones among them; poisoned ones too."""
        service = QueueServiceClient.from_connection_string(self.info["azurite"]["connection_string"])
        with service:
            names = [queue.name for queue in service.list_queues() if queue.name.startswith(("sync-", "load-"))]
            depths = [service.get_queue_client(name).get_queue_properties().approximate_message_count for name in names]
        return sum(depth or 0 for depth in depths)

    def ticks(self) -> Counter[str]:
        """How many polls have ended, by function, over all hosts."""
        found: Counter[str] = Counter()
        for log in self.folder.glob("host*.log"):
            found.update(name for name in map(_finished, log.read_text("utf-8", "replace").splitlines()) if name)
        return found

    def settle(self, *, quiet_ticks: int = 3, timeout_s: float = 400) -> None:
        """Until `quiet_ticks` polls of every flow have passed with empty queues and without a write of the app."""
        before, ticks = -1, self.ticks()

        def quiet() -> bool:
            nonlocal before, ticks
            written = self.counted().written
            if self.waiting() or written != before:
                before, ticks = written, self.ticks()
                return False
            now = self.ticks()
            return all(now[name] - ticks[name] >= quiet_ticks for name in TICKS)

        until(quiet, timeout_s, lambda: f"still at work: {self.waiting()} messages, {self.last_lines()}")

    def last_lines(self) -> str:
        """What the hosts said last, for failures."""
        return "\n".join(host.process.last_lines(5) for host in self.hosts[-2:])


@contextmanager
def integrated(folder: Path, catalogue: Catalogue, **settings: str) -> Iterator[Running]:
    """A fresh world with that catalogue on both sides, set up, without a host; everything ends with the block."""
    with world.running(folder, say=_silent) as parts:
        plant(parts.info, catalogue, _silent)
        fixed = {f"{flow.setting}_MODE": "off" for flow in run.FLOWS if flow.name not in FLOWS}  # nobody edits theirs
        fixed["MAPPINGS_DIR"] = str(world.ROOT / "mappings")
        environment = {**run.app_environment(parts.info), **fixed, **settings}
        run.set_up(environment, parts.info["dataverse"]["admin_token"])
        running = Running(parts.info, environment, folder, catalogue)
        try:
            yield running
        finally:
            running.stop()


def until(
    condition: Callable[[], bool], timeout_s: float, why: Callable[[], str] = lambda: "", step_s: float = 0.25
) -> None:
    """Wait for a condition; after the deadline fail with the reason."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"not reached within {timeout_s:g} s. {why()}"
        time.sleep(step_s)


def said(lines: Sequence[str]) -> None:
    """Print figures so that -s shows them."""
    print("\n" + "\n".join(f"    {line}" for line in lines))


def _counters(url: str) -> dict[str, Any]:
    answer = requests.get(f"{url}/_sandbox/counters", timeout=30)
    return dict(answer.json())


def _finished(line: str) -> str:
    """The name of the timer function whose end this line of a host's log tells."""
    if not line.startswith('{"function"'):
        return ""
    name = str(json.loads(line)["function"])
    return name if name in TICKS else ""


def _silent(_: str) -> None:
    """Say nothing."""
