"""Two systems, a storage account, and several processes of the app, in one thread and on one clock.

Everything of the product is real: triggers, wiring, clients, engine, state. Each process has clients, caches and
locks of its own and shares only the storage and the two systems, as instances in the cloud do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.shopify.webhooks import post
from sandbox.shopify.webhooks.outbox import AppSubscription
from sandbox.shopify.webhooks.topics import COMPLIANCE
from shared import app as actions
from shared import constants, settings, transport, wiring
from shared.errors import SyncError
from shared.flows import FLOWS
from shared.mapping.load import load
from shared.state.queues import POISON, queue_name
from shared.state.reads import InTurn
from shared.state.store import TABLES, Seams, assemble
from tests.simulation.chance import Chance
from tests.simulation.mail import NO_ANSWER, URL, Mail
from tests.simulation.weather import Actor, Killed, Trouble, Weather
from tests.simulation.wires import Couriers, Wire, weathered
from tests.simulation.witness import Witness
from tests.support.clock import CountedIds
from tests.support.memory import MemoryBlobs, MemoryTable
from tests.support.plant import ENVIRONMENT, Plant

HOSTS = 3
VISIBILITY_S = 600
"""A host keeps a message's lock alive while it works; a process that stalls or dies loses it after ten minutes."""
FAILED_S = 60
"""After how long a message comes back whose function failed: host.json, visibilityTimeout."""
MOST_DELIVERIES = 5
INDEX_LAGS_S = (0.0, 4.0, 30.0, 120.0)
CONSTANTS_KEPT = timedelta(hours=6)
"""Rows that constants name are asked for again so seldom: nobody replaces one, and asking is a tenth of a life."""
SINCE = {"ORDERS_SINCE": "2020-01-01", "DOCUMENTS_SINCE": "2020-01-01"}
loaded = lru_cache(load)
"""Mapping files are read once per test process: they do not change, and parsing them is a tenth of a life."""


@dataclass(frozen=True)
class Ended:
    """How an invocation ended: with a value, with an error of ours that the host sees, or with the process."""

    value: Any = None
    failed: bool = False
    died: bool = False


class Town(Plant):
    """The world of one life."""

    def __init__(self, chance: Chance, flows: Sequence[str], **more: str) -> None:
        self.chance = chance
        self.flows = tuple(flow for flow in FLOWS if flow.name in flows)
        self._settings = {**ENVIRONMENT, "WEBHOOKS_URL": URL, **SINCE, **more}
        self._settings |= {f"{flow.setting}_MODE": "on" if flow.name in flows else "off" for flow in FLOWS}
        self.ids = CountedIds()
        self._known_tables: dict[str, Any] = {}
        super().__init__(WEBHOOKS_URL=URL, **{f"{flow.setting}_MODE": "on" for flow in self.flows})
        subscribed = AppSubscription(tuple(COMPLIANCE), f"{URL}/api/webhooks/customers_shopify_to_crm")
        self.shopify.webhooks.app_subscriptions.append(subscribed)
        self.weather = Weather(chance.of("weather"), self.clock.advance)
        self.witness = Witness(self)
        now = self.clock.now
        tables = {name: MemoryTable(name) for name in TABLES}
        self.couriers = Couriers(now, self.weather)
        self.storage = Seams(tables, MemoryBlobs(now), self.couriers)
        self.hosts = [self._host() for _ in range(HOSTS)]
        self.hosts[0].state.ensure(flow.name for flow in FLOWS)
        self.mail = Mail(self, self.weather, chance.of("mail"), self._receive)
        self.defects: list[str] = []
        self.shopify.store.index.lag_s = chance.among(INDEX_LAGS_S)  # searches run behind writes

    def _host(self) -> wiring.App:
        """A fresh process: nothing known, everything asked for anew."""
        made = wiring.open_app(
            settings.read(self._settings, flows=FLOWS),
            clock=self.clock,
            state=assemble(
                weathered(self.storage, self.weather),
                clock=self.clock,
                pool=InTurn(),
                new_id=self.ids.new,
                renewal=lambda renew: lambda: None,
            ),
        )
        made.ids = self.ids  # type: ignore[assignment]
        made.metadata._tables = self._known_tables  # the organization does not change: asked for once in a life
        self._connect(made.crm.transport, self.crm.wsgi, "crm")
        for client in made.shopify.values():
            self._connect(client.transport, self.shopify.wsgi, "shopify")
            client._chance = self.chance.of("jitter").unit
        return made

    def _connect(self, to: Any, application: Any, name: str) -> None:
        to.session.trust_env = False
        to.session.mount("https://", Wire(application, self.weather, name, self.witness))
        to._chance = self.chance.of("jitter").unit

    # -- processes at work --------------------------------------------------------------------------------------

    def free_hosts(self) -> list[int]:
        """Processes that are not in the middle of something: one thread means one invocation each."""
        busy = {actor.host for actor in self.weather.actors}
        return [number for number in range(HOSTS) if number not in busy]

    def invoke(self, name: str, act: Callable[[], Any]) -> Ended:
        """Run one function in one free process."""
        host = self.chance.of(f"host of {name}").among(self.free_hosts())
        actor = Actor(name, host)
        self.weather.actors.append(actor)
        self.chance.note(f"  {name}@{host}")
        try:
            with self._as_process(host):
                return Ended(act())
        except Killed:
            self.chance.note(f"  {name}@{host} died")
            return Ended(died=True)
        except SyncError as error:  # the storage itself did not answer: the host delivers again
            self.chance.note(f"  {name}@{host} failed: {error.code}")
            return Ended(failed=True)
        except Exception as error:  # noqa: BLE001 - a defect: no error of ours may look like this
            self.chance.note(f"  {name}@{host} failed: {type(error).__name__}")
            self.defects.append(f"{name} raised {type(error).__name__}: {error}")
            return Ended(failed=True)
        finally:
            self.weather.actors.pop()
            if actor.dead:
                self.hosts[host] = self._host()

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

    def housekeeping(self) -> None:
        """Housekeeping's timer fires."""
        self.invoke("housekeeping", actions.housekeeping)

    def _receive(self, flow: str, headers: Mapping[str, str], body: bytes) -> int:
        """The flow's HTTP function gets a webhook. The platform answers for one that raised (500) or died (503)."""
        if not self.free_hosts():
            return NO_ANSWER
        ended = self.invoke(f"{flow}_webhook", lambda: actions.receive(flow, headers, body))
        if ended.died or ended.failed:
            return 503 if ended.died else 500
        status, text = ended.value
        if status not in (200, 503):  # 503: not stored, and it has to come again
            self.defects.append(f"{flow}_webhook answered {status}: {text}")
        return int(status)

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
        ended = self.invoke(f"{flow}_{use}", lambda: actions.work(flow, message.text.encode(), delivery=message.times))
        if ended.failed:
            self.couriers.give_back(queue, message, FAILED_S)
        elif not ended.died and not self.weather.delivery(f"message on {queue}", (Trouble.DOUBLED,)):
            self.couriers.delete(queue, message)
        return True

    def take_all(self, most: int = 400) -> int:
        """Queue functions, until no message is visible."""
        done = 0
        while done < most and self._take_round():
            done += 1
        return done

    def _take_round(self) -> bool:
        """One message of every queue; whether there was any."""
        taken = [self.take(flow.name, use) for flow in self.flows for use in ("sync", "load")]
        return any(taken)

    def waiting(self) -> int:
        """Messages on all queues of the flows, hidden ones and poisoned ones too."""
        names = [queue_name(use, flow.name) for flow in FLOWS for use in ("sync", "load", "held")]
        poisoned = [name + POISON for name in names if not name.startswith("held")]
        return sum(self.storage.queues.depth(name) for name in [*names, *poisoned])


@contextmanager
def town(chance: Chance, flows: Sequence[str], **settings: str) -> Iterator[Town]:
    """A town that is set up; the app's module-level accessors answer for the process that is at work."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "load", loaded)
        patch.setattr(constants, "KEPT", CONSTANTS_KEPT)
        made = Town(chance, flows, **settings)
        patch.setattr(wiring, "app", lambda: made.app)
        patch.setattr(post, "post", made.mail.from_shopify)
        patch.setattr(transport, "time", SimpleNamespace(monotonic=lambda: made.clock.now().timestamp()))
        try:
            yield made
        finally:
            made.close()
