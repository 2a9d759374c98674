"""What the events of one customer come to, whatever order they came in. Pure.

A fact is a sum, a least or greatest value, or the median over all events; so an event that came
late, or under an identifier that was merged later, counts as if it had been there all along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from profile_service.domain import PURCHASE

RETURN: Final = "return"
CANCEL: Final = "cancel"
TICKET: Final = "ticket"
MESSAGE: Final = "message_sent"
REDEEMED: Final = "coupon_redeemed"
REVERSED: Final = "coupon_reversed"
STORE_VISIT: Final = "store_visit"
# What facts are added up from; of all other events only their times count.
FACT_TYPES: Final = (*(PURCHASE, RETURN, CANCEL, TICKET, MESSAGE, REDEEMED, REVERSED, STORE_VISIT),)
_IN_A_STORE: Final = frozenset({PURCHASE, RETURN, STORE_VISIT})

FAVOURITES_MAX: Final = 5
STORES_MAX: Final = 20
_MONTH_MS: Final = 365.25 / 12 * 86_400_000


class Line(NamedTuple):
    """One line of a purchase. amount is in minor units."""

    product_id: str
    category: str
    quantity: int
    amount: int


class Happened(NamedTuple):
    """One event of FACT_TYPES. lines are a purchase's; minutes are what a ticket says it took."""

    at_ms: int
    event_type: str
    amount: int
    store_id: str = ""
    lines: tuple[Line, ...] = ()
    minutes: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Favourite:
    """What was bought of one category or product. amount is in minor units."""

    name: str
    order_count: int
    quantity: int
    amount: int


@dataclass(frozen=True, slots=True)
class VisitedStore:
    """Purchases, returns and store visits in one store."""

    store_id: str
    event_count: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """Times are UTC milliseconds, None without such events; amounts are minor units.

    days are those of the tenant's zone on which something was bought, in order. ticket_minutes are
    those that tickets say; plain_ticket_count tickets say none.
    """

    first_seen_ms: int | None = None
    last_seen_ms: int | None = None
    first_purchase_ms: int | None = None
    last_purchase_ms: int | None = None
    order_count: int = 0
    revenue: int = 0
    return_count: int = 0
    returned: int = 0
    cancel_count: int = 0
    cancelled: int = 0
    days: tuple[date, ...] = ()
    categories: tuple[Favourite, ...] = ()
    products: tuple[Favourite, ...] = ()
    stores: tuple[VisitedStore, ...] = ()
    store_count: int = 0
    ticket_count: int = 0
    plain_ticket_count: int = 0
    ticket_minutes: Decimal = Decimal(0)
    message_count: int = 0
    redemption_count: int = 0
    discount: int = 0

    @property
    def net_revenue(self) -> int:
        """What was bought and kept."""
        return self.revenue - self.returned - self.cancelled

    @property
    def cycle_days(self) -> float | None:
        """Median number of days from one day of purchase to the next; None with fewer than two."""
        return median_gap(self.days)

    def orders_per_month(self, now_ms: int) -> float:
        """Orders since the first purchase by months, of which at least one."""
        if self.first_purchase_ms is None:
            return 0.0
        return self.order_count / max((now_ms - self.first_purchase_ms) / _MONTH_MS, 1.0)


def days_in(time_zone: str) -> Callable[[int], date]:
    """The day of an instant in UTC milliseconds, in a zone."""
    zone = ZoneInfo(time_zone)

    def day_of(at_ms: int) -> date:
        return datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(zone).date()

    return day_of


def median_gap(days: Iterable[date]) -> float | None:
    """The median of the gaps between consecutive days; of an even number the mean of the middle
    two. Days are in order, each once. None with fewer than two."""
    gaps = sorted((later - earlier).days for earlier, later in pairwise(days))
    if not gaps:
        return None
    middle = len(gaps) // 2
    return float(gaps[middle]) if len(gaps) % 2 else (gaps[middle - 1] + gaps[middle]) / 2


@dataclass(slots=True)
class _Bought:
    """Of one category or product so far."""

    order_count: int = 0
    quantity: int = 0
    amount: int = 0


@dataclass(slots=True)
class Tally:
    """Adds up one customer's events, in any order. day_of: the day of an instant in the tenant's
    zone."""

    day_of: Callable[[int], date]
    _counts: dict[str, int] = field(default_factory=dict)
    _sums: dict[str, int] = field(default_factory=dict)
    _days: set[date] = field(default_factory=set)
    _first_ms: int | None = None
    _last_ms: int | None = None
    _categories: dict[str, _Bought] = field(default_factory=dict)
    _products: dict[str, _Bought] = field(default_factory=dict)
    _stores: dict[str, tuple[int, int]] = field(default_factory=dict)
    _minutes: Decimal = Decimal(0)
    _plain_tickets: int = 0

    def add(self, event: Happened) -> None:
        """One event, once."""
        kind = event.event_type
        self._counts[kind] = self._counts.get(kind, 0) + 1
        self._sums[kind] = self._sums.get(kind, 0) + event.amount
        if kind in _IN_A_STORE and event.store_id:
            count, last_ms = self._stores.get(event.store_id, (0, event.at_ms))
            self._stores[event.store_id] = count + 1, max(last_ms, event.at_ms)
        if kind == PURCHASE:
            self._add_purchase(event)
        elif kind == TICKET:
            if event.minutes is None:
                self._plain_tickets += 1
            else:
                self._minutes += event.minutes

    def _add_purchase(self, event: Happened) -> None:
        at_ms = event.at_ms
        self._first_ms = at_ms if self._first_ms is None else min(self._first_ms, at_ms)
        self._last_ms = at_ms if self._last_ms is None else max(self._last_ms, at_ms)
        self._days.add(self.day_of(at_ms))
        for line in event.lines:
            _buy(self._products, line.product_id, line)
            if line.category:
                _buy(self._categories, line.category, line)
        for product_id in {line.product_id for line in event.lines}:
            self._products[product_id].order_count += 1
        for category in {line.category for line in event.lines if line.category}:
            self._categories[category].order_count += 1

    def facts(self, first_seen_ms: int | None, last_seen_ms: int | None) -> CustomerFacts:
        """What it comes to; when the customer was seen is of events of all types."""
        counts, sums = self._counts, self._sums
        return CustomerFacts(
            first_seen_ms=first_seen_ms,
            last_seen_ms=last_seen_ms,
            first_purchase_ms=self._first_ms,
            last_purchase_ms=self._last_ms,
            order_count=counts.get(PURCHASE, 0),
            revenue=sums.get(PURCHASE, 0),
            return_count=counts.get(RETURN, 0),
            returned=sums.get(RETURN, 0),
            cancel_count=counts.get(CANCEL, 0),
            cancelled=sums.get(CANCEL, 0),
            days=tuple(sorted(self._days)),
            categories=_favourites(self._categories),
            products=_favourites(self._products),
            stores=_most_visited(self._stores),
            store_count=len(self._stores),
            ticket_count=counts.get(TICKET, 0),
            plain_ticket_count=self._plain_tickets,
            ticket_minutes=self._minutes,
            message_count=counts.get(MESSAGE, 0),
            redemption_count=counts.get(REDEEMED, 0),
            discount=sums.get(REDEEMED, 0) - sums.get(REVERSED, 0),
        )


def _buy(bought: dict[str, _Bought], name: str, line: Line) -> None:
    known = bought.setdefault(name, _Bought())
    known.quantity += line.quantity
    known.amount += line.amount


def _favourites(bought: Mapping[str, _Bought]) -> tuple[Favourite, ...]:
    """By amount, then by orders, then by name."""
    found = [
        Favourite(name, one.order_count, one.quantity, one.amount) for name, one in bought.items()
    ]
    found.sort(key=lambda one: (-one.amount, -one.order_count, one.name))
    return tuple(found[:FAVOURITES_MAX])


def _most_visited(stores: Mapping[str, tuple[int, int]]) -> tuple[VisitedStore, ...]:
    found = [VisitedStore(name, count, last_ms) for name, (count, last_ms) in stores.items()]
    found.sort(key=lambda one: (-one.event_count, one.store_id))
    return tuple(found[:STORES_MAX])
