"""Coupons held for a cart, redeemed, reversed and revoked: one decision at a time."""

from typing import Any

import pytest
from msgspec.structs import replace
from offers_service import coupon_account, coupons, reversals
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey, CouponAccount, CouponState, Kind
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.discounts import Candidate, Cart
from offers_service.evaluation import Asking, Presented, Verdict, evaluate
from offers_service.journal import Request
from offers_service.offers import Offer, Restore, Scope
from offers_service.turns import Order, Other, Turns, turns

from tests.unit.offers.carts.shapes import cart, offer

DAY_MS = 86_400_000
NOW_MS = 1_000 * DAY_MS
GOODS = cart(("shoes", 2, 6_000), ("books", 1, 8_000), shipping=2_500)
SECRETS = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
FIXED = offer(
    "fixed",
    fixed_minor_units=3_000,
    minimum_minor_units=10_000,
    valid_for_days=10,
    time_zone="Asia/Seoul",
)


class Desk:
    """Takes one coupon through its steps; the last account is kept."""

    def __init__(self, terms: Offer = FIXED) -> None:
        self.terms = terms
        command = coupons.Issue(
            AccountKey("shop", "c_1"), "ann", "", terms, "direct", self._asked("issue"), NOW_MS
        )
        issued = coupons.issue(None, command, SECRETS).account
        assert issued is not None
        self.account: CouponAccount = issued

    def _asked(self, request_id: str, *content: str | int) -> Request:
        return Request(request_id, "partner:till", SECRETS.print(*content))

    def _save(self, decided: Any) -> Any:
        assert decided.account is not None
        self.account = decided.account
        assert coupon_account.fault(self.account, SECRETS) is None
        return decided

    def hold(self, goods: Cart | None = GOODS, *others: Other, **changed: Any) -> Any:
        """For order-1, a second after the issue."""
        command = coupons.Hold(
            request=self._asked(changed.pop("request_id", f"hold-{self.account.v}")),
            customer="ann",
            order=changed.pop("order", "order-1"),
            order_minor_units=changed.pop("order_minor_units", 0),
            currency="KRW",
            hold_seconds=60,
            now_ms=changed.pop("now_ms", NOW_MS + 1_000),
            content=Order(goods, others) if goods else None,
        )
        return self._save(coupons.hold(self.account, command, SECRETS, lambda _: self.terms))

    def redeem(
        self,
        goods: Cart | None = None,
        now_ms: int = NOW_MS + 2_000,
        turns: Turns | None = Turns.CLEAR,
    ) -> Any:
        """For order-1, with a final cart or as it was held."""
        command = coupons.Settle(
            self._asked(f"redeem-{self.account.v}"),
            "order-1",
            now_ms,
            content=Order(goods) if goods else None,
            turns=turns,
        )
        return self._save(coupons.redeem(self.account, command, SECRETS, lambda _: self.terms))

    def reverse(self, *returned: tuple[str, int], **changed: Any) -> Any:
        """Of order-1, a day later."""
        command = reversals.Reverse(
            self._asked(changed.pop("request_id", f"reverse-{self.account.v}"), str(returned)),
            changed.pop("order", "order-1"),
            returned,
            changed.pop("now_ms", NOW_MS + DAY_MS),
        )
        return self._save(reversals.reverse(self.account, command, SECRETS, lambda _: self.terms))

    def revoke(self, request_id: str = "revoke", now_ms: int = NOW_MS + 3_000) -> Any:
        """By the shop."""
        command = reversals.Revoke(self._asked(request_id), now_ms)
        return self._save(reversals.revoke(self.account, command, SECRETS))


@pytest.fixture
def used() -> Desk:
    """3,000 off 20,000, held line by line and redeemed."""
    desk = Desk()
    desk.hold()
    desk.redeem()
    return desk


def test_a_hold_covers_the_discount_of_the_cart() -> None:
    """10 % of the shoes only; the account keeps the order, the journal its digest."""
    desk = Desk(offer(percent_basis_points=1_000, scope=Scope(categories=("shoes",))))
    assert 1_200 == desk.hold().coupon.discount
    assert desk.account.cart
    assert 16 == len(desk.account.entries[-1].cart)


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({"scope": Scope(categories=("bags",))}, "out_of_scope"),
        ({"minimum_minor_units": 20_001}, "below_minimum"),
        ({"currency": "USD"}, "wrong_currency"),
        ({"valid_from_ms": NOW_MS + DAY_MS}, "not_yet_valid"),
    ],
)
def test_a_cart_that_does_not_fit_is_refused(terms: dict[str, Any], expected: str) -> None:
    """With the reason; nothing is written."""
    desk = Desk(replace(FIXED, **terms))
    before = desk.account
    assert expected == desk.hold().outcome.value
    assert before is desk.account


def test_a_coupon_for_free_shipping_needs_the_cart() -> None:
    """The amount of the goods does not tell what shipping costs."""
    desk = Desk(offer(free_shipping=True))
    assert CouponOutcome.NEEDS_CART is desk.hold(None, order_minor_units=20_000).outcome
    assert 2_500 == desk.hold().coupon.discount


def test_a_coupon_takes_what_those_held_before_it_left() -> None:
    """Of 20,000 the 90 % leave 2,000 to the 3,000; one that is held later changes nothing."""
    most = Candidate("c_0", offer("most", percent_basis_points=9_000), NOW_MS + DAY_MS)
    desk = Desk()
    assert 2_000 == desk.hold(GOODS, Other(most, 1)).coupon.discount
    assert 2_000 == desk.hold(GOODS, Other(most, 1), Other(most, 3)).coupon.discount
    first = Desk()
    first.hold()
    assert 3_000 == first.hold(GOODS, Other(most, 2)).coupon.discount


def test_what_may_only_be_used_alone_is_refused_beside_others() -> None:
    """Beside those that the order has and those that are to follow."""
    alone = offer("alone", percent_basis_points=1, stackable_with=())
    held = Other(Candidate("c_2", alone, NOW_MS + DAY_MS), 1)
    assert CouponOutcome.NOT_STACKABLE is Desk().hold(GOODS, held).outcome
    taken = Order(GOODS, beside=(alone,))
    command = coupons.Hold(
        Request("r", "partner:till", b""), "ann", "order-1", 0, "", 60, NOW_MS, content=taken
    )
    decided: Any = coupons.hold(Desk().account, command, SECRETS, lambda _: FIXED)
    assert CouponOutcome.NOT_STACKABLE is decided.outcome


def test_coupons_held_without_seeing_each_other_need_the_final_cart() -> None:
    """Two that both came first; one after the other is clear."""
    first, second, later = Desk(), Desk(), Desk()
    first.hold()
    second.hold()
    later.hold(GOODS, Other(Candidate("c_0", FIXED, NOW_MS), 1))
    assert Turns.CLEAR is turns([first.account, later.account])
    assert Turns.CLASH is turns([first.account, second.account, later.account])
    asked = later.redeem(turns=None)
    assert isinstance(asked, coupons.NeedsTurns)
    assert CouponOutcome.NEEDS_CART is later.redeem(turns=Turns.CLASH).outcome
    assert CouponOutcome.APPLIED is later.redeem(GOODS, turns=None).outcome


def test_a_final_order_may_be_smaller_than_the_hold() -> None:
    """The discount is computed again; a larger one has to be held first."""
    tenth = offer(percent_basis_points=1_000)
    desk = Desk(tenth)
    desk.hold()
    more, fewer = cart(("shoes", 9, 6_000)), cart(("shoes", 1, 6_000))
    assert CouponOutcome.ABOVE_HOLD is desk.redeem(more).outcome
    assert 600 == desk.redeem(fewer).coupon.discount


def test_a_cancelled_order_gives_the_coupon_back(used: Desk) -> None:
    """With its whole discount, once (magento2 #19545: nothing came back)."""
    reversed_ = used.reverse()
    told = reversals.told(reversed_.coupon, SECRETS)
    assert (CouponState.AVAILABLE, 0) == (used.account.state, used.account.discount)
    assert (3_000, 0, 17_000) == (told.discount, told.discount_kept, told.refund)
    assert CouponOutcome.NOT_REDEEMED is used.reverse().outcome


def test_a_repeated_reversal_answers_as_the_first(used: Desk) -> None:
    """Also after the coupon was used again; other content under the id is refused."""
    first = used.reverse(request_id="r")
    used.hold(order="order-2")
    told = reversals.told(used.reverse(request_id="r").coupon, SECRETS)
    assert reversals.told(first.coupon, SECRETS) == told
    assert CouponOutcome.REQUEST_CONFLICT is used.reverse(("a", 1), request_id="r").outcome


def test_parts_come_back_one_after_the_other(used: Desk) -> None:
    """Paid 17,000 for 20,000: 8,000 back, then 3,000 (the 6,000 kept get nothing off), and with
    nothing left of the discount the coupon is free."""
    one = reversals.told(used.reverse(("b", 1)).coupon, SECRETS)
    assert (0, 3_000, 8_000) == (one.discount, one.discount_kept, one.refund)
    assert "redeemed" == used.account.state.value
    two = reversals.told(used.reverse(("a", 1)).coupon, SECRETS)
    assert (3_000, 0, 3_000) == (two.discount, two.discount_kept, two.refund)
    assert "available" == used.account.state.value
    assert ["reduce", "reverse"] == [entry.kind for entry in used.account.entries[-2:]]


def test_more_than_was_ordered_cannot_come_back(used: Desk) -> None:
    """Neither at once nor in sum."""
    used.reverse(("b", 1))
    outcomes = [used.reverse(("b", 1)).outcome, used.reverse(("a", 3)).outcome]
    assert [CouponOutcome.RETURN_EXCEEDS_ORDER] * 2 == outcomes


def test_only_the_order_that_used_it_is_reversed(used: Desk) -> None:
    """Another order's cancellation frees nothing."""
    assert CouponOutcome.OTHER_ORDER is used.reverse(order="order-2").outcome
    assert CouponOutcome.NOT_REDEEMED is Desk().reverse().outcome


def test_an_order_known_by_its_amount_is_reversed_as_a_whole() -> None:
    """Its lines are not known, so a part of it needs the cart."""
    desk = Desk()
    desk.hold(None, order_minor_units=20_000)
    desk.redeem()
    assert CouponOutcome.NEEDS_CART is desk.reverse(("a", 1)).outcome
    told = reversals.told(desk.reverse().coupon, SECRETS)
    assert (3_000, None) == (told.discount, told.refund)


@pytest.mark.parametrize(
    ("restore", "days", "state", "end_days"),
    [
        (Restore.RESTORE, 1, CouponState.AVAILABLE, 10),
        (Restore.RESTORE, 20, CouponState.AVAILABLE, 27),
        (Restore.RESTORE_IF_VALID, 1, CouponState.AVAILABLE, 10),
        (Restore.RESTORE_IF_VALID, 20, CouponState.REDEEMED, 10),
        (Restore.KEEP_REDEEMED, 1, CouponState.REDEEMED, 10),
    ],
)
def test_each_restore_policy(
    restore: Restore, days: int, state: CouponState, end_days: int
) -> None:
    """What ended comes back with a week to use it, or stays used; the discount always goes."""
    desk = Desk(replace(FIXED, restore=restore, valid_for_days=0, valid_for_seconds=10 * 86_400))
    desk.hold()
    desk.redeem()
    told = reversals.told(desk.reverse(now_ms=NOW_MS + days * DAY_MS).coupon, SECRETS)
    assert (3_000, 0) == (told.discount, desk.account.discount)
    assert (state, NOW_MS + end_days * DAY_MS) == (desk.account.state, desk.account.valid_until_ms)
    again = desk.reverse().outcome
    kept = state is CouponState.REDEEMED
    assert (CouponOutcome.ALREADY_REVERSED if kept else CouponOutcome.NOT_REDEEMED) is again


def test_a_revoked_coupon_is_of_no_more_use() -> None:
    """The order that held it learns so; a second revocation too."""
    desk = Desk()
    desk.hold()
    desk.revoke()
    outcomes = [desk.redeem().outcome, desk.hold().outcome, desk.revoke("again").outcome]
    assert [CouponOutcome.REVOKED] * 3 == outcomes
    assert CouponOutcome.APPLIED is desk.revoke().outcome


def test_a_used_coupon_cannot_be_revoked(used: Desk) -> None:
    """Its order would lose what it was promised."""
    assert CouponOutcome.ALREADY_REDEEMED is used.revoke().outcome


def test_verification_finds_a_changed_order_and_a_raised_discount(used: Desk) -> None:
    """The cart is not part of the chain, its digest is."""
    dearer = replace(used.account, cart=used.account.cart.replace("6000", "9000"))
    assert "cart is not what the last entry says" == coupon_account.fault(dearer, SECRETS)
    raised = coupon_account.move(
        used.account,
        Kind.REDUCE,
        Request("x", "partner:till", b""),
        NOW_MS + DAY_MS,
        order="order-1",
        discount=3_001,
        cart=used.account.cart,
    )
    fault = coupon_account.fault(raised, SECRETS)
    assert "entry 4 does not follow from the one before" == fault


def _judge(desk: Desk, customer: str = "ann", order: str = "", **changed: Any) -> Verdict:
    asking = Asking(customer, order, changed.pop("now_ms", NOW_MS + 5_000))
    presented = Presented(desk.account, replace(desk.terms, **changed))
    return evaluate(GOODS, [presented], asking).judged[0].verdict


def test_every_reason_why_a_coupon_does_not_apply(used: Desk) -> None:
    """State, owner and time come before the cart."""
    free, held, revoked = Desk(), Desk(), Desk()
    held.hold()
    revoked.revoke()
    assert Verdict.APPLIES is _judge(free)
    assert Verdict.APPLIES is _judge(free, customer="")
    assert Verdict.APPLIES is _judge(held, order="order-1")
    assert Verdict.HELD_BY_OTHER_ORDER is _judge(held, order="order-2")
    assert Verdict.APPLIES is _judge(held, now_ms=NOW_MS + DAY_MS)
    assert Verdict.NOT_OWNER is _judge(free, customer="bob")
    assert Verdict.ALREADY_REDEEMED is _judge(used)
    assert Verdict.REVOKED is _judge(revoked)
    given = Desk()
    given.account = replace(given.account, state=CouponState.ESCROWED)
    assert Verdict.IN_ESCROW is _judge(given)
    assert Verdict.EXPIRED is _judge(free, now_ms=NOW_MS + 20 * DAY_MS)
    assert Verdict.NOT_YET_VALID is _judge(free, valid_from_ms=NOW_MS + DAY_MS)
    assert Verdict.WRONG_CURRENCY is _judge(free, currency="USD")


def test_what_is_not_in_the_best_combination_says_why() -> None:
    """Not stackable with which, or nothing more to take off; a missing amount; an unknown code."""
    best = Desk(offer("best", percent_basis_points=10_000, scope=Scope(("p-shoes", "p-books"))))
    alone = Desk(replace(FIXED, offer_id="alone", stackable_with=()))
    idle = Desk(replace(FIXED, offer_id="idle"))
    below = Desk(replace(FIXED, offer_id="below", minimum_minor_units=20_500))
    desks = [best, alone, idle, below]
    for number, desk in enumerate(desks):
        desk.account = replace(desk.account, key=AccountKey("shop", f"c_{number}"))
    presented = [Presented(desk.account, desk.terms) for desk in desks]
    presented.append(Presented(None, None, "NOPE"))
    found = evaluate(GOODS, presented, Asking("ann", "", NOW_MS)).judged
    names = ["applies", "not_stackable", "no_effect", "below_minimum", "unknown_code"]
    assert names == [one.verdict.value for one in found]
    assert (("c_0",), 3_000, 500) == (found[1].conflicts, found[1].alone, found[3].missing)
