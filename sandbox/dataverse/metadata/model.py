"""Tables, columns, keys and relationships as the rest of the sandbox sees them.

Plain data with look-ups; nothing here reads files or the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sandbox.dataverse.values import LOOKUP_TYPES


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: value, label, and for a status reason the state it belongs to."""

    value: int
    label: str
    state: int | None = None


@dataclass(slots=True)
class Column:
    """One attribute of a table; `create` and `update` are IsValidForCreate and IsValidForUpdate.

    `on_delete`: what a custom lookup's relationship says of rows whose referred row is deleted.
    """

    name: str
    type: str
    schema: str
    display: str
    required: str = "None"
    create: bool = True
    update: bool = True
    read: bool = True
    max_length: int | None = None
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    precision: int | None = None
    precision_source: int | None = None
    format: str | None = None
    date_only: bool = False
    behavior: str | None = None
    targets: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    default: object = None
    custom: bool = False
    on_delete: str = ""

    @property
    def is_lookup(self) -> bool:
        """Whether the column refers to rows of other tables."""
        return self.type in LOOKUP_TYPES

    @property
    def wire(self) -> str:
        """The property name in JSON: lookups are read as `_name_value`."""
        return f"_{self.name}_value" if self.is_lookup else self.name

    @property
    def polymorphic(self) -> bool:
        """Whether the lookup may refer to more than one table."""
        return self.is_lookup and len(self.targets) > 1

    @property
    def digits(self) -> int:
        """Decimals printed on the wire for an exact number."""
        if self.name == "exchangerate":
            return 12
        return 4 if self.type == "Money" else 10


@dataclass(frozen=True, slots=True)
class Nav:
    """A single-valued navigation property: its lookup column and the tables it may lead to."""

    name: str
    column: str
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Many:
    """A collection-valued navigation property: the other table and its lookup column back to us."""

    name: str
    table: str
    column: str


@dataclass(frozen=True, slots=True)
class Link:
    """A many-to-many relationship seen from one table: the intersect table, its columns, and the other table."""

    name: str
    intersect: str
    mine: str
    theirs: str
    table: str


@dataclass(slots=True)
class Key:
    """An alternate key; rows are held to it only once its index is Active. A job starts, then ends, at set times."""

    name: str
    schema: str
    columns: tuple[str, ...]
    id: str
    active_at: datetime
    status: str = "Pending"
    started_at: datetime | None = None


@dataclass(slots=True)
class Table:
    """One table with everything the Web API knows about it."""

    name: str
    schema: str
    entity_set: str
    pk: str
    primary_name: str
    ownership: str
    object_type_code: int
    change_tracking: bool
    optimistic: bool = True
    custom: bool = False
    labels: dict[str, str] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    one: dict[str, Nav] = field(default_factory=dict)
    many: dict[str, Many] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    by_wire: dict[str, Column] = field(default_factory=dict)

    def add_column(self, column: Column) -> None:
        """Make the column known under its logical and its wire name."""
        self.columns[column.name] = column
        self.by_wire[column.wire] = column

    def nav_for(self, column: str) -> Nav | None:
        """The first navigation property of a lookup column."""
        return next((nav for nav in self.one.values() if nav.column == column), None)

    def nav_to(self, column: str, target: str | None) -> Nav | None:
        """The navigation property of a lookup column that leads to one table."""
        for nav in self.one.values():
            if nav.column == column and (target is None or target in nav.targets):
                return nav
        return None

    @property
    def money_columns(self) -> list[Column]:
        """Money columns a caller may write, without their base twins."""
        return [c for c in self.columns.values() if c.type == "Money" and not c.name.endswith("_base")]
