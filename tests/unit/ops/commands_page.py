"""Renders docs/commands.md from the command line itself; `python -m tests.unit.ops.commands_page` writes it.

What a command prints with `--json` is told by tests/unit/ops/command_shapes.py.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from ops.cli import cli
from tests.unit.ops.command_shapes import EXAMPLES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "commands.md"

HEAD = """# Commands

`python -m ops` in the project's `.venv`, with the same settings as the app: from the environment, or from a
`local.settings.json` named by `--settings`. Global options stand before the command:

{options}

Exit codes: 0 fine, 1 something needs attention, 2 wrong use or settings (one sentence on standard error), 130 Ctrl-C.
Results go to standard output, progress and errors to standard error. Times are UTC. In JSON, times are ISO text and
decimals are text, so that no cent is rounded. Values of fields are shown by `plan`,
`match` and `explain` only.

Ids are accepted as people paste them: GID, number or GUID. This page is generated from the command line itself:
`python -m tests.unit.ops.commands_page`.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Every command with its full name."""
    for name, command in typer.main.get_command(cli).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        else:
            yield from ((f"{name} {sub}", subcommand) for sub, subcommand in inner.items())


def page() -> str:
    """The whole of docs/commands.md."""
    options = _options(typer.main.get_command(cli))
    return HEAD.format(options=options) + "".join(f"\n{_section(name, command)}" for name, command in commands())


def _section(name: str, command: Any) -> str:
    example = EXAMPLES[name]
    parts = [f"## {name}", inspect.cleandoc(command.help), _options(command)]
    parts.append(f"```console\n$ python -m ops {example.call}\n```")
    if example.shape is not None:
        parts.append(f"With `--json`:\n\n```json\n{json.dumps(example.shape, indent=2, ensure_ascii=False)}\n```")
    parts.append(example.note)
    return "\n\n".join(part for part in parts if part) + "\n"


def _options(command: Any) -> str:
    rows = [f"| {_usage(each)} | {each.help} |" for each in command.params if each.name != "help"]
    return "\n".join(["| | |", "|-|-|", *rows]) if rows else ""


def _usage(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        name = parameter.metavar if parameter.required else f"[{parameter.metavar}]"
        return f"`{name}{'...' if parameter.nargs == -1 else ''}`"
    value = "" if parameter.is_flag else f" {parameter.metavar}"
    return f"`{parameter.opts[-1]}{value}`" + (" (needed)" if parameter.required else "")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
