"""What clients send about templates, settings of messages, and webhooks."""

from __future__ import annotations

import datetime as dt

import strawberry
from dangol.offers.v1 import messaging_service_pb2 as pb

from gateway_service.inputs import REQUEST_ID
from gateway_service.types_common import Int64
from gateway_service.types_messages import MessagePurpose
from gateway_service.types_templates import TemplateValueType


@strawberry.input(description="What a placeholder stands for.")
class TemplateValueInput:
    """customer_name, shop_name and coupon_id are always there and cannot be declared."""

    name: str = strawberry.field(description="In snake_case.")
    type: TemplateValueType = strawberry.field(
        default=TemplateValueType.TEXT, description="What its value is."
    )
    default_value: str | None = strawberry.field(
        default=None, description="Taken where a message brings none."
    )

    def to_proto(self) -> pb.TemplateValue:
        """The message."""
        return pb.TemplateValue(
            name=self.name, type=f"VALUE_TYPE_{self.type.name}", default_value=self.default_value
        )


@strawberry.input(description="What is sent on one channel in one language.")
class TemplateTextInput:
    """Placeholders are {{ name }}; there is no logic."""

    channel: str = strawberry.field(description="email, sms, push, kakao, or the tenant's own.")
    language: str = strawberry.field(description="ko, en, ja, ...")
    text: str = strawberry.field(description="Plain text.")
    subject: str | None = strawberry.field(
        default=None, description="Of an email (required), an LMS or a push message."
    )
    html: str | None = strawberry.field(default=None, description="Of an email: its HTML body.")
    long: bool = strawberry.field(
        default=False, description="Of an sms: may be sent as an LMS beyond 90 bytes."
    )


@strawberry.input(description="A template's first version.")
class CreateMessageTemplateInput:
    """The whole of it."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    template_id: strawberry.ID = strawberry.field(description="For example cart-left.")
    display_name: str = strawberry.field(description="For people.")
    texts: list[TemplateTextInput] = strawberry.field(
        description="At most one of each channel and language."
    )
    values: list[TemplateValueInput] | None = strawberry.field(
        default=None, description="Its placeholders."
    )

    def template(self) -> pb.MessageTemplate:
        """The message."""
        return pb.MessageTemplate(
            template_id=str(self.template_id),
            display_name=self.display_name,
            values=[value.to_proto() for value in self.values or ()],
            texts=[
                pb.TemplateText(
                    channel=text.channel,
                    language=text.language,
                    subject=text.subject or "",
                    text=text.text,
                    html=text.html or "",
                    long=text.long,
                )
                for text in self.texts
            ],
        )


@strawberry.input(description="A template's next version.")
class UpdateMessageTemplateInput(CreateMessageTemplateInput):
    """The whole of it."""

    version: int = strawberry.field(default=0, description="The version that was read.")


@strawberry.input(description="A named value of a message.")
class MessageValueInput:
    """What a placeholder stands for."""

    name: str = strawberry.field(description="The placeholder's name.")
    text: str = strawberry.field(description="Its value, in plain notation.")


@strawberry.input(description="How a customer opts out on a channel, free of charge.")
class OptOutInput:
    """On sms a number, on email an address of a page, on others a few words."""

    channel: str = strawberry.field(description="On which channel.")
    text: str = strawberry.field(description="How.")


@strawberry.input(description="At most count messages to a customer in any window of that length.")
class MessageCapInput:
    """What goes beyond is suppressed."""

    window_seconds: int = strawberry.field(description="60 to 2678400.")
    count: int = strawberry.field(description="1 to 200.")
    channel: str | None = strawberry.field(
        default=None, description="All channels together if absent."
    )
    purpose: MessagePurpose | None = strawberry.field(
        default=None, description="Both together if absent."
    )


@strawberry.input(description="What holds for all messages of the tenant.")
class UpdateMessagingSettingsInput:
    """All of it is written."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    version: Int64 = strawberry.field(description="The version that was read.")
    sender_name: str | None = strawberry.field(
        default=None, description="Whose name advertising carries."
    )
    sender_phone: str | None = strawberry.field(default=None, description="The sender's number.")
    sender_email: str | None = strawberry.field(
        default=None, description="Needed for advertising by email."
    )
    sender_address: str | None = strawberry.field(
        default=None, description="Needed for advertising by email."
    )
    opt_outs: list[OptOutInput] | None = strawberry.field(default=None, description="By channel.")
    caps: list[MessageCapInput] | None = strawberry.field(
        default=None, description="None: no limit."
    )

    def to_proto(self) -> pb.UpdateMessagingSettingsRequest:
        """The message."""
        settings = pb.MessagingSettings(
            version=self.version,
            sender_name=self.sender_name or "",
            sender_phone=self.sender_phone or "",
            sender_email=self.sender_email or "",
            sender_address=self.sender_address or "",
            opt_outs={one.channel: one.text for one in self.opt_outs or ()},
            caps=[
                pb.MessageCap(
                    channel=cap.channel or "",
                    purpose=cap.purpose.name.lower() if cap.purpose else "",
                    window_seconds=cap.window_seconds,
                    count=cap.count,
                )
                for cap in self.caps or ()
            ],
        )
        return pb.UpdateMessagingSettingsRequest(request_id=str(self.request_id), settings=settings)


@strawberry.input(description="A dead letter to give another chance.")
class RequeueMessageInput:
    """Its attempts begin anew."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    message_id: strawberry.ID = strawberry.field(description="Which.")
    expires_at: dt.datetime | None = strawberry.field(
        default=None, description="When its moment passes now; needed where it has passed."
    )


@strawberry.input(description="Where messages are posted to, signed.")
class CreateWebhookEndpointInput:
    """The whole of it."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    url: str = strawberry.field(
        description="https://; its name must not lead to a private network."
    )
    purposes: list[MessagePurpose] | None = strawberry.field(
        default=None, description="Only messages of these; both if absent."
    )
    channels: list[str] | None = strawberry.field(
        default=None, description="Only messages of these channels; all if absent."
    )
    contacts: bool = strawberry.field(
        default=False, description="Whether it is told where customers are reached."
    )
    display_name: str | None = strawberry.field(default=None, description="For people.")


@strawberry.input(description="An endpoint's new content; it is enabled unless it says disabled.")
class UpdateWebhookEndpointInput(CreateWebhookEndpointInput):
    """The whole of it."""

    endpoint_id: strawberry.ID = strawberry.field(default="", description="Which.")
    version: Int64 = strawberry.field(default=Int64(0), description="The version that was read.")
    disabled: bool = strawberry.field(default=False, description="Whether nothing is sent to it.")


@strawberry.input(description="An endpoint to give a new secret.")
class RotateWebhookSecretInput:
    """For a while each POST carries the signatures of both."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    endpoint_id: strawberry.ID = strawberry.field(description="Which.")
    keep_seconds: int | None = strawberry.field(
        default=None, description="For so long the old one signs too; a day if absent."
    )


@strawberry.input(description="An endpoint to delete.")
class DeleteWebhookEndpointInput:
    """Harmless where there is none, so it may be sent twice without being told apart."""

    request_id: strawberry.ID = strawberry.field(description=REQUEST_ID)
    endpoint_id: strawberry.ID = strawberry.field(description="Which.")
