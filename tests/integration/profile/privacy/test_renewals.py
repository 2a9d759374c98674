"""Notices, and consents to advertising that have to be confirmed every two years."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from dangol.profile.v1 import privacy_service_pb2 as pb
from dangol.profile.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from dangol_service_kit.auth import Role
from dangol_service_kit.errors import Code, RpcFailure

from tests.integration.profile.consenting import (
    entry,
    new_customer,
    refusal,
    set_consent,
    whole_log,
)
from tests.integration.profile.harness import LAB, LAB_START_SECONDS, OTHER, Platform
from tests.integration.profile.privacy.erasing import Eraser

DAY = 86_400
TWO_YEARS = 2 * 365 * DAY


class Desk:
    """Asks the privacy service as one role."""

    def __init__(self, platform: Platform, role: Role = Role.ADMIN, tenant_id: str = LAB) -> None:
        self.client = platform.client(role, tenant_id)
        self.stub: Any = PrivacyServiceStub(platform.channel)

    async def notice(self, text: str, request_id: str = "", name: str = "ads") -> pb.Notice:
        """CreateNotice."""
        request = pb.CreateNoticeRequest(
            request_id=request_id or str(uuid.uuid4()), name=name, texts={"ko": text}
        )
        answer = await self.client.call(self.stub.CreateNotice, request)
        notice: pb.Notice = answer.notice
        return notice

    async def due(self, at_seconds: int | None = None) -> list[tuple[str, str]]:
        """(customer, channel) of what is due then, page by page."""
        request = pb.ListConsentsDueRequest(page_size=1)
        if at_seconds is not None:
            request.due_before.seconds = at_seconds
        found: list[tuple[str, str]] = []
        while True:
            answer = await self.client.call(self.stub.ListConsentsDue, request)
            found += [(one.customer_id, one.channel) for one in answer.consents]
            request.page_token = answer.next_page_token
            if not request.page_token:
                return found


async def _customer(platform: Platform, name: str) -> str:
    made = await platform.client(tenant_id=LAB).identify(("member", name))
    return made.customer.customer_id


async def test_advertising_falls_due_after_two_years_and_no_more_once_confirmed(
    platform: Platform,
) -> None:
    """Oldest first; what was withdrawn, or is no advertising, is left out."""
    admin, desk = platform.client(Role.ADMIN, LAB), Desk(platform, Role.MARKETER)
    kim, lee, park = [await _customer(platform, name) for name in ("kim", "lee", "park")]
    start = LAB_START_SECONDS
    await set_consent(admin, lee, entry("email", at=start - 10 * DAY))
    await set_consent(admin, kim, entry("email", at=start - DAY), entry("sms", at=start - 5 * DAY))
    await set_consent(admin, park, entry("web", at=start - 20 * DAY, purpose="profiling"))
    await set_consent(admin, park, entry("email", at=start - 20 * DAY))
    await set_consent(admin, park, entry("email", granted=False, at=start - 15 * DAY))
    assert [] == await desk.due()
    assert [(lee, "email")] == await desk.due(start + TWO_YEARS - 9 * DAY)
    everything = [(lee, "email"), (kim, "email"), (kim, "sms")]
    assert everything == await desk.due(start + TWO_YEARS + DAY)
    told = entry("email", at=start, confirmation=True)
    answer = await set_consent(admin, lee, told)
    assert ["marketing.email"] == list(answer.customer.consents)
    assert everything[1:] == await desk.due(start + TWO_YEARS - DAY)
    newest = (await whole_log(admin, lee))[0]
    assert (True, True, start) == (newest.granted, newest.confirmation, newest.decide_time.seconds)


async def test_the_due_time_is_a_day_of_the_tenants_zone(platform: Platform) -> None:
    """The shop lives in Seoul: nine hours before midnight in UTC."""
    admin, desk = platform.client(Role.ADMIN, LAB), Desk(platform)
    kim = await _customer(platform, "kim")
    await set_consent(admin, kim, entry("email", at=LAB_START_SECONDS))
    request = pb.ListConsentsDueRequest()
    request.due_before.seconds = LAB_START_SECONDS + TWO_YEARS + DAY
    (due,) = (await desk.client.call(desk.stub.ListConsentsDue, request)).consents
    assert LAB_START_SECONDS == due.since_time.seconds
    assert 15 * 3600 == due.due_time.seconds % DAY
    assert 0 <= LAB_START_SECONDS + TWO_YEARS - due.due_time.seconds < DAY


async def test_only_a_consent_that_stands_is_confirmed(platform: Platform) -> None:
    """Neither one that was never given, nor one withdrawn, nor a confirmation of a no."""
    admin = platform.client(Role.ADMIN)
    kim = await new_customer(platform)
    told = entry("email", confirmation=True)
    expected = (Code.FIELD_INVALID, "entries[0].confirmation")
    assert expected == await refusal(set_consent(admin, kim, told))
    await set_consent(admin, kim, entry("email"))
    no = entry("email", granted=False, confirmation=True)
    assert expected == await refusal(set_consent(admin, kim, no))
    await set_consent(admin, kim, told)
    await set_consent(admin, kim, entry("email", granted=False, at=None))
    assert expected == await refusal(set_consent(admin, kim, told))


async def test_a_notice_has_versions_and_a_consent_names_one_that_exists(
    platform: Platform,
) -> None:
    """The same request again makes none; other content under its id is refused."""
    desk, admin = Desk(platform), platform.client(Role.ADMIN, LAB)
    request_id = str(uuid.uuid4())
    first = await desk.notice("광고 수신에 동의합니다", request_id)
    assert ("ads@1", 1) == (first.reference, first.version)
    assert first == await desk.notice("광고 수신에 동의합니다", request_id)
    with pytest.raises(RpcFailure) as caught:
        await desk.notice("다른 문구", request_id)
    assert Code.REQUEST_CONFLICT is caught.value.code
    assert "ads@2" == (await desk.notice("새 문구")).reference
    await desk.notice("개인정보", name="privacy")
    assert ["ads@1", "ads@2", "privacy@1"] == await _references(desk)
    kim = await _customer(platform, "kim")
    at = LAB_START_SECONDS
    await set_consent(admin, kim, entry("email", at=at, notice="ads@2"))
    assert "ads@2" == (await whole_log(admin, kim))[0].notice
    wrong = set_consent(
        admin, kim, entry("sms", at=at, notice="ads@2"), entry("email", at=at, notice="ads@3")
    )
    assert (Code.FIELD_INVALID, "entries[1].notice") == await refusal(wrong)


async def _references(desk: Desk) -> list[str]:
    request = pb.ListNoticesRequest(page_size=2)
    found: list[str] = []
    while True:
        answer = await desk.client.call(desk.stub.ListNotices, request)
        found += [one.reference for one in answer.notices]
        request.page_token = answer.next_page_token
        if not request.page_token:
            return found


async def test_another_tenant_sees_neither_and_roles_are_kept(platform: Platform) -> None:
    """A notice of one shop is none of the other's; only admins write them."""
    desk, admin = Desk(platform), platform.client(Role.ADMIN, LAB)
    await desk.notice("광고")
    kim = await _customer(platform, "kim")
    await set_consent(admin, kim, entry("email", at=LAB_START_SECONDS, notice="ads@1"))
    late = LAB_START_SECONDS + TWO_YEARS + DAY
    foreign = Desk(platform, tenant_id=OTHER)
    assert ([], []) == (await _references(foreign), await foreign.due(late))
    assert [(kim, "email")] == await desk.due(late)
    for role in (Role.STAFF, Role.PARTNER, Role.CUSTOMER):
        caller = Desk(platform, role)
        assert (Code.ROLE_NOT_ALLOWED, None) == await refusal(caller.due())
        assert (Code.ROLE_NOT_ALLOWED, None) == await refusal(caller.notice("x"))
    customer = Desk(platform, Role.CUSTOMER)
    assert ["ads@1"] == await _references(customer)


async def test_nobody_erased_falls_due(platform: Platform) -> None:
    """And her log is gone."""
    admin = platform.client(Role.ADMIN)
    kim = await new_customer(platform)
    await set_consent(admin, kim, entry("email"))
    desk = Desk(platform, tenant_id="shop")
    late = 1_700_000_000 + TWO_YEARS + DAY
    assert [(kim, "email")] == await desk.due(late)
    await Eraser(platform).erase(kim)
    assert [] == await desk.due(late)
