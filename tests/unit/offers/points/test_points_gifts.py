"""Giving points."""

from typing import Any

from offers_service import points, points_account, points_gifts, points_spending
from offers_service.points import lapse
from offers_service.points_lots import Lot
from offers_service.points_outcomes import PointsGiftOutcome, PointsOutcome

from tests.unit.offers.points.conftest import DAY_MS, NONE, START_MS, ms


def _given(shop: Any, amount: int = 60) -> Any:
    account = shop.earn(None, "o-1", 10_000).account
    return shop.give(account, amount)


def test_a_gift_is_claimed_once_and_keeps_its_ends(shop: Any) -> None:
    """Giving does not lengthen the life of points."""
    given = _given(shop)
    claimed = shop.claim(given.account, given.entry.gift)
    again = shop.claim(claimed.account, given.entry.gift, "cid", request_id="claim-2")
    received = shop.receive(None, claimed.entry)
    assert [PointsGiftOutcome.APPLIED, PointsGiftOutcome.ALREADY_CLAIMED] == [
        claimed.outcome,
        again.outcome,
    ]
    assert (40, 0) == (claimed.account.available, claimed.account.escrow)
    assert ("bob", (Lot(ms(2027, 4, 1), 60),)) == (received.account.owner, received.account.lots)
    assert received.account is shop.receive(received.account, claimed.entry).account
    for account in (claimed.account, received.account):
        assert points_account.fault(account) is None


def test_a_gift_comes_back_when_it_is_cancelled_or_its_hour_is_over(shop: Any) -> None:
    """And is then told so to whoever claims."""
    given = _given(shop)
    cancelled = shop.cancel(given.account, given.entry.gift)
    late = shop.claim(given.account, given.entry.gift, now_ms=START_MS + 3_600_000)
    refused = shop.claim(cancelled.account, given.entry.gift)
    assert [PointsGiftOutcome.CANCELLED, PointsGiftOutcome.EXPIRED] == [
        refused.outcome,
        late.outcome,
    ]
    back = lapse(given.account, shop.program, START_MS + 3_600_000)
    assert (100, 100) == (cancelled.account.available, back.available)


def test_nobody_gives_to_oneself_or_more_than_a_day_allows(shop: Any) -> None:
    """500 points and three gifts a day, by the tenant's calendar; gifts that came back count."""
    given = _given(shop)
    own = shop.claim(given.account, given.entry.gift, "ann")
    assert PointsGiftOutcome.SELF_GIFT is own.outcome
    account = shop.earn(given.account, "o-2", 100_000).account
    over = shop.give(account, 441, request_id="give-2")
    assert PointsGiftOutcome.DAILY_LIMIT_REACHED is over.outcome
    for number in (2, 3):
        account = shop.give(account, 10, request_id=f"give-{number}").account
    fourth = shop.give(account, 10, request_id="give-4")
    assert PointsGiftOutcome.DAILY_LIMIT_REACHED is fourth.outcome
    tomorrow = shop.give(account, 10, request_id="give-4", now_ms=START_MS + DAY_MS // 2)
    assert PointsGiftOutcome.APPLIED is tomorrow.outcome


def test_the_gift_s_account_follows_however_late(shop: Any) -> None:
    """To what the giver's account says, once."""
    given = _given(shop)
    claimed = shop.claim(given.account, given.entry.gift).account
    told = points_gifts.of_gift(claimed, NONE, given.entry.gift)
    late = points_gifts.follow(None, shop.key, told, shop.secrets)
    early = points_gifts.follow(None, shop.key, told[:1], shop.secrets)
    assert late is not None
    assert late == points_gifts.follow(early, shop.key, told, shop.secrets)
    assert late is points_gifts.follow(late, shop.key, told, shop.secrets)
    assert ("claimed", "bob", 60) == (late.state, late.claimer, late.points)
    assert points_gifts.fault(late, shop.secrets) is None


def test_fifty_orders_and_gifts_may_hold_points_of_a_customer(shop: Any) -> None:
    """The next order, and the next gift, are refused until one of them is over."""
    account = shop.earn(None, "o-1", 100_000).account
    for number in range(points.ASIDES_MAX):
        account = shop.hold(account, f"h-{number}", 1).account
    order = shop.hold(account, "h-50", 1)
    gift = shop.give(account, 1)
    assert PointsOutcome.TOO_MANY_OPEN is order.outcome
    assert PointsGiftOutcome.TOO_MANY_OPEN is gift.outcome
    freed = shop.end(points_spending.release, account, "h-0").account
    assert PointsGiftOutcome.APPLIED is shop.give(freed, 1).outcome
