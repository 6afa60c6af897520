"""Measures that cost grows with the answer, not with the table: `python -m sandbox.dataverse.bench`.

Both sizes are measured in one run, interleaved, and only ratios are judged; the exit status says whether they hold.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from io import BytesIO
from typing import Any

from .config import DataverseConfig
from .server import DataverseSandbox, create

SMALL, LARGE, PAGE, ROUNDS, LIMIT = 1_000, 100_000, 500, 40, 1.3
UPSERTS_PER_ROUND = 20
_COLUMN = {"@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_Ext", "MaxLength": 50}


class Organization:
    """A sandbox with that many accounts, called in process."""

    def __init__(self, rows: int) -> None:
        self.sandbox: DataverseSandbox = create(DataverseConfig(seed="bench", enforce_limits=False))
        self.rows = rows
        self._next = 0
        self.call("POST", "EntityDefinitions(LogicalName='account')/Attributes", _COLUMN)
        self._fill(rows)
        self.call("POST", "EntityDefinitions(LogicalName='account')/Keys",
                  {"SchemaName": "new_Key", "KeyAttributes": ["new_ext"]})

    def _fill(self, rows: int) -> None:
        core = self.sandbox.core
        table = core.registry.tables["account"]
        with core.store.transaction():
            for number in range(rows):
                core.store.insert(table, {
                    "accountid": f"{number * 2654435761 % 2**32:08x}-0000-4000-8000-{number:012x}",
                    "name": f"Name {number}", "new_ext": str(number), "statecode": 0, "statuscode": 1})

    def call(self, method: str, path: str, body: Any = None, prefer: str = "") -> bytes:
        """One call as the administrator; raises when it fails."""
        data = json.dumps(body).encode() if body is not None else b""
        address, _, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method, "PATH_INFO": f"/api/data/v9.2/{address}", "QUERY_STRING": query,
            "wsgi.url_scheme": "https", "HTTP_HOST": "org.example", "wsgi.input": BytesIO(data),
            "CONTENT_LENGTH": str(len(data)), "CONTENT_TYPE": "application/json",
            "HTTP_AUTHORIZATION": "Bearer admin-token", "HTTP_PREFER": prefer}
        told: list[str] = []

        def start(status: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], object]:
            told.append(status)
            return lambda data: None

        answer = b"".join(self.sandbox.wsgi(environ, start))
        if not told[0].startswith("2"):
            raise RuntimeError(f"{method} {path}: {told[0]} {answer.decode()}")
        return answer

    def upsert(self) -> None:
        """Some upserts by alternate key, of rows spread over the table."""
        for _ in range(UPSERTS_PER_ROUND):
            self._next = (self._next + 7919) % self.rows
            self.call("PATCH", f"accounts(new_ext='{self._next}')", {"fax": str(self._next)})

    def page(self) -> None:
        """A page of 500 from the middle of the table."""
        self.call("GET", f"accounts?$select=name&$orderby=name&$filter=name ge 'Name {self.rows // 2}'",
                  prefer=f"odata.maxpagesize={PAGE}")


def measure(small: int, large: int, rounds: int) -> dict[str, float]:
    """How many times longer each call takes in the large table: the median of paired rounds."""
    organizations = [Organization(small), Organization(large)]
    ratios = {}
    for name in ("upsert", "page"):
        pairs = []
        for _ in range(rounds):
            spent = []
            for organization in organizations:
                run = getattr(organization, name)
                start = time.perf_counter()
                run()
                spent.append(time.perf_counter() - start)
            pairs.append(spent[1] / spent[0])
        ratios[name] = statistics.median(pairs)
    for organization in organizations:
        organization.sandbox.close()
    return ratios


def main() -> int:
    """Print the ratios; 1 when one is above the limit."""
    ratios = measure(SMALL, LARGE, ROUNDS)
    for name, ratio in ratios.items():
        what = "upsert by alternate key" if name == "upsert" else f"page of {PAGE}"
        print(f"{what}: {LARGE:,} rows against {SMALL:,}: {ratio:.2f} (limit {LIMIT})")
    return int(max(ratios.values()) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
