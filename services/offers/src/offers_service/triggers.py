"""What sets a campaign off, and the rule by which segmentation tells when. Pure.

Events, birthdays, tiers and news of products become a rule: the campaign has a segment of its own,
and whoever enters it is triggered. So such triggers are as exact, as punctual and as safe against
repeated news as any membership. Only dates of the calendar are fired by a timer of this service.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

# How long an event that triggers keeps its customer in the campaign's segment, so that the entry
# is told once for it and a later one is a new entry.
NEWS_MS = 24 * 3600 * 1000
_SEGMENT_ID_MAX = 63
_MINUTE_MS = 60_000


class ChangeKind(StrEnum):
    ENTERED = "ENTERED"
    EXITED = "EXITED"


class TierMove(StrEnum):
    PROMOTED = "promoted"
    DEMOTED = "demoted"


class ProductNews(StrEnum):
    """The types of the events that bring the news."""

    PRICE_DROPPED = "price_dropped"
    RESTOCKED = "restocked"
    LAUNCHED = "launched"


class OccasionKind(StrEnum):
    DATE = "date"
    YEARLY = "yearly"
    HOLIDAY = "holiday"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class SegmentTrigger:
    segment_id: str
    kind: ChangeKind
    delay_ms: int


@dataclass(frozen=True, slots=True)
class EventTrigger:
    """after_ms since the newest event of the type."""

    event_type: str
    after_ms: int
    audience_id: str = ""


@dataclass(frozen=True, slots=True)
class BirthdayTrigger:
    days_before: int
    audience_id: str = ""


@dataclass(frozen=True, slots=True)
class TierTrigger:
    """tier empty: any."""

    move: TierMove
    tier: str = ""
    audience_id: str = ""


@dataclass(frozen=True, slots=True)
class CouponEndingTrigger:
    """A coupon of the offer, good for valid_days, that ends in days_before and was neither used nor
    given away."""

    offer_id: str
    valid_days: int
    days_before: int
    audience_id: str = ""


@dataclass(frozen=True, slots=True)
class ProductTrigger:
    """Members of first_id act at once, all others head_start_ms later."""

    news: ProductNews
    product_ids: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    first_id: str = ""
    head_start_ms: int = 0
    audience_id: str = ""


@dataclass(frozen=True, slots=True)
class DateTrigger:
    """value: an ISO date, MM-DD, a holiday's id or an entry's, by kind.

    minute_of_day counts from midnight in the tenant's zone.
    """

    segment_id: str
    kind: OccasionKind
    value: str
    offset_days: int = 0
    minute_of_day: int = 0


RuledTrigger = EventTrigger | BirthdayTrigger | TierTrigger | ProductTrigger | CouponEndingTrigger
Trigger = SegmentTrigger | RuledTrigger | DateTrigger


def own_segment_id(campaign_id: str) -> str:
    """The id of the segment that a campaign has for its own trigger."""
    name = f"campaign-{campaign_id}"
    if len(name) <= _SEGMENT_ID_MAX:
        return name
    return "campaign-" + hashlib.blake2b(campaign_id.encode(), digest_size=20).hexdigest()


def rule_of(trigger: Trigger) -> str | None:
    """The rule of the campaign's own segment; None for triggers that need none."""
    if isinstance(trigger, SegmentTrigger | DateTrigger):
        return None
    rule = _RULES[type(trigger)](trigger)
    if trigger.audience_id:
        rule += f' and in segment("{trigger.audience_id}")'
    return rule


def watched(campaign_id: str, trigger: Trigger | None) -> SegmentTrigger | None:
    """The change of membership that triggers; None where a date or a list does."""
    if isinstance(trigger, SegmentTrigger):
        return trigger
    if trigger is None or isinstance(trigger, DateTrigger):
        return None
    head_start_ms = trigger.head_start_ms if isinstance(trigger, ProductTrigger) else 0
    return SegmentTrigger(own_segment_id(campaign_id), ChangeKind.ENTERED, head_start_ms)


def first_segment_id(trigger: Trigger | None) -> str:
    """The segment whose members need not wait; empty for none."""
    if isinstance(trigger, ProductTrigger) and trigger.head_start_ms:
        return trigger.first_id
    return ""


def segment_ids(trigger: Trigger | None) -> set[str]:
    """The segments that have to exist for the trigger to work."""
    if trigger is None:
        return set()
    if isinstance(trigger, SegmentTrigger | DateTrigger):
        return {trigger.segment_id}
    return {trigger.audience_id, first_segment_id(trigger)} - {""}


def _duration(length_ms: int) -> str:
    return f"{length_ms // _MINUTE_MS}m"


def _event_rule(trigger: EventTrigger) -> str:
    return f"since({trigger.event_type}) >= {_duration(trigger.after_ms)}"


def _birthday_rule(trigger: BirthdayTrigger) -> str:
    return f"birthday within {trigger.days_before}d"


def _tier_rule(trigger: TierTrigger) -> str:
    where = f'properties.direction = "{trigger.move.value}"'
    if trigger.tier:
        where += f' and properties.to = "{trigger.tier}"'
    return f"count(tier_changed where {where}, {_duration(NEWS_MS)}) >= 1"


def _coupon_ending_rule(trigger: CouponEndingTrigger) -> str:
    """As the ready segment birthday-coupon-ending has it, for any offer."""
    of_offer = f'where properties.offer_id = "{trigger.offer_id}"'
    length, after = trigger.valid_days, trigger.valid_days - trigger.days_before
    return (
        f"unanswered(coupon_issued {of_offer}, coupon_redeemed by properties.coupon_id, "
        f"{after}d, {length}d) and "
        f"count(gift_sent {of_offer}, {length}d) = count(gift_returned {of_offer}, {length}d)"
    )


def _product_rule(trigger: ProductTrigger) -> str:
    items = _any_of("product_id", trigger.product_ids) + _any_of("category", trigger.categories)
    where = f" where {' or '.join(items)}" if items else ""
    # Whoever has to wait must still be a member when the wait is over.
    length = _duration(NEWS_MS + trigger.head_start_ms)
    return f"count({trigger.news.value}{where}, {length}) >= 1"


def _any_of(field: str, values: Sequence[str]) -> list[str]:
    return [f'any item.{field} = "{value}"' for value in values]


_RULES: dict[type, Callable[..., str]] = {
    EventTrigger: _event_rule,
    BirthdayTrigger: _birthday_rule,
    TierTrigger: _tier_rule,
    ProductTrigger: _product_rule,
    CouponEndingTrigger: _coupon_ending_rule,
}
