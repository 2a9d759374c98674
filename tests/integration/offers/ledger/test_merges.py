"""What a customer has follows a merge in profile: coupons, gifts, limits, lists, days."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol.offers.v1 import gift_service_pb2 as pb
from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceStub
from dangol_service_kit.auth import Role
from offers_service import __main__ as composition
from offers_service.commit import GroupCommit, OutcomeUnknownError
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.ledger import Origin
from offers_service.service_merges import MergeFollower, ProfileMerges
from offers_service.store_accounts import AnyAccount
from offers_service.store_merges import Merge, MergeStore

from tests.integration.offers.machine.faulty import Fate, FaultyAccounts

OLD, NEW = "visitor-7", "nora"


def _name(answer: Any) -> str:
    return coupon_pb.CouponOutcome.Name(answer.outcome).removeprefix("COUPON_OUTCOME_")


def _gift_name(answer: Any) -> str:
    return pb.GiftOutcome.Name(answer.outcome).removeprefix("GIFT_OUTCOME_")


async def _wallet(shop: Any, owner: str) -> set[str]:
    request = coupon_pb.ListWalletRequest(customer_id=owner)
    answer = await shop.send(shop.coupons.ListWallet, request)
    return {coupon.coupon_id for coupon in answer.coupons}


async def _merge(shop: Any, source: str = OLD, target: str = NEW) -> int:
    shop.people.merge(source, target)
    return await shop.parts.all.follower.catch_up()  # type: ignore[no-any-return]


async def test_coupons_in_every_state_follow_their_owner(shop: Any) -> None:
    """Nothing but the owner changes: holds hold on, what was used stays used, chains verify."""
    await shop.add_offer()
    ids = [(await shop.issue(OLD)).coupon.coupon_id for _ in range(5)]
    own = (await shop.issue(NEW)).coupon.coupon_id
    await shop.hold(ids[1], customer_id=OLD, order_id="held")
    await shop.hold(ids[2], customer_id=OLD)
    await shop.redeem(ids[2])
    await shop.revoke(ids[3])
    await shop.gift(ids[4], giver_customer_id=OLD)
    before = [await shop.coupon(coupon_id) for coupon_id in ids]
    assert 6 == await _merge(shop)
    after = [await shop.coupon(coupon_id) for coupon_id in ids]
    for old, new in zip(before, after, strict=True):
        assert (NEW, old.version + 1) == (new.customer_id, new.version)
        new.customer_id, new.version = old.customer_id, old.version
        assert old == new
    assert {*ids, own} == await _wallet(shop, NEW) == await _wallet(shop, OLD)
    assert 0 == await shop.parts.all.follower.catch_up()
    assert "APPLIED" == _name(await shop.redeem(ids[1], order_id="held"))
    assert "APPLIED" == _name(await shop.reverse(ids[2]))
    assert 0 == (await shop.verify()).fault_count
    assert (0, 0) == ((b := await shop.balance()).difference, b.disagreeing_books)


async def test_a_cart_that_was_held_line_by_line_stays_what_it_was(shop: Any) -> None:
    """Its digest goes with the coupon, so that part of it can still come back."""
    await shop.add_offer()
    coupon_id = (await shop.issue(OLD)).coupon.coupon_id
    await shop.hold_cart(coupon_id, customer_id=OLD)
    await _merge(shop)
    assert "APPLIED" == _name(await shop.redeem(coupon_id))
    await _merge(shop, NEW, "olga")
    assert "APPLIED" == _name(await shop.reverse(coupon_id, ("a", 1)))
    assert "olga" == (await shop.coupon(coupon_id)).customer_id
    assert 0 == (await shop.verify()).fault_count


async def test_a_coupon_is_usable_under_the_new_id_at_once(shop: Any) -> None:
    """Before this service has heard of the merge: profile is asked when it would be refused."""
    await shop.add_offer()
    coupons = [(await shop.issue(OLD)).coupon.coupon_id for _ in range(3)]
    offered = await shop.gift(coupons[2], giver_customer_id=OLD)
    shop.people.merge(OLD, NEW)
    assert "APPLIED" == _name(await shop.hold(coupons[0], customer_id=NEW))
    token = shop.token(Role.CUSTOMER, NEW)
    assert "APPLIED" == _gift_name(await shop.gift(coupons[1], token, giver_customer_id=NEW))
    cancelled = await shop.cancel(offered.gift.gift_id, token, giver_customer_id=NEW)
    assert "APPLIED" == _gift_name(cancelled)
    # The app's token may still name the visitor.
    assert "APPLIED" == _name(await shop.hold(coupons[2], customer_id=OLD, order_id="order-2"))
    assert "NOT_OWNER" == _name(await shop.hold(coupons[2], customer_id="eve"))
    assert set(coupons) == await _wallet(shop, NEW)


async def test_what_both_had_counts_for_the_limit(shop: Any) -> None:
    """Nobody loses a coupon, and nobody gets one beyond the limit."""
    for limit in (1, 2, 3, 5):
        offer_id = f"limit-{limit}"
        await shop.add_offer(offer_id, per_customer_limit=limit)
        for owner in (OLD, NEW):
            await shop.issue(owner, offer_id=offer_id)
    await _merge(shop)
    for limit, more in ((1, 0), (2, 0), (3, 1), (5, 3)):
        answers = await asyncio.gather(
            *[shop.issue((NEW, OLD)[n % 2], offer_id=f"limit-{limit}") for n in range(6)]
        )
        outcomes = [_name(answer) for answer in answers]
        assert (more, 6 - more) == (
            outcomes.count("APPLIED"),
            outcomes.count("CUSTOMER_LIMIT_REACHED"),
        )
    assert 2 + 2 + 3 + 5 == len(await _wallet(shop, NEW))
    assert 0 == (await shop.verify()).fault_count
    assert (0, 0) == ((b := await shop.balance()).difference, b.disagreeing_books)


async def test_a_limited_request_repeats_as_before_after_the_merge(shop: Any) -> None:
    """A direct issue to the visitor, sent again under the old id: the same coupon."""
    await shop.add_offer(per_customer_limit=2)
    request_id = "00000000-0000-4000-8000-000000000001"
    first = await shop.issue(OLD, request_id=request_id)
    await _merge(shop)
    again = await shop.issue(OLD, request_id=request_id)
    assert ("APPLIED", first.coupon.coupon_id) == (_name(again), again.coupon.coupon_id)
    assert 1 == len(await _wallet(shop, NEW))


async def test_an_issue_that_overtakes_the_merge_keeps_to_the_limit(shop: Any) -> None:
    """One process has heard of the merge and closed the visitor's places, the other is about to
    issue into them: it finds them closed, and gives the coupon to the member, within the limit."""
    await shop.add_offer(per_customer_limit=2)
    here, there = shop.parts.all, composition.build_ledger(shop.parts.base)
    await shop.issue(OLD)

    async def issue(parts: Any, owner: str, number: int) -> CouponOutcome:
        issued = await parts.ledger.issue(
            "shop",
            offer_id="fixed",
            customer_id=owner,
            campaign_id="",
            cause=f"cause-{number}",
            actor="admin:test",
            now_ms=1_700_000_000_000,
            origin=Origin.CAMPAIGN,
        )
        return issued.outcome  # type: ignore[no-any-return]

    shop.people.merge(OLD, NEW)
    outcomes = await asyncio.gather(
        *[issue(there, OLD, number) for number in range(8)],
        here.follower.catch_up(),
        *[issue(here, NEW, number) for number in range(8, 16)],
    )
    await here.follower.catch_up()
    more = [await issue(here, owner, 20 + n) for n, owner in enumerate((OLD, NEW))]
    applied = [*outcomes, *more].count(CouponOutcome.APPLIED)
    # What the visitor and the member were each given before the merge was heard of, they keep.
    assert 1 <= applied <= 3
    assert 1 + applied == len(await _wallet(shop, NEW))
    assert CouponOutcome.CUSTOMER_LIMIT_REACHED is await issue(here, NEW, 30)
    assert 0 == (await shop.verify()).fault_count


async def test_a_list_gives_one_person_one_coupon(shop: Any) -> None:
    """Repeated after the merge, or naming both ids; each person is counted once as there."""
    await shop.add_offer()
    first = await shop.issue_list([OLD, "ann"])
    await _merge(shop)
    second = await shop.issue_list([OLD, NEW, "ann", "bob"])
    fresh = await shop.issue_list([NEW, OLD], campaign_id="other")
    assert [(2, 0), (1, 3), (1, 1)] == [
        (one.issued_count, one.already_issued_count) for one in (first, second, fresh)
    ]
    assert 2 == len(await _wallet(shop, NEW))


async def test_a_campaigns_cause_gives_one_person_one_coupon(shop: Any) -> None:
    """An enrolment of the visitor's whose coupon was issued before, handled again after."""
    await shop.add_offer()

    async def issue(owner: str) -> Any:
        return await shop.parts.ledger.issue(
            "shop",
            offer_id="fixed",
            customer_id=owner,
            campaign_id="spring",
            cause="e_1",
            actor="campaign:spring",
            now_ms=1_700_000_000_000,
        )

    first = await issue(OLD)
    await _merge(shop)
    again, other = await issue(OLD), await issue(NEW)
    assert [CouponOutcome.ALREADY_ISSUED] * 2 == [again.outcome, other.outcome]
    assert {first.coupon_id} == {again.coupon_id, other.coupon_id} == await _wallet(shop, NEW)


async def test_gifts_follow_giver_and_claimer(shop: Any) -> None:
    """Open ones can be cancelled, received ones are listed, claimed ones say whose they are."""
    await shop.add_offer()
    coupons = [(await shop.issue(owner)).coupon.coupon_id for owner in (OLD, OLD, "ann", "ann")]
    open_one = await shop.gift(coupons[0], giver_customer_id=OLD)
    given = await shop.gift(coupons[1], giver_customer_id=OLD)
    await shop.claim(given.token)
    claimed = await shop.gift(coupons[2])
    await shop.claim(claimed.token, claimer_customer_id=OLD)
    await shop.gift(coupons[3], recipient_customer_id=OLD)
    await _merge(shop)
    listed = await shop.send(shop.gifts.ListGifts, pb.ListGiftsRequest(giver_customer_id=NEW))
    assert {open_one.gift.gift_id, given.gift.gift_id} == {one.gift_id for one in listed.gifts}
    assert {NEW} == {one.giver_customer_id for one in listed.gifts}
    request = pb.ListReceivedGiftsRequest(recipient_customer_id=NEW)
    [received] = (await shop.send(shop.gifts.ListReceivedGifts, request)).gifts
    assert "APPLIED" == _gift_name(await shop.claim(received.token, claimer_customer_id=NEW))
    assert NEW == (await shop.accounts.find_one({"_id.a": claimed.gift.gift_id}))["claimer"]
    cancelled = await shop.cancel(open_one.gift.gift_id, giver_customer_id=NEW)
    assert ("APPLIED", NEW) == (_gift_name(cancelled), cancelled.gift.giver_customer_id)
    assert 0 == (await shop.verify()).fault_count


async def test_nobody_claims_the_own_gift_after_a_merge(shop: Any) -> None:
    """The giver was merged into the claimer, or the claimer into the giver; known yet or not."""
    await shop.add_offer()
    tokens = []
    for owner in (OLD, OLD, "ann", "ann"):
        coupon_id = (await shop.issue(owner)).coupon.coupon_id
        tokens.append((await shop.gift(coupon_id, giver_customer_id=owner)).token)
    shop.people.merge(OLD, NEW)
    shop.people.merge("ann-in-the-shop", "ann")
    early = [
        await shop.claim(tokens[0], claimer_customer_id=NEW),
        await shop.claim(tokens[2], claimer_customer_id="ann-in-the-shop"),
    ]
    await shop.parts.all.follower.catch_up()
    late = [
        await shop.claim(tokens[1], claimer_customer_id=OLD),
        await shop.claim(tokens[3], claimer_customer_id="ann-in-the-shop"),
    ]
    assert ["SELF_GIFT"] * 4 == [_gift_name(answer) for answer in early + late]


async def test_a_days_limit_counts_both(shop: Any) -> None:
    """12 and 8 gifts of one day make a full day of 20."""
    await shop.add_offer()
    for owner, count in ((OLD, 12), (NEW, 8)):
        coupons = [(await shop.issue(owner)).coupon.coupon_id for _ in range(count)]
        await asyncio.gather(*[shop.gift(one, giver_customer_id=owner) for one in coupons])
    await _merge(shop)
    coupon_id = (await shop.issue(NEW)).coupon.coupon_id
    answer = await shop.gift(coupon_id, giver_customer_id=NEW)
    assert "GIVER_DAY_LIMIT_REACHED" == _gift_name(answer)


async def test_chains_of_merges_are_followed_in_whatever_order_they_are_heard_of(shop: Any) -> None:
    """A into B, B into C; told backwards, twice, and by two processes at once."""
    await shop.add_offer(per_customer_limit=3)
    for owner in ("a", "b", "c"):
        await shop.issue(owner)
    shop.people.merge("b", "c")
    await shop.parts.all.follower.catch_up()
    shop.people.merge("a", "b")
    other = composition.build_ledger(shop.parts.base).follower
    await asyncio.gather(shop.parts.all.follower.catch_up(), other.catch_up())
    assert 3 == len(await _wallet(shop, "c"))
    assert "CUSTOMER_LIMIT_REACHED" == _name(await shop.issue("a"))
    assert 0 == (await shop.verify()).fault_count


async def test_a_follower_that_fails_at_any_write_is_repeated(shop: Any) -> None:
    """Nothing, everything or half of a group was written: the next time finishes it, once."""
    await shop.add_offer()
    sources = [f"visitor-{number}" for number in range(len(Fate))]
    for source in sources:
        for _ in range(4):
            await shop.issue(source)
    parts = shop.parts.all
    accounts = FaultyAccounts(shop.parts.base.database)
    group: GroupCommit[AnyAccount] = GroupCommit(accounts)
    follower = MergeFollower(
        store=parts.merges,
        log=ProfileMerges(
            CustomerServiceStub(shop.parts.base.profile), shop.parts.base.credentials.token
        ),
        lineage=parts.lineage,
        accounts=accounts,
        group=group,
        clock=shop.parts.base.clock,
    )
    for fate, source in zip(Fate, sources, strict=True):
        shop.people.merge(source, NEW)
        accounts.fates.append(fate)
        if fate is not Fate.DONE:
            with pytest.raises(OutcomeUnknownError):
                await follower.catch_up()
        await follower.catch_up()
        assert set() == await _owned(shop, source)
    assert 4 * len(Fate) == len(await _wallet(shop, NEW))
    documents = await shop.accounts.find({"owner": NEW}).to_list(None)
    assert {2} == {document["v"] for document in documents}
    assert 0 == (await shop.verify()).fault_count


async def _owned(shop: Any, owner: str) -> set[str]:
    documents = await shop.accounts.find({"owner": owner, "kind": "coupon"}).to_list(None)
    return {document["_id"]["a"] for document in documents}


class _CountedMerges(MergeStore):
    """The real store, which counts what is written."""

    written = 0

    async def add(self, merges: Sequence[Merge]) -> None:
        """As MergeStore."""
        self.written += len(merges)
        await super().add(merges)


async def test_whoever_asks_often_follows_a_merge_once(shop: Any) -> None:
    """A step of the clock costs what is new, not what the last minute brought."""
    base, parts = shop.parts.base, shop.parts.all
    store = _CountedMerges(base.database)
    follower = MergeFollower(
        store=store,
        log=ProfileMerges(CustomerServiceStub(base.profile), base.credentials.token),
        lineage=parts.lineage,
        accounts=parts.accounts,
        group=parts.group,
        clock=base.clock,
    )
    await shop.add_offer()
    await shop.issue(OLD)
    shop.people.merge(OLD, NEW)
    assert 1 == await follower.catch_up(again=False)
    for _ in range(3):
        assert 0 == await follower.catch_up(again=False)
    assert 1 == store.written
    shop.people.merge("visitor-8", NEW)
    await follower.catch_up(again=False)
    assert 2 == store.written
    await follower.catch_up()
    assert 4 == store.written
