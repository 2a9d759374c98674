"""Whoever guesses codes and tokens is stopped, and learns nothing from the answers."""

import asyncio
from typing import Any

import pytest
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import gift_service_pb2 as gifts
from dangol.offers.v1 import invitation_service_pb2 as invitations
from dangol.offers.v1 import points_service_pb2 as points
from dangol.offers.v1 import staff_discount_service_pb2 as staff
from dangol.offers.v1.invitation_service_pb2_grpc import InvitationServiceStub
from dangol.offers.v1.points_service_pb2_grpc import PointsServiceStub
from dangol.offers.v1.staff_discount_service_pb2_grpc import StaffDiscountServiceStub
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.errors import Code, RpcFailure
from offers_service.guessing import Limits
from offers_service.service_guesses import GuessGuard
from offers_service.store_guesses import GuessStore

from tests.integration.offers.ledger.conftest import new_id

TRIES = 10
NOT_FOUND, TOO_MANY = gifts.GIFT_OUTCOME_NOT_FOUND, gifts.GIFT_OUTCOME_TOO_MANY_TRIES


def _wrong(number: int) -> str:
    return f"AAAAAAAAAAAAAAAAAAA{number:02}Q"


async def _look(shop: Any, token: str, caller: str) -> Any:
    return await shop.send(shop.gifts.GetGift, gifts.GetGiftRequest(token=token), caller)


async def _gift(shop: Any, **changed: Any) -> str:
    """The token of a gift of ann's."""
    await shop.add_offer(**changed)
    tenant = changed.get("tenant", "shop")
    coupon_id = (await shop.issue(tenant=tenant)).coupon.coupon_id
    offered = await shop.gift(coupon_id, shop.token(Role.PARTNER, "till", tenant))
    return str(offered.token)


async def _use_up(shop: Any, caller: str) -> None:
    answers = [await _look(shop, _wrong(number), caller) for number in range(TRIES)]
    assert [NOT_FOUND] * TRIES == [answer.outcome for answer in answers]


async def test_a_guesser_is_stopped_within_twenty_tries(shop: Any) -> None:
    """Sixty-four at once are no more than one after the other; then the right one says no more."""
    token = await _gift(shop)
    eve = shop.token(Role.CUSTOMER, "eve")
    answers = await asyncio.gather(*[_look(shop, _wrong(each), eve) for each in range(64)])
    outcomes = [answer.outcome for answer in answers]
    assert (TRIES, 64 - TRIES) == (outcomes.count(NOT_FOUND), outcomes.count(TOO_MANY))
    right, wrong = await _look(shop, token, eve), await _look(shop, _wrong(99), eve)
    assert gifts.GetGiftResponse(outcome=TOO_MANY) == right == wrong


async def test_the_limit_holds_for_every_method_and_for_this_guesser_only(shop: Any) -> None:
    """Looking, claiming, declining, points and codes count together; bob is not eve."""
    token = await _gift(shop)
    eve, bob = shop.token(Role.CUSTOMER, "eve"), shop.token(Role.CUSTOMER, "bob")
    await _use_up(shop, eve)
    assert TOO_MANY == (await shop.claim(token, eve, claimer_customer_id="eve")).outcome
    assert TOO_MANY == (await shop.decline(token, eve, recipient_customer_id="eve")).outcome
    stub = PointsServiceStub(shop.channel)
    looked = await shop.send(stub.GetPointsGift, points.GetPointsGiftRequest(token=token), eve)
    assert points.POINTS_GIFT_OUTCOME_TOO_MANY_TRIES == looked.outcome
    claim = points.ClaimPointsGiftRequest(
        request_id=new_id(), token=token, claimer_customer_id="eve"
    )
    claimed = await shop.send(stub.ClaimPointsGift, claim, eve)
    assert points.POINTS_GIFT_OUTCOME_TOO_MANY_TRIES == claimed.outcome
    assert gifts.GIFT_OUTCOME_APPLIED == (await _look(shop, token, bob)).outcome
    other = shop.token(Role.CUSTOMER, "eve", "other")
    assert NOT_FOUND == (await _look(shop, token, other)).outcome
    assert gifts.GIFT_OUTCOME_APPLIED == (await shop.claim(token, bob)).outcome


async def test_discounts_of_staff_and_invitations_are_behind_it_too(shop: Any) -> None:
    """Whoever has used up the tries elsewhere, and whoever tries there."""
    stub, eve = StaffDiscountServiceStub(shop.channel), shop.token(Role.CUSTOMER, "eve")

    async def claim(number: int) -> Any:
        request = staff.ClaimStaffDiscountRequest(
            request_id=new_id(), code=_wrong(number), customer_id="eve"
        )
        return (await shop.send(stub.ClaimStaffDiscount, request, eve)).outcome

    missed, limited = (
        staff.STAFF_DISCOUNT_OUTCOME_NOT_FOUND,
        staff.STAFF_DISCOUNT_OUTCOME_TOO_MANY_TRIES,
    )
    answers = [await claim(number) for number in range(TRIES + 2)]
    assert [missed] * TRIES + [limited] * 2 == answers
    assert TOO_MANY == (await _look(shop, _wrong(1), eve)).outcome
    invitation = invitations.AcceptInvitationRequest(request_id=new_id(), code=_wrong(1))
    invitation.identifiers.add(namespace="member", value="eve-to-be")
    till = Caller("shop", Role.PARTNER, "till", (), shop.token(Role.PARTNER, "till"))
    guard = GuessGuard(GuessStore(shop.parts.base.database), shop.parts.keyring, Limits())
    guesser, tries = guard.guesser(till, ""), Limits().shop
    assert tries == await guard.take(till, guesser, tries)
    await guard.settle(till, guesser, tries, wrong=tries)
    accept = InvitationServiceStub(shop.channel).AcceptInvitation
    accepted = (await shop.send(accept, invitation, till.token)).outcome
    assert invitations.INVITATION_OUTCOME_TOO_MANY_TRIES == accepted


async def test_unknown_malformed_and_foreign_are_one_answer(shop: Any) -> None:
    """Before the limit is reached, nothing tells a guesser which it was."""
    await _gift(shop)
    foreign = await _gift(shop, tenant="other")
    eve = shop.token(Role.CUSTOMER, "eve")
    answers = [await _look(shop, token, eve) for token in (_wrong(1), "no token", foreign)]
    assert [gifts.GetGiftResponse(outcome=NOT_FOUND)] * 3 == answers


async def test_what_is_right_is_not_counted(shop: Any) -> None:
    """A link may be opened as often as anybody likes, also at the same instant and after as many
    wrong ones as are just allowed; and a used one is known, too."""
    token = await _gift(shop)
    bob = shop.token(Role.CUSTOMER, "bob")
    for number in range(TRIES - 1):
        assert NOT_FOUND == (await _look(shop, _wrong(number), bob)).outcome
    answers = await asyncio.gather(*[_look(shop, token, bob) for _ in range(3 * TRIES)])
    assert {gifts.GIFT_OUTCOME_APPLIED} == {answer.outcome for answer in answers}
    assert gifts.GIFT_OUTCOME_APPLIED == (await shop.claim(token, bob)).outcome
    for _ in range(2 * TRIES):
        again = await shop.claim(token, shop.token(Role.CUSTOMER, "cho"), claimer_customer_id="cho")
        assert gifts.GIFT_OUTCOME_ALREADY_CLAIMED == again.outcome


async def test_a_shop_that_names_customers_is_as_many_guessers(shop: Any) -> None:
    """One member behind a partner's page does not shut out the others."""
    token = await _gift(shop)
    for number in range(TRIES):
        await shop.claim(_wrong(number), claimer_customer_id="eve")
    assert TOO_MANY == (await shop.claim(token, claimer_customer_id="eve")).outcome
    assert gifts.GIFT_OUTCOME_APPLIED == (await shop.claim(token)).outcome


async def test_codes_are_not_guessed(shop: Any) -> None:
    """By GetCoupon, which says when to come again, nor by carts, whose wallet is judged anyway."""
    await shop.add_offer()
    issued = await shop.issue()
    ann = shop.token(Role.CUSTOMER, "ann")
    code = (await shop.coupon(issued.coupon.coupon_id, ann)).code
    for number in range(TRIES - 2):
        request = coupons.GetCouponRequest(code=f"0000-0000-{number:04}")
        with pytest.raises(RpcFailure) as refused:
            await shop.send(shop.coupons.GetCoupon, request, ann)
        assert Code.COUPON_NOT_FOUND is refused.value.code
    typed = [code, "0000-0000-1111", "0000-0000-2222", "0000-0000-3333"]
    judged = (await shop.evaluate(ann, codes=typed)).coupons
    names = [coupons.CouponVerdict.Name(one.verdict) for one in judged]
    assert ["APPLIES", "UNKNOWN_CODE", "TOO_MANY_TRIES", "TOO_MANY_TRIES"] == [
        name.removeprefix("COUPON_VERDICT_") for name in names[1:]
    ]
    judged = (await shop.evaluate(ann, codes=["0000-0000-2222", code])).coupons
    with pytest.raises(RpcFailure) as refused:
        await shop.send(shop.coupons.GetCoupon, coupons.GetCouponRequest(code=code), ann)
    assert Code.TOO_MANY_REQUESTS is refused.value.code
    by_id = await shop.coupon(issued.coupon.coupon_id, ann)
    assert code == by_id.code


async def test_replicas_count_together_until_the_window_is_over(shop: Any) -> None:
    """What one counted holds for the other, and no longer than it should."""
    base, now_ms = shop.parts.base, 1_800_000_000_000
    clock = [now_ms]
    replicas = [
        GuessGuard(
            GuessStore(base.database),
            shop.parts.keyring,
            Limits(person=3, shop=5, window_ms=60_000),
            wall_ms=lambda: clock[0],
            patience_seconds=0.0,
        )
        for _ in range(2)
    ]
    eve = Caller("shop", Role.CUSTOMER, "eve", (), "")
    guesser = replicas[0].guesser(eve, "")
    taken = await asyncio.gather(*[replicas[each % 2].take(eve, guesser, 1) for each in range(20)])
    assert 3 == sum(taken)
    clock[0] = now_ms + 59_999
    assert 0 == await replicas[1].take(eve, guesser, 1)
    clock[0] = now_ms + 60_000
    assert 2 == await replicas[1].take(eve, guesser, 2)
    assert 1 == await replicas[0].take(eve, guesser, 2)
    stored = await base.database.guesses.find_one({})
    assert "eve" not in str(stored)
