"""What may be done with a coupon, step by step."""

from typing import Any

import pytest
from msgspec.structs import replace
from offers_service import coupons
from offers_service.coupon_account import AccountKey, CouponState, fault, lapse, shown_state
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Issue, NeedsOffer

SECOND_MS = 1_000


def test_a_coupon_is_held_and_redeemed_by_one_order(shop: Any) -> None:
    """The discount of the hold is what the redeemed coupon cost."""
    held = shop.hold(shop.issue(), "r1").account
    used = shop.redeem(held, "r2").account
    assert (CouponState.HELD, CouponState.REDEEMED) == (held.state, used.state)
    assert ("order-1", 3_000) == (used.order, used.discount)


def test_another_order_cannot_hold_it(shop: Any) -> None:
    """A hold belongs to its order."""
    held = shop.hold(shop.issue(), "r1").account
    refused = shop.hold(held, "r2", order="order-2")
    assert CouponOutcome.HELD_BY_OTHER_ORDER is refused.outcome
    assert held is refused.account


def test_the_orders_own_second_hold_extends_it(shop: Any) -> None:
    """The same order holding again moves the end and takes the new amount."""
    held = shop.hold(shop.issue(), "r1").account
    again = shop.hold(held, "r2", now_ms=shop.issued_ms + 30 * SECOND_MS, hold_seconds=120)
    assert CouponOutcome.APPLIED is again.outcome
    assert shop.issued_ms + 150 * SECOND_MS == again.account.due_ms
    assert "extend" == again.account.entries[-1].kind


def test_a_failed_payment_releases_and_the_next_try_holds(shop: Any) -> None:
    """Releasing gives the coupon back at once, to any order."""
    held = shop.hold(shop.issue(), "r1").account
    free = shop.release(held, "r2").account
    again = shop.hold(free, "r3", order="order-2", now_ms=shop.issued_ms + 3_000)
    assert CouponOutcome.APPLIED is again.outcome
    assert "order-2" == again.account.order


def test_an_overdue_hold_counts_as_released(shop: Any) -> None:
    """Another order holds after the first hold's end, and the journal says when that was."""
    held = shop.hold(shop.issue(), "r1").account
    taken = shop.hold(held, "r2", order="order-2", now_ms=held.due_ms)
    kinds = [(entry.kind, entry.at_ms) for entry in taken.account.entries[2:]]
    assert [("release", held.due_ms), ("hold", held.due_ms)] == kinds


def test_redeeming_after_the_holds_end_is_not_held(shop: Any) -> None:
    """The order has to hold again first."""
    held = shop.hold(shop.issue(), "r1").account
    late = shop.redeem(held, "r2", now_ms=held.due_ms)
    assert (CouponOutcome.NOT_HELD, held) == (late.outcome, late.account)


def test_a_redeemed_coupon_stays_redeemed(shop: Any) -> None:
    """Neither the same order nor another gets a second use out of it."""
    used = shop.redeem(shop.hold(shop.issue(), "r1").account, "r2").account
    answers = [
        shop.redeem(used, "r3"),
        shop.hold(used, "r4"),
        shop.hold(used, "r5", order="order-2"),
        shop.release(used, "r6"),
    ]
    assert [CouponOutcome.ALREADY_REDEEMED] * 4 == [answer.outcome for answer in answers]


def test_a_repeat_answers_as_the_first_time(shop: Any) -> None:
    """Also after the coupon has moved on; nothing is written."""
    first = shop.hold(shop.issue(), "r1")
    used = shop.redeem(first.account, "r2").account
    repeated = shop.hold(used, "r1")
    assert (first.outcome, first.coupon) == (repeated.outcome, repeated.coupon)
    assert used is repeated.account


def test_other_content_under_a_known_request_id_is_a_conflict(shop: Any) -> None:
    """The request id stands for what was asked the first time."""
    held = shop.hold(shop.issue(), "r1").account
    answer = shop.hold(held, "r1", order="order-2")
    assert (CouponOutcome.REQUEST_CONFLICT, None) == (answer.outcome, answer.coupon)


def test_request_ids_are_scoped_by_caller(shop: Any) -> None:
    """Two callers may use the same id for different things."""
    held = shop.hold(shop.issue(), "r1").account
    request = shop.request("r1", "redeem", "order-1", actor="staff:kim")
    command = coupons.Settle(request=request, order="order-1", now_ms=shop.issued_ms + 2_000)
    answer: Any = coupons.redeem(held, command, shop.secrets)
    assert CouponOutcome.APPLIED is answer.outcome


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"customer": "eve"}, CouponOutcome.NOT_OWNER),
        ({"customer": "eve", "only_owner": "eve"}, CouponOutcome.NOT_FOUND),
        ({"order_minor_units": 9_999}, CouponOutcome.BELOW_MINIMUM),
        ({"currency": "USD"}, CouponOutcome.WRONG_CURRENCY),
        ({"now_ms": 1_000_000 + 86_400_000}, CouponOutcome.EXPIRED),
    ],
)
def test_refused_holds(shop: Any, changed: dict[str, Any], expected: CouponOutcome) -> None:
    """Each refusal has its outcome and leaves the account as it was."""
    coupon = shop.issue()
    answer = shop.hold(coupon, "r1", **changed)
    assert (expected, coupon) == (answer.outcome, answer.account)


def test_steps_on_nothing_are_not_found(shop: Any) -> None:
    """A coupon that does not exist and one of another tenant look alike."""
    answers = [shop.hold(None, "r1"), shop.redeem(None, "r2"), shop.release(None, "r3")]
    assert [CouponOutcome.NOT_FOUND] * 3 == [answer.outcome for answer in answers]


def test_a_hold_never_outlives_the_coupon(shop: Any) -> None:
    """The hold ends with the coupon at the latest, so expiry and use cannot both win."""
    coupon = shop.issue()
    held = shop.hold(coupon, "r1", now_ms=coupon.valid_until_ms - 1).account
    assert coupon.valid_until_ms == held.due_ms
    assert CouponOutcome.EXPIRED is shop.redeem(held, "r2", now_ms=held.due_ms).outcome


def test_entries_never_go_back_in_time(shop: Any) -> None:
    """A step of a slower clock happens at the time of the last entry."""
    held = shop.hold(shop.issue(), "r1").account
    used = shop.redeem(held, "r2", now_ms=5).account
    assert held.entries[-1].at_ms == used.entries[-1].at_ms


def test_an_unknown_offer_is_asked_for(shop: Any) -> None:
    """Deciding does no reading; it says what it lacks."""
    coupon = shop.issue()
    shop.offer = replace(shop.offer, offer_id="another")
    assert NeedsOffer("fixed", coupon) == shop.hold(coupon, "r1")


def test_issuing_twice_is_one_coupon(shop: Any) -> None:
    """A direct repeat answers as before, other content conflicts, a list's repeat is known."""
    coupon = shop.issue()
    command = Issue(
        key=AccountKey("shop", "c_1"),
        owner="ann",
        campaign="spring",
        offer=shop.offer,
        origin="direct",
        request=shop.request("issue-1", "ann"),
        now_ms=shop.issued_ms + 9,
        repeat_applies=True,
    )
    other = replace(command, request=shop.request("issue-1", "eve"))
    listed = replace(command, repeat_applies=False)
    answers = [coupons.issue(coupon, each, shop.secrets) for each in (command, other, listed)]
    assert [
        (CouponOutcome.APPLIED, coupon),
        (CouponOutcome.REQUEST_CONFLICT, None),
        (CouponOutcome.ALREADY_ISSUED, coupon),
    ] == [(answer.outcome, answer.coupon) for answer in answers]


def test_an_ended_offer_issues_nothing(shop: Any) -> None:
    """The offer's end is the end of issuing."""
    command = Issue(
        key=AccountKey("shop", "c_2"),
        owner="ann",
        campaign="",
        offer=replace(shop.offer, valid_until_ms=shop.issued_ms),
        origin="list",
        request=shop.request("r1"),
        now_ms=shop.issued_ms,
    )
    assert (CouponOutcome.OFFER_ENDED, None) == (
        (answer := coupons.issue(None, command, shop.secrets)).outcome,
        answer.account,
    )


def test_what_is_shown_derives_expiry(shop: Any) -> None:
    """Overdue holds show as available, and what is past its end as expired."""
    held = shop.hold(shop.issue(), "r1").account
    shown = [shown_state(held, at) for at in (held.due_ms - 1, held.due_ms, held.valid_until_ms)]
    assert [CouponState.HELD, CouponState.AVAILABLE, CouponState.EXPIRED] == shown


def test_lapsing_is_idempotent(shop: Any) -> None:
    """Once released, there is nothing left to release."""
    held = shop.hold(shop.issue(), "r1").account
    once = lapse(held, held.due_ms)
    assert once is lapse(once, held.due_ms + 1)
    assert fault(once, shop.secrets) is None
