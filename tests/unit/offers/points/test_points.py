"""Earning, spending and losing points."""

from typing import Any

from msgspec.structs import replace
from offers_service import points, points_account, points_spending
from offers_service.points import lapse
from offers_service.points_lots import Lot
from offers_service.points_outcomes import PointsOutcome

from tests.unit.offers.points.conftest import DAY_MS, START_MS, ms

MARCH_END_MS = ms(2027, 4, 1)


def _sound(account: Any) -> Any:
    """The account, verified."""
    assert points_account.fault(account) is None
    return account


def test_an_order_earns_for_each_full_amount_until_a_month_s_end(shop: Any) -> None:
    """19,999 won are nineteen full thousands; March's points end with March of the next year."""
    decided = shop.earn(None, "o-1", 19_999)
    assert PointsOutcome.APPLIED is decided.outcome
    assert (Lot(MARCH_END_MS, 190),) == _sound(decided.account).lots


def test_bonuses_are_shares_of_the_base_and_round_down_by_themselves(shop: Any) -> None:
    """A third more of 70 is 23; the campaign's doubling counts only for orders that name it."""
    shop.with_bonus(rule_id="third", basis_points=3_333).with_bonus(campaign="november")
    plain = shop.earn(None, "o-1", 7_000)
    named = shop.earn(plain.account, "o-2", 7_000, campaign="november")
    told = [(entry.origin, entry.amount) for entry in named.entries if entry.kind == "earn"]
    assert [("base", 70), ("third", 23), ("double", 70)] == told
    assert 93 + 163 == _sound(named.account).available


def test_a_bonus_runs_from_its_begin_to_its_end(shop: Any) -> None:
    """The end's own instant is no longer in it."""
    shop.with_bonus(from_ms=START_MS, until_ms=START_MS + 1_000)
    earned = [
        shop.earn(None, "o-1", 1_000, now_ms=START_MS + moment).account.available
        for moment in (-1, 0, 999, 1_000)
    ]
    assert [10, 20, 20, 10] == earned


def test_an_order_earns_once(shop: Any) -> None:
    """A repeat answers alike; another request for the order is told so; changed content is not."""
    first = shop.earn(None, "o-1", 10_000)
    repeat = shop.earn(first.account, "o-1", 10_000)
    other = shop.earn(first.account, "o-1", 10_000, request_id="again")
    changed = shop.earn(first.account, "o-1", 20_000)
    assert first.entries == repeat.entries
    assert [
        PointsOutcome.APPLIED,
        PointsOutcome.ALREADY_EARNED,
        PointsOutcome.REQUEST_CONFLICT,
    ] == [decided.outcome for decided in (repeat, other, changed)]
    assert all(one.account is first.account for one in (repeat, other, changed))


def test_a_returned_part_keeps_what_the_rule_gives_for_the_rest(shop: Any) -> None:
    """10,500 won gave 100; what is left, 10,000, still gives 100; 9,999 gives 90."""
    account = shop.earn(None, "o-1", 10_500).account
    first = shop.take_back(account, "o-1", 500)
    second = shop.take_back(first.account, "o-1", 1)
    whole = shop.take_back(second.account, "o-1")
    over = shop.take_back(whole.account, "o-1", 1, request_id="over")
    moved = [decided.moved("take_back") for decided in (first, second, whole)]
    assert [0, 10, 90] == moved
    assert 0 == _sound(whole.account).available
    assert PointsOutcome.NOTHING_LEFT is over.outcome
    assert PointsOutcome.RETURN_EXCEEDS_ORDER is shop.take_back(account, "o-1", 10_501).outcome
    assert PointsOutcome.UNKNOWN_ORDER is shop.take_back(account, "o-2").outcome


def test_what_was_spent_is_owed_and_paid_from_the_next_points(shop: Any) -> None:
    """The balance is never negative."""
    account = shop.earn(None, "o-1", 10_000).account
    account = shop.hold(account, "o-2", 70).account
    account = shop.end(points_spending.settle, account, "o-2").account
    back = shop.take_back(account, "o-1")
    assert (30, 70) == (back.moved("take_back"), back.moved("owe"))
    assert (0, 70) == (back.account.available, back.account.owed)
    later = shop.earn(back.account, "o-3", 10_000)
    assert 70 == later.moved("repay")
    assert (30, 0) == (later.account.available, later.account.owed)
    _sound(later.account)


def test_points_are_spent_and_expire_oldest_first(shop: Any) -> None:
    """A hold takes March's points before April's, and what is left of March's ends with March."""
    account = shop.earn(None, "o-1", 10_000).account
    account = shop.earn(account, "o-2", 10_000, now_ms=START_MS + 31 * DAY_MS).account
    held = shop.hold(account, "o-3", 60, now_ms=START_MS + 31 * DAY_MS)
    assert [40, 100] == [lot.points for lot in held.account.lots]
    spent = shop.end(points_spending.settle, held.account, "o-3", now_ms=START_MS + 31 * DAY_MS)
    assert 100 == lapse(spent.account, shop.program, MARCH_END_MS).available
    assert 140 == lapse(spent.account, shop.program, MARCH_END_MS - 1).available
    gone = lapse(spent.account, shop.program, MARCH_END_MS + 40 * DAY_MS)
    assert [MARCH_END_MS, ms(2027, 5, 1)] == [entry.at_ms for entry in gone.entries[-2:]]
    assert 0 == _sound(gone).available


def test_a_hold_that_runs_out_gives_its_points_back(shop: Any) -> None:
    """At its own instant; then the order cannot spend them."""
    account = shop.earn(None, "o-1", 10_000).account
    held = shop.hold(account, "o-2", 60)
    assert (40, 60) == (held.account.available, held.account.held)
    late = shop.end(points_spending.settle, held.account, "o-2", now_ms=START_MS + 60_000)
    assert PointsOutcome.NOT_HELD is late.outcome
    back = lapse(held.account, shop.program, START_MS + 60_000)
    assert (100, 0) == (_sound(back).available, back.held)


def test_an_order_s_own_second_hold_replaces_the_first(shop: Any) -> None:
    """Also with more points than were left beside the first."""
    account = shop.earn(None, "o-1", 10_000).account
    first = shop.hold(account, "o-2", 60)
    second = shop.hold(first.account, "o-2", 90)
    assert (10, 90) == (second.account.available, second.account.held)
    assert PointsOutcome.NOT_ENOUGH_POINTS is shop.hold(second.account, "o-3", 11).outcome
    _sound(second.account)


def test_points_set_aside_outlive_their_end_and_expire_when_they_come_back(shop: Any) -> None:
    """An order that was begun in time is paid; one that was released has nothing."""
    account = shop.earn(None, "o-1", 10_000).account
    held = shop.hold(account, "o-2", 60, now_ms=MARCH_END_MS - 1_000).account
    assert 60 == lapse(held, shop.program, MARCH_END_MS).held
    spent = shop.end(points_spending.settle, held, "o-2", now_ms=MARCH_END_MS + 1_000)
    assert 60 == spent.moved("spend_points")
    freed = shop.end(points_spending.release, held, "o-2", now_ms=MARCH_END_MS + 1_000)
    assert (0, 0) == (_sound(freed.account).available, freed.account.held)


def test_a_refund_gives_back_what_ends_last_first_and_never_more(shop: Any) -> None:
    """With the ends that it had."""
    account = shop.earn(None, "o-1", 10_000).account
    account = shop.earn(account, "o-2", 10_000, now_ms=START_MS + 31 * DAY_MS).account
    now_ms = START_MS + 32 * DAY_MS
    account = shop.hold(account, "o-3", 150, now_ms=now_ms).account
    account = shop.end(points_spending.settle, account, "o-3", now_ms=now_ms).account
    part = shop.refund(account, "o-3", 60, now_ms=now_ms)
    april = ms(2027, 5, 1)
    assert (Lot(MARCH_END_MS, 10), Lot(april, 100)) == part.account.lots
    rest = shop.refund(part.account, "o-3", now_ms=now_ms)
    assert (Lot(MARCH_END_MS, 100), Lot(april, 100)) == _sound(rest.account).lots
    assert PointsOutcome.NOTHING_LEFT is shop.refund(rest.account, "o-3", request_id="over").outcome


def test_refunded_points_are_good_for_a_grace(shop: Any) -> None:
    """What would have ended within seven days lasts through the month in which they end."""
    account = shop.earn(None, "o-1", 10_000).account
    account = shop.hold(account, "o-2", 60).account
    account = shop.end(points_spending.settle, account, "o-2").account
    back = shop.refund(account, "o-2", now_ms=MARCH_END_MS - DAY_MS)
    assert (Lot(MARCH_END_MS, 40), Lot(ms(2027, 5, 1), 60)) == _sound(back.account).lots


def test_a_cause_grants_once_and_takes_back_once(shop: Any) -> None:
    """However often it is followed."""
    granted = shop.grant(None, 500)
    assert granted.account is shop.grant(granted.account, 500).account
    back = shop.grant(granted.account, 500, "c_1/3", back=True)
    assert back.account is shop.grant(back.account, 500, "c_1/3", back=True).account
    assert 0 == _sound(back.account).available


def test_a_step_that_the_pages_may_know_waits_for_them(shop: Any) -> None:
    """An account with sealed pages is not judged by its document alone."""
    account = replace(shop.earn(None, "o-1", 10_000).account, pages=1, sealed=1)
    assert isinstance(shop.earn(account, "o-2", 10_000), points.NeedsPast)
