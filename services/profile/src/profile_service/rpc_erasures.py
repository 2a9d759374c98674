"""Erasures over gRPC: a part of PrivacyService."""

from __future__ import annotations

from typing import Final

from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceServicer
from dangol_service_kit.auth import ALL_TENANTS, Role, require
from dangol_service_kit.errors import Code, RpcFailure

from profile_service.domain import AnsweredRequest
from profile_service.erasure import EraseOutcome, Erasure, Part
from profile_service.rpc import Context, customer_not_found, idempotency, may_see, outages
from profile_service.rpc_pages import from_token, to_token
from profile_service.sealing import Vault
from profile_service.service_erasure import EraserService

_PAGE_DEFAULT: Final = 100
_OUTCOMES: Final = {
    EraseOutcome.STARTED: pb.ERASE_OUTCOME_STARTED,
    EraseOutcome.ALREADY: pb.ERASE_OUTCOME_ALREADY,
}
_PARTS: Final = {
    Part.PROFILE: pb.ERASURE_PART_PROFILE,
    Part.SEGMENTATION: pb.ERASURE_PART_SEGMENTATION,
    Part.OFFERS: pb.ERASURE_PART_OFFERS,
}
_FROM_PARTS: Final = {number: part for part, number in _PARTS.items()}


class ErasureRpc(PrivacyServiceServicer):
    """Admins erase, and customers themselves; services acknowledge."""

    def __init__(self, eraser: EraserService, vault: Vault) -> None:
        self._eraser = eraser
        self._vault = vault

    async def EraseCustomer(  # noqa: N802
        self, request: pb.EraseCustomerRequest, _context: Context
    ) -> pb.EraseCustomerResponse:
        """Errors: CUSTOMER_NOT_FOUND, REQUEST_CONFLICT."""
        caller = require(Role.ADMIN, Role.CUSTOMER)
        if not may_see(caller, request.customer_id):
            raise customer_not_found()
        answered = AnsweredRequest(*idempotency(self._vault, caller, "erase", request))
        actor = f"{caller.role.value}:{caller.subject}"
        with outages():
            erasure, outcome = await self._eraser.erase(
                caller.tenant_id, request.customer_id, answered, request.reason, actor
            )
        return pb.EraseCustomerResponse(outcome=_OUTCOMES[outcome], erasure=_to_message(erasure))

    async def GetErasure(  # noqa: N802
        self, request: pb.GetErasureRequest, _context: Context
    ) -> pb.GetErasureResponse:
        """Errors: CUSTOMER_NOT_FOUND when nobody asked for it."""
        caller = require(Role.ADMIN, Role.CUSTOMER, Role.SERVICE)
        with outages():
            erasure = await self._eraser.get(caller.tenant_id, request.customer_id)
        if erasure is None or not may_see(caller, request.customer_id):
            raise customer_not_found()
        return pb.GetErasureResponse(erasure=_to_message(erasure))

    async def ListErasures(  # noqa: N802
        self, request: pb.ListErasuresRequest, _context: Context
    ) -> pb.ListErasuresResponse:
        """Errors: PAGE_TOKEN_INVALID."""
        caller = require(Role.ADMIN, Role.OPERATOR, Role.SERVICE)
        only = None if caller.tenant_id == ALL_TENANTS else caller.tenant_id
        parts = from_token("erasures", request.page_token, 2)
        after = (parts[0], parts[1]) if parts else ("", "")
        size = request.page_size or _PAGE_DEFAULT
        with outages():
            found = await self._eraser.page(
                only, after, size + 1, _FROM_PARTS.get(request.waiting_for)
            )
        response = pb.ListErasuresResponse(erasures=[_to_message(one) for one in found[:size]])
        if len(found) > size:
            last = found[size - 1]
            response.next_page_token = to_token("erasures", last.tenant_id, last.customer_id)
        return response

    async def AcknowledgeErasure(  # noqa: N802
        self, request: pb.AcknowledgeErasureRequest, _context: Context
    ) -> pb.AcknowledgeErasureResponse:
        """Errors: CUSTOMER_NOT_FOUND, TENANT_NOT_FOUND for a token of all tenants."""
        caller = require(Role.SERVICE)
        if caller.tenant_id == ALL_TENANTS:
            raise RpcFailure(Code.TENANT_NOT_FOUND, "use a token for one tenant")
        with outages():
            erasure = await self._eraser.acknowledge(
                caller.tenant_id,
                request.customer_id,
                _FROM_PARTS[request.part],
                request.customer_ids,
                request.count,
            )
        return pb.AcknowledgeErasureResponse(erasure=_to_message(erasure))


def _to_message(erasure: Erasure) -> pb.Erasure:
    message = pb.Erasure(
        tenant_id=erasure.tenant_id,
        customer_id=erasure.customer_id,
        customer_ids=erasure.customer_ids,
        reason=erasure.reason,
        actor=erasure.actor,
    )
    message.request_time.FromMilliseconds(erasure.requested_ms)
    if erasure.completed_ms:
        message.complete_time.FromMilliseconds(erasure.completed_ms)
    for part, number in _PARTS.items():
        step = message.steps.add(part=number, count=erasure.counts.get(part, 0))
        if part in erasure.done:
            step.complete_time.FromMilliseconds(erasure.done[part])
    return message
