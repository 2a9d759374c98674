"""Campaigns that events, birthdays, tiers, products and dates set off."""

from __future__ import annotations

import time
import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from dangol.offers.v1 import calendar_service_pb2 as calendar_pb
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import campaign_trigger_pb2 as trigger_pb
from dangol.offers.v1.calendar_service_pb2_grpc import CalendarServiceStub
from dangol_service_kit.errors import RpcFailure

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

SEOUL = ZoneInfo("Asia/Seoul")
DAY_MS = 86_400_000
HOUR_MS = 3_600_000


def at(text: str) -> int:
    """A time in Seoul as UTC milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SEOUL).timestamp() * 1000)


START_MS = at("2026-09-01T00:00")


def request_id() -> str:
    """A new one."""
    return str(uuid.uuid4())


async def get(world: World, campaign_id: str = "win-back") -> pb.Campaign:
    """The campaign as it is."""
    request = pb.GetCampaignRequest(campaign_id=campaign_id)
    found: pb.Campaign = (await world.campaigns("GetCampaign", request)).campaign
    return found


async def end(world: World, campaign_id: str = "win-back") -> pb.Campaign:
    """Ends it."""
    request = pb.EndCampaignRequest(request_id=request_id(), campaign_id=campaign_id)
    ended: pb.Campaign = (await world.campaigns("EndCampaign", request)).campaign
    return ended


def dated(world: World, **occasion: Any) -> pb.Campaign:
    """A campaign for `vip` on a day, without control."""
    trigger = trigger_pb.DateTrigger(segment_id="vip", **occasion)
    return world.draft(date=trigger, control_basis_points=0)


@pytest.mark.parametrize(
    ("field", "trigger", "rule"),
    [
        (
            "event",
            trigger_pb.EventTrigger(event_type="purchase", after_seconds=3 * 86_400),
            "since(purchase) >= 4320m",
        ),
        (
            "birthday",
            trigger_pb.BirthdayTrigger(days_before=7, audience_segment_id="vip"),
            'birthday within 7d and in segment("vip")',
        ),
        (
            "tier",
            trigger_pb.TierTrigger(move="TIER_MOVE_PROMOTED", tier="gold"),
            'count(tier_changed where properties.direction = "promoted"'
            ' and properties.to = "gold", 1440m) >= 1',
        ),
    ],
)
async def test_a_trigger_is_a_segment_of_the_campaigns_own(
    world: World, field: str, trigger: Any, rule: str
) -> None:
    """Made at the launch, entered to act, gone at the end; the trigger is answered as it came."""
    await world.advance(START_MS)
    await world.launch(world.draft(**{field: trigger}, control_basis_points=0))
    assert {"campaign-win-back": rule} == world.segmentation.segments
    campaign = await get(world)
    assert trigger == getattr(campaign, field)
    assert "campaign-win-back" == campaign.trigger_segment_id
    await world.segmentation.announce("c-1", START_MS + 5, segment_id="campaign-win-back")
    await world.segmentation.announce("c-2", START_MS + 5, segment_id="fading")
    await world.advance(START_MS + 1000)
    assert ["c-1"] == [each.customer_id for each in await world.enrolments()]
    ended = await end(world)
    assert pb.CAMPAIGN_STATE_ENDED == ended.state
    assert START_MS + 1000 == ended.end_time.ToMilliseconds()
    assert {} == world.segmentation.segments


async def test_vips_hear_of_a_product_first(world: World) -> None:
    """Members of the first segment act at once, the others a day later if the news still stands."""
    await world.advance(START_MS)
    product = trigger_pb.ProductTrigger(
        news="PRODUCT_NEWS_RESTOCKED",
        product_ids=["p-1"],
        first_segment_id="vip",
        head_start_seconds=86_400,
    )
    await world.launch(world.draft(product=product, control_basis_points=0))
    await world.segmentation.announce("vip-1", START_MS, segment_id="vip")
    for customer_id in ("vip-1", "c-1", "c-2"):
        await world.segmentation.announce(customer_id, START_MS + 5, segment_id="campaign-win-back")
    await world.advance(START_MS + HOUR_MS)
    assert ["vip-1"] == [each.customer_id for each in await world.enrolments()]
    await world.segmentation.announce(
        "c-2", START_MS + 2 * HOUR_MS, segment_id="campaign-win-back", kind=2
    )
    await world.advance(START_MS + 2 * DAY_MS)
    found = [(each.customer_id, each.triggered_at.ToMilliseconds() - START_MS) for each in
             await world.enrolments()]  # fmt: skip
    assert [("vip-1", 5), ("c-1", DAY_MS + 5)] == found


async def test_a_dated_campaign_acts_on_who_is_a_member_then(world: World) -> None:
    """Three days before Chuseok at ten: also on those who left later in the clock's same step, not
    on those who came later; and next year again."""
    await world.segmentation.announce("early", START_MS - DAY_MS, segment_id="vip")
    await world.advance(START_MS)
    await world.launch(dated(world, holiday_id="chuseok", offset_days=-3, minute_of_day=600))
    due_ms = at("2026-09-22T10:00")
    assert due_ms == (await get(world)).next_occurrence_time.ToMilliseconds()
    for name, start_ms, end_ms in (
        ("stays", due_ms - 1, 0),
        ("leaves", due_ms - DAY_MS, due_ms + 1),
        ("gone", due_ms - DAY_MS, due_ms),
        ("late", due_ms + 1, 0),
        ("at-once", due_ms, 0),
        ("back", due_ms + 2, due_ms + 3),
    ):
        await world.segmentation.announce(name, start_ms, segment_id="vip")
        if end_ms:
            await world.segmentation.announce(name, end_ms, segment_id="vip", kind=2)
    await world.advance(due_ms - 1)
    assert [] == await world.enrolments()
    await world.advance(due_ms + 5)
    enrolments = await world.enrolments()
    expected = {"early", "stays", "leaves", "at-once"}
    assert expected == {each.customer_id for each in enrolments}
    assert {due_ms} == {each.triggered_at.ToMilliseconds() for each in enrolments}
    assert {("vip", 20260922)} == {(each.segment_id, each.stint) for each in enrolments}
    next_ms = at("2027-09-12T10:00")
    assert next_ms == (await get(world)).next_occurrence_time.ToMilliseconds()
    assert 0 == await world.database.audience_changes.count_documents({})
    await world.advance(next_ms)
    again = [each for each in await world.enrolments() if each.stint == 20270912]
    assert {"early", "stays", "late", "at-once"} == {each.customer_id for each in again}


async def test_a_date_that_is_over_cannot_be_launched(world: World) -> None:
    """It would never act; nor would one without its segment, or its calendar entry."""
    await world.segmentation.announce("c-1", START_MS, segment_id="vip")
    await world.advance(START_MS)
    for occasion, code in (
        ({"date": "2026-08-31"}, "CAMPAIGN_NOT_LAUNCHABLE"),
        ({"entry_id": "nothing"}, "CAMPAIGN_NOT_LAUNCHABLE"),
    ):
        draft = dated(world, **occasion)
        draft.campaign_id = next(iter(occasion)).replace("_", "-")
        with pytest.raises(RpcFailure) as caught:
            await world.launch(draft)
        assert (code, "campaign.date") == (caught.value.code.value, caught.value.field)
    missing = dated(world, date="2026-12-24")
    missing.date.segment_id = "nobody"
    with pytest.raises(RpcFailure) as caught:
        await world.launch(missing)
    assert "SEGMENT_NOT_FOUND" == caught.value.code.value


async def test_paused_campaigns_miss_their_day(world: World) -> None:
    """What falls into the pause is not made up for."""
    await world.segmentation.announce("c-1", START_MS - 1, segment_id="vip")
    await world.advance(START_MS)
    await world.launch(dated(world, yearly="11-11"))
    pause = pb.PauseCampaignRequest(request_id=request_id(), campaign_id="win-back")
    await world.campaigns("PauseCampaign", pause)
    await world.advance(at("2026-11-12T00:00"))
    launch = pb.LaunchCampaignRequest(request_id=request_id(), campaign_id="win-back")
    running = (await world.campaigns("LaunchCampaign", launch)).campaign
    assert at("2027-11-11T00:00") == running.next_occurrence_time.ToMilliseconds()
    await world.advance(at("2026-11-13T00:00"))
    assert [] == await world.enrolments()


async def test_a_day_missed_by_hours_is_made_up_for_and_by_more_is_not(world: World) -> None:
    """On wall time: a service that was away an hour acts late, one that was away for more than a
    day leaves it, and both go on to the next year."""
    await world.segmentation.announce("c-1", START_MS, segment_id="vip", tenant_id="corner")
    now_ms = time.time_ns() // 1_000_000
    for name, late_ms in (("hours", HOUR_MS), ("days", 25 * HOUR_MS)):
        draft = dated(world, yearly="11-11")
        draft.campaign_id = name
        draft.variants[0].offer_id = f"{name}-offer"
        await world.launch(draft, tenant_id="corner")
        day = {"day": "2020-11-11", "due_ms": now_ms - late_ms}
        await world.database.campaigns.update_one({"_id.c": name}, {"$set": {"next": day}})

    async def moved_on() -> bool:
        query = {"next.due_ms": {"$gt": now_ms}}
        count: int = await world.database.campaigns.count_documents(query)
        return count == 2

    await world.eventually(moved_on)
    found = await world.enrolments("hours", tenant_id="corner")
    assert ["c-1"] == [each.customer_id for each in found]
    assert found[0].triggered_at.ToMilliseconds() >= now_ms
    assert [] == await world.enrolments("days", tenant_id="corner")


async def test_an_ended_campaign_stays_ended(world: World) -> None:
    """No change enrols, no delayed trigger acts, no launch or pause revives it."""
    await world.advance(START_MS)
    await world.launch(world.draft(delay_seconds=3600, control_basis_points=0))
    await world.segmentation.announce("c-1", START_MS + 5)
    await world.advance(START_MS + 1000)
    await end(world)
    await world.segmentation.announce("c-2", START_MS + 2000)
    await world.advance(START_MS + DAY_MS)
    assert [] == await world.enrolments()
    launch = pb.LaunchCampaignRequest(request_id=request_id(), campaign_id="win-back")
    pause = pb.PauseCampaignRequest(request_id=request_id(), campaign_id="win-back")
    for method, request in (("LaunchCampaign", launch), ("PauseCampaign", pause)):
        with pytest.raises(RpcFailure) as caught:
            await world.campaigns(method, request)
        assert "CAMPAIGN_NOT_LAUNCHABLE" == caught.value.code.value


async def calendar(world: World, method: str, request: Any, **caller: Any) -> Any:
    """One call to CalendarService."""
    return await world.ask(CalendarServiceStub, method, request, **caller)


async def test_the_calendar_shows_holidays_sales_and_campaigns(world: World) -> None:
    """In order of the day; a campaign on an own entry follows when the entry moves."""
    await world.segmentation.announce("c-1", START_MS - 1, segment_id="vip")
    await world.advance(START_MS)
    entry = calendar_pb.CalendarEntry(
        entry_id="autumn-sale",
        kind="CALENDAR_KIND_SALE",
        display_names={"ko": "가을 세일", "en": "Autumn sale"},
        first_date="2026-09-20",
        last_date="2026-09-30",
    )
    put = calendar_pb.PutCalendarEntryRequest(request_id=request_id(), entry=entry)
    await calendar(world, "PutCalendarEntry", put)
    await world.launch(dated(world, entry_id="autumn-sale", offset_days=-1, minute_of_day=600))
    moved = calendar_pb.PutCalendarEntryRequest(request_id=request_id(), entry=entry)
    moved.entry.first_date = "2026-09-23"
    await calendar(world, "PutCalendarEntry", moved)
    # The first request again does not undo the second.
    await calendar(world, "PutCalendarEntry", put)
    asked = calendar_pb.ListCalendarRequest(first_date="2026-09-19", last_date="2026-09-26")
    found = (await calendar(world, "ListCalendar", asked)).entries
    assert [
        ("win-back", "2026-09-22"),
        ("autumn-sale", "2026-09-23"),
        ("chuseok-eve", "2026-09-24"),
        ("chuseok", "2026-09-25"),
        ("chuseok-second-day", "2026-09-26"),
    ] == [(each.entry_id, each.first_date) for each in found]
    assert {"ko": "추석", "en": "Chuseok"} == dict(found[3].display_names)
    put.entry.last_date = "2026-09-29"
    with pytest.raises(RpcFailure) as caught:
        await calendar(world, "PutCalendarEntry", put)
    assert "REQUEST_CONFLICT" == caught.value.code.value
    delete = calendar_pb.DeleteCalendarEntryRequest(request_id=request_id(), entry_id="autumn-sale")
    await calendar(world, "DeleteCalendarEntry", delete)
    left = (await calendar(world, "ListCalendar", asked)).entries
    assert "autumn-sale" not in {each.entry_id for each in left}


async def test_the_calendar_belongs_to_its_tenant_and_its_roles(world: World) -> None:
    """Others see holidays only; staff read, and write nothing."""
    entry = calendar_pb.CalendarEntry(
        entry_id="sale",
        kind="CALENDAR_KIND_SALE",
        first_date="2026-09-20",
        last_date="2026-09-20",
    )
    put = calendar_pb.PutCalendarEntryRequest(request_id=request_id(), entry=entry)
    with pytest.raises(RpcFailure) as caught:
        await calendar(world, "PutCalendarEntry", put, role="staff")
    assert "ROLE_NOT_ALLOWED" == caught.value.code.value
    await calendar(world, "PutCalendarEntry", put)
    asked = calendar_pb.ListCalendarRequest(first_date="2026-09-20", last_date="2026-09-20")
    assert 1 == len((await calendar(world, "ListCalendar", asked, role="staff")).entries)
    others = await calendar(world, "ListCalendar", asked, tenant_id="corner")
    assert 0 == len(others.entries)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"first_date": "2026-02-30"}, "entry.first_date"),
        ({"last_date": "2026-09-19"}, "entry.last_date"),
        ({"kind": "CALENDAR_KIND_HOLIDAY"}, "entry.kind"),
    ],
)
async def test_an_entry_that_cannot_be(world: World, changes: dict[str, str], field: str) -> None:
    """The field is named."""
    facts = {"entry_id": "sale", "kind": "CALENDAR_KIND_SALE"}
    facts |= {"first_date": "2026-09-20", "last_date": "2026-09-20"}
    entry = calendar_pb.CalendarEntry(**(facts | changes))  # type: ignore[arg-type]
    put = calendar_pb.PutCalendarEntryRequest(request_id=request_id(), entry=entry)
    with pytest.raises(RpcFailure) as caught:
        await calendar(world, "PutCalendarEntry", put)
    assert ("FIELD_INVALID", field) == (caught.value.code.value, caught.value.field)
