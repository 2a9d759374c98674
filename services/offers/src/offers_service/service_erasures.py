"""What offers keeps of a customer follows an erasure in profile.

Profile is asked for erasures that wait for offers. Coupons that can still be used are revoked in
the journal, which keeps the customer's id and stays verifiable; everything else goes. Every step
may be repeated, so a crash repeats the customer, and replicas may meet at one.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol_service_kit import logs
from dangol_service_kit.auth import ALL_TENANTS
from dangol_service_kit.client import call

from offers_service.coupon_account import CouponAccount, CouponState
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.journal import Request
from offers_service.reversals import Revoke
from offers_service.service_merges import TenantClock
from offers_service.service_reversals import Reversals
from offers_service.store_accounts import AccountStore
from offers_service.store_erasures import TraceStore

if TYPE_CHECKING:
    from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceAsyncStub

_POLL_SECONDS = 2.0
_PAGE_SIZE = 100
_COUPONS_AT_ONCE = 200
_TIMEOUT_SECONDS = 10.0
_OPEN = frozenset({CouponState.AVAILABLE, CouponState.HELD, CouponState.ESCROWED})

_log = logs.get_logger()


class ErasureFollower:
    """Erases whom profile erased, and tells profile so."""

    def __init__(
        self,
        *,
        stub: PrivacyServiceAsyncStub,
        token: Callable[[str], str],
        accounts: AccountStore,
        reversals: Reversals,
        traces: TraceStore,
        clock: TenantClock,
    ) -> None:
        self._stub = stub
        self._token = token
        self._accounts = accounts
        self._reversals = reversals
        self._traces = traces
        self._clock = clock

    async def run(self) -> None:
        """Catches up again and again until cancelled."""
        while True:
            try:
                await self.catch_up()
            except Exception as error:
                _log.warning("erasures_interrupted", **logs.describe(error))
            await asyncio.sleep(_POLL_SECONDS)

    async def catch_up(self) -> int:
        """Does what is waited for now; how many customers that were. Raises RpcFailure and
        OutcomeUnknownError: repeat it."""
        done = 0
        async for erasure in self._waiting():
            await self._acknowledge(erasure, await self._erase(erasure))
            done += 1
        return done

    async def _waiting(self) -> AsyncIterator[pb.Erasure]:
        request = pb.ListErasuresRequest(page_size=_PAGE_SIZE, waiting_for=pb.ERASURE_PART_OFFERS)
        while True:
            answer = await call(
                self._stub.ListErasures,
                request,
                token=self._token(ALL_TENANTS),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            for erasure in answer.erasures:
                yield erasure
            request.page_token = answer.next_page_token
            if not request.page_token:
                return

    async def _acknowledge(self, erasure: pb.Erasure, count: int) -> None:
        request = pb.AcknowledgeErasureRequest(
            customer_id=erasure.customer_id,
            part=pb.ERASURE_PART_OFFERS,
            customer_ids=erasure.customer_ids,
            count=count,
        )
        await call(
            self._stub.AcknowledgeErasure,
            request,
            token=self._token(erasure.tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )

    async def _erase(self, erasure: pb.Erasure) -> int:
        tenant_id, ids = erasure.tenant_id, list(erasure.customer_ids)
        # First what may still bring about something new.
        count = await self._traces.forget(tenant_id, ids, f"!{uuid.uuid4().hex}")
        for customer_id in ids:
            count += await self._revoke_all(tenant_id, customer_id)
        return count

    async def _revoke_all(self, tenant_id: str, customer_id: str) -> int:
        """Ends every coupon of the customer that can still be used; gifts are taken back first."""
        revoked, after = 0, ""
        while found := await self._accounts.owned(
            tenant_id, customer_id, "coupon", after=after, limit=_COUPONS_AT_ONCE
        ):
            after = found[-1].key.a
            usable = [one for one in found if _is_usable(one)]
            now_ms = (await self._clock.read(tenant_id)).now_ms
            results = await asyncio.gather(
                *(self._revoke(tenant_id, one.key.a, now_ms) for one in usable)
            )
            revoked += sum(results)
        return revoked

    async def _revoke(self, tenant_id: str, coupon_id: str, now_ms: int) -> bool:
        request = Request(f"erasure:{coupon_id}", "service:erasure", b"")
        decided = await self._reversals.revoke(tenant_id, coupon_id, Revoke(request, now_ms))
        return decided.outcome is CouponOutcome.APPLIED


def _is_usable(account: Any) -> bool:
    return isinstance(account, CouponAccount) and account.state in _OPEN
