"""Whether, and when, a message may be sent to its customer. Pure.

Advertising needs the customer's consent for its channel; between 21:00 and 08:00 where the customer
is it needs one of its own, or it waits for the morning (Act on Promotion of Information and
Communications Network Utilization and Information Protection, article 50, paragraphs 1 and 3).
What nobody knows counts as no.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from offers_service import send_times
from offers_service.messages import Message, Reason, Send, Suppress, Verdict, Wait
from offers_service.send_times import Pattern, Timing

CONSENT = "marketing"
NIGHT_CONSENT = "marketing_night"
QUIET_FROM = time(21)
QUIET_UNTIL = time(8)


@dataclass(frozen=True, slots=True)
class Recipient:
    """What is known of a customer now. consents: purpose.channel, of all that is allowed."""

    customer_id: str
    zone: ZoneInfo
    language: str
    consents: frozenset[str]
    name: str = ""


def decide(message: Message, recipient: Recipient | None, now_ms: int) -> Verdict:
    """The verdict at now_ms; recipient None: there is no such customer any more.

    Quiet hours come after the customer's best hour: the morning comes first where the two meet.
    """
    if recipient is None:
        return Suppress(Reason.CUSTOMER_GONE)
    if not may_write(message, recipient):
        return Suppress(Reason.NO_CONSENT)
    at_ms = max(now_ms, message.timing.at_ms) if message.timing else now_ms
    if is_quiet(message, recipient, at_ms):
        at_ms = quiet_until_ms(at_ms, recipient.zone) or at_ms
    return Wait(at_ms) if at_ms > now_ms else Send()


def may_write(message: Message, recipient: Recipient) -> bool:
    """Whether the customer allows it; what is owed needs no leave."""
    return not message.advertising or f"{CONSENT}.{message.content.channel}" in recipient.consents


def is_quiet(message: Message, recipient: Recipient, at_ms: int) -> bool:
    """Whether it may not come at that hour."""
    night = f"{NIGHT_CONSENT}.{message.content.channel}"
    return (
        message.advertising
        and night not in recipient.consents
        and quiet_until_ms(at_ms, recipient.zone) is not None
    )


def best_time(
    message: Message, recipient: Recipient, acts_ms: Sequence[int], tenant: Pattern, now_ms: int
) -> Timing:
    """The hour at which its customer is best written to, within what the message allows."""
    until_ms = min(now_ms + message.content.best_wait_ms, message.expires_at_ms - 1)
    return send_times.choose(
        acts_ms,
        tenant,
        recipient.zone,
        now_ms=now_ms,
        until_ms=until_ms,
        allowed=lambda at_ms: not is_quiet(message, recipient, at_ms),
    )


def quiet_until_ms(now_ms: int, zone: ZoneInfo) -> int | None:
    """When the quiet hours that reign in the zone at now_ms end; None when there are none."""
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    end = datetime.combine(day, QUIET_UNTIL, zone)
    return round(end.timestamp() * 1000)
