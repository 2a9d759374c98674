"""What can be watched."""

from __future__ import annotations

from collections.abc import AsyncIterator

import strawberry
from dangol.segmentation.v1 import segment_service_pb2 as pb
from dangol_service_kit.client import follow

from gateway_service.context import AppInfo
from gateway_service.fields import subscription
from gateway_service.types_segments import MembershipChange, to_change


@strawberry.type(description="One announced change, and where to go on from.")
class MembershipChangeMessage:
    """Keep the last resume token to lose nothing when the connection breaks."""

    change: MembershipChange = strawberry.field(description="Who entered or left which segment.")
    resume_token: str = strawberry.field(description="Send it to go on after this change.")


@strawberry.type(description="What can be watched.")
class Subscription:
    """Over the graphql-transport-ws protocol."""

    @subscription("Membership changes as they are announced.")
    async def membership_changes(
        self,
        info: AppInfo,
        segment_ids: list[strawberry.ID] | None = None,
        resume_token: str | None = None,
    ) -> AsyncIterator[MembershipChangeMessage]:
        """From now on, or from a resume token; ends when the caller's token expires."""
        context = info.context
        request = pb.WatchMembershipsRequest(
            segment_ids=segment_ids or (), resume_token=resume_token or ""
        )
        answers = follow(
            context.clients.segments.WatchMemberships, request, token=context.caller.token
        )
        async for answer in answers:
            # Raises once the token has expired.
            _ = context.caller
            yield MembershipChangeMessage(
                change=to_change(answer.change), resume_token=answer.resume_token
            )
