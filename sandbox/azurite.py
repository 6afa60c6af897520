"""Starts and stops Azurite, Microsoft's storage emulator, on loopback ports.

In memory by default; with a location the data outlives the process (SIGTERM only: a killed Azurite loses its
last writes). Azurite chooses free ports itself and prints them, so two starts can never race for one port; only
who must be found under UseDevelopmentStorage=true asks for DEVELOPMENT_PORTS. Must never listen beyond loopback.
"""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.processes import ChildProcess, ProcessFailedError, start_process

ACCOUNT = "devstoreaccount1"
# The emulator's published account key: the same on every machine, no secret.
# https://learn.microsoft.com/azure/storage/common/storage-connect-azurite
ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
DEVELOPMENT_PORTS = (10000, 10001, 10002)
"""Of blobs, queues and tables: where every client looks under UseDevelopmentStorage=true."""
_FREE = (0, 0, 0)
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


def start_azurite(location: Path | None = None, *, ports: Sequence[int] = _FREE, timeout_s: float = 60) -> Azurite:
    """Start Azurite, in memory or in a folder, and return once all three services listen.

    Raises FileNotFoundError when it is not installed and ProcessFailedError when a port that was asked for is taken
    or it does not come up.
    """
    if taken := [port for port in ports if port and not _free(port)]:
        raise ProcessFailedError(
            f"Azurite cannot start: port {taken[0]} is taken. End what listens there (another Azurite?), or set "
            "AzureWebJobsStorage to the connection string of a storage account."
        )
    process = start_process("Azurite", _command(location, ports), ready=_all_listening, timeout_s=timeout_s)
    urls = {service: f"{url}/{ACCOUNT}" for service, url in _LISTENING.findall(process.output())}
    return Azurite(urls["Blob"], urls["Queue"], urls["Table"], process)


def _free(port: int) -> bool:
    """Whether nobody listens there; a port at rest after a stop is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def running_azurite(location: Path | None = None) -> Iterator[Azurite]:
    """Azurite for the length of a `with` block."""
    azurite = start_azurite(location)
    try:
        yield azurite
    finally:
        azurite.stop()


def _command(location: Path | None, ports: Sequence[int]) -> list[str | Path]:
    node = shutil.which("node")
    if node is None or not _SCRIPT.is_file():
        missing = "node is not on PATH" if node is None else f"{_SCRIPT} does not exist"
        raise FileNotFoundError(f"Azurite is not installed ({missing}): run `make test` or `make run` once.")
    if location is not None:
        location.mkdir(parents=True, exist_ok=True)
    persistence = ["--inMemoryPersistence"] if location is None else ["--location", location]
    services = zip(("blob", "queue", "table"), ports, strict=True)
    places = [part for service, port in services for part in (f"--{service}Port", str(port))]
    # The Python SDKs send API versions that are newer than this Azurite knows: the check must be off.
    return [node, _SCRIPT, "--silent", "--disableTelemetry", "--skipApiVersionCheck", *persistence, *places]


def _all_listening(process: ChildProcess) -> bool:
    return len({service for service, _ in _LISTENING.findall(process.output())}) == 3
