"""The shape of a mapping file: every key a user may write, with the sentence editors show for it.

Only shape and types live here; what keys mean together is checked in semantics.py and joint.py.
Unknown keys are refused.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Owner = Literal["crm", "shopify", "latest"]
Plain = bool | int | Decimal | str | list[str]
"""What may be written as it is: text, number, true or false, or a list of texts."""
Text = Annotated[str, StringConstraints(min_length=1)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]

FURTHER_LISTS = "price_list_"
"""A constant that begins so is the active price list of that name: `price_list_wholesale`."""

HOWS = ("from", "value", "constant", "pair")
"""The four ways to say what a field is set to; each field has exactly one."""


def _exactly_one(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [{"required": [how]} for how in HOWS]


class Strict(BaseModel):
    """No unknown keys, no conversion of types, no change after loading."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Place(Strict):
    """One side's record type: a Shopify type or a Dataverse table. All but these two are of files in tables/ alone."""

    type: Text | None = Field(None, description="The Shopify type as the Admin API names it, e.g. ProductVariant.")
    table: Text | None = Field(None, description="The Dataverse table's logical name, e.g. product.")
    root: Text | None = Field(
        None, description="tables/: the connection of the Admin schema that lists the records, e.g. draftOrders."
    )
    each: Text | None = Field(
        None, description="tables/: the list inside each of those whose members are the records, e.g. refunds."
    )
    key: Text | None = Field(None, description="tables/: the member's field that tells members without an id apart.")
    changes: Literal["updated_at", "listing"] | None = Field(
        None, description="tables/: how changes are found; without it by updated_at where Shopify can be asked so."
    )
    label: Text | None = Field(None, exclude=True, description="tables/: what people call one row of the table.")
    plural: Text | None = Field(None, exclude=True, description="tables/: what people call its rows.")


class Match(Strict):
    """How records that exist on both sides and are not paired yet find each other; several are tried in their order."""

    field: FieldName = Field(
        description="The name of the field whose value must be equal, and unique on both sides. On the source the "
        "first path that its `from` reads is searched."
    )
    when: Text | None = Field(
        None, description="JMESPath over the source record; where it is not true this match is left out for the record."
    )
    ignore_case: bool = Field(False, description="Whether upper and lower case count as equal, as in e-mail addresses.")
    several: Literal["park", "next"] = Field(
        "park",
        description='Where the value is several records\', or its only counterpart is linked already: "park" the '
        'record and name them all, or go on to the "next" match and in the end make a new counterpart.',
    )


class Skip(Strict):
    """Records that are left alone."""

    when: Text = Field(description="JMESPath over the source record; where it is true the record is skipped.")
    reason: Text = Field(description="The sentence a salesperson reads in the run's outcomes.")


class Deleted(Strict):
    """What happens to the counterpart of a record that was deleted. It is deleted itself only in tables/."""

    set: dict[str, Plain] | None = Field(None, description="Target paths and the values written to them.")
    action: Literal["keep", "deactivate", "delete"] | None = Field(
        None, description='"keep" leaves the counterpart as it is; in tables/ also "deactivate" and "delete".'
    )


class PairRef(Strict):
    """A reference to another record: its counterpart's id on the target side."""

    kind: Text = Field(description="The kind of the record that is referred to, e.g. customers.")
    id: Text = Field(description="JMESPath that gives that record's id on the source side.")
    fallback: Text | None = Field(
        None, description="A constant to use at once where there is no reference, or no pair for it."
    )


class ColumnModel(Strict):
    """A column of a table that `setup` makes."""

    type: Literal[
        "text", "long_text", "integer", "decimal", "boolean", "date", "datetime", "choice", "lookup"
    ] = Field(description="What it holds.")
    label: Text | None = Field(None, description="What people call it.")
    length: int | None = Field(None, ge=1, le=1_048_576, description="Of texts: the most characters.")
    options: dict[str, Text] | None = Field(None, description="Of choices: number to label.")
    table: Text | None = Field(None, description="Of lookups: the table whose rows it names.")


class TableModel(Strict):
    """A table of a record's lines that `setup` makes."""

    name: Text = Field(description="Its logical name, e.g. new_shopifydraftline.")
    parent: Text = Field(description="Its lookup to the record's table, e.g. new_draftorderid.")
    label: Text | None = Field(None, exclude=True, description="What people call one row of it.")
    plural: Text | None = Field(None, exclude=True, description="What people call its rows.")


class FieldModel(Strict):
    """One field: where its value comes from, where it goes, and who decides about it."""

    model_config = ConfigDict(json_schema_extra=_exactly_one)

    from_: Text | None = Field(
        None, alias="from", description="JMESPath over the source record: what the value is made of."
    )
    value: Plain | None = Field(None, description="A fixed value, the same for every record.")
    constant: Text | None = Field(
        None,
        description="The id of a row that the settings name: unit, unit_group, price_list, team (CRM_TEAM), "
        "guest_account (CRM_GUEST_ACCOUNT); price_list_NAME is the active price list of that name.",
    )
    pair: PairRef | None = Field(
        None, description="The counterpart's id of a record that this one refers to; who has none yet is waited for."
    )
    to: Text = Field(description="The path on the target side.")
    owner: Owner | None = Field(
        None,
        description="For a field that both flows write: who decides where both changed it; latest: the newer change.",
    )
    drift: Literal["accept", "repair"] = Field(
        "accept", description="For a field that one flow writes: a change made on the target is left, or put right."
    )
    on_create: bool = Field(False, description="Written when the record is created and never again.")
    values: dict[str, Plain] | None = Field(
        None,
        description='Translates: the value as text (1, true, ARCHIVED; "" is the empty one) to what is written.',
    )
    other: Plain = Field(
        "park", description='What values does not list: "park" the record, "keep" the target, "blank", or a value.'
    )
    length: Annotated[int, Field(ge=1)] | None = Field(
        None, description="The most characters the target takes, as Dataverse counts (most emoji count two)."
    )
    too_long: Literal["cut", "park"] = Field(
        "cut", description="A text longer than length: cut to it, which the outcome tells, or the record is parked."
    )
    blank: Literal["clear", "keep"] = Field(
        "clear", description="An empty value (nothing, an empty text or list) clears the target, or leaves it as it is."
    )
    when_setting: Text | None = Field(
        None, description="The field counts only where this setting is true: publish is PRODUCT_PUBLISH."
    )
    required: bool = Field(False, description="A record without a value is parked with this field's name.")
    column: ColumnModel | None = Field(
        None, exclude=True, description="tables/: the column that `setup` makes for it."
    )

    @property
    def how(self) -> str:
        """Which of the four ways is used; empty or the first of several where the file is wrong."""
        return next(iter(self.hows), "")

    @property
    def hows(self) -> list[str]:
        """All of the four ways that are given."""
        given = {"from": self.from_, "value": self.value, "constant": self.constant, "pair": self.pair}
        return [how for how in HOWS if given[how] is not None]


class LineMatch(Strict):
    """How a line that is not known yet finds the row that stands for it already."""

    field: FieldName = Field(description="The name of the line's field whose value must be equal and unique.")
    ignore_case: bool = Field(False, description="Whether upper and lower case count as equal, as in e-mail addresses.")


class LinesModel(Strict):
    """One group of a record's lines: a list on the source side that becomes rows on the target side."""

    from_: Text = Field(alias="from", description="The list, e.g. lineItems.nodes[?currentQuantity > `0`].")
    id: Text = Field(description="JMESPath over one line that gives its id; lines are paired by it.")
    to: Text = Field(description="The path of the child collection on the target side; groups may share one.")
    table: TableModel | None = Field(
        None, description="tables/: the table that `setup` makes for them; `to` is its relationship's name."
    )
    owner: Literal["crm", "shopify"] | None = Field(
        None, description="Whose lines they are: a line deleted on the other side is put back. Default: the source."
    )
    match: list[LineMatch] = Field(
        default_factory=list,
        description="How a new line finds its row among those that stand there already, the first that finds one "
        "counts; a row of another record with that value parks the record.",
    )
    fields: dict[FieldName, FieldModel] = Field(description="The line's fields; `header` is the record around it.")


class MappingModel(Strict):
    """A whole mapping file."""

    flow: Text = Field(description="The flow this file belongs to; also the file's name.")
    kind: Text = Field(description="The kind of record; the files of a kind's two flows join their fields by name.")
    source: Place = Field(description="What is read.")
    target: Place = Field(description="What is written.")
    match: list[Match] = Field(
        default_factory=list, description="How unpaired records find each other, the first that finds one counts."
    )
    skip: list[Skip] = Field(default_factory=list, description="Records that are left alone, with the reason.")
    deleted: Deleted = Field(
        default_factory=lambda: Deleted(action="keep"), description="What a deletion on the source side does."
    )
    fields: dict[FieldName, FieldModel] = Field(min_length=1, description="The fields, by a name that you choose.")
    lines: dict[FieldName, LinesModel] = Field(
        default_factory=dict, description="The record's lines, in groups by a name that you choose and then keep."
    )
