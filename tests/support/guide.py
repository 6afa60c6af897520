"""The worked changes of docs/mapping.md, and how a reader puts their pieces into the mapping files."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "mapping.md").read_text("utf-8")
CHANGES = {
    int(number): re.findall(r"```toml\n# mappings/(\w+)\.toml\n(.*?)```", body, re.DOTALL)
    for number, body in re.findall(r"^### (\d+)\. .*?\n(.*?)(?=^##)", GUIDE, re.DOTALL | re.MULTILINE)
}
"""Each change by its number: its pieces, each with the flow in whose file it belongs."""


def placed(text: str, piece: str) -> str:
    """The file with a piece of the page: its tables in place of those of the same name, the others at the end."""
    for table in re.split(r"(?m)^(?=\[)", piece)[1:]:
        header = table.partition("\n")[0]
        old = re.search(rf"(?m)^{re.escape(header)}\n(?:(?!\[|#).*\n)*", text)
        if header.startswith("[[") or old is None:
            text = f"{text.rstrip()}\n\n{table}"
        else:
            text = text[: old.start()] + f"{table.rstrip()}\n\n" + text[old.end() :]
    return text
