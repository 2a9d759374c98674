"""The best combination of coupons for a cart. Pure.

Worth most is what takes most off; then what brings more extras (a gift, points); then what uses
fewer coupons; then what uses those that end first. The search is exact whenever it ends within
its bound, which it always does for ten coupons that apply to the largest cart.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import msgspec

from offers_service.discounts import (
    Candidate,
    Cart,
    Effect,
    Left,
    Step,
    covered,
    order_key,
    price,
    start,
    step,
)
from offers_service.offers import Benefit, stack

# Each coupon that is tried costs as many units as the cart has lines and coupons go with it, and
# some more. Ten coupons on 200 lines are 2^10 tries.
WORK_MAX = 2**10 * 260
_TRY_WORK = 50


class Combination(msgspec.Struct, frozen=True):
    """effects in the order in which they are applied; exact: nothing better exists."""

    effects: tuple[Effect, ...]
    exact: bool

    @property
    def discount(self) -> int:
        """What is taken off in all."""
        return sum(effect.discount for effect in self.effects)


class _Path(msgspec.Struct, frozen=True):
    chosen: tuple[int, ...]
    left: Left
    discount: int
    extras: int


class _Search:
    """Depth first over the coupons in the order of application, each taken or not."""

    def __init__(self, cart: Cart, candidates: Sequence[Candidate]) -> None:
        self.names = [line.line_id for line in cart.lines]
        self.coupons = sorted(candidates, key=order_key)
        self.offers = [coupon.offer for coupon in self.coupons]
        self.friends = _friends(self.coupons)
        self.scopes = [covered(cart, offer) for offer in self.offers]
        self.work_left = WORK_MAX
        self.nothing = _Path((), start(cart), 0, 0)
        self.best = self.nothing
        singles = [self._take(self.nothing, at) for at in range(len(self.offers))]
        self.singles = [(single.discount, single.extras) for single in singles]
        for single in singles:
            self._offer(single)

    def run(self) -> bool:
        """Every coupon alone was looked at already, so the best is never worse than one; whether
        the search came to its end."""
        self._descend(self.nothing, range(len(self.coupons)))
        return self.work_left >= 0

    def _descend(self, path: _Path, open_: Sequence[int]) -> None:
        """Tries every way to go on; open_: those that go with all that is taken."""
        bounds = self._bounds(path, open_)
        for place, at in enumerate(open_):
            # Those of equal worth are still looked at, for the sake of ties.
            if self.work_left < 0 or bounds[place] < (self.best.discount, self.best.extras):
                return
            if self._later_twin(path, at):
                continue
            onward = [other for other in open_[place + 1 :] if self.friends[at][other]]
            self.work_left -= len(self.names) + len(onward) + _TRY_WORK
            taken = self._take(path, at)
            self._offer(taken)
            if onward:
                self._descend(taken, onward)

    def _bounds(self, path: _Path, open_: Sequence[int]) -> list[tuple[int, int]]:
        """For each place what the open coupons from there on can reach at most: none takes more
        off beside others than alone, and all together no more than what is left to pay."""
        payable = sum(path.left.lines) + path.left.shipping
        backwards = [self.singles[at] for at in reversed(open_)]
        sums = accumulate(backwards, lambda one, two: (one[0] + two[0], one[1] + two[1]))
        reach = [
            (path.discount + min(payable, discount), path.extras + extras)
            for discount, extras in sums
        ]
        return reach[::-1]

    def _later_twin(self, path: _Path, at: int) -> bool:
        """Of coupons of one offer the ones that end first are taken first: the others add no
        combination of another worth."""
        if at == 0 or self.offers[at - 1].offer_id != self.offers[at].offer_id:
            return False
        return at - 1 not in path.chosen

    def _take(self, path: _Path, at: int) -> _Path:
        offer = self.offers[at]
        taken = step(path.left, offer, self.scopes[at], self.names)
        return _Path(
            (*path.chosen, at),
            taken.left,
            path.discount + taken.discount,
            path.extras + _is_extra(offer.benefit, taken),
        )

    def _offer(self, path: _Path) -> None:
        worse = (path.discount, path.extras) < (self.best.discount, self.best.extras)
        if not worse and self._rank(path) < self._rank(self.best):
            self.best = path

    def _rank(self, path: _Path) -> tuple[int, int, int, list[tuple[int, str]]]:
        chosen = [self.coupons[at] for at in path.chosen]
        ends = sorted((coupon.valid_until_ms, coupon.coupon_id) for coupon in chosen)
        return -path.discount, -path.extras, len(chosen), ends


def _is_extra(benefit: Benefit, taken: Step) -> bool:
    """Points on goods that others made free are nothing."""
    return benefit is Benefit.GIFT_ITEM or taken.points > 0


def _friends(coupons: Sequence[Candidate]) -> list[Sequence[bool]]:
    """Which coupons go with which; computed once for each pair of offers."""
    known: dict[str, Sequence[bool]] = {}
    for coupon in coupons:
        if coupon.offer.offer_id not in known:
            row = {other.offer.offer_id: stack(coupon.offer, other.offer) for other in coupons}
            known[coupon.offer.offer_id] = [row[other.offer.offer_id] for other in coupons]
    return [known[coupon.offer.offer_id] for coupon in coupons]


def best(cart: Cart, candidates: Sequence[Candidate]) -> Combination:
    """The best combination of coupons each of which fits the cart."""
    search = _Search(cart, candidates)
    exact = search.run()
    return Combination(price(cart, [search.coupons[at] for at in search.best.chosen]), exact)
