"""A lost write of one field may be news to another field that reads the same path."""

from __future__ import annotations

from shared.mapping.load import parse
from shared.mapping.rules import join
from shared.records import Pair, PairState, Record, Side
from shared.sync.digest import digest
from shared.sync.plan import Decision, Sides, decide

FORWARD = """
flow = "a_shopify_to_crm"
kind = "things"
[source]
type = "Thing"
[target]
table = "thing"
[fields.copy]
from = "title"
to = "shopify_title"
[fields.number]
from = "sku"
to = "number"
owner = "crm"
"""
BACK = """
flow = "a_crm_to_shopify"
kind = "things"
[source]
table = "thing"
[target]
type = "Thing"
[fields.title]
from = "name"
to = "title"
on_create = true
[fields.number]
from = "number"
to = "sku"
owner = "crm"
"""


def test_what_a_lost_create_put_there_reaches_the_fields_that_only_read_it() -> None:
    """After a create whose answer was lost, the new record's title still arrives in the column that copies it."""
    rules = join(parse(FORWARD), parse(BACK))
    content = {"title": "Lamp", "sku": "L-1"}
    sent = {Side.SHOPIFY: {path: (digest(value),) for path, value in content.items()}}
    crm = {"shopify_title": None, "number": "L-1"}
    pair = Pair(
        "acme", "things", Side.CRM, PairState.PAIRED, "thing", bases={Side.CRM: {p: digest(v) for p, v in crm.items()}}
    )
    digests = {path: digest(value) for path, value in content.items()}
    sides = Sides(Side.SHOPIFY, Record("1", content), Record("c", crm), pair, digests, sent=sent)
    assert decide(rules.field_named("copy"), "Lamp", None, sides) is Decision.WRITE
    assert decide(rules.field_named("number"), "L-1", "L-0", sides) is not Decision.WRITE
