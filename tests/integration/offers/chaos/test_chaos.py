"""Services and database are killed, stopped and restarted under traffic: the ledger stays right."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from dangol.offers.v1 import ledger_service_pb2 as ledger
from dangol_service_kit.auth import Role
from pymongo import AsyncMongoClient

from tests.integration.offers.chaos.faults import Faults
from tests.integration.offers.chaos.platform import TENANT, Platform
from tests.integration.offers.chaos.traffic import Traffic
from tests.integration.offers.judging.verdict import doubled, judge

CLIENTS = 48
MEMBERS = 40
COUPONS = 1_200
_BETWEEN_SECONDS = 1.0
_SETTLE_SECONDS = 60.0

Journals = Mapping[str, Sequence[Mapping[str, Any]]]


class Size(NamedTuple):
    """How long a run goes on: until both are reached."""

    calls_min: int
    faults_min: int


async def _disturb(traffic: Traffic, faults: Faults, size: Size) -> None:
    """Faults, one after the other, until the run is long enough; then clients end."""
    try:
        while traffic.history.answered < size.calls_min or len(faults.done) < size.faults_min:
            await asyncio.sleep(_BETWEEN_SECONDS)
            if len(faults.done) < 2 * size.faults_min:
                await faults.strike()
    finally:
        traffic.stop()


async def _journals(platform: Platform) -> Journals:
    """The lines of every coupon as MongoDB has them for good."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(platform.mongodb.url)
    accounts = client["dangol_offers"]["accounts"]
    found = accounts.find({"_id.t": TENANT, "kind": "coupon"}, {"entries": 1})
    journals = {one["_id"]["a"]: one["entries"] async for one in found}
    await client.close()
    return journals


async def _books(platform: Platform) -> tuple[Any, Any]:
    """What the service's own verification and trial balance say."""
    stub, credential = platform.clients[0].ledger, platform.metadata(Role.ADMIN)
    verdict = None
    async for progress in stub.VerifyJournal(
        ledger.VerifyJournalRequest(), timeout=_SETTLE_SECONDS, metadata=credential
    ):
        verdict = progress
    balance = await stub.GetTrialBalance(
        ledger.GetTrialBalanceRequest(), timeout=_SETTLE_SECONDS, metadata=credential
    )
    return verdict, balance


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(Size(1_500, 7), id="short", marks=pytest.mark.timeout(600)),
        pytest.param(
            Size(50_000, 21), id="long", marks=[pytest.mark.deep, pytest.mark.timeout(900)]
        ),
    ],
)
async def test_no_acknowledged_step_is_lost_or_doubled(
    tmp_path: Path, size: Size, *, pytestconfig: pytest.Config
) -> None:
    """What clients were told is what the journals say, once, in order, whatever was killed."""
    began_at = time.monotonic()
    async with Platform(tmp_path) as platform:
        owners = await platform.found(MEMBERS, COUPONS)
        traffic, faults = Traffic(platform, owners, seed=1), Faults(platform, seed=2)
        async with asyncio.TaskGroup() as group:
            group.create_task(traffic.run(CLIENTS))
            group.create_task(_disturb(traffic, faults, size))
        journals = await _journals(platform)
        verified, balance = await _books(platform)
    verdict = judge(traffic.history, journals)
    writer = pytestconfig.get_terminal_writer()
    writer.line(f"\n{len(traffic.history.calls)} calls in {time.monotonic() - began_at:.0f} s")
    for name, count in sorted(Counter(faults.done).items()):
        writer.line(f"  {count:>6}  {name}")
    for name, count in sorted(traffic.history.lost_tries.items()):
        writer.line(f"  {count:>6}  tries without an answer: {name}")
    writer.line(
        f"  {verdict.acknowledged} acknowledged, {verdict.refused} refused, {verdict.unanswered} "
        f"given up unanswered (of which {verdict.written_unanswered} took place), "
        f"{verdict.lines} lines of {verdict.coupons} coupons, {len(verdict.faults)} faults"
    )
    assert [] == verdict.faults
    assert [] == doubled(journals)
    assert (0, 0) == (balance.difference, balance.disagreeing_books)
    assert (0, True) == (verified.fault_count, verified.done)
    assert len(faults.done) >= size.faults_min
    assert traffic.history.answered >= size.calls_min
