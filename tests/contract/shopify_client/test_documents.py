"""Whatever our app sends, generated documents included, is valid on the schema of the version it names."""

from __future__ import annotations

from importlib.resources import files

from graphql import parse

from tests.contract.shopify_client import documents


def test_every_document_is_valid() -> None:
    """Promise: each job of the app sends documents that Shopify's own schema accepts, and no file goes unsent."""
    sent = documents.collect()
    names = set()
    for entry in (files("shared.shopify") / "queries").iterdir():
        (operation, *_) = parse(entry.read_text(encoding="utf-8"), no_location=True).definitions
        names.add(operation.name.value)
    assert names <= set(sent), names - set(sent)
    assert len(set(sent) - names) >= 3, "generated documents are missing"
    assert list(documents.refused(sent, "2026-10")) == []


def test_a_wrong_document_is_told() -> None:
    """Promise: a field that the schema does not have is named with its document."""
    (line,) = documents.refused({"Wrong": {"query Wrong { shop { nothing } }"}}, documents.NEXT)
    assert line.startswith("Wrong: Cannot query field 'nothing'")
