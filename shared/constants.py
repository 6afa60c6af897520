"""The Dataverse rows that mapping files name by constants (unit, price list …), found by the names in the settings.

Each is asked for when a mapping first needs it, kept, and asked for again after a while: a row may be replaced by
another of the same name. Not for several threads at once: wiring locks.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from shared.dataverse.lookups import Lookups
from shared.errors import SettingMissing, SyncError
from shared.mapping.model import FURTHER_LISTS
from shared.settings import DataverseSettings
from shared.sync.ports import Clock

KEPT = timedelta(minutes=10)


class Constants:
    """The ids of one organization's rows by the names of constants."""

    def __init__(self, lookups: Lookups, wanted: DataverseSettings, clock: Clock) -> None:
        self._clock = clock
        self._finders: dict[str, Callable[[], str]] = {
            "price_list": lambda: lookups.price_list(wanted.price_list),
            "unit_group": lambda: lookups.unit_group(wanted.unit_group),
            "unit": lambda: lookups.unit(wanted.unit, self._one("unit_group")),
        }
        if wanted.team:
            self._finders["team"] = lambda: lookups.team(wanted.team)
        if wanted.guest_account:
            self._finders["guest_account"] = lambda: lookups.guest_account(wanted.guest_account)
        self._lookups = lookups
        self._kept: dict[str, tuple[str, datetime]] = {}
        self.edition = 0
        """Grows whenever a row turns out to be another one than before."""

    @property
    def names(self) -> frozenset[str]:
        """Every constant that a mapping may name under these settings."""
        return frozenset(self._finders)

    def found(self, names: Collection[str]) -> Mapping[str, str]:
        """The ids of those constants, unknown names left out. Raises SettingMissing where a setting names no row."""
        further = {name for name in names if name.startswith(FURTHER_LISTS)}
        return {name: self._one(name) for name in sorted(self.names.intersection(names) | further)}

    def _further(self, name: str) -> str:
        return self._lookups.price_list_called(name.removeprefix(FURTHER_LISTS))

    def _one(self, name: str) -> str:
        now = self._clock.now()
        known, asked_at = self._kept.get(name, ("", now))
        if known and now - asked_at < KEPT:
            return known
        try:
            row_id = self._finders[name]() if name in self._finders else self._further(name)
        except SettingMissing:
            raise
        except SyncError:  # no answer now: what was found last still holds, and the work itself will meet the trouble
            if not known:
                raise
            row_id = known
        self.edition += bool(known) and row_id != known
        self._kept[name] = (row_id, now)
        return row_id
