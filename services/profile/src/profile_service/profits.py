"""What it costs to serve a customer, and what is left: revenue, margin, profit, ranks. Pure.

    cost   = returns * rate + ticket minutes * rate + messages * rate + discounts
    profit = net revenue * margin - cost

Amounts are minor units. The margin is all of net revenue while the tenant has not told it.
Discounts are left out of the cost where amounts of purchases are what was paid after them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final

from profile_service.facts import CustomerFacts

WHOLE_MARGIN: Final = 10_000
TOP_FIFTH: Final = 5


@dataclass(frozen=True, slots=True)
class CostRates:
    """A tenant's rates. margin_basis_points is None while it is unknown.

    request_key and fingerprint are those of the request that set them, so that it can be repeated.
    """

    version: int = 0
    return_minor_units: int = 0
    ticket_minute_minor_units: int = 0
    usual_ticket_minutes: int = 0
    message_minor_units: int = 0
    margin_basis_points: int | None = None
    purchases_are_after_discounts: bool = False
    request_key: bytes = b""
    fingerprint: bytes = b""


class RatesOutcome(StrEnum):
    """What became of setting the rates."""

    CHANGED = "changed"
    REPEATED = "repeated"
    VERSION_CONFLICT = "version_conflict"
    REQUEST_CONFLICT = "request_conflict"


def decide_rates(current: CostRates, wanted: CostRates) -> tuple[CostRates, RatesOutcome]:
    """The rates after a request that read wanted.version; as they are unless CHANGED."""
    if wanted.request_key == current.request_key:
        same = wanted.fingerprint == current.fingerprint
        return current, RatesOutcome.REPEATED if same else RatesOutcome.REQUEST_CONFLICT
    if wanted.version != current.version:
        return current, RatesOutcome.VERSION_CONFLICT
    return replace(wanted, version=wanted.version + 1), RatesOutcome.CHANGED


@dataclass(frozen=True, slots=True)
class Cost:
    """Cost to serve by kind. minutes are those of all tickets, usual ones included."""

    returns: int
    minutes: Decimal
    tickets: int
    messages: int
    discounts: int
    total: int


def cost_to_serve(facts: CustomerFacts, rates: CostRates) -> Cost:
    """What serving one customer took."""
    returns = facts.return_count * rates.return_minor_units
    minutes = facts.ticket_minutes + facts.plain_ticket_count * rates.usual_ticket_minutes
    tickets = _rounded(minutes * rates.ticket_minute_minor_units)
    messages = facts.message_count * rates.message_minor_units
    told_twice = rates.purchases_are_after_discounts
    total = returns + tickets + messages + (0 if told_twice else facts.discount)
    return Cost(returns, minutes, tickets, messages, facts.discount, total)


def profit_of(facts: CustomerFacts, rates: CostRates) -> int:
    """What a customer brought after goods and service; may be below zero."""
    margin = WHOLE_MARGIN if rates.margin_basis_points is None else rates.margin_basis_points
    earned = _rounded(Decimal(facts.net_revenue) * margin / WHOLE_MARGIN)
    return earned - cost_to_serve(facts, rates).total


def _rounded(amount: Decimal) -> int:
    return int(amount.to_integral_value(ROUND_HALF_EVEN))


@dataclass(frozen=True, slots=True)
class Standing:
    """One customer in the list of the most profitable. place counts from 1."""

    customer_id: str
    order_count: int
    revenue: int
    net_revenue: int
    cost: int
    profit: int
    place: int = 0
    cumulative_profit: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Of a whole list, and of which refresh it is. at_ms is the tenant's time."""

    refresh: int
    at_ms: int
    customer_count: int
    revenue: int
    profit: int
    top_fifth_share: float
    margin_known: bool


def rank(customers: Iterable[Standing]) -> list[Standing]:
    """The best first, equals by id, each with its place and what all down to it brought."""
    ordered = sorted(customers, key=lambda one: (-one.profit, one.customer_id))
    ranked, brought = [], 0
    for place, one in enumerate(ordered, start=1):
        brought += one.profit
        ranked.append(replace(one, place=place, cumulative_profit=brought))
    return ranked


def profit_ranks(ranked: Sequence[Standing]) -> dict[str, Decimal]:
    """For each customer the share of those who brought more; below 0.2 is the top fifth.

    ranked is the best first. Equals have the same rank.
    """
    ranks: dict[str, Decimal] = {}
    better, last = 0, None
    for position, one in enumerate(ranked):
        if one.profit != last:
            better, last = position, one.profit
        ranks[one.customer_id] = round(Decimal(better) / len(ranked), 4)
    return ranks
