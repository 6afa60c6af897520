"""Marketing consent by e-mail, SMS and WhatsApp in inputs: which states may be set, what must come with them.

States that only Shopify sets fail the whole field (recorded). It writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.shopify import gid, registry
from sandbox.shopify.call import Call, user_error
from sandbox.shopify.clock import parse_micros
from sandbox.shopify.dialect import FieldFailed
from sandbox.shopify.store.database import Row

_PARTS = "marketingState marketingOptInLevel consentUpdatedAt sourceLocationId"
registry.inputs("CustomerEmailMarketingConsentInput", _PARTS)
registry.inputs("CustomerSmsMarketingConsentInput", _PARTS)
registry.inputs("CustomerMarketingConsentInput", "state optInLevel updatedAt sourceLocationId")


@dataclass(frozen=True)
class Channel:
    """One way of reaching a customer: its columns, its input and what a customer needs to have for it."""

    name: str
    field: str
    needs: str
    missing: str
    keys: tuple[str, str, str] = ("marketingState", "marketingOptInLevel", "consentUpdatedAt")
    labels: tuple[str, str] = ("Marketing opt in level", "Consent updated at")

    def state(self, given: Row) -> str:
        """The state wanted; fails for those that nobody may ask for."""
        state = str(given[self.keys[0]])
        if state not in {"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"}:
            raise FieldFailed(f"Cannot specify {state} as a marketing state input", "INVALID")
        return state

    def columns(self, call: Call, given: Row) -> Row:
        """The columns that a consent sets; without a time it is given now."""
        moment = given.get(self.keys[2])
        return {
            f"{self.name}_state": self.state(given),
            f"{self.name}_level": given.get(self.keys[1]) or "SINGLE_OPT_IN",
            f"{self.name}_at": parse_micros(moment) if moment else call.store.now(),
            f"{self.name}_location": gid.number(given.get("sourceLocationId"), "Location"),
        }

    def problem(self, call: Call, given: Row, path: list[str], level_needed: bool) -> Row | None:
        """What is wrong with a consent's level or time."""
        level = given.get(self.keys[1])
        where = [*path, self.keys[1]]
        if level is None and level_needed:
            return user_error(where, f"{self.labels[0]} must exist", "MISSING_ARGUMENT")
        if self.state(given) == "PENDING" and level != "CONFIRMED_OPT_IN":
            text = f"{self.labels[0]} must be confirmed opt-in for pending consent state"
            return user_error(where, text, "INVALID")
        moment = given.get(self.keys[2])
        if moment and parse_micros(moment) > call.store.clock.micros():
            return user_error([*path, self.keys[2]], f"{self.labels[1]} must not be in the future", "INVALID")
        return None


EMAIL = Channel(
    "email",
    "emailMarketingConsent",
    "email",
    "An email address is required to set the email marketing consent state.",
)
SMS = Channel("sms", "smsMarketingConsent", "phone", "A phone number is required to set the SMS consent state.")
WHATSAPP = Channel(
    "whatsapp",
    "whatsAppMarketingConsent",
    "phone",
    "A phone number is required to set the WhatsApp consent state.",
    ("state", "optInLevel", "updatedAt"),
    ("Opt in level", "Updated at"),
)
CHANNELS = (EMAIL, SMS, WHATSAPP)


def inline(call: Call, given: Row, contact: Row) -> tuple[Row, list[Row]]:
    """The consents inside the input of a new customer: their columns and what is wrong with them."""
    columns: Row = {}
    errors: list[Row] = []
    for channel in CHANNELS:
        consent = given.get(channel.field)
        if not consent:
            continue
        channel.state(consent)
        if not contact.get(channel.needs):
            errors.append(user_error([channel.field], channel.missing, "INVALID"))
            continue
        problem = channel.problem(call, consent, [channel.field], False)
        errors += [problem] if problem else []
        columns |= channel.columns(call, consent)
    return columns, errors
