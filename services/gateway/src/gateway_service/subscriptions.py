"""What can be watched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from functools import partial

import strawberry

from gateway_service import sources
from gateway_service.context import AppInfo
from gateway_service.fields import subscription
from gateway_service.types_streams import (
    CampaignProgress,
    CouponChangeMessage,
    MembershipChangeMessage,
)


@strawberry.type(description="What can be watched.")
class Subscription:
    """Over graphql-transport-ws, or as server-sent events; each ends when the token expires."""

    @subscription("Membership changes as they are announced.")
    async def membership_changes(
        self,
        info: AppInfo,
        segment_ids: list[strawberry.ID] | None = None,
        resume_token: str | None = None,
    ) -> AsyncIterator[MembershipChangeMessage]:
        """From now on, or from a resume token."""
        context = info.context
        caller = context.caller
        source = partial(sources.memberships, context.clients)
        feed = context.feeds.get(("memberships", caller.tenant_id), source)
        wanted = frozenset(segment_ids or ())
        async with aclosing(feed.read(caller, resume_token or context.last_event_id)) as items:
            async for item in items:
                if not wanted or item.value.change.segment_id in wanted:
                    yield item.value

    @subscription("What happens to the caller's own coupons, as it happens.")
    async def my_coupons(
        self, info: AppInfo, resume_token: str | None = None
    ) -> AsyncIterator[CouponChangeMessage]:
        """From now on, or from a resume token."""
        context = info.context
        caller = context.caller
        source = partial(sources.wallet, context.clients, caller.subject)
        feed = context.feeds.get(("wallet", caller.tenant_id, caller.subject), source)
        async with aclosing(feed.read(caller, resume_token or context.last_event_id)) as items:
            async for item in items:
                yield item.value

    @subscription("How far a campaign has come: at once, and whenever that changes.")
    async def campaign_progress(
        self, info: AppInfo, campaign_id: strawberry.ID
    ) -> AsyncIterator[CampaignProgress]:
        """Of changes that follow each other fast, the last one is told."""
        context = info.context
        caller = context.caller
        watched = sources.Watched(campaign_id, await context.currency_code())
        source = partial(sources.progress, context.clients, watched)
        key = ("progress", caller.tenant_id, campaign_id)
        async with aclosing(context.feeds.get(key, source, latest=True).read(caller, "")) as items:
            async for item in items:
                yield item.value
