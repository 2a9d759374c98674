"""Whether, and when, a message may be sent to its customer. Pure.

Advertising needs the customer's consent for its channel; between 21:00 and 08:00 where the customer
is it needs one of its own, or it waits for the morning (Act on Promotion of Information and
Communications Network Utilization and Information Protection, article 50, paragraphs 1 and 3).
What nobody knows counts as no.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from offers_service.messages import Message, Reason, Send, Suppress, Verdict, Wait

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
    """The verdict at now_ms; recipient None: there is no such customer any more."""
    if recipient is None:
        return Suppress(Reason.CUSTOMER_GONE)
    if not message.advertising:
        return Send()
    channel = message.content.channel
    if f"{CONSENT}.{channel}" not in recipient.consents:
        return Suppress(Reason.NO_CONSENT)
    quiet_until = quiet_until_ms(now_ms, recipient.zone)
    if quiet_until is not None and f"{NIGHT_CONSENT}.{channel}" not in recipient.consents:
        return Wait(quiet_until)
    return Send()


def quiet_until_ms(now_ms: int, zone: ZoneInfo) -> int | None:
    """When the quiet hours that reign in the zone at now_ms end; None when there are none."""
    local = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return None
    day = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    end = datetime.combine(day, QUIET_UNTIL, zone)
    return round(end.timestamp() * 1000)
