"""WalletService on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from dangol.offers.v1 import wallet_service_pb2 as pb
from dangol.offers.v1 import wallet_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Caller
from dangol_service_kit.client import RESUME_HEADER

from offers_service.rpc_common import USERS, authorize_for, failures
from offers_service.rpc_coupons import CouponWriter
from offers_service.watch_wallets import Told, WalletHub

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["WalletService"].full_name


class WalletServicer(pb_grpc.WalletServiceServicer):
    """protobuf <-> hub; a customer watches only the wallet that is the customer's own."""

    def __init__(self, hub: WalletHub, writer: CouponWriter) -> None:
        self._hub = hub
        self._writer = writer

    async def WatchWallet(  # noqa: N802
        self, request: pb.WatchWalletRequest, context: Any
    ) -> AsyncIterator[pb.WatchWalletResponse]:
        """Until the caller hangs up."""
        caller = authorize_for(request.customer_id, "customer_id", *USERS)

        async def began(resume_token: str) -> None:
            """Tells the client that whatever happens from now on will come."""
            await context.send_initial_metadata(((RESUME_HEADER, resume_token),))

        changes = self._hub.watch(
            caller.tenant_id, request.customer_id, request.resume_token, began
        )
        with failures():
            async for told in changes:
                yield await self._write(told, caller)

    async def _write(self, told: Told, caller: Caller) -> pb.WatchWalletResponse:
        response = pb.WatchWalletResponse(resume_token=told.token, live=told.live)
        if told.left:
            response.kind = pb.WALLET_CHANGE_KIND_LEFT
            response.coupon.coupon_id = told.coupon.key.a
            response.coupon.offer_id = told.coupon.offer
            response.coupon.version = told.coupon.v
            return response
        response.kind = pb.WALLET_CHANGE_KIND_CHANGED
        at_ms = told.coupon.entries[-1].at_ms
        response.coupon.CopyFrom(await self._writer.write(told.coupon, at_ms, caller))
        return response
