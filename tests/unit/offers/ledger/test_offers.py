"""What offers are worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offers_service.journal import NEVER_MS
from offers_service.offers import Offer, Worth, coupon_end_ms, discount, ended

PERCENT = Offer(offer_id="p", currency="USD", created_ms=1, percent_basis_points=1_250)
FIXED = Offer(
    offer_id="f", currency="KRW", created_ms=1, fixed_minor_units=3_000, minimum_minor_units=2_000
)


@pytest.mark.parametrize(
    ("offer", "order", "currency", "expected"),
    [
        (PERCENT, 999, "USD", (Worth.APPLIES, 124)),
        (PERCENT, 0, "USD", (Worth.APPLIES, 0)),
        (PERCENT, 999, "KRW", (Worth.WRONG_CURRENCY, 0)),
        (FIXED, 10_000, "KRW", (Worth.APPLIES, 3_000)),
        (FIXED, 2_500, "KRW", (Worth.APPLIES, 2_500)),
        (FIXED, 1_999, "KRW", (Worth.BELOW_MINIMUM, 0)),
        (FIXED, -5, "KRW", (Worth.BELOW_MINIMUM, 0)),
    ],
)
def test_discounts(offer: Offer, order: int, currency: str, expected: tuple[Worth, int]) -> None:
    """Percentages round down, fixed amounts stop at what the order comes to."""
    assert expected == discount(offer, order, currency)


@given(st.integers(0, 2**62), st.integers(1, 10_000))
def test_no_discount_exceeds_the_order(order: int, basis_points: int) -> None:
    """Totals never become negative."""
    offer = Offer(offer_id="p", currency="KRW", created_ms=1, percent_basis_points=basis_points)
    assert 0 <= discount(offer, order, "KRW")[1] <= order


def test_a_coupon_ends_at_the_first_of_its_ends() -> None:
    """Its own time, the offer's end, or never."""
    own = Offer(offer_id="o", currency="KRW", created_ms=1, valid_for_seconds=10)
    both = Offer(
        offer_id="o", currency="KRW", created_ms=1, valid_for_seconds=10, valid_until_ms=12_000
    )
    assert (15_000, 12_000, NEVER_MS) == (
        coupon_end_ms(own, 5_000),
        coupon_end_ms(both, 5_000),
        coupon_end_ms(FIXED, 5_000),
    )


def test_an_offer_has_ended_from_its_end_on() -> None:
    """One without an end never has."""
    offer = Offer(offer_id="o", currency="KRW", created_ms=1, valid_until_ms=12_000)
    assert (False, True, False) == (
        ended(offer, 11_999),
        ended(offer, 12_000),
        ended(FIXED, NEVER_MS),
    )
