"""Messages to customers: what they say, what became of them, and what holds for all of them."""

from __future__ import annotations

import datetime as dt
from enum import Enum

import strawberry
from dangol.offers.v1 import delivery_service_pb2 as pb

from gateway_service import convert
from gateway_service.connections import Connection, Page, connect
from gateway_service.context import Context
from gateway_service.nodes import Node
from gateway_service.types_common import Int64
from gateway_service.types_offers import to_id
from gateway_service.types_reports import ReasonCount


@strawberry.enum(description="Why a message is sent.")
class MessagePurpose(Enum):
    """Values are those of the contract."""

    ADVERTISING = 1
    TRANSACTIONAL = 2


@strawberry.enum(description="How far a message got.")
class MessageState(Enum):
    """Values are those of the contract."""

    PENDING = 1
    LEASED = 2
    SENT = 3
    DELIVERED = 4
    OPENED = 5
    CLICKED = 6
    SUPPRESSED = 7
    DEAD = 8


@strawberry.enum(description="Why a message was not sent.")
class MessageReason(Enum):
    """Values are those of the contract."""

    NO_CONSENT = 1
    FREQUENCY_CAP = 2
    CUSTOMER_GONE = 3
    EXPIRED = 4
    TEMPLATE_NOT_FOUND = 5
    TEMPLATE_MISMATCH = 6
    TOO_LONG = 7
    FAILED_PERMANENTLY = 8
    ATTEMPTS_EXHAUSTED = 9
    SENDER_NOT_SET = 10
    NO_CONTACT = 11


@strawberry.type(description="A named value of a message.")
class MessageValue:
    """What a placeholder stands for."""

    name: str = strawberry.field(description="The placeholder's name.")
    text: str = strawberry.field(description="Its value.")


@strawberry.type(description="Why a message is sent when it is.")
class SendTime:
    """Shares are of the customer's week: an hour of somebody unknown has 1/168."""

    time: dt.datetime | None = strawberry.field(description="The hour that was chosen.")
    share: float = strawberry.field(description="Of that hour.")
    share_at_once: float = strawberry.field(
        description="Of the hour at which it could have gone at once."
    )
    act_count: int = strawberry.field(description="The customer's acts that this was learned from.")
    tenant_act_count: int = strawberry.field(
        description="Opened messages of the tenant that this was learned from."
    )


@strawberry.type(description="A message in the outbox.")
class OutboxMessage(Node):
    """Nothing personal: names and addresses are read when it is sent."""

    id: strawberry.ID = strawberry.field(description="By this a sender dedupes.")
    customer_id: strawberry.ID = strawberry.field(description="To whom.")
    channel: str = strawberry.field(description="email, sms, push, kakao, or the tenant's own.")
    purpose: MessagePurpose | None = strawberry.field(description="Why it is sent.")
    template_id: strawberry.ID = strawberry.field(description="What it says.")
    template_version: int | None = strawberry.field(
        description="The version that its values were checked against."
    )
    values: list[MessageValue] = strawberry.field(description="In order of name.")
    campaign_id: strawberry.ID | None = strawberry.field(description="The campaign behind it.")
    variant_id: strawberry.ID | None = strawberry.field(description="Which of its variants.")
    not_before: dt.datetime | None = strawberry.field(description="Not sent before.")
    expires_at: dt.datetime | None = strawberry.field(description="Not sent after.")
    state: MessageState | None = strawberry.field(description="How far it got.")
    reason: MessageReason | None = strawberry.field(description="Why it was not sent.")
    attempts: int = strawberry.field(description="How often it was handed over.")
    posted_at: dt.datetime | None = strawberry.field(description="Put into the outbox.")
    sent_at: dt.datetime | None = strawberry.field(description="Given to a carrier.")
    delivered_at: dt.datetime | None = strawberry.field(description="Arrived.")
    opened_at: dt.datetime | None = strawberry.field(description="Opened.")
    clicked_at: dt.datetime | None = strawberry.field(description="Clicked.")
    send_time: SendTime | None = strawberry.field(
        description="Why it is sent when it is; null until that was looked up."
    )


@strawberry.type(description="How many messages of a variant ended how.")
class VariantMessages:
    """One that was opened counts as sent and delivered too."""

    variant_id: strawberry.ID = strawberry.field(description="Which variant.")
    posted_count: Int64 = strawberry.field(description="Put into the outbox.")
    sent_count: Int64 = strawberry.field(description="Given to a carrier.")
    delivered_count: Int64 = strawberry.field(description="Arrived.")
    opened_count: Int64 = strawberry.field(description="Opened.")
    clicked_count: Int64 = strawberry.field(description="Clicked.")
    suppressed: list[ReasonCount] = strawberry.field(description="Never sent, by reason.")
    dead: list[ReasonCount] = strawberry.field(description="Given up, by reason.")


def to_message(message: pb.Message) -> OutboxMessage:
    """A message as frontends see it."""
    return OutboxMessage(
        id=strawberry.ID(message.message_id),
        customer_id=strawberry.ID(message.customer_id),
        channel=message.channel,
        purpose=convert.to_enum(MessagePurpose, message.purpose),
        template_id=strawberry.ID(message.template_id),
        template_version=message.template_version or None,
        values=[
            MessageValue(name=name, text=message.values[name]) for name in sorted(message.values)
        ],
        campaign_id=to_id(message.campaign_id),
        variant_id=to_id(message.variant_id),
        not_before=convert.to_datetime(message, "not_before"),
        expires_at=convert.to_datetime(message, "expire_time"),
        state=convert.to_enum(MessageState, message.state),
        reason=convert.to_enum(MessageReason, message.reason),
        attempts=message.attempts,
        posted_at=convert.to_datetime(message, "post_time"),
        sent_at=convert.to_datetime(message, "sent_time"),
        delivered_at=convert.to_datetime(message, "delivered_time"),
        opened_at=convert.to_datetime(message, "opened_time"),
        clicked_at=convert.to_datetime(message, "clicked_time"),
        send_time=_to_send_time(message.send_time) if message.HasField("send_time") else None,
    )


def _to_send_time(message: pb.SendTime) -> SendTime:
    return SendTime(
        time=convert.to_datetime(message, "time"),
        share=message.share_millionths / 1_000_000,
        share_at_once=message.share_at_once_millionths / 1_000_000,
        act_count=message.act_count,
        tenant_act_count=message.tenant_act_count,
    )


async def load_messages(
    context: Context,
    first: int | None,
    after: str | None,
    *,
    customer_id: str | None,
    campaign_id: str | None,
    state: MessageState | None,
) -> Connection[OutboxMessage]:
    """A page of messages, newest first. Raises RpcFailure."""

    async def load(page_size: int, page_token: str) -> Page[pb.Message]:
        request = pb.ListMessagesRequest(
            customer_id=customer_id or "",
            campaign_id=campaign_id or "",
            state=f"MESSAGE_STATE_{state.name}" if state else None,
            page_size=page_size,
            page_token=page_token,
        )
        answer = await context.call(context.clients.delivery.ListMessages, request)
        return Page(answer.messages, answer.next_page_token)

    return await connect(first, after, load, to_message)


async def count_messages(context: Context, campaign_id: str) -> list[VariantMessages]:
    """By variant. Raises RpcFailure."""
    request = pb.CountMessagesRequest(campaign_id=campaign_id)
    answer = await context.call(context.clients.delivery.CountMessages, request)
    return [
        VariantMessages(
            variant_id=strawberry.ID(one.variant_id),
            posted_count=Int64(one.posted_count),
            sent_count=Int64(one.sent_count),
            delivered_count=Int64(one.delivered_count),
            opened_count=Int64(one.opened_count),
            clicked_count=Int64(one.clicked_count),
            suppressed=[_to_reason(count) for count in one.suppressed],
            dead=[_to_reason(count) for count in one.dead],
        )
        for one in answer.variants
    ]


def _to_reason(message: pb.SuppressedCount) -> ReasonCount:
    reason = convert.to_enum(MessageReason, message.reason)
    return ReasonCount(reason=reason.name if reason else "OTHER", count=Int64(message.count))
