"""`mapping check` and `mapping schema`: the mapping files held against the live schemas of both systems.

Reads schemas, never a record.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from ops.ids import OneFlow
from ops.session import Session, flow_of, session_of
from ops.show import Answer, grid
from shared import carrying
from shared.errors import MappingInvalid, SchemaMismatch
from shared.fields import FieldInfo
from shared.flows import FLOWS
from shared.kinds import KINDS, TableKind
from shared.kinds import Described as Entity
from shared.mapping.check import Finding
from shared.mapping.check import check as check_file
from shared.mapping.load import load
from shared.mapping.schema import schema_text
from shared.mapping.tables import name_of, stem_of
from shared.records import Side
from shared.sync.flow import Flow
from shared.wiring import App

TABLES = "tables"
"""The sub-folder of the mappings that is no shop's."""

cli = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="The mapping files.")


@dataclass(frozen=True)
class Described:
    """One side's schema in the words of the mapping check."""

    entity: Entity
    names: Sequence[str]
    required: Sequence[str]

    def describe(self, path: str) -> FieldInfo | None:
        """The field at a path; None where there is none."""
        return self.entity.describe(path)

    def suggest(self, path: str) -> str | None:
        """The existing field whose name is nearest."""
        return next(iter(difflib.get_close_matches(path, self.names, n=1)), None)

    def required_on_create(self) -> Sequence[str]:
        """The fields without which a create is refused."""
        return self.required


@cli.command()
def check(context: typer.Context, flow: OneFlow = "") -> None:
    """Hold each mapping file against the live schemas of both systems: fields, types, lengths, options, owners.

    A folder or file that would replace keys for one shop and belongs to no shop or no flow is an error too.
    Exit code 1: an error was found. A flow does not run with one of its own; what belongs to nobody it does not see.
    """
    session = session_of(context)
    settings = session.app().settings
    jobs = session.jobs([flow]) if flow else [*session.jobs(), *_others(session)]
    findings = set(_strays(settings.mappings, [shop.key for shop in settings.shops]))
    with session.progress("reading both schemas") as tell:
        for job, shop in jobs:
            tell(f"{job.name}, {shop}")
            findings.update(_check_one(session.app(), job, shop))
    session.attention = any(each.level == "error" for each in findings)
    answer = {
        "files": sorted({f"{settings.mappings.name}/{_file(job)}" for job, _ in jobs}),
        "findings": sorted(findings, key=lambda each: (each.level, each.file, each.line, each.sentence)),
    }
    session.give(answer, lambda: _draw(session, answer))


def _others(session: Session) -> Iterator[tuple[Flow, str]]:
    """The tables that have a file and are not carried."""
    known = {flow.name for flow in session.app().flows}
    names = [name_of(path.stem) for path in sorted((session.app().settings.mappings / TABLES).glob("[!._]*.toml"))]
    yield from ((flow_of(name), shop) for name in names if name not in known for shop in session.shops())


def _strays(folder: Path, shops: Sequence[str]) -> Iterator[Finding]:
    """What lies in the mappings' folder and no flow ever reads: one shop's replacements under a wrong name."""
    files = [f"{flow.name}.toml" for flow in FLOWS]
    for path in sorted(folder.glob("[!._]*/")):
        if path.name == TABLES:
            continue
        if path.name not in shops:
            yield _stray(f"{folder.name}/{path.name}", shops, "no shop of SHOPIFY_SHOPS has this key")
            continue
        for inner in sorted(path.glob("[!._]*")):
            if inner.name not in (*files, TABLES):
                yield _stray(f"{folder.name}/{path.name}/{inner.name}", files, "no flow has a file of this name")


def _file(flow: Flow) -> str:
    return f"{TABLES}/{stem_of(flow.name)}.toml" if stem_of(flow.name) else f"{flow.name}.toml"


def _stray(path: str, known: Sequence[str], what: str) -> Finding:
    close = difflib.get_close_matches(path.rsplit("/", 1)[-1], known, n=1)
    fix = f"did you mean {close[0]}?" if close else f"possible here: {', '.join(known)}."
    return Finding("error", "", path, 1, f"{what}; {fix}")


def _check_one(app: App, flow: Flow, shop: str) -> list[Finding]:
    """Both files alone and together; what cannot be loaded is not held against the schemas."""
    try:
        app.rules(flow, shop)
    except MappingInvalid as error:
        problems: list[dict[str, object]] = error.facts["problems"]  # type: ignore[assignment] # facts are objects
        return [
            Finding("error", "", str(e["file"]), int(str(e["line"])), f"{e['what']}; {e['fix']}.") for e in problems
        ]
    if stem_of(flow.name):
        return _check_table(app, flow, shop)
    sides = _described(app, flow, shop)
    mapping = load(app.settings.mappings, flow.name, shop=app.shop(shop).key)
    return check_file(mapping, sides[flow.source], sides[flow.source.other], constants=app.named_rows.names)


def _check_table(app: App, flow: Flow, shop: str) -> list[Finding]:
    """A table's file, with what `setup` would make for it counted as there."""
    file, rules, client = app.file(flow, shop), app.rules(flow, shop)[0], app.shopify[shop]
    try:
        yet = carrying.planned(TableKind(file.model), app.shop(shop).key)
        return carrying.findings(file, app.bare(shop, rules), client, app.named_rows.names, yet)
    except SchemaMismatch as error:
        name, line = file.places.of(("source", "root"))
        return [Finding("error", "source", name, line, error.sentence)]


def _described(app: App, flow: Flow, shop: str) -> dict[Side, Described]:
    """What both sides say of this flow's kind."""
    rules, kind = app.rules(flow, shop)[0], KINDS[flow.kind]
    records, table = app.bare(shop, rules)
    names = kind.fields(app.shopify[shop])
    mapped = [path for path in rules.paths(Side.CRM) if table.describe(path) is not None]
    columns = [*app.metadata.table(table.config.table).columns, *mapped]
    return {
        Side.SHOPIFY: Described(records, names, kind.required),
        Side.CRM: Described(table, columns, [info.path for info in table.required()]),
    }


def _draw(session: Session, answer: Answer) -> None:
    findings = answer["findings"]
    if findings:
        session.out.print(grid(("", "where", "what"), [(e.level, f"{e.file}:{e.line}", e.sentence) for e in findings]))
    errors = sum(1 for each in findings if each.level == "error")
    session.tell(f"{', '.join(answer['files'])}: errors: {errors}", "red" if errors else "green")


@cli.command()
def schema() -> None:
    """The JSON Schema of a mapping file, for editors (`#:schema ./mapping.schema.json` in the file's first line)."""
    typer.echo(schema_text(), nl=False)
