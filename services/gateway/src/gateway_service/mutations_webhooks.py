"""Endpoints of senders: made, changed, given new secrets, deleted."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.offers.v1 import webhook_service_pb2 as pb

from gateway_service import inputs_messages as inputs
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.outcomes import decided
from gateway_service.results import Refused, or_refused
from gateway_service.types_webhooks import WebhookEndpoint, event_types, to_endpoint


@strawberry.type(description="The endpoint stayed as it was.")
class WebhookRefused(Refused):
    """The code is the outcome, for example VERSION_CONFLICT."""


@strawberry.type(description="The endpoint is there.")
class CreateWebhookEndpointSuccess:
    """Made."""

    endpoint: WebhookEndpoint = strawberry.field(description="As it is now.")
    secret: str = strawberry.field(description="whsec_...: keep it; no query shows it.")


@strawberry.type(description="The endpoint was written.")
class UpdateWebhookEndpointSuccess:
    """Written."""

    endpoint: WebhookEndpoint = strawberry.field(description="As it is now.")


@strawberry.type(description="The endpoint has a new secret.")
class RotateWebhookSecretSuccess:
    """Rotated."""

    secret: str = strawberry.field(description="whsec_...: keep it; no query shows it.")


@strawberry.type(description="The endpoint is gone.")
class DeleteWebhookEndpointSuccess:
    """Deleted."""

    endpoint_id: strawberry.ID = strawberry.field(description="Which.")


CreateWebhookEndpointResult = Annotated[
    CreateWebhookEndpointSuccess | WebhookRefused,
    strawberry.union("CreateWebhookEndpointResult"),
]
UpdateWebhookEndpointResult = Annotated[
    UpdateWebhookEndpointSuccess | WebhookRefused,
    strawberry.union("UpdateWebhookEndpointResult"),
]
RotateWebhookSecretResult = Annotated[
    RotateWebhookSecretSuccess | WebhookRefused, strawberry.union("RotateWebhookSecretResult")
]
DeleteWebhookEndpointResult = Annotated[
    DeleteWebhookEndpointSuccess | WebhookRefused,
    strawberry.union("DeleteWebhookEndpointResult"),
]


@strawberry.type
class WebhookMutations:
    """The part of Mutation that is about webhooks."""

    @mutation("Makes an endpoint, and shows its secret once.")
    async def create_webhook_endpoint(
        self, info: AppInfo, input: inputs.CreateWebhookEndpointInput
    ) -> CreateWebhookEndpointResult:
        """Offers' CreateWebhookEndpoint."""
        request = pb.CreateWebhookEndpointRequest(
            request_id=str(input.request_id), endpoint=_endpoint(input)
        )
        call = info.context.call(info.context.clients.webhooks.CreateWebhookEndpoint, request)
        answer = await decided(call, pb.WebhookOutcome, WebhookRefused)
        if isinstance(answer, WebhookRefused):
            return answer
        return CreateWebhookEndpointSuccess(
            endpoint=to_endpoint(answer.endpoint), secret=answer.secret
        )

    @mutation("Changes an endpoint, or enables one that was disabled.")
    async def update_webhook_endpoint(
        self, info: AppInfo, input: inputs.UpdateWebhookEndpointInput
    ) -> UpdateWebhookEndpointResult:
        """Offers' UpdateWebhookEndpoint."""
        endpoint = _endpoint(input)
        endpoint.endpoint_id, endpoint.version = str(input.endpoint_id), input.version
        request = pb.UpdateWebhookEndpointRequest(
            request_id=str(input.request_id), endpoint=endpoint, disabled=input.disabled
        )
        call = info.context.call(info.context.clients.webhooks.UpdateWebhookEndpoint, request)
        answer = await decided(call, pb.WebhookOutcome, WebhookRefused)
        if isinstance(answer, WebhookRefused):
            return answer
        return UpdateWebhookEndpointSuccess(endpoint=to_endpoint(answer.endpoint))

    @mutation("Gives an endpoint a new secret.")
    async def rotate_webhook_secret(
        self, info: AppInfo, input: inputs.RotateWebhookSecretInput
    ) -> RotateWebhookSecretResult:
        """Offers' RotateWebhookSecret."""
        request = pb.RotateWebhookSecretRequest(
            request_id=str(input.request_id),
            endpoint_id=str(input.endpoint_id),
            keep_seconds=input.keep_seconds,
        )
        method = info.context.clients.webhooks.RotateWebhookSecret
        answer = await or_refused(info.context.call(method, request), WebhookRefused)
        if isinstance(answer, WebhookRefused):
            return answer
        return RotateWebhookSecretSuccess(secret=answer.secret)

    @mutation("Deletes an endpoint.")
    async def delete_webhook_endpoint(
        self, info: AppInfo, input: inputs.DeleteWebhookEndpointInput
    ) -> DeleteWebhookEndpointResult:
        """Offers' DeleteWebhookEndpoint."""
        request = pb.DeleteWebhookEndpointRequest(endpoint_id=str(input.endpoint_id))
        method = info.context.clients.webhooks.DeleteWebhookEndpoint
        answer = await or_refused(info.context.call(method, request), WebhookRefused)
        if isinstance(answer, WebhookRefused):
            return answer
        return DeleteWebhookEndpointSuccess(endpoint_id=input.endpoint_id)


def _endpoint(given: inputs.CreateWebhookEndpointInput) -> pb.WebhookEndpoint:
    return pb.WebhookEndpoint(
        url=given.url,
        event_types=event_types(given.purposes),
        channels=given.channels or (),
        contacts=given.contacts,
        display_name=given.display_name or "",
    )
