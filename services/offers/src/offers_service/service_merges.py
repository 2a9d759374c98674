"""What offers keeps of a customer follows a merge in profile.

Profile is asked every second who was merged since the newest merge that is known, and a minute
before that, so that neither a clock that is behind nor a write that was on its way escapes: coupons
and gifts that came to the tombstone meanwhile are moved then. Every step may be repeated.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import msgspec
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit import logs
from dangol_service_kit.auth import ALL_TENANTS
from dangol_service_kit.client import call
from dangol_service_kit.clock import Reading, wall_ms

from offers_service import coupon_account, gift_account
from offers_service.coupon_account import CouponAccount, instant, lapse
from offers_service.gift_account import GiftAccount
from offers_service.service_group import Group
from offers_service.service_lineage import Lineage
from offers_service.store_accounts import AccountStore, AnyAccount
from offers_service.store_merges import Merge, MergeStore

if TYPE_CHECKING:
    from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceAsyncStub

_OVERLAP_MS = 60_000
_POLL_SECONDS = 1.0
_PAGE_SIZE = 1_000
_MOVES_AT_ONCE_MAX = 256
_TIMEOUT_SECONDS = 10.0

_log = logs.get_logger()


class TenantClock(Protocol):
    """dangol_service_kit.clock.Clock."""

    def read(self, tenant_id: str) -> Awaitable[Reading]: ...


class MergeLog(Protocol):
    """Where merges are heard of."""

    def since(self, since_ms: int) -> AsyncIterator[Sequence[Merge]]:
        """All merges of all tenants from then on, oldest first, page by page."""
        ...


class ProfileMerges:
    """Asks profile, under the service's own token. Raises RpcFailure."""

    def __init__(self, stub: CustomerServiceAsyncStub, token: Callable[[str], str]) -> None:
        self._stub = stub
        self._token = token

    async def since(self, since_ms: int) -> AsyncIterator[Sequence[Merge]]:
        """In pages of 1,000."""
        request = pb.ListMergedCustomersRequest(page_size=_PAGE_SIZE)
        request.since.FromMilliseconds(since_ms)
        while True:
            response = await call(
                self._stub.ListMergedCustomers,
                request,
                token=self._token(ALL_TENANTS),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            yield [
                Merge(
                    one.tenant_id, one.customer_id, one.merged_into, one.merge_time.ToMilliseconds()
                )
                for one in response.merges
            ]
            request.page_token = response.next_page_token
            if not request.page_token:
                return


class Part(Protocol):
    """Something else that follows a merge."""

    def move(self, tenant_id: str, roots: Mapping[str, str], now_ms: int) -> Awaitable[int]: ...


class _Moved(msgspec.Struct, frozen=True):
    account: Any


class MergeFollower:
    """Moves coupons and gifts of tombstones to whom merging left, and what `parts` keep."""

    def __init__(
        self,
        *,
        store: MergeStore,
        log: MergeLog,
        lineage: Lineage,
        accounts: AccountStore,
        group: Group,
        clock: TenantClock,
        parts: Sequence[Part] = (),
        wall_ms: Callable[[], int] = wall_ms,
    ) -> None:
        self._store = store
        self._log = log
        self._lineage = lineage
        self._accounts = accounts
        self._group = group
        self._clock = clock
        self._parts = parts
        self._wall_ms = wall_ms
        self._read_ms = 0
        # Merges that were followed here, and when: those of the overlap come again and again.
        self._followed: dict[Merge, int] = {}

    async def run(self) -> None:
        """Catches up again and again until cancelled."""
        while True:
            try:
                await self.catch_up()
            except Exception as error:
                _log.warning("merges_interrupted", **logs.describe(error))
            await asyncio.sleep(_POLL_SECONDS)

    async def catch_up(self, *, again: bool = True) -> int:
        """Follows every merge that profile had made before the call; answers how many accounts
        moved. Raises RpcFailure, OutcomeUnknownError or ContendedError: repeat it.

        again: also those of the last minute that were followed here before. Whoever asks often
        leaves these to `run`.
        """
        started_ms, moved = self._wall_ms(), 0
        position_ms = await self._store.position_ms()
        # What this process has read up to a while ago it need not read again.
        since_ms = max(position_ms, self._read_ms) - _OVERLAP_MS
        async for page in self._log.since(max(since_ms, 0)):
            wanted = page if again else [one for one in page if one not in self._followed]
            if wanted:
                moved += await self.follow(wanted)
                self._followed |= dict.fromkeys(wanted, started_ms)
            newest_ms = max((merge.merged_ms for merge in page), default=0)
            if newest_ms > position_ms:
                await self._store.save_position(newest_ms)
                position_ms = newest_ms
        self._read_ms = max(self._read_ms, started_ms)
        self._forget(started_ms)
        return moved

    def _forget(self, now_ms: int) -> None:
        """Merges that no overlap brings again."""
        if now_ms - next(iter(self._followed.values()), now_ms) > 2 * _OVERLAP_MS:
            self._followed = {
                merge: at_ms
                for merge, at_ms in self._followed.items()
                if now_ms - at_ms <= _OVERLAP_MS
            }

    async def follow(self, merges: Sequence[Merge]) -> int:
        """Writes merges down, then moves what the tombstones have; how many accounts that were.

        In this order: whoever gives something to a tombstone after it was written down finds it,
        and what was given before is found here.
        """
        await self._store.add(merges)
        by_tenant: dict[str, list[Merge]] = defaultdict(list)
        for merge in merges:
            by_tenant[merge.tenant_id].append(merge)
        moved = 0
        for tenant_id, theirs in by_tenant.items():
            sources = {merge.source for merge in theirs}
            roots = await self._lineage.roots(tenant_id, sources)
            moved += await self._move(tenant_id, roots)
            now_ms = (await self._clock.read(tenant_id)).now_ms
            for part in self._parts:
                moved += await part.move(tenant_id, roots, now_ms)
        return moved

    async def _move(self, tenant_id: str, roots: dict[str, str]) -> int:
        moved = 0
        while found := await self._accounts.of_people(tenant_id, list(roots), _MOVES_AT_ONCE_MAX):
            now_ms = (await self._clock.read(tenant_id)).now_ms
            await asyncio.gather(*[self._inherit(account, roots, now_ms) for account in found])
            moved += len(found)
        return moved

    async def _inherit(self, account: AnyAccount, roots: dict[str, str], now_ms: int) -> None:
        def decide(current: Any) -> _Moved:
            return _Moved(inherit(current, roots, now_ms))

        await self._group.submit(account.key, decide)


def inherit(account: AnyAccount | None, roots: dict[str, str], now_ms: int) -> AnyAccount | None:
    """A coupon or a gift after everybody in roots was merged into the one that it names."""
    if isinstance(account, CouponAccount) and account.owner in roots:
        at_ms = instant(account, now_ms)
        return coupon_account.inherit(lapse(account, at_ms), roots[account.owner], at_ms)
    if isinstance(account, GiftAccount):
        for customer_id in {account.owner, account.claimer} & roots.keys():
            account = gift_account.inherit(account, customer_id, roots[customer_id], now_ms)
    return account
