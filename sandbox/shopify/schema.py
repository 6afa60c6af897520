"""Shopify's own schema of one API version, read once per process and shared by all sandboxes.

The introspection file of the npm package is kept without its descriptions in a per-user cache, keyed by the
digest of the file, so that later starts need a third of the time.
"""

from __future__ import annotations

import gc
import gzip
import hashlib
import json
import os
import pickle
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import GraphQLSchema, build_client_schema

from sandbox.shopify import enum_order

_LOCK = threading.Lock()
_LOADED: dict[tuple[Path, str], AdminSchema] = {}
_CACHE_FORMAT = "3"


@dataclass(frozen=True, eq=False)
class AdminSchema:
    """The schema and what its SDL form would lose: which scopes a type or field needs, and the text that says so."""

    version: str
    graphql: GraphQLSchema
    type_access: dict[str, tuple[str, list[str]]]
    field_access: dict[str, tuple[str, list[str]]]
    protected: dict[str, str]
    topic_access: dict[str, list[str]]


def load(folder: Path, version: str) -> AdminSchema:
    """The schema of that API version; raises FileNotFoundError with the command that brings it."""
    with _LOCK:
        key = (folder, version)
        if key not in _LOADED:
            with _without_collecting():
                _LOADED[key] = _build(folder / f"admin_{version}.json.gz", version)
        return _LOADED[key]


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Nothing that is made here ever goes, so looking for garbage meanwhile only takes time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _build(source: Path, version: str) -> AdminSchema:
    if not source.is_file():
        raise FileNotFoundError(f"{source} is missing; run `npm ci` in the repository to bring Shopify's schema")
    kept = _cached(source)
    type_access: dict[str, tuple[str, list[str]]] = {}
    field_access: dict[str, tuple[str, list[str]]] = {}
    for item in kept["offline_scopes"]["items"]:
        entry = (item.get("requiredAccess") or "", item.get("offlineScopes") or [])
        if not entry[0] and not entry[1]:
            continue
        if item["type"] == "type":
            type_access[item["typeName"]] = entry
        else:
            field_access[f"{item['typeName']}.{item['fieldName']}"] = entry
    # Shopify's own schema breaks a rule of graphql-core 3.3 (deprecated implementations of an interface field).
    _declare(kept["data"])
    built = build_client_schema(kept["data"], assume_valid=True)
    return AdminSchema(version, built, type_access, field_access, _protected(kept["data"]), kept["topics"])


def _protected(data: dict[str, Any]) -> dict[str, str]:
    """Which fields are protected customer data, and of which content: name, address, email, phone."""
    return {
        f"{kind['name']}.{field['name']}": field["protectedContent"]
        for kind in data["__schema"]["types"]
        for field in kind.get("fields") or ()
        if field.get("isProtected")
    }


def _declare(data: dict[str, Any]) -> None:
    for kind in data["__schema"]["types"]:
        if kind["kind"] == "ENUM":
            found = {value["name"]: value for value in kind["enumValues"]}
            kind["enumValues"] = [found[name] for name in enum_order.in_order(kind["name"], found)]


def _cached(source: Path) -> dict[str, Any]:
    raw = source.read_bytes()
    digest = hashlib.sha256(_CACHE_FORMAT.encode() + raw).hexdigest()[:24]
    cache = Path(tempfile.gettempdir()) / f"shopify-sandbox-{os.getuid()}" / f"{digest}.pickle"
    if cache.is_file() and cache.stat().st_uid == os.getuid():
        return pickle.loads(cache.read_bytes())  # type: ignore[no-any-return]  # noqa: S301 - own file of this user
    content = json.loads(gzip.decompress(raw))
    content["topics"] = _topic_scopes(content["data"])
    _strip(content["data"])
    cache.parent.mkdir(mode=0o700, exist_ok=True)
    part = cache.with_suffix(f".{os.getpid()}")
    part.write_bytes(pickle.dumps(content, protocol=pickle.HIGHEST_PROTOCOL))
    part.replace(cache)
    return content  # type: ignore[no-any-return]


def _topic_scopes(data: dict[str, Any]) -> dict[str, list[str]]:
    """The scopes one of which a webhook topic needs: only the texts of the enumeration's members say it."""
    kind = next(one for one in data["__schema"]["types"] if one["name"] == "WebhookSubscriptionTopic")
    found = {one["name"]: one["description"].partition("Requires")[2] for one in kind["enumValues"]}
    return {name: re.findall(r"\b(?:read|write)_[a-z_]+", text) for name, text in found.items()}


def _strip(node: Any) -> None:
    if isinstance(node, dict):
        if "description" in node:
            node["description"] = None
        for value in node.values():
            _strip(value)
    elif isinstance(node, list):
        for value in node:
            _strip(value)
