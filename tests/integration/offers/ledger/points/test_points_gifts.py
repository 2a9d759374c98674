"""Gifts of points over the wire."""

import asyncio
from typing import Any

import pytest
from dangol.offers.v1 import points_service_pb2 as pb
from dangol_service_kit.auth import Role
from offers_service.coupon_account import AccountKey

from tests.integration.offers.ledger.conftest import new_id


def _name(answer: Any) -> str:
    return pb.PointsGiftOutcome.Name(answer.outcome).removeprefix("POINTS_GIFT_OUTCOME_")


async def _look(points: Any, gift_token: str, token: str = "") -> Any:
    return await points.send("GetPointsGift", pb.GetPointsGiftRequest(token=gift_token), token)


async def _available(points: Any, *names: str) -> list[int]:
    return [(await points.balance(name)).available_points for name in names]


async def test_points_change_hands_once_and_keep_their_end(points: Any) -> None:
    """In escrow until they are claimed; looking never claims; the claimer has the giver's end."""
    await points.earn("o-1", 10_000)
    end = (await points.balance()).expire_time
    offered = await points.give(60)
    for _ in range(3):
        seen = await _look(points, offered.token, points.shop.token(Role.VISITOR, "scanner"))
        assert (pb.POINTS_GIFT_STATE_OFFERED, 60) == (seen.gift.state, seen.gift.points)
    assert 60 == (await points.balance()).gifted_points
    claimed = await points.claim(offered.token)
    second = await points.claim(offered.token, claimer_customer_id="cid")
    assert ["APPLIED", "APPLIED", "ALREADY_CLAIMED"] == [
        _name(answer) for answer in (offered, claimed, second)
    ]
    assert ("bob", "bob") == (claimed.gift.claimer_customer_id, second.gift.claimer_customer_id)
    assert [40, 60, 0] == await _available(points, "ann", "bob", "cid")
    assert end == (await points.balance("bob")).expire_time
    await points.sound()


async def test_a_customer_does_not_learn_who_else_claimed(points: Any) -> None:
    """Staff do."""
    await points.earn("o-1", 10_000)
    offered = await points.give(60)
    await points.claim(offered.token)
    for role, expected in ((Role.CUSTOMER, ""), (Role.STAFF, "bob")):
        seen = await _look(points, offered.token, points.shop.token(role, "cid"))
        assert expected == seen.gift.claimer_customer_id


async def test_a_repeat_gives_the_same_token_and_takes_points_once(points: Any) -> None:
    """Of the offer and of the claim."""
    await points.earn("o-1", 10_000)
    give_id, claim_id = new_id(), new_id()
    first = await points.give(60, request_id=give_id)
    assert first == await points.give(60, request_id=give_id)
    claimed = await points.claim(first.token, request_id=claim_id)
    assert claimed == await points.claim(first.token, request_id=claim_id)
    assert [40, 60] == await _available(points, "ann", "bob")
    changed = await points.give(61, request_id=give_id)
    assert "REQUEST_CONFLICT" == _name(changed)


async def test_a_gift_whose_time_is_over_has_ended_before_the_sweeper_comes(points: Any) -> None:
    """Whoever claims it or takes it back is told so, and nothing is written for that."""
    await points.earn("o-1", 10_000)
    offered = await points.give(60, open_seconds=1)
    while pb.POINTS_GIFT_STATE_EXPIRED != (await _look(points, offered.token)).gift.state:
        await asyncio.sleep(0.05)
    answers = [await points.claim(offered.token), await points.cancel(offered.gift.gift_id)]
    assert ["EXPIRED", "EXPIRED"] == [_name(answer) for answer in answers]
    assert {pb.POINTS_GIFT_STATE_EXPIRED} == {answer.gift.state for answer in answers}
    assert [100, 0] == await _available(points, "ann", "bob")
    await points.sound()


async def test_nobody_gives_to_oneself_through_a_merged_identifier(points: Any) -> None:
    """ann's phone is ann."""
    await points.earn("o-1", 10_000)
    offered = await points.give(60)
    for name in ("ann", "ann-on-her-phone"):
        assert "SELF_GIFT" == _name(await points.claim(offered.token, claimer_customer_id=name))


async def test_refusals_have_their_names(points: Any) -> None:
    """Visitors do not claim, foreign tokens say nothing, a day's cap holds."""
    await points.earn("o-1", 10_000)
    await points.earn("o-2", 100_000, customer_id="rich")
    offered = await points.give(60)
    elsewhere = points.shop.token(Role.PARTNER, "till", "other")
    refused = [
        await points.give(41),
        await points.give(441, giver_customer_id="rich"),
        await points.give(501, giver_customer_id="rich"),
        await points.give(1, giver_customer_id="vera"),
        await points.claim(offered.token, claimer_customer_id="vera"),
        await points.claim("x" * 22),
        await points.claim(offered.token, elsewhere),
        await points.cancel(offered.gift.gift_id, giver_customer_id="bob"),
        await points.cancel(offered.gift.gift_id, elsewhere),
        await points.give(1, elsewhere),
    ]
    assert [
        "NOT_ENOUGH_POINTS",
        "APPLIED",
        "DAILY_LIMIT_REACHED",
        "NOT_A_MEMBER",
        "NOT_A_MEMBER",
        "NOT_FOUND",
        "NOT_FOUND",
        "NOT_OWNER",
        "NOT_FOUND",
        "NO_PROGRAM",
    ] == [_name(answer) for answer in refused]
    assert "APPLIED" == _name(await points.cancel(offered.gift.gift_id))
    assert "CANCELLED" == _name(await points.claim(offered.token))
    await points.sound()


async def test_twenty_claimers_at_once(points: Any) -> None:
    """Exactly one gets them, also against a cancellation and the end at the same instant."""
    for number in range(8):
        await points.earn(f"o-{number}", 10_000)
        offered = await points.give(50, open_seconds=60)
        names = [f"claimer-{number}-{one}" for one in range(20)]
        end_ms = offered.gift.expire_time.ToMilliseconds()
        calls = [points.claim(offered.token, claimer_customer_id=name) for name in names]
        *answers, cancelled, _ = await asyncio.gather(
            *calls,
            points.cancel(offered.gift.gift_id),
            points.shop.parts.points.book.expire_due("shop", end_ms - number % 2),
        )
        won = [name for name, one in zip(names, answers, strict=True) if _name(one) == "APPLIED"]
        returned = _name(cancelled) == "APPLIED" or _name(cancelled) == "EXPIRED"
        assert 1 == len(won) + returned
        if won:
            assert [50] == await _available(points, won[0])
    await points.sound()


async def test_an_open_gift_comes_back_when_its_time_is_over(points: Any) -> None:
    """Told at once, written by the sweeper."""
    await points.earn("o-1", 10_000)
    offered = await points.give(60, open_seconds=60)
    end_ms = offered.gift.expire_time.ToMilliseconds()
    await points.shop.parts.points.book.expire_due("shop", end_ms)
    seen = await _look(points, offered.token)
    assert pb.POINTS_GIFT_STATE_EXPIRED == seen.gift.state
    assert "EXPIRED" == _name(await points.claim(offered.token))
    assert [100] == await _available(points, "ann")
    listed = await points.send(
        "ListPointsGifts", pb.ListPointsGiftsRequest(giver_customer_id="ann")
    )
    assert [offered.gift.gift_id] == [gift.gift_id for gift in listed.gifts]
    await points.sound()


@pytest.mark.parametrize("lost", ["gift", "claimer"])
async def test_a_claim_that_broke_off_is_finished_by_whoever_comes_next(
    points: Any, lost: str
) -> None:
    """The giver's account leads: what follows it was never written, and is written now, once."""
    await points.earn("o-1", 10_000)
    offered = await points.give(60)
    claim_id = new_id()
    await points.claim(offered.token, request_id=claim_id)
    gift_id = offered.gift.gift_id
    account = gift_id if lost == "gift" else "p_bob"
    await points.shop.accounts.delete_one({"_id": {"t": "shop", "a": account}})
    finisher = points.shop.parts.points.followers[1]
    kinds = [{"kind": "points_given", "gift": gift_id}]
    for _ in range(2):
        await finisher.follow("shop", "p_ann", kinds)
    assert [40, 60] == await _available(points, "ann", "bob")
    gift = await points.shop.parts.accounts.get(AccountKey("shop", gift_id))
    assert ("claimed", "bob") == (gift.state, gift.claimer)
    await points.sound()
