"""Figures of products: lower bounds of shares, weak products, what is bought together. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from profile_service.domain import PURCHASE

RETURN: Final = "return"
REVIEW: Final = "review"
TICKET: Final = "ticket"
COUNTED: Final = (PURCHASE, RETURN, REVIEW, TICKET)
ILL_STARS_MAX: Final = 2
# The 97.5 % point of the normal distribution.
_Z: Final = 1.959963984540054
PARTNERS_KEPT: Final = 20
_PAIR_COUNT_MIN: Final = 3
_PAIRS_PER_ORDERS: Final = 10_000
# A cart of a wholesaler pairs everything with everything; its least frequent products go first.
_BASKET_MAX: Final = 200
_PAIRS_AT_ONCE: Final = 4_000_000

Integers = npt.NDArray[np.int64]


def wilson_lower(hits: int, trials: int) -> float:
    """The lower end of Wilson's 95 % interval of a share (E. B. Wilson 1927, JASA 22:209-212).

    0 without trials. Little data give a low bound, so few returns alone make no product weak.
    """
    if trials <= 0:
        return 0.0
    share = min(hits, trials) / trials
    square = _Z * _Z
    centre = share + square / (2 * trials)
    spread = _Z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    return max((centre - spread) / (1 + square / trials), 0.0)


class Row(NamedTuple):
    """One event that is about products; rating 0 without stars."""

    event_type: str
    product_ids: Sequence[str]
    rating: int


@dataclass(slots=True)
class Tally:
    """What the events of one product come to. stars is the sum over its reviews."""

    orders: int = 0
    returns: int = 0
    reviews: int = 0
    ill: int = 0
    stars: int = 0
    complaints: int = 0

    @property
    def mean_rating(self) -> float:
        """To a hundredth; 0 without reviews."""
        return round(self.stars / self.reviews, 2) if self.reviews else 0.0


@dataclass(slots=True)
class Tallies:
    """Every product's tally, and every basket as numbers of `product_ids`."""

    by_product: dict[str, Tally] = field(default_factory=dict)
    baskets: list[Integers] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Counts one event."""
        for product_id in row.product_ids:
            self._add_one(self.by_product.setdefault(product_id, Tally()), row)
        if row.event_type == PURCHASE and row.product_ids:
            numbers = self.numbers
            basket = [numbers.setdefault(one, len(numbers)) for one in row.product_ids]
            self.baskets.append(np.unique(np.array(basket, dtype=np.int64)))

    def _add_one(self, tally: Tally, row: Row) -> None:
        if row.event_type == PURCHASE:
            tally.orders += 1
        elif row.event_type == RETURN:
            tally.returns += 1
        elif row.event_type == TICKET:
            tally.complaints += 1
        elif row.event_type == REVIEW and row.rating:
            tally.reviews += 1
            tally.stars += row.rating
            tally.ill += row.rating <= ILL_STARS_MAX


class Weakness(NamedTuple):
    """Lower bounds of one product's shares, and by how much the worse of them lies above that of
    all products together; a product is weak where that is above 0."""

    return_share: float
    ill_share: float
    excess: float


class Shares(NamedTuple):
    """Of all products together."""

    return_share: float
    ill_share: float


def overall(tallies: Iterable[Tally]) -> Shares:
    """The share of lines returned, and of reviews with one or two stars."""
    orders = returns = reviews = ill = 0
    for one in tallies:
        orders, returns = orders + one.orders, returns + min(one.returns, one.orders)
        reviews, ill = reviews + one.reviews, ill + one.ill
    return Shares(returns / orders if orders else 0.0, ill / reviews if reviews else 0.0)


def weakness(tally: Tally, shares: Shares) -> Weakness:
    """How surely a product is worse than the others."""
    returned = wilson_lower(tally.returns, tally.orders)
    ill = wilson_lower(tally.ill, tally.reviews)
    return Weakness(returned, ill, max(returned - shares.return_share, ill - shares.ill_share))


class Pair(NamedTuple):
    """Two products, product_id the lesser name, and the orders with both."""

    product_id: str
    other_product_id: str
    orders: int
    lift: float


def least_count(order_count: int) -> int:
    """How many orders a pair must be in: 3, and one in 10,000."""
    return max(_PAIR_COUNT_MIN, -(-order_count // _PAIRS_PER_ORDERS))


def pairs_of(baskets: Sequence[Integers], names: Sequence[str]) -> list[Pair]:
    """Every pair that is in least_count orders, in order of (count falling, names).

    baskets hold each number once. lift = P(a and b) / (P(a) P(b)) over all orders.
    """
    total = len(baskets)
    least = least_count(total)
    if not baskets:
        return []
    counts = np.bincount(np.concatenate(baskets), minlength=len(names))
    # A pair is at most as frequent as its rarer product: what is rarer makes no pair that counts.
    frequent = counts >= least
    codes, pair_counts = _count_pairs([_kept(one, frequent, counts) for one in baskets], len(names))
    enough = pair_counts >= least
    found = []
    for code, count in zip(codes[enough].tolist(), pair_counts[enough].tolist(), strict=True):
        first, second = divmod(code, len(names))
        lift = count * total / (int(counts[first]) * int(counts[second]))
        one, other = sorted((names[first], names[second]))
        found.append(Pair(one, other, count, lift))
    return sorted(found, key=lambda pair: (-pair.orders, pair.product_id, pair.other_product_id))


def _kept(basket: Integers, frequent: npt.NDArray[np.bool_], counts: Integers) -> Integers:
    kept = basket[frequent[basket]]
    if len(kept) > _BASKET_MAX:
        most = np.argsort(-counts[kept], kind="stable")[:_BASKET_MAX]
        kept = np.sort(kept[most])
    return kept


def _count_pairs(baskets: Sequence[Integers], product_count: int) -> tuple[Integers, Integers]:
    """(first number * product_count + second number) of each pair, and in how many baskets."""
    codes, counts = np.zeros(0, np.int64), np.zeros(0, np.int64)
    waiting: list[Integers] = []
    room = _PAIRS_AT_ONCE
    by_size: dict[int, list[Integers]] = {}
    for basket in baskets:
        if len(basket) > 1:
            by_size.setdefault(len(basket), []).append(basket)
    for size, alike in by_size.items():
        first, second = np.triu_indices(size, 1)
        step = max(_PAIRS_AT_ONCE // len(first), 1)
        for start in range(0, len(alike), step):
            block = np.stack(alike[start : start + step])
            made = (block[:, first] * product_count + block[:, second]).ravel()
            waiting.append(made)
            room -= len(made)
            if room <= 0:
                codes, counts = _merge(codes, counts, waiting)
                waiting, room = [], _PAIRS_AT_ONCE
    return _merge(codes, counts, waiting)


def _merge(codes: Integers, counts: Integers, more: list[Integers]) -> tuple[Integers, Integers]:
    if not more:
        return codes, counts
    new_codes, new_counts = np.unique(np.concatenate(more), return_counts=True)
    both, places = np.unique(np.concatenate((codes, new_codes)), return_inverse=True)
    summed = np.bincount(places, np.concatenate((counts, new_counts))).astype(np.int64)
    return both, summed


def partners(pairs: Sequence[Pair]) -> dict[str, list[tuple[str, int, float]]]:
    """By product its partners with count and lift: the most frequent and those of greatest lift."""
    around: dict[str, list[tuple[str, int, float]]] = {}
    for one in pairs:
        around.setdefault(one.product_id, []).append((one.other_product_id, one.orders, one.lift))
        around.setdefault(one.other_product_id, []).append((one.product_id, one.orders, one.lift))
    return {product_id: _best(some) for product_id, some in around.items()}


def _best(some: list[tuple[str, int, float]]) -> list[tuple[str, int, float]]:
    by_count = sorted(some, key=lambda one: (-one[1], one[0]))
    by_lift = sorted(some, key=lambda one: (-one[2], one[0]))
    return list(dict.fromkeys((*by_count[:PARTNERS_KEPT], *by_lift[:PARTNERS_KEPT])))


def reason_counts(reasons: Iterable[str]) -> list[tuple[str, int]]:
    """(reason, how often), most frequent first; what is no code counts as other or unknown."""
    counted = Counter(_as_code(one) for one in reasons)
    return sorted(counted.items(), key=lambda one: (-one[1], one[0]))


def _as_code(reason: str) -> str:
    if not reason:
        return "unknown"
    plain = reason.replace("_", "")
    code = len(reason) <= 64 and plain.isascii() and plain.isalnum() and reason == reason.lower()
    return reason if code else "other"
