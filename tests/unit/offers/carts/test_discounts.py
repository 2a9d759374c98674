"""What coupons take off a cart, by example and by law."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from offers_service.discounts import Fit, allocate, fit, price
from offers_service.offers import Scope

from tests.unit.offers.carts.shapes import CARTS, OFFERS, cart, coupon, offer


def _discounts(*args: Any) -> list[int]:
    return [effect.discount for effect in price(args[0], list(args[1:]))]


def test_a_percentage_takes_its_share_of_the_goods_in_scope() -> None:
    """10 % of the shoes, none of the books; rounded down to whole won."""
    shoes = offer(percent_basis_points=1_000, scope=Scope(categories=("shoes",)))
    (effect,) = price(cart(("shoes", 3, 3_333), ("books", 1, 5_000)), [coupon(shoes)])
    assert 999 == effect.discount
    assert [999, 0] == [share.discount for share in effect.shares]


def test_a_cap_ends_a_percentage() -> None:
    """20 % up to 3,000 won."""
    capped = offer(percent_basis_points=2_000, maximum_minor_units=3_000)
    assert [3_000] == _discounts(cart(("shoes", 1, 100_000)), coupon(capped))


def test_a_fixed_amount_stops_at_the_goods_in_scope() -> None:
    """5,000 won off books takes 4,000 off 4,000 won of books, and nothing off the shoes."""
    books = offer(fixed_minor_units=5_000, scope=Scope(categories=("books",)))
    assert [4_000] == _discounts(cart(("shoes", 1, 50_000), ("books", 1, 4_000)), coupon(books))


def test_percentages_come_before_fixed_amounts() -> None:
    """10 % of 20,000 is 2,000, then 3,000: the order in which they are named does not matter."""
    tenth = coupon(offer("tenth", percent_basis_points=1_000))
    fixed = coupon(offer("fixed", fixed_minor_units=3_000))
    goods = cart(("shoes", 1, 20_000))
    assert [2_000, 3_000] == _discounts(goods, tenth, fixed) == _discounts(goods, fixed, tenth)


def test_a_second_percentage_is_of_what_the_first_left() -> None:
    """Two halves leave a quarter, not nothing."""
    halves = offer("half", percent_basis_points=5_000)
    goods = cart(("shoes", 1, 10_000))
    assert [5_000, 2_500] == _discounts(goods, coupon(halves, 1), coupon(halves, 2))


def test_free_shipping_takes_the_shipping_off() -> None:
    """Up to its cap, and never any goods."""
    free = coupon(offer(free_shipping=True, maximum_minor_units=3_000))
    cheap, dear = cart(("shoes", 1, 1), shipping=2_500), cart(("shoes", 1, 1), shipping=4_000)
    assert ([2_500], [3_000]) == (_discounts(cheap, free), _discounts(dear, free))


def test_points_count_what_is_paid() -> None:
    """One point for every full 1,000 won that the other coupons leave."""
    points = coupon(offer("points", points=1, points_per_minor_units=1_000))
    fixed = coupon(offer("fixed", fixed_minor_units=3_001))
    effects = price(cart(("shoes", 1, 20_000)), [points, fixed])
    assert [0, 16] == [effect.points for effect in effects]


def test_many_coupons_on_a_small_cart_leave_nothing_to_pay_but_no_less() -> None:
    """Fixed amounts beyond the goods do not make the total negative (mall #1003)."""
    goods = cart(("shoes", 1, 5_000), ("books", 1, 1_000))
    fixed = offer(fixed_minor_units=3_000)
    found = _discounts(goods, *[coupon(fixed, number) for number in range(5)])
    assert [3_000, 3_000, 0, 0, 0] == found


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, (Fit.APPLIES, 0)),
        ({"currency": "USD"}, (Fit.WRONG_CURRENCY, 0)),
        ({"scope": Scope(categories=("bags",))}, (Fit.OUT_OF_SCOPE, 0)),
        ({"scope": Scope(products=("p-shoes",))}, (Fit.APPLIES, 0)),
        (
            {"scope": Scope(categories=("shoes",), excluded_products=("p-shoes",))},
            (Fit.OUT_OF_SCOPE, 0),
        ),
        ({"minimum_minor_units": 25_000}, (Fit.APPLIES, 0)),
        ({"minimum_minor_units": 25_001}, (Fit.BELOW_MINIMUM, 1)),
        (
            {"minimum_minor_units": 25_000, "scope": Scope(categories=("shoes",))},
            (Fit.BELOW_MINIMUM, 5_000),
        ),
        (
            {
                "minimum_minor_units": 25_000,
                "minimum_of_cart": True,
                "scope": Scope(categories=("shoes",)),
            },
            (Fit.APPLIES, 0),
        ),
        ({"scope": Scope(categories=("free",))}, (Fit.NO_EFFECT, 0)),
    ],
)
def test_whether_a_coupon_fits(terms: dict[str, Any], expected: tuple[Fit, int]) -> None:
    """Scope, exclusions, currency, and a minimum of the scope or of the cart."""
    goods = cart(("shoes", 2, 10_000), ("books", 1, 5_000), ("free", 1, 0))
    assert expected == fit(goods, offer(fixed_minor_units=1_000, **terms))


def test_free_shipping_without_shipping_has_no_effect() -> None:
    """Nobody should use it up for nothing."""
    assert (Fit.NO_EFFECT, 0) == fit(cart(("shoes", 1, 10)), offer(free_shipping=True))


def test_what_is_left_over_goes_to_the_largest_remainders() -> None:
    """100 over three equal lines is 34, 33, 33; equals by name, whatever their place."""
    assert [34, 33, 33] == allocate(100, [50, 50, 50], ["a", "b", "c"])
    assert [33, 33, 34] == allocate(100, [50, 50, 50], ["c", "b", "a"])
    assert [0, 1, 0] == allocate(1, [1, 5, 0], ["a", "b", "c"])


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=20), st.data())
def test_allocations_sum_exactly(weights: list[int], data: Any) -> None:
    """Each part is within its weight and within one of its quota."""
    amount = data.draw(st.integers(0, sum(weights)))
    names = [str(number) for number in range(len(weights))]
    parts = allocate(amount, weights, names)
    assert amount == sum(parts)
    for part, weight in zip(parts, weights, strict=True):
        assert 0 <= part <= weight
        assert abs(part * sum(weights) - amount * weight) < max(1, sum(weights))


@given(CARTS, st.lists(OFFERS, max_size=6))
def test_lines_sum_to_their_discounts_and_nothing_falls_below_zero(
    goods: Any, offers: list[Any]
) -> None:
    """Whatever is stacked: goods, shipping and every line stay at nothing or more."""
    coupons = [
        coupon(replace(each, offer_id=f"o{number}"), number) for number, each in enumerate(offers)
    ]
    left = {line.line_id: line.amount for line in goods.lines}
    shipping = goods.shipping_minor_units
    for effect in price(goods, coupons):
        assert effect.discount == effect.shipping + sum(s.discount for s in effect.shares)
        shipping -= effect.shipping
        for share in effect.shares:
            assert left[share.line_id] == share.value
            assert share.scoped or share.discount == 0
            left[share.line_id] -= share.discount
    assert min(shipping, *left.values()) >= 0


@given(CARTS, st.lists(OFFERS, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_lines_and_coupons_does_not_matter(
    goods: Any, offers: list[Any], shuffle: random.Random
) -> None:
    """Every line gets the same from every coupon, however both are sorted."""
    coupons = [
        coupon(replace(each, offer_id=f"o{number}"), number) for number, each in enumerate(offers)
    ]
    lines, mixed = list(goods.lines), list(coupons)
    shuffle.shuffle(lines)
    shuffle.shuffle(mixed)
    found = price(goods, coupons)
    again = price(replace(goods, lines=tuple(lines)), mixed)
    assert [_by_line(effect) for effect in found] == [_by_line(effect) for effect in again]


def _by_line(effect: Any) -> Any:
    shares = sorted((share.line_id, share.discount) for share in effect.shares)
    return effect.coupon_id, effect.discount, effect.points, shares
