"""Who we are to Shopify: an app by client credentials (24 h tokens), or a legacy token that never changes.

https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/client-credentials-grant
Tokens stay in memory; they never reach a log, an error or a file.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlencode

from shared.errors import AuthFailed
from shared.transport import Answer, Clock, Request, Transport

HEADER = "X-Shopify-Access-Token"
_EARLY = timedelta(minutes=5)


class LegacyToken:
    """An admin-created app's token (`shpat_…`): it cannot be renewed, a refusal is final."""

    def __init__(self, token: str) -> None:
        self._token = token

    def headers(self) -> Mapping[str, str]:
        """The token's header."""
        return {HEADER: self._token}

    def renew(self, refused: Mapping[str, str]) -> None:
        """Nothing to renew: the second refusal becomes AuthFailed."""


class ClientCredentials:
    """A Dev Dashboard app: asks for a token when there is none, five minutes before it ends, or once after a 401.

    One request at a time: threads that come meanwhile wait and use its result.
    """

    def __init__(self, transport: Transport, client_id: str, client_secret: str, clock: Clock) -> None:
        self._transport = transport
        self._form = urlencode(
            {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        )
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._ends_at: datetime | None = None
        self.scopes: frozenset[str] = frozenset()

    def headers(self) -> Mapping[str, str]:
        """The token's header, asking for a new token where the old one is about to end."""
        with self._lock:
            if self._ends_at is None or self._clock.now() >= self._ends_at - _EARLY:
                self._fetch()
            return {HEADER: self._token}

    def renew(self, refused: Mapping[str, str]) -> None:
        """The server refused that token: ask for a new one unless another thread has one already."""
        with self._lock:
            if refused.get(HEADER) == self._token:
                self._fetch()

    def _fetch(self) -> None:
        answer = self._transport.send(
            Request(
                "POST",
                "admin/oauth/access_token",
                "client credentials",
                body=self._form,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                repeatable=True,
                handles=lambda answer: answer.status in (400, 401, 403, 404),
            )
        )
        if answer.status != 200:
            raise _refused(answer)
        body = answer.json()
        self._token = str(body["access_token"])
        self._ends_at = self._clock.now() + timedelta(seconds=float(body.get("expires_in", 86399)))
        self.scopes = frozenset(str(body.get("scope", "")).replace(",", " ").split())


def _refused(answer: Answer) -> AuthFailed:
    return AuthFailed(
        f"Shopify refused the app's client id and secret (HTTP {answer.status}). Check both in the Dev Dashboard, "
        "and that the app is installed in this shop and belongs to the same organisation.",
        facts=answer.facts,
    )
