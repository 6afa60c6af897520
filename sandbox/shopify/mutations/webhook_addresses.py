"""Where a webhook subscription may point: HTTPS addresses, Pub/Sub topics, EventBridge sources.

Pure: it knows the shop and the app by name only. Sentences, their order and what goes together are recorded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

MAX_BYTES = 65_536
_PUBSUB = re.compile(r"pubsub://([^:/]*):(.*)")
_PROJECT = re.compile(r"[0-9]+|[a-z][a-z0-9\-]{4,28}[a-z0-9]")
_TOPIC = re.compile(r"(?!goog)[A-Za-z][A-Za-z0-9\-_.~+%]{2,254}")
_ARN = re.compile(r"arn:aws:events:[a-z0-9\-]+::event-source/aws\.partner/shopify\.com(?:\.test)?/([0-9]+)/(.+)")
LOOPBACK = frozenset(["localhost", "127.0.0.1", "::1"])
VENDOR = ("shopify.com", "myshopify.com", "shopifycloud.com")
INVALID = "Address is invalid"


@dataclass(frozen=True)
class Owner:
    """The shop and the number of the app that subscribes; `local`: it may name http on loopback."""

    shop: str
    app: str
    local: bool = False


def is_cloud(uri: str) -> bool:
    """True for an address that is not reached over HTTP."""
    return uri.startswith(("pubsub://", "arn:aws:"))


def pubsub_parts(uri: str) -> tuple[str, str]:
    """Project and topic of a Pub/Sub address that was checked."""
    match = _PUBSUB.fullmatch(uri)
    return (match[1], match[2]) if match else ("", "")


def problems(uri: str, owner: Owner) -> list[str]:
    """What is wrong with an address, in the vendor's order; empty when it may be subscribed with."""
    if not uri:
        return ["Address can't be blank"]
    if len(uri.encode()) > MAX_BYTES:
        return ["Address is too big (maximum is 64 KB)"]
    if uri.startswith("pubsub://"):
        return _pubsub(uri)
    if uri.startswith("arn:"):
        return _arn(uri, owner)
    return _http(uri, owner)


def _pubsub(uri: str) -> list[str]:
    match = _PUBSUB.fullmatch(uri)
    if match is None:
        return [
            "Address protocol pubsub:// is not supported",
            "Address is not a valid GCP pub/sub format. Format should be pubsub://project:topic",
        ]
    wrong = []
    if not _PROJECT.fullmatch(match[1]):
        wrong.append("Address is not a valid GCP project id.")
    if not _TOPIC.fullmatch(match[2]):
        wrong.append("Address is not a valid GCP topic id.")
    return [INVALID, *wrong] if wrong else []


def _arn(uri: str, owner: Owner) -> list[str]:
    match = _ARN.fullmatch(uri)
    if match is None:
        return [INVALID, "Address is not a valid AWS ARN"]
    if match[1] != owner.app:
        return [INVALID, f"Address is an AWS ARN and includes api_client_id '{match[1]}' instead of '{owner.app}'"]
    return []


def _http(uri: str, owner: Owner) -> list[str]:
    try:
        parts = urlsplit(uri)
        host = parts.hostname or ""
    except ValueError:
        return [INVALID]
    if "://" not in uri:
        return [INVALID]
    if parts.scheme != "https" and not (owner.local and parts.scheme == "http" and host in LOOPBACK):
        more = ["Address is not a valid kafka topic"] if parts.scheme == "kafka" else []
        return [f"Address protocol {parts.scheme}:// is not supported", *more]
    return _host(host, owner)


def _host(host: str, owner: Owner) -> list[str]:
    if not host:
        return [INVALID]
    if host == owner.shop or host in VENDOR or host.endswith(tuple(f".{name}" for name in VENDOR)):
        return ["Address cannot be a Shopify or an internal domain"]
    return []
