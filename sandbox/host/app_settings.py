"""App settings: local.settings.json on a laptop, the environment on Azure, and the %NAME% expressions that use them.

Values of the file never replace what the environment already holds, as with Core Tools.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from sandbox.host.errors import HostStartError

_EXPRESSION = re.compile(r"%([^%]+)%")


def load_local_settings(file: Path, environment: MutableMapping[str, str]) -> dict[str, str]:
    """Put the Values of a local.settings.json into the environment where not set; returns what was put there.

    Raises HostStartError when the file cannot be used.
    """
    try:
        document = json.loads(file.read_text("utf-8"))
        values = document.get("Values", {})
    except (OSError, ValueError, AttributeError) as error:
        raise HostStartError([f"{file} cannot be read as local settings: {error}."]) from None
    if document.get("IsEncrypted"):
        raise HostStartError([f"{file} is encrypted: run `func settings decrypt` first."])
    wrong = [name for name, value in values.items() if not isinstance(value, str)]
    if wrong:
        raise HostStartError([f"{file}: the value of {name} must be text in quotes." for name in wrong])
    added = {name: value for name, value in values.items() if name not in environment}
    environment.update(added)
    return added


def unset_names(text: str, settings: Mapping[str, str]) -> list[str]:
    """The settings a text refers to by %NAME% that are not set (or empty)."""
    return [name for name in _EXPRESSION.findall(text) if not settings.get(name)]


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """Replace each %NAME% by its setting. Raises KeyError for one that is not set."""
    return _EXPRESSION.sub(lambda match: settings[match[1]], text)
