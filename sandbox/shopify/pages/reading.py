"""How pages read the store: GraphQL from within, a page of a list at a time.

They see what an app with all rights would see. A query that fails is shown, never hidden.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from sandbox.shopify.pages.layout import link, text
from sandbox.shopify.store import jobs

if TYPE_CHECKING:
    from sandbox.shopify.server import ShopifySandbox


@dataclass(frozen=True)
class Visit:
    """One look at a page: which store, which place in a list, what is searched for."""

    box: ShopifySandbox
    size: int = 25
    after: str | None = None
    search: str | None = None

    def read(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of a query; raises RuntimeError with its errors."""
        with self.box.store.db.lock:
            jobs.catch_up(self.box.store)
            self.box.bulk.catch_up()
            return self.box.inside.data(query, variables)

    def list(self, query: str) -> dict[str, Any]:
        """The data of a list's query for this place in it."""
        return self.read(query, n=self.size, after=self.after, q=self.search)


def search_box(visit: Visit, path: str, hint: str) -> str:
    """A field to search a list with Shopify's own syntax."""
    return (
        f'<form class=search method=get action="{path}" role=search><label class=hidden><span>Search</span>'
        f'<input type=search name=q value="{text(visit.search)}" placeholder="{text(hint)}"></label>'
        "<button class=quiet>Search</button></form>"
    )


def pages(visit: Visit, path: str, info: dict[str, Any]) -> str:
    """Links to the first and the next page of a list."""
    shown = []
    if visit.after:
        shown.append(link(path, "\u2190 First page"))
    if info["hasNextPage"]:
        query = {"after": info["endCursor"]} | ({"q": visit.search} if visit.search else {})
        shown.append(link(f"{path}?{urlencode(query)}", "Next page \u2192"))
    return f"<p class=pages>{' &nbsp; '.join(shown)}</p>" if shown else ""
