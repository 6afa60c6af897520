"""The GraphQL documents: skeletons in queries/*.graphql, completed by the fragments a mapping generates.

A document says its name and its cost on its first line and takes its values as variables only.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from shared.shopify.client import Document


@cache
def _skeleton(file_name: str) -> tuple[str, str]:
    text = (files(__package__) / "queries" / f"{file_name}.graphql").read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#")).strip()
    named = re.match(r"(?:query|mutation)\s+(\w+)", body)
    if named is None:
        raise ValueError(f"queries/{file_name}.graphql does not begin with a named operation")
    return named[1], body


def document(file_name: str, *fragments: str) -> Document:
    """The document of queries/FILE_NAME.graphql with these fragments behind it."""
    name, body = _skeleton(file_name)
    return Document(name, "\n".join((body, *fragments)))
