"""The campaigns of docs/campaigns.md, as they are written there, on a whole stack."""

import json
import re
import tempfile
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dangol.events.v1.event_pb2 import CHANNEL_STORE, Event, Item, Money
from dangol.offers.v1 import calendar_service_pb2 as calendar_pb
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import messaging_service_pb2 as messaging
from dangol.offers.v1 import task_service_pb2 as task_pb
from dangol.offers.v1.messaging_service_pb2_grpc import MessagingServiceStub
from dangol.offers.v1.offer_service_pb2 import Offer
from dangol.profile.v1 import customer_service_pb2 as customers
from dangol.profile.v1 import event_service_pb2 as events
from dangol.profile.v1.tenant_service_pb2 import Tenant
from dangol.segmentation.v1 import segment_service_pb2 as segments
from dangol_dev.client import Client, Connection, request_id
from dangol_dev.demo import connect
from dangol_dev.setting_up import advance, create_offers, create_tenant, launch_campaigns
from dangol_dev.stack import Stack
from dangol_service_kit.auth import Role
from google.protobuf.json_format import ParseDict

PAGE = Path(__file__).resolve().parents[3] / "docs" / "campaigns.md"
BLOCKS = [
    json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)
]
QUIET, CHUSEOK, RESTOCK, SETTINGS = BLOCKS
SEOUL = ZoneInfo("Asia/Seoul")
DAY_MS = 86_400_000
VIP_RULE = "sum(purchase.amount, 730d) >= 300000"

pytestmark = pytest.mark.timeout(240)


def at(text: str) -> int:
    """A time in Seoul as UTC milliseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SEOUL).timestamp() * 1000)


START_MS = at("2026-07-01T00:00")


class Shop:
    """One tenant under virtual time, and its marketer."""

    def __init__(self, stack: Stack, connection: Connection, tenant_id: str) -> None:
        self.tenant_id = tenant_id
        self.connection = connection
        self.operator = Client(connection, lambda: stack.token("*", Role.OPERATOR))
        self.admin = Client(connection, lambda: stack.token(tenant_id, Role.ADMIN))
        self.sent = 0

    async def open(self) -> None:
        """The tenant and its VIPs."""
        tenant = Tenant(
            tenant_id=self.tenant_id,
            display_name="Page",
            time_zone="Asia/Seoul",
            currency_code="KRW",
            language="ko",
        )
        await create_tenant(self.operator, tenant, START_MS)
        await self.advance(START_MS)
        segment = segments.CreateSegmentRequest(
            request_id=request_id(self.tenant_id, "vip"),
            segment=segments.Segment(segment_id="vip", rule=VIP_RULE),
        )
        await self.admin.call(self.admin.segments.CreateSegment, segment)

    async def advance(self, now_ms: int) -> None:
        """Moves the clock; events may come up to a year ahead of it."""
        await advance(self.admin, now_ms, now_ms + 400 * DAY_MS)

    async def launch(self, text: dict[str, Any]) -> str:
        """Makes the offers and templates that a campaign of the page names, and launches it."""
        campaign = ParseDict(text, pb.Campaign())
        offers = [
            Offer(
                offer_id=variant.offer_id,
                fixed_amount=Money(currency_code="KRW", minor_units=5_000),
                giftable=True,
            )
            for variant in campaign.variants
            if variant.offer_id
        ]
        await create_offers(self.admin, self.tenant_id, offers)
        for variant in campaign.variants:
            if variant.HasField("message"):
                await self.template(variant.message.template_id, variant.message.channel)
        await launch_campaigns(self.admin, self.tenant_id, [campaign])
        return campaign.campaign_id

    async def template(self, template_id: str, channel: str) -> None:
        """A template, and who signs advertising on its channel."""
        name = request_id(self.tenant_id, "template", template_id)
        text = messaging.TemplateText(channel=channel, language="ko", text="{{ customer_name }}님!")
        template = messaging.MessageTemplate(
            template_id=template_id, display_name=template_id, texts=[text]
        )
        stub = MessagingServiceStub(self.connection.offers)
        create = messaging.CreateTemplateRequest(request_id=name, template=template)
        await self.admin.call(stub.CreateTemplate, create)
        known = await self.admin.call(
            stub.GetMessagingSettings, messaging.GetMessagingSettingsRequest()
        )
        settings = messaging.MessagingSettings(
            sender_name="단골샵",
            sender_phone="02-123-4567",
            opt_outs={"kakao": "채널 차단", "push": "설정 > 알림"},
            version=known.settings.version,
        )
        update = messaging.UpdateMessagingSettingsRequest(request_id=name, settings=settings)
        await self.admin.call(stub.UpdateMessagingSettings, update)

    async def happen(self, name: str, event_type: str, at_ms: int, **facts: Any) -> None:
        """An event of a member."""
        self.sent += 1
        event = Event(
            event_id=request_id(self.tenant_id, "event", self.sent),
            type=event_type,
            channel=CHANNEL_STORE,
            **facts,
        )
        event.customer.namespace, event.customer.value = "member", name
        event.occurred_at.FromMilliseconds(at_ms)
        request = events.RecordEventsRequest(events=[event])
        answer = await self.admin.call(self.admin.events.RecordEvents, request)
        assert [events.RECORD_OUTCOME_RECORDED] == [one.outcome for one in answer.results]

    async def buy(self, name: str, at_ms: int, won: int = 10_000) -> None:
        """A purchase in the shop in Gangnam."""
        amount = Money(currency_code="KRW", minor_units=won)
        await self.happen(name, "purchase", at_ms, store_id="gangnam", amount=amount)

    async def restock(self, name: str, at_ms: int) -> None:
        """Sneakers that the member waits for are back."""
        item = Item(product_id="p-7", category="sneakers", quantity=1)
        await self.happen(name, "restocked", at_ms, items=[item])

    async def ids(self, names: list[str]) -> dict[str, str]:
        """Members' names by customer id."""
        found = {}
        for name in names:
            request = customers.GetCustomerRequest()
            request.identifier.namespace, request.identifier.value = "member", name
            answer = await self.admin.call(self.admin.customers.GetCustomer, request)
            found[answer.customer.customer_id] = name
        return found

    async def enrolments(self, campaign_id: str) -> list[pb.Enrolment]:
        """All of a campaign."""
        request = pb.ListEnrolmentsRequest(campaign_id=campaign_id, page_size=1000)
        answer = await self.admin.call(self.admin.campaigns.ListEnrolments, request)
        return list(answer.enrolments)

    async def report(self, campaign_id: str) -> pb.ReportCampaignResponse:
        """A campaign's report."""
        request = pb.ReportCampaignRequest(campaign_id=campaign_id)
        return await self.admin.call(self.admin.campaigns.ReportCampaign, request, 60)


@pytest.fixture(scope="module")
async def stack() -> AsyncIterator[Stack]:
    """A stack of its own."""
    with tempfile.TemporaryDirectory(prefix="dangol-page-", ignore_cleanup_errors=True) as name:
        stack = Stack(Path(name))
        async with stack:
            yield stack


async def _open(stack: Stack, tenant_id: str) -> tuple[Shop, Connection]:
    connection = connect(stack)
    shop = Shop(stack, connection, tenant_id)
    await shop.open()
    return shop, connection


async def test_regulars_who_went_quiet(stack: Stack) -> None:
    """Sixty days after the last purchase, to the millisecond; half a coupon, half a call in the
    store where they were last; once each, and the report counts what the groups bought."""
    shop, connection = await _open(stack, "page-quiet")
    name = await shop.launch(QUIET)
    names = [f"member-{number}" for number in range(80)]
    for number, member in enumerate(names):
        await shop.buy(member, START_MS + number)
    await shop.buy(names[0], START_MS + 59 * DAY_MS)
    await shop.advance(START_MS + 61 * DAY_MS)
    known = await shop.ids(names)
    found = await shop.enrolments(name)
    expected = {member: START_MS + number + 60 * DAY_MS for number, member in enumerate(names)}
    del expected[names[0]]
    assert expected == {
        known[each.customer_id]: each.triggered_at.ToMilliseconds() for each in found
    }
    arms: dict[str, set[str]] = {"control": set(), "coupon": set(), "call": set()}
    for each in found:
        arms["control" if each.control else each.variant_id].add(known[each.customer_id])
    # By chance an arm is smaller less than once in a hundred thousand times.
    assert all(len(members) >= 3 for members in arms.values())
    request = task_pb.ListTasksRequest(store_id="gangnam", page_size=100)
    listed = (await shop.admin.call(shop.admin.tasks.ListTasks, request)).tasks
    assert arms["call"] == {known[task.customer_id] for task in listed}
    assert {60 * DAY_MS + 2 * DAY_MS} == {
        task.due_time.ToMilliseconds() - START_MS - names.index(known[task.customer_id])
        for task in listed
    }
    back = [*sorted(arms["coupon"])[:3], *sorted(arms["control"])[:1]]
    for member in back:
        await shop.buy(member, START_MS + 70 * DAY_MS)
    await shop.advance(START_MS + 131 * DAY_MS)
    report = await shop.report(name)
    counts = {arm.arm: arm for arm in report.arms}
    assert (3, 30_000) == (counts["coupon"].converted_count, counts["coupon"].revenue_minor_units)
    assert (1, 10_000) == (counts["control"].converted_count, counts["control"].revenue_minor_units)
    assert 0 == counts["call"].converted_count
    # Those who came back went quiet again: enrolled, and not acted on a second time.
    assert 3 == counts["coupon"].suppressed_counts["CUSTOMER_CAPPED"]
    [coupon] = [effect for effect in report.effects if effect.arm == "coupon"]
    rate = 3 / counts["coupon"].measured_count - 1 / counts["control"].measured_count
    assert rate == pytest.approx(coupon.conversion_lift.estimate)
    assert counts["coupon"].triggered_count == counts["coupon"].messages.posted_count
    await connection.close()


async def test_a_greeting_at_chuseok(stack: Stack) -> None:
    """On 22 September 2026 and 12 September 2027 at ten, for those who are VIPs then."""
    shop, connection = await _open(stack, "page-chuseok")
    first, second = at("2026-09-22T10:00"), at("2027-09-12T10:00")
    names = ["early", "in-time", "late", "small"]
    for member, at_ms, won in (
        ("early", START_MS + DAY_MS, 400_000),
        ("in-time", first, 300_000),
        ("late", first + 1, 300_000),
        ("small", START_MS + DAY_MS, 1_000),
    ):
        await shop.buy(member, at_ms, won)
    name = await shop.launch(CHUSEOK | {"control_basis_points": 0})
    await shop.advance(first + DAY_MS)
    known = await shop.ids(names)
    found = [
        (known[each.customer_id], each.triggered_at.ToMilliseconds())
        for each in await shop.enrolments(name)
    ]
    assert [("early", first), ("in-time", first)] == sorted(found)
    asked = calendar_pb.ListCalendarRequest(first_date="2027-09-10", last_date="2027-09-15")
    listed = (await shop.admin.call(shop.admin.calendar.ListCalendar, asked)).entries
    days = {(entry.entry_id, entry.first_date) for entry in listed}
    assert {("chuseok-greeting", "2027-09-12"), ("chuseok", "2027-09-15")} <= days
    await shop.advance(second)
    again = {
        known[each.customer_id] for each in await shop.enrolments(name) if each.stint > 20270000
    }
    assert {"early", "in-time", "late"} == again
    await connection.close()


async def test_back_in_stock_with_vips_first(stack: Stack) -> None:
    """VIPs at once, the others a day later; three days later the same news meets the cap."""
    shop, connection = await _open(stack, "page-stock")
    await shop.buy("vip", START_MS + 1, 500_000)
    await shop.buy("other", START_MS + 1)
    await shop.advance(START_MS + DAY_MS)
    settings = ParseDict(SETTINGS | {"holdout_basis_points": 0}, pb.CampaignSettings())
    update = pb.UpdateCampaignSettingsRequest(
        request_id=request_id("page-stock", "settings"), settings=settings
    )
    await shop.admin.call(shop.admin.campaigns.UpdateCampaignSettings, update)
    name = await shop.launch(RESTOCK)
    news_ms = START_MS + 2 * DAY_MS
    for at_ms in (news_ms, news_ms + 3 * DAY_MS):
        for member in ("vip", "other"):
            await shop.restock(member, at_ms)
        await shop.advance(at_ms + 2 * DAY_MS)
    known = await shop.ids(["vip", "other"])
    found = {
        (known[each.customer_id], each.stint): (
            each.triggered_at.ToMilliseconds() - news_ms,
            pb.EnrolmentOutcome.Name(each.outcome).removeprefix("ENROLMENT_OUTCOME_"),
        )
        for each in await shop.enrolments(name)
    }
    assert {
        ("vip", 1): (0, "MESSAGE_POSTED"),
        ("other", 1): (DAY_MS, "MESSAGE_POSTED"),
        ("vip", 2): (3 * DAY_MS, "FREQUENCY_CAPPED"),
        ("other", 2): (4 * DAY_MS, "FREQUENCY_CAPPED"),
    } == found
    await connection.close()
