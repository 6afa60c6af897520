"""Hypothesis strategies for what the state stores."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from shared.records import Flip, Item, Message, Origin, Page, Pair, PairState, ParkedRow, Record, Side

texts = st.text(max_size=30)
idents = st.text(min_size=1, max_size=30) | st.integers(0, 10**20).map(str)
# UTC has no fold; the bounds are naive by the strategy's rule
_early, _late = datetime(1999, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001
moments = st.datetimes(_early, _late, timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0))
digests = st.dictionaries(texts, st.text("0123456789abcdef-", max_size=16), max_size=4)
decimals = st.decimals(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | st.integers() | decimals | texts | moments
marked = st.text(alphabet="\ue000dte$a", max_size=3)  # keys that look like the tags of the stored form
contents = st.dictionaries(
    texts | marked,
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts | marked, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)
records = st.builds(
    Record,
    id=idents,
    content=contents,
    modified_at=st.none() | moments,
    etag=st.none() | texts,
    marker=st.none() | texts,
)
_read = st.builds(lambda record, deleted: Item(record.id, record, deleted), records, st.booleans())
items = _read | st.builds(Item, id=idents, deleted=st.booleans())
pages = st.builds(
    Page,
    flow=st.text("abc_", min_size=1, max_size=8),
    shop=idents,
    items=st.lists(items, max_size=4).map(tuple),
    origin=st.sampled_from(Origin),
    read_at=st.none() | moments,
    selection=texts,
    listed_from=st.none() | moments,
)
sides = st.sampled_from(Side)
pairs = st.builds(
    Pair,
    shop=idents,
    kind=idents,
    born=sides,
    state=st.sampled_from(PairState),
    crm_table=texts,
    shopify_id=idents,
    crm_id=idents,
    natural_key=st.none() | texts.filter(bool),
    holder=st.none() | texts.filter(bool),
    lease_until=st.none() | moments,
    planned=digests,
    moved=st.frozensets(sides),
    bases=st.dictionaries(sides, digests.filter(bool)),
    read_at=st.dictionaries(sides, moments),
    own_at=st.dictionaries(sides, moments),
    mappings=digests,
    flips=st.dictionaries(
        texts, st.builds(Flip, last=texts, before=texts, count=st.integers(0, 99), since=moments), max_size=2
    ),
    attempt=st.integers(0, 10**6),
    generation=st.integers(0, 10**6),
    paired_at=st.none() | moments,
)
messages = st.builds(
    Message,
    flow=st.text("abc_", min_size=1, max_size=8),
    shop=texts,
    origin=st.sampled_from(Origin),
    blob=texts,
    offset=st.integers(0, 10**6),
    ids=st.lists(idents, max_size=5).map(tuple),
    deleted=st.lists(idents, max_size=5).map(tuple),
    table=texts,
    poll=st.booleans(),
    attempt=st.integers(0, 99),
    turn=st.integers(0, 99),
    first_at=st.none() | moments,
    seen_at=st.none() | moments,
    correlation_id=texts,
).filter(lambda message: message.ids or message.deleted or message.blob or message.poll)
parked_rows = st.builds(
    ParkedRow,
    shop=idents,
    flow=idents,
    kind=idents,
    source_id=idents,
    code=texts,
    sentence=texts,
    facts=contents,
    attempts=st.integers(0, 99),
    first_at=moments,
    last_at=moments,
    releases=texts,
    seen=texts,
)
