"""`tables propose`: a mapping file for any root of Shopify's Admin schema, written for a person to edit.

Reads both schemas and, of metaobjects, the definition of their type; never a record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ops.naming import snake
from ops.proposing import Wish, proposed
from ops.session import Session, refuse, session_of
from shared.errors import SyncError
from shared.mapping.tables import STEM, TAKEN
from shared.shopify.client import Document
from shared.shopify.members import members_of
from shared.shopify.root_names import AnyRoot, Way, named
from shared.sync.flow import Mode
from shared.wiring import App

cli = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Custom tables for anything of Shopify's.")
DEFINITION = """query MetaobjectDefinition($type: String!) {
  metaobjectDefinitionByType(type: $type) { fieldDefinitions { key type { name } } } }"""
WAYS = {
    Way.SORTED: "changes are asked for by the time of the last one",
    Way.SEARCHED: "changes are searched for by the time of the last one",
    Way.LISTED: "Shopify cannot be asked for changes: all is listed at every tick and compared",
}


@cli.callback()
def about() -> None:
    """Custom tables for anything of Shopify's."""


@cli.command()
def propose(
    context: typer.Context,
    root: Annotated[
        str, typer.Argument(metavar="ROOT", help="A connection (locations), or a list inside one (orders.refunds).")
    ],
    key: Annotated[str, typer.Option(metavar="FIELD", help="What tells members without an id apart.")] = "",
    fields: Annotated[str, typer.Option(metavar="A,B", help="Only these fields; a list becomes rows.")] = "",
    name: Annotated[str, typer.Option(metavar="NAME", help="The file's name, without .toml.")] = "",
    write: Annotated[bool, typer.Option("--write", help="Put it into mappings/tables/ (never over a file).")] = False,
) -> None:
    """Propose a mapping file: columns with types and lengths, choices, lookups to what other flows keep.

    It is printed, or written where it is read from. Nothing is created in CRM before `setup`.
    """
    session = session_of(context)
    app = session.app()
    client = app.shopify[session.shops()[0]]
    root, each = _parts(root)
    found = named(client.schema, root)
    of = members_of(client.schema, found, each, key or None) if each else found
    stem = name or _stem(found, each)
    if not STEM.fullmatch(stem) or stem in TAKEN:
        why = "flows of its own carry that kind" if stem in TAKEN else "it has small letters, digits and _, at most 40"
        refuse(f"'{stem}' cannot be the name of a table's file ({why}): choose another with --name.")
    wish = Wish(
        root, of.type_name, stem, f"new_shopify{of.type_name.lower()}", each, key,
        [part.strip() for part in fields.split(",") if part.strip()], _tables(app), _keys(app, session, found),
    )  # fmt: skip
    text = proposed(client.schema, wish)
    path = app.settings.mappings / "tables" / f"{stem}.toml"
    if write:
        _put(path, text)
    file = f"{app.settings.mappings.name}/tables/{stem}.toml"
    answer = {"file": file, "text": text, "written": write, "changes": WAYS[found.way]}
    session.give(answer, lambda: _draw(session, file, text, WAYS[found.way], written=write))


def _draw(session: Session, file: str, text: str, how: str, *, written: bool) -> None:
    if not written:
        typer.echo(text)
    session.say(f"{'Written' if written else 'For'} {file}. {how[0].upper()}{how[1:]}.")
    session.say("Edit it, then: python -m ops mapping check; setup --dry-run; setup; plan. docs/tables.md has the way.")


def _put(path: Path, text: str) -> None:
    if path.exists():
        refuse(f"{path.name} is there already: choose another --name, or remove it.")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _parts(text: str) -> tuple[str, str]:
    """The connection with its arguments, and the list inside its records; empty where there is none."""
    match = re.fullmatch(r"\s*(\w+\s*(?:\(.*\))?)\s*(?:\.\s*([\w.]+))?\s*", text, re.DOTALL)
    return (match[1], match[2] or "") if match else (text, "")


def _stem(root: AnyRoot, each: str) -> str:
    if each:
        return f"{snake(root.connection)}_{snake(each.partition('.')[0])}"
    kind = re.search(r'type:\s*"([^"]+)"', root.arguments)
    tail = f"_{re.sub(r'[^a-z0-9_]', '_', kind[1].lower())}" if kind else ""
    return f"{snake(root.connection)}{tail}"[:40]


def _tables(app: App) -> dict[str, str]:
    """The tables that other flows' records are in, where they run and their mapping files are good."""
    found: dict[str, str] = {}
    shop = app.settings.shops[0].shop
    for flow in app.flows:
        if flow.kind in TAKEN and app.settings.modes[flow.name] is not Mode.OFF:
            try:
                found.setdefault(flow.kind, app.rules(flow, shop)[0].crm_table)
            except SyncError:
                continue
    return found


def _keys(app: App, session: Session, root: AnyRoot) -> Sequence[tuple[str, str]]:
    """The fields of a type of metaobjects, as the shop defines them."""
    kind = re.search(r'type:\s*"([^"]+)"', root.arguments)
    if root.connection != "metaobjects" or kind is None:
        return ()
    client = app.shopify[session.shops()[0]]
    found = client.execute(Document("MetaobjectDefinition", DEFINITION), {"type": kind[1]}).data
    defined = found["metaobjectDefinitionByType"]
    if defined is None:
        refuse(f"The shop has no metaobjects of the type '{kind[1]}'.")
    return [(each["key"], each["type"]["name"]) for each in defined["fieldDefinitions"]]
