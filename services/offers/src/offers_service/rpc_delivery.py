"""dangol.offers.v1.DeliveryService."""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from typing import Any

from dangol.offers.v1 import delivery_service_pb2 as pb
from dangol.offers.v1 import delivery_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.timestamp_pb2 import Timestamp

from offers_service.messages import (
    PROGRESS,
    Content,
    Feedback,
    Message,
    MessageState,
    Purpose,
    Word,
)
from offers_service.rpc_common import authorize, failures, page_size, timestamp
from offers_service.rpc_messaging import to_rendered
from offers_service.service_delivery import DeliveryDesk, Outbox, Posting
from offers_service.store_messages import Counts, Wanted
from offers_service.watch_messages import Handed, MessageWatch, Watcher

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["DeliveryService"].full_name
_SENDERS = (Role.PARTNER, Role.SERVICE)
_READERS = (Role.ADMIN, Role.MARKETER, Role.SERVICE)
_IN_FLIGHT_DEFAULT = 100
_LEASE_SECONDS_DEFAULT = 60


class DeliveryServicer(pb_grpc.DeliveryServiceServicer):
    """protobuf <-> outbox, streams and desk; the tenant is the caller's."""

    def __init__(
        self, outbox: Outbox, desk: DeliveryDesk, watch: MessageWatch, clock: Clock
    ) -> None:
        self._outbox = outbox
        self._desk = desk
        self._watch = watch
        self._clock = clock

    async def PostMessage(  # noqa: N802
        self, request: pb.PostMessageRequest, _context: Any
    ) -> pb.PostMessageResponse:
        """Into the outbox, once; problems name what keeps it out."""
        tenant_id = authorize(Role.SERVICE).tenant_id
        posting = Posting(request.message.message_id, _to_content(request.message))
        with failures():
            answer = await self._outbox.submit(tenant_id, posting, await self._now_ms(tenant_id))
        response = pb.PostMessageResponse(outcome=f"POST_OUTCOME_{answer.outcome}")
        for field, description in answer.problems:
            response.problems.add(field=field, description=description)
        return response

    async def Watch(  # noqa: N802
        self, request: pb.WatchRequest, _context: Any
    ) -> AsyncIterator[pb.WatchResponse]:
        """Until the caller hangs up."""
        caller = authorize(*_SENDERS)
        watcher = Watcher(
            tenant_id=caller.tenant_id,
            role=caller.role.value,
            subject=caller.subject,
            channels=tuple(request.channels),
            in_flight_max=request.max_in_flight or _IN_FLIGHT_DEFAULT,
            lease_ms=(request.lease_seconds or _LEASE_SECONDS_DEFAULT) * 1000,
            resume_token=request.resume_token,
            contacts=request.contacts,
        )
        with failures():
            async for handed in self._watch.stream(watcher):
                yield _to_watched(handed)

    async def Acknowledge(  # noqa: N802
        self, request: pb.AcknowledgeRequest, _context: Any
    ) -> pb.AcknowledgeResponse:
        """Each by itself, in order."""
        tenant_id = authorize(*_SENDERS).tenant_id
        words = [(one.message_id, _to_word(one)) for one in request.acknowledgements]
        with failures():
            now_ms = await self._now_ms(tenant_id)
            answers = await self._desk.acknowledge(tenant_id, words, now_ms)
        response = pb.AcknowledgeResponse()
        for answer in answers:
            response.results.add(
                outcome=f"ACKNOWLEDGE_OUTCOME_{answer.outcome}",
                state=f"MESSAGE_STATE_{answer.state or 'UNSPECIFIED'}",
            )
        return response

    async def GetMessage(  # noqa: N802
        self, request: pb.GetMessageRequest, _context: Any
    ) -> pb.GetMessageResponse:
        """One message; MESSAGE_NOT_FOUND."""
        tenant_id = authorize(*_READERS).tenant_id
        with failures():
            message = await self._desk.get(tenant_id, request.message_id)
        if message is None:
            raise RpcFailure(Code.MESSAGE_NOT_FOUND, "there is no such message", field="message_id")
        return pb.GetMessageResponse(message=to_message(message))

    async def ListMessages(  # noqa: N802
        self, request: pb.ListMessagesRequest, _context: Any
    ) -> pb.ListMessagesResponse:
        """Newest first."""
        tenant_id = authorize(*_READERS).tenant_id
        state = None
        if request.state:
            state = MessageState(pb.MessageState.Name(request.state).removeprefix("MESSAGE_STATE_"))
        wanted = Wanted(request.customer_id, request.campaign_id, state)
        if wanted == Wanted():
            message = "name a customer, a campaign or a state"
            raise RpcFailure(Code.FIELD_INVALID, message, field="customer_id")
        limit = page_size(request.page_size)
        with failures():
            found = await self._desk.page(
                tenant_id, wanted, _read_token(request.page_token), limit + 1
            )
        token = _token(found[limit - 1]) if len(found) > limit else ""
        return pb.ListMessagesResponse(
            messages=[to_message(one) for one in found[:limit]], next_page_token=token
        )

    async def CountMessages(  # noqa: N802
        self, request: pb.CountMessagesRequest, _context: Any
    ) -> pb.CountMessagesResponse:
        """By variant."""
        tenant_id = authorize(*_READERS).tenant_id
        with failures():
            counts = await self._desk.counts(tenant_id, request.campaign_id)
        return pb.CountMessagesResponse(
            variants=[_to_counts(variant, counts[variant]) for variant in sorted(counts)]
        )

    async def RequeueMessage(  # noqa: N802
        self, request: pb.RequeueMessageRequest, _context: Any
    ) -> pb.RequeueMessageResponse:
        """Another chance for a dead letter."""
        tenant_id = authorize(Role.ADMIN).tenant_id
        with failures():
            outcome, message = await self._desk.requeue(
                tenant_id,
                request.message_id,
                request.request_id,
                _to_ms(request, "expire_time"),
                await self._now_ms(tenant_id),
            )
        return pb.RequeueMessageResponse(
            outcome=f"REQUEUE_OUTCOME_{outcome}",
            message=to_message(message) if message else None,
        )

    async def _now_ms(self, tenant_id: str) -> int:
        return (await self._clock.read(tenant_id)).now_ms


def _to_ms(message: Any, field: str) -> int:
    stamp: Timestamp = getattr(message, field)
    return stamp.ToMilliseconds() if message.HasField(field) else 0


def _to_content(message: pb.Message) -> Content:
    purpose = pb.MessagePurpose.Name(message.purpose).removeprefix("MESSAGE_PURPOSE_")
    return Content(
        customer=message.customer_id,
        channel=message.channel,
        purpose=Purpose(purpose),
        template=message.template_id,
        values=dict(message.values),
        campaign=message.campaign_id,
        variant=message.variant_id,
        enrolment=message.enrolment_id,
        not_before_ms=_to_ms(message, "not_before"),
        expires_at_ms=_to_ms(message, "expire_time"),
        best_wait_ms=message.best_time_seconds * 1000,
    )


def _to_word(message: pb.Acknowledgement) -> Word:
    feedback = pb.Feedback.Name(message.feedback).removeprefix("FEEDBACK_")
    occurred_at_ms = _to_ms(message, "occur_time")
    return Word(message.request_id, Feedback(feedback), occurred_at_ms or None)


def to_message(message: Message) -> pb.Message:
    """A message as shops see it."""
    content = message.content
    answer = pb.Message(
        message_id=message.message_id,
        customer_id=content.customer,
        channel=content.channel,
        purpose=f"MESSAGE_PURPOSE_{content.purpose}",
        template_id=content.template,
        values=content.values,
        campaign_id=content.campaign,
        variant_id=content.variant,
        enrolment_id=content.enrolment,
        not_before=timestamp(content.not_before_ms),
        expire_time=timestamp(message.expires_at_ms),
        state=f"MESSAGE_STATE_{message.state}",
        reason=f"MESSAGE_REASON_{message.reason or 'UNSPECIFIED'}",
        attempts=message.attempts,
        post_time=timestamp(message.posted_at_ms),
        template_version=message.template_version,
        best_time_seconds=content.best_wait_ms // 1000,
    )
    if message.timing is not None:
        timing = message.timing
        answer.send_time.CopyFrom(
            pb.SendTime(
                time=timestamp(timing.at_ms),
                share_millionths=timing.share,
                share_at_once_millionths=timing.share_now,
                act_count=timing.acts,
                tenant_act_count=timing.tenant_acts,
            )
        )
    for state in PROGRESS:
        at_ms = message.reached.get(state.value)
        if at_ms is not None:
            getattr(answer, f"{state.value.lower()}_time").FromMilliseconds(at_ms)
    return answer


def _to_watched(handed: Handed) -> pb.WatchResponse:
    message, rendered, addresses = handed.handing
    content = message.content
    delivery = pb.Delivery(
        message_id=message.message_id,
        customer_id=content.customer,
        channel=content.channel,
        purpose=f"MESSAGE_PURPOSE_{content.purpose}",
        template_id=content.template,
        campaign_id=content.campaign,
        variant_id=content.variant,
        attempt=message.attempts,
        lease_end_time=timestamp(message.lease.until_ms) if message.lease else None,
        expire_time=timestamp(message.expires_at_ms),
        values=content.values,
        rendered=to_rendered(rendered),
        addresses=addresses,
    )
    return pb.WatchResponse(delivery=delivery, resume_token=handed.resume_token)


def _to_counts(variant: str, counts: Counts) -> pb.VariantMessages:
    sent, delivered, opened, clicked = (counts.reached.get(state, 0) for state in PROGRESS)
    return pb.VariantMessages(
        variant_id=variant,
        posted_count=counts.posted,
        sent_count=sent,
        delivered_count=delivered,
        opened_count=opened,
        clicked_count=clicked,
        suppressed=_to_reasons(counts.suppressed),
        dead=_to_reasons(counts.dead),
    )


def _to_reasons(counts: dict[str, int]) -> list[pb.SuppressedCount]:
    return [
        pb.SuppressedCount(reason=f"MESSAGE_REASON_{reason}", count=counts[reason])
        for reason in sorted(counts)
    ]


def _token(message: Message) -> str:
    text = f"{message.posted_at_ms}\0{message.message_id}"
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _read_token(token: str) -> tuple[int, str] | None:
    if not token:
        return None
    try:
        padded = token.encode() + b"=" * (-len(token) % 4)
        at_ms, message_id = base64.urlsafe_b64decode(padded).decode().split("\0")
        return int(at_ms), message_id
    except (binascii.Error, ValueError):
        message = "send a token that this list answered, or none"
        raise RpcFailure(Code.PAGE_TOKEN_INVALID, message, field="page_token") from None
