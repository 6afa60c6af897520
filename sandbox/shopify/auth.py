"""Tokens: the two fixed ones of the configuration, and those of the client-credentials grant, which expire.

A token belongs to a named actor; the grant's tokens are the app's and may do what the app is granted at the moment.
The merchant's token stands for a person: no scopes bind it.
"""

from __future__ import annotations

import hashlib
import hmac

from sandbox.shopify.access import APPROVALS
from sandbox.shopify.call import Actor
from sandbox.shopify.store.database import Row
from sandbox.shopify.store.shop import Store

APP, MERCHANT = "app", "merchant"
GRANTED = "*"


class Tokens:
    """The tokens of one store, what the app is granted, and which protected data it is approved for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        config = store.config
        self.lifetime_s = config.token_lifetime_s
        self.granted: tuple[str, ...] = config.scopes
        self.approved: frozenset[str] = APPROVALS
        self.installed = True
        for token, actor in ((config.token, APP), (config.merchant_token, MERCHANT)):
            if token:
                self.add(token, actor)

    def add(
        self, token: str, actor: str, scopes: tuple[str, ...] | None = None, lifetime_s: float | None = None
    ) -> None:
        """Accept a token for an actor, with what the app is granted unless told otherwise."""
        expires = None if lifetime_s is None else self._store.clock.micros() + round(lifetime_s * 1_000_000)
        given = GRANTED if scopes is None else ",".join(scopes)
        sql = "INSERT OR REPLACE INTO tokens (token, actor, scopes, expires_at) VALUES (?, ?, ?, ?)"
        self._store.db.run(sql, (token, actor, given, expires))

    def revoke(self, token: str) -> None:
        """Stop accepting a token."""
        self._store.db.run("DELETE FROM tokens WHERE token = ?", (token,))

    def revoke_all(self, actor: str) -> None:
        """Stop accepting every token of an actor."""
        self._store.db.run("DELETE FROM tokens WHERE actor = ?", (actor,))

    def actor(self, token: str | None) -> Actor | None:
        """Whose token this is, None when it is unknown or expired."""
        with self._store.db.reading():
            row = self._store.db.one("SELECT * FROM tokens WHERE token = ?", (token or "",))
        if row is None or (row["expires_at"] is not None and row["expires_at"] <= self._store.clock.micros()):
            return None
        scopes = self.granted if row["scopes"] == GRANTED else tuple(row["scopes"].split(","))
        approved = APPROVALS if row["actor"] == MERCHANT else self.approved
        return Actor(row["actor"], frozenset(scope for scope in scopes if scope), approved)

    def grant(self, given: Row) -> tuple[int, Row]:
        """Status and body of `POST /admin/oauth/access_token`."""
        config = self._store.config
        if given.get("grant_type") != "client_credentials":
            text = "The grant type is not supported by this store."
            return 400, {"error": "unsupported_grant_type", "error_description": text}
        known = hmac.compare_digest(str(given.get("client_id")).encode(), config.client_id.encode())
        secret = str(given.get("client_secret")).encode()
        if not known or not hmac.compare_digest(secret, config.client_secret.encode()):
            text = "Could not find an application matching these credentials."
            return 401, {"error": "invalid_client", "error_description": text}
        if not self.installed:
            return 400, {"error": "app_not_installed", "error_description": "The app is not installed on this shop."}
        number = self._store.db.next_id("Token")
        token = "shpat_" + hashlib.sha256(f"{config.client_secret}{number}".encode()).hexdigest()[:32]
        self.add(token, APP, None, self.lifetime_s)
        return 200, {"access_token": token, "scope": ",".join(self.granted), "expires_in": int(self.lifetime_s)}
