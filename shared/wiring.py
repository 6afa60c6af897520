"""The only module that sees clients, state, flows and sync together: it composes, and decides nothing.

`app()` is made on first use from the environment and kept for the process; `open_app` makes one from given settings.
Jobs are kept until a row that their constants name (unit, unit group, price list …) turns out to be another.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cache

from shared import carrying, fitting
from shared import settings as settings_module
from shared.awaiting import resolved
from shared.beside import Stand, beside_of
from shared.clock import RandomIds, SystemClock
from shared.constants import Constants
from shared.dataverse import client as dataverse
from shared.dataverse.custom_rows import CustomRows
from shared.dataverse.documents import Documents
from shared.dataverse.lookups import Lookups
from shared.dataverse.metadata import Metadata
from shared.dataverse.tables import START_PAGE, TableEntity
from shared.errors import Misconfigured
from shared.flows import FLOWS, flow_named
from shared.identity import StaticToken, to_dataverse
from shared.kinds import DOCUMENTS, KINDS, Described, Ground, TableKind, kind_of
from shared.mapping.check import Known
from shared.mapping.load import MappingFile, load
from shared.mapping.rules import Rules, join
from shared.opening import state_of
from shared.records import Side
from shared.settings import Settings, ShopifySettings
from shared.shopify import client as shopify
from shared.state.store import State
from shared.sync.comparing import Bounds, Comparison, ComparisonPorts
from shared.sync.digest import fingerprint
from shared.sync.dispatch import Dispatch, DispatchPorts
from shared.sync.engine import Engine
from shared.sync.flow import Flow, Job, Mode
from shared.sync.pausing import POLL, stop
from shared.sync.poll import Poll, PollPorts
from shared.sync.ports import Clock, Entity
from shared.sync.work import EnginePorts
from shared.transport import Policy

log = logging.getLogger("sync")

UNINSTALLED = "uninstalled"
"""The note, with the shop behind it, that the app was taken out of a shop."""


@dataclass
class App:
    """Everything of one process, put together. Jobs are made on first use and kept."""

    settings: Settings
    state: State
    clock: Clock
    ids: RandomIds
    crm: dataverse.Client
    shopify: Mapping[str, shopify.ShopifyClient]
    metadata: Metadata
    lookups: Lookups
    _edition: int = 0
    _jobs: dict[tuple[str, str], Job] = field(default_factory=dict)
    _entities: dict[tuple[str, str, Side], Entity] = field(default_factory=dict)
    _topics: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        """The rows that constants name follow from the rest."""
        self.named_rows = Constants(self.lookups, self.settings.dataverse, self.clock)

    @property
    def flows(self) -> tuple[Flow, ...]:
        """Every flow that jobs are made of."""
        return carrying.flows(self.settings)

    def topics(self, flow: Flow, shop: str) -> Mapping[str, str]:
        """What a flow listens to (see Flow). Raises Misconfigured where a table's file is wrong."""
        if (flow.name, shop) not in self._topics:
            found = carrying.topics(flow, lambda: self.rules(flow, shop)[0], self.shopify[shop])
            self._topics[flow.name, shop] = found
        return self._topics[flow.name, shop]

    def job(self, flow_name: str, shop: str) -> Job:
        """The flow of that shop, ready to run. Raises Misconfigured members when it cannot be made."""
        with self._lock:
            key = (flow_name, shop)
            if key in self._jobs:
                self._jobs[key].constants()  # what they name may be other rows by now: then no job is kept
            if key not in self._jobs:
                self._jobs[key] = self._make_job(flow_named(flow_name), shop)
            return self._jobs[key]

    def rules(self, flow: Flow, shop: str) -> tuple[Rules, Rules | None]:
        """The flow's rules and its reverse flow's, from the mapping files."""
        forward = self.file(flow, shop)
        if flow.reverse is None:
            return join(forward, None, settings=self._switches), None
        reverse = self.file(flow_named(flow.reverse), shop)
        return join(forward, reverse, settings=self._switches), join(reverse, forward, settings=self._switches)

    @property
    def _switches(self) -> Mapping[str, bool]:
        """The settings that fields of the mapping files are switched by."""
        return {"publish": self.settings.publish}

    def file(self, flow: Flow, shop: str) -> MappingFile:
        """The flow's mapping file with the shop's own keys. Raises MappingInvalid."""
        return load(self.settings.mappings, flow.name, shop=self.shop(shop).key)

    def table_of(self, kind: str, shop: str) -> str:
        """The table of CRM that a kind's rows are in; empty where its file does not say so."""
        return carrying.table_of(lambda flow: self.file(flow, shop), kind)

    def shop(self, shop: str) -> ShopifySettings:
        """That shop's settings. Raises KeyError for a shop that is not ours."""
        return next(known for known in self.settings.shops if known.shop == shop)

    def _make_job(self, flow: Flow, shop: str) -> Job:
        rules, reverse = self.rules(flow, shop)
        if flow.kind in KINDS:
            names, ground = self.named_rows.names, self.ground(shop)
            fitting.check_now(flow, self.file(flow, shop), ground, self.shopify[shop], names, self._switches)
        kind = kind_of(rules)
        if isinstance(kind, TableKind):
            kind.check_ready(self.metadata, self.shop(shop).key)
            known = Known(self.named_rows.names, table_of=lambda kind: self.table_of(kind, shop))
            carrying.check_now(self.file(flow, shop), self.bare(shop, rules), self.shopify[shop], known)
        names = rules.constants | kind.constants
        in_force = self._in_force(rules, reverse, self.constants(names))
        flow = flow if flow.kind == DOCUMENTS.name else replace(flow, crm_table=rules.crm_table)
        return Job(
            flow=flow,
            shop=shop,
            mode=self.settings.modes[flow.name],
            rules=rules,
            reverse_rules=reverse,
            source=self._entity(flow.source, shop, rules),
            target=self._entity(flow.source.other, shop, rules),
            constants=lambda: self.constants(names),
            resolve=lambda asked: resolved(self.state, shop, flow.source, asked),
            timing=self.settings.timing,
            reverse_on=flow.reverse is not None and self.settings.modes[flow.reverse] is Mode.ON,
            in_force=in_force,
            beside=beside_of(flow, Stand(self.ground(shop), self.state, self.clock), kind.scopes),
            recreate=kind.recreates(self.settings),
        )

    def _in_force(self, rules: Rules, reverse: Rules | None, constants: Mapping[str, str]) -> str:
        crm = self.settings.dataverse
        switches = (self.settings.publish, self.settings.reactivate, self.settings.recreate)
        named = (crm.price_list, crm.unit_group, crm.unit, crm.team, *map(str, switches))
        named += (self.settings.documents.digest(),) if rules.kind == DOCUMENTS.name else ()
        named += (self.settings.orders_digest(),) if rules.kind == "orders" else ()
        return fingerprint([rules.digest, reverse.digest if reverse else "", *named, *constants.values()])

    def _entity(self, side: Side, shop: str, rules: Rules) -> Entity:
        key = (shop, rules.kind, side)
        if key not in self._entities:
            self._entities[key] = self._shopify(shop, rules) if side is Side.SHOPIFY else self._crm(shop, rules)
        return self._entities[key]

    def ground(self, shop: str) -> Ground:
        """What the entities of a shop stand on."""
        return Ground(self.shop(shop), self.shopify[shop], self.crm, self.metadata, self.settings, self.constants)

    def _shopify(self, shop: str, rules: Rules) -> Entity:
        return kind_of(rules).shopify(self.ground(shop), rules.paths(Side.SHOPIFY))

    def _crm(self, shop: str, rules: Rules) -> Entity:
        kind, paths = kind_of(rules), rules.paths(Side.CRM)
        if kind is DOCUMENTS:
            return DOCUMENTS.crm(self.ground(shop), paths)
        config = kind.table(self.ground(shop), rules.crm_table)
        config = replace(config.reading(paths), paths=config.paths | frozenset(paths))
        make = CustomRows if isinstance(kind, TableKind) else TableEntity
        return make(self.crm, self.metadata, config, lifecycle=kind.lifecycle(self.settings))

    def constants(self, names: Collection[str]) -> Mapping[str, str]:
        """The rows of those constants; where one is another than before, kept jobs and entities are let go."""
        with self._lock:
            found = self.named_rows.found(names)
            if self._edition != self.named_rows.edition:
                self._edition = self.named_rows.edition
                self._jobs.clear()
                self._entities.clear()
            return found

    def price_list_currency(self) -> str:
        """The ISO code of the configured price list's currency; prices are never converted."""
        price_list = self.constants({"price_list"})["price_list"]
        url = f"pricelevels({price_list})?$select=name&$expand=transactioncurrencyid($select=isocurrencycode)"
        found = self.crm.get(url, name="price list").data["transactioncurrencyid"]
        return str(found["isocurrencycode"]) if found else ""

    def bare(self, shop: str, rules: Rules) -> tuple[Described, TableEntity | Documents]:
        """A kind in both systems with nothing selected: to describe any path, and to list ids at little cost."""
        kind, ground = kind_of(rules), self.ground(shop)
        if kind is DOCUMENTS:
            return kind.shopify(ground, ()), DOCUMENTS.crm(ground, (), bare=START_PAGE)
        config = kind.table(ground, rules.crm_table).reading(rules.paths(Side.CRM))
        table = replace(config, paths=frozenset(), page_size=START_PAGE)
        return kind.shopify(ground, ()), TableEntity(self.crm, self.metadata, table)

    def engine_ports(self) -> EnginePorts:
        """The state and the outside that engines touch."""
        state = self.state
        return EnginePorts(
            state.crossrefs, state.parked, state.retirements, state.switches, self.clock, self.ids, state.lines
        )

    def engine(self, job: Job) -> Engine:
        """The engine of a job."""
        return Engine(job, self.engine_ports())

    def dispatch(self, job: Job) -> Dispatch:
        """The worker's half of a job."""
        state = self.state
        ports = DispatchPorts(
            queues=state.queues, journal=state.journal, runs=state.runs, parked=state.parked,
            crossrefs=state.crossrefs, switches=state.switches, permits=state.permits,
            clock=self.clock, ids=self.ids,
        )  # fmt: skip
        return Dispatch(job, self.engine(job), ports)

    def poll(self, job: Job) -> Poll:
        """The timer's half of a job."""
        state = self.state
        ports = PollPorts(state.cursors, state.journal, state.queues, state.pointers, self.clock)
        ports = replace(ports, outstanding=self.settings.outstanding, crossrefs=state.crossrefs, parked=state.parked)
        return Poll(job, ports)

    def comparison(self, job: Job) -> Comparison:
        """The nightly comparison of a job's source with its pairs."""
        state, known = self.state, self.settings
        bounds = Bounds(hour=known.compare_hour, overlap_s=known.overlap_s, outstanding=known.outstanding)
        ports = ComparisonPorts(state.cursors, state.queues, state.crossrefs, self.clock, bounds)
        shopify, crm = self.bare(job.shop, job.rules)
        return Comparison(job, shopify if job.flow.source is Side.SHOPIFY else crm, ports)

    def close(self) -> None:
        """Let go of all connections: for programs that end before the process does."""
        for transport in (self.crm.transport, *(client.transport for client in self.shopify.values())):
            transport.session.close()
        self.state.close()

    def pause(self, flow: str, error: Misconfigured) -> None:
        """Pause a flow, or the connection that the error concerns, with one alert; its queue is kept."""
        stop(self.state.switches, flow, error, by=POLL)


def open_app(settings: Settings, *, clock: Clock | None = None, state: State | None = None) -> App:
    """Put everything together from settings; connects to nothing yet. Tests bring their own clock and state."""
    clock = clock or SystemClock()
    longest_s = settings.timing.timeout_s
    policy = Policy(total_s=longest_s, budget_s=longest_s)
    token = settings.dataverse.token
    signed_in = StaticToken(token) if token else to_dataverse(settings.principal)
    crm_policy = replace(dataverse.POLICY, read_s=longest_s, total_s=longest_s, budget_s=longest_s)
    crm = dataverse.connect(settings.dataverse.url, signed_in, clock, crm_policy)
    metadata = Metadata(crm)
    return App(
        settings=settings,
        state=state or state_of(settings, clock),
        clock=clock,
        ids=RandomIds(),
        crm=crm,
        shopify={shop.shop: _shopify(shop, clock, policy) for shop in settings.shops},
        metadata=metadata,
        lookups=Lookups(crm, metadata),
    )


def _shopify(shop: ShopifySettings, clock: Clock, policy: Policy) -> shopify.ShopifyClient:
    secrets = shopify.Secrets(shop.client_id, shop.client_secret, shop.token)
    return shopify.connect(
        shop.shop, secrets, clock=clock, base_url=shop.endpoint, version=shop.api_version, policy=policy
    )


_first = threading.Lock()


def app() -> App:
    """This process's App, made from the environment on first use; the state's tables and queues exist after it."""
    with _first:  # a cold start under load: the first requests come together, and one of them makes it for all
        return _made()


@cache
def _made() -> App:
    made = open_app(settings_module.read(flows=FLOWS))
    made.state.ensure(flow.name for flow in FLOWS)
    return made
