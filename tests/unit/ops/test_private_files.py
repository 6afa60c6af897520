"""Files that hold values of records: who may read them, and what is said where they cannot be written."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops import pair_files, private_files
from ops.applying import _lines
from ops.session import WrongUse


def test_a_file_that_was_there_before_loses_the_rights_of_others(tmp_path: Path) -> None:
    """Promise: only its owner may read it, also where an older one of that name was open to all."""
    file = tmp_path / "plan.jsonl"
    file.write_text("older and longer")
    file.chmod(0o644)
    with private_files.opened(file, encoding="utf-8") as made:
        made.write("new")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("new", 0o600)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """Promise: a sentence and exit code 2 (WrongUse), no traceback, for a plan as for an export."""
    with pytest.raises(WrongUse, match="cannot be written: No such file or directory"):
        private_files.opened(tmp_path / "nowhere" / "plan.jsonl")
    with pytest.raises(WrongUse, match="cannot be written: No such file or directory"):
        pair_files.save(tmp_path / "nowhere" / "pairs.jsonl.gz", pair_files.Origin([], ""), "", [])


def test_a_plan_that_is_no_text_is_told(tmp_path: Path) -> None:
    """Promise: bytes that are no UTF-8 end `apply` with the file and the line."""
    file = tmp_path / "plan.jsonl"
    file.write_bytes(b"\n".join([b'{"verdict": "skip"}', b"\xff\xfe{"]))
    with pytest.raises(WrongUse, match=r"plan\.jsonl, line 2 is not of `plan --out`"):
        list(_lines(file))
