"""What is made once per process."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import Mock

import pytest

from shared import identity, opening, settings, wiring

SIGNED = {
    "SHOPIFY_SHOPS": "acme.myshopify.com",
    "SHOPIFY_TOKEN": "t",
    "DATAVERSE_URL": "https://acme.crm.dynamics.com",
    "DATAVERSE_TENANT_ID": "tenant",
    "DATAVERSE_CLIENT_ID": "id",
    "DATAVERSE_CLIENT_SECRET": "secret",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
}


def test_requests_that_come_together_at_a_cold_start_share_one_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: the app is put together once, however many requests a fresh instance begins with."""
    made: list[Mock] = []
    gate = threading.Barrier(8)

    def slowly(_: object) -> Mock:
        time.sleep(0.05)
        made.append(Mock())
        return made[-1]

    monkeypatch.setattr(settings, "read", lambda **_: None)
    monkeypatch.setattr(wiring, "open_app", slowly)
    wiring._made.cache_clear()
    try:
        with ThreadPoolExecutor(8) as pool:
            apps = [each.result() for each in [pool.submit(lambda: (gate.wait(), wiring.app())[1]) for _ in range(8)]]
    finally:
        wiring._made.cache_clear()
    assert len(made) == 1
    assert set(apps) == set(made)


def test_the_registration_of_the_settings_signs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: the registration that a settings file names signs in, though nothing of it is in the environment."""
    made: list[tuple[str, ...]] = []
    monkeypatch.setattr(identity, "ClientSecretCredential", lambda *given: made.append(given) or Mock())
    monkeypatch.setattr(identity, "DefaultAzureCredential", lambda: made.append(()) or Mock())
    nobody = dict.fromkeys(("DATAVERSE_TENANT_ID", "DATAVERSE_CLIENT_ID", "DATAVERSE_CLIENT_SECRET"), "")
    for changes in ({}, nobody):
        wiring.open_app(settings.read({**SIGNED, **changes}), state=Mock())
    assert made == [("tenant", "id", "secret"), ()]


def test_storage_is_reached_as_the_apps_identity_whoever_signs_in_to_dataverse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise: a registration for Dataverse has no rights on the storage account, and is not sent there."""
    opened: list[Any] = []
    monkeypatch.setattr(opening, "open_state", lambda account, **_: opened.append(account))
    monkeypatch.setattr(identity, "DefaultAzureCredential", lambda: "the app's identity")
    by_identity = {"AzureWebJobsStorage": "", "AzureWebJobsStorage__accountName": "acme"}
    opening.state_of(settings.read({**SIGNED, **by_identity}), Mock())
    assert opened[0].credential == "the app's identity"


def test_the_longest_wait_holds_for_both_systems() -> None:
    """Promise: SYNC_TIMEOUT_S bounds every answer of Dataverse as of Shopify, so that a lease outlasts both."""
    app = wiring.open_app(settings.read({**SIGNED, "DATAVERSE_TOKEN": "t", "SYNC_TIMEOUT_S": "7"}), state=Mock())
    policies = [app.crm.transport.policy, *(shop.transport.policy for shop in app.shopify.values())]
    assert [(policy.total_s, policy.budget_s) for policy in policies] == [(7, 7), (7, 7)]
    assert policies[0].read_s == 7
    assert 503 in policies[0].refused
