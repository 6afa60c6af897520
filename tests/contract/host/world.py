"""What one host test sees: its own queue, events and timers on a shared emulator, and its host processes."""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from azure.storage.queue import QueueClient

from sandbox.azurite import Azurite
from sandbox.processes import ChildProcess, start_process

_ROOT = Path(__file__).resolve().parents[3]
_APP = Path(__file__).with_name("app")
NEVER = "0 0 0 29 2 *"


class World:
    """What one test sees: its queue, its events, its hosts."""

    def __init__(self, azurite: Azurite, folder: Path) -> None:
        self.connection_string = azurite.connection_string
        self.queue_name = f"work-{uuid.uuid4().hex[:8]}"
        self.queue = QueueClient.from_connection_string(self.connection_string, self.queue_name)
        self.poison = QueueClient.from_connection_string(self.connection_string, f"{self.queue_name}-poison")
        self.queue.create_queue()
        self.folder = folder
        self._events = folder / "events.jsonl"
        self.environment = {
            "AzureWebJobsStorage": self.connection_string,
            "AzureFunctionsWebHost__hostid": self.queue_name,
            "WORK_QUEUE": self.queue_name,
            "TICK": NEVER,
            "EVENTS": str(self._events),
        }
        self._hosts: list[ChildProcess] = []

    def events(self, event: str) -> list[dict[str, Any]]:
        """All events of one name so far."""
        if not self._events.exists():
            return []
        lines = self._events.read_text("utf-8").splitlines()
        return [found for found in map(json.loads, lines) if found["event"] == event]

    def ids(self, event: str) -> list[Any]:
        """The message ids of one event so far, sorted."""
        return sorted(found["id"] for found in self.events(event))

    def send(self, **order: object) -> None:
        """Send one order."""
        self.queue.send_message(json.dumps(order))

    def start_host(self, *options: str, **settings: str) -> tuple[ChildProcess, dict[str, Any]]:
        """Start a host process; returns it and what it wrote to its info file."""
        info = self.folder / f"info-{len(self._hosts)}.json"
        base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        command = [sys.executable, "-m", "sandbox.host", "--app", _APP, "--port", "0", "--info", info]
        child = start_process(
            "host",
            [*command, "--message-lock-s", "2", "--timer-lock-s", "15", "--timer-poll-s", "0.3", *options],
            ready=lambda _: info.exists(),
            environment={**base, "PYTHONPATH": str(_ROOT), **self.environment, **settings},
        )
        self._hosts.append(child)
        return child, json.loads(info.read_text("utf-8"))

    def close(self) -> None:
        """End the hosts and close the clients."""
        for host in self._hosts:
            host.stop()
        self.queue.close()
        self.poison.close()


def wait_for(condition: Callable[[], object], timeout_s: float = 40) -> bool:
    """Wait until a condition holds; whether it did in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
