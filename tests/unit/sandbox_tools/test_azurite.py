"""Azurite starts on free ports, answers, and keeps its data only when asked to."""

from __future__ import annotations

from pathlib import Path

from azure.data.tables import TableServiceClient
from azure.storage.blob import BlobServiceClient
from azure.storage.queue import QueueServiceClient

from sandbox.azurite import running_azurite, start_azurite


def test_all_three_services_answer_the_current_clients() -> None:
    """Blob, queue and table answer the pinned SDKs over the connection string."""
    with running_azurite() as azurite:
        text = azurite.connection_string
        with BlobServiceClient.from_connection_string(text) as blobs:
            blobs.create_container("box").upload_blob("item", b"x")
        with QueueServiceClient.from_connection_string(text) as queues:
            queues.create_queue("line").send_message("m")
        with TableServiceClient.from_connection_string(text) as tables:
            tables.create_table("rows").create_entity({"PartitionKey": "p", "RowKey": "r"})
    assert not azurite.process.running


def test_data_in_a_location_outlives_a_clean_stop(tmp_path: Path) -> None:
    """With a location, what was written is there after a stop and a start, on whatever ports."""
    first = start_azurite(tmp_path)
    with BlobServiceClient.from_connection_string(first.connection_string) as blobs:
        blobs.create_container("box").upload_blob("item", b"kept")
    assert first.stop() == 0
    second = start_azurite(tmp_path)
    try:
        with BlobServiceClient.from_connection_string(second.connection_string) as blobs:
            assert blobs.get_blob_client("box", "item").download_blob().readall() == b"kept"
    finally:
        second.stop()


def test_two_run_side_by_side() -> None:
    """Two emulators started together take different ports and share nothing."""
    with running_azurite() as one, running_azurite() as two:
        assert not set(one.info().values()) & set(two.info().values())
