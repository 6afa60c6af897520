"""The bearer token for one Dataverse organization: cached, renewed early, shared by all threads.

Takes anything with azure-identity's `get_token(scope)`. It never logs a token and lets no azure exception out.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from azure.core.exceptions import AzureError, ClientAuthenticationError

from shared.errors import AuthFailed, Unavailable
from shared.records import Side
from shared.transport import Clock

EARLY_S = 300.0


class AccessToken(Protocol):
    """What azure-identity hands out."""

    @property
    def token(self) -> str:
        """The bearer token."""

    @property
    def expires_on(self) -> int:
        """When it ends, in seconds since the epoch."""


class TokenSource(Protocol):
    """azure.core.credentials.TokenCredential, as far as it is used here."""

    def get_token(self, *scopes: str) -> AccessToken:
        """A token for these scopes."""


class BearerCredential:
    """`shared.transport.Credential` over a TokenSource. One thread fetches, the others wait for it."""

    def __init__(self, source: TokenSource, organization_url: str, clock: Clock) -> None:
        parts = urlsplit(organization_url)
        self._scope = f"{parts.scheme}://{parts.netloc}/.default"
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._expires_on = 0.0

    def headers(self) -> Mapping[str, str]:
        """The Authorization header; fetches a token when there is none or it ends within five minutes."""
        with self._lock:
            if not self._token or self._clock.now().timestamp() > self._expires_on - EARLY_S:
                self._fetch()
            return {"Authorization": f"Bearer {self._token}"}

    def renew(self, refused: Mapping[str, str]) -> None:
        """Fetch anew, unless another thread has replaced the refused token since."""
        with self._lock:
            if refused.get("Authorization") == f"Bearer {self._token}":
                self._fetch()

    def _fetch(self) -> None:
        try:
            answer = self._source.get_token(self._scope)
        except ClientAuthenticationError:
            sentence = "Entra ID gave no token for Dataverse. Check tenant, client id and secret or identity."
            raise AuthFailed(sentence, facts={"scope": self._scope, "side": Side.CRM}) from None
        except AzureError as error:
            sentence = f"Entra ID could not be asked for a token ({type(error).__name__})."
            raise Unavailable(sentence, facts={"scope": self._scope, "side": Side.CRM}) from None
        self._token, self._expires_on = answer.token, float(answer.expires_on)
