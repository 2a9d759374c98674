"""Whether one event may be recorded, and what its sender has to change if not. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final, NamedTuple

from dangol.events.v1.event_pb2 import Event

EVENTS_MAX: Final = 1000
BATCH_BYTES_MAX: Final = 4 * 1024 * 1024
# Sums of a billion such amounts stay far inside what databases and JSON clients count exactly.
AMOUNT_MINOR_UNITS_MAX: Final = 10**15
QUANTITY_MAX: Final = 10**9


class RejectionCode(StrEnum):
    """Why an event or a row was not taken; the same names as the platform's error codes."""

    FIELD_INVALID = "FIELD_INVALID"
    TIME_AHEAD = "TIME_AHEAD"
    CURRENCY_MISMATCH = "CURRENCY_MISMATCH"
    CUSTOMER_NOT_FOUND = "CUSTOMER_NOT_FOUND"
    CUSTOMER_ERASED = "CUSTOMER_ERASED"
    EVENT_CONFLICT = "EVENT_CONFLICT"
    VERSION_CONFLICT = "VERSION_CONFLICT"


class Rejection(NamedTuple):
    """field is a path such as items[3].quantity; message says what to do about it."""

    code: RejectionCode
    field: str
    message: str


CUSTOMER_UNKNOWN: Final = Rejection(
    RejectionCode.CUSTOMER_NOT_FOUND,
    "customer.value",
    "there is no such customer: send an id that Dangol answered, or another identifier",
)
OWNER_ERASED: Final = Rejection(
    RejectionCode.CUSTOMER_ERASED,
    "customer.value",
    "who had this identifier then was erased: drop the event, and what else you keep of them",
)
CONTENT_DIFFERS: Final = Rejection(
    RejectionCode.EVENT_CONFLICT,
    "event_id",
    "this id was used for an event with other content: give each event an id of its own",
)

_FIXES: Final = {
    "must be a valid UUID": "send a UUID, for example 4b4bd3a6-5c4e-4f0a-9d3b-0a5f3b9c2d11",
    "value is required": "this field is required: set it",
    "must be at least 1 characters": "this text must not be empty",
    "must be greater than or equal to 0": "send 0 or more",
    "does not match regex pattern `^[A-Z]{3}$`": "send an ISO 4217 code, for example KRW",
}


def occurred_ms(event: Event) -> int:
    """When the event happened, in UTC milliseconds."""
    at = event.occurred_at
    return at.seconds * 1000 + at.nanos // 1_000_000


def judge(
    event: Event,
    violations: Sequence[tuple[str, str]],
    currency_code: str,
    horizon_ms: int,
) -> Rejection | None:
    """None when the event may be recorded; otherwise the first thing that is wrong with it.

    violations are the rules of the contract that it breaks, as (field path, what to do).
    """
    if violations:
        field, message = violations[0]
        return Rejection(RejectionCode.FIELD_INVALID, field, _FIXES.get(message, message))
    return _judge_time(event, horizon_ms) or _judge_amounts(event, currency_code)


def _judge_time(event: Event, horizon_ms: int) -> Rejection | None:
    at = event.occurred_at
    if at.seconds < 0 or not 0 <= at.nanos < 1_000_000_000:
        return Rejection(
            RejectionCode.FIELD_INVALID,
            "occurred_at",
            "send a time from 1970 on, with nanos between 0 and 999,999,999",
        )
    if occurred_ms(event) > horizon_ms:
        return Rejection(
            RejectionCode.TIME_AHEAD,
            "occurred_at",
            "this lies too far ahead: check the sender's clock (a day ahead is accepted, under "
            "virtual time the clock's horizon)",
        )
    return None


def _judge_amounts(event: Event, currency_code: str) -> Rejection | None:
    if event.HasField("amount"):
        amount = event.amount
        if amount.currency_code != currency_code:
            return Rejection(
                RejectionCode.CURRENCY_MISMATCH,
                "amount.currency_code",
                f"this tenant's currency is {currency_code}: convert before sending",
            )
        if abs(amount.minor_units) > AMOUNT_MINOR_UNITS_MAX:
            return _too_large("amount.minor_units")
    for position, item in enumerate(event.items):
        if item.quantity > QUANTITY_MAX:
            return _too_large(f"items[{position}].quantity")
        if abs(item.amount_minor_units) > AMOUNT_MINOR_UNITS_MAX:
            return _too_large(f"items[{position}].amount_minor_units")
        if abs(item.unit_price_minor_units) > AMOUNT_MINOR_UNITS_MAX:
            return _too_large(f"items[{position}].unit_price_minor_units")
    return None


def _too_large(field: str) -> Rejection:
    return Rejection(
        RejectionCode.FIELD_INVALID,
        field,
        f"send at most {QUANTITY_MAX:,} pieces and {AMOUNT_MINOR_UNITS_MAX:,} minor units",
    )
