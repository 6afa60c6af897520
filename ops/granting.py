"""`grant`: the security role of infra/dataverse/role.json, the application's user, and that he has it.

What is done stands in shared/dataverse/roles.py; here the file is read and the steps are shown.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ops.installing import draw_steps
from ops.session import refuse, session_of
from ops.show import clean
from shared import install
from shared.dataverse import roles
from shared.dataverse.odata import guid, is_guid

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

    Run it behind `setup`, as a system administrator of Dataverse. Every step looks first, so repeating it is harmless;
    what somebody added to the role is kept.
    Exit code 1: something could not be done, or, with --dry-run, something is still to be done.
    """
    session = session_of(context)
    if not is_guid(application.lower()):
        refuse(f"'{application}' is no client id: it is a GUID, the identity's clientId, not its name.")
    steps: list[install.Step] = []
    with session.progress("looking at Dataverse") as tell:
        for step in roles.grant(session.app().crm, _read(role), guid(application), dry_run=dry_run):
            steps.append(install.Step("crm", step.name, step.needed, step.done, clean(step.detail)))
            tell(step.name)
    session.attention = any(step.failed for step in steps)
    answer = {"dry_run": dry_run, "steps": steps}
    session.give(answer, lambda: draw_steps(session, answer))


def _read(file: Path) -> roles.Role:
    """The file says table names and verbs; Dataverse's privileges are made of both."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        names = [f"prv{verb}{name}" for name, verbs in told["privileges"].items() for verb in verbs]
        return roles.Role(str(told["name"]), str(told["about"]), names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        refuse(f"{file} cannot be read: it has to be JSON like infra/dataverse/role.json.")
