"""Which changes Dataverse tells us of: service endpoints and steps as the flows want them. For an administrator.

A flow has one endpoint (address and key) and one asynchronous step per table and message. Their ids are ours, so that
repeating is harmless; what hangs on our endpoints and is not wanted is removed, other endpoints are never touched.
Source: learn.microsoft.com/power-apps/developer/data-platform/register-web-hook, and the tables' reference.
"""

from __future__ import annotations

import hashlib
import html
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from shared.dataverse import odata
from shared.dataverse.client import Client
from shared.dataverse.edits import NAMESPACE
from shared.dataverse.selection import Watched
from shared.dataverse.setup import Step
from shared.dataverse.solution import headers
from shared.dataverse.webhooks import KEY_HEADER
from shared.errors import AuthFailed, SchemaMismatch

WEBHOOK, HTTP_HEADER = 8, 5
ASYNCHRONOUS, POST_OPERATION, PRE_IMAGE = 1, 40, 0
MESSAGES = ("Create", "Update", "Delete")
ENDPOINTS, STEPS, IMAGES = "serviceendpoints", "sdkmessageprocessingsteps", "sdkmessageprocessingstepimages"
_STEP_IMAGES = "sdkmessageprocessingstepid_sdkmessageprocessingstepimage"
_ENABLED = {"statecode": 0, "statuscode": 1}

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Listener:
    """What one flow wants to hear of, and where; without tables it wants to hear nothing."""

    flow: str
    url: str
    tables: Sequence[Watched]


@dataclass(frozen=True, slots=True)
class _Row:
    """One row as it has to be. `secret` cannot be read back and goes along with every change; `made` only at first."""

    title: str
    entity_set: str
    id: str
    values: Values
    secret: Values = field(default_factory=dict)
    made: Callable[[], Values] = dict


def register(
    client: Client, key: str, listeners: Sequence[Listener], *, dry_run: bool, solution: str = ""
) -> Iterator[Step]:
    """Make, correct and remove until Dataverse tells what the listeners want. Two calls when all is as it should be.

    The key in use cannot be asked for, so a few digits of its digest stand in the endpoint's description. What is made
    or changed is put into the solution, which has to exist.
    """
    try:
        yield from _Registrar(client, key, listeners, headers(solution), dry_run).steps()
    except AuthFailed as error:
        advice = "Webhooks are set up by a system administrator: run `python -m ops setup` as such a user."
        raise AuthFailed(f"{error.sentence} {advice}", facts=error.facts, said=error.said) from None


class _Registrar:
    def __init__(
        self, client: Client, key: str, listeners: Sequence[Listener], into: Mapping[str, str], dry_run: bool
    ) -> None:
        self._client = client
        self._into = into
        self._key = key
        self._listeners = listeners
        self._dry_run = dry_run

    def steps(self) -> Iterator[Step]:
        wanted = [row for listener in self._listeners for row in self._rows(listener)]
        found = self._found()
        for row in wanted:
            yield self._put(row, found.pop(row.id, None))
        for row_id, stray in reversed(found.items()):  # images, then steps, then endpoints
            yield self._remove(row_id, stray)

    def _rows(self, listener: Listener) -> Iterator[_Row]:
        if not listener.tables:
            return
        endpoint = _id(listener.flow)
        digest = hashlib.sha256(self._key.encode()).hexdigest()[:8]
        values = {
            "name": f"Shopify sync: {listener.flow}",
            "url": listener.url,
            "contract": WEBHOOK,
            "authtype": HTTP_HEADER,
            "description": f"Made by: python -m ops setup. Key: {digest}",
        }
        setting = f'<setting name="{KEY_HEADER}" value="{html.escape(self._key)}" />'
        secret = {"authvalue": f"<settings>{setting}</settings>"}
        yield _Row(f"webhook to {listener.url}", ENDPOINTS, endpoint, values, secret)
        for table in listener.tables:
            for message in MESSAGES:
                yield from self._step(listener, endpoint, table, message)

    def _step(self, listener: Listener, endpoint: str, table: Watched, message: str) -> Iterator[_Row]:
        title = f"{listener.flow}: {message} of {table.name}"
        step = _id(listener.flow, table.name, message)
        values = {
            "name": title,
            "mode": ASYNCHRONOUS,
            "stage": POST_OPERATION,
            "rank": 1,
            "supporteddeployment": 0,
            "asyncautodelete": True,
            "filteringattributes": ",".join(sorted(table.columns)) if message == "Update" else "",
        }
        handler = {"eventhandler_serviceendpoint@odata.bind": f"/{odata.row(ENDPOINTS, endpoint)}"}
        event = (table.name, message)
        yield _Row(f"webhook {title}", STEPS, step, values, made=lambda: {**handler, **self._event(*event)})
        if table.parent and message != "Create":  # an update names what changed, a delete nothing but the row
            image = {"name": "before", "entityalias": "before", "imagetype": PRE_IMAGE}
            image |= {"messagepropertyname": "Target", "attributes": table.parent}
            of = {"sdkmessageprocessingstepid@odata.bind": f"/{odata.row(STEPS, step)}"}
            yield _Row(f"parent in {title}", IMAGES, _id(step, "before"), image, made=lambda: of)

    def _event(self, table: str, message: str) -> Values:
        """What binds a step to a message of a table."""
        row = self._filters.get((table, message))
        if row is None:
            sentence = f"Dataverse tells nobody of {message} of {table}: take the table out of the flow's topics."
            raise SchemaMismatch(sentence, facts={"table": table})
        return {
            "sdkmessageid@odata.bind": f"/{odata.row('sdkmessages', row['sdkmessageid']['sdkmessageid'])}",
            "sdkmessagefilterid@odata.bind": f"/{odata.row('sdkmessagefilters', row['sdkmessagefilterid'])}",
        }

    @cached_property
    def _filters(self) -> Mapping[tuple[str, str], Any]:
        tables = sorted({table.name for listener in self._listeners for table in listener.tables})
        wanted = f"{_any('primaryobjecttypecode', tables)} and {_any('sdkmessageid/name', MESSAGES)}"
        options = {
            "$select": "sdkmessagefilterid,primaryobjecttypecode",
            "$expand": "sdkmessageid($select=sdkmessageid,name)",
            "$filter": f"{wanted} and iscustomprocessingstepallowed eq true",
        }
        rows = self._read("sdkmessagefilters", options).values()
        return {(row["primaryobjecttypecode"], row["sdkmessageid"]["name"]): row for _, row in rows}

    def _found(self) -> dict[str, tuple[str, Values]]:
        """Our endpoints, the steps that hang on them, and their images, in this order: id → set and row."""
        ours = _any("serviceendpointid", [_id(listener.flow) for listener in self._listeners])
        columns = "serviceendpointid,name,url,contract,authtype,description"
        found = self._read(ENDPOINTS, {"$select": columns, "$filter": ours})
        if not found:
            return {}
        columns = "sdkmessageprocessingstepid,name,mode,stage,rank,filteringattributes,statecode,statuscode"
        image = "sdkmessageprocessingstepimageid,name,entityalias,imagetype,messagepropertyname,attributes"
        options = {
            "$select": f"{columns},supporteddeployment,asyncautodelete",
            "$expand": f"{_STEP_IMAGES}($select={image})",
            "$filter": _any("_eventhandler_value", list(found)),
        }
        steps = self._read(STEPS, options)
        images = [row for _, step in steps.values() for row in step[_STEP_IMAGES]]
        return found | steps | _by_id(IMAGES, images)

    def _read(self, entity_set: str, options: Mapping[str, str]) -> dict[str, tuple[str, Values]]:
        pages = self._client.pages(odata.query(entity_set, options), name=f"read {entity_set}")
        return _by_id(entity_set, (row for page in pages for row in page.data["value"]))

    def _put(self, row: _Row, found: tuple[str, Values] | None) -> Step:
        now = found[1] if found else {}
        wanted = {**row.values, **(_ENABLED if "statecode" in now else {})}  # what is made is enabled
        wrong = {name: value for name, value in wanted.items() if _plain(name, now.get(name)) != value}
        if not wrong:
            return Step(row.title, needed=False, done=False, detail="is there")
        verb = "changed" if found else "made"
        if self._dry_run:
            return Step(row.title, needed=True, done=False, detail=f"would be {verb}")
        body = {**wrong, **row.secret, **({} if found else row.made())}
        url = odata.row(row.entity_set, row.id)
        self._client.send("PATCH", url, body, name=row.title, repeatable=True, headers=self._into)
        return Step(row.title, needed=True, done=True, detail=verb)

    def _remove(self, row_id: str, stray: tuple[str, Values]) -> Step:
        entity_set, row = stray
        title = f"no webhook {row['name']}"
        if self._dry_run:
            return Step(title, needed=True, done=False, detail="would be removed")
        self._client.send("DELETE", odata.row(entity_set, row_id), name=title)
        return Step(title, needed=True, done=True, detail="removed")


def _id(*parts: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "|".join(("webhook", *parts))))


def _any(column: str, values: Collection[str]) -> str:
    return f"({' or '.join(f'{column} eq {odata.literal(value)}' for value in values)})"


def _by_id(entity_set: str, rows: Iterable[Values]) -> dict[str, tuple[str, Values]]:
    return {str(row[f"{entity_set.removesuffix('s')}id"]): (entity_set, row) for row in rows}


def _plain(name: str, value: Any) -> Any:
    """A value as we would write it: the columns of a filter have no order, and none is no text."""
    return ",".join(sorted((value or "").split(","))) if name == "filteringattributes" else value
