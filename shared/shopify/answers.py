"""What a GraphQL answer says: top-level errors and userErrors become members of shared.errors.

Pure. It decides what a failure proves: an error without `data` from static checks proves that nothing was run,
anything else on a mutation is an unknown outcome. It never lets a non-empty userErrors pass as success.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import (
    AuthFailed,
    Invalid,
    SchemaMismatch,
    SyncError,
    Throttled,
    Unavailable,
    UnknownOutcome,
)
from shared.telemetry import redact

_STATIC = frozenset(
    {
        "PARSE_ERROR",
        "undefinedField",
        "undefinedType",
        "undefinedDirective",
        "directiveCannotBeApplied",
        "missingRequiredArguments",
        "argumentNotAccepted",
        "selectionMismatch",
        "variableNotUsed",
        "variableMismatch",
        "missingRequiredInputObjectAttribute",
        "invalidOneOfInputObject",
    }
)
_VALUES = frozenset(
    {
        "INVALID_VARIABLE",
        "MAX_INPUT_SIZE_EXCEEDED",
        "argumentLiteralsIncompatible",
        "RESOURCE_NOT_FOUND",
        "INVALID_FIELD_ARGUMENTS",
        "BAD_REQUEST",
        "INVALID",
        "NOT_FOUND",
    }
)


@dataclass(frozen=True, slots=True)
class UserError:
    """One entry of a payload's userErrors: `field` is the path into the mutation's arguments."""

    field: tuple[str, ...]
    message: str
    code: str = ""

    def index(self, name: str) -> int | None:
        """The list position this error names after `name`: ("variants", "3", "price") → 3."""
        for here, following in zip(self.field, self.field[1:], strict=False):
            if here == name and following.isdigit():
                return int(following)
        return None


def user_errors(payload: Mapping[str, Any]) -> tuple[UserError, ...]:
    """The userErrors of a mutation's payload, texts without personal data."""
    found = payload.get("userErrors") or ()
    return tuple(
        UserError(tuple(str(part) for part in e.get("field") or ()), redact(str(e["message"])), e.get("code") or "")
        for e in found
    )


def refusal(name: str, errors: Sequence[UserError]) -> SyncError:
    """The error for a write that userErrors refused: Invalid, or SchemaMismatch where a definition is missing."""
    said = "; ".join(f"{'.'.join(e.field) or 'input'}: {e.message}" for e in errors)
    facts = {
        "vendor_code": ",".join(sorted({e.code for e in errors if e.code})),
        "field": ", ".join(".".join(e.field) for e in errors),
    }
    if any(e.field[-1:] == ("type",) and "metafields" in e.field for e in errors):
        sentence = f"{name}: a metafield has no definition in this shop ({said}). Run: python -m ops setup."
        return SchemaMismatch(sentence, facts=facts, said=said)
    return Invalid(f"Shopify refused the values: {said}", facts=facts, said=said)


def top_level(payload: Mapping[str, Any], name: str, *, mutation: bool, facts: Mapping[str, object]) -> SyncError:
    """The error for an answer with top-level errors; the first error decides, its text is kept redacted."""
    errors = payload.get("errors")
    if not isinstance(errors, list) or not errors or not isinstance(errors[0], Mapping):
        text = redact(str(errors))[:300]
        error = _lost(f"{name}: {text}", mutation, dict(facts))
        error.said = text
        return error
    first = errors[0]
    extensions = first.get("extensions") or {}
    code = str(extensions.get("code") or "")
    text = redact(str(first.get("message", "")))[:500]
    known: dict[str, object] = {**facts, "vendor_code": code}
    if code == "INVALID_VARIABLE":
        known |= _blame(extensions, text)
    error = _by_code(code, f"{name}: {text}", known, extensions, mutation=mutation, ran="data" in payload)
    if not isinstance(error, SchemaMismatch | AuthFailed):  # those speak of fields and scopes, not of values
        error.said = text
    return error


def _by_code(
    code: str, sentence: str, facts: dict[str, object], extensions: Mapping[str, Any], *, mutation: bool, ran: bool
) -> SyncError:
    if code == "THROTTLED":
        return Throttled(sentence, facts=facts)
    if code == "ACCESS_DENIED":
        facts.pop("side", None)  # a scope that one flow needs: the others go on
        facts["required_access"] = str(extensions.get("requiredAccess", ""))
        return AuthFailed(f"{sentence} Grant the app this scope and install it again.", facts=facts)
    advice = _advice(code, sentence)
    if advice:
        facts |= {key: extensions[key] for key in ("cost", "maxCost") if key in extensions}
        return SchemaMismatch(f"{sentence} {advice}", facts=facts)
    if code in _VALUES and not (mutation and ran):
        return Invalid(sentence, facts=facts)
    return _lost(sentence, mutation, facts)


def _advice(code: str, sentence: str) -> str:
    """What to do where the mapping, the shop's set-up or the API version is wrong; empty for everything else."""
    if code == "MAX_COST_EXCEEDED":
        return "Map fewer connections."
    if code == "NOT_FOUND" and "etafield definition" in sentence:
        return "Run: python -m ops setup."
    return "The mapping and the API version do not fit." if code in _STATIC else ""


def _lost(sentence: str, mutation: bool, facts: dict[str, object]) -> SyncError:
    if mutation:
        return UnknownOutcome(f"{sentence} It may have been carried out.", facts=facts)
    return Unavailable(sentence, facts=facts)


def _blame(extensions: Mapping[str, Any], text: str) -> dict[str, object]:
    """Which variable and which place in it an INVALID_VARIABLE names: {"variable": "v3", "path": [0, "price"]}."""
    variable = text.partition("$")[2].partition(" ")[0]
    problems = extensions.get("problems") or [{}]
    return {"variable": variable, "path": list(problems[0].get("path") or ())}


def search_warning(payload: Mapping[str, Any], name: str) -> SchemaMismatch | None:
    """An error where Shopify ignored a part of a search: it fails open, every record would have matched."""
    for search in (payload.get("extensions") or {}).get("search") or ():
        for warning in search.get("warnings") or ():
            return SchemaMismatch(
                f"{name}: Shopify ignored the search field {warning.get('field')!r}; nothing was used of the answer.",
                facts={"vendor_code": str(warning.get("code", "")), "field": str(warning.get("field", ""))},
            )
    return None


def failed_parts(payload: Mapping[str, Any], name: str, facts: Mapping[str, object]) -> dict[str, SyncError]:
    """Per response name of a mutation's answer: the error of the parts that top-level errors or nulls leave unknown."""
    data: Mapping[str, Any] = payload.get("data") or {}
    failed: dict[str, SyncError] = {}
    for error in payload.get("errors") or ():
        path = error.get("path") or ()
        root = str(path[0]) if path else ""
        for alias in [root] if root in data else list(data):
            failed[alias] = top_level({"errors": [error], "data": data}, name, mutation=True, facts=facts)
    for alias, part in data.items():
        if part is None and alias not in failed:
            failed[alias] = UnknownOutcome(f"{name}: no answer to one of its mutations.", facts=facts)
    return failed
