"""Webhooks: endpoints of senders to which messages are posted, signed."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.offers.v1 import webhook_service_pb2 as pb

from gateway_service import convert
from gateway_service.context import Context
from gateway_service.missing import or_none
from gateway_service.nodes import Node
from gateway_service.types_common import Int64
from gateway_service.types_messages import MessagePurpose

_EVENT_TYPE = "message."


@strawberry.enum(description="Whether messages are posted to an endpoint, and if not, why.")
class WebhookState(Enum):
    """Values are those of the contract."""

    ENABLED = 1
    DISABLED = 2
    GONE = 3
    FAILING = 4


@strawberry.type(description="Where messages are posted to, signed by the Standard Webhooks rules.")
class WebhookEndpoint(Node):
    """Its secret is shown when it is made, and by no query."""

    id: strawberry.ID = strawberry.field(description="The endpoint.")
    url: str = strawberry.field(description="Where it is.")
    purposes: list[MessagePurpose] = strawberry.field(
        description="Only messages of these; none: both."
    )
    channels: list[str] = strawberry.field(description="Only messages of these; none: all.")
    contacts: bool = strawberry.field(description="Whether it is told where customers are reached.")
    display_name: str | None = strawberry.field(description="For people.")
    state: WebhookState | None = strawberry.field(description="Whether messages are posted to it.")
    version: Int64 = strawberry.field(description="Send it back when changing it.")
    failures: int = strawberry.field(description="Failures since the last success.")
    failing_since: dt.datetime | None = strawberry.field(
        description="Since when there was no success."
    )
    paused_until: dt.datetime | None = strawberry.field(description="Nothing is sent before this.")


def event_types(purposes: list[MessagePurpose] | None) -> list[str]:
    """Purposes as the contract names them."""
    return [f"{_EVENT_TYPE}{purpose.name.lower()}" for purpose in purposes or ()]


def to_endpoint(message: pb.WebhookEndpoint) -> WebhookEndpoint:
    """An endpoint as frontends see it."""
    return WebhookEndpoint(
        id=strawberry.ID(message.endpoint_id),
        url=message.url,
        purposes=[
            MessagePurpose[name.removeprefix(_EVENT_TYPE).upper()] for name in message.event_types
        ],
        channels=list(message.channels),
        contacts=message.contacts,
        display_name=message.display_name or None,
        state=convert.to_enum(WebhookState, message.state),
        version=Int64(message.version),
        failures=message.failures,
        failing_since=convert.to_datetime(message, "failing_since"),
        paused_until=convert.to_datetime(message, "pause_end_time"),
    )


async def load_endpoint(context: Context, endpoint_id: str) -> WebhookEndpoint | None:
    """One endpoint; None where there is none. Raises RpcFailure."""
    request = pb.GetWebhookEndpointRequest(endpoint_id=endpoint_id)
    answer = await or_none(context.call(context.clients.webhooks.GetWebhookEndpoint, request))
    return to_endpoint(answer.endpoint) if answer else None


async def load_endpoints(context: Context) -> list[WebhookEndpoint]:
    """All of the tenant's, at most 20. Raises RpcFailure."""
    method = context.clients.webhooks.ListWebhookEndpoints
    answer = await context.call(method, pb.ListWebhookEndpointsRequest())
    return [to_endpoint(endpoint) for endpoint in answer.endpoints]
