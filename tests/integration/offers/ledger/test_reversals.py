"""Reversing redemptions and revoking coupons over the wire."""

import asyncio
from collections import Counter
from functools import partial
from typing import Any

import pytest
from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol.offers.v1 import gift_service_pb2 as gift_pb
from dangol.offers.v1 import ledger_service_pb2 as ledger_pb
from dangol.offers.v1 import offer_service_pb2 as offer_pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from offers_service import __main__ as composition
from offers_service.coupon_account import AccountKey
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Settle
from offers_service.journal import Request
from offers_service.reversals import Reverse, Revoke, revoke

KEEP = offer_pb.RESTORE_POLICY_KEEP_REDEEMED


def _names(answers: Any) -> list[str]:
    return [
        pb.CouponOutcome.Name(answer.outcome).removeprefix("COUPON_OUTCOME_") for answer in answers
    ]


async def _sound(shop: Any) -> None:
    """Debits equal credits, books agree with states, chains and states verify."""
    balance = await shop.balance()
    assert (0, 0) == (balance.difference, balance.disagreeing_books)
    assert [] == list((await shop.verify()).faults)


async def test_a_cancelled_order_gives_its_coupon_back_once(shop: Any) -> None:
    """The coupon is free with its whole worth, the amounts are those of the order, and a second
    cancellation changes nothing (magento2 #19545, #34627; vendure #1466, #2393)."""
    await shop.add_offer()
    coupon_id = await shop.used()
    first = await shop.reverse(coupon_id)
    again = await shop.reverse(coupon_id)
    assert ["APPLIED", "NOT_REDEEMED"] == _names([first, again])
    assert (3_000, 0, 17_000) == (
        first.discount_reversed.minor_units,
        first.discount_kept.minor_units,
        first.refund.minor_units,
    )
    free = await shop.coupon(coupon_id)
    assert (pb.COUPON_STATE_AVAILABLE, "") == (free.state, free.order_id)
    reused = await shop.hold_cart(coupon_id, order_id="order-2")
    assert 3_000 == reused.discount.minor_units
    await _sound(shop)


async def test_a_repeated_cancellation_answers_alike_and_restores_once(shop: Any) -> None:
    """Also after the coupon was used by another order: that order keeps it (SyliusGiftCardPlugin
    #284, PrestaShop #28284: amounts that came back twice or not at all)."""
    await shop.add_offer()
    coupon_id = await shop.used()
    request_id = "00000000-0000-4000-8000-000000000001"
    first = await shop.reverse(coupon_id, request_id=request_id)
    await shop.hold_cart(coupon_id, order_id="order-2")
    await shop.redeem(coupon_id, order_id="order-2")
    assert first == await shop.reverse(coupon_id, request_id=request_id)
    changed = await shop.reverse(coupon_id, request_id=request_id, order_id="order-2")
    assert ["REQUEST_CONFLICT"] == _names([changed])
    assert "order-2" == (await shop.coupon(coupon_id)).order_id
    await _sound(shop)


async def test_part_of_an_order_comes_back_with_its_part_of_the_price(shop: Any) -> None:
    """Paid 17,000 for 20,000 with 3,000 off from 10,000: first the books, then one pair of shoes.
    What the goods kept are still worth is recomputed, never guessed (vendure #2393)."""
    await shop.add_offer()
    coupon_id = await shop.used()
    one = await shop.reverse(coupon_id, ("b", 1))
    assert (0, 3_000, 8_000, pb.COUPON_STATE_REDEEMED) == (
        one.discount_reversed.minor_units,
        one.discount_kept.minor_units,
        one.refund.minor_units,
        one.coupon.state,
    )
    two = await shop.reverse(coupon_id, ("a", 1))
    assert (3_000, 0, 3_000, pb.COUPON_STATE_AVAILABLE) == (
        two.discount_reversed.minor_units,
        two.discount_kept.minor_units,
        two.refund.minor_units,
        two.coupon.state,
    )
    await _sound(shop)


async def test_more_than_was_ordered_cannot_come_back(shop: Any) -> None:
    """Not in one request, not in several, not of an unknown line, not of another order."""
    await shop.add_offer(percent_basis_points=1_000)
    coupon_id = await shop.used()
    answers = [
        await shop.reverse(coupon_id, ("a", 3)),
        await shop.reverse(coupon_id, ("x", 1)),
        await shop.reverse(coupon_id, order_id="order-2"),
        await shop.reverse(coupon_id, ("a", 1)),
        await shop.reverse(coupon_id, ("a", 2)),
    ]
    exceeds = "RETURN_EXCEEDS_ORDER"
    assert [exceeds, exceeds, "OTHER_ORDER", "APPLIED", exceeds] == _names(answers)
    assert (600, 5_400) == (
        answers[3].discount_reversed.minor_units,
        answers[3].refund.minor_units,
    )


async def test_a_coupon_that_stays_used_costs_nothing_more(shop: Any) -> None:
    """By its policy: the discount is taken back, the coupon is not, and that only once."""
    await shop.add_offer(restore_policy=KEEP)
    coupon_id = await shop.used(campaign_id="spring")
    answers = [await shop.reverse(coupon_id), await shop.reverse(coupon_id)]
    assert ["APPLIED", "ALREADY_REVERSED"] == _names(answers)
    kept = await shop.coupon(coupon_id)
    assert (pb.COUPON_STATE_REDEEMED, True, 0) == (
        kept.state,
        kept.reversed,
        kept.redeemed_amount.minor_units,
    )
    (figures,) = await shop.parts.ledger.campaign_figures("shop", "spring")
    assert (1, 0, 0) == (
        figures.issued_count,
        figures.redeemed_count,
        figures.discount_minor_units,
    )
    await _sound(shop)


async def test_the_journal_tells_a_reversal_in_both_directions(shop: Any) -> None:
    """From held to redeemed and back to available, with the discount and the refund."""
    await shop.add_offer()
    coupon_id = await shop.used()
    await shop.reverse(coupon_id)
    request = ledger_pb.ListEntriesRequest(account_id=coupon_id)
    found = await shop.send(shop.journal.ListEntries, request, shop.token(Role.ADMIN))
    lines = [
        (one.kind, one.debit, one.credit, one.discount_minor_units, one.refund_minor_units)
        for one in found.entries[1:]
    ]
    assert [
        ("hold", "available", "held", 3_000, 0),
        ("redeem", "held", "redeemed", 3_000, 0),
        ("reverse", "redeemed", "available", 0, 17_000),
    ] == lines


async def test_an_order_cancelled_many_times_at_once_restores_once(shop: Any) -> None:
    """32 cancellations with ids of their own, ten rounds: one winner each."""
    await shop.add_offer()
    for _ in range(10):
        coupon_id = await shop.used()
        names = _names(await asyncio.gather(*[shop.reverse(coupon_id) for _ in range(32)]))
        assert {"APPLIED": 1, "NOT_REDEEMED": 31} == Counter(names)
    await _sound(shop)


async def test_one_line_returned_many_times_at_once_comes_back_once(shop: Any) -> None:
    """Sixteen returns of the only pair of boots."""
    await shop.add_offer(percent_basis_points=1_000)
    for number in range(10):
        order_id = f"order-{number}"
        coupon_id = await shop.used(order_id=order_id)
        answers = await asyncio.gather(
            *[shop.reverse(coupon_id, ("b", 1), order_id=order_id) for _ in range(16)]
        )
        assert {"APPLIED": 1, "RETURN_EXCEEDS_ORDER": 15} == Counter(_names(answers))
        assert 1_200 == (await shop.coupon(coupon_id)).redeemed_amount.minor_units
    await _sound(shop)


async def test_a_request_sent_many_times_at_once_is_one_return(shop: Any) -> None:
    """Equal answers, one entry."""
    await shop.add_offer(percent_basis_points=1_000)
    coupon_id = await shop.used()
    request_id = "00000000-0000-4000-8000-000000000001"
    answers = await asyncio.gather(
        *[shop.reverse(coupon_id, ("a", 1), request_id=request_id) for _ in range(20)]
    )
    assert 1 == len({answer.SerializeToString(deterministic=True) for answer in answers})
    assert 4 == (await shop.verify(coupon_id)).entries_checked


async def test_redeem_against_revoke(shop: Any) -> None:
    """Exactly one of them wins, in each of 50 rounds, and the state is the winner's."""
    await shop.add_offer()
    for _ in range(50):
        coupon_id = (await shop.issue()).coupon.coupon_id
        await shop.hold(coupon_id)
        answers = await asyncio.gather(shop.redeem(coupon_id), shop.revoke(coupon_id))
        names = _names(answers)
        assert names in (["APPLIED", "ALREADY_REDEEMED"], ["REVOKED", "APPLIED"])
        won = names[0] == "APPLIED"
        state = (await shop.coupon(coupon_id)).state
        assert (pb.COUPON_STATE_REDEEMED if won else pb.COUPON_STATE_REVOKED) == state
    await _sound(shop)


async def test_release_against_redeem_from_many_tills(shop: Any) -> None:
    """Sixteen of each at once: one step out of the hold, everybody else learns why not."""
    await shop.add_offer()
    for _ in range(20):
        coupon_id = (await shop.issue()).coupon.coupon_id
        await shop.hold(coupon_id)
        steps = [shop.redeem(coupon_id) for _ in range(16)]
        steps += [shop.release(coupon_id) for _ in range(16)]
        names = Counter(_names(await asyncio.gather(*steps)))
        assert 1 == names["APPLIED"]
        assert 31 == names["ALREADY_REDEEMED"] + names["NOT_HELD"]
    await _sound(shop)


async def test_two_replicas_reverse_redeem_and_revoke_at_once(shop: Any) -> None:
    """Two processes' group commits over one database, so that only the compare-and-set decides:
    one reversal of sixteen wins, and one of redeem and revoke, in each of 20 rounds."""
    await shop.add_offer()
    base = shop.parts.base
    replicas = [composition.build_ledger(base) for _ in range(2)]
    for number in range(20):
        used, held = await shop.used(), (await shop.issue()).coupon.coupon_id
        await shop.hold(held, order_id="order-2")
        steps = []
        for at in range(16):
            replica = replicas[at % 2]
            asked = Request(f"{number}-{at}", "partner:till", b"")
            reverse = Reverse(asked, "order-1", (), 1)
            steps.append(replica.reversals.reverse("shop", used, reverse))
            if at % 2:
                steps.append(replica.reversals.revoke("shop", held, Revoke(asked, 1)))
            else:
                settle = Settle(asked, "order-2", 1)
                steps.append(replica.ledger.redeem("shop", held, settle))
        outcomes = [decided.outcome for decided in await asyncio.gather(*steps)]
        assert 1 == outcomes[::2].count(CouponOutcome.APPLIED)
        assert 1 == outcomes[1::2].count(CouponOutcome.APPLIED)
    for replica in replicas:
        await replica.group.close()
    await _sound(shop)


async def test_reverse_against_the_next_orders_hold(shop: Any) -> None:
    """Either the hold comes too early, or it gets the coupon that came back."""
    await shop.add_offer()
    for number in range(20):
        coupon_id = await shop.used()
        reversed_, held = await asyncio.gather(
            shop.reverse(coupon_id), shop.hold_cart(coupon_id, order_id=f"next-{number}")
        )
        assert "APPLIED" == _names([reversed_])[0]
        won = _names([held])[0] == "APPLIED"
        state = (await shop.coupon(coupon_id)).state
        assert (pb.COUPON_STATE_HELD if won else pb.COUPON_STATE_AVAILABLE) == state
    await _sound(shop)


async def test_a_revoked_coupon_leaves_hold_and_gift(shop: Any) -> None:
    """The order cannot redeem it, and whoever has the gift's link finds it taken back."""
    await shop.add_offer()
    held, given = [(await shop.issue()).coupon.coupon_id for _ in range(2)]
    await shop.hold(held)
    gift = await shop.gift(given)
    assert ["APPLIED"] * 2 == _names([await shop.revoke(held), await shop.revoke(given)])
    assert ["REVOKED"] == _names([await shop.redeem(held)])
    assert gift_pb.GIFT_OUTCOME_CANCELLED == (await shop.claim(gift.token)).outcome
    assert pb.COUPON_STATE_REVOKED == (await shop.coupon(given)).state
    await _sound(shop)


async def test_a_gift_follows_a_revocation_that_was_cut_short(shop: Any) -> None:
    """Killed after the coupon was written: the link is dead at once, a repeat or the sweep brings
    the gift's own account after, and the books agree again."""
    await shop.add_offer()
    coupon_ids = [(await shop.issue()).coupon.coupon_id for _ in range(2)]
    gifts = [await shop.gift(coupon_id) for coupon_id in coupon_ids]
    secrets = shop.parts.secrets_of("shop")
    request_id = "00000000-0000-4000-8000-000000000001"
    actor = "admin:someone"
    for coupon_id in coupon_ids:
        asked = Request(request_id, actor, secrets.print("revoke", coupon_id))
        command = Revoke(asked, gifts[0].gift.offer_time.ToMilliseconds() + 1)
        key = AccountKey("shop", coupon_id)
        await shop.parts.group.submit(key, partial(revoke, command=command, secrets=secrets))
    assert gift_pb.GIFT_OUTCOME_CANCELLED == (await shop.claim(gifts[0].token)).outcome
    repeated = await shop.revoke(coupon_ids[0], request_id=request_id)
    assert ["APPLIED"] == _names([repeated])
    await shop.parts.ledger.expire_due("shop", gifts[1].gift.expire_time.ToMilliseconds())
    states = [one["state"] async for one in shop.accounts.find({"kind": "gift"})]
    assert ["cancelled"] * 2 == states
    await _sound(shop)


async def test_who_may_reverse_and_revoke(shop: Any) -> None:
    """Not the customer whose coupon it is; reversing is the shop's, revoking the marketer's."""
    await shop.add_offer()
    coupon_id = await shop.used()
    for role in (Role.CUSTOMER, Role.VISITOR):
        with pytest.raises(RpcFailure) as refused:
            await shop.reverse(coupon_id, token=shop.token(role, "ann"))
        assert Code.ROLE_NOT_ALLOWED is refused.value.code
    for role in (Role.CUSTOMER, Role.PARTNER):
        with pytest.raises(RpcFailure) as refused:
            await shop.revoke(coupon_id, shop.token(role, "ann"))
        assert Code.ROLE_NOT_ALLOWED is refused.value.code
