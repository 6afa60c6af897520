"""The Dataverse Web API, version 9.2, over the shared transport: reads, pages, writes and `$batch`.

Every answer that is not a success leaves as a member of shared.errors, chosen by the vendor's code. The documented
headers always go along; next and delta links are followed only on the organization's own host, before any token is
sent (the transport refuses others). It knows nothing of tables, mappings or pairs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from shared.dataverse import odata
from shared.dataverse.batch import Composer, Item, Operation, Part, Result, parse
from shared.dataverse.credential import BearerCredential, TokenSource
from shared.dataverse.faults import class_of, fault, read_error
from shared.errors import Retryable, SyncError, Unavailable, UnknownOutcome
from shared.records import Side
from shared.telemetry import spend
from shared.transport import Answer, Clock, Policy, Request, Transport

API = "api/data/v9.2/"
HEADERS = {"Accept": "application/json", "OData-MaxVersion": "4.0", "OData-Version": "4.0"}
_NO_CACHE = {"If-None-Match": "null"}
# A batch of writes takes its time: the answer to the whole is waited for as long as the lease allows.
POLICY = Policy(read_s=60.0, total_s=60.0, refused=frozenset({429, 503}))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer and its JSON."""

    answer: Answer
    data: Any


@dataclass(frozen=True, slots=True)
class BatchReply:
    """The answers to a batch, one per item in order."""

    answer: Answer
    results: tuple[Result, ...]


def connect(url: str, source: TokenSource, clock: Clock, policy: Policy = POLICY) -> Client:
    """A client for `https://ORG.crm.dynamics.com`; `source` is an azure-identity credential or one like it."""
    base = urljoin(url if url.endswith("/") else f"{url}/", API)
    credential = BearerCredential(source, url, clock)
    transport = Transport(base, clock=clock, credential=credential, policy=policy, headers=HEADERS, side=Side.CRM)
    return Client(transport, clock)


class Client:
    """One organization. Safe to share between threads."""

    def __init__(self, transport: Transport, clock: Clock) -> None:
        self.transport = transport
        self.clock = clock
        self._root = urlsplit(transport.base_url).path

    def get(self, url: str, *, name: str, prefer: str = "", headers: Mapping[str, str] | None = None) -> Reply:
        """One GET; `url` is relative, or a link this organization gave out."""
        sent = {**_NO_CACHE, **({"Prefer": prefer} if prefer else {}), **(headers or {})}
        return self._send(Request("GET", url, name, headers=sent, handles=_told))

    def pages(self, url: str, *, name: str, prefer: str = "") -> Iterator[Reply]:
        """All pages of a query; each next link is followed as it is, with the same preferences."""
        link: str | None = url
        while link:
            reply = self.get(link, name=name, prefer=prefer)
            yield reply
            link = reply.data.get("@odata.nextLink")

    def send(
        self,
        method: str,
        url: str,
        body: Any = None,
        *,
        name: str,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = False,
    ) -> Reply:
        """One write or action.

        `repeatable` is for writes that may safely run twice: a POST with its own primary key, a PATCH by key or with
        If-Match. Without it a lost answer is UnknownOutcome.
        """
        content = {"Content-Type": "application/json"} if body is not None else {}
        request = Request(
            method,
            url,
            name,
            headers={**content, **(headers or {})},
            body=odata.dumps(body).encode() if body is not None else None,
            repeatable=repeatable,
            handles=_told if repeatable else _explained,
        )
        return self._send(request)

    def batch(self, items: Sequence[Item], *, name: str) -> BatchReply:
        """All items in one request, going on after a failure; a batch of reads alone is repeated freely.

        Without an answer, or with one that cannot be read, writes are UnknownOutcome. The caller keeps to
        `MAX_PARTS` and `MAX_BYTES`.
        """
        composer = Composer(self._root, uuid.uuid4().hex)
        reads = all(isinstance(item, Operation) and item.method == "GET" for item in items)
        headers = {**_NO_CACHE, "Content-Type": composer.content_type, "Prefer": "odata.continue-on-error"}
        request = Request(
            "POST",
            "$batch",
            name,
            headers=headers,
            body=composer.body(items),
            repeatable=reads,
            handles=_told if reads else _explained,
        )
        answer = self.transport.send(request)
        content_type = answer.headers.get("Content-Type", "")
        if answer.status >= 400 and not content_type.startswith("multipart/"):
            raise _fault_of(answer)
        spend(answered=Side.CRM)
        try:
            return BatchReply(answer, tuple(parse(content_type, answer.body, len(items))))
        except (ValueError, TypeError) as error:
            raise answer.lost(f"{name}: the answer to the batch cannot be read ({error}).") from None

    def _send(self, request: Request) -> Reply:
        answer = self.transport.send(request)
        if answer.status >= 400:
            raise _fault_of(answer)
        spend(answered=Side.CRM)
        return Reply(answer, answer.json())


def refusal(part: Result, *, call: str, answer: Answer) -> SyncError | None:
    """Why a part of a batch failed; None where it did not."""
    if part is None and answer.status >= 400:
        return Unavailable(f"{call}: it was not run, because the batch ended at a part before it.", facts=answer.facts)
    if part is None:
        sentence = f"{call}: the batch was not answered to its end, so it is not known whether this ran."
        return UnknownOutcome(sentence, facts=answer.facts)
    if isinstance(part, Part) and part.failed:
        return fault(part.status, part.headers, part.body, call=call, facts={"request_id": answer.request_id})
    return None


def rows_of(part: Result, *, call: str, answer: Answer) -> Any:
    """The JSON of a GET inside a batch; raises what it was refused with."""
    error = refusal(part, call=call, answer=answer)
    if error is not None:
        raise error
    if not isinstance(part, Part):
        raise Unavailable(f"{call}: an answer to a read came as a changeset.", facts=answer.facts)
    try:
        return part.json()
    except ValueError:
        raise Unavailable(f"{call}: a part of the batch answer is not JSON.", facts=answer.facts) from None


def _fault_of(answer: Answer) -> SyncError:
    return fault(answer.status, answer.headers, answer.body, call=answer.request.name, facts=answer.facts)


def _explained(answer: Answer) -> bool:
    """An OData error proves that a write was rolled back, so it is ours to judge, whatever its status.

    401 and 429 stay with the transport, which renews the token and waits.
    """
    return answer.status not in (401, 429) and read_error(answer.body)[0] != ""


def _told(answer: Answer) -> bool:
    """The same where repeating is harmless: errors that time can heal stay with the transport, to be repeated."""
    code, message = read_error(answer.body)
    refused = code != "" and not issubclass(class_of(answer.status, code, message), Retryable)
    return refused and answer.status not in (401, 429)
