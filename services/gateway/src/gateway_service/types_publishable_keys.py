"""Publishable keys: what a tenant's pages carry for everybody to see (ADR 0063)."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.profile.v1 import publishable_key_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import AppInfo, Context
from gateway_service.fields import resolver


@strawberry.type(description="A key with which a page's visitors get tokens that only write.")
class PublishableKey:
    """The key itself is shown when it is made, and by no query."""

    id: strawberry.ID = strawberry.field(description="Names the key without being it.")
    display_name: str = strawberry.field(description="For people.")
    origins: list[str] = strawberry.field(
        description="Pages that it is good for: scheme://host[:port], as browsers send it."
    )
    created_at: dt.datetime = strawberry.field(description="When it was made.")
    revoked_at: dt.datetime | None = strawberry.field(
        description="Since when nothing is sold for it; null while it is good."
    )


def to_publishable_key(message: pb.PublishableKey) -> PublishableKey:
    """A key as administrators see it."""
    return PublishableKey(
        id=strawberry.ID(message.key_id),
        display_name=message.display_name,
        origins=list(message.origins),
        created_at=convert.to_required_datetime(message, "create_time"),
        revoked_at=convert.to_datetime(message, "revoke_time"),
    )


async def load_publishable_keys(context: Context) -> list[PublishableKey]:
    """All of the tenant's, at most 200. Raises RpcFailure."""
    method = context.clients.publishable_keys.ListPublishableKeys
    answer = await context.call(method, pb.ListPublishableKeysRequest())
    return [to_publishable_key(key) for key in answer.keys]


@strawberry.type
class PublishableKeyQueries:
    """The part of Query about publishable keys."""

    @resolver("The tenant's publishable keys, the newest first, revoked ones included.")
    async def publishable_keys(self, info: AppInfo) -> list[PublishableKey] | None:
        """At most 200."""
        return await load_publishable_keys(info.context)
