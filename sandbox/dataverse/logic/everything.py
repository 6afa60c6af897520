"""Registers every module of rules, in the order they must run."""

from __future__ import annotations

from . import cascade, contact, money, numbers, prices, product, states, units
from .rules import Rules


def all_rules() -> Rules:
    """The rules of Dynamics 365 Sales as far as the sandbox has them."""
    rules = Rules()
    for module in (product, units, prices, contact, numbers, states, money, cascade):
        module.register(rules)
    return rules
