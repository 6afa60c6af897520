"""What the product table knows that others do not: its life cycle, and its price in one price list.

Draft, Active, Under Revision and Retired; which columns an Active product refuses to change is not documented, so we
try first and revise only when told (0x8004F995, 0x8004F975).
Source: learn.microsoft.com/dynamics365/sales/developer/publish-revise-revert-retire-activate-products.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.dataverse.batch import Operation
from shared.dataverse.edits import Edit
from shared.dataverse.selection import Child

PRICE_ITEM = "price_item"
ACTIVE, RETIRED, DRAFT, REVISION = 0, 1, 2, 3
_DRAFT_ONLY = frozenset({"0x8004f995", "0x8004f975"})
_IN_THAT_STATE = frozenset({"0x8004f982", "0x8004f980", "0x8004f981"})
_BORN_ACTIVE = "0x8004f982"
_ON_A_LIST = frozenset({"0x8004f915", "0x8004f997"})
_KNOWN = _DRAFT_ONLY | _IN_THAT_STATE | _ON_A_LIST
_PUBLISH = {"statecode": ACTIVE, "statuscode": 1}
_REVISE = {"statecode": REVISION, "statuscode": 3}


def price_item(price_list_id: str, name: str = PRICE_ITEM) -> Child:
    """The product's price in that list, for its default unit: a currency amount, any quantity, not rounded."""
    return Child(
        name=name,
        table="productpricelevel",
        navigation="product_price_levels",
        parent="productid",
        where={"pricelevelid": price_list_id},
        same={"uomid": "defaultuomid"},
        create={"pricingmethodcode": 1, "quantitysellingcode": 1, "roundingpolicycode": 1},
    )


class ProductLifecycle:
    """Publishes what is created Active, revises what is refused while Active, and frees what is retired of its price.

    Retiring a product that stands on a price list is refused; the refusal itself says to take it off the list first.
    Our own price item is then deleted in the same changeset (its amount stays in Shopify and in the outcomes). Items in
    other lists, and bundles, are not ours: the product stays and the record is reported with Dataverse's own sentence.
    """

    def __init__(self) -> None:
        self._born_active = False

    def closed(self, content: Mapping[str, Any], values: Mapping[str, Any]) -> str:
        """A retired product is read-only (0x8004022E) until it is made active again."""
        if content.get("statecode") != RETIRED or values.get("statecode", RETIRED) != RETIRED:
            return ""
        return "The CRM product is retired and takes no changes; they are brought over when it is active again."

    def operations(self, edit: Edit, refused: frozenset[str]) -> tuple[Operation, ...] | None:
        """See Lifecycle."""
        if not refused <= _KNOWN or (refused & _ON_A_LIST and not edit.removals):
            return None
        if edit.creates:
            self._born_active = self._born_active or _BORN_ACTIVE in refused
            return self._create(edit)
        state = {} if refused & _IN_THAT_STATE else dict(edit.state)
        unlist = bool(refused & _ON_A_LIST)
        if refused & _DRAFT_ONLY:
            return self._revise(edit, state, unlist=unlist)
        return self._update(edit, state, unlist=unlist)

    def _create(self, edit: Edit) -> tuple[Operation, ...]:
        """A new product is a draft, or Active where the organization says so; neither state can be set twice."""
        wanted = edit.state.get("statecode")
        born = ACTIVE if self._born_active else DRAFT
        if wanted == RETIRED:  # a draft cannot be retired, nor what stands on a price list
            publish = () if born == ACTIVE else (edit.patch(_PUBLISH),)
            return (edit.insert(), *publish, edit.patch(edit.state))
        state = () if wanted in (None, DRAFT, born) else (edit.patch(edit.state),)
        return (edit.insert(), *edit.children, *state)

    def _update(self, edit: Edit, state: dict[str, Any], *, unlist: bool) -> tuple[Operation, ...]:
        children = edit.removals if unlist else edit.children
        steps = [edit.patch(edit.fields)] if edit.fields else []
        if state and edit.current_state == RETIRED:
            return _conditional(edit, (edit.patch(state), *steps, *children))
        last = [edit.patch(state)] if state else []
        return _conditional(edit, (*steps, *children, *last))

    def _revise(self, edit: Edit, state: dict[str, Any], *, unlist: bool) -> tuple[Operation, ...]:
        children = edit.removals if unlist else edit.children
        further = [edit.patch(state)] if state.get("statecode") not in (None, ACTIVE) else []
        steps = [edit.patch(_REVISE), edit.patch(edit.fields), *children, edit.patch(_PUBLISH), *further]
        return _conditional(edit, tuple(steps))


def _conditional(edit: Edit, steps: tuple[Operation, ...]) -> tuple[Operation, ...]:
    """The first write to the row itself carries the ETag that *look* saw; the row is ours for the rest."""
    url = edit.patch({}).url
    for index, step in enumerate(steps):
        if step.method == "PATCH" and step.url == url:
            first = edit.patch(step.body, edit.etag)
            return (*steps[:index], first, *steps[index + 1 :])
    return steps
