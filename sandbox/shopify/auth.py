"""Tokens: the two fixed ones of the configuration, and those of the client-credentials grant, which expire.

A token belongs to a named actor; the grant's tokens are the app's.
"""

from __future__ import annotations

import hashlib
import hmac

from sandbox.shopify.call import Actor
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

APP, MERCHANT = "app", "merchant"


class Tokens:
    """The tokens of one store; they outlive a restart when the store is a file."""

    def __init__(self, store: Store) -> None:
        self._store = store
        config = store.config
        self.lifetime_s = config.token_lifetime_s
        for token, actor in ((config.token, APP), (config.merchant_token, MERCHANT)):
            if token:
                self.add(token, actor)

    def add(
        self, token: str, actor: str, scopes: tuple[str, ...] | None = None, lifetime_s: float | None = None
    ) -> None:
        """Accept a token for an actor, with the app's scopes unless told otherwise."""
        expires = None if lifetime_s is None else self._store.clock.micros() + round(lifetime_s * 1_000_000)
        given = ",".join(scopes if scopes is not None else self._store.config.scopes)
        sql = "INSERT OR REPLACE INTO tokens (token, actor, scopes, expires_at) VALUES (?, ?, ?, ?)"
        self._store.db.run(sql, (token, actor, given, expires))

    def revoke(self, token: str) -> None:
        """Stop accepting a token."""
        self._store.db.run("DELETE FROM tokens WHERE token = ?", (token,))

    def actor(self, token: str | None) -> Actor | None:
        """Whose token this is, None when it is unknown or expired."""
        row = self._store.db.one("SELECT * FROM tokens WHERE token = ?", (token or "",))
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= self._store.clock.micros()):
            return None
        return Actor(row["actor"], frozenset(scope for scope in row["scopes"].split(",") if scope))

    def grant(self, given: Row) -> tuple[int, Row]:
        """Status and body of `POST /admin/oauth/access_token`."""
        config = self._store.config
        if given.get("grant_type") != "client_credentials":
            text = "The grant type is not supported by this store."
            return 400, {"error": "unsupported_grant_type", "error_description": text}
        known = hmac.compare_digest(str(given.get("client_id")), config.client_id)
        if not known or not hmac.compare_digest(str(given.get("client_secret")), config.client_secret):
            text = "Could not find an application matching these credentials."
            return 401, {"error": "invalid_client", "error_description": text}
        number = self._store.db.next_id("Token")
        token = "shpat_" + hashlib.sha256(f"{config.client_secret}{number}".encode()).hexdigest()[:32]
        self.add(token, APP, None, self.lifetime_s)
        return 200, {"access_token": token, "scope": ",".join(config.scopes), "expires_in": int(self.lifetime_s)}
