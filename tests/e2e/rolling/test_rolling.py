"""Every process of every service is restarted under load, and nobody notices."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import ledger_service_pb2 as ledger
from dangol.profile.v1.event_service_pb2 import StreamHistoryRequest
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol_dev.stack import SERVICES, Stack
from dangol_service_kit.client import metadata

from tests.e2e.rolling.balancer import Balancer
from tests.e2e.rolling.load import Load
from tests.e2e.rolling.shop import BUYERS, COUNTED, WELCOME, Shop

# Clients are asked to connect anew all the time, so that this is under way whenever a process ends.
CONNECTION_AGE_SECONDS = 3
ALL = tuple(f"{name}{end}" for name in SERVICES for end in ("", "-2"))
_GRACE_SECONDS = 45.0
_CHUNK = 100


class Size(NamedTuple):
    """workers: clients of each protocol. turns: how often each process named is restarted."""

    workers: int
    turns: int
    names: tuple[str, ...]


async def _roll(stack: Stack, names: Iterable[str]) -> dict[str, int | None]:
    """Restarts processes one after the other, as a rollout does; their exit codes."""
    codes = {}
    for name in names:
        process = stack.processes[name]
        await process.stop(_GRACE_SECONDS)
        codes[name] = process.exit_code
        process.start()
        await stack.wait_service(name)
    return codes


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


async def _books(shop: Shop) -> tuple[int, int, int]:
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


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(
            Size(1, 1, SERVICES), id="short", marks=[pytest.mark.deep, pytest.mark.timeout(240)]
        ),
        pytest.param(
            Size(4, 3, ALL), id="long", marks=[pytest.mark.deep, pytest.mark.timeout(1_200)]
        ),
    ],
)
async def test_restarting_every_process_under_load_fails_no_call(
    tmp_path: Path, size: Size, *, pytestconfig: pytest.Config
) -> None:
    """No failed call, no lost or doubled event, each coupon issued, held and redeemed once, and
    watchers told of everything."""
    age = {"DANGOL_CONNECTION_AGE_SECONDS": str(CONNECTION_AGE_SECONDS)}
    stack = Stack(tmp_path, replicas=2, environment=age)
    async with stack, AsyncExitStack() as exits:
        shop = Shop(stack, exits)
        await shop.found()
        gateways = [stack.addresses["gateway"], stack.addresses["gateway-2"]]
        balancer = Balancer(gateways)
        await exits.enter_async_context(balancer.running())
        load = Load(shop, balancer)
        await exits.enter_async_context(load.watching())
        running = asyncio.create_task(load.run(size.workers))
        began_at = time.monotonic()
        codes = [await _roll(stack, size.names) for _ in range(size.turns)]
        took_seconds = time.monotonic() - began_at
        load.stop()
        await running
        customers = sorted(load.bought)
        expected = {one: _expected_history(load, one) for one in customers}

        async def has_settled() -> bool:
            return expected == await _histories(shop, customers) and all(
                len(heard) >= len(load.redeemed) for heard in load.heard.values()
            )

        # What does not settle is told below, in full.
        with contextlib.suppress(TimeoutError):
            await shop.until(has_settled)
        histories = await _histories(shop, customers)
        counted = {one: await _visits_counted(shop, one) for one in customers}
        wallets = {one: await _coupons(shop, one) for one in load.redeemed}
        accounts, faults, difference = await _books(shop)
    writer = pytestconfig.get_terminal_writer()
    writer.line(
        f"\n{len(size.names) * size.turns} restarts in {took_seconds:.0f} s under {load.calls} "
        f"calls of {len(customers)} customers: {len(load.failures)} failed; "
        f"{load.told_to_go_on} streams of events were told to go on elsewhere"
    )
    assert [] == load.failures
    assert [dict.fromkeys(size.names, 0)] * size.turns == codes
    assert expected == histories
    assert {one: str(load.bought[one]) for one in customers} == counted
    redeemed = coupons.COUPON_STATE_REDEEMED
    assert {one: [(coupon, redeemed)] for one, coupon in load.redeemed.items()} == wallets
    assert (len(wallets), 0, 0) == (accounts, faults, difference)
    entered = {(one, BUYERS, 1, "ENTERED") for one in load.redeemed}
    assert {"grpc": entered, "graphql": entered} == {
        name: set(heard) for name, heard in load.heard.items()
    }
