"""Starts and stops Azurite, Microsoft's storage emulator, on free loopback ports.

In memory by default; with a location the data outlives the process (SIGTERM only: a killed Azurite loses its
last writes). Azurite chooses the ports itself and prints them, so two starts can never race for one port.
Must never listen beyond loopback.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.processes import ChildProcess, start_process

ACCOUNT = "devstoreaccount1"
# The emulator's published account key: the same on every machine, no secret.
# https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
_SCRIPT = Path(__file__).resolve().parent.parent / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"
_LISTENING = re.compile(r"Azurite (Blob|Queue|Table) service is successfully listening at (http://\S+)")


@dataclass(frozen=True)
class Azurite:
    """One running emulator: its three endpoints (with the account's name) and its process."""

    blob_url: str
    queue_url: str
    table_url: str
    process: ChildProcess

    @property
    def connection_string(self) -> str:
        """What AzureWebJobsStorage holds."""
        return (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};"
            f"BlobEndpoint={self.blob_url};QueueEndpoint={self.queue_url};TableEndpoint={self.table_url};"
        )

    def info(self) -> dict[str, str]:
        """The endpoints as the `--info` files of the sandbox hold them."""
        return {
            "connection_string": self.connection_string,
            "blob_url": self.blob_url,
            "queue_url": self.queue_url,
            "table_url": self.table_url,
        }

    def stop(self) -> int:
        """End it cleanly (its data is written when it has a location) and return its exit code."""
        return self.process.stop()


def start_azurite(location: Path | None = None, *, timeout_s: float = 60) -> Azurite:
    """Start Azurite, in memory or in a folder, and return once all three services listen.

    Raises FileNotFoundError when it is not installed and ProcessFailedError when it does not come up.
    """
    process = start_process("Azurite", _command(location), ready=_all_listening, timeout_s=timeout_s)
    urls = {service: f"{url}/{ACCOUNT}" for service, url in _LISTENING.findall(process.output())}
    return Azurite(urls["Blob"], urls["Queue"], urls["Table"], process)


@contextmanager
def running_azurite(location: Path | None = None) -> Iterator[Azurite]:
    """Azurite for the length of a `with` block."""
    azurite = start_azurite(location)
    try:
        yield azurite
    finally:
        azurite.stop()


def _command(location: Path | None) -> list[str | Path]:
    node = shutil.which("node")
    if node is None or not _SCRIPT.is_file():
        missing = "node is not on PATH" if node is None else f"{_SCRIPT} does not exist"
        raise FileNotFoundError(f"Azurite is not installed ({missing}): run `make test` or `make run` once.")
    if location is not None:
        location.mkdir(parents=True, exist_ok=True)
    persistence = ["--inMemoryPersistence"] if location is None else ["--location", location]
    ports = [part for service in ("blob", "queue", "table") for part in (f"--{service}Port", "0")]
    # The Python SDKs send API versions that are newer than this Azurite knows: the check must be off.
    return [node, _SCRIPT, "--silent", "--disableTelemetry", "--skipApiVersionCheck", *persistence, *ports]


def _all_listening(process: ChildProcess) -> bool:
    return len({service for service, _ in _LISTENING.findall(process.output())}) == 3
