"""Invitation codes over the wire: sign-up, rewards, limits, returns, merges, races and crashes."""

import asyncio
from collections import Counter

import pytest
from dangol.offers.v1 import coupon_service_pb2 as coupon_pb
from dangol.offers.v1 import invitation_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import RpcFailure
from offers_service.commit import GroupCommit, OutcomeUnknownError
from offers_service.store_accounts import AnyAccount

from tests.integration.offers.growth.conftest import Invitations
from tests.integration.offers.ledger.conftest import new_id, won
from tests.integration.offers.machine.faulty import Fate, FaultyAccounts


async def _points(invites: Invitations, *names: str) -> list[int]:
    return [(await invites.points.balance(name)).available_points for name in names]


async def _coupons(invites: Invitations, owner: str) -> list[int]:
    request = coupon_pb.ListWalletRequest(customer_id=owner)
    wallet = await invites.shop.send(invites.shop.coupons.ListWallet, request)
    return [coupon.state for coupon in wallet.coupons]


async def test_a_newcomers_first_order_rewards_both(invites: Invitations) -> None:
    """Once, when it is large enough; the code is the member's for ever and easy to type."""
    code = await invites.code("ann")
    assert code == await invites.code("ann")
    assert not set(code) & set("ILOU")
    assert 14 == len(code)
    accepted = await invites.accept(f" {code.lower().replace('-', '')} ".strip(), "m1")
    newcomer = accepted.customer_id
    assert ("APPLIED", "ann", newcomer) == (
        invites.name(accepted),
        accepted.invitation.inviter_customer_id,
        accepted.invitation.newcomer_customer_id,
    )
    outcomes = [
        invites.name(await invites.order(newcomer, "o-1", 9_999)),
        invites.name(await invites.order(newcomer, "o-2", 10_000)),
        invites.name(await invites.order(newcomer, "o-2", 10_000)),
        invites.name(await invites.order(newcomer, "o-3", 50_000)),
        invites.name(await invites.order("bob", "o-4", 50_000)),
    ]
    assert ["BELOW_MINIMUM", "APPLIED", "APPLIED", "ALREADY_QUALIFIED", "NOT_INVITED"] == outcomes
    assert [500, 300] == await _points(invites, "ann", newcomer)
    assert [coupon_pb.COUPON_STATE_AVAILABLE] == await _coupons(invites, newcomer)
    await invites.points.sound()


async def test_orders_reported_for_points_are_heard_of(invites: Invitations) -> None:
    """By the relay, which follows the points' journal: order and return, no call besides."""
    newcomer = await invites.bring("ann", "m1")
    await invites.points.earn("o-1", 20_000, customer_id=newcomer)
    await invites.relay(f"p_{newcomer}")
    assert [500, 500] == await _points(invites, "ann", newcomer)
    await invites.relay(f"p_{newcomer}")
    await invites.points.take_back("o-1", customer_id=newcomer, returned_amount=won(15_000))
    await invites.relay(f"p_{newcomer}")
    assert [0, 50] == await _points(invites, "ann", newcomer)
    assert [coupon_pb.COUPON_STATE_REVOKED] == await _coupons(invites, newcomer)
    await invites.points.sound()


async def test_a_return_takes_back_once_and_frees_the_inviters_place(
    invites: Invitations,
) -> None:
    """What the inviter has spent is owed; what is kept stays; a used coupon stays used."""
    newcomer = await invites.bring("ann", "m1")
    await invites.order(newcomer, "o-1", 20_000)
    await invites.points.hold("h-1", 400)
    await invites.points.spend("h-1")
    kept = await invites.give_back(newcomer, "o-1", 10_000)
    assert "KEPT" == invites.name(kept)
    answers = await asyncio.gather(*[invites.give_back(newcomer, "o-1", 0) for _ in range(8)])
    assert {"APPLIED"} == {invites.name(one) for one in answers}
    balance = await invites.points.balance()
    assert (0, 400) == (balance.available_points, balance.owed_points)
    for number in (2, 3):
        other = await invites.bring("ann", f"m{number}")
        answer = await invites.order(other, f"o-{number}", 20_000)
        assert ("APPLIED", False) == (invites.name(answer), answer.invitation.capped)
    assert 600 == (await invites.points.balance()).available_points
    await invites.points.sound()


async def test_an_inviter_is_rewarded_so_often_under_any_race(invites: Invitations) -> None:
    """Six newcomers order at once, each sent four times by several clients: two rewards for the
    inviter, each newcomer's own one."""
    newcomers = [await invites.bring("ann", f"m{number}") for number in range(6)]
    orders = [invites.order(one, f"o-{one}", 20_000) for one in newcomers for _ in range(4)]
    answers = await asyncio.gather(*orders)
    assert {"APPLIED"} == {invites.name(one) for one in answers}
    assert [1_000] == await _points(invites, "ann")
    assert [300] * 6 == await _points(invites, *newcomers)
    listed = await invites.listed("ann")
    assert {True: 4, False: 2} == Counter(one.capped for one in listed)
    await invites.points.sound()


async def test_many_order_at_once_and_one_qualifies(invites: Invitations) -> None:
    """Of one newcomer's orders: one reward, however they race with the return of it."""
    newcomer = await invites.bring("ann", "m1")
    answers = await asyncio.gather(
        *[invites.order(newcomer, f"o-{number}", 20_000) for number in range(12)],
        *[invites.give_back(newcomer, f"o-{number}", 0) for number in range(12)],
    )
    names = Counter(invites.name(one) for one in answers[:12])
    assert {"APPLIED": 1, "ALREADY_QUALIFIED": 11} == names
    reversed_ = "APPLIED" in [invites.name(one) for one in answers[12:]]
    expected = [0, 0] if reversed_ else [500, 300]
    assert expected == await _points(invites, "ann", newcomer)
    await invites.points.sound()


async def test_who_signs_up_must_be_new(invites: Invitations) -> None:
    """Members, conflicting identifiers, unknown codes and repeats have their own answers."""
    code = await invites.code("ann")
    request_id = new_id()
    first = await invites.accept(code, "m1", request_id=request_id)
    assert first == await invites.accept(code, "m1", request_id=request_id)
    other = await invites.code("bob")
    assert ["ALREADY_MEMBER", "ALREADY_MEMBER", "NOT_FOUND", "NOT_FOUND"] == [
        invites.name(await invites.accept(code, "m1")),
        invites.name(await invites.accept(other, "m1")),
        invites.name(await invites.accept("0000-0000-0000", "m2")),
        invites.name(await invites.accept("not a code", "m2")),
    ]
    assert "NOT_A_MEMBER" == invites.name(await invites.code_answer("vera"))
    changed = await invites.accept(code, "m1", request_id=request_id, device="other")
    assert "REQUEST_CONFLICT" == invites.name(changed)
    assert 1 == len(await invites.listed("ann"))
    assert [] == await invites.listed("bob")


async def test_merges_show_who_invited_oneself_or_in_a_ring(invites: Invitations) -> None:
    """ann's second account orders: no reward. So when whom she brought brought her."""
    second = await invites.bring("ann", "m1")
    invites.shop.people.merge(second, "ann")
    await invites.shop.parts.all.follower.catch_up()
    assert "SELF_INVITATION" == invites.name(await invites.order(second, "o-1", 20_000))
    bea = await invites.bring("bob", "m2")
    other = await invites.bring(bea, "m3")
    invites.shop.people.merge(other, "bob")
    await invites.shop.parts.all.follower.catch_up()
    assert "RING" == invites.name(await invites.order(bea, "o-2", 20_000))
    assert [0, 0] == await _points(invites, "ann", "bob")


async def test_a_person_who_signed_up_twice_counts_once(invites: Invitations) -> None:
    """The earlier invitation is the one; the inviter's rewards follow a merge of the inviter."""
    one = await invites.bring("ann", "m1")
    two = await invites.bring("bob", "m2")
    invites.shop.people.merge(one, two)
    invites.shop.people.merge("ann", "nora")
    await invites.shop.parts.all.follower.catch_up()
    answer = await invites.order(two, "o-1", 20_000)
    assert ("APPLIED", "ann") == (
        invites.name(answer),
        answer.invitation.inviter_customer_id,
    )
    assert "ALREADY_QUALIFIED" == invites.name(await invites.order(one, "o-2", 20_000))
    assert [500, 0, 300] == await _points(invites, "nora", "bob", two)
    assert 1 == len(await invites.listed("nora"))


@pytest.mark.parametrize("undo", [False, True])
async def test_every_crash_is_finished_once(invites: Invitations, undo: bool) -> None:
    """After any write of the step the process is gone: the repeat, or the relay, finishes it, and
    nothing is paid or taken back twice."""
    base, parts = invites.shop.parts.base, invites.shop.parts.all
    accounts = FaultyAccounts(base.database)
    group: GroupCommit[AnyAccount] = GroupCommit(accounts)
    desk = invites.desk(accounts, group)
    struck = number = 0
    while struck == number:
        newcomer = await invites.bring(f"inviter-{number}", f"m{number}")
        order = f"o-{number}"
        if undo:
            await invites.order(newcomer, order, 20_000)
        accounts.fates.extend([Fate.DONE] * (number // 2))
        accounts.fates.append((Fate.NOT_SENT, Fate.ANSWER_LOST)[number % 2])
        step = invites.returned if undo else invites.ordered
        try:
            await step(desk, newcomer, order)
        except OutcomeUnknownError:
            struck += 1
        accounts.fates.clear()
        if number % 3:
            await step(invites.desk(parts.accounts, parts.group), newcomer, order)
        else:
            await invites.finish(newcomer, order, undo=undo)
        expected = [0, 0] if undo else [500, 300]
        assert expected == await _points(invites, f"inviter-{number}", newcomer)
        number += 1
    assert struck >= 8
    await invites.points.sound()


async def test_who_brings_whom_is_reported(invites: Invitations) -> None:
    """Generations, k, orders and revenue of those who came, rewards that stand."""
    one = await invites.bring("ann", "m1")
    two = await invites.bring(one, "m2")
    three = await invites.bring(one, "m3")
    for number, newcomer in enumerate((one, two, three)):
        await invites.order(newcomer, f"o-{number}", 20_000)
    await invites.give_back(three, "o-2", 0)
    at_ms = (await invites.listed("ann"))[0].accept_time.ToMilliseconds()
    invites.shop.people.purchases.made += [(one, at_ms + 1, 20_000), (two, at_ms + 60_000, 7_000)]
    report = await invites.report()
    assert (3, 3, 1, 0, 2, 1_600) == (
        report.accepted_count,
        report.qualified_count,
        report.reversed_count,
        report.capped_count,
        report.inviter_count,
        report.reward_points,
    )
    assert (3, 2, 27_000) == (
        report.newcomers.customer_count,
        report.newcomers.ordering_customer_count,
        report.newcomers.revenue.minor_units,
    )
    assert [(1, 1), (1, 2), (2, 0)] == [
        (each.people.customer_count, each.new_member_count) for each in report.generations
    ]
    assert 1.5 == report.k_factor
    assert [("ann", 3), (one, 2)] == [
        (each.customer_id, each.descendant_count) for each in report.top_inviters
    ]


async def test_roles_and_tenants_are_kept_apart(invites: Invitations) -> None:
    """Customers have their own code and list, sign nobody up and report no orders; another tenant
    finds no code."""
    code = await invites.code("ann")
    shop = invites.shop
    ann = shop.token(Role.CUSTOMER, "ann")
    assert code == await invites.code("ann", ann)
    for role in (Role.CUSTOMER, Role.VISITOR, Role.MARKETER):
        with pytest.raises(RpcFailure):
            await invites.accept(code, "m1", shop.token(role))
        with pytest.raises(RpcFailure):
            await invites.order("bob", "o-1", 1, shop.token(role))
    for name in ("bob", "cid"):
        with pytest.raises(RpcFailure, match="themselves only"):
            await invites.code(name, ann)
        with pytest.raises(RpcFailure, match="themselves only"):
            await invites.listed(name, ann)
    for role in (Role.STAFF, Role.PARTNER, Role.CUSTOMER):
        with pytest.raises(RpcFailure):
            await invites.report(shop.token(role))
        with pytest.raises(RpcFailure):
            await invites.set_program(1, shop.token(role))
    elsewhere = shop.token(Role.PARTNER, "till", "other")
    assert "NOT_FOUND" == invites.name(await invites.accept(code, "m1", elsewhere))
    assert "NO_PROGRAM" == invites.name(await invites.code_answer("ann", elsewhere))
    assert 0 == (await invites.report(shop.token(Role.ADMIN, tenant="other"))).accepted_count
    with pytest.raises(RpcFailure, match="read it again"):
        await invites.set_program(0, reward=1)
    assert pb.INVITATION_OUTCOME_APPLIED == (await invites.accept(code, "m9")).outcome


async def test_two_members_identifiers_sign_nobody_up(invites: Invitations) -> None:
    """Nobody had them when it was looked; before the sign-up one became bob's and one ann's."""
    code = await invites.code("cho")
    invites.shop.people.meanwhile = {("member", "m1"): "bob", ("device", "phone"): "ann"}
    both = await invites.accept(code, "m1", device="phone")
    assert "SIGN_UP_CONFLICT" == invites.name(both)
    assert [] == await _coupons(invites, "bob")
