"""Who owes which tax of an order, and what is left of it after refunds and removals.

Recorded tax lines include units that were refunded or removed. Where a refund says what tax it gave back, that is
taken off; elsewhere a tax falls in proportion, and what rounding leaves open there is settled by Shopify's own sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from shared.flows.orders.amounts import ZERO, Amounts, MoneySettings, step
from shared.flows.orders.paths import LINES, SHIPPING
from shared.records import Content


@dataclass(frozen=True, slots=True)
class Taxes:
    """What is left of the taxes of a line, a shipping line or the order: the merchant's and the channel's.

    `open_merchant`, `open_channel`: how many smallest units rounding may have moved each by; 0 where it is known.
    """

    merchant: Decimal = ZERO
    channel: Decimal = ZERO
    open_merchant: int = 0
    open_channel: int = 0

    @property
    def whole(self) -> Decimal:
        """Both together."""
        return self.merchant + self.channel


@dataclass(frozen=True, slots=True)
class Settled:
    """Every owner's taxes in their order, and `order`: what stands on none of them (order-level tax, duties' tax)."""

    taxes: tuple[Taxes, ...]
    order: Taxes


def is_channels(tax_line: Content, settings: MoneySettings) -> bool:
    """Whether somebody else than the merchant remits this tax."""
    liable = tax_line.get("channelLiable")
    return settings.unknown_is_channels if liable is None else bool(liable)


def taxes_left(
    lines: Sequence[Content],
    amounts: Amounts,
    settings: MoneySettings,
    *,
    part: tuple[Decimal | int, Decimal | int],
    given_back: Decimal | None,
) -> Taxes:
    """What is left of tax lines of which `part` (left, of all) stands; `given_back` by refunds (None: not known)."""
    left, of_all = part
    recorded = [(is_channels(line, settings), amounts.of(line, "priceSet")) for line in lines]
    shares = [(channels, amounts.share(tax, left, of_all)) for channels, tax in recorded]
    channel = sum((tax for channels, tax in shares if channels), ZERO)
    count = sum(1 for channels, _ in shares if channels)
    if given_back is None:
        merchant = sum((tax for channels, tax in shares if not channels), ZERO)
        return Taxes(merchant, channel, *((len(shares) - count, count) if left != of_all else (0, 0)))
    whole = sum((tax for _, tax in recorded), ZERO) - given_back
    rounded = len(shares) if given_back else 0
    if not count:
        return Taxes(merchant=whole, open_merchant=rounded)
    if count == len(shares):
        return Taxes(channel=whole, open_channel=rounded)
    # A refund names one tax for both owners: the channel's share follows the quantity.
    return Taxes(whole - channel, channel, rounded, rounded)


def settled(found: Sequence[Taxes], content: Content, amounts: Amounts, settings: MoneySettings) -> Settled | None:
    """All taxes so that they add up to Shopify's current total; None where rounding does not explain the difference."""
    total = amounts.of(content, "currentTotalTaxSet")
    channel = _channel_total(found, content, amounts, settings)
    unit = step(amounts.digits)
    merchants, merchants_rest = _moved([(one.merchant, unit * one.open_merchant) for one in found], total - channel)
    channels, channels_rest = _moved([(one.channel, unit * one.open_channel) for one in found], channel)
    taxes = [
        replace(one, merchant=merchant, channel=of_channel)
        for one, merchant, of_channel in zip(found, merchants, channels, strict=True)
    ]
    order = Taxes(merchants_rest, channels_rest)
    if any(one.merchant < 0 or one.channel < 0 for one in (*taxes, order)):
        return None
    return Settled(tuple(taxes), order)


def _moved(parts: Sequence[tuple[Decimal, Decimal]], target: Decimal) -> tuple[list[Decimal], Decimal]:
    """Parts, each with how far rounding may have moved it, brought to their sum; what then still is missing.

    A difference that rounding does not explain moves nothing: it is a tax of the order itself, or a contradiction.
    """
    rest = target - sum((tax for tax, _ in parts), ZERO)
    if abs(rest) > sum((most for _, most in parts), ZERO):
        return [tax for tax, _ in parts], rest
    moved = []
    for tax, most in parts:
        new = max(tax - most, min(tax + most, tax + rest), min(tax, ZERO))
        moved.append(new)
        rest -= new - tax
    return moved, rest


def _channel_total(found: Sequence[Taxes], content: Content, amounts: Amounts, settings: MoneySettings) -> Decimal:
    """The channel's part of the current taxes: by the order's tax lines, unless one of them adds up both owners'."""
    current = content.get("currentTaxLines") or ()
    owners: dict[tuple[object, object], set[bool]] = {}
    for line in (*current, *_recorded(content)):
        owners.setdefault((line.get("title"), line.get("rate")), set()).add(is_channels(line, settings))
    if any(len(both) > 1 for both in owners.values()):
        return sum((one.channel for one in found), ZERO)
    return sum((amounts.of(line, "priceSet") for line in current if is_channels(line, settings)), ZERO)


def _recorded(content: Content) -> Iterable[Content]:
    for name in (LINES, SHIPPING):
        for node in content[name]["nodes"]:
            yield from node["taxLines"]
