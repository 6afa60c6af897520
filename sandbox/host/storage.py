"""Turns a connection's name into storage clients: a connection string, or an identity with `__accountName` or URIs.

https://learn.microsoft.com/azure/azure-functions/functions-reference#connections
Clients are created on demand, shared, and closed together. Must never log a setting's value.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from azure.identity import DefaultAzureCredential, ManagedIdentityCredential
from azure.storage.blob import BlobServiceClient, ContainerClient
from azure.storage.queue import QueueClient, QueueServiceClient

from sandbox.azurite import ACCOUNT, ACCOUNT_KEY

DEFAULT_CONNECTION = "AzureWebJobsStorage"
_DEVELOPMENT = "UseDevelopmentStorage=true"
# Short time-outs and few repetitions: a listener has its own back-off, and a stop must not wait for minutes.
_CLIENT_OPTIONS: dict[str, Any] = {"retry_total": 2, "connection_timeout": 5, "read_timeout": 30}


def connection_problem(connection: str, settings: Mapping[str, str]) -> str | None:
    """What is missing for a connection, as one sentence, or None when it can be used."""
    if _connection_string(connection, settings):
        return None
    found = [name for name in settings if name.startswith(f"{connection}__")]
    for service in ("queue", "blob"):
        if not _service_url(connection, service, settings):
            return (
                f"connection {connection} is not set: set {connection} to a connection string, or "
                f"{connection}__accountName (or {connection}__{service}ServiceUri) for an identity"
                + (f"; found only {', '.join(sorted(found))}." if found else ".")
            )
    return None


class Storage:
    """All storage clients of one host, by connection."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._services: dict[tuple[str, str], Any] = {}

    def queue(self, connection: str, name: str) -> QueueClient:
        """A queue's client; message texts are handed over exactly as stored."""
        client: QueueClient = self._service(connection, "queue", QueueServiceClient).get_queue_client(name)
        return client

    def container(self, connection: str, name: str) -> ContainerClient:
        """A blob container's client."""
        client: ContainerClient = self._service(connection, "blob", BlobServiceClient).get_container_client(name)
        return client

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for service in self._services.values():
                service.close()
            self._services.clear()

    def _service(self, connection: str, service: str, client_type: Any) -> Any:
        with self._lock:
            key = (connection, service)
            if key not in self._services:
                self._services[key] = self._connect(connection, service, client_type)
            return self._services[key]

    def _connect(self, connection: str, service: str, client_type: Any) -> Any:
        text = _connection_string(connection, self._settings)
        if text:
            return client_type.from_connection_string(text, **_CLIENT_OPTIONS)
        url = _service_url(connection, service, self._settings)
        if url is None:
            raise ValueError(connection_problem(connection, self._settings))
        return client_type(url, credential=_credential(connection, self._settings), **_CLIENT_OPTIONS)


def _connection_string(connection: str, settings: Mapping[str, str]) -> str | None:
    """The setting itself or with the prefix the real host tries too; the emulator's short form written out."""
    text = settings.get(connection) or settings.get(f"AzureWebJobs{connection}")
    if text is None or text.strip().rstrip(";") != _DEVELOPMENT:
        return text

    ports = {"Blob": 10000, "Queue": 10001, "Table": 10002}
    endpoints = "".join(f"{name}Endpoint=http://127.0.0.1:{port}/{ACCOUNT};" for name, port in ports.items())
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};{endpoints}"


def _service_url(connection: str, service: str, settings: Mapping[str, str]) -> str | None:
    url = settings.get(f"{connection}__{service}ServiceUri")
    account = settings.get(f"{connection}__accountName")
    return url or (f"https://{account}.{service}.core.windows.net" if account else None)


def _credential(connection: str, settings: Mapping[str, str]) -> Any:
    client_id = settings.get(f"{connection}__clientId")
    if settings.get(f"{connection}__credential", "").lower() == "managedidentity":
        return ManagedIdentityCredential(client_id=client_id)
    return DefaultAzureCredential(managed_identity_client_id=client_id)
