"""The points' half of the process, put together for __main__ and for tests."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Protocol

from dangol_service_kit.clock import Clock
from dangol_service_kit.tenants import TenantDirectory

from offers_service.codes import Secrets
from offers_service.relay_lanes import Follower
from offers_service.rpc_points import PointsServicer
from offers_service.service_gifts import People
from offers_service.service_group import Group
from offers_service.service_ledger import CouponLedger
from offers_service.service_lineage import Lineage
from offers_service.service_points import PointsBook, PointsDesk
from offers_service.service_points_followers import (
    GiftFinisher,
    PointsJoiner,
    PointsPayer,
    TierKeeper,
)
from offers_service.service_points_gifts import PointsGiftDesk
from offers_service.service_points_merges import PointsMerges
from offers_service.store_accounts import AccountStore
from offers_service.store_points import ProgramStore

if TYPE_CHECKING:
    from dangol.profile.v1.customer_service_pb2_grpc import CustomerServiceAsyncStub


class Due(Protocol):
    """What has deadlines of its own."""

    def expire_due(self, tenant_id: str, now_ms: int) -> Awaitable[int]: ...


class AllDue:
    """Several of them as one."""

    def __init__(self, *parts: Due) -> None:
        self._parts = parts

    async def expire_due(self, tenant_id: str, now_ms: int) -> int:
        """How much ended in all of them."""
        ended = [part.expire_due(tenant_id, now_ms) for part in self._parts]
        return sum(await asyncio.gather(*ended))


class PointsParts:
    """A servicer to add to the server, `prepare` before; followers for the relay."""

    def __init__(
        self,
        *,
        database: Any,
        accounts: AccountStore,
        group: Group,
        ledger: CouponLedger,
        people: People,
        lineage: Lineage,
        customers: CustomerServiceAsyncStub,
        token: Callable[[str], str],
        directory: TenantDirectory,
        clock: Clock,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._programs = ProgramStore(database)
        self.book = PointsBook(
            accounts=accounts,
            group=group,
            programs=self._programs,
            directory=directory,
            lineage=lineage,
        )
        self.merges = PointsMerges(accounts, self.book)
        self.payer = PointsPayer(ledger, self.book, secrets_of)
        gifts = PointsGiftDesk(
            accounts=accounts,
            group=group,
            book=self.book,
            people=people,
            lineage=lineage,
            secrets_of=secrets_of,
        )
        keeper = TierKeeper(
            book=self.book,
            ledger=ledger,
            customers=customers,
            token=token,
            request_ids=lambda: str(uuid.uuid4()),
        )
        self.followers: tuple[Follower, ...] = (
            self.payer,
            GiftFinisher(gifts),
            PointsJoiner(self.book),
            keeper,
        )
        self.servicer = PointsServicer(
            desk=PointsDesk(self.book, people),
            gifts=gifts,
            book=self.book,
            clock=clock,
            directory=directory,
            secrets_of=secrets_of,
        )

    async def prepare(self) -> None:
        """Creates collections; harmless to repeat."""
        await self._programs.prepare()
