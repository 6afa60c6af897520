"""docs/commands.md and the command line say the same."""

from __future__ import annotations

from tests.unit.ops.command_shapes import EXAMPLES
from tests.unit.ops.commands_page import PAGE, commands, page


def test_the_page_is_current() -> None:
    """Every command, option and JSON shape stands in docs/commands.md as the command line has it."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_command_has_its_example_and_nothing_else_has() -> None:
    """No command without an example, no example of a command that is gone; each example calls its own command."""
    names = [name for name, _ in commands()]
    assert sorted(names) == sorted(EXAMPLES)
    assert [name for name in names if not EXAMPLES[name].call.startswith(name)] == []


def test_every_command_says_what_it_does_and_every_option_too() -> None:
    """Help texts are sentences: no command and no option goes unexplained."""
    for name, command in commands():
        assert command.help.strip().split("\n")[0].endswith("."), name
        assert [each.name for each in command.params if not (each.help or "").strip()] == [], name
