"""Files with values of records or digests of them: whoever made one may read it, nobody else.

A folder that is not there, or may not be written, ends the command with a sentence.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

from ops.session import refuse


def opened(file: Path, mode: str = "w", **how: Any) -> IO[Any]:
    """The file, to be written anew; one that was there before loses the rights that others had."""
    try:
        made = open(file, mode, opener=_private, **how)  # noqa: SIM115 - whoever asks closes it
        if file.is_file():
            file.chmod(0o600)
    except OSError as error:
        refuse(f"{file} cannot be written: {error.strerror}.")
    return made


def _private(name: str, flags: int) -> int:
    return os.open(name, flags, 0o600)
