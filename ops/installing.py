"""`setup` and `doctor`: what both systems need before the first run, made or named.

The work is done by shared/install.py; here it is only shown.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from ops import checking
from ops.session import Session, session_of
from ops.show import Answer, clean, grid
from shared import doctor as examining
from shared import install
from shared.wiring import App


def setup(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Create what is missing: columns, keys, change tracking, metafield definitions, the state's tables and queues.

    All that is made in Dataverse is put into the solution ShopifySync.
    What Dataverse says of the tables that the mapping files use is kept in their folder (dataverse.json), so that
    `mapping check` and `make package` need not ask it.
    Where WEBHOOKS_URL says where they are to be sent, webhooks of both systems are made, corrected and removed.
    What only you may change (scopes, currencies, settings of the organization, rights) is named in the end.
    Run it as a system administrator of Dataverse. Every step looks first, so repeating it is harmless, also after it
    broke off: what was done till then is said, and the next run goes on.
    Exit code 1: something could not be done, or, with --dry-run, something is still to be done.
    """
    session = session_of(context)
    answer: Answer = {"dry_run": dry_run, "steps": []}
    try:
        with session.progress("looking at both systems") as tell:
            for step in install.set_up(session.app(), dry_run=dry_run):
                answer["steps"].append(replace(step, detail=clean(step.detail)))
                tell(f"{step.side}: {step.name}")
            if not dry_run:
                answer["steps"].append(_kept(session.app()))
    finally:
        session.attention = any(step.failed for step in answer["steps"])
        if answer["steps"]:
            session.give(answer, lambda: draw_steps(session, answer))


def _kept(app: App) -> install.Step:
    """What Dataverse says of its tables, kept for `mapping check` and `make package`; a folder may be read-only."""
    name = "definitions kept for mapping check"
    try:
        return install.Step("crm", name, needed=False, done=True, detail=str(checking.keep(app, app.settings.mappings)))
    except OSError:
        return install.Step("crm", name, needed=False, done=False, detail="the mappings' folder cannot be written to")


def draw_steps(session: Session, answer: Answer) -> None:
    """For people: what was done, and what is left."""
    missing = [step for step in answer["steps"] if step.needed]
    for step in missing:
        mark = "done" if step.done else "to do" if answer["dry_run"] else "FAILED"
        detail = "" if step.detail in ("made", "would be made") else step.detail
        session.tell(f"{mark:6} {step.side}: {step.name} {detail}".rstrip())
    for step in answer["steps"]:
        if step.side == "webhooks":
            session.tell(f"webhooks are {step.name}")
    session.tell(f"{len(answer['steps']) - len(missing)} of {len(answer['steps'])} steps were in place already.")


def doctor(context: typer.Context) -> None:
    """Examine everything that has to be right; one line each, and each problem with its fix.

    Settings, storage, queues, open alerts; CRM's answers, columns, keys, tracking, settings and rights; clocks; the
    shops' scopes, currency and API version; every flow's mapping, pauses, polls, runs and parked records; webhooks.
    Scopes and rights are those of the flows that are not off; of all, while every flow is.
    Exit code 1: something is to be mended.
    """
    session = session_of(context)
    with session.progress("asking both systems"):
        found = [replace(each, sentence=clean(each.sentence)) for each in examining.doctor(session.app())]
    session.attention = not all(each.fine for each in found)
    session.give({"findings": found}, lambda: _draw_findings(session, found))


def _draw_findings(session: Session, found: list[examining.Finding]) -> None:
    session.out.print(
        grid(("", "area", "finding"), [("ok" if e.fine else "PROBLEM", e.area, e.sentence) for e in found])
    )
    wrong = sum(1 for each in found if not each.fine)
    session.tell(f"{wrong} to mend." if wrong else "Everything is as it should be.", "red" if wrong else "green")
