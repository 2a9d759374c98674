"""How customers bring customers, through GraphQL: gifts, invitations, staff's discounts."""

import dataclasses
from typing import Any

import pytest
from dangol_service_kit.auth import Role

from tests.integration.gateway.areas import coupon, done, member, new_id, offer, refused, won
from tests.integration.gateway.conftest import found_tenant


@pytest.fixture(scope="module")
async def village(stack: Any) -> None:
    """A tenant of its own, so that reports count only what is done here."""
    await found_tenant(stack, "village", "마을가게")


@pytest.fixture
def shop(frontend: Any, village: None) -> Any:  # noqa: ARG001
    """A frontend of the village's shop."""
    return dataclasses.replace(frontend, tenant="village")


async def test_gifts_are_meant_for_somebody_declined_and_signed_up_for(shop: Any) -> None:
    """The recipient sees the gift and sends it back; the next one is how a newcomer joins; the
    report tells how far it went."""
    giver, recipient = await member(shop), await member(shop)
    offer_id = await offer(shop, giftable=True)
    one = await coupon(shop, offer_id, giver)
    selection = "... on OfferGiftSuccess { token gift { id recipientCustomerId } }"
    offered = await done(
        shop,
        "offerGift",
        selection,
        couponId=one,
        giverCustomerId=giver,
        recipientCustomerId=recipient,
    )
    assert offered["gift"]["recipientCustomerId"] == recipient
    own = shop.token(Role.CUSTOMER, recipient)
    query = """query($id: ID!) { customer(id: $id) {
      receivedGifts { nodes { token gift { id state } } } } }"""
    waiting = (await shop.ask(query, own, id=recipient))["customer"]["receivedGifts"]["nodes"]
    assert [(offered["gift"]["id"], "OFFERED")] == [
        (gift["gift"]["id"], gift["gift"]["state"]) for gift in waiting
    ]
    decline = """mutation($input: DeclineGiftInput!) { declineGift(input: $input) {
      ... on DeclineGiftSuccess { gift { state } } ... on Refused { code } } }"""
    given = {"token": waiting[0]["token"], "recipientCustomerId": recipient}
    declined = await shop.ask(decline, own, input={"requestId": new_id(), **given})
    assert declined["declineGift"] == {"gift": {"state": "DECLINED"}}
    assert await refused(shop, "claimGift", token=given["token"], claimerCustomerId=recipient) == (
        "DECLINED"
    )
    again = await done(shop, "offerGift", selection, couponId=one, giverCustomerId=giver)
    look = "query($link: String!) { gift(token: $link) { state claimerCustomerId } }"
    seen = await shop.ask(look, shop.token(Role.VISITOR), link=again["token"])
    assert seen["gift"] == {"state": "OFFERED", "claimerCustomerId": None}
    newcomer = [{"namespace": "member", "value": f"new-{new_id()}"}]
    selection = "... on ClaimGiftSuccess { customerId gift { state } coupon { generation } }"
    claimed = await done(shop, "claimGift", selection, token=again["token"], signUp=newcomer)
    assert claimed["coupon"] == {"generation": 1}
    query = "query($id: ID!) { customer(id: $id) { referrals { nodes { newcomerCustomerId } } } }"
    brought = (await shop.ask(query, id=giver))["customer"]["referrals"]["nodes"]
    assert brought == [{"newcomerCustomerId": claimed["customerId"]}]
    report = await shop.ask(
        """query($offer: ID!) { spreadReport(offerId: $offer) {
          sentCount openedCount claimedCount declinedCount giverCount kFactor
          newMembers { customerCount } generations { generation newMemberCount }
          topGivers { customerId newMemberCount } } }""",
        offer=offer_id,
    )
    assert report["spreadReport"] == {
        **{"sentCount": 2, "openedCount": 1, "claimedCount": 1, "declinedCount": 1},
        **{"giverCount": 1, "kFactor": 1.0, "newMembers": {"customerCount": 1}},
        "generations": [
            {"generation": 0, "newMemberCount": 1},
            {"generation": 1, "newMemberCount": 0},
        ],
        "topGivers": [{"customerId": giver, "newMemberCount": 1}],
    }


async def test_a_coupon_near_its_end_is_suggested_as_a_gift(shop: Any) -> None:
    """To its owner, by the owner's own token."""
    owner = await member(shop)
    near = await offer(shop, giftable=True, validForDays=None, validForSeconds=3 * 86400)
    one = await coupon(shop, near, owner)
    query = """query($id: ID!) { customer(id: $id) {
      giftSuggestions { outcome suggestions { couponId useProbability offer { id } } } } }"""
    found = await shop.ask(query, shop.token(Role.CUSTOMER, owner), id=owner)
    (suggestion,) = found["customer"]["giftSuggestions"]["suggestions"]
    assert (suggestion["couponId"], suggestion["offer"]["id"]) == (one, near)
    assert suggestion["useProbability"] < 0.5


async def test_an_invitation_rewards_both(shop: Any) -> None:
    """The member's code brings a newcomer, whose first order qualifies."""
    inviter = await member(shop)
    welcome = await offer(shop)
    await done(
        shop,
        "setInvitationProgram",
        inviterReward={"offerId": welcome},
        newcomerReward={"offerId": welcome},
        minimumOrder=won(10_000),
    )
    program = await shop.ask(
        "{ invitationProgram { version qualifyDays inviterReward { offer { id } } } }"
    )
    assert program["invitationProgram"]["inviterReward"]["offer"] == {"id": welcome}
    own = shop.token(Role.CUSTOMER, inviter)
    query = "query($id: ID!) { customer(id: $id) { invitationCode } }"
    code = (await shop.ask(query, own, id=inviter))["customer"]["invitationCode"]
    identifiers = [{"namespace": "member", "value": f"new-{new_id()}"}]
    selection = "... on InvitationSuccess { customerId invitation { state } }"
    joined = await done(shop, "acceptInvitation", selection, code=code, identifiers=identifiers)
    assert joined["invitation"] == {"state": "ACCEPTED"}
    order = {"customerId": joined["customerId"], "orderId": "o1"}
    small = {**order, "netAmount": won(500)}
    assert await refused(shop, "reportInvitedOrder", **small) == "BELOW_MINIMUM"
    large = {**order, "netAmount": won(20_000)}
    qualified = await done(shop, "reportInvitedOrder", selection, **large)
    assert qualified["invitation"] == {"state": "QUALIFIED"}
    query = """query($id: ID!) { customer(id: $id) { invitations { nodes { state } } } }"""
    listed = await shop.ask(query, own, id=inviter)
    assert listed["customer"]["invitations"]["nodes"] == [{"state": "QUALIFIED"}]
    back = await done(shop, "reportInvitedReturn", selection, **order, leftAmount=won(0))
    assert back["invitation"] == {"state": "REVERSED"}
    report = await shop.ask(
        "{ invitationReport { acceptedCount qualifiedCount reversedCount kFactor } }"
    )
    assert report["invitationReport"] == {
        **{"acceptedCount": 1, "qualifiedCount": 1, "reversedCount": 1},
        "kFactor": 1.0,
    }


async def test_staff_give_within_their_allowance(shop: Any) -> None:
    """What staff give in the store is claimed online, by whom the store knew by a card."""
    fixed = await offer(shop, benefit={"fixedAmount": won(1000)})
    limits: dict[str, Any] = {"onceMax": won(5000), "dayMax": won(8000), "monthMax": won(50_000)}
    await done(shop, "setStaffAllowance", offerId=fixed, **limits)
    staff = shop.token(Role.STAFF, "jun")
    give = """mutation($input: GiveStaffDiscountInput!) { giveStaffDiscount(input: $input) {
      ... on GiveStaffDiscountSuccess { code discount { id state amount { amount } } }
      ... on Refused { code } } }"""
    card = [{"namespace": "pos_card", "value": new_id()}]
    codes = []
    for amount in (5000, 3000):
        wanted = {"requestId": new_id(), "amount": won(amount), "identifiers": card}
        given = (await shop.ask(give, staff, input=wanted))["giveStaffDiscount"]
        assert given["discount"]["state"] == "OPEN"
        codes.append((given["code"], given["discount"]["id"]))
    more = {"requestId": new_id(), "amount": won(1000)}
    answer = (await shop.ask(give, staff, input=more))["giveStaffDiscount"]
    assert answer == {"code": "DAY_SPENT"}
    customer = await member(shop)
    selection = "... on StaffDiscountSuccess { discount { state linked couponId } }"
    claimed = await done(
        shop, "claimStaffDiscount", selection, code=codes[0][0], customerId=customer
    )
    assert (claimed["discount"]["state"], claimed["discount"]["linked"]) == ("CLAIMED", True)
    await done(shop, "cancelStaffDiscount", discountId=codes[1][1])
    query = """query { staffAllowance(staffId: "jun") { daySpent { amount } }
      staffDiscounts(staffId: "jun") { nodes { state } } }"""
    own = await shop.ask(query, staff)
    assert own["staffAllowance"] == {"daySpent": {"amount": "5000"}}
    assert {"CLAIMED", "CANCELLED"} == {one["state"] for one in own["staffDiscounts"]["nodes"]}
    report = await shop.ask(
        "{ staffDiscountReport { staffId givenCount claimedCount linkedCount cancelledCount } }"
    )
    (figures,) = report["staffDiscountReport"]
    assert figures["staffId"] == "jun"
    assert (figures["givenCount"], figures["claimedCount"], figures["linkedCount"]) == (2, 1, 1)
