"""Which coupons are suggested as gifts."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offers_service import coupons, suggestions
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.coupons import Issue
from offers_service.journal import Request
from offers_service.offers import Offer
from offers_service.suggestions import DAY_MS

SECRETS = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
NOW_MS = 1_772_000_000_000


def _offer(offer_id: str, days: float, **terms: Any) -> Offer:
    wanted = {"giftable": True, "fixed_minor_units": 3_000, **terms}
    return Offer(
        offer_id=offer_id,
        currency="KRW",
        created_ms=NOW_MS,
        valid_for_seconds=round(days * 86_400),
        **wanted,
    )


def _suggested(offers: list[Offer], orders: int, within_days: float = 7) -> list[tuple[str, float]]:
    """One coupon of each offer, issued now."""
    made = []
    for offer in offers:
        key = AccountKey("shop", f"c_{offer.offer_id}")
        request = Request(offer.offer_id, "admin:test", b"")
        command = Issue(key, "ann", "", offer, "direct", request, NOW_MS)
        made.append(coupons.issue(None, command, SECRETS).account)
    found = suggestions.suggest(
        [one for one in made if one is not None],
        {one.offer_id: one for one in offers},
        order_count=orders,
        now_ms=NOW_MS,
        within_ms=round(within_days * DAY_MS),
    )
    return [(one.coupon.offer, round(one.use_probability, 4)) for one in found]


@pytest.mark.parametrize(
    ("orders", "expected"),
    [(0, [("a", 0.0)]), (12, [("a", 0.2056)]), (36, [("a", 0.4986)]), (37, []), (200, [])],
)
def test_who_buys_rarely_is_told(orders: int, expected: list[tuple[str, float]]) -> None:
    """Seven days before the end: one order is likely enough with 37 orders a year, by hand
    1 - exp(-37 * 7 / 365) = 0.508."""
    assert expected == _suggested([_offer("a", 7)], orders)


def test_a_coupon_that_waits_behind_others_needs_more_orders() -> None:
    """Unless it may be used in the same order as they: by hand, of two orders with mean 0.959,
    1 - exp(-0.959) * (1 + 0.959) = 0.2491."""
    plain = [_offer("a", 7), _offer("b", 7)]
    assert [("b", 0.2491)] == _suggested(plain, 50)
    stacking = [_offer(name, 7, stackable_with=("*",)) for name in ("a", "b")]
    assert [] == _suggested(stacking, 50)


def test_only_what_may_be_given_and_ends_soon() -> None:
    """Not giftable, given as often as may be, or far from the end: no suggestion."""
    offers = [_offer("a", 3, giftable=False), _offer("b", 8), _offer("c", 6), _offer("d", 5)]
    assert ["d", "c"] == [offer for offer, _ in _suggested(offers, 0)]
    [first] = [_offer("e", 1, gift_times_max=1)]
    command = Issue(AccountKey("shop", "c_e"), "ann", "", first, "", Request("r", "a", b""), NOW_MS)
    coupon: Any = coupons.issue(None, command, SECRETS).account
    assert suggestions.givable(coupon, first)


@given(st.integers(1, 6), st.floats(0, 30))
def test_probabilities_are_probabilities(count: int, mean: float) -> None:
    """Between 0 and 1, less for more events, more for a larger mean."""
    found = suggestions.at_least(count, mean)
    assert 0 <= found <= 1
    assert suggestions.at_least(count + 1, mean) <= found + 1e-12
    assert found <= suggestions.at_least(count, mean + 1) + 1e-12
