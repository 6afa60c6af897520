"""What may be registered: steps on messages that allow them, and images the message has.

Reference: register-plug-in (images), the error list's Sdk… entries, and serviceendpoint's entity reference.
"""

from __future__ import annotations

from sandbox.dataverse.context import Context
from sandbox.dataverse.errors import error
from sandbox.dataverse.store import Row

from .rules import Change, Rules

PRE, POST, BOTH = 0, 1, 2
POST_OPERATION, ACS = 40, 1
# The property an image is taken of, and which images a message has.
PROPERTIES = {"Create": "Id", "Update": "Target", "Delete": "Target"}
_IMAGES = {"Create": frozenset({POST}), "Update": frozenset({PRE, POST, BOTH}), "Delete": frozenset({PRE})}


def register(rules: Rules) -> None:
    """Check endpoints, steps and images when they are registered or changed."""
    for moment in ("before_create", "before_update"):
        rules.on(moment, "serviceendpoint", _endpoint)
        rules.on(moment, "sdkmessageprocessingstep", _step)
        rules.on(moment, "sdkmessageprocessingstepimage", _image)


def _endpoint(ctx: Context, change: Change) -> None:
    if change.final("authtype") == ACS:
        raise error("ServiceEndpointAcsAuthNotSupported")


def _step(ctx: Context, change: Change) -> None:
    filter_id = change.final("sdkmessagefilterid")
    if filter_id is None:
        return
    found = ctx.store.get(ctx.table("sdkmessagefilter"), str(filter_id)) or {}
    fits = found.get("sdkmessageid") == change.final("sdkmessageid")
    if not fits or not found.get("iscustomprocessingstepallowed"):
        raise error("SdkCustomProcessingStepIsNotAllowed")


def _image(ctx: Context, change: Change) -> None:
    step: Row = ctx.store.get(
        ctx.table("sdkmessageprocessingstep"), str(change.final("sdkmessageprocessingstepid"))) or {}
    message = (ctx.store.get(ctx.table("sdkmessage"), str(step.get("sdkmessageid"))) or {}).get("name", "")
    if message not in _IMAGES:
        raise error("SdkMessageDoesNotSupportImageRegistration", message)
    kind, name = change.final("imagetype"), change.final("messagepropertyname")
    if kind not in _IMAGES[message]:
        raise error("SdkMessageInvalidImageTypeRegistration", message)
    if kind != PRE and step.get("stage") != POST_OPERATION:
        raise error("SdkMessageDoesNotSupportPostImageRegistration")
    if name != PROPERTIES[message]:
        raise error("SdkInvalidMessagePropertyName", name, message)
