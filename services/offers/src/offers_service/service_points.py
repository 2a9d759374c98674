"""Use cases of points: earn, take back, hold, spend, release, refund, look. Raises as
service_ledger.py does.

A customer's account goes by the id that profile has left after merging.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
from dangol_service_kit.tenants import TenantInfo

from offers_service import points, points_account, points_spending
from offers_service.commit import ContendedError, Decided, GroupCommit
from offers_service.coupon_account import AccountKey
from offers_service.points import (
    Decide,
    Earn,
    NeedsPast,
    Past,
    PointsDecision,
    TakeBack,
    lapse,
)
from offers_service.points_account import PointsAccount, points_account_id
from offers_service.points_outcomes import PointsOutcome
from offers_service.points_program import Program, default_program
from offers_service.points_spending import HoldPoints, Refund, SettlePoints
from offers_service.service_gifts import People
from offers_service.store_accounts import AccountStore, AnyAccount, admit
from offers_service.store_points import ProgramStore

_DUE_PAGE = 500
# Another page may be sealed while the pages are being read, but not again and again.
_READS_MAX = 5

D = TypeVar("D", bound=Decided[Any])
PastDecide = Callable[[Any, Program, Past], D | NeedsPast]


class Directory(Protocol):
    """TenantDirectory."""

    async def get(self, tenant_id: str) -> TenantInfo: ...


class Looked(NamedTuple):
    """A customer's points as they are at an instant; account None while there are none."""

    customer_id: str
    account: PointsAccount | None
    program: Program


class _Lapsed(msgspec.Struct, frozen=True):
    before: PointsAccount | None
    account: PointsAccount | None


class PointsBook:
    """The accounts of points behind group commit: what every use case of points shares."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: GroupCommit[AnyAccount],
        programs: ProgramStore,
        directory: Directory,
    ) -> None:
        self._accounts = accounts
        self._group = group
        self.programs = programs
        self._directory = directory

    async def step(self, key: AccountKey, program: Program, decide: PastDecide[D]) -> D:
        """Decides on a customer's account with what its sealed pages have to say, and saves."""
        past = Past()
        for _ in range(_READS_MAX):

            def decided_now(account: Any, past: Past = past) -> Any:
                return decide(account, program, past)

            decided = await self._group.submit(key, decided_now)
            if not isinstance(decided, NeedsPast):
                answer: D = decided
                return answer
            past = await self.past(decided.account, *decided.names)
        raise ContendedError

    async def past(self, account: PointsAccount, *names: str) -> Past:
        """What the account's sealed pages hold of requests, orders, coupons or gifts."""
        if not account.sealed:
            return Past()
        return Past(account.sealed, await self._accounts.pages.about(account, names))

    async def get(self, key: AccountKey) -> PointsAccount | None:
        """An account as it is stored."""
        account = await self._accounts.get(key)
        return account if isinstance(account, PointsAccount) else None

    async def terms(self, tenant_id: str) -> Program:
        """The tenant's programme, or what holds for granted points where there is none."""
        program = await self.programs.get(tenant_id)
        if program is not None:
            return program
        tenant = await self._directory.get(tenant_id)
        return default_program(tenant.currency_code, tenant.time_zone)

    async def expire_due(self, tenant_id: str, now_ms: int) -> int:
        """Ends what has run out, each at its own instant: holds, gifts, lots, tiers; idempotent.
        Answers how many accounts changed."""
        total = 0
        while page := await self._accounts.due(tenant_id, now_ms, _DUE_PAGE, kinds=("points",)):
            program = await self.terms(tenant_id)
            ends = [self._expire(key, program, now_ms) for key, _ in page]
            changed = sum(await asyncio.gather(*ends))
            total += changed
            if len(page) < _DUE_PAGE or not changed:
                break
        return total

    async def _expire(self, key: AccountKey, program: Program, now_ms: int) -> bool:
        def decide(account: Any) -> _Lapsed:
            return _Lapsed(account, lapse(account, program, now_ms) if account else None)

        lapsed: _Lapsed = await self._group.submit(key, decide)
        return lapsed.account is not lapsed.before


class PointsDesk:
    """Points of customers, as orders earn and spend them."""

    def __init__(self, book: PointsBook, people: People) -> None:
        self._book = book
        self._people = people

    async def earn(
        self, tenant_id: str, customer_id: str, wanted: Callable[[AccountKey, str], Earn]
    ) -> PointsDecision:
        """An order gives its points, once."""
        person = await self._people.find(tenant_id, customer_id)
        if person is None:
            return _refused(PointsOutcome.CUSTOMER_NOT_FOUND)
        key = AccountKey(tenant_id, points_account_id(person.customer_id))
        command = wanted(key, person.customer_id)

        def decide(account: Any, program: Program, past: Past) -> points.Step:
            return points.earn(account, command, program, past)

        return await self._step(tenant_id, person.customer_id, command, decide)

    async def take_back(
        self, tenant_id: str, customer_id: str, command: TakeBack
    ) -> PointsDecision:
        """An order, or part of it, came back."""

        def decide(account: Any, program: Program, past: Past) -> points.Step:
            return points.take_back(account, command, program, past)

        return await self._found_step(tenant_id, customer_id, command, decide)

    async def hold(self, tenant_id: str, customer_id: str, command: HoldPoints) -> PointsDecision:
        """Sets points aside for an order."""

        def decide(account: Any, program: Program, past: Past) -> points.Step:
            return points_spending.hold(account, command, program, past)

        return await self._found_step(tenant_id, customer_id, command, decide)

    async def spend(
        self, tenant_id: str, customer_id: str, command: SettlePoints
    ) -> PointsDecision:
        """Spends what an order holds."""

        def decide(account: Any, program: Program, past: Past) -> points.Step:
            return points_spending.settle(account, command, program, past)

        return await self._found_step(tenant_id, customer_id, command, decide)

    async def release(
        self, tenant_id: str, customer_id: str, command: SettlePoints
    ) -> PointsDecision:
        """Gives back what an order holds."""

        def decide(account: Any, program: Program, past: Past) -> points.Step:
            return points_spending.release(account, command, program, past)

        return await self._found_step(tenant_id, customer_id, command, decide)

    async def refund(self, tenant_id: str, customer_id: str, command: Refund) -> PointsDecision:
        """Spent points of an order come back."""

        def decide(account: Any, program: Program, past: Past) -> points.Step:
            return points_spending.refund(account, command, program, past)

        return await self._found_step(tenant_id, customer_id, command, decide)

    async def look(self, tenant_id: str, customer_id: str, now_ms: int) -> Looked | None:
        """The customer's points with everything ended that has run out, without saving that;
        None for nobody."""
        person = await self._people.find(tenant_id, customer_id)
        if person is None:
            return None
        program = await self._book.terms(tenant_id)
        key = AccountKey(tenant_id, points_account_id(person.customer_id))
        account = await self._book.get(key)
        if account is not None:
            account = lapse(account, program, points_account.instant(account, now_ms))
        return Looked(person.customer_id, account, program)

    async def _found_step(
        self, tenant_id: str, customer_id: str, command: msgspec.Struct, decide: Decide
    ) -> PointsDecision:
        person = await self._people.find(tenant_id, customer_id)
        if person is None:
            return _refused(PointsOutcome.CUSTOMER_NOT_FOUND)
        return await self._step(tenant_id, person.customer_id, command, decide)

    async def _step(
        self, tenant_id: str, customer_id: str, command: msgspec.Struct, decide: Decide
    ) -> PointsDecision:
        admit(command)
        program = await self._book.programs.get(tenant_id)
        if program is None:
            return _refused(PointsOutcome.NO_PROGRAM)
        key = AccountKey(tenant_id, points_account_id(customer_id))
        decided: PointsDecision = await self._book.step(key, program, decide)
        return decided


def _refused(outcome: PointsOutcome) -> PointsDecision:
    return PointsDecision(outcome, (), None)
