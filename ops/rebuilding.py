"""`pairs rebuild`: the cross references made again from the marks on both sides, after the state was lost.

Who belongs to whom is read by shared/sync/rebuilding.py, what is agreed on by the engine. Must never write to either
system.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import typer

from ops.backups import SHOWN
from ops.pages import of_listing
from ops.session import Session, Tell, refuse, session_of
from ops.show import Answer, counted, moment
from shared.flows import FLOWS
from shared.records import Item, Page, Side
from shared.starting import unknown
from shared.state.backup import CUSTOMERS, erased
from shared.sync.flow import Flow, Job, Mode
from shared.sync.rebuilding import Found, Marks, is_rebuilt
from shared.wiring import App

NUMBERS = ("marks", "paired", "known", "gone", "erased", "contested", "busy", "agreed", "differ")


def rebuild(context: typer.Context) -> None:
    """Make the pairs again from the marks that the records carry, where the state was lost and no export is at hand.

    Every record of the flows that are not off is read once, on both sides; nothing is written to either. Pairs that the
    state has are left as they are, so repeating it is harmless. What both sides hold is agreed on; where they differ
    the flows decide by their owners: `plan` shows it. Two that claim one record are laid to rest and named:
    `pairs relink` decides. A record whose counterpart is gone is laid to rest.
    Pause `shopify` and `crm` before, and resume them after. Nothing is done where orders or documents are on and
    nothing tells from when on they count: neither an import nor ORDERS_SINCE and DOCUMENTS_SINCE.
    Exit code 1: some are contested, or a worker was writing some just then.
    """
    session = session_of(context)
    app, kinds, doubts = session.app(), list[Answer](), list[Answer]()
    app.state.ensure(flow.name for flow in FLOWS)
    _begun(session)
    with session.progress("reading the marks") as tell:
        for shop in session.shops():
            for flows in _kinds(session):
                found, counts = _kind(app, shop, flows, tell)
                kinds.append({"shop": shop, "kind": flows[0].kind, **{name: counts[name] for name in NUMBERS}})
                doubts += _doubts(shop, flows[0].kind, found)
    answer = {"kinds": kinds, "contested": doubts[:SHOWN]}
    session.attention = any(row["contested"] or row["busy"] for row in kinds)
    session.give(answer, lambda: _draw(session, answer))


def _begun(session: Session) -> None:
    """Without a start, this would be the first run: what came since the loss, and while it lasted, would be history."""
    app = session.app()
    lost = {name for shop in session.shops() for name in unknown(app.settings, app.state, shop)}
    if lost:
        names = " and ".join(sorted(lost))
        refuse(
            f"Nothing tells from when on records count, so all that came before now would stay out. Import an export "
            f"first (`pairs import`), or set {names} to the day from which on they came over before; then again."
        )
    for (flow, shop), at in app.state.starts.all().items():
        session.say(f"{flow}: what is from {moment(at)} on counts ({shop}), where no setting says otherwise.")


def _kinds(session: Session) -> list[list[Flow]]:
    """The flows of each kind, those that are off left out; what others refer to stands before them."""
    app = session.app()
    off = [flow.name for flow in FLOWS if app.settings.modes[flow.name] is Mode.OFF]
    if off:
        session.say(f"Left out, because off: {', '.join(off)}.")
    on = [flow for flow in app.flows if flow.served_by not in off]
    return [[flow for flow in on if flow.kind == kind] for kind in dict.fromkeys(flow.kind for flow in on)]


def _kind(app: App, shop: str, flows: list[Flow], tell: Tell) -> tuple[Found, Counter[str]]:
    jobs = [app.job(flow.name, shop) for flow in flows]
    shopify, crm = app.bare(shop, jobs[0].rules)
    marks = Marks(
        shop=shop,
        flow=jobs[0].flow,
        flows=[flow.name for flow in flows],
        sides={Side.SHOPIFY: shopify, Side.CRM: crm},
        crossrefs=app.state.crossrefs,
        clock=app.clock,
        chosen=next((job.beside.chosen for job in jobs if job.beside.chosen), ""),
        erased=_erased(app, shop) if flows[0].kind == CUSTOMERS else frozenset(),
    )
    found = marks.pairs(lambda now: tell(f"{flows[0].kind}: {now.counts['marks']} marks read"))
    passes = [_recall(app, job, tell) for job in jobs]
    agreed = {"agreed": min(each["agreed"] for each in passes), "differ": max(each["differ"] for each in passes)}
    return found, found.counts + Counter(agreed)


def _recall(app: App, job: Job, tell: Tell) -> Counter[str]:
    counts = Counter[str]()
    for page in _rebuilt(app, job):
        counts.update(app.engine(job).recall(page))
        tell(f"{job.flow.name}: {counts['agreed']} agreed on, {counts['differ']} differ")
    return counts


def _erased(app: App, shop: str) -> frozenset[str]:
    return frozenset(customer for where, customer in erased(app.state) if where == shop)


def _rebuilt(app: App, job: Job) -> Iterator[Page]:
    """The source's records whose pair was made from a mark."""
    for page in of_listing(app, job):
        known = app.state.crossrefs.load(
            job.shop, job.flow.kind, job.flow.source, [item.id for item in page.items],
            dense=True, table=job.flow.crm_table,
        )  # fmt: skip
        wanted = {each for each, pair in known.items() if is_rebuilt(pair)}
        items: tuple[Item, ...] = tuple(item for item in page.items if item.id in wanted)
        if items:
            yield replace(page, items=items)


def _doubts(shop: str, kind: str, found: Found) -> list[Answer]:
    return [
        {"shop": shop, "kind": kind, "shopify_id": each.link.shopify_id, "crm_id": each.link.crm_id, "why": each.why}
        for each in found.doubts
    ]


def _draw(session: Session, answer: Answer) -> None:
    session.out.print(counted(("kind", "shop"), NUMBERS, answer["kinds"]))
    for each in answer["contested"]:
        ids = f"shopify {each['shopify_id']} ↔ crm {each['crm_id']}"
        session.tell(f"contested: {each['kind']} {ids} ({each['shop']}): {each['why']}", "red")
    if answer["contested"]:
        session.tell("No flow touches them: clear the wrong mark, then `pairs relink FLOW SOURCE_ID TARGET_ID`.")
    if any(row["differ"] for row in answer["kinds"]):
        session.tell("What differs is decided by its flow: python -m ops plan")
