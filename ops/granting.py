"""`grant`: the security role of infra/dataverse/role.json, the application's user, and that he has it.

What is done stands in shared/dataverse/roles.py; here the file is read and the steps are shown.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated

import typer

from ops.installing import draw_steps
from ops.session import refuse, session_of
from ops.show import clean
from shared import install, prerequisites
from shared.dataverse import rights, roles
from shared.dataverse.odata import guid, is_guid
from shared.sync.flow import Mode

FILE = Path("infra/dataverse/role.json")
Application = Annotated[
    str, typer.Argument(metavar="CLIENT_ID", help="Of the app's managed identity, or of its app registration.")
]


def grant(
    context: typer.Context,
    application: Application,
    role: Annotated[Path, typer.Option(metavar="FILE", help="The role's definition.")] = FILE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
) -> None:
    """Let the app into Dataverse: make its security role and its application user, and give him the role.

    Run it behind `setup`, as a system administrator of Dataverse, and again where a flow was switched on. Every step
    looks first, so repeating it is harmless; what somebody added to the role is kept.
    Exit code 1: something could not be done, or, with --dry-run, something is still to be done.
    """
    session = session_of(context)
    if not is_guid(application.lower()):
        refuse(f"'{application}' is no client id: it is a GUID, the identity's clientId, not its name.")
    app, steps = session.app(), list[install.Step]()
    on = [flow for flow, mode in app.settings.modes.items() if mode is not Mode.OFF]
    with session.progress("looking at Dataverse") as tell:
        own = rights.privileges(app.crm, prerequisites.of_tables(app))
        for step in roles.grant(app.crm, read(role, on, own), guid(application), dry_run=dry_run):
            steps.append(install.Step("crm", step.name, step.needed, step.done, clean(step.detail)))
            tell(step.name)
    session.attention = any(step.failed for step in steps)
    answer = {"dry_run": dry_run, "steps": steps}
    session.give(answer, lambda: draw_steps(session, answer))


def read(file: Path, flows: Collection[str], own: Sequence[str] = ()) -> roles.Role:
    """The role for these flows. The file says table names and verbs; Dataverse's privileges are made of both.

    `own`: privileges on tables that follow from mapping files.
    """
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        parts = [told["privileges"], *(part for flow, part in told.get("besides", {}).items() if flow in flows)]
        names = [f"prv{verb}{name}" for part in parts for name, verbs in part.items() for verb in verbs]
        return roles.Role(str(told["name"]), str(told["about"]), [*dict.fromkeys([*names, *own])])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        refuse(f"{file} cannot be read: it has to be JSON like infra/dataverse/role.json.")
