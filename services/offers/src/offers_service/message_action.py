"""The message that a campaign's variant sends. Pure."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from offers_service.messages import Content, Purpose

# A placeholder for templates that show the coupon; the app finds it in the wallet by this id.
COUPON = "coupon_id"


@dataclass(frozen=True, slots=True)
class MessageAction:
    """expire_ms after the trigger it is not sent any more; 0 for the outbox's default.
    best_wait_ms: how long it may wait for its customer's best hour."""

    channel: str
    template_id: str
    transactional: bool = False
    expire_ms: int = 0
    best_wait_ms: int = 0


def message_id(enrolment_id: str) -> str:
    """The one message of an enrolment."""
    digest = hashlib.blake2b(f"message/{enrolment_id}".encode(), digest_size=15).digest()
    return "m_" + base64.b32encode(digest).decode().lower()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whose message it is, and what for. coupon_id is empty where there is none."""

    customer_id: str
    campaign_id: str
    variant_id: str
    enrolment_id: str
    triggered_at_ms: int
    coupon_id: str = ""


def content(action: MessageAction, to: Addressee) -> Content:
    """What goes into the outbox."""
    expires_at_ms = to.triggered_at_ms + action.expire_ms if action.expire_ms else 0
    return Content(
        customer=to.customer_id,
        channel=action.channel,
        purpose=Purpose.TRANSACTIONAL if action.transactional else Purpose.ADVERTISING,
        template=action.template_id,
        values={COUPON: to.coupon_id} if to.coupon_id else {},
        campaign=to.campaign_id,
        variant=to.variant_id,
        enrolment=to.enrolment_id,
        expires_at_ms=expires_at_ms,
        best_wait_ms=action.best_wait_ms,
    )
