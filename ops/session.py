"""What every command shares: the global options, the settings, the app behind them, and where its words go.

Results go to standard output, progress and errors to standard error, so that `--json` can always be piped. Must never
change the environment, nor print a setting's value.
"""

from __future__ import annotations

import difflib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NoReturn

import typer
from rich.console import Console

from ops.show import Answer, as_json
from shared import settings, wiring
from shared.carrying import part_names
from shared.errors import SettingMissing
from shared.flows import FLOWS, flow_named
from shared.mapping.tables import STEM, stem_of
from shared.sync.flow import Flow

Tell = Callable[[str], None]
PIPED_WIDTH = 160
TELL_S = 5.0
LOCAL = "local.settings.json"
HINT = f"(settings come from the environment; for a file: `python -m ops --settings {LOCAL} …`)"


@dataclass
class Session:
    """One run of the command line. `environment` None is the process's own."""

    environment: Mapping[str, str] | None = None
    only: str = ""
    as_json: bool = False
    file: Path | None = None
    attention: bool = False
    out: Console = field(default_factory=lambda: Console(width=None if sys.stdout.isatty() else PIPED_WIDTH))
    err: Console = field(default_factory=lambda: Console(stderr=True))
    _apps: dict[str, wiring.App] = field(default_factory=dict)

    def app(self, mappings: Path | None = None) -> wiring.App:
        """The app under these settings, made once; `mappings` replaces the folder of the mapping files."""
        key = str(mappings or "")
        if key not in self._apps:
            known = self._settings()
            self._apps[key] = wiring.open_app(replace(known, mappings=mappings) if mappings else known)
        return self._apps[key]

    def close(self) -> None:
        """Let go of every connection."""
        for app in self._apps.values():
            app.close()

    def _settings(self) -> settings.Settings:
        found = self.values()
        try:
            return settings.read(found, flows=FLOWS)
        except SettingMissing as error:
            others = [sentence for sentence in settings.missing(found) if sentence != error.sentence]
            hint = [HINT] if self.file is None and Path(LOCAL).is_file() else []
            raise SettingMissing("\n".join([error.sentence, *others, *hint]), facts=error.facts) from None

    def values(self) -> Mapping[str, str]:
        """The settings' texts: the environment over the file. They are for shared.settings alone."""
        own: Mapping[str, str] = os.environ if self.environment is None else self.environment  # noqa: TID251 -- handed on whole to settings.read, which alone looks into it
        if self.file is None:
            return own
        try:
            given = json.loads(self.file.read_text(encoding="utf-8"))["Values"]
            return {**{str(name): str(value) for name, value in given.items()}, **own}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            fix = "it has to be JSON like local.settings.example.json, with the settings under Values"
            raise SettingMissing(f"The settings file {self.file.name} cannot be read: {fix}.") from None

    def shops(self) -> list[str]:
        """The shops this command is about: all, or the one of `--shop` (its domain or its short name)."""
        known = self.app().settings.shops
        found = [shop.shop for shop in known if self.only.lower() in ("", shop.shop, shop.shop.partition(".")[0])]
        if not found:
            refuse(f"'{self.only}' is not one of the shops in SHOPIFY_SHOPS: {', '.join(s.shop for s in known)}.")
        return found

    def jobs(self, names: Sequence[str] = ()) -> list[tuple[Flow, str]]:
        """Every flow named (none: all) with every shop; of tables those that are carried, or the one that is named."""
        known = self.app().settings
        wanted = [part for name in names for part in part_names(known, flow_of(name).name)]
        if names and not wanted:
            refuse("TABLES names no table: set it, or name one (tables_shopify_to_crm/FILE).")
        chosen = {name: flow_of(name) for name in wanted or [flow.name for flow in self.app().flows]}
        return [(flow, shop) for flow in chosen.values() for shop in self.shops()]

    def give(self, answer: Answer, draw: Callable[[], None]) -> None:
        """The command's answer: as JSON, or drawn for people."""
        if self.as_json:
            typer.echo(as_json(answer))
        else:
            draw()

    def tell(self, line: str, style: str = "") -> None:
        """One line of an answer for people."""
        self.out.print(line, style=style, markup=False, highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        """A remark beside the answer."""
        self.err.print(text, style="dim", markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def progress(self, start: str) -> Iterator[Tell]:
        """What a long step is doing: one changing line on a terminal, else a line every few seconds."""
        if self.err.is_terminal:
            with self.err.status(start) as status:
                yield lambda text: status.update(text)
            return
        told = [time.monotonic()]

        def tell(text: str) -> None:
            if time.monotonic() - told[0] >= TELL_S:
                told[0] = time.monotonic()
                self.say(text)

        yield tell


def session_of(context: typer.Context) -> Session:
    """The session that the global options made."""
    found: Session = context.obj
    return found


def flow_of(name: str) -> Flow:
    """The flow of that name; a wrong name ends with what was probably meant."""
    names = [flow.name for flow in FLOWS]
    if STEM.fullmatch(stem_of(name)):
        return flow_named(name)
    if name not in names:
        close = difflib.get_close_matches(name, names, n=1)
        fix = f"Did you mean {close[0]}?" if close else f"Flows: {', '.join(names)}."
        refuse(f"There is no flow '{name}'. {fix}")
    return flow_named(name)


class WrongUse(Exception):
    """The command line asks for something that cannot be: exit code 2."""


def refuse(sentence: str) -> NoReturn:
    """End as a wrong use, with that sentence."""
    raise WrongUse(sentence)
