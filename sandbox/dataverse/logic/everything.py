"""Registers every module of rules, in the order they must run."""

from __future__ import annotations

from sandbox.dataverse import duplicates
from sandbox.dataverse.messages import roles
from sandbox.dataverse.writes import links

from . import addresses, cascade, contact, money, numbers, prices, product, states, steps, units
from .rules import Rules
from .sales import headers, lines, pricing, transitions, volume


def all_rules() -> Rules:
    """The rules of Dynamics 365 Sales as far as the sandbox has them."""
    rules = Rules()
    sales = (transitions, headers, lines, pricing, volume)
    people = (addresses, contact)
    platform = (duplicates, steps, cascade, links, roles)
    for module in (product, units, prices, *people, numbers, *sales, states, money, *platform):
        module.register(rules)
    return rules
