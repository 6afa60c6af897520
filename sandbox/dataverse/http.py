"""Requests and responses without a web framework, so that a part of a `$batch` is the same thing as a call.

JSON keeps numbers exact: read with Decimal, written from Decimal digit by digit.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .errors import DataverseError, payload

JSON_TYPE = "application/json; odata.metadata=minimal"
_NUMBER_MARK = "\x00"
_MARKED = re.compile(r'"\\u0000(-?[0-9.]+)"')


@dataclass
class Request:
    """One call: method, decoded path below the API root, raw query string, headers in lower case, body."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """A header's value, whatever its case."""
        return self.headers.get(name.lower())

    def json(self) -> Any:
        """The body as JSON with exact numbers; 400 when it is not JSON."""
        if not self.body:
            return {}
        try:
            return json.loads(self.body, parse_float=Decimal)
        except ValueError as exc:
            raise payload(self.path, f"The request body is not valid JSON: {exc}") from None


@dataclass
class Response:
    """One answer; `headers` may repeat a name only by intent, so a dict is enough."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    rows_read: int = 0
    rows_written: int = 0


@dataclass(frozen=True)
class Prefer:
    """The parsed `Prefer` header."""

    representation: bool = False
    page_size: int | None = None
    track_changes: bool = False
    annotations: str | None = None
    continue_on_error: bool = False
    applied: tuple[str, ...] = ()

    def annotates(self, name: str) -> bool:
        """Whether an annotation was asked for, by `*`, its name, or a `prefix.*`."""
        if not self.annotations:
            return False
        for wanted in self.annotations.split(","):
            wanted = wanted.strip()
            if wanted in ("*", name) or (wanted.endswith("*") and name.startswith(wanted[:-1])):
                return True
        return False


_ITEM = re.compile(r'\s*([^=,;"\s]+)\s*(?:=\s*(?:"([^"]*)"|([^,;]*)))?\s*(?:[,;]|$)')


def parse_prefer(header: str | None) -> Prefer:
    """Read `Prefer`; unknown preferences are ignored as the standard says."""
    if not header:
        return Prefer()
    facts: dict[str, Any] = {}
    applied = []
    for match in _ITEM.finditer(header):
        name = match.group(1).lower()
        value = match.group(2) if match.group(2) is not None else (match.group(3) or "").strip()
        if name == "return" and value == "representation":
            facts["representation"] = True
        elif name == "odata.maxpagesize" and value.isdigit():
            facts["page_size"] = max(1, min(5000, int(value)))
        elif name == "odata.track-changes":
            facts["track_changes"] = True
        elif name == "odata.include-annotations":
            facts["annotations"] = value
        elif name == "odata.continue-on-error":
            facts["continue_on_error"] = True
        else:
            continue
        applied.append(match.group(0).strip(" ,;"))
    return Prefer(**facts, applied=tuple(applied))


def dump(value: Any) -> bytes:
    """JSON with Decimals as numbers, every digit kept."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_mark)
    return _MARKED.sub(r"\1", text).encode()


def _mark(value: object) -> str:
    if isinstance(value, Decimal):
        return _NUMBER_MARK + format(value, "f")
    raise TypeError(type(value).__name__)


def json_response(status: int, value: Any, **facts: Any) -> Response:
    """A JSON answer with the content type Dataverse states."""
    return Response(status, {"Content-Type": JSON_TYPE, "OData-Version": "4.0"}, dump(value), **facts)


def no_content(headers: dict[str, str] | None = None, written: int = 0) -> Response:
    """204."""
    return Response(204, {"OData-Version": "4.0", **(headers or {})}, rows_written=written)


def error_response(fault: DataverseError, annotated: bool = False) -> Response:
    """The error body; with annotations asked for, the help link Dataverse adds."""
    body: dict[str, Any] = {"code": fault.code, "message": fault.message}
    if annotated:
        body["@Microsoft.PowerApps.CDS.HelpLink"] = (
            f"http://go.microsoft.com/fwlink/?LinkID=398563&error=Microsoft.Crm.CrmException%3a{fault.code[2:]}")
        body["@Microsoft.PowerApps.CDS.InnerError.Message"] = fault.message
    response = json_response(fault.status, {"error": body})
    response.headers.update(fault.headers)
    return response
