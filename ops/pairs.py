"""`pairs`: who is paired with whom; taking a pair apart, and making one by hand. All pairs: backups.py, rebuilding.py.

Both sides are asked before a pair is changed, and every change is made under the version that was read. Must never
write to either system (the flow carries a relinked pair out, as an adoption), nor show a digest or a natural key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Annotated

import typer

from ops.backups import export, import_
from ops.ids import FlowName, of_side, parse
from ops.rebuilding import rebuild
from ops.session import Session, flow_of, refuse, session_of
from ops.show import NONE, Answer, grid, moment
from shared.errors import Ambiguous, Busy, SyncError
from shared.records import Message, Origin, Pair, PairState, Record, Side
from shared.sync.flow import Job
from shared.sync.reading import held
from shared.wiring import App

cli = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Who is paired with whom.")
AnyId = Annotated[str, typer.Argument(metavar="ID", help="Either side's id: GID, number or GUID.")]


@cli.command("list")
def list_(
    context: typer.Context,
    state: Annotated[
        PairState | None, typer.Option(metavar="STATE", help="Only: intent, writing, paired or tombstone.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many.")] = 50,
) -> None:
    """Pairs in Shopify id order. A record being created from CRM for the first time is not among them yet."""
    session = session_of(context)
    found = list(islice(_all(session, state), limit + 1))
    answer = {"pairs": [view(pair) for pair in found[:limit]], "more": len(found) > limit}
    session.give(answer, lambda: _draw_list(session, answer))


@cli.command()
def show(context: typer.Context, record: AnyId) -> None:
    """One pair: its state, who holds it, when each side was read and written last."""
    session = session_of(context)
    views = [view(pair) for pair in _find(session, record)]
    session.give({"pairs": views, "more": False}, lambda: session.out.print(*(grid(("", ""), lines(e)) for e in views)))


@cli.command()
def unlink(
    context: typer.Context, record: AnyId, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False
) -> None:
    """Take a pair apart. Neither record is changed or deleted.

    Where both records exist (or only the CRM one), they stay apart until `pairs relink`. Where the CRM record is gone,
    the Shopify one is sent as new: its flow creates a CRM record, as if there had never been one.
    """
    session = session_of(context)
    pairs = _find(session, record)
    if len(pairs) > 1:
        refuse(f"Several shops have such a pair; choose with --shop: {', '.join(pair.shop for pair in pairs)}.")
    pair, app = pairs[0], session.app()
    _check_free(app, pair)
    job = app.job(next(flow.name for flow in app.flows if flow.kind == pair.kind), pair.shop)
    anew = _read(job, Side.CRM, pair.crm_id) is None and _read(job, Side.SHOPIFY, pair.shopify_id) is not None
    means = "the Shopify record will be sent as new" if anew else "both stay apart until you relink them"
    if not yes:
        typer.confirm(f"Unlink shopify {pair.shopify_id} and crm {pair.crm_id}? Then {means}.", abort=True, err=True)
    if anew:  # an intent that nobody holds; a new generation gives the new CRM record another id
        apart = replace(_free(app, pair), crm_id=None, generation=pair.generation + 1)
    else:
        apart = replace(_free(app, pair), state=PairState.TOMBSTONE, lease_until=None)
    app.state.lines.remove([pair])
    stored = _stored(app.state.crossrefs.save([apart]))
    if anew:  # a record that does not change is told by nobody
        flow = next(flow for flow in app.flows if flow.kind == pair.kind and flow.source is Side.SHOPIFY)
        app.state.queues.send(Message(flow.name, pair.shop, Origin.COMMAND, ids=(str(pair.shopify_id),)))
    session.give({"pair": view(stored), "then": means}, lambda: session.tell(f"Unlinked: {means}."))


@cli.command()
def relink(
    context: typer.Context,
    flow: FlowName,
    source: Annotated[str, typer.Argument(metavar="SOURCE_ID", help="The source record's id.")],
    target: Annotated[str, typer.Argument(metavar="TARGET_ID", help="The target record's id.")],
) -> None:
    """Pair two existing records by hand. The flow then links them as if it had found them, owners deciding fields.

    Refused while one of the two is in a living pair (`pairs unlink` first), or another record carries its mark.
    """
    session = session_of(context)
    chosen, shops, app = flow_of(flow), session.shops(), session.app()
    if len(shops) > 1:
        refuse(f"Choose one shop with --shop: {', '.join(shops)}.")
    job = app.job(chosen.name, shops[0])
    ids = {chosen.source: of_side(source, chosen.source), chosen.source.other: of_side(target, chosen.source.other)}
    _check_records(job, ids)
    pair = _linked(app, job, ids)
    crossrefs = app.state.crossrefs
    stored = _stored(crossrefs.save([pair]) if pair.version else crossrefs.begin([pair]))
    app.state.queues.send(Message(chosen.name, job.shop, Origin.RETRY, ids=(ids[chosen.source],)))
    then = f"{chosen.name} has it on its queue and brings both into line"
    session.give({"pair": view(stored), "then": then}, lambda: session.tell(f"Linked: {then}."))


cli.command("export")(export)
cli.command("import")(import_)
cli.command("rebuild")(rebuild)


def view(pair: Pair) -> Answer:
    """A pair as it is shown. `lease_until`: a worker holds it; `moved`: a change there waits for the other flow."""
    names = ("shop", "kind", "shopify_id", "crm_id", "state", "born", "paired_at", "lease_until", "generation")
    return {
        **{name: getattr(pair, name) for name in names},
        "moved": sorted(pair.moved),
        "read_at": {side.value: pair.read_at.get(side) for side in Side},
        "written_at": {side.value: pair.own_at.get(side) for side in Side},
    }


def lines(pair: Answer) -> list[tuple[str, str]]:
    """What there is to say of a pair."""
    said = [
        ("pair", f"shopify {pair['shopify_id'] or NONE} ↔ crm {pair['crm_id'] or NONE}"),
        ("state", f"{pair['state']}, born in {pair['born']}, paired since {moment(pair['paired_at'])}"),
    ]
    for side in Side:
        read, wrote = (moment(pair[name][side.value]) for name in ("read_at", "written_at"))
        said.append((f"in {side.value}", f"last applied from a read at {read}, last written by us {wrote}"))
    if pair["lease_until"] is not None:
        said.append(("held", f"by a worker until {moment(pair['lease_until'])}"))
    if pair["moved"]:
        said.append(("moved", f"a change in {', '.join(pair['moved'])} waits for the other flow"))
    return said


def _draw_list(session: Session, answer: Answer) -> None:
    names = ("shopify_id", "crm_id", "state", "born", "kind", "shop")
    rows = [(*(each[name] for name in names), moment(each["paired_at"])) for each in answer["pairs"]]
    heads = ("shopify", "crm", "state", "born", "kind", "shop", "paired since")
    session.out.print(grid(heads, rows) if rows else "There are no pairs.")
    if answer["more"]:
        session.say("There are more: --limit N shows them.")


def _all(session: Session, state: PairState | None) -> Iterator[Pair]:
    for shop in session.shops():
        for kind in _kinds(session):
            pairs = session.app().state.crossrefs.scan(shop, kind)
            yield from (pair for pair in pairs if state in (None, pair.state))


def _kinds(session: Session) -> list[str]:
    return list(dict.fromkeys(flow.kind for flow in session.app().flows))


def _find(session: Session, record: str) -> list[Pair]:
    """The pairs of that id in the shops asked about; none ends the command."""
    side, record_id = parse(record)
    load, kinds = session.app().state.crossrefs.load, _kinds(session)
    loaded = (load(shop, kind, side, [record_id]).get(record_id) for shop in session.shops() for kind in kinds)
    found = [pair for pair in loaded if pair is not None]
    if not found:
        session.say(f"{record_id} has no pair.")
        raise typer.Exit(1)
    return found


def _read(job: Job, side: Side, record_id: str | None) -> Record | None:
    entity = job.source if job.source.side is side else job.target
    return entity.read([record_id]).records.get(record_id) if record_id else None


def _check_free(app: App, pair: Pair) -> None:
    busy = held(pair, app.clock.now())
    if busy is not None:
        raise Busy(f"A worker is writing this record; try again in {busy.retry_after_s:.0f} seconds.")


def _free(app: App, pair: Pair) -> Pair:
    """The pair as an intent that nobody holds, without anything that was agreed on or is on its way."""
    fresh = Pair(pair.shop, pair.kind, pair.born, PairState.INTENT, pair.crm_table, pair.shopify_id, pair.crm_id)
    return replace(fresh, generation=pair.generation, version=pair.version, lease_until=app.clock.now())


def _check_records(job: Job, ids: Mapping[Side, str]) -> None:
    """Both exist, and no third record carries the mark of one of them: its mark has to be cleared by a person."""
    for side in Side:
        if _read(job, side, ids[side]) is None:
            refuse(f"{side.value} has no record {ids[side]}.")
        entity = job.source if job.source.side is side else job.target
        marked = entity.marked([ids[side.other]]).get(ids[side.other])
        if marked is not None and marked.id != ids[side]:
            whose = f"{side.value} {marked.id} carries the mark of {side.other.value} {ids[side.other]}"
            raise Ambiguous(f"{whose}. Clear that mark in {side.value} first.")


def _linked(app: App, job: Job, ids: Mapping[Side, str]) -> Pair:
    """The intent to be stored for these two: in the row of the Shopify id where there is one."""
    base = Pair(job.shop, job.flow.kind, Side.SHOPIFY, PairState.INTENT, job.flow.crm_table)
    for side in Side:
        pair = app.state.crossrefs.load(job.shop, job.flow.kind, side, [ids[side]]).get(ids[side])
        if pair is None:
            continue
        _check_free(app, pair)
        other_id = pair.id_on(side.other)
        if pair.state is not PairState.TOMBSTONE and other_id is not None:
            refuse(f"{side.value} {ids[side]} is paired with {side.other.value} {other_id}: unlink that pair first.")
        base = pair if pair.shopify_id == ids[Side.SHOPIFY] else base
    return replace(_free(app, base), shopify_id=ids[Side.SHOPIFY], crm_id=ids[Side.CRM])


def _stored(results: Sequence[Pair | SyncError]) -> Pair:
    if isinstance(results[0], SyncError):
        raise results[0]
    return results[0]
