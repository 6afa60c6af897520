"""Who the app is to Dataverse and to its storage account: a fixed token, an app registration, or azure-identity's pick.

The registration comes from the settings, for a settings file puts nothing into the environment, which is all that
azure-identity reads. Asks for no token itself.
"""

from __future__ import annotations

from typing import Any

from azure.core.credentials import AccessToken, TokenCredential
from azure.identity import ClientSecretCredential, DefaultAzureCredential

from shared.clock import SystemClock
from shared.settings import Principal


class StaticToken:
    """A fixed bearer token for a sandbox, shaped like an azure-identity credential."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """The token, good for a day."""
        return AccessToken(self._token, int(SystemClock().now().timestamp()) + 86_400)


def sign_in(principal: Principal) -> TokenCredential:
    """The registration of the settings where all three are given; else whatever azure-identity finds."""
    if principal.tenant_id and principal.client_id and principal.client_secret:
        return ClientSecretCredential(principal.tenant_id, principal.client_id, principal.client_secret)
    return DefaultAzureCredential()
