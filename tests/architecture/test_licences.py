"""Everything that is deployed may be used by everybody: the licences of the runtime's packages, down to the last."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
FREE = {"mit", "mit license", "mit-0", "apache-2.0", "apache software license", "bsd-3-clause", "bsd license"}
FREE |= {"psf-2.0"}
"""Licences that ask for no more than a notice."""
EXPLAINED = {"certifi": "mozilla public license 2.0 (mpl 2.0)"}
"""Mozilla's list of authorities: MPL covers changes to its files, and none is changed."""
NOTICE = (ROOT / "NOTICE").read_text("utf-8")


def pinned() -> list[str]:
    """The packages of requirements.txt that are installed for this Python."""
    lines = (line.partition("#")[0].strip() for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines())
    wanted = [Requirement(line) for line in lines if line]
    return [each.name for each in wanted if each.marker is None or each.marker.evaluate()]


def below(names: list[str]) -> set[str]:
    """Those packages and all that they bring with them."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            needs = [Requirement(each) for each in distribution(name).requires or ()]
        except PackageNotFoundError:
            continue  # not for this system
        found.add(name)
        waiting += [each.name for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def licences(name: str) -> set[str]:
    """What a package says of its licence, in its own words."""
    told = distribution(name).metadata
    classes = [each.rpartition("::")[2].strip() for each in told.get_all("Classifier") or () if "License ::" in each]
    text = told.get("License-Expression") or (told.get("License") or "").partition("\n")[0]
    alternatives = re.split(r" OR ", text) if len(text) < 60 else []
    return {each.strip().lower() for each in (*classes, *alternatives) if each.strip()}


def test_every_package_that_is_deployed_has_a_free_licence() -> None:
    """Promise: a package whose licence asks for more than a notice is not added unnoticed, not even by another one."""
    packages = below(pinned())
    assert len(packages) > 20
    bound = {name: licences(name) for name in packages if not licences(name) & FREE}
    assert {name: EXPLAINED.get(name) in told for name, told in bound.items()} == dict.fromkeys(bound, True)
    assert set(bound) <= set(EXPLAINED)


def test_the_notice_names_every_package_that_is_pinned() -> None:
    """Promise: NOTICE lists what requirements.txt installs, and nothing else."""
    listed = re.findall(r"^([a-z][a-z-]+)  +\S", NOTICE, re.MULTILINE)
    assert sorted(listed) == sorted(set(pinned()))


def test_a_licence_that_is_not_free_is_found() -> None:
    """Promise: the test above can fail: certifi's licence is none of the free ones."""
    assert not licences("certifi") & FREE
