"""What comes of a step on a points account. Pure."""

from __future__ import annotations

from enum import StrEnum


class PointsOutcome(StrEnum):
    """What came of a step; everything but APPLIED left the points as they were."""

    APPLIED = "applied"
    NO_PROGRAM = "no_program"
    CUSTOMER_NOT_FOUND = "customer_not_found"
    NOT_ENOUGH_POINTS = "not_enough_points"
    BELOW_MINIMUM = "below_minimum"
    NOT_HELD = "not_held"
    ALREADY_EARNED = "already_earned"
    ALREADY_SPENT = "already_spent"
    UNKNOWN_ORDER = "unknown_order"
    NOTHING_LEFT = "nothing_left"
    RETURN_EXCEEDS_ORDER = "return_exceeds_order"
    TOO_MANY_OPEN = "too_many_open"
    DAILY_LIMIT_REACHED = "daily_limit_reached"
    REQUEST_CONFLICT = "request_conflict"


class PointsGiftOutcome(StrEnum):
    """What came of a step on a gift of points; everything but APPLIED changed nothing."""

    APPLIED = "applied"
    NOT_FOUND = "not_found"
    NOT_OWNER = "not_owner"
    ALREADY_CLAIMED = "already_claimed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    SELF_GIFT = "self_gift"
    NOT_A_MEMBER = "not_a_member"
    NO_PROGRAM = "no_program"
    NOT_ENOUGH_POINTS = "not_enough_points"
    TOO_MANY_OPEN = "too_many_open"
    DAILY_LIMIT_REACHED = "daily_limit_reached"
    REQUEST_CONFLICT = "request_conflict"
    TOO_MANY_TRIES = "too_many_tries"
