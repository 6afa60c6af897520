"""What the texts of an address must not hold: markup, links, emojis, more than 255 characters.

Customers' and companies' addresses word it differently; what is wrong is found here, the words are theirs.
"""

from __future__ import annotations

import re

LIMIT = 255
_MARKUP = re.compile(r"<[^>]+>")
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\u2b55\ufe0f]")

LABELS = {
    "firstName": "First name",
    "lastName": "Last name",
    "address1": "Address1",
    "address2": "Address2",
    "company": "Company",
    "city": "City",
    "zip": "Zip",
    "phone": "Phone",
    "recipient": "Recipient",
}


def fault_of(text: str) -> str | None:
    """What is wrong with a text of an address, in the words that follow its label; None when nothing is."""
    if len(text) > LIMIT:
        return f"is too long (maximum is {LIMIT} characters)"
    if _MARKUP.search(text):
        return "cannot contain HTML tags"
    if _LINK.search(text):
        return "cannot contain URL"
    if _EMOJI.search(text):
        return "cannot contain emojis"
    return None


def trimmed(text: str | None) -> str | None:
    """A text without blanks around it; None when nothing is left."""
    return (text or "").strip() or None
