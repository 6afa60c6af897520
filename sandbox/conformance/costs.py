"""Compares the sandbox's cost of recorded documents with what the real store charged for them.

A sample is a document, its variables, its answer and the two recorded costs; nothing runs.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from sandbox.shopify import schema
from sandbox.shopify.config import ShopifyConfig
from sandbox.shopify.cost import Estimator


@dataclass(frozen=True)
class Sample:
    """One recorded document: what the store charged, and what the sandbox would; None where the one is not known."""

    query: str
    requested: tuple[int | None, int]
    actual: tuple[int | None, int]


def measure(path: Path) -> Iterator[Sample]:
    """Every sample of the file with both costs; documents of other schemas are left out."""
    config = ShopifyConfig()
    known = schema.load(config.schema_folder, config.api_version).graphql
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            try:
                yield _sample(known, record)
            except KeyError:
                yield Sample(record["query"], (record.get("requested"), 0), (record.get("actual"), 0))


def _sample(known: Any, record: dict[str, Any]) -> Sample:
    document = parse(record["query"])
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    estimator = Estimator(known, fragments, record.get("variables") or {})
    requested = estimator.requested(operation)
    data = record.get("data")
    actual = min(requested, estimator.actual(operation, data))
    recorded = record.get("actual") if isinstance(data, dict) else None
    return Sample(record["query"], (record.get("requested"), requested), (recorded, actual))


def report(path: Path) -> list[str]:
    """Two lines: how many requested and how many actual costs are exact."""
    samples = list(measure(path))
    return [_line("requested", [one.requested for one in samples]), _line("actual", [one.actual for one in samples])]


def _line(name: str, pairs: list[tuple[int | None, int]]) -> str:
    known = [(recorded, own) for recorded, own in pairs if recorded is not None]
    exact = sum(recorded == own for recorded, own in known)
    share = 100 * exact / len(known) if known else 0.0
    return f"{name} cost exact for {exact} of {len(known)} ({share:.1f} %)"
