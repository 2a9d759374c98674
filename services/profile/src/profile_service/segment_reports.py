"""What members of a segment bought, and how they responded: sums of parts, added up. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from profile_service.domain import PURCHASE
from profile_service.facts import REDEEMED, RETURN, REVERSED

# In this order they are told.
RESPONSES: Final = (
    *("message_sent", "message_opened", "message_clicked"),
    *("coupon_issued", REDEEMED, REVERSED, "gift_sent", "gift_claimed"),
)
TYPES: Final = (PURCHASE, RETURN, *RESPONSES)


class TypeSum(NamedTuple):
    """Of one identifier and one type of event: how many, and what their amounts come to."""

    identifier_hash: bytes
    event_type: str
    event_count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Part:
    """Of some members: sums by identifier, and orders by product and by category."""

    sums: Sequence[TypeSum]
    products: Mapping[str, int]
    categories: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Response:
    """Events of one type, and how many members have one or more."""

    event_type: str
    event_count: int
    customer_count: int


@dataclass(frozen=True, slots=True)
class SegmentReport:
    """Amounts are minor units; favourites are (id, orders)."""

    buyer_count: int
    order_count: int
    revenue: int
    return_count: int
    returned: int
    discount: int
    products: tuple[tuple[str, int], ...]
    categories: tuple[tuple[str, int], ...]
    responses: tuple[Response, ...]


@dataclass(slots=True)
class ReportTally:
    """Adds up parts, each of other members."""

    _counts: Counter[str] = field(default_factory=Counter)
    _amounts: Counter[str] = field(default_factory=Counter)
    _people: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    _products: Counter[str] = field(default_factory=Counter)
    _categories: Counter[str] = field(default_factory=Counter)

    def add(self, part: Part, owners: Mapping[bytes, str]) -> None:
        """One part; owners says whose each identifier is."""
        people: dict[str, set[str]] = defaultdict(set)
        for one in part.sums:
            self._counts[one.event_type] += one.event_count
            self._amounts[one.event_type] += one.amount
            people[one.event_type].add(owners[one.identifier_hash])
        for event_type, found in people.items():
            self._people[event_type] += len(found)
        self._products.update(part.products)
        self._categories.update(part.categories)

    def report(self, limit: int) -> SegmentReport:
        """What it comes to, with so many products and categories."""
        return SegmentReport(
            buyer_count=self._people[PURCHASE],
            order_count=self._counts[PURCHASE],
            revenue=self._amounts[PURCHASE],
            return_count=self._counts[RETURN],
            returned=self._amounts[RETURN],
            discount=self._amounts[REDEEMED] - self._amounts[REVERSED],
            products=_most(self._products, limit),
            categories=_most(self._categories, limit),
            responses=tuple(
                Response(one, self._counts[one], self._people[one]) for one in RESPONSES
            ),
        )


def _most(orders: Mapping[str, int], limit: int) -> tuple[tuple[str, int], ...]:
    """By orders, then by id."""
    return tuple(sorted(orders.items(), key=lambda one: (-one[1], one[0]))[:limit])
