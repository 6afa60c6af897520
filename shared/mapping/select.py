"""From paths to the tree of fields that a vendor's selection is built from.

Knows nothing of GraphQL or OData: names stay as they are (`dynamics.vendor_part_number`, `... on Product`).
"""

from __future__ import annotations

from collections.abc import Iterable

from shared.mapping.paths import split_path

Tree = dict[str, "Tree"]
"""Field name → the fields wanted inside it; an empty tree is a leaf."""


def tree(paths: Iterable[str]) -> Tree:
    """One tree of all paths, names sorted at each level, so that equal sets of paths give equal selections."""
    root: Tree = {}
    for path in sorted(paths, key=split_path):
        here = root
        for segment in split_path(path):
            here = here.setdefault(segment, {})
    return root
