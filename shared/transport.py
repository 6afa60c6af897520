"""One HTTP host, spoken to politely: keep-alive, time-outs, bounded repeats, typed errors, no secrets in any text.

    host = Transport("https://acme.crm.dynamics.com/api/data/v9.2/", clock=clock, credential=credential)
    answer = host.send(Request("GET", "accounts", name="accounts", params={"$top": "1"}))
    answer.status, answer.headers, answer.json(), answer.read_at

`send` returns every answer a client has to judge (2xx, 3xx, most 4xx) and raises members of shared.errors for the rest:
  Throttled       429 (or a status in `Policy.refused` with Retry-After) beyond our patience; it was not run
  AuthFailed      401, again after the credential was renewed once
  Unavailable     no useful answer to a request that may be repeated, or one that never left this machine
  UnknownOutcome  no useful answer to a request that may not be repeated: it may have happened
`host.session` is the `requests.Session`: tests mount an adapter on it, and that is the only seam.
It never interprets a vendor's body, follows no redirects and keeps no cookies.
"""

from __future__ import annotations

import json
import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from tenacity import RetryCallState, Retrying, retry_if_exception_type

from shared.errors import AuthFailed, SyncError, Throttled, Unavailable, UnknownOutcome
from shared.telemetry import correlation_id, spend
from shared.wire import Answer, Request, failure_of, http_date, retry_after_s

__all__ = ["Answer", "Clock", "Credential", "Policy", "Request", "Session", "Transport"]

logger = logging.getLogger("shared.transport")

_CHUNK = 262_144


class Clock(Protocol):
    """Time and waiting (the same shape as shared.sync.ports.Clock)."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""

    def sleep(self, seconds: float) -> None:
        """Wait."""


class Credential(Protocol):
    """What proves who we are, as headers. Implementations lock: many threads, one renewal."""

    def headers(self) -> Mapping[str, str]:
        """The headers to send now, fetched or refreshed as needed. Raises AuthFailed or a Retryable."""

    def renew(self, refused: Mapping[str, str]) -> None:
        """The server refused those headers: get new ones, unless another thread has done so since."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient the transport is.

    A write's lease must outlast `budget_s` + `total_s`: no attempt starts later than `budget_s` after the first one,
    and none lasts longer than `total_s`. A wait longer than `patience_s` is handed back as Throttled, never slept.
    `refused`: statuses that, with Retry-After, prove that the request was not run (429 always does).
    """

    connect_s: float = 5.0
    read_s: float = 30.0
    total_s: float = 60.0
    attempts: int = 5
    backoff_s: float = 0.5
    backoff_cap_s: float = 8.0
    patience_s: float = 20.0
    budget_s: float = 60.0
    refused: frozenset[int] = frozenset({429})
    pool: int = 16
    correlation_header: str = "X-Correlation-Id"


class _Again(Exception):
    """The attempt may be repeated: `error` is what to raise when there is no attempt left, `wait_s` the least wait."""

    def __init__(self, error: SyncError, wait_s: float | None = None) -> None:
        super().__init__(error.sentence)
        self.error = error
        self.wait_s = wait_s


class Transport:
    """All calls to one host. Safe to share between threads."""

    def __init__(  # noqa: PLR0913 - keyword-only; `side` and `shop` go into the facts of every error
        self,
        base_url: str,
        *,
        clock: Clock,
        credential: Credential | None = None,
        policy: Policy | None = None,
        headers: Mapping[str, str] | None = None,
        side: str = "",
        shop: str = "",
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.base_url = base_url if base_url.endswith("/") else f"{base_url}/"
        self.policy = policy or Policy()
        self.session = _session(self.policy, headers or {})
        self._origin = urlsplit(self.base_url)[:2]
        self._clock = clock
        self._whom: dict[str, object] = {name: each for name, each in (("side", side), ("shop", shop)) if each}
        self.credential = credential
        self._chance = chance

    def send(self, request: Request) -> Answer:
        """Send it, wait and repeat as the policy and the request allow, and return the answer the client must judge."""
        started = time.monotonic()
        retrying = Retrying(
            retry=retry_if_exception_type(_Again),
            stop=lambda state: self._exhausted(state, started),
            wait=self._wait_s,
            sleep=self._sleep,
            before_sleep=_log_repeat,
            reraise=True,
        )
        try:
            return retrying(self._attempt, request)
        except _Again as last:
            raise last.error from None

    def _attempt(self, request: Request) -> Answer:
        """One attempt, and one more where a renewed credential may help: a 401 proves that nothing was run."""
        offered = self.credential.headers() if self.credential else {}
        answer = self._exchange(request, offered)
        if answer.status == 401 and self.credential and not _handled(answer):
            self.credential.renew(offered)
            answer = self._exchange(request, self.credential.headers())
        self._judge(answer)
        return answer

    def _exchange(self, request: Request, offered: Mapping[str, str]) -> Answer:
        """Send once and read the whole answer; raises _Again or UnknownOutcome when there is none."""
        began, began_at = time.monotonic(), self._clock.now()
        spend(calls=1)
        try:
            response = self._call(request, offered)
            body = self._read(response, began)
        except (requests.RequestException, OSError) as error:
            raise self._no_answer(request, error) from None
        now = self._clock.now()
        # The longer of both: a wall clock may jump, and a simulated one may move while no real time passes.
        elapsed_s = max(time.monotonic() - began, (now - began_at).total_seconds())
        date = http_date(response.headers.get("Date")) or now
        logger.debug("%s: HTTP %d in %.3f s", request.name, response.status_code, elapsed_s)
        return Answer(response.status_code, response.headers, body, date, elapsed_s, request, self._whom)

    def _call(self, request: Request, offered: Mapping[str, str]) -> requests.Response:
        url = urljoin(self.base_url, request.url)
        if urlsplit(url)[:2] != self._origin:
            raise AuthFailed(f"{request.name}: refused to send credentials to another host than {self.base_url}.")
        headers = {**request.headers, **offered}
        if correlation_id():
            headers[self.policy.correlation_header] = correlation_id()
        body = request.body
        if request.json is not None:
            headers.setdefault("Content-Type", "application/json")
            body = json.dumps(request.json, ensure_ascii=False, separators=(",", ":"), default=_exact).encode()
        return self.session.request(
            request.method,
            url,
            params=request.params,
            data=body,
            headers=headers,
            timeout=(self.policy.connect_s, self.policy.read_s),
            allow_redirects=False,
            stream=True,
        )

    def _read(self, response: requests.Response, began: float) -> bytes:
        """The body, given up when it drips in for longer than `total_s` (the read time-out is per packet only)."""
        chunks = []
        with response:
            for chunk in response.iter_content(_CHUNK):
                chunks.append(chunk)
                if time.monotonic() - began > self.policy.total_s:
                    raise requests.exceptions.ReadTimeout
        return b"".join(chunks)

    def _no_answer(self, request: Request, error: requests.RequestException | OSError) -> Exception:
        failure = failure_of(error)
        facts: dict[str, object] = {"call": request.name, "failure": failure.what, **self._whom}
        if failure.unsent or request.may_repeat:
            return _Again(Unavailable(f"{request.name}: {failure.what}.", facts=facts))
        return UnknownOutcome(f"{request.name}: {failure.what}; it may have been carried out.", facts=facts)

    def _judge(self, answer: Answer) -> None:
        """Let the client have what it must judge; raise for the rest."""
        if answer.status < 400 or _handled(answer):
            return
        wait_s = retry_after_s(answer.headers.get("Retry-After"), self._clock.now())
        if answer.status == 429 or (answer.status in self.policy.refused and wait_s is not None):
            raise self._throttled(answer, wait_s)
        if answer.status == 401:
            sentence = f"{answer.request.name}: the credential was refused. Check the app's registration and secret."
            raise AuthFailed(sentence, facts=answer.facts)
        if answer.status == 408 or answer.status >= 500:
            raise self._failed(answer, wait_s)

    def _failed(self, answer: Answer, wait_s: float | None) -> Exception:
        error = answer.lost(f"{answer.request.name}: the server answered HTTP {answer.status}.")
        if not isinstance(error, Unavailable):
            return error
        error.retry_after_s = error.retry_after_s if wait_s is None else wait_s
        error.exact = wait_s is not None
        return error if (wait_s or 0.0) > self.policy.patience_s else _Again(error, wait_s)

    def _throttled(self, answer: Answer, wait_s: float | None) -> Exception:
        error = Throttled(
            f"{answer.request.name}: the server asked us to wait.",
            retry_after_s=self.policy.patience_s if wait_s is None else wait_s,
            facts={**answer.facts, "retry_after_s": wait_s},
        )
        return error if (wait_s or 0.0) > self.policy.patience_s else _Again(error, wait_s)

    def _exhausted(self, state: RetryCallState, started: float) -> bool:
        late = time.monotonic() - started + state.upcoming_sleep > self.policy.budget_s
        return late or state.attempt_number >= self.policy.attempts

    def _wait_s(self, state: RetryCallState) -> float:
        """What the server asked for, plus full jitter over an exponentially growing span."""
        again = state.outcome.exception() if state.outcome else None
        asked = again.wait_s if isinstance(again, _Again) and again.wait_s else 0.0
        span = min(self.policy.backoff_cap_s, self.policy.backoff_s * 2.0 ** (state.attempt_number - 1))
        return float(asked + self._chance() * span)

    def _sleep(self, seconds: float) -> None:
        spend(waited_s=seconds)
        self._clock.sleep(seconds)


def _exact(value: object) -> str:
    """Decimals go as strings, digit for digit; anything else that JSON does not know is a mistake of the caller."""
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def _handled(answer: Answer) -> bool:
    return answer.request.handles is not None and answer.request.handles(answer)


def _log_repeat(state: RetryCallState) -> None:
    again = state.outcome.exception() if state.outcome else None
    why = again.error.in_log if isinstance(again, _Again) else ""
    logger.warning("repeating in %.1f s, attempt %d: %s", state.upcoming_sleep, state.attempt_number + 1, why)


class Session(requests.Session):
    """Asks the environment for proxies and certificates once per host: with every request it is a tenth of its cost."""

    def __init__(self) -> None:
        super().__init__()
        self.auth = _no_netrc  # without it requests would replace our Authorization by a ~/.netrc entry
        self._surroundings: dict[tuple[object, ...], dict[str, Any]] = {}

    def merge_environment_settings(
        self, url: str | bytes | None, proxies: Any, stream: Any, verify: Any, cert: Any
    ) -> Any:
        """What `requests` finds, kept."""
        key = (*urlsplit(url)[:2], str(proxies), stream, verify, cert)
        if key not in self._surroundings:
            self._surroundings[key] = dict(super().merge_environment_settings(url, proxies, stream, verify, cert))
        return dict(self._surroundings[key])


def _session(policy: Policy, headers: Mapping[str, str]) -> requests.Session:
    session = Session()
    session.headers.update({"Accept": "application/json", **headers})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))  # no affinity, nothing shared by threads
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=policy.pool, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
