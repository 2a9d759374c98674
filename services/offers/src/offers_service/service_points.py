"""Use cases of points: earn, take back, hold, spend, release, refund, look. Raises as
service_ledger.py does.

A customer's account goes by the id that profile has left after merging.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeVar

import msgspec
from dangol_service_kit.tenants import TenantInfo

from offers_service import points, points_account, points_merging, points_spending
from offers_service.commit import ContendedError, DamagedError, Decided
from offers_service.coupon_account import AccountKey
from offers_service.journal import Entry
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
from offers_service.service_gifts import People, Person
from offers_service.service_group import Group
from offers_service.service_lineage import Lineage
from offers_service.store_accounts import AccountStore, admit
from offers_service.store_merges import HOPS_MAX
from offers_service.store_points import ProgramStore

_DUE_PAGE = 500
# Another page may be sealed while the pages are being read, but not again and again.
_READS_MAX = 5

D = TypeVar("D", bound=Decided[Any])
Command = Earn | TakeBack | HoldPoints | SettlePoints | Refund
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


class _Merged(msgspec.Struct, frozen=True):
    """The account was merged away: nothing to save here."""

    account: PointsAccount


def _joined(
    account: Any, *, key: AccountKey, source: PointsAccount, program: Program
) -> _Lapsed | _Merged:
    if isinstance(account, PointsAccount) and account.merged_into:
        return _Merged(account)
    return _Lapsed(account, points_merging.join(account, key, source, program))


def _concerns(entry: Entry, names: Collection[str]) -> bool:
    return not {entry.request, entry.order, entry.coupon, entry.gift}.isdisjoint(names)


class PointsBook:
    """The accounts of points behind group commit: what every use case of points shares."""

    def __init__(
        self,
        *,
        accounts: AccountStore,
        group: Group,
        programs: ProgramStore,
        directory: Directory,
        lineage: Lineage,
    ) -> None:
        self._accounts = accounts
        self._group = group
        self.programs = programs
        self._directory = directory
        self._lineage = lineage

    async def key_of(self, tenant_id: str, customer_id: str, now_ms: int) -> AccountKey:
        """The account of a customer under the id that merging left, with all that there was under
        this one."""
        root = await self._lineage.root(tenant_id, customer_id)
        return await self.key_under(tenant_id, customer_id, root, now_ms)

    async def key_under(
        self, tenant_id: str, customer_id: str, root: str, now_ms: int
    ) -> AccountKey:
        """The same for one of whom profile says what merging left."""
        if root != customer_id:
            await self.leave(tenant_id, customer_id, root, now_ms, always=True)
        return AccountKey(tenant_id, points_account_id(root))

    async def step(self, key: AccountKey, program: Program, decide: PastDecide[D]) -> D:
        """Decides on a customer's account with what its sealed pages have to say, and saves."""
        past = Past()
        for _ in range(_READS_MAX + HOPS_MAX):

            def decided_now(account: Any, past: Past = past) -> Any:
                if isinstance(account, PointsAccount) and account.merged_into:
                    return _Merged(account)
                return decide(account, program, past)

            decided = await self._group.submit(key, decided_now)
            if isinstance(decided, _Merged):
                key, past = await self.join(decided.account), Past()
                continue
            if not isinstance(decided, NeedsPast):
                answer: D = decided
                return answer
            past = await self.past(decided.account, *decided.names)
        raise ContendedError

    async def past(self, account: PointsAccount, *names: str) -> Past:
        """What the account's sealed pages, and the accounts that were merged into it, hold of
        requests, orders, coupons or gifts."""
        found: list[Entry] = []
        keys = [AccountKey(account.key.t, absorbed) for absorbed in account.absorbed]
        others = await self._accounts.load(keys) if keys else {}
        for other in (*others.values(), account):
            if not isinstance(other, PointsAccount):
                raise DamagedError(account.key.a)
            if other.sealed:
                found += await self._accounts.pages.about(other, names)
            if other is not account:
                found += [entry for entry in other.entries if _concerns(entry, names)]
        return Past(account.sealed, tuple(found), len(account.absorbed))

    async def get(self, key: AccountKey) -> PointsAccount | None:
        """An account as it is stored; of one that was merged away, the one that has it all."""
        for _ in range(HOPS_MAX):
            account = await self._accounts.get(key)
            if not isinstance(account, PointsAccount) or not account.merged_into:
                return account if isinstance(account, PointsAccount) else None
            key = await self.join(account)
        raise ContendedError

    async def leave(
        self, tenant_id: str, customer_id: str, target_id: str, now_ms: int, *, always: bool
    ) -> bool:
        """What a customer has goes to whom merging left; whether there was anything new to do.

        always: also close the account of one who has none, so that nobody opens it later.
        """
        key = AccountKey(tenant_id, points_account_id(customer_id))
        program = await self.terms(tenant_id)

        def decide(account: Any) -> _Lapsed:
            if account is None and not always:
                return _Lapsed(None, None)
            after = points_merging.leave(account, key, target_id, program, now_ms)
            return _Lapsed(account, after)

        left: _Lapsed = await self._group.submit(key, decide)
        if left.account is None:
            return False
        await self.join(left.account)
        return left.account is not left.before

    async def join(self, source: PointsAccount) -> AccountKey:
        """Brings what was merged away to the account that has it from then on, and answers that
        one's key; harmless to repeat."""
        tenant_id = source.key.t
        program = await self.terms(tenant_id)
        target_id = source.merged_into
        for _ in range(HOPS_MAX):
            key = AccountKey(tenant_id, points_account_id(target_id))
            decide = partial(_joined, key=key, source=source, program=program)
            joined = await self._group.submit(key, decide)
            if not isinstance(joined, _Merged):
                return key
            target_id = joined.account.merged_into
        raise ContendedError

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

        return await self._step(tenant_id, customer_id, person, command, decide)

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
        self, tenant_id: str, customer_id: str, command: Command, decide: Decide
    ) -> PointsDecision:
        person = await self._people.find(tenant_id, customer_id)
        if person is None:
            return _refused(PointsOutcome.CUSTOMER_NOT_FOUND)
        return await self._step(tenant_id, customer_id, person, command, decide)

    async def _step(
        self, tenant_id: str, customer_id: str, person: Person, command: Command, decide: Decide
    ) -> PointsDecision:
        admit(command)
        program = await self._book.programs.get(tenant_id)
        if program is None:
            return _refused(PointsOutcome.NO_PROGRAM)
        root = person.customer_id
        key = await self._book.key_under(tenant_id, customer_id, root, command.now_ms)
        decided: PointsDecision = await self._book.step(key, program, decide)
        return decided


def _refused(outcome: PointsOutcome) -> PointsDecision:
    return PointsDecision(outcome, (), None)
