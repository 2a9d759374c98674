"""Who is in a segment, as segmentation says, asked in this service's own name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.auth import ServiceCredentials
from dangol_service_kit.client import call

from profile_service.service_segment_reports import MemberPage

if TYPE_CHECKING:
    # The stub's type exists only in the generated .pyi file.
    from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceAsyncStub

_PAGE: Final = 1000
_SECONDS: Final = 10.0


class SegmentMembers:
    """Pages of members. Raises RpcFailure SEGMENT_NOT_FOUND, UNAVAILABLE."""

    def __init__(self, stub: SegmentServiceAsyncStub, credentials: ServiceCredentials) -> None:
        self._stub = stub
        self._credentials = credentials

    async def members(self, tenant_id: str, segment_id: str, token: str) -> MemberPage:
        """The page that a token names; the first for an empty one."""
        request = pb.ListMembersRequest(segment_id=segment_id, page_size=_PAGE, page_token=token)
        answer = await call(
            self._stub.ListMembers,
            request,
            token=self._credentials.token(tenant_id),
            timeout_seconds=_SECONDS,
        )
        ids = [one.customer_id for one in answer.members]
        return MemberPage(ids, answer.total_size, answer.next_page_token)
