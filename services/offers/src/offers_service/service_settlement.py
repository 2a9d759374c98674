"""Steps on coupons whose campaign has a budget of money: the coupon leads, its budget follows."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import msgspec

from offers_service import coupon_money
from offers_service.budget_account import Measure
from offers_service.budgets import Fund, Line
from offers_service.codes import Secrets
from offers_service.commit import ContendedError, Decided, GroupCommit, OutcomeUnknownError
from offers_service.coupon_account import UNANSWERED, AccountKey, CouponAccount, CouponState
from offers_service.coupon_money import Asked, line_request
from offers_service.coupons import Room
from offers_service.service_budgets import BudgetDesk, Taking
from offers_service.store_accounts import AccountStore, AnyAccount

_ROUNDS_MAX = 10
_UNSETTLED_PAGE = 200
_HELP_AFTER = 3

RoomOf = Callable[[str], Room | None]

D = TypeVar("D", bound=Decided[Any])


class _Blocked(msgspec.Struct, frozen=True):
    """Another request's budget has not answered yet."""

    account: CouponAccount


class _Answered(msgspec.Struct, frozen=True):
    account: CouponAccount | None


class BudgetedGroup:
    """Stands before GroupCommit: whoever takes a step on a coupon leaves no budget behind.

    A coupon that is HOLDING is first taken to the end of that step, so decisions never see one.
    """

    def __init__(
        self,
        group: GroupCommit[AnyAccount],
        accounts: AccountStore,
        budgets: BudgetDesk,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._group = group
        self._accounts = accounts
        self.desk = self._budgets = budgets
        self._secrets_of = secrets_of
        self._settled: dict[AccountKey, CouponAccount] = {}
        self._clearing: asyncio.Task[None] | None = None

    @property
    def commits(self) -> GroupCommit[AnyAccount]:
        """What writes, for whoever measures it."""
        return self._group

    async def submit(self, key: AccountKey, decide: Callable[[Any], D]) -> D:
        """As GroupCommit.submit; the answer waits until the coupon's budget has followed.

        Where the budget refused, `decide` is asked again: whoever refuses has to read it first.
        """
        for _ in range(_ROUNDS_MAX):
            since, known = self._budgets.tick(), 0

            def step(account: Any) -> D | _Blocked:
                nonlocal known
                if isinstance(account, CouponAccount):
                    known = account.v
                    if account.state is CouponState.HOLDING:
                        return _Blocked(account)
                return decide(account)

            decided = await self._group.submit(key, step)
            if isinstance(decided, _Blocked):
                await self.settle(decided.account)
                continue
            after = decided.account
            if not isinstance(after, CouponAccount) or not after.owes:
                return decided
            final = await self.settle(after, since, known)
            if after.state is not CouponState.HOLDING:
                return decided
            if final.entries[after.v].kind not in UNANSWERED:
                # What the budget answered is in the journal: the same request finds it there.
                return decide(final)
        raise ContendedError

    async def settle(
        self, coupon: CouponAccount, since: int | None = None, known: int = 0
    ) -> CouponAccount:
        """Lets the budget follow a coupon as it is saved; answers the coupon after that.

        since: a tick before entries beyond number `known` were made.
        """
        secrets = self._secrets_of(coupon.key.t)
        fund = await self._budgets.fund(coupon.key.t, coupon.campaign, Measure.MONEY)
        for due in coupon_money.owed(coupon, secrets):
            fresh = since if due.number > known else None
            at_ms = coupon.entries[due.number - 1].at_ms
            line = Line(fund, due.stripe, line_request(coupon, due.number), at_ms)
            await self._budgets.settle(line, due.moves, fresh)
        if coupon.state is not CouponState.HOLDING:
            self._clear(coupon)
            return coupon
        asked = coupon_money.asked(coupon, secrets)
        stripe = await self._ask(coupon, asked, fund, since if asked.number > known else None)
        number, now_ms = asked.number, coupon.entries[-1].at_ms

        def decide(account: CouponAccount) -> _Answered:
            return _Answered(coupon_money.answer(account, number, stripe, now_ms, secrets))

        answered = await self._group.submit(coupon.key, decide)
        if answered.account is None:
            raise LookupError("a coupon that was there is gone")
        return answered.account

    async def _ask(
        self, coupon: CouponAccount, asked: Asked, fund: Fund, since: int | None
    ) -> int | None:
        """Which stripe pays for a HOLDING coupon; None if the budget refuses."""
        now_ms, request = coupon.entries[-1].at_ms, line_request(coupon, asked.number)
        taking = Taking(fund, request, asked.amount, now_ms, since=since)
        taken = await self._budgets.take(taking, asked.stripes)
        if not taken and await self._budgets.gather(fund, asked.target, request, now_ms):
            again = line_request(coupon, asked.number, "/again")
            taking = Taking(fund, again, asked.amount, now_ms)
            taken = await self._budgets.take(taking, (asked.target,))
        return taken[0][0] if taken else None

    def known_rooms(self, tenant_id: str) -> RoomOf:
        """What campaigns' budgets have left, as last seen."""
        return partial(self._budgets.known_room, tenant_id)

    async def read_rooms(self, coupon: CouponAccount, tries: int) -> RoomOf:
        """What the budget of the coupon's campaign has left now. tries: how often that was in vain;
        then what others left on its way from stripe to stripe is brought there first."""
        if tries >= _HELP_AFTER:
            found = await self._accounts.asking(coupon.key.t, coupon.campaign, _UNSETTLED_PAGE)
            await asyncio.gather(*[self.settle(other) for other in found])
        if coupon.owes:
            await self.settle(coupon)
        fund = await self._budgets.fund(coupon.key.t, coupon.campaign, Measure.MONEY)
        room = await self._budgets.read_room(fund, coupon.v)
        return {coupon.campaign: room}.get

    async def expire_due(self, tenant_id: str, now_ms: int) -> int:
        """Ends the steps of coupons that somebody left in the middle; how many there were."""
        found = await self._accounts.unsettled(tenant_id, now_ms, _UNSETTLED_PAGE)
        await asyncio.gather(*[self.settle(coupon) for coupon in found])
        await self.settled()
        return len(found)

    async def close(self) -> None:
        """Waits for what is being written."""
        await self.settled()
        await self._group.close()

    async def settled(self) -> None:
        """Waits for marks that are being taken off."""
        if self._clearing is not None:
            await asyncio.gather(self._clearing, return_exceptions=True)

    def _clear(self, coupon: CouponAccount) -> None:
        """Takes the marks off beside the answer: until then recovery would only look in vain."""
        self._settled[coupon.key] = coupon
        if self._clearing is None or self._clearing.done():
            self._clearing = asyncio.get_running_loop().create_task(self._clear_all())

    async def _clear_all(self) -> None:
        while self._settled:
            settled, self._settled = self._settled, {}
            with contextlib.suppress(OutcomeUnknownError):
                await self._accounts.mark_settled(list(settled.values()))
