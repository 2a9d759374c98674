"""Asking segmentation: a campaign's own segment, and who is in a segment."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.client import call
from dangol_service_kit.errors import Code, RpcFailure

from offers_service import triggers
from offers_service.campaigns import Campaign
from offers_service.triggers import DateTrigger

if TYPE_CHECKING:
    from dangol.segmentation.v1.segment_service_pb2_grpc import SegmentServiceAsyncStub

_TIMEOUT_SECONDS = 10.0
_PAGE_SIZE = 1000
# ListMemberships takes at most this many customers.
_CUSTOMERS_MAX = 500
_NAMESPACE = uuid.UUID("6a1b6b0e-7d0e-4d7f-9a51-0f6f0d3c1c55")


class Member(NamedTuple):
    """A present member of a segment."""

    customer_id: str
    entered_at_ms: int


class Segments:
    """SegmentService under the service's own token; raises RpcFailure."""

    def __init__(self, stub: SegmentServiceAsyncStub, token: Callable[[str], str]) -> None:
        self._stub = stub
        self._token = token

    async def install(self, campaign: Campaign) -> None:
        """Makes the segment that the campaign's trigger needs; harmless to repeat.

        Whoever is in it from the start is not told of: campaigns act on what happens from now on.
        """
        rule = triggers.rule_of(campaign.trigger) if campaign.trigger else None
        if rule is None:
            await self._require(campaign)
            return
        segment_id = triggers.own_segment_id(campaign.campaign_id)
        segment = pb.Segment(
            segment_id=segment_id,
            rule=rule,
            display_names={
                language: f"{name} ({campaign.campaign_id})"
                for language, name in campaign.display_names
            },
        )
        request = pb.CreateSegmentRequest(
            request_id=_request_id(campaign.tenant_id, "create", segment_id), segment=segment
        )
        await call(
            self._stub.CreateSegment,
            request,
            token=self._token(campaign.tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )

    async def remove(self, campaign: Campaign) -> None:
        """Drops the campaign's own segment; harmless to repeat, or where there is none."""
        if campaign.trigger is None or triggers.rule_of(campaign.trigger) is None:
            return
        segment_id = triggers.own_segment_id(campaign.campaign_id)
        request = pb.DeleteSegmentRequest(
            request_id=_request_id(campaign.tenant_id, "delete", segment_id),
            segment_id=segment_id,
        )
        try:
            await call(
                self._stub.DeleteSegment,
                request,
                token=self._token(campaign.tenant_id),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
        except RpcFailure as failure:
            # Rules of others that refer to it keep it alive.
            if failure.code not in (Code.SEGMENT_NOT_FOUND, Code.SEGMENT_IN_USE):
                raise

    async def _require(self, campaign: Campaign) -> None:
        """A dated campaign would find nobody, and say nothing, without its segment."""
        trigger = campaign.trigger
        if not isinstance(trigger, DateTrigger):
            return
        await call(
            self._stub.GetSegment,
            pb.GetSegmentRequest(segment_id=trigger.segment_id),
            token=self._token(campaign.tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )

    async def members(self, tenant_id: str, segment_id: str) -> AsyncIterator[list[Member]]:
        """Present members, page by page; none of a segment that does not exist."""
        page_token = ""
        while True:
            request = pb.ListMembersRequest(
                segment_id=segment_id, page_size=_PAGE_SIZE, page_token=page_token
            )
            try:
                response = await call(
                    self._stub.ListMembers,
                    request,
                    token=self._token(tenant_id),
                    timeout_seconds=_TIMEOUT_SECONDS,
                )
            except RpcFailure as failure:
                if failure.code is Code.SEGMENT_NOT_FOUND:
                    return
                raise
            yield [
                Member(member.customer_id, member.entered_at.ToMilliseconds())
                for member in response.members
            ]
            page_token = response.next_page_token
            if not page_token:
                return

    async def of_customer(self, tenant_id: str, customer_id: str) -> frozenset[str]:
        """The segments that the customer is in now."""
        response = await call(
            self._stub.ListMemberships,
            pb.ListMembershipsRequest(customer_ids=[customer_id]),
            token=self._token(tenant_id),
            timeout_seconds=_TIMEOUT_SECONDS,
        )
        return frozenset(one.segment_id for each in response.customers for one in each.memberships)

    async def members_among(
        self, tenant_id: str, segment_id: str, customer_ids: Iterable[str]
    ) -> set[str]:
        """Those of the customers who are members now."""
        wanted = sorted(set(customer_ids))
        found: set[str] = set()
        for start in range(0, len(wanted), _CUSTOMERS_MAX):
            response = await call(
                self._stub.ListMemberships,
                pb.ListMembershipsRequest(customer_ids=wanted[start : start + _CUSTOMERS_MAX]),
                token=self._token(tenant_id),
                timeout_seconds=_TIMEOUT_SECONDS,
            )
            found |= {
                customer.customer_id
                for customer in response.customers
                if any(one.segment_id == segment_id for one in customer.memberships)
            }
        return found


def _request_id(tenant_id: str, purpose: str, segment_id: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, f"{tenant_id}/{purpose}/{segment_id}"))
