"""What is measured: Azurite, the app on the local host with its HTTP functions only, and the plain endpoint beside it.

Flex Consumption scales HTTP functions apart from queues and timers, so the others are switched off as on Azure, by
`AzureWebJobs.<name>.Disabled`. No sandbox of the two systems is needed: a webhook is answered before anything is read.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from azure.storage.queue import QueueServiceClient

from sandbox.azurite import running_azurite
from sandbox.host.app_loader import load_app
from sandbox.host.functions import read_functions
from sandbox.load.deliveries import CRM_FLOW, KEY, SECRET, SHOP, SHOPIFY_FLOW
from sandbox.processes import ChildProcess, start_process
from sandbox.world import ROOT, complete

PLAIN = Path(__file__).resolve().parent / "plain"
FLOWS = (SHOPIFY_FLOW, CRM_FLOW)
HIDDEN_S = 86_400
"""To hide what was counted costs one request for 32; to delete it one each, at 40 ms in Azurite's full queues."""


@dataclass(frozen=True)
class Served:
    """One host: its process and its port."""

    process: ChildProcess
    port: int


@dataclass(frozen=True)
class Stage:
    """Everything that runs during a measurement."""

    apps: tuple[Served, ...]
    plain: Served
    azurite: ChildProcess
    account: str

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds used so far by each process, those of the app together."""
        others = {"plain": _cpu_s(self.plain.process.pid), "storage": _cpu_s(self.azurite.pid)}
        return {"app": sum(_cpu_s(each.process.pid) for each in self.apps), **others}

    def accepted(self) -> Counter[tuple[str, str]]:
        """Every message of the flows' queues, taken and hidden: how often each (flow, id) was there."""
        found: Counter[tuple[str, str]] = Counter()
        with QueueServiceClient.from_connection_string(self.account) as service:
            for flow in FLOWS:
                queue = service.get_queue_client(f"sync-{flow.replace('_', '-')}")
                for message in queue.receive_messages(messages_per_page=32, visibility_timeout=HIDDEN_S):
                    for record_id in json.loads(message.content)["ids"]:
                        found[flow, record_id] += 1
        return found


@contextmanager
def running(folder: Path, hosts: int) -> Iterator[Stage]:
    """All of it on free loopback ports, the app in so many host processes; ends with the block."""
    with ExitStack() as stack:
        azurite = stack.enter_context(running_azurite())
        account = azurite.connection_string
        plain = _serve(stack, folder, PLAIN, {"AzureWebJobsStorage": account})
        settings = {**_settings(account), **_http_only()}
        apps = tuple(_serve(stack, folder / str(number), ROOT, settings) for number in range(hosts))
        yield Stage(apps, plain, azurite.process, account)


def _serve(stack: ExitStack, folder: Path, app: Path, settings: dict[str, str]) -> Served:
    folder.mkdir(parents=True, exist_ok=True)
    info = folder / f"{app.name}.info.json"
    info.unlink(missing_ok=True)
    nothing = folder / "no.settings.json"  # a developer's own local.settings.json must not be used
    nothing.write_text(json.dumps({"IsEncrypted": False, "Values": {}}))
    command = [sys.executable, "-m", "sandbox.host", "--app", app, "--port", "0", "--info", info, "--settings", nothing]
    process = start_process(
        f"host of {app.name}",
        command,
        ready=lambda _: complete(info),
        environment={**os.environ, "PYTHONPATH": str(ROOT), **settings},
        log_file=folder / f"{app.name}.log",
        timeout_s=60,
    )
    stack.callback(process.stop)
    return Served(process, int(json.loads(info.read_text())["url"].rsplit(":", 1)[1].rstrip("/")))


def _settings(account: str) -> dict[str, str]:
    return {
        "AzureWebJobsStorage": account,
        "SHOPIFY_SHOPS": SHOP,
        "SHOPIFY_CLIENT_ID": "load",
        "SHOPIFY_CLIENT_SECRET": SECRET,
        "DATAVERSE_URL": "https://load.crm.dynamics.com",
        "DATAVERSE_WEBHOOK_KEY": KEY,
        "CRM_PRICE_LIST": "Standard",
        "MAPPINGS_DIR": str(ROOT / "mappings"),
        **{f"{flow.upper()}_MODE": "on" for flow in FLOWS},
    }


def _http_only() -> dict[str, str]:
    functions, _ = read_functions(load_app(ROOT))
    return {f"AzureWebJobs.{each.name}.Disabled": "true" for each in functions if each.trigger_type != "httpTrigger"}


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
