"""Whether a flow's mapping file fits what is known without asking anybody, before the flow's first job is made.

Goes by the Shopify schema of this version, the names of constants and kinds, and the fields that settings leave on.
What Dataverse's definitions disprove is left to `mapping check` and to Dataverse; a table's file is held against them
too (shared/carrying.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from shared.fields import FieldInfo
from shared.kinds import KINDS, Ground
from shared.mapping.check import Known, check
from shared.mapping.findings import Finding, stop_at
from shared.mapping.load import MappingFile
from shared.mapping.problems import Where
from shared.records import Side
from shared.shopify.client import ShopifyClient
from shared.sync.flow import Flow

TABLES = "tables"
"""The sub-folder of the mappings that is no shop's."""
_fitting: set[object] = set()
"""What was found good by this process: flows by their files' digests, with what these were held against."""


class Describes(Protocol):
    """An entity, as far as it is asked here."""

    def describe(self, path: str) -> FieldInfo | None:
        """What the schema says of a path; None where it does not exist."""


@dataclass(frozen=True)
class Described:
    """One side's schema in the words of the mapping check."""

    describes: Describes
    names: Sequence[str]
    required: Sequence[str]
    searchable: Collection[str] | None = None
    _known: dict[str, FieldInfo | None] = field(default_factory=dict)

    def describe(self, path: str) -> FieldInfo | None:
        """The field at a path; None where there is none."""
        if path not in self._known:
            self._known[path] = self.describes.describe(path)
        return self._known[path]

    def required_on_create(self) -> Sequence[str]:
        """The fields without which a create is refused."""
        return self.required


def kinds_of(folder: Path) -> frozenset[str]:
    """The kinds that a pair may name: the flows' own, and every table that has a file."""
    return frozenset((*KINDS, *(Path(name).stem for name in table_files(folder))))


def table_files(folder: Path) -> list[str]:
    """The names of the tables' files."""
    return [path.name for path in sorted((folder / TABLES).glob("[!._]*.toml"))]


def shopify_side(flow: Flow, ground: Ground, client: ShopifyClient) -> Described:
    """What Shopify's schema says of a flow's records; asks nobody."""
    kind = KINDS[flow.kind]
    records = kind.shopify(ground, ())
    return Described(records, kind.fields(client), kind.required, records.searchable)


def other_records(flow: Flow, ground: Ground, mapping: MappingFile) -> Iterator[Finding]:
    """A file that is about other records than its flow is."""
    model, side = mapping.model, "source" if mapping.source is Side.SHOPIFY else "target"
    if model.kind != flow.kind:
        said = f"{flow.name} carries records of kind {flow.kind!r}, not {model.kind!r}; write kind = {flow.kind!r}."
        yield whole(mapping.places.value(("kind",)), said.replace("'", '"'))
        return
    given = model.source.type or model.target.type
    known = KINDS[flow.kind].shopify(ground, ()).type_name
    if given != known:
        said = f'{flow.name} is about Shopify\'s {known}, not {given}; write type = "{known}".'
        yield whole(mapping.places.value((side, "type")), said)


def whole(where: Where, sentence: str) -> Finding:
    """An error that is no single field's."""
    return Finding("error", "", where.file, where.line, sentence, where.column)


def check_now(
    flow: Flow, mapping: MappingFile, ground: Ground, client: ShopifyClient, constants: Collection[str],
    switches: Mapping[str, bool],
) -> None:  # fmt: skip
    """Raise MappingInvalid, naming file, line and fix, where the file cannot be what the flow needs."""
    known = Known(frozenset(constants), kinds_of(ground.settings.mappings), tuple(sorted(switches.items())))
    held = (flow.name, mapping.digest, known)
    if held in _fitting:
        return
    stop_at(other_records(flow, ground, mapping), "see docs/mapping.md")
    shopify = shopify_side(flow, ground, client)
    source, target = (shopify, None) if mapping.source is Side.SHOPIFY else (None, shopify)
    stop_at(check(mapping, source, target, known), "see docs/mapping.md")
    _fitting.add(held)
