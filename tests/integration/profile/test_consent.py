"""The log of consent: writing, reading, refusing."""

from __future__ import annotations

import asyncio
import time
import uuid

import pytest
from dangol.profile.v1 import customer_service_pb2 as pb
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code

from tests.integration.profile.consenting import (
    AT,
    all_held,
    entry,
    log_page,
    new_customer,
    refusal,
    set_consent,
    whole_log,
)
from tests.integration.profile.harness import LAB, LAB_START_SECONDS, OTHER, Platform


async def test_a_decision_is_logged_held_and_told_to_segmentation_at_once(
    platform: Platform,
) -> None:
    """The answer has the customer, a version on, and the membership changes."""
    customer_id = await new_customer(platform)
    admin = platform.client(Role.ADMIN, subject="kim")
    before = await admin.get(customer_id)
    response = await set_consent(admin, customer_id, entry(), entry("sms", granted=False))
    assert (["marketing.email"], before.version + 1, ["seen"], False) == (
        list(response.customer.consents),
        response.customer.version,
        [change.segment_id for change in response.changes],
        response.changes_pending,
    )
    profile = platform.segmentation.evaluated[-1].customers[0].profile
    assert (["marketing.email"], before.version + 1) == (list(profile.consents), profile.version)
    (history,) = await platform.client(Role.SERVICE).history(customer_id)
    assert ["marketing.email"] == list(history.profile.consents)
    page = await log_page(admin, customer_id)
    lines = [(one.purpose, one.channel, one.granted, one.actor) for one in page.entries]
    assert [
        ("marketing", "email", True, "admin:kim"),
        ("marketing", "sms", False, "admin:kim"),
    ] == lines
    assert {(AT, "sign-up form", "privacy-7")} == {
        (one.decide_time.seconds, one.source, one.notice) for one in page.entries
    }
    assert ["marketing.email"] == list(page.granted)
    assert await all_held(platform)


async def test_the_newest_decision_holds_and_every_one_stays_in_the_log(
    platform: Platform,
) -> None:
    """By the time of deciding, then by the order of writing."""
    customer_id = await new_customer(platform)
    staff = platform.client(Role.STAFF)
    for granted, at, expected in (
        (True, AT, ["marketing.email"]),
        (False, AT, []),
        (True, AT - 60, []),
        (True, AT + 60, ["marketing.email"]),
    ):
        response = await set_consent(staff, customer_id, entry(granted=granted, at=at))
        assert expected == list(response.customer.consents)
    lines = [(one.granted, one.decide_time.seconds) for one in await whole_log(staff, customer_id)]
    assert [(True, AT + 60), (True, AT - 60), (False, AT), (True, AT)] == lines


async def test_a_decision_that_changes_nothing_leaves_the_version(platform: Platform) -> None:
    """An older one is logged, and segmentation has nothing to hear."""
    customer_id = await new_customer(platform)
    partner = platform.client()
    first = await set_consent(partner, customer_id, entry())
    told = len(platform.segmentation.evaluated)
    second = await set_consent(partner, customer_id, entry(granted=False, at=AT - 1))
    assert first.customer.version == second.customer.version
    assert told == len(platform.segmentation.evaluated)
    assert 2 == len(await whole_log(partner, customer_id))


async def test_a_request_sent_twice_writes_once_and_changed_content_is_refused(
    platform: Platform,
) -> None:
    """Also by another customer's id; the time of deciding stays that of the first."""
    customer_id, other_id = await new_customer(platform), await new_customer(platform, "m-2")
    partner = platform.client()
    request_id = str(uuid.uuid4())
    first = await set_consent(partner, customer_id, entry(at=None), request_id=request_id)
    (written,) = await whole_log(partner, customer_id)
    again = await set_consent(partner, customer_id, entry(at=None), request_id=request_id)
    assert (first.customer, 0) == (again.customer, len(again.changes))
    assert [written] == await whole_log(partner, customer_id)
    conflict = (Code.REQUEST_CONFLICT, "request_id")
    for attempt in (
        set_consent(partner, customer_id, entry(granted=False, at=None), request_id=request_id),
        set_consent(partner, other_id, entry(at=None), request_id=request_id),
    ):
        assert conflict == await refusal(attempt)
    assert [] == await whole_log(partner, other_id)


async def test_the_same_request_many_times_at_once_writes_once(platform: Platform) -> None:
    """Whoever's insert is first."""
    customer_id = await new_customer(platform)
    partner = platform.client()
    request_id = str(uuid.uuid4())
    answers = await asyncio.gather(
        *(set_consent(partner, customer_id, entry(), request_id=request_id) for _ in range(10))
    )
    assert {("marketing.email",)} == {tuple(one.customer.consents) for one in answers}
    assert 1 == len(await whole_log(partner, customer_id))
    assert await all_held(platform)


@pytest.mark.parametrize(
    ("entries", "code", "field"),
    [
        ([entry(), entry(granted=False)], Code.FIELD_INVALID, "entries[1]"),
        ([entry(), entry("sms", at=4_000_000_000)], Code.TIME_AHEAD, "entries[1].decide_time"),
        ([entry(at=-5)], Code.FIELD_INVALID, "entries[0].decide_time"),
        ([entry("E-Mail")], Code.FIELD_INVALID, "entries[0].channel"),
        ([entry(purpose="")], Code.FIELD_INVALID, "entries[0].purpose"),
        ([entry(source="")], Code.FIELD_INVALID, "entries[0].source"),
        ([], Code.FIELD_INVALID, "entries"),
    ],
)
async def test_bad_entries_are_refused_by_name(
    platform: Platform, entries: list[pb.ConsentEntry], code: Code, field: str
) -> None:
    """And nothing of the request is written."""
    customer_id = await new_customer(platform)
    partner = platform.client()
    assert (code, field) == await refusal(set_consent(partner, customer_id, *entries))
    assert [] == await whole_log(partner, customer_id)


async def test_the_present_is_the_latest_time_under_the_wall_and_the_horizon_in_the_lab(
    platform: Platform,
) -> None:
    """Under virtual time clients live between the clock and its horizon."""
    customer_id = await new_customer(platform)
    soon = int(time.time()) + 600
    ahead = (Code.TIME_AHEAD, "entries[0].decide_time")
    assert ahead == await refusal(set_consent(platform.client(), customer_id, entry(at=soon)))
    partner = platform.client(tenant_id=LAB)
    lab_id = (await partner.identify(("member", "m-1"))).customer.customer_id
    horizon = LAB_START_SECONDS + 86_400
    assert ahead == await refusal(set_consent(partner, lab_id, entry(at=horizon + 1)))
    await set_consent(partner, lab_id, entry(at=None))
    await set_consent(partner, lab_id, entry(granted=False, at=horizon))
    newest, oldest = await whole_log(partner, lab_id)
    assert (horizon, LAB_START_SECONDS, LAB_START_SECONDS) == (
        newest.decide_time.seconds,
        oldest.decide_time.seconds,
        oldest.record_time.seconds,
    )


async def test_customers_decide_for_themselves_and_others_look_like_none(
    platform: Platform,
) -> None:
    """Of the shop's roles, those write who speak with customers; those who plan campaigns read."""
    customer_id, other_id = await new_customer(platform), await new_customer(platform, "m-2")
    me = platform.client(Role.CUSTOMER, subject=customer_id)
    assert ["marketing.email"] == list(
        (await set_consent(me, customer_id, entry())).customer.consents
    )
    (line,) = await whole_log(me, customer_id)
    assert f"customer:{customer_id}" == line.actor
    hidden = (Code.CUSTOMER_NOT_FOUND, None)
    for attempt in (set_consent(me, other_id, entry()), whole_log(me, other_id)):
        assert hidden == await refusal(attempt)
    refused = (Code.ROLE_NOT_ALLOWED, None)
    for role in (Role.MARKETER, Role.VISITOR, Role.SERVICE):
        assert refused == await refusal(set_consent(platform.client(role), customer_id, entry()))
    visitor = platform.client(Role.VISITOR, subject=customer_id)
    assert refused == await refusal(whole_log(visitor, customer_id))
    assert 1 == len(await whole_log(platform.client(Role.MARKETER), customer_id))
    foreign = platform.client(Role.ADMIN, OTHER)
    for attempt in (set_consent(foreign, customer_id, entry()), whole_log(foreign, customer_id)):
        assert hidden == await refusal(attempt)


async def test_pages_go_from_the_newest_to_the_oldest_without_missing_a_line(
    platform: Platform,
) -> None:
    """Also where a page ends within a request, and with requests of one instant."""
    customer_id = await new_customer(platform)
    partner = platform.client()
    channels = ["email", "sms", "push"]
    await asyncio.gather(
        *(
            set_consent(partner, customer_id, *(entry(one, source=f"{number}") for one in channels))
            for number in range(5)
        )
    )
    whole = await whole_log(partner, customer_id)
    assert 15 == len({(one.source, one.channel) for one in whole})
    times = [one.record_time.ToMilliseconds() for one in whole]
    assert sorted(times, reverse=True) == times
    for page_size in (1, 2, 4):
        assert whole == await whole_log(partner, customer_id, page_size)
    page = await log_page(partner, customer_id, page_size=1)
    timeline = pb.ListTimelineRequest(customer_id=customer_id, page_token=page.next_page_token)
    attempt = partner.call(partner.customers.ListTimeline, timeline)
    assert (Code.PAGE_TOKEN_INVALID, "page_token") == await refusal(attempt)
