"""Gifts for a person, declined gifts, and claims by those who sign up in them."""

import asyncio
from typing import Any

import pytest
from dangol.events.v1.event_pb2 import CustomerRef
from dangol.offers.v1 import gift_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from offers_service.gift_account import GiftAccount
from offers_service.store_accounts import decode

MEMBER = ("member", "nora")


def _name(answer: Any) -> str:
    return pb.GiftOutcome.Name(answer.outcome).removeprefix("GIFT_OUTCOME_")


async def _offered(shop: Any, owner: str = "ann", **changed: Any) -> tuple[str, Any]:
    coupon_id = (await shop.issue(owner)).coupon.coupon_id
    return coupon_id, await shop.gift(coupon_id, giver_customer_id=owner, **changed)


async def _stored(shop: Any, gift_id: str) -> GiftAccount:
    account = decode(await shop.accounts.find_one({"_id.a": gift_id}))
    assert isinstance(account, GiftAccount)
    return account


async def test_a_gift_for_a_person_is_claimed_by_that_person_only(shop: Any) -> None:
    """Whoever else has the link; under whatever id the person is known."""
    await shop.add_offer()
    shop.people.merged["bob-at-the-till"] = "bob"
    _, offered = await _offered(shop, recipient_customer_id="bob-at-the-till")
    others = [await shop.claim(offered.token, claimer_customer_id=name) for name in ("cid", "ann")]
    assert ["NOT_RECIPIENT", "SELF_GIFT"] == [_name(answer) for answer in others]
    claimed = await shop.claim(offered.token)
    assert ("APPLIED", "bob") == (_name(claimed), claimed.gift.claimer_customer_id)
    assert "bob-at-the-till" == claimed.gift.recipient_customer_id


async def test_a_gift_is_not_meant_for_nobody_or_its_giver(shop: Any) -> None:
    """Also not under another of the giver's ids; the coupon stays usable."""
    await shop.add_offer()
    coupon_id = (await shop.issue()).coupon.coupon_id
    answers = [
        await shop.gift(coupon_id, recipient_customer_id=name)
        for name in ("nobody-1", "ann", "ann-on-her-phone")
    ]
    assert ["RECIPIENT_NOT_FOUND", "SELF_GIFT", "SELF_GIFT"] == [_name(one) for one in answers]
    assert 1 == (await shop.coupon(coupon_id)).version


async def test_the_recipient_declines(shop: Any) -> None:
    """The coupon is the giver's again; nobody claims any more, and the retry answers alike."""
    await shop.add_offer()
    coupon_id, offered = await _offered(shop, recipient_customer_id="bob")
    other = await shop.decline(offered.token, recipient_customer_id="cid")
    request_id = "00000000-0000-4000-8000-000000000001"
    declined = await shop.decline(offered.token, request_id=request_id)
    assert ["NOT_RECIPIENT", "APPLIED"] == [_name(other), _name(declined)]
    assert pb.GIFT_STATE_DECLINED == declined.gift.state
    assert declined == await shop.decline(offered.token, request_id=request_id)
    assert ["DECLINED", "DECLINED"] == [
        _name(await shop.claim(offered.token)),
        _name(await shop.cancel(offered.gift.gift_id)),
    ]
    assert "ann" == (await shop.coupon(coupon_id)).customer_id
    assert "declined" == (await _stored(shop, offered.gift.gift_id)).state.value
    assert 0 == (await shop.verify()).fault_count
    assert (0, 0) == ((b := await shop.balance()).difference, b.disagreeing_books)


async def test_nobody_declines_a_gift_for_whoever_has_the_link(shop: Any) -> None:
    """One of many who got the link does not take it from the others."""
    await shop.add_offer()
    _, offered = await _offered(shop)
    assert "NOT_RECIPIENT" == _name(await shop.decline(offered.token))
    assert "APPLIED" == _name(await shop.claim(offered.token))


async def test_received_gifts_are_listed_with_their_tokens(shop: Any) -> None:
    """The recipient claims one and declines one; a closed gift has no token any more."""
    await shop.add_offer()
    made = [(await _offered(shop, recipient_customer_id="bob"))[1] for _ in range(3)]
    await _offered(shop)
    bob = shop.token(Role.CUSTOMER, "bob")
    request = pb.ListReceivedGiftsRequest(recipient_customer_id="bob", page_size=2)
    first = await shop.send(shop.gifts.ListReceivedGifts, request, bob)
    request.page_token = first.next_page_token
    second = await shop.send(shop.gifts.ListReceivedGifts, request, bob)
    listed = {one.gift.gift_id: one.token for one in [*first.gifts, *second.gifts]}
    assert {one.gift.gift_id: one.token for one in made} == listed
    assert "APPLIED" == _name(await shop.claim(made[0].token, bob))
    again = pb.ListReceivedGiftsRequest(recipient_customer_id="bob")
    tokens = {
        one.gift.gift_id: one.token
        for one in (await shop.send(shop.gifts.ListReceivedGifts, again, bob)).gifts
    }
    assert "" == tokens[made[0].gift.gift_id]
    with pytest.raises(RpcFailure) as refused:
        await shop.send(shop.gifts.ListReceivedGifts, again, shop.token(Role.CUSTOMER, "eve"))
    assert Code.ROLE_NOT_ALLOWED is refused.value.code


async def test_who_signs_up_in_the_claim_becomes_a_member_and_a_referral(shop: Any) -> None:
    """One request: the visitor of the device is the member from now on, and ann brought her."""
    await shop.add_offer()
    coupon_id, offered = await _offered(shop)
    claimed = await shop.sign_up(offered.token, MEMBER, ("device", "veras-phone"))
    assert ("APPLIED", "vera", 1) == (
        _name(claimed),
        claimed.customer_id,
        claimed.gift.referral_generation,
    )
    assert "vera" == (await shop.coupon(coupon_id)).customer_id
    assert "vera" not in shop.people.visitors
    request = pb.ListReferralsRequest(referrer_customer_id="ann")
    [referral] = (await shop.send(shop.gifts.ListReferrals, request)).referrals
    assert ("vera", offered.gift.gift_id) == (referral.newcomer_customer_id, referral.gift_id)
    assert 0 == (await shop.verify()).fault_count


async def test_generations_of_referrals_are_counted(shop: Any) -> None:
    """ann brings nora, nora brings olga, olga gives to bob, who was a member before."""
    await shop.add_offer()
    _, first = await _offered(shop)
    nora = (await shop.sign_up(first.token, MEMBER)).customer_id
    _, second = await _offered(shop, nora)
    brought = await shop.sign_up(second.token, ("member", "olga"))
    _, third = await _offered(shop, brought.customer_id)
    last = await shop.claim(third.token)
    assert [2, 0] == [one.gift.referral_generation for one in (brought, last)]


async def test_a_repeated_sign_up_claims_and_brings_once(shop: Any) -> None:
    """Sixteen copies of one request, at once and later: one sign-up, one referral, one answer."""
    await shop.add_offer()
    _, offered = await _offered(shop)
    request_id = "00000000-0000-4000-8000-000000000002"
    copies = [shop.sign_up(offered.token, MEMBER, request_id=request_id) for _ in range(16)]
    answers = await asyncio.gather(*copies)
    answers.append(await shop.sign_up(offered.token, MEMBER, request_id=request_id))
    assert 1 == len({answer.SerializeToString(deterministic=True) for answer in answers})
    assert ("APPLIED", 1) == (_name(answers[0]), answers[0].gift.referral_generation)
    assert 1 == len(shop.people.answers)
    other = await shop.sign_up(offered.token, ("member", "olga"), request_id=request_id)
    assert "REQUEST_CONFLICT" == _name(other)


async def test_a_crash_after_the_sign_up_is_finished_by_the_retry(shop: Any) -> None:
    """Nora was signed up and the claim was not written: she is still the one whom ann brought."""
    await shop.add_offer()
    _, offered = await _offered(shop)
    request_id = "00000000-0000-4000-8000-000000000003"
    escrowed = await shop.accounts.find_one({"_id.a": offered.gift.coupon_id})
    opened = await shop.accounts.find_one({"_id.a": offered.gift.gift_id})
    await shop.sign_up(offered.token, MEMBER, request_id=request_id)
    for document in (escrowed, opened):
        await shop.accounts.replace_one({"_id": document["_id"]}, document)
    again = await shop.sign_up(offered.token, MEMBER, request_id=request_id)
    assert ("APPLIED", 1) == (_name(again), again.gift.referral_generation)


async def test_nobody_is_signed_up_for_a_gift_that_is_closed(shop: Any) -> None:
    """The page says so before anything happens."""
    await shop.add_offer()
    _, offered = await _offered(shop)
    await shop.claim(offered.token)
    late = await shop.sign_up(offered.token, MEMBER)
    assert ("ALREADY_CLAIMED", "") == (_name(late), late.customer_id)
    assert {} == shop.people.answers


async def test_a_member_who_signs_up_again_is_no_newcomer(shop: Any) -> None:
    """The identifier was a member's before, so nobody was brought."""
    await shop.add_offer()
    shop.people.owners[MEMBER] = "nora"
    _, offered = await _offered(shop)
    claimed = await shop.sign_up(offered.token, MEMBER)
    assert ("APPLIED", "nora", 0) == (
        _name(claimed),
        claimed.customer_id,
        claimed.gift.referral_generation,
    )


async def test_a_giver_does_not_sign_up_anew_for_the_own_gift(shop: Any) -> None:
    """On her own device it is the same customer; under two members' identifiers it conflicts."""
    await shop.add_offer()
    shop.people.owners |= {("device", "anns-phone"): "ann", ("member", "bob"): "bob"}
    _, offered = await _offered(shop)
    mine = await shop.sign_up(offered.token, MEMBER, ("device", "anns-phone"))
    both = await shop.sign_up(offered.token, ("member", "bob"), ("device", "anns-phone"))
    assert ["SELF_GIFT", "SIGN_UP_CONFLICT"] == [_name(mine), _name(both)]


async def test_only_shops_vouch_for_a_sign_up(shop: Any) -> None:
    """A visitor or customer could name anybody's identifier."""
    await shop.add_offer()
    _, offered = await _offered(shop)
    for role in (Role.VISITOR, Role.CUSTOMER, Role.MARKETER):
        with pytest.raises(RpcFailure) as refused:
            await shop.sign_up(offered.token, MEMBER, token=shop.token(role, "vera"))
        assert Code.ROLE_NOT_ALLOWED is refused.value.code


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"claimer_customer_id": ""}, ""),
        ({"sign_up": pb.SignUp(identifiers=[CustomerRef(namespace="member", value="x")])}, ""),
        (
            {
                "claimer_customer_id": "",
                "sign_up": pb.SignUp(identifiers=[CustomerRef(namespace="device", value="x")]),
            },
            "sign_up.identifiers",
        ),
    ],
)
async def test_a_claim_names_one_claimer(shop: Any, changed: dict[str, Any], field: str) -> None:
    """A customer or a sign-up, not both; and a sign-up makes a member."""
    with pytest.raises(RpcFailure) as refused:
        await shop.claim("A" * 22, **changed)
    assert (Code.FIELD_INVALID, field) == (refused.value.code, refused.value.field or "")
