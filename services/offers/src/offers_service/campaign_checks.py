"""What a campaign's parts say together that cannot be. Pure."""

from __future__ import annotations

from offers_service import calendars
from offers_service.campaigns import CONTROL_ARM, HOLDOUT_ARM, TREATED_ARM, Campaign
from offers_service.triggers import (
    BirthdayTrigger,
    DateTrigger,
    EventTrigger,
    OccasionKind,
    ProductTrigger,
)

Violation = tuple[str, str]
_MINUTE_MS = 60_000
_ARMS = {CONTROL_ARM, TREATED_ARM, HOLDOUT_ARM}


def violations(campaign: Campaign, time_zone: str = "", year: int = 0) -> list[Violation]:
    """(field, what to do) for everything that is wrong.

    With a time zone and a year holidays are looked up as well.
    """
    found = _variants(campaign)
    trigger = campaign.trigger
    if isinstance(trigger, EventTrigger) and trigger.after_ms % _MINUTE_MS:
        found.append(("campaign.event.after_seconds", "use whole minutes"))
    if isinstance(trigger, ProductTrigger) and bool(trigger.first_id) != bool(
        trigger.head_start_ms
    ):
        text = "give both first_segment_id and head_start_seconds, or neither"
        found.append(("campaign.product.head_start_seconds", text))
    if isinstance(trigger, ProductTrigger) and trigger.head_start_ms % _MINUTE_MS:
        found.append(("campaign.product.head_start_seconds", "use whole minutes"))
    if isinstance(trigger, DateTrigger):
        found += _date(trigger, time_zone, year)
    if isinstance(trigger, BirthdayTrigger) and trigger.days_before < 0:
        found.append(("campaign.birthday.days_before", "use 0 for the day itself"))
    return found


def _variants(campaign: Campaign) -> list[Violation]:
    found = []
    field = "campaign.variants"
    if campaign.trigger is not None and not campaign.variants:
        found.append((field, "name at least one variant for a triggered campaign"))
    ids = [variant.variant_id for variant in campaign.variants]
    if len(set(ids)) < len(ids):
        found.append((field, "give each variant an id of its own"))
    if _ARMS & set(ids):
        found.append((field, "control, treated and holdout are names of the report's arms"))
    # The ledger counts by offer, which tells the variants apart.
    offers = [variant.offer_id for variant in campaign.variants if variant.offer_id]
    if len(set(offers)) < len(offers):
        found.append((field, "give each variant an offer of its own"))
    for index, variant in enumerate(campaign.variants):
        if not variant.offer_id and variant.task is None and variant.message is None:
            text = "say what the variant does: name an offer, a message or a task"
            found.append((f"{field}[{index}].offer_id", text))
    return found


def _date(trigger: DateTrigger, time_zone: str, year: int) -> list[Violation]:
    if trigger.kind is OccasionKind.DATE and not calendars.is_date(trigger.value):
        return [("campaign.date.date", "there is no such day")]
    if trigger.kind is OccasionKind.YEARLY and not calendars.is_month_and_day(trigger.value):
        return [("campaign.date.yearly", "there is no such day")]
    if trigger.kind is OccasionKind.HOLIDAY and time_zone:
        if time_zone not in calendars.COUNTRIES:
            text = f"holidays of {time_zone} are not known: use a date or a calendar entry"
            return [("campaign.date.holiday_id", text)]
        if not calendars.knows_holiday(time_zone, trigger.value, year):
            return [("campaign.date.holiday_id", "ListCalendar names the holidays there are")]
    return []
