"""The metafield types that exist: their names, families, units, and what a definition of each may do.

Facts only, from the vendor's own sentences and pages; whether a value fits is decided in `metafield_values`.
"""

from __future__ import annotations


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MEASUREMENTS = _names(
    "antenna_gain area battery_charge_capacity battery_energy_capacity capacitance concentration "
    "data_storage_capacity data_transfer_rate dimension display_density distance duration electric_current "
    "electrical_resistance energy frequency illuminance inductance luminous_flux mass_flow_rate power pressure "
    "resolution rotational_speed sound_level speed temperature thermal_power voltage volume volumetric_flow_rate "
    "weight"
)
# The order is that of the sentence which lists the valid types; `list.boolean` and others are not among them.
_SINGLE = _names(
    "antenna_gain area battery_charge_capacity battery_energy_capacity boolean capacitance color concentration "
    "data_storage_capacity data_transfer_rate date_time date dimension display_density distance duration "
    "electric_current electrical_resistance energy frequency id illuminance inductance json jurisdiction language "
    "link"
)
_LISTS = _names(
    "antenna_gain area battery_charge_capacity battery_energy_capacity capacitance color concentration "
    "data_storage_capacity data_transfer_rate date_time date dimension display_density distance duration "
    "electric_current electrical_resistance energy frequency illuminance inductance jurisdiction link "
    "luminous_flux mass_flow_rate number_decimal number_integer power pressure rating resolution rotational_speed "
    "single_line_text_field sound_level speed temperature thermal_power url voltage volume volumetric_flow_rate "
    "weight"
)
_REST = _names(
    "luminous_flux mass_flow_rate money multi_line_text_field number_decimal number_integer power pressure rating "
    "resolution rich_text_field rotational_speed single_line_text_field sound_level speed temperature "
    "thermal_power url voltage volume volumetric_flow_rate weight company_reference list.company_reference "
    "customer_reference list.customer_reference product_reference list.product_reference collection_reference "
    "list.collection_reference variant_reference list.variant_reference file_reference list.file_reference "
    "product_taxonomy_value_reference list.product_taxonomy_value_reference product_taxonomy_disclosure_reference "
    "metaobject_reference list.metaobject_reference mixed_reference list.mixed_reference disclosure_reference "
    "list.disclosure_reference page_reference list.page_reference article_reference list.article_reference "
    "order_reference list.order_reference"
)
ALL = (*_SINGLE, *(f"list.{name}" for name in _LISTS), *_REST)
KNOWN = frozenset(ALL)
SENTENCE = ", ".join(ALL)
RESERVED_FOR_STANDARDS = frozenset(["disclosure_reference"])

# Units as they are sent, and as they are kept and read back (seen in a recorded value: CENTIMETERS).
UNITS: dict[str, dict[str, str]] = {
    "dimension": {
        "in": "INCHES",
        "ft": "FEET",
        "yd": "YARDS",
        "mm": "MILLIMETERS",
        "cm": "CENTIMETERS",
        "m": "METERS",
    },
    "weight": {"oz": "OUNCES", "lb": "POUNDS", "g": "GRAMS", "kg": "KILOGRAMS"},
    "volume": {
        "ml": "MILLILITERS",
        "cl": "CENTILITERS",
        "l": "LITERS",
        "m3": "CUBIC_METERS",
        "us_fl_oz": "FLUID_OUNCES",
        "us_pt": "PINTS",
        "us_qt": "QUARTS",
        "us_gal": "GALLONS",
        "imp_fl_oz": "IMPERIAL_FLUID_OUNCES",
        "imp_pt": "IMPERIAL_PINTS",
        "imp_qt": "IMPERIAL_QUARTS",
        "imp_gal": "IMPERIAL_GALLONS",
    },
}

_CATEGORIES = {
    "single_line_text_field": "TEXT",
    "multi_line_text_field": "TEXT",
    "rich_text_field": "TEXT",
    "number_integer": "NUMBER",
    "number_decimal": "NUMBER",
    "date": "DATE_TIME",
    "date_time": "DATE_TIME",
    "boolean": "TRUE_FALSE",
}
UNIQUE = frozenset(["id", "single_line_text_field", "number_integer", "url"])
CONDITIONS = frozenset(
    [
        "boolean",
        "number_integer",
        "number_decimal",
        "rating",
        "single_line_text_field",
        "metaobject_reference",
        "list.metaobject_reference",
    ]
)
CONDITION_OWNERS = frozenset(["PRODUCT", "PRODUCTVARIANT"])


def inner(name: str) -> str:
    """The type of the elements of a list type, or the type itself."""
    return name.removeprefix("list.")


def category(name: str) -> str:
    """The family a type belongs to, as the API names it."""
    single = inner(name)
    if single.endswith("_reference"):
        return "REFERENCE"
    if single in MEASUREMENTS:
        return "MEASUREMENT"
    return _CATEGORIES.get(single, single.upper())


def shown(name: str) -> dict[str, str]:
    """A type as the API shows it."""
    return {"name": name, "category": category(name)}


def is_reference(name: str) -> bool:
    """True for a type whose values are global ids."""
    return inner(name).endswith("_reference")


def eligible(capability: str, name: str, owner_type: str) -> bool:
    """Whether a definition of that type for that kind of owner may have a capability."""
    if capability == "unique_values":
        return name in UNIQUE
    if capability == "smart_collection_condition":
        return name in CONDITIONS and owner_type in CONDITION_OWNERS
    return capability == "admin_filterable" or (capability == "cart_to_order_copyable" and owner_type == "ORDER")


def _with_legacy() -> list[str]:
    after = {
        "energy": "float",
        "inductance": "integer json_string",
        "list.battery_energy_capacity": "list.boolean",
        "list.mass_flow_rate": "list.multi_line_text_field",
        "speed": "string",
    }
    found: list[str] = []
    for name in ALL:
        found += [name, *after.get(name, "").split()]
    return found


# A metafield without a definition may also have one of the old types; the sentence that says so lists them.
WRITABLE = _with_legacy()
