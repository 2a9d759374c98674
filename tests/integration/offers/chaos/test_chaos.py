"""Services and database are killed, stopped and restarted under traffic: the ledger stays right."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from dangol.offers.v1 import ledger_service_pb2 as ledger
from dangol_service_kit.auth import Role

from tests.integration.offers.chaos.books import read_books
from tests.integration.offers.chaos.faults import Faults
from tests.integration.offers.chaos.platform import TENANT, Platform
from tests.integration.offers.chaos.purses import PurseTraffic
from tests.integration.offers.chaos.traffic import Traffic
from tests.integration.offers.judging.verdict import doubled, judge

MEMBERS = 40
COUPONS = 1_200
_BETWEEN_SECONDS = 0.5
# Against hanging only.
_SETTLE_SECONDS = 600.0


# A budget of money, one of coupons, and points: otherwise nothing of them was tried.
USED_UP = {
    "hold BUDGET_EXHAUSTED",
    "claim_code BUDGET_EXHAUSTED",
    "hold_points NOT_ENOUGH_POINTS",
    "give_points NOT_ENOUGH_POINTS",
}


class Size(NamedTuple):
    """How many clients go on for how long: until both minima are reached, and everything that can
    be used up is."""

    calls_min: int
    faults_min: int
    codes: int
    clients: int
    purse_clients: int


class Run(NamedTuple):
    """The clients of coupons, and those of points and codes."""

    coupons: Traffic
    purses: PurseTraffic

    @property
    def answered(self) -> int:
        """How many calls have an answer."""
        return self.coupons.history.answered + self.purses.history.answered

    @property
    def used_up(self) -> set[str]:
        """What somebody was told to be used up."""
        told = self.coupons.history.outcomes | self.purses.history.outcomes
        return {f"{step} {outcome}" for step, outcome in told} & USED_UP


async def _disturb(run: Run, faults: Faults, size: Size) -> None:
    """Faults, one after the other, until the run is long enough; then clients end."""
    try:
        while (
            run.answered < size.calls_min
            or len(faults.done) < size.faults_min
            or run.used_up < USED_UP
        ):
            await asyncio.sleep(_BETWEEN_SECONDS)
            if len(faults.done) < 2 * size.faults_min:
                await faults.strike()
    finally:
        run.coupons.stop()
        run.purses.stop()


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
        pytest.param(Size(1_200, 4, 40, 12, 6), id="short", marks=pytest.mark.timeout(900)),
        pytest.param(
            Size(50_000, 21, 1_000, 36, 12),
            id="long",
            marks=[pytest.mark.deep, pytest.mark.timeout(1_800)],
        ),
    ],
)
async def test_no_acknowledged_step_is_lost_or_doubled(
    tmp_path: Path, size: Size, *, pytestconfig: pytest.Config
) -> None:
    """What clients were told is what the journals say, once, in order, whatever was killed; and no
    budget, purse or batch of codes gives more than there is in it."""
    began_at = time.monotonic()
    async with Platform(tmp_path) as platform:
        owners = await platform.found(MEMBERS, COUPONS)
        limit = size.codes * 2 // 3
        codes = await platform.found_codes(size.codes, limit)
        run = Run(Traffic(platform, owners, seed=1), PurseTraffic(platform, codes, seed=3))
        faults = Faults(platform, seed=2)
        async with asyncio.TaskGroup() as group:
            group.create_task(run.coupons.run(size.clients))
            group.create_task(run.purses.run(size.purse_clients))
            group.create_task(_disturb(run, faults, size))
        books = await read_books(platform.mongodb.url, TENANT)
        verified, balance = await _books(platform)
    journals = books.lines("coupon")
    verdict = judge(run.coupons.history, journals)
    used_up = books.judge(run.purses.history, coupon_limit=limit)
    writer = pytestconfig.get_terminal_writer()
    calls = len(run.coupons.history.calls) + len(run.purses.history.calls)
    writer.line(f"\n{calls} calls in {time.monotonic() - began_at:.0f} s")
    for name, count in sorted(Counter(faults.done).items()):
        writer.line(f"  {count:>6}  {name}")
    for history in (run.coupons.history, run.purses.history):
        for name, count in sorted(history.lost_tries.items()):
            writer.line(f"  {count:>6}  tries without an answer: {name}")
    writer.line(
        f"  {verdict.acknowledged} acknowledged, {verdict.refused} refused, {verdict.unanswered} "
        f"given up unanswered (of which {verdict.written_unanswered} took place), "
        f"{verdict.lines} lines of {verdict.coupons} coupons, {len(verdict.faults)} faults"
    )
    for (step, outcome), count in sorted(run.purses.history.outcomes.items()):
        writer.line(f"  {count:>6}  {step} {outcome}")
    exhausted = [one for one in run.coupons.history.calls if one.outcome == "BUDGET_EXHAUSTED"]
    writer.line(f"  {len(exhausted)} holds met a budget with nothing left, {len(used_up)} faults")
    assert [] == verdict.faults
    assert [] == used_up
    assert [] == doubled(journals)
    assert (0, 0) == (balance.difference, balance.disagreeing_books)
    assert (0, True) == (verified.fault_count, verified.done)
    assert len(faults.done) >= size.faults_min
    assert run.answered >= size.calls_min
    assert USED_UP == run.used_up
