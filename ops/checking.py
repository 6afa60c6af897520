"""What `mapping check`, `setup` and `make package` share: every mapping file against both schemas, and what is kept of
Dataverse's for a check that asks nobody.

Shopify's schema is the pinned one, Dataverse's its own answer or the last one kept. Reads definitions, never a record.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from shared import carrying, settings, wiring
from shared.dataverse import snapshot
from shared.errors import MappingInvalid, SchemaMismatch, SettingMissing
from shared.fitting import TABLES, Described, kinds_of, other_records, shopify_side, table_files, whole
from shared.flows import FLOWS, flow_named
from shared.kinds import TableKind
from shared.mapping.check import Known
from shared.mapping.check import check as check_file
from shared.mapping.findings import Finding, Schema
from shared.mapping.load import MappingFile
from shared.mapping.meant import nearest
from shared.mapping.model import FURTHER_LISTS
from shared.mapping.tables import FLOW as TABLES_FLOW
from shared.mapping.tables import name_of, stem_of
from shared.records import Side
from shared.sync.flow import Flow
from shared.wiring import App

NOBODY = "00000000-0000-0000-0000-000000000000"
_NO_SETTINGS = {
    "DATAVERSE_URL": "https://organization.crm.dynamics.com",
    "DATAVERSE_TOKEN": "none",
    "CRM_TEAM": "any",
    "CRM_GUEST_ACCOUNT": "any",
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
}
"""Settings for a check that asks nobody and knows none: every constant may be named."""


class _Unasked:
    """Constants of an app that asks nobody: their names are known, their rows are not."""

    edition = 0

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    def found(self, names: Collection[str]) -> Mapping[str, str]:
        """Some id for each."""
        return {name: NOBODY for name in names if name in self.names or name.startswith(FURTHER_LISTS)}


def unasking(app: App, kept: snapshot.Snapshot | None) -> App:
    """The same app, except that it goes by what was kept of Dataverse and asks nobody."""
    saved = snapshot.SavedMetadata(app.crm, kept) if kept else app.metadata
    made = replace(app, metadata=saved)
    made.named_rows = _Unasked(app.named_rows.names)  # type: ignore[assignment] # all that an entity asks of them
    return made


def without_settings(folder: Path) -> App:
    """An app for a check of a folder on a machine that knows no settings; it is never connected."""
    shops = [name for name in shop_folders(folder) if name == _key(name)] or ["shop"]
    tokens = {f"SHOPIFY_TOKEN__{shop.upper()}": "none" for shop in shops}
    names = ",".join(f"{shop}.myshopify.com" for shop in shops)
    given = {**_NO_SETTINGS, **tokens, "SHOPIFY_SHOPS": names, "MAPPINGS_DIR": str(folder)}
    return wiring.open_app(settings.read(given, flows=FLOWS))


def keep(app: App, at: Path) -> Path:
    """Save what Dataverse says of every table that the mapping files use, as of now."""
    for flow, shop in product((*app.flows, *uncarried(app)), app.shopify):
        for _ in check_flow(app, flow, shop):
            pass  # what is asked on the way is what will be asked
    text = snapshot.Snapshot(app.settings.dataverse.url, app.clock.now(), app.metadata.known()).text()
    path = at / snapshot.NAME
    path.write_text(text, encoding="utf-8")
    return path


def uncarried(app: App) -> list[Flow]:
    """The flows of the tables that have a file and are not carried."""
    known = {flow.name for flow in app.flows}
    flows = (flow_named(name_of(Path(name).stem)) for name in table_files(app.settings.mappings))
    return [flow for flow in flows if flow.name not in known]


def file_of(flow: Flow) -> str:
    """The flow's mapping file, as it is called in its folder."""
    return f"{TABLES}/{stem_of(flow.name)}.toml" if stem_of(flow.name) else f"{flow.name}.toml"


def shop_folders(folder: Path) -> list[str]:
    """The folders that replace keys for one shop each, rightly called or not."""
    return [path.name for path in sorted(folder.glob("[!._]*/")) if path.is_dir() and path.name != TABLES]


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def strays(folder: Path, shops: Sequence[str]) -> Iterator[Finding]:
    """What lies in the mappings' folder and no flow ever reads: a file, or one shop's replacements, by a wrong name."""
    files, tables = [f"{flow.name}.toml" for flow in FLOWS if flow.name != TABLES_FLOW], table_files(folder)
    unread = [path.name for path in sorted(folder.glob("[!._]*.toml")) if path.name not in files]
    known = [*files, *(f"{TABLES}/{name}" for name in tables)]
    yield from (_stray(f"{folder.name}/{name}", known, "no flow has a file of this name") for name in unread)
    for path in (folder / name for name in shop_folders(folder)):
        if path.name != _key(path.name):
            what = f"a shop's folder is called by its key, small letters and digits alone; call it {_key(path.name)}."
            yield Finding("error", "", f"{folder.name}/{path.name}", 1, what)
            continue
        if path.name not in shops:
            yield _stray(f"{folder.name}/{path.name}", shops, "no shop of SHOPIFY_SHOPS has this key")
            continue
        for inner in sorted(path.glob("[!._]*")):
            if inner.name not in (*files, TABLES):
                yield _stray(f"{folder.name}/{path.name}/{inner.name}", files, "no flow has a file of this name")
        for inner in sorted((path / TABLES).glob("[!._]*")):
            if inner.name not in tables:
                where = f"{folder.name}/{path.name}/{TABLES}/{inner.name}"
                yield _stray(where, tables, f"{TABLES}/ has no file of this name")


def _stray(path: str, known: Sequence[str], what: str) -> Finding:
    close = difflib.get_close_matches(path.rsplit("/", 1)[-1], known, n=1)
    fix = f"did you mean {close[0]}?" if close else f"possible here: {', '.join(known)}."
    return Finding("error", "", path, 1, f"{what}; {fix}")


def check_flow(app: App, flow: Flow, shop: str, *, crm: bool = True) -> Iterator[Finding]:
    """Both files alone and together; what cannot be loaded is not held against the schemas. `crm`: whether its schema
    is known."""
    try:
        app.rules(flow, shop)
    except MappingInvalid as error:
        yield from _refused(error)
        return
    mapping = app.file(flow, shop)
    known = Known(
        app.named_rows.names, kinds_of(app.settings.mappings), table_of=lambda kind: app.table_of(kind, shop)
    )
    if stem_of(flow.name):
        yield from _check_table(app, shop, mapping, known, crm=crm)
        return
    wrong = list(other_records(flow, app.ground(shop), mapping))
    yield from wrong
    if wrong:
        return
    try:
        sides = _sides(app, flow, shop, crm=crm)
    except SettingMissing as error:  # a price list that a path names
        yield whole(mapping.places.of(("fields",)), error.sentence)
        return
    except SchemaMismatch as error:
        where = mapping.places.value(("target" if mapping.target is Side.CRM else "source", "table"))
        table = mapping.model.target.table or mapping.model.source.table or ""
        close = nearest(table, {flow.crm_table, *app.metadata.known()} - {table})
        yield whole(where, f"{error.sentence.removesuffix('.')}; did you mean {close}?" if close else error.sentence)
        return
    yield from check_file(mapping, sides[mapping.source], sides[mapping.target], known)


def _check_table(app: App, shop: str, mapping: MappingFile, known: Known, *, crm: bool) -> Iterator[Finding]:
    """A table's file, whose kind and type are its own, with what `setup` would make for it counted as there."""
    yet = carrying.planned(TableKind(mapping.model), app.shop(shop).key) if crm else None
    rules = app.rules(flow_named(name_of(mapping.model.kind)), shop)[0]
    try:
        yield from carrying.findings(mapping, app.bare(shop, rules), app.shopify[shop], known, yet)
    except SchemaMismatch as error:  # what it reads; what it writes may be made yet
        yield whole(mapping.places.value(("source", "root")), error.sentence)


def _refused(error: MappingInvalid) -> Iterator[Finding]:
    problems: list[dict[str, object]] = error.facts["problems"]  # type: ignore[assignment] # facts are objects
    for each in problems:
        what, fix = str(each["what"]), str(each["fix"])
        said = f"{what}; {fix}{'' if fix.endswith(('?', '.')) else '.'}"
        yield Finding("error", "", str(each["file"]), int(str(each["line"])), said, int(str(each["column"])))


def _sides(app: App, flow: Flow, shop: str, *, crm: bool) -> Mapping[Side, Schema | None]:
    """What both sides say of this flow's kind. Raises SchemaMismatch where Dataverse has no such table."""
    shopify = shopify_side(flow, app.ground(shop), app.shopify[shop])
    if not crm:
        return {Side.SHOPIFY: shopify, Side.CRM: None}
    _, table = app.bare(shop, app.rules(flow, shop)[0])
    required = [info.path for info in table.required()] if flow.creates else []
    return {Side.SHOPIFY: shopify, Side.CRM: Described(table, table.names, required)}


def problems_of(folder: Path, shops: Sequence[str] = ()) -> tuple[list[Finding], snapshot.Snapshot | None]:
    """All that is wrong with a folder, asking nobody: against the pinned Shopify schema, and what was kept of CRM's.

    `shops`: the keys of the shops there are, where they are known; else every folder may be one's.
    """
    kept = snapshot.read(folder)
    app = unasking(without_settings(folder), kept)
    try:
        jobs = product((*app.flows, *uncarried(app)), app.shopify)
        found = {each for flow, shop in jobs for each in check_flow(app, flow, shop, crm=kept is not None)}
        return ordered({*found, *strays(folder, shops or shop_folders(folder))}), kept
    finally:
        app.close()


def ordered(found: Iterable[Finding]) -> list[Finding]:
    """Errors first, then by where they stand."""
    return sorted(set(found), key=lambda each: (each.level, each.file, each.line, each.column, each.sentence))
