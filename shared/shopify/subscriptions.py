"""Which webhooks the shop sends us: this app's subscriptions, made, corrected and removed as the flows want them.

Ours are those that carry a name of ours, wherever they point, and those that point at this app. Subscriptions of
anybody else, and those of the app's own configuration file (which this API does not show), are never touched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shared.shopify.answers import refusal, user_errors
from shared.shopify.client import ShopifyClient
from shared.shopify.documents import document
from shared.shopify.graph import search
from shared.shopify.setup import Step
from shared.shopify.webhooks import GLOBAL_ID

Found = Mapping[str, Any]
WHOLE = ("customers/merge", "app/uninstalled")
"""Topics whose bodies have no id and time of their own; neither names a person."""

_NAMED = {
    "inventory_levels": "inventory_item_id",
    "companies": GLOBAL_ID,
    "company_contacts": f"company.{GLOBAL_ID}",
    "company_locations": f"company.{GLOBAL_ID}",
}
"""Where the id stands in bodies that have no `id`."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One subscription as it has to be; `member` is the topic as the API's enumeration has it."""

    member: str
    values: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Unique within the app and the shop: by it we know our own at another address."""
        return str(self.values["name"])


def wanted_for(flow: str, url: str, topics: Collection[str]) -> Sequence[Wanted]:
    """The subscriptions of one flow.

    Only ids travel, and `updated_at`: without a value that changes, Shopify drops a delivery that equals the one just
    before, and with it an edit (https://shopify.dev/docs/apps/build/webhooks/best-practices#avoid-debounces).
    """
    found = []
    for topic in sorted(topics):
        member = topic.replace("/", "_").replace(".", "_").upper()
        record = _NAMED.get(topic.partition("/")[0], "id")
        fields = [] if topic in WHOLE else [record, "updated_at"]
        values = {
            "name": f"{flow}-{member.lower()}",
            "uri": url,
            "format": "JSON",
            "includeFields": fields,
            "filter": "",
            "metafieldNamespaces": [],
        }
        found.append(Wanted(member, values))
    return found


def subscribe(
    client: ShopifyClient, address: str, flows: Mapping[str, Collection[str]], *, dry_run: bool
) -> Iterator[Step]:
    """What each flow wants to hear of: its topics, delivered to `address`/FLOW; a flow without topics hears nothing.

    One call when all is as it should be. A dry run changes nothing.
    """
    wanted = [each for flow, topics in flows.items() for each in wanted_for(flow, f"{address}/{flow}", topics)]
    standing = list(search(client, document("webhook_subscriptions"), "webhookSubscriptions", {}))
    ours = [each for each in standing if _is_ours(each, address, flows)]
    pairs = [(each, _match(each, ours)) for each in wanted]
    kept = {found["id"] for _, found in pairs if found}
    for stray in ours:  # first what is in the way: topic and address may be taken once
        if stray["id"] not in kept:
            name = f"no webhook {stray['topic']} to {stray['uri']}"
            yield _do(client, name, "webhookSubscriptionDelete", {"id": stray["id"]}, dry_run=dry_run)
    for each, found in pairs:
        yield _put(client, each, found, dry_run=dry_run)


def _is_ours(found: Found, address: str, flows: Collection[str]) -> bool:
    return found["uri"].startswith(f"{address}/") or (found["name"] or "").partition("-")[0] in flows


def _match(wanted: Wanted, ours: Sequence[Found]) -> Found | None:
    """The subscription of that name, else one to that address, of the same topic: a topic cannot be changed."""
    same = [found for found in ours if found["topic"] == wanted.member]
    named = [found for found in same if found["name"] == wanted.name]
    return next(iter(named or [found for found in same if found["uri"] == wanted.values["uri"]]), None)


def _put(client: ShopifyClient, wanted: Wanted, found: Found | None, *, dry_run: bool) -> Step:
    name = f"webhook {wanted.member} to {wanted.values['uri']}"
    if found is None:
        values = {key: value for key, value in wanted.values.items() if value}
        variables = {"topic": wanted.member, "wanted": values}
        return _do(client, name, "webhookSubscriptionCreate", variables, dry_run=dry_run)
    values = {key: value for key, value in wanted.values.items() if _plain(found[key]) != _plain(value)}
    if not values:
        return Step(name, "present")
    return _do(client, name, "webhookSubscriptionUpdate", {"id": found["id"], "wanted": values}, dry_run=dry_run)


def _plain(value: Any) -> Any:
    """A value for comparison: the order of a list says nothing, that of a text everything."""
    return sorted(value) if isinstance(value, list | tuple) else value or ""


def _do(client: ShopifyClient, name: str, mutation: str, variables: Mapping[str, Any], *, dry_run: bool) -> Step:
    if dry_run:
        return Step(name, "needed")
    file = f"webhook_subscription_{mutation.removeprefix('webhookSubscription').lower()}"
    errors = user_errors(client.execute(document(file), variables).data[mutation])
    return Step(name, "wrong", refusal(mutation, errors).sentence) if errors else Step(name, "done")
