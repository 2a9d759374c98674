"""What offers are worth."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offers_service.journal import NEVER_MS
from offers_service.offers import (
    Offer,
    Restore,
    Worth,
    coupon_end_ms,
    day_end_ms,
    discount,
    ended,
    restored_end_ms,
)

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


@pytest.mark.parametrize(
    ("zone", "issued", "days", "expected"),
    [
        ("Asia/Seoul", "2026-03-01T14:59:59", 0, "2026-03-01T15:00:00"),
        ("Asia/Seoul", "2026-03-01T15:00:00", 0, "2026-03-02T15:00:00"),
        ("Asia/Seoul", "2026-03-01T15:00:00", 7, "2026-03-09T15:00:00"),
        # The night in between has 23 hours.
        ("America/New_York", "2026-03-07T12:00:00", 1, "2026-03-09T04:00:00"),
        ("America/New_York", "2026-03-06T12:00:00", 1, "2026-03-08T05:00:00"),
    ],
)
def test_days_run_to_the_midnight_of_the_zone(
    zone: str, issued: str, days: int, expected: str
) -> None:
    """Through the whole last day, as the shop's clocks show it, also when they are set forward.

    Zero days is no such end in an offer; here it stands for the day of the issue itself.
    """
    assert _ms(expected) == day_end_ms(_ms(issued), days, zone)


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_time_counts_from_the_offers_begin() -> None:
    """A coupon that is issued before does not end before it begins."""
    early = Offer(
        offer_id="o", currency="KRW", created_ms=1, valid_for_seconds=10, valid_from_ms=50_000
    )
    assert (60_000, 80_000) == (coupon_end_ms(early, 5_000), coupon_end_ms(early, 70_000))


@pytest.mark.parametrize(
    ("restore", "now_ms", "expected"),
    [
        (Restore.KEEP_REDEEMED, 1, None),
        (Restore.RESTORE_IF_VALID, 99_999, 100_000),
        (Restore.RESTORE_IF_VALID, 100_000, None),
        (Restore.RESTORE, 1_000, 100_000),
        (Restore.RESTORE, 99_999, 109_999),
        (Restore.RESTORE, 200_000, 210_000),
    ],
)
def test_until_when_a_restored_coupon_is_good(
    restore: Restore, now_ms: int, expected: int | None
) -> None:
    """Its own end, or ten seconds to use it, or not at all."""
    offer = Offer(
        offer_id="o", currency="KRW", created_ms=1, restore=restore, restore_grace_seconds=10
    )
    assert expected == restored_end_ms(offer, 100_000, now_ms)
