"""The sandbox as a server: TLS that clients check, lost answers under it, ordered slowness, the way it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from sandbox.shopify import tls
from sandbox.shopify.config import REPOSITORY
from sandbox.shopify.server import ShopifySandbox
from tests.contract.shopify.client import Shop
from tests.contract.shopify.receivers import receiving

COUNT = "{ productsCount { count } }"
CREATE = 'mutation { productCreate(product: {title: "x"}) { product { id } userErrors { message } } }'


def test_tls_is_checked_by_who_knows_the_authority(box: ShopifySandbox, tmp_path: Path) -> None:
    """With the sandbox's authority the certificate is good, without it the connection is refused."""
    url = box.serve(tls=tls.files(tmp_path)) + "/admin/api/2026-10/graphql.json"
    headers, ca = {"X-Shopify-Access-Token": box.config.token}, str(tmp_path / "ca.pem")
    answer = requests.post(url, json={"query": COUNT}, headers=headers, verify=ca, timeout=10)
    assert answer.json()["data"] == {"productsCount": {"count": 0}}
    with pytest.raises(requests.exceptions.SSLError):
        requests.post(url, json={"query": COUNT}, headers=headers, timeout=10)
    assert tls.files(tmp_path) == (str(tmp_path / "cert.pem"), str(tmp_path / "key.pem"))


def test_answers_are_lost_under_tls_too(box: ShopifySandbox, shop: Shop, tmp_path: Path) -> None:
    """A lost reply was executed and a lost request was not, whatever the server."""
    url = box.serve(tls=tls.files(tmp_path)) + "/admin/api/2026-10/graphql.json"
    headers, ca = {"X-Shopify-Access-Token": box.config.token}, str(tmp_path / "ca.pem")
    for kind, count in (("reply_lost", 1), ("request_lost", 1), ("reply_lost", 2)):
        box.faults.add(kind)
        with pytest.raises(requests.ConnectionError):
            requests.post(url, json={"query": CREATE}, headers=headers, verify=ca, timeout=10)
        assert shop.data(COUNT)["productsCount"]["count"] == count


def test_latency_is_per_call_and_per_row(box: ShopifySandbox, shop: Shop) -> None:
    """An answer takes the ordered time, and so much more for each record in it."""
    for _ in range(4):
        shop.create()
    shop.client.post("/_sandbox/latency", json={"per_call_s": 0.1, "per_row_s": 0.05})
    started = time.monotonic()
    shop.data(COUNT)
    without = time.monotonic() - started
    started = time.monotonic()
    shop.data("{ products(first: 4) { nodes { id } } }")
    with_rows = time.monotonic() - started
    assert without >= 0.1
    assert with_rows >= 0.1 + 4 * 0.05


def test_a_store_of_no_file_is_one_for_as_long_as_it_runs(tmp_path: Path) -> None:
    """Without --db the program keeps its store in a file of its own, tells what is late at its end, and cleans up."""
    environment = os.environ | {"TMPDIR": str(tmp_path), "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-m", "sandbox.shopify"]
    with (
        receiving() as receiver,
        subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, env=environment) as program,
    ):
        assert program.stdout is not None
        told = json.loads(program.stdout.readline())
        assert list(tmp_path.glob("shopify-*/store.db"))
        app = {"topics": ["products/create"], "uri": receiver.url}
        requests.post(f"{told['url']}/_sandbox/app", json={"subscriptions": [app]}, timeout=10).raise_for_status()
        requests.post(f"{told['url']}/_sandbox/webhooks", json={"delay_s": 60}, timeout=10).raise_for_status()
        headers = {"X-Shopify-Access-Token": told["token"]}
        graphql = f"{told['url']}/admin/api/2026-10/graphql.json"
        requests.post(graphql, json={"query": CREATE}, headers=headers, timeout=10).raise_for_status()
        waiting = requests.get(f"{told['url']}/_sandbox/webhooks", timeout=10).json()["deliveries"]
        assert waiting == {"due": 1, "sending": 0}
        program.send_signal(signal.SIGTERM)
        assert program.wait(30) == 0
        assert receiver.topics() == ["products/create"]
    assert not list(tmp_path.glob("shopify-*/store.db"))
