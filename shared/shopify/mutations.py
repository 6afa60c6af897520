"""Many mutations in few requests: packed by cost, run in order, told apart by alias, each with its own outcome.

A request that Shopify refused before running it because of one bad value is sent again without that value's mutation.
A mutation is never sent twice unless it is proven that it was not run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.errors import Invalid, SyncError, Throttled, Unavailable, UnknownOutcome
from shared.shopify.answers import UserError, user_errors
from shared.shopify.client import Document, GraphAnswer, ShopifyClient
from shared.shopify.graph import MOST_POINTS

MOST_TOGETHER = 20


@dataclass(frozen=True, slots=True)
class Mutation:
    """One mutation: its name, its arguments (name → (GraphQL type, value)) and what its payload selects."""

    root: str
    arguments: Mapping[str, tuple[str, Any]]
    selection: str


@dataclass(frozen=True, slots=True)
class Done:
    """A mutation that was run: its payload, the refusals in it, and the moment."""

    payload: Mapping[str, Any]
    errors: Sequence[UserError]
    at: datetime


Result = Done | SyncError


@dataclass(frozen=True, slots=True)
class Sender:
    """Runs mutations through one client until a moment: what is not sent by then is not sent at all.

    A write's claim has a lease; `until` leaves room in it for the last request's time-outs.
    """

    client: ShopifyClient
    until: datetime

    def run(self, name: str, groups: Sequence[Sequence[Mutation]], fragments: str) -> list[list[Result]]:
        """Run groups of mutations; a group stays in one request and in its order. One result per mutation, as given.

        A request that fails as a whole gives its error to its mutations. What comes after it is not sent, because it
        would fail the same way, and is told apart: it has not happened.
        """
        results: list[list[Result]] = [[] for _ in groups]
        stopped: SyncError | None = None
        for packed in _packed(self.client, name, groups, fragments):
            if stopped is None and self.client.now() > self.until:
                stopped = Throttled(f"{name}: the time for this page is used up; the rest follows.", retry_after_s=1.0)
            if stopped is None:
                found, error = _request(self.client, name, packed, fragments)
                stopped = error and _not_sent(name, error)
            else:
                found = dict.fromkeys(packed, stopped)
            for (group, _), result in sorted(found.items(), key=lambda entry: entry[0]):
                results[group].append(result)
        return results


def _not_sent(name: str, error: SyncError) -> SyncError:
    """What is said of mutations behind a failed request: they did not happen, so they are never "unknown"."""
    if isinstance(error, UnknownOutcome):
        return Unavailable(f"{name}: not sent, because the request before it was lost.", facts=error.facts)
    return error


_Key = tuple[int, int]


def _packed(
    client: ShopifyClient, name: str, groups: Sequence[Sequence[Mutation]], fragments: str
) -> Iterator[dict[_Key, Mutation]]:
    """Requests: as many whole groups as cost and count allow."""
    request: dict[_Key, Mutation] = {}
    spent = 0
    for number, group in enumerate(groups):
        entries = {(number, position): mutation for position, mutation in enumerate(group)}
        cost = client.cost(*_document(name, entries, fragments))
        if request and (spent + cost > MOST_POINTS or len(request) + len(entries) > MOST_TOGETHER):
            yield request
            request, spent = {}, 0
        request |= entries
        spent += cost
    if request:
        yield request


def _request(
    client: ShopifyClient, name: str, entries: Mapping[_Key, Mutation], fragments: str
) -> tuple[dict[_Key, Result], SyncError | None]:
    """One request's results, and the error that should stop the following ones."""
    left = dict(entries)
    results: dict[_Key, Result] = {}
    while left:
        try:
            answer = client.execute(*_document(name, left, fragments))
        except Invalid as error:
            blamed = [key for key in left if str(error.facts.get("variable", "")).startswith(f"{_alias(key)}_")]
            for key in blamed or list(left):
                results[key] = error
                del left[key]
        except SyncError as error:
            return {**results, **dict.fromkeys(left, error)}, error
        else:
            for key in left:
                results[key] = _outcome(answer, _alias(key), name)
            break
    return results, None


def _outcome(answer: GraphAnswer, alias: str, name: str) -> Result:
    payload = answer.data.get(alias)
    if alias in answer.failed or payload is None:
        return answer.failed.get(alias) or UnknownOutcome(f"{name}: no answer to one of its mutations.")
    return Done(payload, user_errors(payload), answer.at)


def _document(name: str, entries: Mapping[_Key, Mutation], fragments: str) -> tuple[Document, dict[str, Any]]:
    declared, fields, variables = [], [], {}
    for key, mutation in entries.items():
        alias = _alias(key)
        given = []
        for argument, (type_name, value) in mutation.arguments.items():
            variables[f"{alias}_{argument}"] = value
            declared.append(f"${alias}_{argument}: {type_name}")
            given.append(f"{argument}: ${alias}_{argument}")
        fields.append(f"{alias}: {mutation.root}({', '.join(given)}) {{ {mutation.selection} }}")
    used = fragments if any("..." in mutation.selection for mutation in entries.values()) else ""
    text = f"mutation {name}({', '.join(declared)}) {{\n" + "\n".join(fields) + f"\n}}\n{used}"
    return Document(name, text), variables


def _alias(key: _Key) -> str:
    return f"g{key[0]}m{key[1]}"
