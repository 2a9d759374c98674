"""Which identifiers are addresses of a channel, and who may be told them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from profile_service.consents import granted
from profile_service.domain import Customer

ADDRESSES_MAX: Final = 10
# The namespaces of identifiers that are addresses; any other channel has one of its own name.
_NAMESPACES: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("email",),
    "sms": ("phone",),
    "kakao": ("phone",),
    "phone": ("phone",),
    "push": ("push_token",),
}


class RevealOutcome(StrEnum):
    REVEALED = "REVEALED"
    NO_CONTACT = "NO_CONTACT"
    NO_CONSENT = "NO_CONSENT"
    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose address, for which message; purpose is empty where no consent is needed."""

    customer_id: str
    message_id: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Reveal:
    """One look at a customer's addresses, as the log keeps it: whose and why, not which."""

    customer_id: str
    channel: str
    message_id: str
    purpose: str
    caller: str
    recipient: str
    address_count: int
    at_ms: int


def namespaces(channel: str) -> tuple[str, ...]:
    """Of the identifiers that are addresses of a channel."""
    return _NAMESPACES.get(channel, (channel,))


def refusal(customer: Customer | None, channel: str, purpose: str) -> RevealOutcome | None:
    """Why nobody may be told; None when somebody may."""
    if customer is None or customer.merged_into:
        return RevealOutcome.CUSTOMER_NOT_FOUND
    if purpose and f"{purpose}.{channel}" not in granted(customer.consents):
        return RevealOutcome.NO_CONSENT
    return None
