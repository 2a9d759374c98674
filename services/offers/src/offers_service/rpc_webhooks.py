"""dangol.offers.v1.WebhookService."""

from __future__ import annotations

from typing import Any

from dangol.offers.v1 import webhook_service_pb2 as pb
from dangol.offers.v1 import webhook_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure
from dangol_service_kit.sandboxes import is_sandbox

from offers_service import webhooks
from offers_service.rpc_common import authorize, failures, timestamp
from offers_service.service_webhooks import WebhookAnswer, WebhookDesk
from offers_service.webhooks import KEEP_DEFAULT_MS, Endpoint, Target

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["WebhookService"].full_name


class WebhookServicer(pb_grpc.WebhookServiceServicer):
    """protobuf <-> endpoints. private: for development, where anything may be called."""

    def __init__(self, desk: WebhookDesk, *, private: bool) -> None:
        self._desk = desk
        self._private = private

    async def CreateWebhookEndpoint(  # noqa: N802
        self, request: pb.CreateWebhookEndpointRequest, _context: Any
    ) -> pb.CreateWebhookEndpointResponse:
        """With its secret; FIELD_INVALID for an address that may not be called."""
        tenant_id = authorize(Role.ADMIN).tenant_id
        if is_sandbox(tenant_id):
            message = "a sandbox posts nothing to the outside: take its messages with Watch"
            raise RpcFailure(Code.SANDBOX_REFUSED, message)
        target = self._target(request.endpoint)
        with failures():
            answer = await self._desk.create(tenant_id, target, request.request_id)
        return pb.CreateWebhookEndpointResponse(**_answered(answer), secret=answer.secret)

    async def UpdateWebhookEndpoint(  # noqa: N802
        self, request: pb.UpdateWebhookEndpointRequest, _context: Any
    ) -> pb.UpdateWebhookEndpointResponse:
        """All of it at once; FIELD_INVALID."""
        tenant_id = authorize(Role.ADMIN).tenant_id
        target = self._target(request.endpoint)
        with failures():
            answer = await self._desk.update(
                tenant_id,
                request.endpoint.endpoint_id,
                target,
                request.request_id,
                version=request.endpoint.version,
                disabled=request.disabled,
            )
        return pb.UpdateWebhookEndpointResponse(**_answered(answer))

    async def RotateWebhookSecret(  # noqa: N802
        self, request: pb.RotateWebhookSecretRequest, _context: Any
    ) -> pb.RotateWebhookSecretResponse:
        """The new secret."""
        tenant_id = authorize(Role.ADMIN).tenant_id
        keep_ms = KEEP_DEFAULT_MS
        if request.HasField("keep_seconds"):
            keep_ms = request.keep_seconds * 1000
        with failures():
            answer = await self._desk.rotate(
                tenant_id, request.endpoint_id, request.request_id, keep_ms
            )
        return pb.RotateWebhookSecretResponse(
            outcome=f"WEBHOOK_OUTCOME_{answer.outcome}", secret=answer.secret
        )

    async def DeleteWebhookEndpoint(  # noqa: N802
        self, request: pb.DeleteWebhookEndpointRequest, _context: Any
    ) -> pb.DeleteWebhookEndpointResponse:
        """Harmless where there is none."""
        tenant_id = authorize(Role.ADMIN).tenant_id
        with failures():
            await self._desk.delete(tenant_id, request.endpoint_id)
        return pb.DeleteWebhookEndpointResponse()

    async def GetWebhookEndpoint(  # noqa: N802
        self, request: pb.GetWebhookEndpointRequest, _context: Any
    ) -> pb.GetWebhookEndpointResponse:
        """One endpoint; WEBHOOK_NOT_FOUND."""
        tenant_id = authorize(Role.ADMIN).tenant_id
        with failures():
            found = await self._desk.read(tenant_id, request.endpoint_id)
        if found is None:
            message = "there is no such endpoint"
            raise RpcFailure(Code.WEBHOOK_NOT_FOUND, message, field="endpoint_id")
        return pb.GetWebhookEndpointResponse(endpoint=_to_message(found))

    async def ListWebhookEndpoints(  # noqa: N802
        self, _request: pb.ListWebhookEndpointsRequest, _context: Any
    ) -> pb.ListWebhookEndpointsResponse:
        """In order of id."""
        tenant_id = authorize(Role.ADMIN).tenant_id
        with failures():
            found = await self._desk.of_tenant(tenant_id)
        return pb.ListWebhookEndpointsResponse(endpoints=[_to_message(one) for one in found])

    def _target(self, message: pb.WebhookEndpoint) -> Target:
        target = Target(
            message.url,
            tuple(sorted(message.event_types)),
            tuple(sorted(message.channels)),
            message.contacts,
            message.display_name,
        )
        wrong = webhooks.violations(target, private=self._private)
        if wrong:
            field, text = wrong[0]
            raise RpcFailure(Code.FIELD_INVALID, f"{field}: {text}", violations=wrong)
        return target


def _answered(answer: WebhookAnswer) -> dict[str, Any]:
    endpoint = _to_message(answer.endpoint) if answer.endpoint else None
    return {"outcome": f"WEBHOOK_OUTCOME_{answer.outcome}", "endpoint": endpoint}


def _to_message(endpoint: Endpoint) -> pb.WebhookEndpoint:
    target = endpoint.target
    return pb.WebhookEndpoint(
        endpoint_id=endpoint.endpoint_id,
        url=target.url,
        event_types=target.event_types,
        channels=target.channels,
        contacts=target.contacts,
        display_name=target.display_name,
        state=f"WEBHOOK_STATE_{endpoint.state}",
        version=endpoint.v,
        failures=endpoint.failures,
        failing_since=timestamp(endpoint.failing_since_ms),
        pause_end_time=timestamp(endpoint.paused_until_ms),
    )
