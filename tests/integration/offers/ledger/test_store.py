"""Groups and accounts on real MongoDB, behind the wire."""

import asyncio
from typing import Any

import pytest
from msgspec.structs import replace
from offers_service import coupons
from offers_service.commit import GroupCommit
from offers_service.coupon_account import AccountKey, CouponAccount, Kind, move
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.coupons import Hold, Settle
from offers_service.journal import Request
from offers_service.ledger import Origin
from offers_service.store_accounts import INDEXES, UnstorableError


def _hold(order: str, request_id: str = "r1", amount: int = 20_000) -> Hold:
    return Hold(
        request=Request(request_id, "partner:till", b"p" * 16),
        customer="ann",
        order=order,
        order_minor_units=amount,
        currency="KRW",
        hold_seconds=60,
        now_ms=1_800_000_000_000,
    )


async def _coupon_ids(shop: Any, count: int) -> list[str]:
    await shop.add_offer(valid_for_seconds=0)
    issued = [await shop.issue() for _ in range(count)]
    return [str(one.coupon.coupon_id) for one in issued]


@pytest.mark.parametrize("bad", [_hold("order-1", amount=2**63), _hold("order-\udc00")])
async def test_a_request_that_cannot_be_stored_fails_alone(shop: Any, bad: Hold) -> None:
    """Its neighbours in the same group go through."""
    ids = await _coupon_ids(shop, 20)
    ledger = shop.parts.ledger
    commands = [bad if number == 7 else _hold(f"order-{number}") for number in range(20)]
    answers = await asyncio.gather(
        *[
            ledger.hold("shop", coupon_id, command)
            for coupon_id, command in zip(ids, commands, strict=True)
        ],
        return_exceptions=True,
    )
    assert isinstance(answers.pop(7), UnstorableError)
    outcomes = [getattr(answer, "outcome", answer) for answer in answers]
    assert [CouponOutcome.APPLIED] * 19 == outcomes


async def test_a_broken_account_fails_alone(shop: Any) -> None:
    """Somebody damaged one document; the others of its group are decided."""
    ids = await _coupon_ids(shop, 5)
    await shop.accounts.update_one({"_id.a": ids[2]}, {"$set": {"state": "odd"}})
    answers = await asyncio.gather(
        *[shop.parts.ledger.hold("shop", one, _hold("order-1")) for one in ids],
        return_exceptions=True,
    )
    broken = [isinstance(answer, BaseException) for answer in answers]
    assert [False, False, True, False, False] == broken


async def test_two_processes_on_one_coupon(shop: Any) -> None:
    """Each with its own groups: compare-and-set lets one win, the other decides again."""
    accounts = shop.parts.accounts
    secrets = shop.parts.keyring("shop")
    groups: list[GroupCommit[Any]] = [GroupCommit(accounts) for _ in range(4)]
    ids = await _coupon_ids(shop, 10)
    offer_of = {"fixed": await shop.parts.offers.get("shop", "fixed")}.get
    for coupon_id in ids:
        key = AccountKey("shop", coupon_id)

        def decide(command: Hold) -> Any:
            return lambda account: coupons.hold(account, command, secrets, offer_of)

        answers = await asyncio.gather(
            *[
                group.submit(key, decide(_hold(f"order-{number}-{side}", f"r{number}-{side}")))
                for side, group in enumerate(groups)
                for number in range(5)
            ]
        )
        outcomes = [answer.outcome for answer in answers]
        assert 1 == outcomes.count(CouponOutcome.APPLIED)
        assert 19 == outcomes.count(CouponOutcome.HELD_BY_OTHER_ORDER)
    assert 0 == (await shop.verify()).fault_count


async def test_a_retry_on_another_replica_before_the_first_ends(shop: Any) -> None:
    """The same request in two processes at once: one entry, equal answers."""
    accounts = shop.parts.accounts
    secrets = shop.parts.keyring("shop")
    offer_of = {"fixed": await _offer(shop)}.get
    groups: list[GroupCommit[Any]] = [GroupCommit(accounts) for _ in range(4)]
    ids = [str((await shop.issue()).coupon.coupon_id) for _ in range(10)]

    def decide(account: Any) -> Any:
        return coupons.hold(account, _hold("order-1"), secrets, offer_of)

    for coupon_id in ids:
        key = AccountKey("shop", coupon_id)
        answers = await asyncio.gather(*[group.submit(key, decide) for group in groups])
        assert [CouponOutcome.APPLIED] * 4 == [answer.outcome for answer in answers]
        assert 1 == len({answer.coupon.hash for answer in answers})
        document = await shop.accounts.find_one({"_id.a": coupon_id})
        assert (2, 2) == (document["v"], len(document["entries"]))


async def _offer(shop: Any) -> Any:
    await shop.add_offer(valid_for_seconds=0)
    return await shop.parts.offers.get("shop", "fixed")


async def test_losers_and_winners_of_one_bulk_are_told_apart(shop: Any) -> None:
    """Saving over a stale version loses, also where the version number happens to match."""
    ids = await _coupon_ids(shop, 3)
    accounts = shop.parts.accounts
    keys = [AccountKey("shop", coupon_id) for coupon_id in ids]
    loaded = await accounts.load(keys)
    request = Request("r1", "partner:till", b"p" * 16)
    rival = Request("r2", "partner:other", b"q" * 16)

    def held(account: CouponAccount, asked: Request) -> CouponAccount:
        return move(account, Kind.HOLD, asked, 1_800_000_000_000, order="o", until_ms=1)

    stale = loaded[keys[1]]
    assert set() == await accounts.save([(stale, held(stale, rival))])
    changes = [(loaded[key], held(loaded[key], request)) for key in keys]
    changes.append((None, replace(loaded[keys[0]])))
    lost = await accounts.save(changes[:3])
    assert {keys[1]} == lost
    assert {keys[0]} == await accounts.save([(None, replace(loaded[keys[0]], v=9))])


async def test_campaign_issues_are_one_coupon_an_enrolment(shop: Any) -> None:
    """Sent twice, at once, by two processes: one coupon, known the second time."""
    await shop.add_offer()
    terms = {
        "offer_id": "fixed",
        "customer_id": "ann",
        "campaign_id": "win-back",
        "actor": "campaign:win-back",
        "now_ms": 1_800_000_000_000,
        "origin": Origin.CAMPAIGN,
    }
    issued = await asyncio.gather(
        *[shop.parts.ledger.issue("shop", cause="e_1", **terms) for _ in range(10)],
        shop.parts.ledger.issue("shop", cause="e_2", **terms),
    )
    outcomes = [one.outcome for one in issued]
    assert (2, 9) == (
        outcomes.count(CouponOutcome.APPLIED),
        outcomes.count(CouponOutcome.ALREADY_ISSUED),
    )
    assert 2 == len({one.coupon_id for one in issued})
    figures = await shop.parts.ledger.campaign_figures("shop", "win-back")
    assert [("fixed", 2, 0, 0, 0)] == [tuple(one) for one in figures]


async def test_figures_of_a_campaign(shop: Any) -> None:
    """Issued, redeemed, gifted and what it cost, by offer."""
    await shop.add_offer()
    ids = [(await shop.issue(campaign_id="spring")).coupon.coupon_id for _ in range(3)]
    await shop.hold(ids[0])
    await shop.redeem(ids[0])
    await shop.claim((await shop.gift(ids[1])).token)
    figures = await shop.parts.ledger.campaign_figures("shop", "spring")
    assert [("fixed", 3, 1, 1, 3_000)] == [tuple(one) for one in figures]


async def test_what_is_looked_up_uses_an_index(shop: Any) -> None:
    """Wallets, codes, deadlines and campaigns examine what they answer, not everything."""
    await shop.add_offer()
    await shop.issue_list([f"customer-{number}" for number in range(300)])
    coupon_id = (await shop.issue(campaign_id="spring")).coupon.coupon_id
    await shop.hold(coupon_id)
    document = await shop.accounts.find_one({"_id.a": coupon_id})
    queries: list[dict[str, Any]] = [
        {"_id": document["_id"]},
        {"_id.t": "shop", "owner": "ann", "kind": "coupon", "_id.a": {"$gt": ""}},
        {"lookup": document["lookup"], "_id.t": "shop"},
        {"_id.t": "shop", "due_ms": {"$gt": 0, "$lte": 2**50}},
        {"_id.t": "shop", "campaign": "spring", "kind": "coupon"},
    ]
    examined = []
    for query in queries:
        explained = await shop.accounts.find(query).explain()
        examined.append(explained["executionStats"]["totalDocsExamined"])
    assert [1] * 5 == examined
    assert len(INDEXES) + 1 == len(await shop.accounts.index_information())


async def test_a_settled_coupon_leaves_nothing_due(shop: Any) -> None:
    """Redeeming takes the hold's deadline away."""
    ids = await _coupon_ids(shop, 1)
    ledger = shop.parts.ledger
    await ledger.hold("shop", ids[0], _hold("order-1"))
    settle = Settle(
        request=Request("r2", "partner:till", b"p" * 16),
        order="order-1",
        now_ms=1_800_000_000_001,
    )
    await ledger.redeem("shop", ids[0], settle)
    document = await shop.accounts.find_one({"_id.a": ids[0]})
    assert "due_ms" not in document
    assert await ledger.next_due_ms("shop") is None
