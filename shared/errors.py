"""Every error this product raises on purpose: three families, three actions.

Retryable: try the record again later. Rejected: the record is wrong, park it at once.
Misconfigured: the connection or the flow is wrong, pause it and keep its queue.
Errors carry facts for people and for `--json`; they never carry secrets or personal data.
"""

from __future__ import annotations

from collections.abc import Mapping


class SyncError(Exception):
    """The root: a sentence that says what was wrong, where, and what to do, plus facts.

    `facts` holds short machine-readable details: status, vendor_code, request_id, field, retry_after_s. `said`: the
    part of the sentence that a vendor wrote and that may quote a record's values.
    """

    def __init__(self, sentence: str, *, facts: Mapping[str, object] | None = None, said: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.facts: dict[str, object] = dict(facts or {})
        self.said = said

    @property
    def in_log(self) -> str:
        """The sentence as logs and alerts may hold it: the vendor's code instead of what the vendor said."""
        code = f"[{self.facts.get('vendor_code', '')}]"
        return self.sentence.replace(self.said, code) if self.said else self.sentence

    @property
    def code(self) -> str:
        """The class name: stable, shown in parked rows and in `--json`."""
        return type(self).__name__


class Retryable(SyncError):
    """Nothing is wrong with the record: try it again after `retry_after_s` seconds.

    `exact` says that it is known when that helps, as at the end of a lease: that long is waited. Other waits double
    with every try, to `longest_s`.
    """

    exact = False
    longest_s = 3600.0

    def __init__(
        self,
        sentence: str,
        *,
        retry_after_s: float = 30.0,
        exact: bool = False,
        facts: Mapping[str, object] | None = None,
        said: str = "",
    ) -> None:
        super().__init__(sentence, facts=facts, said=said)
        self.retry_after_s = retry_after_s
        self.exact = exact or self.exact


class Throttled(Retryable):
    """The vendor asked us to wait; the call was not run."""

    exact = True


class Unavailable(Retryable):
    """The vendor or the network did not answer usefully; the call changed nothing that we rely on."""


class Busy(Retryable):
    """Another worker holds this pair. He ends within seconds, or is dead, and then his lease runs out in minutes."""

    longest_s = 60.0


class NotYet(Retryable):
    """A record this one refers to has no pair yet. Nobody says when it comes, so it is looked for every few minutes."""

    longest_s = 300.0


class UnknownOutcome(Retryable):
    """A write may or may not have happened; it is looked up before anything is sent again, once its claim is over."""

    longest_s = 300.0


class Rejected(SyncError):
    """This record is wrong: it is parked at once and the rest of its page goes on."""


class Invalid(Rejected):
    """The target refused the values."""


class Unreadable(Invalid):
    """A queue message or a journal page cannot be read: what it named is unknown until everything is listed again."""


class MappingFailed(Rejected):
    """An expression could not be computed for this record."""


class Conflict(Rejected):
    """Both sides changed and no rule decides."""


class Ambiguous(Rejected):
    """More than one record matches; a person has to choose."""


class TotalsDiffer(Rejected):
    """Both systems hold the record and their totals are not equal."""


class LoopSuspected(Rejected):
    """One field went back and forth too often within an hour."""


class Misconfigured(SyncError):
    """The connection or the flow is wrong: it is paused with one alert and its queue is kept."""


class AuthFailed(Misconfigured):
    """A credential was refused, or a permission is missing."""


class ConnectionDown(Misconfigured):
    """A system as a whole does not serve us: the shop is frozen or locked, or nothing but errors for a long time."""


class MappingInvalid(Misconfigured):
    """A mapping file was refused; the sentence names file, line and fix."""


class SchemaMismatch(Misconfigured):
    """A table, column, key or field that the mapping needs does not exist as needed."""


class SettingMissing(Misconfigured):
    """A setting is missing or cannot be read; the sentence says where to find its value."""


class TooManyDeletes(Misconfigured):
    """More of a kind were deleted within a day than the set share: a person has to say that this is meant."""


class TokenExpired(SyncError):
    """A cursor's token is no longer accepted by the source: a full listing is due. Raised by sources only."""
