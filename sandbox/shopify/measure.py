"""`python -m sandbox.shopify.measure`: how fast the sandbox answers, as ratios to an endpoint that does nothing.

The server is a process of its own. Ratios, because the machine is not known; the nothing is the same web server, so
what is measured is the sandbox's own work. It prints one JSON line.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import requests

CLIENTS, SECONDS = 4, 3.0
LIST = """{ products(first: 10) { nodes { id title status updatedAt
  variants(first: 5) { nodes { id sku price } } } } }"""
ONE = "query($i: ID!) { product(id: $i) { id title updatedAt } }"
SET = """mutation($i: ProductSetInput!, $by: ProductSetIdentifiers) { productSet(input: $i, identifier: $by) {
  product { id } userErrors { message } } }"""
UPDATE = "mutation($p: ProductUpdateInput!) { productUpdate(product: $p) { userErrors { message } } }"
SUBSCRIBE = """mutation($u: String!) {
  webhookSubscriptionCreate(topic: PRODUCTS_UPDATE, webhookSubscription: {uri: $u}) {
  userErrors { message } } }"""
MANY = 250


class Session:
    """One client with a connection that is kept."""

    def __init__(self, info: dict[str, str]) -> None:
        self._url = info["url"]
        self._session = requests.Session()
        self._session.headers["X-Shopify-Access-Token"] = info["merchant_token"]

    def nothing(self) -> None:
        """Ask for nothing."""
        self._session.get(f"{self._url}/_sandbox/nothing", timeout=60).raise_for_status()

    def send(self, query: str, **variables: Any) -> Any:
        """The data of a request that must succeed."""
        body = {"query": query, "variables": variables}
        answer = self._session.post(f"{self._url}/admin/api/2026-10/graphql.json", json=body, timeout=60).json()
        if answer.get("errors"):
            raise RuntimeError(answer["errors"])
        return answer["data"]


@contextmanager
def server() -> Iterator[dict[str, str]]:
    """A sandbox in its own process, with a plan whose bucket does not run dry; how long it took to listen."""
    command = [sys.executable, "-m", "sandbox.shopify", "--plan", "enterprise"]
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            info = json.loads(process.stdout.readline())
            yield info | {"startup_s": f"{time.monotonic() - started:.2f}"}
        finally:
            process.terminate()


def sized(number: int, variants: int, price: str = "5") -> dict[str, Any]:
    """The input of a product with that many variants."""
    names = [str(place) for place in range(variants)]
    given = [{"optionValues": [{"optionName": "Size", "name": name}], "price": price} for name in names]
    return {
        "title": f"Product {number}",
        "handle": f"product-{number}",
        "productOptions": [{"name": "Size", "values": [{"name": name} for name in names]}],
        "variants": given,
    }


def per_second(info: dict[str, str], ask: Callable[[Session, int], object], seconds: float = SECONDS) -> float:
    """How many requests of that kind the server answers a second, by a few clients at once."""
    counts = [0] * CLIENTS
    end = time.monotonic() + seconds

    def work(place: int) -> None:
        session = Session(info)
        while time.monotonic() < end:
            ask(session, place)
            counts[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def waits(info: dict[str, str], product: str, seconds: float = SECONDS) -> list[float]:
    """How long a small read takes, again and again."""
    session, found, end = Session(info), [], time.monotonic() + seconds
    while time.monotonic() < end:
        started = time.monotonic()
        session.send(ONE, i=product)
        found.append(time.monotonic() - started)
    return found


def while_writing(info: dict[str, str], product: str, seconds: float = SECONDS) -> list[float]:
    """The same, while another client writes products with many variants and webhooks are delivered."""
    stop = threading.Event()

    def write() -> None:
        session, number = Session(info), 0
        while not stop.is_set():
            number += 1
            session.send(SET, i=sized(1, MANY, str(number)), by={"handle": "product-1"})

    thread = threading.Thread(target=write)
    thread.start()
    time.sleep(0.2)
    found = waits(info, product, seconds)
    stop.set()
    thread.join()
    return found


def measure(seconds: float = SECONDS) -> dict[str, Any]:
    """All figures."""
    with server() as info:
        session = Session(info)
        made = [session.send(SET, i=sized(number, 5))["productSet"]["product"]["id"] for number in range(50)]
        nothing = per_second(info, lambda one, _: one.nothing(), seconds)
        rates = {
            "one": per_second(info, lambda one, _: one.send(ONE, i=made[0]), seconds),
            "list": per_second(info, lambda one, _: one.send(LIST), seconds),
            "update": per_second(
                info, lambda one, place: one.send(UPDATE, p={"id": made[place], "title": str(time.time())}), seconds
            ),
        }
        alone = waits(info, made[0], seconds)
        started = time.monotonic()
        session.send(SET, i=sized(1, MANY), by={"handle": "product-1"})
        longest = time.monotonic() - started
        session.send(SUBSCRIBE, u=f"{info['url']}/_sandbox/nowhere")
        beside = while_writing(info, made[0], seconds)
    return {
        "startup_s": float(info["startup_s"]),
        "nothing_per_s": round(nothing),
        **{f"{name}_per_s": round(rate) for name, rate in rates.items()},
        **{f"{name}_ratio": round(rate / nothing, 3) for name, rate in rates.items()},
        "read_alone_ms": _milliseconds(alone),
        "read_beside_writes_ms": _milliseconds(beside),
        "one_write_ms": round(longest * 1000),
    }


def _milliseconds(found: list[float]) -> dict[str, float]:
    ordered = sorted(found)
    return {
        "median": round(statistics.median(ordered) * 1000, 1),
        "p95": round(ordered[int(len(ordered) * 0.95)] * 1000, 1),
        "most": round(ordered[-1] * 1000, 1),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
