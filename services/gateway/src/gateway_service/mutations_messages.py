"""Templates, settings of messages, and dead letters."""

from __future__ import annotations

from typing import Annotated

import strawberry
from dangol.offers.v1 import delivery_service_pb2 as delivery_pb
from dangol.offers.v1 import messaging_service_pb2 as pb

from gateway_service import convert
from gateway_service import inputs_messages as inputs
from gateway_service.context import AppInfo
from gateway_service.fields import mutation
from gateway_service.outcomes import decided
from gateway_service.results import Refused
from gateway_service.types_messages import OutboxMessage, to_message
from gateway_service.types_templates import (
    MessageTemplate,
    MessagingSettings,
    to_settings,
    to_template,
)


@strawberry.type(description="The template, the settings or the message stayed as they were.")
class MessagingRefused(Refused):
    """The code is the outcome, for example VERSION_CONFLICT."""


@strawberry.type(description="The template was written.")
class MessageTemplateSuccess:
    """Written."""

    template: MessageTemplate = strawberry.field(description="As it stands.")


@strawberry.type(description="The settings were written.")
class UpdateMessagingSettingsSuccess:
    """Written."""

    settings: MessagingSettings = strawberry.field(description="As they stand.")


@strawberry.type(description="The message waits to be sent again.")
class RequeueMessageSuccess:
    """Requeued."""

    message: OutboxMessage = strawberry.field(description="As it is now.")


MessageTemplateResult = Annotated[
    MessageTemplateSuccess | MessagingRefused, strawberry.union("MessageTemplateResult")
]
UpdateMessagingSettingsResult = Annotated[
    UpdateMessagingSettingsSuccess | MessagingRefused,
    strawberry.union("UpdateMessagingSettingsResult"),
]
RequeueMessageResult = Annotated[
    RequeueMessageSuccess | MessagingRefused, strawberry.union("RequeueMessageResult")
]


@strawberry.type
class MessageMutations:
    """The part of Mutation that is about messages."""

    @mutation("Writes a template's first version.")
    async def create_message_template(
        self, info: AppInfo, input: inputs.CreateMessageTemplateInput
    ) -> MessageTemplateResult:
        """Offers' CreateTemplate."""
        request = pb.CreateTemplateRequest(
            request_id=str(input.request_id), template=input.template()
        )
        call = info.context.call(info.context.clients.messaging.CreateTemplate, request)
        answer = await decided(call, pb.TemplateOutcome, MessagingRefused)
        if isinstance(answer, MessagingRefused):
            return answer
        return MessageTemplateSuccess(template=to_template(answer.template))

    @mutation("Writes a template's next version.")
    async def update_message_template(
        self, info: AppInfo, input: inputs.UpdateMessageTemplateInput
    ) -> MessageTemplateResult:
        """Offers' UpdateTemplate."""
        request = pb.UpdateTemplateRequest(
            request_id=str(input.request_id), template=input.template(), version=input.version
        )
        call = info.context.call(info.context.clients.messaging.UpdateTemplate, request)
        answer = await decided(call, pb.TemplateOutcome, MessagingRefused)
        if isinstance(answer, MessagingRefused):
            return answer
        return MessageTemplateSuccess(template=to_template(answer.template))

    @mutation("Writes who signs the tenant's messages, how to opt out, and how many there may be.")
    async def update_messaging_settings(
        self, info: AppInfo, input: inputs.UpdateMessagingSettingsInput
    ) -> UpdateMessagingSettingsResult:
        """Offers' UpdateMessagingSettings."""
        method = info.context.clients.messaging.UpdateMessagingSettings
        call = info.context.call(method, input.to_proto())
        answer = await decided(call, pb.MessagingSettingsOutcome, MessagingRefused)
        if isinstance(answer, MessagingRefused):
            return answer
        return UpdateMessagingSettingsSuccess(settings=to_settings(answer.settings))

    @mutation("Gives a dead letter another chance.")
    async def requeue_message(
        self, info: AppInfo, input: inputs.RequeueMessageInput
    ) -> RequeueMessageResult:
        """Offers' RequeueMessage."""
        request = delivery_pb.RequeueMessageRequest(
            request_id=str(input.request_id),
            message_id=str(input.message_id),
            expire_time=convert.optional_timestamp(input.expires_at),
        )
        call = info.context.call(info.context.clients.delivery.RequeueMessage, request)
        answer = await decided(call, delivery_pb.RequeueOutcome, MessagingRefused)
        if isinstance(answer, MessagingRefused):
            return answer
        return RequeueMessageSuccess(message=to_message(answer.message))
