"""One message on its way from the outbox to the customer, and what can come of it. Pure.

PENDING -> LEASED -> SENT -> DELIVERED -> OPENED -> CLICKED, or SUPPRESSED or DEAD with a reason.
Times are Unix milliseconds of the tenant's clock. Only leases count by the wall: they are about a
process that may have died, not about the customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import msgspec

from offers_service.send_times import Timing


class Purpose(StrEnum):
    ADVERTISING = "ADVERTISING"
    TRANSACTIONAL = "TRANSACTIONAL"


class MessageState(StrEnum):
    PENDING = "PENDING"
    LEASED = "LEASED"
    SENT = "SENT"
    DELIVERED = "DELIVERED"
    OPENED = "OPENED"
    CLICKED = "CLICKED"
    SUPPRESSED = "SUPPRESSED"
    DEAD = "DEAD"


class Reason(StrEnum):
    """Why a message was suppressed or is dead."""

    NO_CONSENT = "NO_CONSENT"
    FREQUENCY_CAP = "FREQUENCY_CAP"
    CUSTOMER_GONE = "CUSTOMER_GONE"
    EXPIRED = "EXPIRED"
    TEMPLATE_NOT_FOUND = "TEMPLATE_NOT_FOUND"
    TEMPLATE_MISMATCH = "TEMPLATE_MISMATCH"
    TOO_LONG = "TOO_LONG"
    FAILED_PERMANENTLY = "FAILED_PERMANENTLY"
    ATTEMPTS_EXHAUSTED = "ATTEMPTS_EXHAUSTED"
    SENDER_NOT_SET = "SENDER_NOT_SET"
    NO_CONTACT = "NO_CONTACT"


class PostOutcome(StrEnum):
    """What came of putting a message into the outbox."""

    POSTED = "POSTED"
    ALREADY_POSTED = "ALREADY_POSTED"
    CONFLICT = "CONFLICT"
    EXPIRES_TOO_SOON = "EXPIRES_TOO_SOON"
    TEMPLATE_NOT_FOUND = "TEMPLATE_NOT_FOUND"
    TEMPLATE_MISMATCH = "TEMPLATE_MISMATCH"
    TOO_LONG = "TOO_LONG"
    SENDER_NOT_SET = "SENDER_NOT_SET"


class Feedback(StrEnum):
    """What a sender says of a message that it was given."""

    SENT = "SENT"
    DELIVERED = "DELIVERED"
    OPENED = "OPENED"
    CLICKED = "CLICKED"
    FAILED_PERMANENTLY = "FAILED_PERMANENTLY"
    FAILED_TEMPORARILY = "FAILED_TEMPORARILY"


class AcknowledgeOutcome(StrEnum):
    """What came of a sender's word."""

    APPLIED = "APPLIED"
    ALREADY_KNOWN = "ALREADY_KNOWN"
    NOT_FOUND = "NOT_FOUND"
    NOT_HANDED_OVER = "NOT_HANDED_OVER"
    ENDED = "ENDED"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"


class RequeueOutcome(StrEnum):
    """What came of giving a dead letter another chance."""

    APPLIED = "APPLIED"
    NOT_FOUND = "NOT_FOUND"
    NOT_DEAD = "NOT_DEAD"
    EXPIRES_TOO_SOON = "EXPIRES_TOO_SOON"
    REQUEST_CONFLICT = "REQUEST_CONFLICT"


# In the order in which they follow; what comes later implies what comes before.
PROGRESS = (
    MessageState.SENT,
    MessageState.DELIVERED,
    MessageState.OPENED,
    MessageState.CLICKED,
)


class MessageKey(msgspec.Struct, frozen=True):
    """tenant and message; the order of the fields is the order in MongoDB's _id."""

    t: str
    m: str


class Content(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is posted. values hold nothing personal: names are read when it is sent.

    not_before_ms 0: at once. expires_at_ms 0: a week after it may be sent first. best_wait_ms: how
    long it may wait for its customer's best hour; 0 for not at all.
    """

    customer: str
    channel: str
    purpose: Purpose
    template: str
    values: dict[str, str] = {}
    campaign: str = ""
    variant: str = ""
    enrolment: str = ""
    not_before_ms: int = 0
    expires_at_ms: int = 0
    best_wait_ms: int = 0


class Lease(msgspec.Struct, frozen=True):
    """Who has the message; number: its place among what the holder got; until_ms: wall time."""

    holder: str
    number: int
    until_ms: int


class Request(msgspec.Struct, frozen=True):
    """A request that changed the message, and what it asked for."""

    id: str
    asked: str


class News(msgspec.Struct, frozen=True):
    """An event that profile has yet to be told of."""

    type: str
    at_ms: int


class Message(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message as it is stored.

    wake_ms: when it has to be looked at next, None when nothing is due by itself. ready_ms: since
    when it waits to be handed over. attempts: how often it was. round: how often an admin gave it
    another chance. A dead letter keeps no lease. template_version 0: the newest when it is sent.
    """

    key: MessageKey = msgspec.field(name="_id")
    v: int
    state: MessageState
    content: Content
    posted_at_ms: int
    expires_at_ms: int
    wake_ms: int | None = None
    ready_ms: int | None = None
    attempts: int = 0
    round: int = 0
    reason: Reason | None = None
    lease: Lease | None = None
    handed_at_ms: int | None = None
    # By state of progress: when it was reached.
    reached: dict[str, int] = {}
    requests: tuple[Request, ...] = ()
    news: tuple[News, ...] = ()
    template_version: int = 0
    timing: Timing | None = None

    @property
    def message_id(self) -> str:
        """The id by which senders dedupe."""
        return self.key.m

    @property
    def ended(self) -> bool:
        """Suppressed or dead."""
        return self.state in (MessageState.SUPPRESSED, MessageState.DEAD)

    @property
    def wants_best_time(self) -> bool:
        """Whether it has yet to be looked up when its customer is best written to."""
        return self.content.best_wait_ms > 0 and self.timing is None

    @property
    def advertising(self) -> bool:
        """Whether it needs consent, keeps quiet hours and counts towards caps."""
        return self.content.purpose is Purpose.ADVERTISING


@dataclass(frozen=True, slots=True)
class Send:
    """It may be sent now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It has to be looked at again then."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class Suppress:
    """It is not to be sent at all."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Fail:
    """It cannot be sent as it is: a dead letter, until somebody mends what is wrong."""

    reason: Reason


Verdict: TypeAlias = Send | Wait | Suppress | Fail


@dataclass(frozen=True, slots=True)
class Word:
    """A sender's word on one message. occurred_at_ms None: now."""

    request_id: str
    feedback: Feedback
    occurred_at_ms: int | None = None

    @property
    def asked(self) -> str:
        """What a repeat of the request has to ask for too."""
        return f"{self.feedback}/{'' if self.occurred_at_ms is None else self.occurred_at_ms}"
