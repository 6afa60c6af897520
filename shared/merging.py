"""Two Shopify customers that became one: the link goes with the customer that was kept.

Accounts are never merged here: where both customers had one, both stay, and the other gets a task.
"""

from __future__ import annotations

from dataclasses import replace

from shared.dataverse.faults import RowGone
from shared.dataverse.tasks import put_task
from shared.records import Message, Origin, Pair, PairState, Side
from shared.resting import stored
from shared.sync.flow import Job
from shared.sync.reading import held
from shared.wiring import App


def merge(app: App, job: Job, kept: str, gone: str) -> None:
    """Re-point the link of `gone` to `kept` and have `kept` brought over. Raises Busy while one of them is written."""
    app.state.notes.put(f"merged {job.shop} {gone}", {"into": kept, "at": app.clock.now()})
    if f"redacted {job.shop} {kept}" in app.state.notes.all():  # its erasure came first, and is this one's too
        erased = Message(job.flow.name, job.shop, Origin.WEBHOOK, ids=(gone,), notice="customers/redact")
        app.state.queues.send(erased)
        return
    pairs = app.state.crossrefs.load(job.shop, job.flow.kind, Side.SHOPIFY, [kept, gone])
    for pair in pairs.values():
        busy = held(pair, app.clock.now())
        if busy is not None:
            raise busy
    old, new = pairs.get(gone), pairs.get(kept)
    if old is not None and old.crm_id:
        if new is None or not new.crm_id:
            _repoint(app, job, old, new, kept)
        elif new.crm_id != old.crm_id:
            _both_stay(app, job, old, kept)
        else:  # shared by both before, or taken over by a worker that died there
            _rest(app, replace(old, crm_id=None))
    app.state.queues.send(Message(job.flow.name, job.shop, Origin.RETRY, ids=(kept,)))


def merged_into(app: App, shop: str, kept: str) -> list[str]:
    """All customers that have become part of this one, through others too: they were one person."""
    notes = app.state.notes.all()
    into = {name.split(" ")[2]: str(note["into"]) for name, note in notes.items() if name.startswith(f"merged {shop} ")}
    found, left = list[str](), [kept]
    while left:
        one = left.pop()
        fresh = [gone for gone, into_whom in into.items() if into_whom == one and gone not in found]
        found += fresh
        left += fresh
    return found


def _repoint(app: App, job: Job, old: Pair, new: Pair | None, kept: str) -> None:
    """The kept customer takes the row over, as if a person had linked them; its mark is written by the flow.

    The old pair rests first, so that no flow touches the row for the one that is gone, and lets go of the row's id
    last: should the process die on the way, the notice's repeat still knows it.
    """
    resting = _rest(app, old)
    taken = Pair(job.shop, job.flow.kind, Side.SHOPIFY, PairState.INTENT, job.flow.crm_table, kept, old.crm_id)
    taken = replace(taken, evidence="merged in Shopify", lease_until=app.clock.now())
    refs = app.state.crossrefs
    if new is None:
        stored(refs.begin([taken])[0])
    else:
        stored(refs.save([replace(taken, generation=new.generation, version=new.version)])[0])
    _rest(app, replace(resting, crm_id=None))


def _both_stay(app: App, job: Job, old: Pair, kept: str) -> None:
    text = (
        f"Its customer {old.shopify_id} was merged into customer {kept} in Shopify, which has another {old.crm_table}. "
        "Merge the two here, or leave this one without a customer."
    )
    about = f"{job.shop}|merge|{old.shopify_id}"
    try:
        put_task(app.crm, app.metadata, about, "Merged in Shopify", text, (old.crm_table, str(old.crm_id)))
    except RowGone:  # deleted, or announced by a worker that died before it was made: there is nothing to merge
        old = replace(old, crm_id=None)
    _rest(app, old)


def _rest(app: App, pair: Pair) -> Pair:
    rest = replace(pair, state=PairState.TOMBSTONE, holder=None, lease_until=None, planned={}, bases={}, flips={})
    return stored(app.state.crossrefs.save([rest])[0])
