"""What a shop's messages say, and who signs them."""

from __future__ import annotations

from enum import Enum

import strawberry
from dangol.offers.v1 import messaging_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import Context
from gateway_service.missing import or_none
from gateway_service.nodes import Node
from gateway_service.types_common import Int64
from gateway_service.types_messages import MessagePurpose


@strawberry.enum(description="What a placeholder's value is.")
class TemplateValueType(Enum):
    """Values are those of the contract."""

    TEXT = 1
    NUMBER = 2
    MONEY = 3
    DATE = 4
    TIME = 5
    URL = 6


@strawberry.type(description="What a placeholder stands for.")
class TemplateValue:
    """customer_name, shop_name and coupon_id are always there."""

    name: str = strawberry.field(description="In snake_case.")
    type: TemplateValueType | None = strawberry.field(description="What its value is.")
    default_value: str | None = strawberry.field(
        description="Taken where a message brings none; null: every message has to bring it."
    )


@strawberry.type(description="What is sent on one channel in one language.")
class TemplateText:
    """Placeholders are {{ name }}."""

    channel: str = strawberry.field(description="email, sms, push, kakao, or the tenant's own.")
    language: str = strawberry.field(description="ko, en, ja, ...")
    subject: str | None = strawberry.field(description="Of an email, an LMS or a push message.")
    text: str = strawberry.field(description="Plain text.")
    html: str | None = strawberry.field(description="Of an email: its HTML body.")
    long: bool = strawberry.field(description="Of an sms: may be sent as an LMS.")


@strawberry.type(description="What a message says, on every channel and in every language.")
class MessageTemplate(Node):
    """One version; messages that were posted keep the one that they were checked against."""

    id: strawberry.ID = strawberry.field(description="The template's name in campaigns.")
    version: int = strawberry.field(description="1 for the first.")
    display_name: str = strawberry.field(description="For people.")
    values: list[TemplateValue] = strawberry.field(description="Its placeholders.")
    texts: list[TemplateText] = strawberry.field(
        description="At most one of each channel and language."
    )


@strawberry.type(description="What goes to the customer, with everything the law asks for.")
class RenderedMessage:
    """Complete: it is sent as it is."""

    language: str = strawberry.field(description="The language that was taken.")
    subject: str | None = strawberry.field(description="Its subject.")
    text: str = strawberry.field(description="Plain text.")
    html: str | None = strawberry.field(description="Of an email.")
    format: str | None = strawberry.field(description="SMS or LMS on the channel sms.")
    length: int = strawberry.field(
        description="As the channel counts: bytes of EUC-KR on sms, of UTF-8 on push, else "
        "characters."
    )
    length_max: int = strawberry.field(description="What the channel carries.")
    template_version: int = strawberry.field(description="The version that was rendered.")


@strawberry.type(description="At most count messages to a customer in any window of that length.")
class MessageCap:
    """What goes beyond is suppressed."""

    channel: str | None = strawberry.field(description="Null: all channels together.")
    purpose: MessagePurpose | None = strawberry.field(description="Null: both together.")
    window_seconds: int = strawberry.field(description="How long the window is.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How a customer opts out on a channel, free of charge.")
class OptOut:
    """A number, an address of a page, or a few words."""

    channel: str = strawberry.field(description="On which channel.")
    text: str = strawberry.field(description="How.")


@strawberry.type(description="What holds for all messages of the tenant.")
class MessagingSettings:
    """Who signs, how to opt out, and how many there may be."""

    version: Int64 = strawberry.field(description="Send it back when changing them.")
    sender_name: str | None = strawberry.field(description="Whose name advertising carries.")
    sender_phone: str | None = strawberry.field(description="The sender's number.")
    sender_email: str | None = strawberry.field(description="Needed for advertising by email.")
    sender_address: str | None = strawberry.field(description="Needed for advertising by email.")
    opt_outs: list[OptOut] = strawberry.field(description="By channel.")
    caps: list[MessageCap] = strawberry.field(description="None: no limit.")


def to_template(message: pb.MessageTemplate) -> MessageTemplate:
    """A template as frontends see it."""
    return MessageTemplate(
        id=strawberry.ID(message.template_id),
        version=message.version,
        display_name=message.display_name,
        values=[
            TemplateValue(
                name=value.name,
                type=convert.to_enum(TemplateValueType, value.type),
                default_value=value.default_value if value.HasField("default_value") else None,
            )
            for value in message.values
        ],
        texts=[
            TemplateText(
                channel=text.channel,
                language=text.language,
                subject=text.subject or None,
                text=text.text,
                html=text.html or None,
                long=text.long,
            )
            for text in message.texts
        ],
    )


def to_rendered(message: pb.RenderedText) -> RenderedMessage:
    """A rendered text as frontends see it."""
    return RenderedMessage(
        language=message.language,
        subject=message.subject or None,
        text=message.text,
        html=message.html or None,
        format=message.format or None,
        length=message.length,
        length_max=message.length_max,
        template_version=message.template_version,
    )


def to_settings(message: pb.MessagingSettings) -> MessagingSettings:
    """Settings as frontends see them."""
    return MessagingSettings(
        version=Int64(message.version),
        sender_name=message.sender_name or None,
        sender_phone=message.sender_phone or None,
        sender_email=message.sender_email or None,
        sender_address=message.sender_address or None,
        opt_outs=[
            OptOut(channel=channel, text=message.opt_outs[channel])
            for channel in sorted(message.opt_outs)
        ],
        caps=[
            MessageCap(
                channel=cap.channel or None,
                purpose=MessagePurpose[cap.purpose.upper()] if cap.purpose else None,
                window_seconds=cap.window_seconds,
                count=cap.count,
            )
            for cap in message.caps
        ],
    )


async def load_template(
    context: Context, template_id: str, version: int | None = None
) -> MessageTemplate | None:
    """One template; None where there is none. Raises RpcFailure."""
    request = pb.GetTemplateRequest(template_id=template_id, version=version or 0)
    answer = await or_none(context.call(context.clients.messaging.GetTemplate, request))
    return to_template(answer.template) if answer else None


async def load_templates(
    context: Context, first: int | None, after: str | None
) -> Connection[MessageTemplate]:
    """The newest version of each. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[pb.MessageTemplate]:
        request = pb.ListTemplatesRequest(page_size=page_size, page_token=page_token)
        answer = await context.call(context.clients.messaging.ListTemplates, request)
        return Page(answer.templates, answer.next_page_token)

    return await connect(first, after, load, to_template)


async def load_settings(context: Context) -> MessagingSettings:
    """The tenant's. Raises RpcFailure."""
    method = context.clients.messaging.GetMessagingSettings
    answer = await context.call(method, pb.GetMessagingSettingsRequest())
    return to_settings(answer.settings)
