from __future__ import annotations

import threading
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError

from shared.dataverse.credential import BearerCredential
from shared.errors import AuthFailed, Unavailable
from tests.unit.dataverse.organization import URL, HandClock, Tokens


def test_one_token_serves_until_it_nears_its_end() -> None:
    """A token is fetched once, and again before it expires, for this organization's scope."""
    clock = HandClock()
    tokens = Tokens(clock)
    credential = BearerCredential(tokens, f"{URL}/", clock)
    assert credential.headers() == credential.headers() == {"Authorization": "Bearer token-1"}
    clock.sleep(3300 - 1)
    assert credential.headers() == {"Authorization": "Bearer token-1"}
    clock.sleep(2)
    assert credential.headers() == {"Authorization": "Bearer token-2"}
    assert set(tokens.scopes) == {f"{URL}/.default"}


def test_many_threads_renew_a_refused_token_once() -> None:
    """Sixteen refused calls at the same time fetch one new token."""
    clock = HandClock()
    tokens = Tokens(clock)
    credential = BearerCredential(tokens, URL, clock)
    refused = dict(credential.headers())
    threads = [threading.Thread(target=credential.renew, args=(refused,)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens.scopes) == 2


@pytest.mark.parametrize(
    ("raised", "kind"), [(ClientAuthenticationError("secret"), AuthFailed), (ServiceRequestError("x"), Unavailable)]
)
def test_no_azure_exception_leaves(raised: Exception, kind: type[Exception]) -> None:
    """A refused sign-in pauses the connection, an unreachable one is tried again, and no secret is quoted."""

    class Broken:
        def get_token(self, *scopes: str) -> Any:
            raise raised

    with pytest.raises(kind) as caught:
        BearerCredential(Broken(), URL, HandClock()).headers()
    assert "secret" not in str(caught.value.args).replace("client id and secret", "")
