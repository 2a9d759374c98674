"""CodeService on the wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from dangol.offers.v1 import code_service_pb2 as pb
from dangol.offers.v1 import code_service_pb2_grpc as pb_grpc
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.code_account import CodeOutcome
from offers_service.codes import Secrets
from offers_service.coupon_outcomes import CouponOutcome
from offers_service.journal import Request
from offers_service.rpc_common import USERS, WRITERS, actor, authorize, authorize_for, failures
from offers_service.rpc_coupons import CouponWriter
from offers_service.service_codes import CodeDesk, Wanted
from offers_service.service_gifts import People

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["CodeService"].full_name
_REFUSALS = {
    CouponOutcome.NOT_FOUND: (Code.OFFER_NOT_FOUND, "there is no such offer"),
    CouponOutcome.OFFER_ENDED: (Code.OFFER_ENDED, "the offer has ended"),
    CouponOutcome.REQUEST_CONFLICT: (
        Code.REQUEST_CONFLICT,
        "the request id was used before with other content",
    ),
}


class CodeServicer(pb_grpc.CodeServiceServicer):
    """Maps requests to the code desk and outcomes to the wire."""

    def __init__(
        self,
        *,
        desk: CodeDesk,
        clock: Clock,
        people: People,
        writer: CouponWriter,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._people = people
        self._writer = writer
        self._secrets_of = secrets_of

    async def IssueCodes(  # noqa: N802
        self, request: pb.IssueCodesRequest, _context: Any
    ) -> AsyncIterator[pb.IssueCodesResponse]:
        """Progress after every few thousand codes; OFFER_NOT_FOUND, OFFER_ENDED."""
        caller = authorize(*WRITERS)
        until_ms = request.claim_until.ToMilliseconds() if request.HasField("claim_until") else 0
        content = (request.offer_id, request.campaign_id, request.count, until_ms)
        print_ = self._secrets_of(caller.tenant_id).print("codes", *content)
        asked = Request(request.request_id, actor(caller), print_)
        wanted = Wanted(request.offer_id, request.campaign_id, request.count, until_ms, asked)
        now_ms = (await self._clock.read(caller.tenant_id)).now_ms
        with failures():
            batch = await self._desk.begin(caller.tenant_id, wanted, now_ms)
            if isinstance(batch, CouponOutcome):
                code, message = _REFUSALS[batch]
                raise RpcFailure(code, message)
            async for made in self._desk.make(caller.tenant_id, batch):
                yield pb.IssueCodesResponse(batch_id=batch.batch_id, made_count=made)
        yield pb.IssueCodesResponse(batch_id=batch.batch_id, made_count=batch.count, done=True)

    async def ExportCodes(  # noqa: N802
        self, request: pb.ExportCodesRequest, _context: Any
    ) -> AsyncIterator[pb.ExportCodesResponse]:
        """For the first request only; CODES_NOT_EXPORTABLE."""
        caller = authorize(*WRITERS)
        content = (actor(caller), request.request_id)
        print_ = self._secrets_of(caller.tenant_id).print("export-codes", *content)
        with failures():
            batch = await self._desk.export(caller.tenant_id, request.batch_id, print_)
        if batch is None:
            message = "there is no such batch, or it is not all made, or was exported before"
            raise RpcFailure(Code.CODES_NOT_EXPORTABLE, message, field="batch_id")
        for piece in self._desk.lines(caller.tenant_id, batch):
            yield pb.ExportCodesResponse(data=piece)

    async def ClaimCode(  # noqa: N802
        self, request: pb.ClaimCodeRequest, _context: Any
    ) -> pb.ClaimCodeResponse:
        """Into the wallet of a customer, who has to exist."""
        customer = request.customer_id
        caller = authorize_for(customer, "customer_id", *USERS)
        if await self._people.find(caller.tenant_id, customer) is None:
            raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")
        print_ = self._secrets_of(caller.tenant_id).print("claim-code", request.code, customer)
        asked = Request(request.request_id, actor(caller), print_)
        now_ms = (await self._clock.read(caller.tenant_id)).now_ms
        with failures():
            claimed = await self._desk.claim(
                caller.tenant_id, request.code, customer, asked, now_ms
            )
        applied = claimed.outcome is CodeOutcome.APPLIED
        return pb.ClaimCodeResponse(
            outcome=f"CODE_OUTCOME_{claimed.outcome.name}",
            coupon=await self._writer.write_answer(claimed.coupon, applied, now_ms, caller),
        )
