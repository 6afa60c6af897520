"""The Admin GraphQL API of one shop: cost paid before sending, throttling waited for, every error typed.

    client = connect("acme.myshopify.com", Secrets(client_id=..., client_secret=...), clock=clock)
    answer = client.execute(Document("Shop", "query Shop { shop { id } }"), {})
    answer.data["shop"]["id"], answer.read_at

It sends documents and variables, never spliced values; it knows nothing of products, orders or mappings.
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.errors import AuthFailed, ConnectionDown, Invalid, SettingMissing, SyncError, Throttled
from shared.records import Side
from shared.shopify.answers import failed_parts, search_warning, top_level
from shared.shopify.auth import ClientCredentials, LegacyToken
from shared.shopify.bucket import Bucket
from shared.shopify.costs import estimate
from shared.shopify.schema import DEFAULT_VERSION, Schema, load
from shared.telemetry import spend
from shared.transport import Answer, Clock, Credential, Policy, Request, Transport

logger = logging.getLogger("shared.shopify")

_MUTATION = re.compile(r"^\s*mutation\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Document:
    """One GraphQL document: its name for logs, and its text with every fragment it uses."""

    name: str
    text: str

    @property
    def is_mutation(self) -> bool:
        """Whether it writes: what looks like a mutation is never repeated blindly."""
        return _MUTATION.search(self.text) is not None


@dataclass(frozen=True, slots=True)
class GraphAnswer:
    """What came back. `failed` names the aliased mutations of a request whose outcome is not known."""

    data: Mapping[str, Any]
    read_at: datetime
    at: datetime
    """The server's clock when it answered: the moment of a write, and the source's "now" of a poll."""
    failed: Mapping[str, SyncError] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Secrets:
    """How to sign in: client id and secret, or a legacy token. Never printed."""

    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)


class ShopifyClient:
    """One shop's API. Safe to share between threads."""

    def __init__(
        self,
        shop: str,
        transport: Transport,
        *,
        clock: Clock,
        version: str = DEFAULT_VERSION,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.shop = shop
        self.transport = transport
        self.version = version
        self._clock = clock
        self._chance = chance
        self._bucket = Bucket()
        self.served = ""
        """The API version of the last answer; it is not the one asked for when that one has ended."""

    @property
    def schema(self) -> Schema:
        """The schema of the API version in use."""
        return load(self.version)

    def now(self) -> datetime:
        """Our own clock, for what no answer can tell."""
        return self._clock.now()

    def wait(self, seconds: float) -> None:
        """Wait for something that Shopify does by itself."""
        self._clock.sleep(seconds)

    def cost(self, document: Document, variables: Mapping[str, Any]) -> int:
        """What the request will be charged at most, by Shopify's published rules."""
        return estimate(document.text, variables, self.schema)

    def execute(self, document: Document, variables: Mapping[str, Any]) -> GraphAnswer:
        """Send it and return its data.

        Raises for every top-level error, except that a mutation's answer with data is returned with its `failed`
        parts: the others are known to have happened. Callers must read userErrors themselves (answers.user_errors).
        """
        cost = self.cost(document, variables)
        waited_s = 0.0
        while True:
            waited_s += self._reserve(document, cost, waited_s)
            answer, payload = self._send(document, variables, cost)
            if not _is_throttled(payload):
                return self._read(document, answer, payload)
            waited_s += self._pause(document, self._bucket.wait_s(cost, self._clock.now()), waited_s)

    def _reserve(self, document: Document, cost: int, waited_s: float) -> float:
        """Wait until our picture of the bucket holds the points; returns the seconds waited."""
        slept_s = 0.0
        while wait_s := self._bucket.reserve(cost, self._clock.now()):
            slept_s += self._pause(document, wait_s, waited_s + slept_s)
        return slept_s

    def _pause(self, document: Document, wait_s: float, waited_s: float) -> float:
        """Sleep with jitter, or hand the wait back as Throttled where all waits together are past our patience."""
        wait_s = wait_s * (1.0 + 0.1 * self._chance()) + 0.05
        if waited_s + wait_s > self.transport.policy.patience_s:
            raise Throttled(
                f"{document.name}: Shopify's query budget is used up.",
                retry_after_s=wait_s,
                facts={"call": document.name, "vendor_code": "THROTTLED", "retry_after_s": round(wait_s, 1)},
            )
        spend(waited_s=wait_s)
        self._clock.sleep(wait_s)
        return wait_s

    def _send(self, document: Document, variables: Mapping[str, Any], cost: int) -> tuple[Answer, Mapping[str, Any]]:
        """One request; the bucket learns from its answer, whatever it is."""
        status: Mapping[str, Any] | None = None
        try:
            answer = self.transport.send(
                Request(
                    "POST",
                    f"admin/api/{self.version}/graphql.json",
                    document.name,
                    json={"query": document.text, "variables": variables},
                    repeatable=not document.is_mutation,
                )
            )
            payload = self._payload(answer)
            said = (payload.get("extensions") or {}).get("cost") or {}
            status = said.get("throttleStatus")
            actual = said.get("actualQueryCost")
            spend(
                points=int(said.get("requestedQueryCost", 0) if actual is None and "data" in payload else actual or 0)
            )
        finally:
            self._bucket.settle(cost, status, self._clock.now())
        return answer, payload

    def _payload(self, answer: Answer) -> Mapping[str, Any]:
        """The JSON object of a 200; everything else is told apart by status."""
        if answer.status != 200:
            raise _refused(answer, self.shop, self.version)
        self._compare_version(answer)
        payload = answer.json()
        if not isinstance(payload, Mapping):
            raise answer.lost(f"{answer.request.name}: the answer is not a GraphQL answer.")
        return payload

    def _read(self, document: Document, answer: Answer, payload: Mapping[str, Any]) -> GraphAnswer:
        data = payload.get("data")
        mutation = document.is_mutation
        failed: Mapping[str, SyncError] = {}
        if payload.get("errors") or not isinstance(data, Mapping):
            known = mutation and isinstance(data, Mapping) and any(part is not None for part in data.values())
            if not known:
                raise top_level(payload, document.name, mutation=mutation, facts=answer.facts)
        if mutation:
            failed = failed_parts(payload, document.name, answer.facts)
        warning = search_warning(payload, document.name)
        if warning is not None:
            raise warning
        spend(answered=Side.SHOPIFY)
        spend(answered=self.shop)
        return GraphAnswer(data or {}, answer.read_at, answer.at, failed)

    def _compare_version(self, answer: Answer) -> None:
        """Shopify falls forward silently when a version has ended: say so once."""
        before, self.served = self.served, answer.headers.get("X-Shopify-API-Version", self.version)
        if self.served not in (self.version, before):
            logger.warning(
                "%s answered with API version %s instead of %s: that version has ended, update the pinned one.",
                self.shop,
                self.served,
                self.version,
            )


def connect(
    shop: str,
    secrets: Secrets,
    *,
    clock: Clock,
    base_url: str = "",
    version: str = DEFAULT_VERSION,
    policy: Policy | None = None,
) -> ShopifyClient:
    """A client for `shop` (its myshopify.com domain); `base_url` points it at a sandbox instead.

    Raises SettingMissing when neither a token nor a client id with its secret is given. Connects to nothing yet.
    """
    url = base_url or f"https://{shop}/"
    transport = Transport(url, clock=clock, policy=policy, side=Side.SHOPIFY, shop=shop)
    credential: Credential
    if secrets.token:
        credential = LegacyToken(secrets.token)
    elif secrets.client_id and secrets.client_secret:
        sign_in = Transport(url, clock=clock, policy=policy, side=Side.SHOPIFY, shop=shop)
        sign_in.session = transport.session  # one session per host: an adapter mounted on it serves both
        credential = ClientCredentials(sign_in, secrets.client_id, secrets.client_secret, clock)
    else:
        raise SettingMissing(f"{shop}: give the app's client id and secret (Dev Dashboard), or a legacy token.")
    transport.credential = credential
    return ShopifyClient(shop, transport, clock=clock, version=version)


def _is_throttled(payload: Mapping[str, Any]) -> bool:
    errors = payload.get("errors")
    if "data" in payload or not isinstance(errors, list):
        return False
    return any(
        isinstance(error, Mapping) and (error.get("extensions") or {}).get("code") == "THROTTLED" for error in errors
    )


def _refused(answer: Answer, shop: str, version: str) -> SyncError:
    """The error for an HTTP status that is not 200; all of these are answered before a query is run."""
    if answer.status in (402, 423):
        sentence = f"{shop} is frozen or locked (HTTP {answer.status}). Its owner has to settle that with Shopify."
        return ConnectionDown(sentence, facts=answer.facts)
    if answer.status == 403:
        return AuthFailed(
            f"{shop} refused access (HTTP 403). Check the app's installation and scopes.", facts=answer.facts
        )
    if answer.status == 413:
        return Invalid(f"{answer.request.name}: the request is too large for Shopify.", facts=answer.facts)
    sentence = (
        f"{shop} answered HTTP {answer.status} where its Admin API was expected. "
        f"Check the shop's domain (name.myshopify.com) and the API version {version}."
    )
    return SettingMissing(sentence, facts=answer.facts)
