"""Gifts over the wire."""

import asyncio
from typing import Any

import pytest
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol.offers.v1 import gift_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure


def _name(answer: Any) -> str:
    return pb.GiftOutcome.Name(answer.outcome).removeprefix("GIFT_OUTCOME_")


async def _offered(shop: Any, owner: str = "ann", **changed: Any) -> tuple[str, Any]:
    coupon_id = (await shop.issue(owner)).coupon.coupon_id
    return coupon_id, await shop.gift(coupon_id, giver_customer_id=owner, **changed)


async def _look(shop: Any, gift_token: str, token: str = "") -> Any:
    return await shop.send(shop.gifts.GetGift, pb.GetGiftRequest(token=gift_token), token)


async def test_a_gift_changes_hands_once(shop: Any) -> None:
    """The claimer has the coupon under a new code; the giver's code is dead."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    old_code = (await shop.coupon(coupon_id)).code
    offered = await shop.gift(coupon_id)
    assert coupon_pb.COUPON_STATE_ESCROWED == (await shop.coupon(coupon_id)).state
    claimed = await shop.claim(offered.token)
    second = await shop.claim(offered.token, claimer_customer_id="cid")
    assert ["APPLIED", "APPLIED", "ALREADY_CLAIMED"] == [
        _name(answer) for answer in (offered, claimed, second)
    ]
    assert ("bob", 1) == (claimed.coupon.customer_id, claimed.coupon.generation)
    assert claimed.coupon.code not in {"", old_code}
    with pytest.raises(RpcFailure) as refused:
        await shop.send(shop.coupons.GetCoupon, coupon_pb.GetCouponRequest(code=old_code))
    assert Code.COUPON_NOT_FOUND is refused.value.code
    assert 0 == (await shop.verify()).fault_count


async def test_looking_never_claims(shop: Any) -> None:
    """However often mail scanners open the link."""
    await shop.add_offer()
    _, offered = await _offered(shop)
    for _ in range(5):
        seen = await _look(shop, offered.token, shop.token(Role.VISITOR, "browser"))
        assert pb.GIFT_STATE_OFFERED == seen.gift.state
    assert "APPLIED" == _name(await shop.claim(offered.token))


async def test_twenty_claimers_at_once(shop: Any) -> None:
    """Exactly one gets it."""
    await shop.add_offer()
    for _ in range(10):
        coupon_id, offered = await _offered(shop)
        names = [f"claimer-{number}" for number in range(20)]
        answers = await asyncio.gather(
            *[shop.claim(offered.token, claimer_customer_id=name) for name in names]
        )
        outcomes = [_name(answer) for answer in answers]
        assert (1, 19) == (outcomes.count("APPLIED"), outcomes.count("ALREADY_CLAIMED"))
        winner = names[outcomes.index("APPLIED")]
        assert winner == (await shop.coupon(coupon_id)).customer_id


async def test_claim_against_cancel(shop: Any) -> None:
    """One of them wins, and the coupon is where the winner says."""
    await shop.add_offer()
    for _ in range(20):
        coupon_id, offered = await _offered(shop)
        claimed, cancelled = await asyncio.gather(
            shop.claim(offered.token), shop.cancel(offered.gift.gift_id)
        )
        outcomes = (_name(claimed), _name(cancelled))
        assert outcomes in {("APPLIED", "ALREADY_CLAIMED"), ("CANCELLED", "APPLIED")}
        owner = "bob" if outcomes[0] == "APPLIED" else "ann"
        assert owner == (await shop.coupon(coupon_id)).customer_id
    assert 0 == (await shop.verify()).fault_count


async def test_redeem_against_gift_against_expiry(shop: Any) -> None:
    """At the instant at which the hold runs out, the journal stays of one mind."""
    await shop.add_offer()
    for number in range(20):
        coupon_id = (await shop.issue()).coupon.coupon_id
        held = (await shop.hold(coupon_id)).coupon
        due_ms = held.hold_expire_time.ToMilliseconds()
        redeemed, offered, _ = await asyncio.gather(
            shop.redeem(coupon_id),
            shop.gift(coupon_id),
            shop.parts.ledger.expire_due("shop", due_ms if number % 2 else due_ms - 1),
        )
        used = redeemed.outcome == coupon_pb.COUPON_OUTCOME_APPLIED
        given = offered.outcome == pb.GIFT_OUTCOME_APPLIED
        state = (await shop.coupon(coupon_id)).state
        expected = (
            coupon_pb.COUPON_STATE_REDEEMED
            if used
            else coupon_pb.COUPON_STATE_ESCROWED
            if given
            else coupon_pb.COUPON_STATE_AVAILABLE
        )
        assert not (used and given)
        assert expected == state
    assert 0 == (await shop.verify()).fault_count
    assert (0, 0) == ((b := await shop.balance()).difference, b.disagreeing_books)


async def test_claim_against_return_at_the_same_instant(shop: Any) -> None:
    """A gift that returns is not claimed, one that is claimed does not return."""
    await shop.add_offer()
    for _ in range(10):
        coupon_id, offered = await _offered(shop)
        end_ms = offered.gift.expire_time.ToMilliseconds()
        claimed, _ = await asyncio.gather(
            shop.claim(offered.token), shop.parts.ledger.expire_due("shop", end_ms)
        )
        seen = (await _look(shop, offered.token)).gift
        won = _name(claimed) == "APPLIED"
        assert (pb.GIFT_STATE_CLAIMED if won else pb.GIFT_STATE_EXPIRED) == seen.state
        assert ("bob" if won else "ann") == (await shop.coupon(coupon_id)).customer_id


async def test_an_unclaimed_gift_returns(shop: Any) -> None:
    """The gift's own account follows, and nothing is left due."""
    await shop.add_offer()
    coupon_id, offered = await _offered(shop, open_seconds=60)
    end_ms = offered.gift.expire_time.ToMilliseconds()
    assert 1 == await shop.parts.ledger.expire_due("shop", end_ms)
    gift = await shop.accounts.find_one({"_id.a": offered.gift.gift_id})
    assert ("expired", end_ms) == (gift["state"], gift["closed_ms"])
    assert await shop.parts.ledger.next_due_ms("shop") is None
    assert "EXPIRED" == _name(await shop.claim(offered.token))
    assert coupon_pb.COUPON_STATE_AVAILABLE == (await shop.coupon(coupon_id)).state


async def test_repeats_of_gift_requests_answer_alike(shop: Any) -> None:
    """Same token for the offer, same coupon for the claim; other content conflicts."""
    await shop.add_offer()
    ids = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(3)]
    coupon_id = (await shop.issue()).coupon.coupon_id
    offered = await shop.gift(coupon_id, request_id=ids[0])
    claimed = await shop.claim(offered.token, request_id=ids[1])
    assert offered == await shop.gift(coupon_id, request_id=ids[0])
    assert claimed == await shop.claim(offered.token, request_id=ids[1])
    other = await shop.claim(offered.token, request_id=ids[1], claimer_customer_id="cid")
    assert "REQUEST_CONFLICT" == _name(other)


async def test_who_may_not_claim(shop: Any) -> None:
    """Neither the giver, under whatever name, nor one who is no member."""
    await shop.add_offer()
    _, offered = await _offered(shop)
    answers = [
        await shop.claim(offered.token, claimer_customer_id=name)
        for name in ("ann", "ann-on-her-phone", "vera", "nobody-1")
    ]
    assert ["SELF_GIFT", "SELF_GIFT", "NOT_A_MEMBER", "NOT_A_MEMBER"] == [
        _name(answer) for answer in answers
    ]
    assert pb.GIFT_STATE_OFFERED == (await _look(shop, offered.token)).gift.state


async def test_wrong_tokens_get_one_uniform_answer(shop: Any) -> None:
    """Malformed, guessed or another tenant's: nothing tells them apart."""
    await shop.add_offer()
    _, offered = await _offered(shop)
    stranger = shop.token(Role.PARTNER, "till", "other")
    looked = [
        await _look(shop, "A" * 22),
        await _look(shop, "not a token"),
        await _look(shop, offered.gift.gift_id),
        await _look(shop, offered.token, stranger),
    ]
    claimed = [
        await shop.claim("A" * 22),
        await shop.claim("not a token"),
        await shop.claim(offered.gift.gift_id),
        await shop.claim(offered.token, stranger),
    ]
    assert 1 == len({answer.SerializeToString() for answer in looked})
    assert 1 == len({answer.SerializeToString() for answer in claimed})
    assert {"NOT_FOUND"} == {_name(answer) for answer in looked + claimed}


async def test_customers_act_for_themselves_only(shop: Any) -> None:
    """Nobody gives away, claims or cancels in somebody else's name."""
    await shop.add_offer()
    coupon_id, offered = await _offered(shop)
    eve = shop.token(Role.CUSTOMER, "eve")
    attempts = [
        shop.gift(coupon_id, eve),
        shop.claim(offered.token, eve),
        shop.cancel(offered.gift.gift_id, eve),
    ]
    for attempt in attempts:
        with pytest.raises(RpcFailure) as refused:
            await attempt
        assert Code.ROLE_NOT_ALLOWED is refused.value.code
    mine = await shop.cancel(offered.gift.gift_id, eve, giver_customer_id="eve")
    assert "NOT_OWNER" == _name(mine)
    assert "NOT_FOUND" == _name(await shop.gift(coupon_id, eve, giver_customer_id="eve"))
    bob = shop.token(Role.CUSTOMER, "bob")
    assert (await shop.claim(offered.token, bob)).coupon.code


async def test_gifts_of_a_giver_are_listed(shop: Any) -> None:
    """Also one whose account is still behind its coupon."""
    await shop.add_offer()
    _, first = await _offered(shop)
    await _offered(shop)
    await _offered(shop, "bob")
    await shop.claim(first.token)
    # As a crash between the two writes would leave it.
    behind = {"_id.a": first.gift.gift_id}
    await shop.accounts.update_one(behind, {"$set": {"state": "offered"}, "$unset": {"claimer": 1}})
    request = pb.ListGiftsRequest(giver_customer_id="ann")
    listed = (await shop.send(shop.gifts.ListGifts, request)).gifts
    states = {gift.gift_id: gift.state for gift in listed}
    assert 2 == len(states)
    assert pb.GIFT_STATE_CLAIMED == states[first.gift.gift_id]


async def test_a_crash_before_the_gifts_account_loses_nothing(shop: Any) -> None:
    """The giver's retry makes it; without one the sweep does, and the coupon returns."""
    await shop.add_offer()
    request_id = "00000000-0000-4000-8000-000000000001"
    coupon_id = (await shop.issue()).coupon.coupon_id
    offered = await shop.gift(coupon_id, request_id=request_id)
    gone = {"_id.a": offered.gift.gift_id}
    await shop.accounts.delete_one(gone)
    assert "NOT_FOUND" == _name(await _look(shop, offered.token))
    assert offered == await shop.gift(coupon_id, request_id=request_id)
    assert "APPLIED" == _name(await _look(shop, offered.token))
    await shop.accounts.delete_one(gone)
    end_ms = offered.gift.expire_time.ToMilliseconds()
    assert 1 == await shop.parts.ledger.expire_due("shop", end_ms)
    assert "expired" == (await shop.accounts.find_one(gone))["state"]
