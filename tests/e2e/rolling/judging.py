"""Serves customers while something happens to the services, and looks at every one of them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import ledger_service_pb2 as ledger
from dangol.profile.v1.event_service_pb2 import StreamHistoryRequest
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol_service_kit.client import metadata

from tests.e2e.rolling.balancer import Balancer
from tests.e2e.rolling.load import Load
from tests.e2e.rolling.shop import BUYERS, COUNTED, WELCOME, Shop

_CHUNK = 100


@dataclass(frozen=True)
class Demand:
    """workers: clients of each protocol. pause_seconds: as of Load."""

    workers: int = 1
    pause_seconds: float = 0.4


async def serve_while(
    happens: Callable[[], Awaitable[None]], shop: Shop, gateways: Sequence[str], demand: Demand
) -> str:
    """Fails for a call that failed, an event lost or doubled, a coupon that was not issued, held
    and redeemed once, or a watcher who was not told; answers in words what there was."""
    async with AsyncExitStack() as exits:
        balancer = Balancer(gateways)
        await exits.enter_async_context(balancer.running())
        load = Load(shop, balancer, demand.pause_seconds)
        await exits.enter_async_context(load.watching())
        running = asyncio.create_task(load.run(demand.workers))
        began_at = time.monotonic()
        try:
            await happens()
        finally:
            took_seconds = time.monotonic() - began_at
            load.stop()
            await running
        await _judge(shop, load)
    return (
        f"{took_seconds:.0f} s under {load.calls} calls of {len(load.bought)} customers: "
        f"{len(load.failures)} failed; {load.told_to_go_on} streams of events were told to go on "
        "elsewhere"
    )


async def _judge(shop: Shop, load: Load) -> None:
    customers = sorted(load.bought)
    expected = {one: _expected_history(load, one) for one in customers}

    entered = {(one, BUYERS, 1, "ENTERED") for one in load.redeemed if one not in load.early}

    async def has_settled() -> bool:
        return expected == await _histories(shop, customers) and all(
            entered <= set(heard) for heard in load.heard.values()
        )

    # What does not settle is told below, in full.
    with contextlib.suppress(TimeoutError):
        await shop.until(has_settled)
    assert [] == load.failures, load.failures
    assert entered
    assert expected == await _histories(shop, customers)
    assert {one: str(load.bought[one]) for one in customers} == {
        one: await _visits_counted(shop, one) for one in customers
    }
    redeemed = coupons.COUPON_STATE_REDEEMED
    wallets = {one: await _coupons(shop, one) for one in load.redeemed}
    assert {one: [(coupon, redeemed)] for one, coupon in load.redeemed.items()} == wallets
    assert (len(wallets), 0, 0) == await books(shop)
    assert {"grpc": entered, "graphql": entered} == {
        name: {change for change in heard if change[0] not in load.early}
        for name, heard in load.heard.items()
    }


async def _histories(shop: Shop, customers: list[str]) -> dict[str, Counter[str]]:
    """What profile has of each customer: how many events of each type, by distinct id."""
    found: dict[str, Counter[str]] = {}
    for start in range(0, len(customers), _CHUNK):
        request = StreamHistoryRequest(customer_ids=customers[start : start + _CHUNK])
        answers = shop.events.StreamHistory(request, metadata=metadata(shop.service_token()))
        async for history in answers:
            distinct = {(one.event.event_id, one.event.type) for one in history.events}
            assert len(distinct) == len(history.events)
            found[history.customer_id] = Counter(kind for _, kind in distinct)
    return found


async def _visits_counted(shop: Shop, customer_id: str) -> str:
    """How many visits segmentation's state counts."""
    request = segments.ExplainMembershipRequest(customer_id=customer_id, segment_id=COUNTED)
    answer = await shop.call(shop.segments.ExplainMembership, request)
    return str(answer.explanation.value)


async def _coupons(shop: Shop, customer_id: str) -> list[tuple[str, int]]:
    request = coupons.ListWalletRequest(customer_id=customer_id, campaign_id=WELCOME)
    answer = await shop.call(shop.coupons.ListWallet, request)
    return [(one.coupon_id, one.state) for one in answer.coupons]


async def books(shop: Shop) -> tuple[int, int, int]:
    """Accounts checked, faults, and what the trial balance is out by."""
    answers = shop.ledger.VerifyJournal(
        ledger.VerifyJournalRequest(), metadata=metadata(shop.token())
    )
    verdict = [answer async for answer in answers][-1]
    balance = await shop.call(shop.ledger.GetTrialBalance, ledger.GetTrialBalanceRequest())
    return verdict.accounts_checked, verdict.fault_count, balance.difference


def _expected_history(load: Load, customer_id: str) -> Counter[str]:
    expected = Counter(visit=load.bought[customer_id])
    if customer_id in load.redeemed:
        expected.update(("purchase", "coupon_issued", "coupon_held", "coupon_redeemed"))
    return expected
