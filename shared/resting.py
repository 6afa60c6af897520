"""Pairs that no flow may touch any more: tombstones with nothing but ids."""

from __future__ import annotations

from dataclasses import replace

from shared.errors import SyncError
from shared.records import Pair, PairState, Side
from shared.sync.flow import Flow
from shared.sync.reading import held
from shared.wiring import App


def laid_to_rest(app: App, shop: str, flow: Flow, record: str) -> Pair:
    """The pair of a Shopify record as a tombstone, made where there was none. Raises Busy while it is written."""
    pair = app.state.crossrefs.load(shop, flow.kind, Side.SHOPIFY, [record]).get(record)
    if pair is None:
        fresh = Pair(shop, flow.kind, Side.SHOPIFY, PairState.TOMBSTONE, flow.crm_table, record)
        return stored(app.state.crossrefs.begin([fresh])[0])
    busy = held(pair, app.clock.now())
    if busy is not None:
        raise busy
    bare = Pair(pair.shop, pair.kind, pair.born, PairState.TOMBSTONE, pair.crm_table, pair.shopify_id, pair.crm_id)
    kept = replace(bare, generation=pair.generation, paired_at=pair.paired_at, version=pair.version)
    return stored(app.state.crossrefs.save([kept])[0])


def stored(result: Pair | SyncError) -> Pair:
    """The pair as it was stored; raises what stood in its way."""
    if isinstance(result, SyncError):
        raise result
    return result
