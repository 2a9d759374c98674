"""What a coupon is still worth when part of an order comes back."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from offers_service import returns
from offers_service.discounts import Cart, Fit, fit, price
from offers_service.offers import Benefit, Offer, Scope

from tests.unit.offers.carts.shapes import CARTS, OFFERS, cart, coupon, offer

FROM_10_000 = offer(fixed_minor_units=3_000, minimum_minor_units=10_000)


def _held(goods: Cart, terms: Offer, *before: Offer) -> returns.HeldCart:
    """The order as the coupon saw it, after coupons of the offers `before`."""
    own = coupon(terms)
    others = [coupon(replace(each, offer_id=f"b{at}"), at) for at, each in enumerate(before)]
    effects = price(goods, [own, *others])
    return returns.snapshot(goods, next(e for e in effects if e.coupon_id == own.coupon_id), 1)


def _refund(held: returns.HeldCart, terms: Offer, *returned: tuple[str, int]) -> int:
    """What comes back for goods of a whole order."""
    after = returns.take_back(held, returned)
    assert after is not None
    return returns.refund(terms, held, held.discount, after, returns.worth(terms, after).discount)


def test_above_the_minimum_the_discount_stays() -> None:
    """20,000 less 3,000; 5,000 come back at their price."""
    held = _held(cart(("shoes", 3, 5_000), ("books", 1, 5_000)), FROM_10_000)
    assert 5_000 == _refund(held, FROM_10_000, ("b", 1))


def test_a_percentage_goes_with_the_goods() -> None:
    """10 % off 20,000: what cost 4,500 comes back as 4,500."""
    tenth = offer(percent_basis_points=1_000)
    held = _held(cart(("shoes", 3, 5_000), ("books", 1, 5_000)), tenth)
    assert 4_500 == _refund(held, tenth, ("b", 1))


def test_below_the_minimum_what_is_missing_comes_off_the_discount() -> None:
    """Paid 9,000 for 12,000; the 9,000 kept lack 1,000: they get 2,000 off, not 3,000."""
    held = _held(cart(("shoes", 9, 1_000), ("books", 3, 1_000)), FROM_10_000)
    after = returns.take_back(held, [("b", 3)])
    assert after is not None
    assert 2_000 == returns.worth(FROM_10_000, after).discount
    assert 2_000 == _refund(held, FROM_10_000, ("b", 3))


def test_far_below_the_minimum_the_goods_kept_cost_their_price() -> None:
    """Paid 7,000 for 10,000; the 6,000 kept get nothing, 1,000 come back."""
    held = _held(cart(("shoes", 1, 6_000), ("books", 1, 4_000)), FROM_10_000)
    assert 1_000 == _refund(held, FROM_10_000, ("b", 1))


def test_who_keeps_less_never_pays_more() -> None:
    """Paid 7,000 for 9,999 and 1. Without the 1 the rest would cost 9,999: it costs 7,000."""
    held = _held(cart(("shoes", 1, 9_999), ("books", 1, 1)), FROM_10_000)
    assert 0 == _refund(held, FROM_10_000, ("b", 1))


def test_everything_back_is_everything_paid() -> None:
    """In one go or piece by piece."""
    held = _held(cart(("shoes", 2, 6_000)), FROM_10_000)
    assert 9_000 == _refund(held, FROM_10_000) == _refund(held, FROM_10_000, ("a", 2))


def test_shipping_is_not_charged_to_who_returns_everything() -> None:
    """Below the minimum the goods kept pay for the shipping that had been free."""
    free = offer(free_shipping=True, minimum_minor_units=10_000)
    held = _held(cart(("shoes", 2, 6_000), shipping=2_500), free)
    assert (3_500, 12_000) == (_refund(held, free, ("a", 1)), _refund(held, free, ("a", 2)))


def test_a_gift_item_is_earned_while_the_minimum_is_kept() -> None:
    """And while anything of its scope is."""
    gift = offer(
        gift_product="bag",
        gift_quantity=1,
        minimum_minor_units=10_000,
        minimum_of_cart=True,
        scope=Scope(categories=("shoes",)),
    )
    held = _held(cart(("shoes", 2, 5_000), ("books", 4, 5_000)), gift)
    kept = [returns.take_back(held, returned) for returned in ([("a", 1)], [("a", 2)], [("b", 4)])]
    assert [True, False, True] == [returns.worth(gift, one).earned for one in kept if one]


def test_points_shrink_with_what_is_kept() -> None:
    """One for every 1,000 won kept; none below the minimum."""
    points = offer(points=1, points_per_minor_units=1_000, minimum_minor_units=10_000)
    held = _held(cart(("shoes", 20, 1_000)), points)
    kept = [returns.take_back(held, [("a", back)]) for back in (1, 10, 11)]
    assert [19, 10, 0] == [returns.worth(points, one).points for one in kept if one]


@pytest.mark.parametrize("returned", [[("a", 3)], [("a", 1), ("a", 2)], [("x", 1)]])
def test_no_more_comes_back_than_was_ordered(returned: list[tuple[str, int]]) -> None:
    """Of a line, also one that is named twice, or of a line that does not exist."""
    assert None is returns.take_back(_held(cart(("shoes", 2, 6_000)), FROM_10_000), returned)


def test_a_stored_order_reads_as_it_was_written() -> None:
    """And its digest tells it from any other."""
    held = _held(cart(("shoes", 2, 6_000)), FROM_10_000)
    text = returns.write(held)
    assert held == returns.read(text)
    assert returns.digest(text) != returns.digest(text.replace("6000", "6001"))
    assert b"" == returns.digest("")


def _returns(held: returns.HeldCart) -> Any:
    """Pieces that come back one after the other, in any order."""
    pieces = [line.line_id for line in held.lines for _ in range(line.ordered)]
    return st.permutations(pieces)


@settings(deadline=None)
@given(CARTS, OFFERS, st.data())
def test_returning_more_never_refunds_less(goods: Cart, terms: Offer, data: Any) -> None:
    """With one coupon: every refund is at least nothing, they never exceed what was paid, and
    those of one return after the other sum to that of all at once, whatever comes first."""
    assume(fit(goods, terms)[0] is Fit.APPLIES)
    held = _held(goods, terms)
    paid = goods.goods - (0 if terms.benefit is Benefit.FREE_SHIPPING else held.discount)
    at, discount, total = held, held.discount, 0
    for line_id in data.draw(_returns(held)):
        after = returns.take_back(at, [(line_id, 1)])
        assert after is not None
        left = returns.worth(terms, after).discount
        assert 0 <= left <= discount
        total += returns.refund(terms, at, discount, after, left)
        at_once = returns.refund(terms, held, held.discount, after, left)
        assert total == at_once
        assert 0 <= total <= paid
        at, discount = after, left
    assert (paid, 0) == (total, discount)


@settings(deadline=None)
@given(CARTS, OFFERS, st.lists(OFFERS, max_size=2), st.data())
def test_beside_other_coupons_no_refund_is_negative_or_more_than_was_paid(
    goods: Cart, terms: Offer, before: list[Offer], data: Any
) -> None:
    """The discount only shrinks, and by no more than what came back was worth."""
    assume(fit(goods, terms)[0] is Fit.APPLIES)
    held = _held(goods, terms, *[each for each in before if fit(goods, each)[0] is Fit.APPLIES])
    discount = held.discount
    kept = {line.line_id: data.draw(st.integers(0, line.ordered)) for line in held.lines}
    back = [(line.line_id, line.ordered - kept[line.line_id]) for line in held.lines]
    returned = [(line_id, quantity) for line_id, quantity in back if quantity]
    assume(returned)
    after = returns.take_back(held, returned)
    assert after is not None
    left = returns.worth(terms, after).discount
    assert 0 <= left <= discount
    if terms.benefit is not Benefit.FREE_SHIPPING:
        assert discount - left <= held.kept_value - after.kept_value
    paid = held.kept_value
    assert 0 <= returns.refund(terms, held, discount, after, left) <= paid


@settings(deadline=None)
@given(CARTS, OFFERS)
def test_a_whole_order_is_worth_what_it_was_held_for(goods: Cart, terms: Offer) -> None:
    """Nothing came back, nothing changed."""
    assume(fit(goods, terms)[0] is Fit.APPLIES)
    held = _held(goods, terms)
    found = returns.worth(terms, held)
    assert (held.discount, held.points, True) == (found.discount, found.points, found.earned)
