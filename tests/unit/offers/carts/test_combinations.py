"""The best combination of coupons, against trying them all."""

import random
from itertools import combinations
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from offers_service.combinations import best
from offers_service.discounts import Candidate, Cart, Fit, fit, price
from offers_service.offers import Benefit, stack

from tests.unit.offers.carts.shapes import CARTS, OFFERS, cart, coupon, offer

FITTING = st.lists(st.tuples(OFFERS, st.integers(1, 2)), max_size=6)


def _fitting(goods: Cart, offers: list[Any]) -> list[Candidate]:
    """At most six coupons that apply to the cart, some of them of one offer."""
    coupons = []
    for number, (each, copies) in enumerate(offers):
        own = replace(each, offer_id=f"o{number}")
        if fit(goods, own)[0] is Fit.APPLIES:
            coupons += [coupon(own, copy, 1_000 - copy) for copy in range(copies)]
    return coupons[:6]


def _worth(goods: Cart, coupons: list[Candidate]) -> tuple[int, int]:
    effects = price(goods, coupons)
    gifts = sum(each.offer.benefit is Benefit.GIFT_ITEM for each in coupons)
    return sum(e.discount for e in effects), gifts + sum(e.points > 0 for e in effects)


def _brute(goods: Cart, coupons: list[Candidate]) -> tuple[int, int]:
    """Every subset whose coupons all go together."""
    worths = [(0, 0)]
    for size in range(1, len(coupons) + 1):
        for chosen in combinations(coupons, size):
            if all(stack(one.offer, two.offer) for one, two in combinations(chosen, 2)):
                worths.append(_worth(goods, list(chosen)))
    return max(worths)


@settings(max_examples=300, deadline=None)
@given(CARTS, FITTING)
def test_the_best_is_what_trying_all_finds(goods: Cart, offers: list[Any]) -> None:
    """At least as good as every single coupon, and as good as every combination."""
    coupons = _fitting(goods, offers)
    found = best(goods, coupons)
    chosen = [each for each in coupons if each.coupon_id in {e.coupon_id for e in found.effects}]
    assert found.exact
    assert _brute(goods, coupons) == _worth(goods, chosen)
    assert list(price(goods, chosen)) == list(found.effects)
    assert all(stack(one.offer, two.offer) for one, two in combinations(chosen, 2))
    assert all(found.discount >= _worth(goods, [each])[0] for each in coupons)


@settings(deadline=None)
@given(CARTS, FITTING, st.randoms(use_true_random=False))
def test_the_answer_does_not_depend_on_the_order(
    goods: Cart, offers: list[Any], shuffle: random.Random
) -> None:
    """Ties go the same way however the wallet and the cart are sorted."""
    coupons = _fitting(goods, offers)
    lines, mixed = list(goods.lines), list(coupons)
    shuffle.shuffle(lines)
    shuffle.shuffle(mixed)
    found, again = best(goods, coupons), best(replace(goods, lines=tuple(lines)), mixed)
    assert [e.coupon_id for e in found.effects] == [e.coupon_id for e in again.effects]


def test_a_coupon_that_adds_nothing_is_not_used_up() -> None:
    """Everything is free already; the second coupon stays in the wallet."""
    free = coupon(offer("free", percent_basis_points=10_000))
    fixed = coupon(offer("fixed", fixed_minor_units=3_000))
    found = best(cart(("shoes", 1, 10_000)), [fixed, free])
    assert [free.coupon_id] == [effect.coupon_id for effect in found.effects]


def test_of_equals_the_one_that_ends_first_is_used() -> None:
    """Two coupons of one exclusive offer."""
    alone = offer(fixed_minor_units=3_000, stackable_with=())
    late, soon = coupon(alone, 1, valid_until_ms=900), coupon(alone, 2, valid_until_ms=500)
    found = best(cart(("shoes", 1, 10_000)), [late, soon])
    assert [soon.coupon_id] == [effect.coupon_id for effect in found.effects]


def test_two_small_coupons_beat_a_large_exclusive_one() -> None:
    """And a gift comes on top where it may."""
    alone = coupon(offer("alone", fixed_minor_units=5_000, stackable_with=()))
    one = coupon(offer("one", fixed_minor_units=3_000))
    two = coupon(offer("two", percent_basis_points=1_500))
    gift = coupon(offer("gift", gift_product="bag", gift_quantity=1))
    found = best(cart(("shoes", 1, 20_000)), [alone, one, two, gift])
    assert ["two", "one", "gift"] == [effect.offer_id for effect in found.effects]
    assert 6_000 == found.discount


def test_two_coupons_combine_only_when_both_allow_it() -> None:
    """One that admits everything does not force itself on an exclusive one."""
    open_, alone = offer("open"), offer("alone", stackable_with=())
    goods, shipping = offer("g", stackable_with=("shipping",)), offer("s", free_shipping=True)
    assert [False, False, True] == [
        stack(open_, alone),
        stack(alone, open_),
        stack(goods, replace(shipping, stackable_with=("goods",))),
    ]


def test_coupons_of_one_offer_need_their_group_by_name() -> None:
    """Any means any other: two coupons of ten percent are not twenty by accident."""
    any_ = offer(percent_basis_points=1_000, stackable_with=("*",))
    named = offer(percent_basis_points=1_000, stackable_with=("goods",))
    assert (False, True) == (stack(any_, any_), stack(named, named))


def test_ten_coupons_on_the_largest_cart_are_searched_exactly() -> None:
    """Any ten that all go together; beyond that the answer says when it gave up."""
    goods = cart(*[("shoes", 1, 1_000 + number) for number in range(200)])
    ten = [
        coupon(offer(f"o{number}", fixed_minor_units=2_000 + number, minimum_minor_units=1))
        for number in range(10)
    ]
    assert best(goods, ten).exact
    capped = [
        coupon(offer(f"p{number}", percent_basis_points=5_000 + number)) for number in range(40)
    ]
    found = best(goods, capped)
    assert not found.exact
    assert found.discount >= max(best(goods, [each]).discount for each in capped)
