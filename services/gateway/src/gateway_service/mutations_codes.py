"""Codes in bulk: made with progress, claimed once. Their file is downloads.py's."""

from __future__ import annotations

import asyncio
from typing import Annotated

import strawberry
from dangol.offers.v1 import code_service_pb2 as pb
from dangol_service_kit.client import stream

from gateway_service import convert
from gateway_service import inputs_coupons as inputs
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.outcomes import decided
from gateway_service.results import Refused, or_refused
from gateway_service.types_offers import Coupon, to_coupon

# So long one request waits; sent again it goes on, and tells how far it is.
_PROGRESS_SECONDS = 2.0
_BATCH_SECONDS = 600.0


@strawberry.type(description="No code was made or claimed.")
class CodeRefused(Refused):
    """The code is the outcome, for example ALREADY_CLAIMED."""


@strawberry.type(description="How far the batch is. Send the same request again until it is done.")
class IssueCodesSuccess:
    """Made, or being made."""

    batch_id: strawberry.ID = strawberry.field(description="The batch; its file is exported by it.")
    made_count: int = strawberry.field(description="Codes made so far.")
    count: int = strawberry.field(description="Codes that were asked for.")
    done: bool = strawberry.field(description="Whether all are made.")


@strawberry.type(description="The code's coupon is the customer's.")
class ClaimCodeSuccess:
    """Claimed."""

    coupon: Coupon = strawberry.field(description="As it is now.")


IssueCodesResult = Annotated[IssueCodesSuccess | CodeRefused, strawberry.union("IssueCodesResult")]
ClaimCodeResult = Annotated[ClaimCodeSuccess | CodeRefused, strawberry.union("ClaimCodeResult")]


@strawberry.type
class CodeMutations:
    """The part of Mutation that is about codes."""

    @mutation("Makes a batch of codes, or tells how far it is. The same request goes on with it.")
    async def issue_codes(self, info: AppInfo, input: inputs.IssueCodesInput) -> IssueCodesResult:
        """Offers' IssueCodes, followed for a while."""
        request = pb.IssueCodesRequest(
            request_id=str(input.request_id),
            offer_id=str(input.offer_id),
            campaign_id=str(input.campaign_id or ""),
            count=input.count,
            claim_until=convert.optional_timestamp(input.claim_until),
        )
        answer = await or_refused(_progress(info, request), CodeRefused)
        if isinstance(answer, CodeRefused):
            return answer
        return IssueCodesSuccess(
            batch_id=strawberry.ID(answer.batch_id),
            made_count=answer.made_count,
            count=input.count,
            done=answer.done,
        )

    @mutation("Claims a code's coupon for a customer.")
    async def claim_code(self, info: AppInfo, input: inputs.ClaimCodeInput) -> ClaimCodeResult:
        """Offers' ClaimCode."""
        request = pb.ClaimCodeRequest(
            request_id=str(input.request_id),
            code=input.code,
            customer_id=str(input.customer_id),
        )
        call = info.context.call(info.context.clients.codes.ClaimCode, request)
        answer = await decided(call, pb.CodeOutcome, CodeRefused)
        if isinstance(answer, CodeRefused):
            return answer
        return ClaimCodeSuccess(coupon=to_coupon(answer.coupon))


async def _progress(info: AppInfo, request: pb.IssueCodesRequest) -> pb.IssueCodesResponse:
    """The newest of what the service tells within a while: at least one."""
    context = info.context
    until = asyncio.get_running_loop().time() + _PROGRESS_SECONDS
    newest = pb.IssueCodesResponse()
    method = context.clients.codes.IssueCodes
    token = context.caller.token
    async for answer in stream(method, request, token=token, timeout_seconds=_BATCH_SECONDS):
        newest = answer
        if asyncio.get_running_loop().time() >= until:
            break
    return newest
