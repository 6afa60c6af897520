"""Single values of the environment, read by the names that shared/settings_list.py knows.

Each raises SettingMissing naming the setting and what it has to be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from shared.errors import SettingMissing
from shared.settings_list import SETTINGS, Known

KNOWN = {known.name: known for known in SETTINGS}


def absent(known: Known) -> str:
    """The sentence for a setting without which nothing runs."""
    return f"Setting {known.name} is missing: {known.about}."


def text(env: Mapping[str, str], name: str, shop: str = "") -> str:
    """The setting's text; a shop's own value stands under NAME__SHOPKEY."""
    known = KNOWN[name]
    own = env.get(f"{name}__{re.sub(r'[^A-Z0-9]', '', shop.split('.', 1)[0].upper())}") if shop else None
    value = (own or env.get(name) or "").strip()
    if value:
        return value
    if known.default is None:
        raise SettingMissing(absent(known), facts={"setting": name})
    return known.default


def number(env: Mapping[str, str], name: str) -> float:
    """A number that is not negative."""
    given = text(env, name)
    if not re.fullmatch(r"\d+(\.\d+)?", given):
        raise SettingMissing(f"Setting {name} is '{given}', which is not a number.", facts={"setting": name})
    return float(given)


def whole(env: Mapping[str, str], name: str, *, least: int = 1, most: int | None = None) -> int:
    """A whole number within these bounds."""
    given = text(env, name)
    if not re.fullmatch(r"\d+", given) or int(given) < least or (most is not None and int(given) > most):
        span = f"of {least} or more" if most is None else f"from {least} to {most}"
        sentence = f"Setting {name} is '{given}'; it has to be a whole number {span}."
        raise SettingMissing(sentence, facts={"setting": name})
    return int(given)


def truth(env: Mapping[str, str], name: str) -> bool:
    """True or false."""
    given = text(env, name).lower()
    if given not in ("true", "false"):
        raise SettingMissing(f"Setting {name} is '{given}'; it has to be true or false.", facts={"setting": name})
    return given == "true"


def choice(env: Mapping[str, str], name: str, choices: Sequence[str]) -> str:
    """One of these words."""
    given = text(env, name).lower()
    if given not in choices:
        sentence = f"Setting {name} is '{given}'; it has to be one of: {', '.join(choices)}."
        raise SettingMissing(sentence, facts={"setting": name})
    return given


def moment(env: Mapping[str, str], name: str) -> datetime | None:
    """A day, or a moment, in UTC where it names no zone; None where it is empty."""
    given = text(env, name)
    if not given:
        return None
    try:
        found = datetime.fromisoformat(given)
    except ValueError:
        sentence = f"Setting {name} is '{given}'; it has to be a day or a moment, such as 2026-01-31."
        raise SettingMissing(sentence, facts={"setting": name}) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def registration(env: Mapping[str, str]) -> list[str]:
    """Tenant, client id and secret of the app registration that signs in to Dataverse: all three, or none."""
    given = {name: text(env, f"DATAVERSE_{name}") for name in ("TENANT_ID", "CLIENT_ID", "CLIENT_SECRET")}
    lacking = next((f"DATAVERSE_{name}" for name, value in given.items() if not value), "")
    if lacking and any(given.values()):
        raise SettingMissing(absent(KNOWN[lacking]), facts={"setting": lacking})
    if not re.fullmatch(r"[A-Za-z0-9.-]*", given["TENANT_ID"]):
        sentence = f"Setting DATAVERSE_TENANT_ID is '{given['TENANT_ID']}'; it has to be a tenant's id or its domain."
        raise SettingMissing(sentence, facts={"setting": "DATAVERSE_TENANT_ID"})
    return [*given.values()]


def listed(text: str) -> list[str]:
    """What stands between the commas, in lower case."""
    return [shop.strip().lower() for shop in text.split(",") if shop.strip()]
