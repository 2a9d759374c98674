"""Publishable keys: made and revoked. To rotate one, make another, publish it, revoke the first."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.profile.v1 import publishable_key_service_pb2 as pb

from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.inputs import REQUEST_ID
from gateway_service.results import Refused, or_refused
from gateway_service.types_publishable_keys import PublishableKey, to_publishable_key


@strawberry.input(description="A key to make.")
class CreatePublishableKeyInput:
    """The same request again answers the same key."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    display_name: str = strawberry.field(description="For people; 1 to 128 characters.")
    origins: list[str] = strawberry.field(
        description="1 to 20 origins of pages, such as https://shop.example; each once."
    )


@strawberry.input(description="A key to end.")
class RevokePublishableKeyInput:
    """Harmless where it was ended before, so it may be sent twice without being told apart."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    key_id: strawberry.ID = strawberry.field(description="Which.")


@strawberry.type(description="The keys stayed as they were.")
class PublishableKeyRefused(Refused):
    """For example PUBLISHABLE_KEY_NOT_FOUND."""


@strawberry.type(description="The key is good from now on.")
class CreatePublishableKeySuccess:
    """Made."""

    key: PublishableKey = strawberry.field(description="What is kept of it.")
    publishable_key: str = strawberry.field(
        description="pk_...: what the pages carry; no query shows it."
    )


@strawberry.type(description="Nothing more is sold for the key.")
class RevokePublishableKeySuccess:
    """Revoked, now or before."""

    key: PublishableKey = strawberry.field(description="As it is now.")


CreatePublishableKeyResult = Annotated[
    CreatePublishableKeySuccess | PublishableKeyRefused,
    strawberry.union("CreatePublishableKeyResult"),
]
RevokePublishableKeyResult = Annotated[
    RevokePublishableKeySuccess | PublishableKeyRefused,
    strawberry.union("RevokePublishableKeyResult"),
]


@strawberry.type
class PublishableKeyMutations:
    """The part of Mutation about publishable keys."""

    @mutation("Makes a key for pages of some origins, and shows it once.")
    async def create_publishable_key(
        self, info: AppInfo, input: CreatePublishableKeyInput
    ) -> CreatePublishableKeyResult:
        """Profile's CreatePublishableKey."""
        request = pb.CreatePublishableKeyRequest(
            request_id=str(input.request_id),
            display_name=input.display_name,
            origins=input.origins,
        )
        method = info.context.clients.publishable_keys.CreatePublishableKey
        answer = await or_refused(info.context.call(method, request), PublishableKeyRefused)
        if isinstance(answer, PublishableKeyRefused):
            return answer
        return CreatePublishableKeySuccess(
            key=to_publishable_key(answer.key), publishable_key=answer.publishable_key
        )

    @mutation("Ends a key. Tokens that were sold for it run out within minutes.")
    async def revoke_publishable_key(
        self, info: AppInfo, input: RevokePublishableKeyInput
    ) -> RevokePublishableKeyResult:
        """Profile's RevokePublishableKey."""
        request = pb.RevokePublishableKeyRequest(key_id=str(input.key_id))
        method = info.context.clients.publishable_keys.RevokePublishableKey
        answer = await or_refused(info.context.call(method, request), PublishableKeyRefused)
        if isinstance(answer, PublishableKeyRefused):
            return answer
        return RevokePublishableKeySuccess(key=to_publishable_key(answer.key))
