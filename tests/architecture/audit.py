"""`make audit`: what is known against the dependencies, and what looks unsafe in the code that is deployed.

Both tools live in an environment of their own below .run, so that nothing of them is near the product. Ends with 1
where something was found that SECURITY.md does not explain, with 2 where the vulnerabilities could not be asked for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("pip-audit==2.10.1", "bandit==1.9.4")
FOLDER = ROOT / ".run" / "audit"
CODE = ("shared", "ops", "function_app.py")
EXPLAINED = {
    ("B105", "shared/dataverse/credential.py"),
    ("B105", "shared/dataverse/faults.py"),
    ("B105", "shared/shopify/auth.py"),
}
"""Findings that are none, with the reason in SECURITY.md: two empty tokens to start with, an error code."""


def main() -> int:
    """Ask both; say what they say."""
    tools = _installed()
    found = [each for each in suspicious(tools / "bandit") if each[:2] not in EXPLAINED]
    for test, file, text in found:
        print(f"bandit {test} {file}: {text}")
    print(f"bandit: {len(found)} findings that are not explained")
    return vulnerable(tools / "pip-audit") or bool(found)


def suspicious(bandit: Path) -> list[tuple[str, str, str]]:
    """Test, file and sentence of everything that bandit names, however low."""
    done = _run([str(bandit), "-q", "-r", *CODE, "-f", "json"])
    results = json.loads(done.stdout)["results"]
    return [(each["test_id"], each["filename"].removeprefix("./"), each["issue_text"]) for each in results]


def vulnerable(audit: Path) -> int:
    """0: nothing is known against what is pinned, 1: something is, 2: nobody could be asked."""
    done = _run([str(audit), "-r", "requirements.txt", "--no-deps", "--disable-pip", "--format", "json"])
    try:
        asked = json.loads(done.stdout)["dependencies"]
    except ValueError:
        print("pip-audit could ask nobody: its index has no vulnerability data.", *done.stderr.splitlines()[-1:])
        return 2
    for each in asked:
        for known in each.get("vulns", ()):
            mended = ", ".join(known["fix_versions"]) or "no version"
            print(f"{each['name']} {each['version']}: {known['id']}, mended in {mended}")
    unknown = [each["name"] for each in asked if "skip_reason" in each]
    print(f"pip-audit: {len(asked) - len(unknown)} of {len(asked)} packages asked about")
    return 2 if unknown else int(any(each["vulns"] for each in asked))


def _installed() -> Path:
    """The folder of the tools, installed where they are not, or not these."""
    ready = FOLDER / "ready"
    if not ready.is_file() or ready.read_text() != " ".join(TOOLS):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(FOLDER)], check=True)
        pip = [str(FOLDER / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *TOOLS], check=True)
        ready.write_text(" ".join(TOOLS))
    return FOLDER / "bin"


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


if __name__ == "__main__":
    sys.exit(main())
