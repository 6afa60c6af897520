"""What becomes of a queue message that cannot be worked: it is parked as itself, with its text and the way out.

It says which changes to look at, and that is lost; a full listing finds them all again, so nothing else is. Its row
carries no record's id and is never put back on a queue by itself.
"""

from __future__ import annotations

import hashlib
import logging

from shared.errors import SyncError, Unreadable
from shared.flows import flow_named
from shared.mapping.tables import FLOW as TABLES
from shared.mapping.tables import STEM, stem_of
from shared.records import Message, ParkedRow
from shared.state.queues import from_text
from shared.sync.returning import MESSAGE
from shared.wiring import App

log = logging.getLogger("sync")

_TEXT_CHARACTERS = 4_000
_LEAST_IDS = {"customers/merge": 2}


def check(app: App, flow: str, message: Message) -> None:
    """Raises Unreadable for a message of another flow, of a shop that is not served, or about an unknown table.

    A table's message is on its flow's queue; whether it names a table is seen when its file is read.
    """
    shops = {shop.shop for shop in app.settings.shops}
    own = flow == TABLES and STEM.fullmatch(stem_of(message.flow)) is not None
    known = flow_named(message.flow if own else flow)
    tables = {message.table} if own else {"", *known.topics.values()}
    if message.notice not in {"", *known.notices}:
        raise Unreadable("A queue message names an unknown notice.", facts={"notice": message.notice[:100]})
    if message.notice and len(message.ids) < _LEAST_IDS.get(message.notice, 1):
        raise Unreadable("A notice names nobody.", facts={"notice": message.notice})
    if message.flow != known.name or message.shop not in shops or message.table not in tables:
        facts = {"flow": message.flow[:100], "shop": message.shop[:100], "table": message.table[:100]}
        raise Unreadable("A queue message names another flow, an unknown shop or an unknown table.", facts=facts)


def put(app: App, flow: str, text: str, error: SyncError, *, notice: str = "") -> None:
    """Park it, once however often it comes, and raise one alert. `notice`: what it asks for, where it is one."""
    now = app.clock.now()
    name = f"{MESSAGE}-{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"
    row = ParkedRow(
        shop=_shop(app, text),
        flow=flow,
        kind=MESSAGE,
        source_id=name,
        code=error.code,
        sentence=f"{error.sentence} {_remedy(flow, notice)}",
        facts={**error.facts, "text": text[:_TEXT_CHARACTERS]},
        attempts=1,
        first_at=now,
        last_at=now,
        releases=f"nothing by itself: {'by hand' if notice else '`sync --all`'}, then `parked discard`",
    )
    app.state.parked.put([row])
    facts = {"alert": "message", "target": flow, "error": error.code, "why": error.in_log, "id": name}
    log.error("alert", extra=facts)


def _shop(app: App, text: str) -> str:
    """The shop it is about, where its text can be read and that shop is served; else the first one's list shows it."""
    served = [shop.shop for shop in app.settings.shops]
    try:
        named = from_text(text).shop
    except Unreadable:
        named = ""
    return named if named in served else served[0]


def _remedy(flow: str, notice: str) -> str:
    if notice:
        return f"Shopify asked for {notice}: do by hand what docs/operations.md says of it; then discard it."
    return f"`python -m ops sync {flow} --all` finds what it was about; then discard it."
