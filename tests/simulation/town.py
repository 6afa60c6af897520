"""Two systems, a storage account, and several processes of the app, in one thread and on one clock.

Everything of the product is real: triggers, wiring, clients, engine, state. Each process has clients, caches and
locks of its own and shares only the storage and the two systems, as instances in the cloud do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.shopify.webhooks import post
from shared import app as actions
from shared import settings, transport, wiring
from shared.errors import SyncError
from shared.flows import FLOWS
from shared.records import Side
from shared.state.queues import POISON, queue_name
from shared.state.store import TABLES, Seams, assemble
from tests.simulation.chance import Chance
from tests.simulation.weather import Actor, Killed, Weather
from tests.simulation.wires import Wire, weathered
from tests.support.clock import CountedIds
from tests.support.memory import InlinePool, MemoryBlobs, MemoryQueues, MemoryTable
from tests.support.plant import ENVIRONMENT, SHOP, Plant

SUBSCRIBE = """
mutation($topic: WebhookSubscriptionTopic!, $to: WebhookSubscriptionInput!) {
  webhookSubscriptionCreate(topic: $topic, webhookSubscription: $to) { userErrors { message } }
}
"""
HOSTS = 3
VISIBILITY_S = 600
"""A host keeps a message's lock alive while it works; a process that stalls or dies loses it after ten minutes."""
MOST_DELIVERIES = 5


class Town(Plant):
    """The world of one life."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.ids = CountedIds()
        self._known_tables: dict[str, Any] = {}
        super().__init__()
        self.weather = Weather(chance, self.clock.advance)
        now = self.clock.now
        self.storage = Seams({name: MemoryTable(name) for name in TABLES}, MemoryBlobs(now), MemoryQueues(now))
        self.hosts = [self._host() for _ in range(HOSTS)]
        self.hosts[0].state.ensure(flow.name for flow in FLOWS)
        self.deliveries: list[tuple[str, dict[str, str], bytes]] = []
        self.defects: list[str] = []
        self._subscribe()
        self.shopify.store.index.lag_s = chance.among((0.0, 4.0, 30.0))  # searches run behind writes

    def wired(self, environment: dict[str, str]) -> wiring.App:
        """As a Plant does it, with time and chance that repeat."""
        made = super().wired(environment)
        made.ids = self.ids  # type: ignore[assignment]
        return made

    def _host(self) -> wiring.App:
        """A fresh process: nothing known, everything asked for anew."""
        made = wiring.open_app(
            settings.read(ENVIRONMENT, flows=FLOWS),
            clock=self.clock,
            state=assemble(
                weathered(self.storage, self.weather),
                clock=self.clock,
                pool=InlinePool(),
                new_id=self.ids.new,
                renewal=lambda renew: lambda: None,
            ),
        )
        made.ids = self.ids  # type: ignore[assignment]
        made.metadata._tables = self._known_tables  # the organization does not change: asked for once in a life
        self._connect(made.crm.transport, self.crm.wsgi, "crm", renewable=False)
        for client in made.shopify.values():
            self._connect(client.transport, self.shopify.wsgi, "shopify", renewable=True)
            client._chance = self.chance.unit
        return made

    def _connect(self, to: Any, application: Any, name: str, *, renewable: bool) -> None:
        to.session.mount("https://", Wire(application, self.weather, name, renewable))
        to._chance = self.chance.unit

    def _subscribe(self) -> None:
        """Ask Shopify for the webhooks of every flow, as `make run` does."""
        for flow in FLOWS:
            for topic in flow.topics if flow.source is Side.SHOPIFY else ():
                address = {"uri": f"https://functions.example/api/webhooks/{flow.name}", "format": "JSON"}
                variables = {"topic": topic.replace("/", "_").upper(), "to": address}
                made = self.merchant.call(SUBSCRIBE, variables)["webhookSubscriptionCreate"]
                assert not made["userErrors"], made

    def arrived(self, uri: str, headers: Mapping[str, str], body: bytes, tls: Any) -> int:
        """Shopify's side of a delivery: it is on its way, and whether it ever arrives is decided later."""
        self.deliveries.append((uri.rpartition("/")[2], dict(headers), body))
        return 200

    # -- processes at work --------------------------------------------------------------------------------------

    def free_hosts(self) -> list[int]:
        """Processes that are not in the middle of something: one thread means one invocation each."""
        busy = {actor.host for actor in self.weather.actors}
        return [number for number in range(HOSTS) if number not in busy]

    def invoke(self, name: str, act: Any) -> bool:
        """Run one function in one free process; False where it failed or died."""
        host = self.chance.among(self.free_hosts())
        actor = Actor(name, host)
        self.weather.actors.append(actor)
        self.chance.note(f"  {name}@{host}")
        try:
            with self._as_process(host):
                act()
        except Killed:
            self.chance.note(f"  {name}@{host} died")
            return False
        except SyncError as error:  # the storage itself did not answer: the host delivers again
            self.chance.note(f"  {name}@{host} failed: {error.code}")
            return False
        except Exception as error:  # noqa: BLE001 - a defect: no error of ours may look like this
            self.chance.note(f"  {name}@{host} failed: {type(error).__name__}")
            self.defects.append(f"{name} raised {type(error).__name__}: {error}")
            return False
        finally:
            self.weather.actors.pop()
            if actor.dead:
                self.hosts[host] = self._host()
        return True

    @contextmanager
    def _as_process(self, host: int) -> Iterator[None]:
        before = self.app
        self.app = self.hosts[host]
        try:
            yield
        finally:
            self.app = before

    def tick(self, flow: str) -> None:
        """The flow's timer fires."""
        self.invoke(f"{flow}_timer", lambda: actions.tick(flow))

    def list_all(self, flow: str) -> None:
        """What the nightly comparison does: everything is listed again, and what is gone is asked for."""
        self.invoke(f"{flow}_listing", lambda: actions.poll(wiring.app(), flow, SHOP, restart=True))

    def compare(self, flow: str) -> None:
        """The nightly comparison begins; it goes on by messages on the flow's load queue."""
        self.invoke(f"{flow}_compare", lambda: actions.poll(wiring.app(), flow, SHOP, restart=True, compare=True))

    def housekeeping(self) -> None:
        """Housekeeping's timer fires."""
        self.invoke("housekeeping", actions.housekeeping)

    def take(self, flow: str, use: str) -> bool:
        """A queue function gets one message, where one is visible; the host settles it as its settings say."""
        queue = queue_name(use, flow)
        taken = self.storage.queues.receive(queue, 1, VISIBILITY_S)
        if not taken:
            return False
        message = taken[0]
        if message.times > MOST_DELIVERIES:
            self.storage.queues.send(queue + POISON, message.text)
            self.storage.queues.delete(queue, message)
            self.chance.note(f"  {queue}: poisoned")
            return True
        actor_died = not self.invoke(
            f"{flow}_{use}", lambda: actions.work(flow, message.text.encode(), delivery=message.times)
        )
        if not actor_died:
            self.storage.queues.delete(queue, message)
        return True

    def deliver(self, chance: Chance) -> None:
        """One webhook on its way arrives, in any order, sometimes twice, sometimes never."""
        self.shopify.webhooks.send_due()
        if not self.deliveries:
            return
        at = chance.below(len(self.deliveries))
        flow, headers, body = self.deliveries[at]
        if not chance.happens(0.2):
            del self.deliveries[at]
        if chance.happens(0.8):
            self.invoke(f"{flow}_webhook", lambda: actions.receive(flow, headers, body))

    def take_all(self, most: int = 400) -> int:
        """Queue functions, until no message is visible."""
        done = 0
        while done < most and self._take_round():
            done += 1
        return done

    def _take_round(self) -> bool:
        """One message of every queue; whether there was any."""
        taken = [self.take(flow.name, use) for flow in FLOWS for use in ("sync", "load")]
        return any(taken)

    def waiting(self) -> int:
        """Messages on all queues of the flows, hidden ones and poisoned ones too."""
        names = [queue_name(use, flow.name) for flow in FLOWS for use in ("sync", "load", "held")]
        poisoned = [name + POISON for name in names if not name.startswith("held")]
        return sum(self.storage.queues.depth(name) for name in [*names, *poisoned])


@contextmanager
def town(chance: Chance) -> Iterator[Town]:
    """A town that is set up; the app's module-level accessors answer for the process that is at work."""
    with pytest.MonkeyPatch.context() as patch:
        made = Town(chance)
        patch.setattr(wiring, "app", lambda: made.app)
        patch.setattr(post, "post", made.arrived)
        patch.setattr(transport, "time", SimpleNamespace(monotonic=lambda: made.clock.now().timestamp()))
        try:
            yield made
        finally:
            made.shopify.close()
            made.crm.close()
