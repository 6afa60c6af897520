"""The contact's full name, which the platform makes of first and last name."""

from __future__ import annotations

from sandbox.dataverse.context import Context

from .rules import Change, Rules


def register(rules: Rules) -> None:
    """Hook the rule in."""
    rules.on("before_create", "contact", full_name)
    rules.on("before_update", "contact", full_name)


def full_name(ctx: Context, change: Change) -> None:
    """First and last name with a blank between them (the default format of an English organization)."""
    if change.moves("firstname") or change.moves("lastname"):
        names = [str(n) for n in (change.final("firstname"), change.final("lastname")) if n]
        change.values["fullname"] = " ".join(names) or None
