"""CouponService on the wire: coupons of customers, one by one or several at once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from dangol.offers.v1 import coupon_service_pb2 as pb
from dangol.offers.v1 import coupon_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Caller
from dangol_service_kit.clock import Clock

from offers_service.rpc_common import USERS, authorize_for, failures, page_after, page_size
from offers_service.service_ledger import CouponLedger

if TYPE_CHECKING:
    from offers_service.rpc_coupons import CouponWriter

_CONCURRENT_MAX = 16


class WalletRpc(pb_grpc.CouponServiceServicer):
    """The part of CouponService that lists coupons."""

    _ledger: CouponLedger
    _writer: CouponWriter
    _clock: Clock

    async def ListWallet(  # noqa: N802
        self, request: pb.ListWalletRequest, _context: Any
    ) -> pb.ListWalletResponse:
        """Coupons of one customer in order of id."""
        caller = authorize_for(request.customer_id, "customer_id", *USERS)
        size = page_size(request.page_size)
        with failures():
            found = await self._ledger.wallet(
                caller.tenant_id,
                request.customer_id,
                campaign=request.campaign_id,
                offer=request.offer_id,
                after=page_after(request.page_token, "c_"),
                limit=size + 1,
            )
        now_ms = await self._now_ms(caller)
        return pb.ListWalletResponse(
            coupons=[await self._writer.write(one, now_ms, caller) for one in found[:size]],
            next_page_token=found[size - 1].key.a if len(found) > size else "",
        )

    async def BatchListWallets(  # noqa: N802
        self, request: pb.BatchListWalletsRequest, _context: Any
    ) -> pb.BatchListWalletsResponse:
        """First pages, in the order of the request."""
        slots = asyncio.Semaphore(_CONCURRENT_MAX)

        async def first_page(customer_id: str) -> pb.Wallet:
            wanted = pb.ListWalletRequest(customer_id=customer_id, page_size=request.page_size)
            async with slots:
                found = await self.ListWallet(wanted, _context)
            return pb.Wallet(
                customer_id=customer_id,
                coupons=found.coupons,
                next_page_token=found.next_page_token,
            )

        wallets = await asyncio.gather(*map(first_page, request.customer_ids))
        return pb.BatchListWalletsResponse(wallets=wallets)

    async def _now_ms(self, caller: Caller) -> int:
        return (await self._clock.read(caller.tenant_id)).now_ms
