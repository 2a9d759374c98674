"""Any steps on a coupon under a budget: what the budget is owed, and what Verify finds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from offers_service import coupon_account, coupon_money, coupons, reversals
from offers_service.budget_account import Kind as BudgetKind
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey, CouponAccount, CouponState, Kind
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Decision, Hold, Issue, NeedsRoom, Room, Settle
from offers_service.journal import Request
from offers_service.offers import Offer, Restore

SECRETS = Secrets(b"c" * 32, b"t" * 32, b"l" * 32, b"f" * 32)
OFFER = Offer(
    offer_id="half",
    currency="KRW",
    created_ms=1,
    percent_basis_points=5_000,
    restore=Restore.RESTORE,
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["hold", "hold", "redeem", "release", "reverse", "revoke"]),
        st.sampled_from(["order-1", "order-2"]),
        st.integers(1, 5),  # how large the order is
        st.integers(0, 40),  # seconds that pass before
        st.sampled_from([0, 1, 2, 3, None]),  # which stripe pays; None for a refusal
        st.booleans(),  # whether the budget follows at once
    ),
    max_size=20,
)


def issue(budget: int = 4) -> CouponAccount:
    """A coupon of a campaign whose budget has so many stripes."""
    command = Issue(
        key=AccountKey("shop", "c_1"),
        owner="ann",
        campaign="spring",
        offer=OFFER,
        origin="direct",
        request=Request("issue", "admin:test", b"p"),
        now_ms=1_000,
        budget=budget,
    )
    issued = coupons.issue(None, command, SECRETS).account
    assert issued is not None
    return issued


def hold(
    account: CouponAccount, now_ms: int, amount: int, room: Room | None, **changed: Any
) -> Any:
    """ann holds it for an order of this amount."""
    command = Hold(
        **{
            "request": Request(f"r-{now_ms}-{amount}", "partner:till", b"p"),
            "customer": "ann",
            "order": "order-1",
            "order_minor_units": amount,
            "currency": "KRW",
            "hold_seconds": 60,
            "now_ms": now_ms,
            **changed,
        }
    )
    return coupons.hold(account, command, SECRETS, lambda _: OFFER, lambda _: room)


class Budget:
    """Sums by stripe, written the obvious way."""

    def __init__(self) -> None:
        self.held = [0] * 4
        self.spent = [0] * 4

    def follow(self, account: CouponAccount) -> CouponAccount:
        """Writes what is owed, and takes the marks off."""
        for due in coupon_money.owed(account, SECRETS) if account.owes else []:
            for moved in due.moves:
                if moved.kind is BudgetKind.SPEND:
                    self.spent[due.stripe] += moved.amount
                if moved.kind is BudgetKind.REFUND:
                    self.spent[due.stripe] -= moved.amount
                else:
                    self.held[due.stripe] -= moved.amount
        return replace(account, owes=0, settle_ms=0)

    def answer(self, account: CouponAccount, stripe: int | None) -> CouponAccount:
        """Pays for a HOLDING coupon, or refuses."""
        self.follow(account)
        asked = coupon_money.asked(account, SECRETS)
        if stripe is not None:
            stripe = asked.stripes[stripe % len(asked.stripes)]
            self.held[stripe] += asked.amount
        return coupon_money.answer(
            account, asked.number, stripe, account.entries[-1].at_ms, SECRETS
        )


@settings(max_examples=150, deadline=None)
@given(steps=STEPS)
def test_a_budget_that_follows_a_coupon_has_what_the_coupon_has(steps: list[Any]) -> None:
    """Held while it is held, spent while it is used, nothing otherwise, whichever stripe paid and
    whether the budget followed at once or many steps later; Verify finds nothing at any time."""
    account, budget, now_ms = issue(), Budget(), 1_000
    for name, order, size, seconds, stripe, at_once in steps:
        now_ms += seconds * 1_000 + 1
        request = Request(f"{name}-{now_ms}", "partner:till", b"p")
        decided: Any
        if name == "hold":
            room = Room(1_000_000, stripe or 0)
            decided = hold(account, now_ms, size * 100, room, order=order, request=request)
            if isinstance(decided, NeedsRoom):
                room = Room(1_000_000, 1, account.v)
                decided = hold(account, now_ms, size * 100, room, order=order, request=request)
        elif name == "reverse":
            command = reversals.Reverse(request, order, (), now_ms)
            decided = reversals.reverse(account, command, SECRETS, lambda _: OFFER)
        elif name == "revoke":
            revoke = reversals.Revoke(request, now_ms)
            decided = reversals.revoke(account, revoke, SECRETS)
        else:
            decided = getattr(coupons, name)(account, Settle(request, order, now_ms), SECRETS)
        assert isinstance(decided, Decision)
        account = decided.account or account
        assert coupon_account.fault(account, SECRETS) is None
        if account.state is CouponState.HOLDING:
            account = budget.answer(account, stripe)
        elif at_once:
            account = budget.follow(account)
        assert coupon_account.fault(account, SECRETS) is None
    account = budget.follow(account)
    held = account.discount if account.state is CouponState.HELD else 0
    spent = account.discount if account.state is CouponState.REDEEMED else 0
    paid_by = [int(number == account.stripe - 1) for number in range(4)]
    assert ([held * one for one in paid_by], [spent * one for one in paid_by]) == (
        budget.held,
        budget.spent,
    )


def test_a_refusal_rests_on_a_budget_that_was_read_for_this_very_step() -> None:
    """What was last seen is enough to ask, not to refuse; nor what was read for another version."""
    account = issue()
    assert CouponOutcome.APPLIED is hold(account, 2_000, 100, Room(50, 2)).outcome
    for room in (None, Room(49), Room(49, 0, account.v + 1)):
        assert isinstance(hold(account, 2_000, 100, room), NeedsRoom)
    refused = hold(account, 2_000, 100, Room(49, 0, account.v))
    assert (CouponOutcome.BUDGET_EXHAUSTED, account) == (refused.outcome, refused.account)


def test_after_stripes_refused_the_budget_is_read_before_they_are_asked_again() -> None:
    """Else a coupon would ask for what was last seen again and again."""
    asking = hold(issue(), 2_000, 100, Room(50)).account
    denied = coupon_money.answer(asking, 2, None, 2_000, SECRETS)
    assert (CouponState.AVAILABLE, Kind.DENY) == (denied.state, denied.entries[-1].kind)
    assert isinstance(hold(denied, 3_000, 100, Room(50)), NeedsRoom)
    again = hold(denied, 3_000, 100, Room(50, 0, denied.v))
    assert (CouponOutcome.APPLIED, CouponState.HOLDING) == (again.outcome, again.account.state)


def test_an_answer_is_written_once_whoever_brings_it() -> None:
    """The second one finds it there and changes nothing."""
    asking = hold(issue(), 2_000, 100, Room(50)).account
    held = coupon_money.answer(asking, 2, 3, 2_000, SECRETS)
    assert (CouponState.HELD, 4) == (held.state, held.stripe)
    assert held is coupon_money.answer(held, 2, 3, 2_500, SECRETS)


@pytest.mark.parametrize("changed", [{"stripe": 2}, {"owes": 2}, {"settle_ms": 5}, {"budget": 0}])
def test_verify_finds_a_coupon_whose_budget_was_tampered_with(changed: dict[str, int]) -> None:
    """Who pays, how many stripes there are, and marks that no entry explains."""
    asking = hold(issue(), 2_000, 100, Room(50)).account
    held = coupon_money.answer(asking, 2, 3, 2_000, SECRETS)
    assert coupon_account.fault(held, SECRETS) is None
    assert coupon_account.fault(replace(held, **changed), SECRETS) is not None
