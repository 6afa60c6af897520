"""Two files of one kind joined: owners, one-way fields, loops nobody would decide, paths of each side."""

from __future__ import annotations

import re

import pytest

from shared.errors import MappingInvalid
from shared.mapping.load import MappingFile, parse
from shared.mapping.rules import join
from shared.records import Side
from tests.unit.mapping.builders import CRM_TO_SHOPIFY, field, inward, outward, table

PRICE_IN = {"from_": "price", "to": "amount"}
PRICE_OUT = {"from_": "amount", "to": "price"}


def refusal(forward: MappingFile, reverse: MappingFile | None, **settings: bool) -> str:
    """The sentence with which joining is refused."""
    with pytest.raises(MappingInvalid) as caught:
        join(forward, reverse, settings=settings)
    return re.sub(r", column \d+", "", caught.value.sentence)


def test_the_owner_of_one_file_holds_for_both() -> None:
    """A field both flows write is joined by its name, and one declared owner is enough."""
    forward, reverse = inward(field("price", **PRICE_IN)), outward(field("price", **PRICE_OUT, owner="crm"))
    for rules, reads, to in ((join(forward, reverse), "price", "amount"), (join(reverse, forward), "amount", "price")):
        rule = rules.field_named("price")
        assert (rule.two_way, rule.owner, rule.reads, rule.to) == (True, "crm", (reads,), to)
        assert (rule.reverse_writes, rule.reverse_reads) == (reads, (to,))


def test_a_field_of_one_flow_belongs_to_its_source() -> None:
    """Without a second writer there is nothing to decide."""
    rules = join(inward(field("name", from_="title", to="name")), outward(field("x", value=1, to="x")))
    rule = rules.field_named("name")
    assert (rule.two_way, rule.owner, rule.reverse_writes, rule.drift) == (False, "shopify", None, "accept")


@pytest.mark.parametrize("on_create_here", [True, False])
def test_on_create_is_no_second_writer(on_create_here: bool) -> None:
    """A field that one flow writes only when it creates needs no owner."""
    forward = inward(field("price", **PRICE_IN, on_create=on_create_here))
    reverse = outward(field("price", **PRICE_OUT, on_create=not on_create_here))
    rule = join(forward, reverse).field_named("price")
    assert (rule.two_way, rule.owner, rule.reverse_writes) == (False, "shopify", "price")


@pytest.mark.parametrize(
    ("ours", "theirs", "said"),
    [
        (PRICE_IN, PRICE_OUT, "line 7: price is written by both flows and has no owner; add owner ="),
        (
            {**PRICE_IN, "owner": "crm"},
            {**PRICE_OUT, "owner": "shopify"},
            "line 10: price has the owner 'crm' here; write the same owner in both; things_crm_to_shopify says 'shop",
        ),
        (
            {**PRICE_IN, "owner": "crm", "drift": "repair"},
            PRICE_OUT,
            "line 11: price is written by both flows, so drift says nothing; take drift out",
        ),
        (
            {**PRICE_IN, "owner": "crm"},
            {**PRICE_OUT, "to": "cost"},
            "price is one field in both flows, yet things_crm_to_shopify does not write what it reads here",
        ),
        (
            {**PRICE_IN, "owner": "crm"},
            {**PRICE_OUT, "from_": "cost"},
            "price is one field in both flows, yet things_crm_to_shopify does not write what it reads here",
        ),
        (
            {**PRICE_IN, "owner": "latest"},
            {**PRICE_OUT, "on_create": True},
            'price: owner "latest" needs two flows that write it; take owner out',
        ),
        (
            {**PRICE_IN, "owner": "crm"},
            {**PRICE_OUT, "on_create": True},
            "price belongs to crm, yet only things_shopify_to_crm writes it; take owner out",
        ),
    ],
)
def test_what_two_files_leave_open(ours: dict[str, str], theirs: dict[str, str], said: str) -> None:
    """Where two flows write one field, the files say who decides, and say it once."""
    assert said in refusal(inward(field("price", **ours)), outward(field("price", **theirs)))


def test_without_a_reverse_flow() -> None:
    """`latest` and `repair` need a flow that sees the other side; a fixed owner does not."""
    assert "needs two flows" in refusal(inward(field("price", **PRICE_IN, owner="latest")), None)
    assert "needs a reverse flow" in refusal(inward(field("price", **PRICE_IN, drift="repair")), None)
    rule = join(inward(field("price", **PRICE_IN, owner="crm")), None).field_named("price")
    assert (rule.owner, rule.two_way) == ("crm", False)


def test_repair_with_a_reverse_flow() -> None:
    """A field only one flow writes may be put right where the reverse flow sees the change."""
    forward = inward(field("name", from_="title", to="name", drift="repair"))
    assert join(forward, outward(field("x", value=1, to="x"))).field_named("name").drift == "repair"


def test_one_field_under_two_names() -> None:
    """Two fields that carry the same two columns back and forth are refused unless each holds itself back."""
    here, there = field("state", from_="status", to="code"), field("status", from_="code", to="status")
    said = refusal(inward(here), outward(there))
    assert "line 7: state and status (things_crm_to_shopify) are one field under two names; give both one name" in said
    partial_in = field("state", from_="status", to="code", values={"OFF": 1}, other="keep")
    partial_out = field("status", from_="code", to="status", values={"1": "OFF"}, other="keep")
    assert not join(inward(partial_in), outward(partial_out)).field_named("state").two_way
    assert "under two names" in refusal(inward(partial_in), outward(there))
    on_create = field("status", from_="code", to="status", on_create=True)
    assert join(inward(here), outward(on_create)).field_named("state").owner == "shopify"


def test_no_couple() -> None:
    """Two files of different kinds, or of the same direction, are never joined."""
    file = inward(field("a", value=1, to="a"))
    other_kind = CRM_TO_SHOPIFY.replace('"things"', '"others"') + field("a", value=1, to="a")
    assert "are no couple; give both the same kind" in refusal(file, file)
    assert "are no couple" in refusal(file, parse(other_kind))


def test_settings_switch_fields() -> None:
    """A field with when_setting counts only where that setting is true; an unknown setting is named with the known."""
    file = inward(field("a", value=1, to="a", when_setting="publish") + field("b", value=1, to="b"))
    on, off = join(file, None, settings={"publish": True}), join(file, None, settings={"publish": False})
    assert [rule.name for rule in on.fields] == ["a", "b"]
    assert [rule.name for rule in off.fields] == ["b"]
    assert off.paths(Side.CRM) == ("b",)
    assert on.digest != off.digest
    assert "line 10: a: there is no setting publish to switch a field by; known are none" in refusal(file, None)
    assert "did you mean published?" in refusal(file, None, published=True)


def test_paths_of_both_files() -> None:
    """A side's paths are all that either file reads, writes, skips by or sets on that side."""
    forward = inward(
        field("price", **PRICE_IN, owner="crm")
        + field("unit", constant="unit", to="unitid", on_create=True)
        + "[[skip]]\nwhen = 'product.isGift'\nreason = 'r'\n[deleted]\nset = { state = 1 }\n"
    )
    reverse = outward(field("price", **PRICE_OUT) + field("part", from_="part", to='metafields."x.part"'))
    rules = join(forward, reverse)
    assert rules.paths(Side.CRM) == ("amount", "part", "state", "unitid")
    assert rules.paths(Side.SHOPIFY) == ('metafields."x.part"', "price", "product.isGift")
    assert join(reverse, forward).paths(Side.CRM) == rules.paths(Side.CRM)
    assert (rules.source, rules.target, rules.source_type, rules.target_type) == ("shopify", "crm", "Thing", "thing")
    assert rules.constants == {"unit"}
    assert rules.has_reverse
    assert rules.deleted == {"state": 1}
    assert join(reverse, forward).deleted is None


def test_match_rule() -> None:
    """Matching searches the field's target path, and the first path it reads on the source side."""
    body = field("number", from_="sku || legacyId", to='"number"') + table("[match]", field="number")
    (match,) = join(inward(body), None).matches
    assert (match.field, match.source, match.target) == ("number", "sku", "number")


def test_rules_digest_follows_the_forward_file() -> None:
    """A flow's digest moves with its own file and not with the reverse flow's."""
    forward = inward(field("price", **PRICE_IN, owner="crm"))
    one = join(forward, outward(field("price", **PRICE_OUT)))
    other = join(forward, outward(field("price", **PRICE_OUT) + field("x", value=1, to="x")))
    assert one.digest == other.digest
    assert one.digest != join(inward(field("price", **PRICE_IN, owner="crm", blank="keep")), None).digest


def test_match_rules_keep_their_order_and_say_what_several_mean() -> None:
    """What is looked for first, whether case counts, and what an ambiguous value means, are the file's to say."""
    body = field("mail", from_="email", to="emailaddress1") + field("phone", from_="phone", to="telephone1")
    body += table("[match]", field="phone", several="next") + table("[match]", field="mail", ignore_case=True)
    found = [(each.field, each.ignore_case, each.several, each.personal) for each in join(inward(body), None).matches]
    assert found == [("phone", False, "next", True), ("mail", True, "park", True)]
