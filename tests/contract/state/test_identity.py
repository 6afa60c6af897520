"""The way a deployed app reaches its storage: HTTPS and a token instead of a key, on all three services."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
from azure.core.credentials import AccessToken
from azure.core.pipeline.transport import RequestsTransport

from sandbox.azurite import ACCOUNT
from sandbox.processes import ChildProcess, start_process
from shared.errors import AuthFailed, Unavailable
from shared.records import Cursor, Item, Message, Origin, Page, Side
from shared.state.reads import InTurn
from shared.state.store import Endpoints, open_state
from tests.contract.state.conftest import ManualClock

SCRIPT = Path("node_modules/azurite/dist/src/azurite.js").resolve()


class UnsignedToken:
    """A token such as Azurite's `--oauth basic` believes: issuer, audience and times, no signature to check."""

    def __init__(self, **other: Any) -> None:
        self.scopes: set[str] = set()
        self._other = other

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        self.scopes.update(scopes)
        now = int(time.time())
        issuer = "https://sts.windows.net/11111111-1111-4111-8111-111111111111/"
        claims = {
            "aud": "https://storage.azure.com",
            "iss": issuer,
            "iat": now - 60,
            "nbf": now - 60,
            "exp": now + 3600,
            **self._other,
        }
        parts = [{"alg": "RS256", "typ": "JWT"}, claims]
        encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
        return AccessToken(".".join([*encoded, "c2ln"]), now + 3600)


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[list[str], str]]:
    """An Azurite with HTTPS and tokens: its blob, queue and table URLs, and the authority to trust."""
    folder = tmp_path_factory.mktemp("secured")
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    (folder / "cert.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    node = shutil.which("node")
    assert node is not None
    options = ["--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence", "--oauth", "basic"]
    options += ["--cert", str(folder / "cert.pem"), "--key", str(folder / "key.pem")]
    ports = [part for service in ("blob", "queue", "table") for part in (f"--{service}Port", "0")]
    child = start_process("Azurite", [node, SCRIPT, *options, *ports], ready=listening, timeout_s=60)
    yield [f"{url}/{ACCOUNT}" for url in urls(child)], str(folder / "ca.pem")
    child.stop()


def urls(child: ChildProcess) -> list[str]:
    """The addresses it has printed so far: blob, queue, table."""
    found = {
        line.split()[1]: line.split()[-1] for line in child.output().splitlines() if "successfully listening at" in line
    }
    return [found[service] for service in ("Blob", "Queue", "Table") if service in found]


def listening(child: ChildProcess) -> bool:
    """Whether all three services are there."""
    return len(urls(child)) == 3


def test_a_token_opens_all_three_services(secured: tuple[list[str], str]) -> None:
    """Tables, queues and blobs work by identity, and every token is asked for the storage service."""
    (blob_url, queue_url, table_url), authority = secured
    credential = UnsignedToken()
    transport = RequestsTransport(connection_verify=authority)
    account = Endpoints(blob_url, queue_url, table_url, credential)
    state = open_state(account, clock=ManualClock(), pool=InTurn(), transport=transport)
    state.ensure(["f"])
    stored = state.cursors.put("s", "f", "t", Cursor({"token": "1"}))
    assert state.cursors.get("s", "f", "t") == stored
    state.queues.send(Message("f", "s", Origin.POLL, ids=("1",)))
    assert state.queues.depth("f") == 1
    page = Page("f", "s", (Item("1"),), Origin.POLL)
    assert state.journal.get_page(state.journal.put_page(page)) == page
    with state.permits.hold(Side.CRM, load=True) as had:
        assert had
    assert credential.scopes == {"https://storage.azure.com/.default"}
    state.close()


@pytest.mark.parametrize(
    "claims",
    [{"aud": "https://graph.microsoft.com"}, {"exp": int(time.time()) - 60}, {"iss": "https://login.example/"}],
    ids=["of another service", "run out", "of nobody known"],
)
def test_a_token_that_is_not_for_storage_opens_nothing(secured: tuple[list[str], str], claims: dict[str, Any]) -> None:
    """Promise: it is the token that opens the account: no key stands behind it, on any of the three services."""
    (blob_url, queue_url, table_url), authority = secured
    account = Endpoints(blob_url, queue_url, table_url, UnsignedToken(**claims))
    transport = RequestsTransport(connection_verify=authority)
    state = open_state(account, clock=ManualClock(), pool=InTurn(), transport=transport)
    page = Page("f", "s", (Item("1"),), Origin.POLL)
    uses: list[Callable[[], object]] = [
        lambda: state.cursors.get("s", "f", "t"),
        lambda: state.queues.send(Message("f", "s", Origin.POLL, ids=("1",))),
        lambda: state.journal.put_page(page),
    ]
    for use in uses:
        with pytest.raises(AuthFailed):
            use()
    state.close()


def test_an_account_whose_certificate_nobody_vouches_for_is_not_spoken_to(secured: tuple[list[str], str]) -> None:
    """Promise: the token goes to nobody whose certificate is not trusted."""
    (blob_url, queue_url, table_url), _ = secured
    account = Endpoints(blob_url, queue_url, table_url, UnsignedToken())
    state = open_state(account, clock=ManualClock(), pool=InTurn(), transport=RequestsTransport())
    with pytest.raises(Unavailable):
        state.cursors.get("s", "f", "t")
    state.close()
