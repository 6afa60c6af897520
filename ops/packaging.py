"""`make package`: dist/app.zip with what runs in Azure and nothing else, byte for byte the same from the same files.

Files are stored, not compressed, because two versions of a compression library need not write the same bytes; names are
sorted and times fixed. A mapping file with an error is refused here, where nothing runs on it yet.
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from ops.checking import problems_of, shop_folders
from shared.errors import MappingInvalid, SettingMissing
from shared.settings import shop_keys

TOP = ("function_app.py", "host.json", "requirements.txt")
FOLDERS = {"shared": (".py", ".graphql", ".json", ".gz"), "mappings": (".toml",)}
"""What lies below these folders with these endings runs; everything else is for people, tests or the sandboxes."""
SINCE = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can hold."""


def contents(root: Path) -> list[str]:
    """The files of the package, by their paths below the root, sorted."""
    return sorted(_files(root))


def _files(root: Path) -> Iterator[str]:
    yield from TOP
    for folder, endings in FOLDERS.items():
        for path in (root / folder).rglob("*"):
            name = path.relative_to(root)
            hidden = any(part.startswith(".") or part == "__pycache__" for part in name.parts)
            if path.is_file() and path.suffix in endings and not hidden:
                yield name.as_posix()


def check_mappings(folder: Path) -> None:
    """Raise MappingInvalid naming each error, for every flow and for every shop that has files of its own.

    Held against the pinned Shopify schema, and against Dataverse as `setup` or `mapping check --live` kept it.
    """
    found, kept = problems_of(folder, shop_keys())
    errors = [each for each in found if each.level == "error"]
    if errors:
        lines = [f"{each.file}, line {each.line}, column {each.column}: {each.sentence}" for each in errors]
        at = f"\n(Dataverse as it was at {kept.at:%Y-%m-%d %H:%M}; `mapping check --live` asks again.)" if kept else ""
        raise MappingInvalid("\n".join(lines) + at)


def build(root: Path, target: Path) -> str:
    """Write the package; its SHA-256. Raises MappingInvalid before anything is written."""
    check_mappings(root / "mappings")
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name in contents(root):
            entry = zipfile.ZipInfo(name, SINCE)
            entry.external_attr = 0o100644 << 16
            entry.create_system = 3  # the same on every system
            package.writestr(entry, (root / name).read_bytes())
    return hashlib.sha256(target.read_bytes()).hexdigest()


def main(target: Annotated[Path, typer.Argument(help="Where it goes.")] = Path("dist/app.zip")) -> None:
    """Build the package of the project in this folder and say what it is."""
    root = Path()
    try:
        digest = build(root, target)
    except (MappingInvalid, SettingMissing) as error:
        print(error.sentence, file=sys.stderr)
        raise typer.Exit(1) from None
    own = shop_folders(root / "mappings")
    if own and not shop_keys():
        said = "SHOPIFY_SHOPS is not set, so nobody knows whether there are such shops"
        print(f"Mapping files of shops of their own: {', '.join(own)} ({said}).", file=sys.stderr)
    print(f"{target}: {len(contents(root))} files, {target.stat().st_size:,} bytes, sha256 {digest}")


if __name__ == "__main__":
    typer.run(main)
