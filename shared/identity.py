"""Who the app is: to Dataverse a fixed token, an app registration or azure-identity's pick; to storage the last alone.

The registration has names of its own among the settings: azure-identity reads AZURE_CLIENT_ID and its like, in Azure
those of the app's identity, which storage, vault and telemetry let in. Asks for no token itself.
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


def to_dataverse(principal: Principal) -> TokenCredential:
    """The registration of the settings where there is one; else whatever azure-identity finds."""
    if principal.client_id:
        return ClientSecretCredential(principal.tenant_id, principal.client_id, principal.client_secret)
    return DefaultAzureCredential()


def to_storage() -> TokenCredential:
    """Whatever azure-identity finds: in Azure the app's identity, whoever signs in to Dataverse."""
    return DefaultAzureCredential()
