"""Change tracking: the first listing, delta links, deletes last, tokens that expire.

Reference: use-change-tracking-synchronize-data-external-systems. A token names the row version at the moment the
listing began, so rows that move while it is read appear again in the next delta instead of being lost.
"""

# ruff: noqa: S608 - names come from the schema, values always travel as parameters
from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from .context import Context
from .errors import bad_request, error
from .http import Request
from .metadata.model import Table
from .query.options import Options
from .query.paging import read_cookie, skiptoken, write_cookie
from .query.run import MAX_PAGE, Source, context_url, next_link
from .query.shape import Shaper, needed, selected
from .store import to_row

REFUSED = ("$filter", "$orderby", "$expand", "$top")
_TOKEN = re.compile(r"^(\d+)!(\d{2}/\d{2}/\d{4} \d{2}:\d{2}:\d{2})$")
_STAMP = "%m/%d/%Y %H:%M:%S"


@dataclass(frozen=True)
class Position:
    """Where a tracked listing stands: rows after `since`, up to the version `until` when it began."""

    since: int
    until: int
    stamp: str
    first: bool
    page: int = 1
    phase: str = "rows"
    last: int = 0


def wants_changes(ctx: Context, options: Options) -> bool:
    """Whether the request is a change tracking one."""
    if options.deltatoken is not None:
        return True
    if options.skiptoken is not None:
        return read_cookie(options.skiptoken).token is not None
    return ctx.prefer.track_changes


def tracked(ctx: Context, source: Source, options: Options, request: Request) -> dict[str, Any]:
    """The body of a tracked listing: changed rows by version, then deleted ones, then the delta link."""
    table = source.table
    if not table.change_tracking:
        raise error("ChangeTrackingNotEnabledForEntity", table.name)
    for name in REFUSED:
        if name in options.named:
            raise bad_request(f'The "{name}" query parameter isn\'t supported when Change Tracking is enabled.')
    position = _position(ctx, options)
    size = ctx.prefer.page_size or MAX_PAGE
    objects, reached = _rows(ctx, table, options, position, size) if position.phase == "rows" else ([], None)
    if reached is None and not position.first:
        start = position.last if position.phase == "deleted" else position.since
        removed, reached_deleted = _deleted(ctx, table, start, position, size - len(objects))
        objects += removed
        reached = ("deleted", reached_deleted) if reached_deleted is not None else None
    suffix = "" if position.first else "/$delta"
    body: dict[str, Any] = {
        "@odata.context": context_url(ctx, table, options, suffix), "value": objects}
    if reached is not None:
        inner = write_cookie(position.page, [reached[0]], (0,), (reached[1],))
        token = f"{position.since}!{position.until}!{position.stamp}!{int(position.first)}"
        body["@odata.nextLink"] = next_link(ctx, source, skiptoken(position.page + 1, inner, token))
    else:
        body["@odata.deltaLink"] = delta_link(ctx, source, position)
    return body


def _position(ctx: Context, options: Options) -> Position:
    now = ctx.core.clock.now().strftime(_STAMP)
    if options.skiptoken is not None:
        cookie = read_cookie(options.skiptoken)
        since, until, stamp, first = (cookie.token or "").split("!")
        phase = "deleted" if "deleted" in options.skiptoken else "rows"
        return Position(int(since), int(until), stamp, first == "1", cookie.page, phase, int(cookie.last[0]))
    if options.deltatoken is None:
        return Position(0, ctx.store.version, now, True)
    return Position(check_token(ctx, options.deltatoken), ctx.store.version, now, False)


def check_token(ctx: Context, token: str) -> int:
    """The row version of a delta token; 400 0x80044352 when it is older than the organization keeps changes."""
    match = _TOKEN.match(token)
    if match is None:
        raise error("InvalidArgument", message="The delta token is not valid.")
    made = datetime.strptime(match.group(2), _STAMP).replace(tzinfo=UTC)
    days = int(ctx.core.organization()["expirechangetrackingindays"])
    if ctx.core.clock.now() - made > timedelta(days=days):
        raise error("ExpiredVersionStamp")
    return int(match.group(1))


Reached = tuple[str, int] | None


def _rows(
    ctx: Context, table: Table, options: Options, position: Position, size: int,
) -> tuple[list[dict[str, Any]], Reached]:
    columns = selected(table, options.select)
    names = needed(table, columns, [])
    start = position.last or position.since
    picked = ", ".join(f'"{n}"' for n in names)
    raw = ctx.store.query(
        f'SELECT {picked} FROM "{table.name}" WHERE versionnumber > ? ORDER BY versionnumber LIMIT ?',
        (start, size + 1))
    rows = [to_row(table, names, r) for r in raw[:size]]
    ctx.rows_read += len(rows)
    objects = Shaper(ctx, table, columns).shape(rows)
    return objects, ("rows", rows[-1]["versionnumber"]) if len(raw) > size else None


def _deleted(
    ctx: Context, table: Table, start: int, position: Position, size: int,
) -> tuple[list[dict[str, Any]], int | None]:
    raw = ctx.store.query(
        "SELECT id, version FROM _deleted WHERE tbl = ? AND version > ? ORDER BY version LIMIT ?",
        (table.name, start, size + 1))
    entry = f"{ctx.base_url}$metadata#{table.entity_set}/$deletedEntity"
    objects = [{"@odata.context": entry, "id": row_id, "reason": "deleted"} for row_id, _ in raw[:size]]
    if len(raw) <= size:
        return objects, None
    return objects, raw[size - 1][1] if size else start


def delta_link(ctx: Context, source: Source, position: Position) -> str:
    """The address of the next delta, with the version at which this listing began."""
    token = quote(f"{position.until}!{position.stamp}", safe="").replace("%2F", "%2f").replace("%3A", "%3a")
    gone = ("$skiptoken=", "%24skiptoken=", "$deltatoken=", "%24deltatoken=")
    kept = [p for p in source.query.split("&") if p and not p.startswith(gone)]
    return f"{ctx.base_url}{source.path}?{'&'.join([*kept, f'$deltatoken={token}'])}"


def count_changes(ctx: Context, table: Table, token: str) -> int:
    """How many rows changed or were deleted since a token."""
    if not table.change_tracking:
        raise error("ChangeTrackingNotEnabledForEntity", table.name)
    since = check_token(ctx, token)
    changed = ctx.store.query(f'SELECT COUNT(*) FROM "{table.name}" WHERE versionnumber > ?', (since,))[0][0]
    gone = ctx.store.query("SELECT COUNT(*) FROM _deleted WHERE tbl = ? AND version > ?", (table.name, since))[0][0]
    return int(changed) + int(gone)
