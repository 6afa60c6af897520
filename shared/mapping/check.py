"""Holds a mapping file against the two systems' schemas before anything runs.

Asks only the schemas it is given and reads no record. An error stops the flow; a warning is for the person who
edits the file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from shared.mapping.check_reads import Reads
from shared.mapping.check_writes import Writes
from shared.mapping.findings import SYSTEMS, Finding, Report, Schema
from shared.mapping.joint import Seen, every_field
from shared.mapping.load import MappingFile
from shared.mapping.meant import hint
from shared.mapping.model import FURTHER_LISTS
from shared.mapping.paths import canonical


@dataclass(frozen=True, slots=True)
class Known:
    """What the app knows beside the schemas: the constants that a flow resolves, the kinds that pairs can name, and the
    table of CRM that a kind's records are in ("": it cannot be told).

    `switches`: the settings that fields are switched by; None: fields that are off are looked at as well.
    """

    constants: Collection[str] | None = None
    kinds: Collection[str] | None = None
    switches: tuple[tuple[str, bool], ...] | None = None
    table_of: Callable[[str], str] = lambda kind: ""


def check(
    mapping: MappingFile, source: Schema | None, target: Schema | None, known: Known | None = None
) -> list[Finding]:
    """Everything the schemas know against the file, errors first; a schema that is None is not known."""
    known = known or Known()
    fields = every_field(mapping, None if known.switches is None else dict(known.switches))
    found = set(Reads(mapping, source).findings(fields) if source else ())
    found |= set(Writes(mapping, source, target).findings(fields) if target else ())
    rest = _Rest(mapping, known)
    found |= {each for seen in fields for each in rest.named(seen)}
    found |= {each for seen in fields for each in rest.points(seen, target)}
    found |= set(rest.searches(source, target))
    return sorted(found, key=lambda one: (one.level, one.file, one.line, one.column, one.sentence))


class _Rest(Report):
    """What neither schema knows alone."""

    def __init__(self, mapping: MappingFile, known: Known) -> None:
        super().__init__(mapping)
        self._known = known

    def named(self, seen: Seen) -> Iterator[Finding]:
        """The constants and kinds that a field names."""
        mapped, pair, known = seen.mapped, seen.mapped.pair, self._known
        if mapped.constant is not None and not self._constant(mapped.constant):
            what = f"there is no constant {mapped.constant}; {hint(mapped.constant, known.constants or ())}"
            yield self.error((*seen.key, "constant"), seen.name, what)
        if pair is None:
            return
        if pair.fallback is not None and not self._constant(pair.fallback):
            what = f"there is no constant {pair.fallback}; {hint(pair.fallback, known.constants or ())}"
            yield self.error((*seen.key, "pair", "fallback"), seen.name, what)
        if known.kinds is not None and pair.kind not in known.kinds:
            what = f"there is no kind {pair.kind}; {hint(pair.kind, known.kinds)}"
            yield self.error((*seen.key, "pair", "kind"), seen.name, what)
        lookup = mapped.column.table if mapped.column else None
        if lookup is not None and (rows := known.table_of(pair.kind)) not in ("", lookup):
            what = f'the rows of {pair.kind} are in {rows}, not in {lookup}; write table = "{rows}"'
            yield self.error((*seen.key, "column", "table"), seen.name, what)

    def points(self, seen: Seen, target: Schema | None) -> Iterator[Finding]:
        """Whether the lookup that a pair's row goes into points to the table of such rows."""
        own = seen.mapped.column is not None and bool(seen.mapped.column.table)  # that is held against the kind itself
        kind = seen.mapped.pair.kind if seen.mapped.pair and not own else ""
        info = target.describe(seen.writes) if kind and target else None
        table = self._known.table_of(kind) if info else ""
        if table and info and info.targets and table not in info.targets:
            what = f"rows of {kind} are in {table}, and {seen.to} points to {' or '.join(info.targets)}"
            yield self.error((*seen.key, "to"), seen.name, f"{what}; choose a lookup that points to {table}")

    def _constant(self, name: str) -> bool:
        known = self._known.constants
        return known is None or name in known or name.startswith(FURTHER_LISTS)

    def searches(self, source: Schema | None, target: Schema | None) -> Iterator[Finding]:
        """Whether both systems can look for the values that unpaired records are matched by."""
        for index, match in enumerate(self.file.model.match):
            read = next(iter(self.file.expressions["fields", match.field, "from"].reads), "")
            written = canonical(self.file.model.fields[match.field].to)
            asked = ((self.file.source, source, read), (self.file.target, target, written))
            for side, schema, path in asked:
                if schema is None or schema.searchable is None or path in schema.searchable:
                    continue
                known = ", ".join(sorted(schema.searchable)) or "nothing"
                what = f"{SYSTEMS[side]} cannot be searched by {path}; match by one of: {known}"
                yield self.error(("match", index, "field"), f"match.{index}", what)
