"""Every text that a storage account holds, decoded: what somebody finds who searches all of it.

Asks the service by its own means (all tables, all containers, all queues), or the twin for what it keeps.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from typing import Any

from shared.state.store import State


def everything(state: State) -> Iterator[str]:
    """Keys and values of all rows, names and lines of all blobs, texts of all messages."""
    for table in state.tables.values():
        yield from _rows(table)
    for name in _names(state.blobs):
        yield name
        data = state.blobs.get(name) or b""
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode(errors="replace")
        for line in text.splitlines():
            yield from _texts(line)
    yield from _messages(state.queue_service)


def _rows(table: Any) -> Iterator[str]:
    if hasattr(table, "_rows"):
        for row in table._rows.values():
            yield from _texts([row.partition, row.key, row.values])
    else:
        for entity in table._client.list_entities():
            yield from _texts(dict(entity))


def _names(blobs: Any) -> list[str]:
    if hasattr(blobs, "_blobs"):
        return list(blobs._blobs)
    containers = [container.name for container in blobs._service.list_containers()]
    return [
        f"{container}/{blob.name}"
        for container in containers
        for blob in blobs._service.get_container_client(container).list_blobs()
    ]


def _messages(queues: Any) -> Iterator[str]:
    if hasattr(queues, "_queues"):
        yield from (one.text for queue in queues._queues.values() for one in queue.values())
        return
    for queue in queues._service.list_queues():
        yield from (each.content for each in queues._service.get_queue_client(queue.name).peek_messages(32))


def _texts(value: Any) -> Iterator[str]:
    """The texts inside a value, and inside the JSON that a text may be."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (*_texts(key), *_texts(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str):
        yield value
        if value[:1] in ("{", "["):
            try:
                yield from _texts(json.loads(value))
            except ValueError:
                return
