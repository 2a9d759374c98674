"""단골샵's season: the simulated customers and the platform, step by step of the virtual clock.

The program is a partner platform: it learns who was enrolled and who holds a coupon through the
public API, lets the simulated customers react, and sends what they do.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dangol.events.v1.event_pb2 import Event
from dangol.offers.v1.campaign_service_pb2 import Enrolment, ListEnrolmentsRequest
from dangol.profile.v1.customer_service_pb2 import IdentifyCustomerRequest
from dangol.profile.v1.tenant_service_pb2 import Tenant

from dangol_dev.client import gather_bounded, request_id
from dangol_dev.progress import (
    OnInstant,
    OnProgress,
    Progress,
    ignore_instants,
    ignore_progress,
)
from dangol_dev.setting_up import (
    Clients,
    advance,
    create_offers,
    create_tenant,
    install_starters,
    launch_campaigns,
)
from dangol_dev.simulator.catalogue import CURRENCY, make_products
from dangol_dev.simulator.diary import DAY_MS, SignUp, UseCoupon
from dangol_dev.simulator.gifts import GIFT_OPEN_DAYS, Gift, GiftFate, decide_gift
from dangol_dev.simulator.life import SEASON_DAYS, HeldCoupon, Life, Trigger
from dangol_dev.simulator.past import PAST_DAYS
from dangol_dev.simulator.people import (
    Habit,
    Person,
    make_past_people,
    make_people,
    make_person,
)
from dangol_dev.simulator.settings import CAMPAIGNS, SEGMENTS, ShopCampaign
from dangol_dev.till import Till

TENANT_ID = "dangol-shop"
CUSTOMER_COUNT = 500
PART = "단골샵"
TIME_ZONE = ZoneInfo("Asia/Seoul")
SEASON_START = datetime(2026, 3, 1, tzinfo=TIME_ZONE)
_STEP_MS = DAY_MS
_PAST_STEP_MS = 60 * DAY_MS
# For so many of the season's customers there is one of the time before it, but a few at least.
_CUSTOMERS_A_PAST_ONE = 8
_PAST_CUSTOMERS_MIN = 10
_ENROLMENTS_IN_PAGE = 1000


@dataclass
class Triggered:
    """A person whom a campaign triggered."""

    person: Person
    trigger: Trigger


@dataclass
class Season:
    """What the simulator knows at the end, beside what it sent."""

    lives: list[Life] = field(default_factory=list)
    events: dict[int, list[Event]] = field(default_factory=dict)
    triggered: dict[str, list[Triggered]] = field(default_factory=dict)
    gifts: list[Gift] = field(default_factory=list)
    uses: list[UseCoupon] = field(default_factory=list)
    unexpected_answers: list[str] = field(default_factory=list)

    def planted_lift(self, campaign_id: str) -> float:
        """The true average effect over everyone the campaign triggered; 0 for nobody."""
        effects = [one.person.planted.effect for one in self.triggered[campaign_id]]
        return sum(effects) / len(effects) if effects else 0.0


class Shop:
    """One season, after some months before it. Call `prepare`, then `run`.

    `on_instant` is awaited whenever the clock has come to rest, with what it shows.
    """

    def __init__(
        self,
        clients: Clients,
        seed: int,
        *,
        customer_count: int = CUSTOMER_COUNT,
        tenant_id: str = TENANT_ID,
        on_progress: OnProgress = ignore_progress,
    ) -> None:
        self.clients = clients
        self.client = clients.partner
        self.tenant_id = tenant_id
        self.till = Till(clients.partner, tenant_id, CURRENCY)
        self.season = Season()
        self.customer_ids: dict[int, str] = {}
        self.known_since_ms: dict[int, int] = {}
        self.member_since_ms: dict[int, int] = {}
        self.seconds = 0.0
        self._seed = seed
        self._on_progress = on_progress
        self.on_instant: OnInstant = ignore_instants
        self.start_ms = int(SEASON_START.timestamp() * 1000)
        self._now_ms = self.start_ms - PAST_DAYS * DAY_MS
        self._products = make_products(seed)
        self._by_customer: dict[str, Life] = {}
        self._page_tokens = {campaign.campaign_id: "" for campaign in CAMPAIGNS}
        self._open_gifts: list[Gift] = []
        past_count = max(_PAST_CUSTOMERS_MIN, customer_count // _CUSTOMERS_A_PAST_ONE)
        for person in make_people(seed, customer_count):
            self._enter(person)
        self._new = list(self.season.lives)
        self._old = [
            self._enter(person) for person in make_past_people(seed, customer_count, past_count)
        ]
        self._fans = [one for one in self.season.lives if one.person.habit is Habit.FAN]
        self.season.triggered = {campaign.campaign_id: [] for campaign in CAMPAIGNS}

    @property
    def end_ms(self) -> int:
        """When the season is over."""
        return self.start_ms + SEASON_DAYS * DAY_MS

    def end_time(self, hours: int) -> str:
        """So many hours after the season's end, as GraphQL takes it: ISO 8601."""
        end = datetime.fromtimestamp(self.end_ms / 1000, TIME_ZONE)
        return (end + timedelta(hours=hours)).isoformat()

    async def prepare(self) -> None:
        """Create the tenant, its segments and offers, and the customers of the time before."""
        admin = self.clients.admin
        tenant = Tenant(
            tenant_id=self.tenant_id,
            display_name="단골샵",
            time_zone=TIME_ZONE.key,
            currency_code=CURRENCY,
            language="ko",
        )
        await create_tenant(self.clients.operator, tenant, self._now_ms)
        await advance(admin, self._now_ms, self._now_ms)
        await install_starters(admin, self.tenant_id)
        for segment in SEGMENTS:
            request = segment.create_request(self.tenant_id)
            await admin.call(admin.segments.CreateSegment, request)
        await create_offers(admin, self.tenant_id, [one.offer() for one in CAMPAIGNS])
        await gather_bounded(self._identify, self._old)

    async def run(self) -> None:
        """Step through the time before the season, and then day by day through the season."""
        started = time.monotonic()
        steps = self._steps()
        for number, (now_ms, until_ms) in enumerate(steps):
            await self._advance(now_ms, until_ms)
            if now_ms == self.start_ms:
                await self._open_season()
            await self.on_instant(now_ms)
            if now_ms >= self.start_ms:
                await self._hear_enrolments(now_ms)
                await self._handle_gifts(now_ms)
            await self._live(until_ms)
            await self._on_progress(Progress(PART, number + 1, len(steps), now_ms))
        await self._advance(self.end_ms, self.end_ms + _STEP_MS)
        await self.on_instant(self.end_ms)
        await self._hear_enrolments(self.end_ms)
        self.seconds = time.monotonic() - started

    def _steps(self) -> list[tuple[int, int]]:
        past = range(self._now_ms, self.start_ms, _PAST_STEP_MS)
        season = range(self.start_ms, self.end_ms, _STEP_MS)
        return [(at_ms, at_ms + _PAST_STEP_MS) for at_ms in past] + [
            (at_ms, at_ms + _STEP_MS) for at_ms in season
        ]

    async def _advance(self, now_ms: int, horizon_ms: int) -> None:
        self._now_ms = now_ms
        await advance(self.clients.admin, now_ms, horizon_ms)

    async def _open_season(self) -> None:
        """Launch the campaigns, then make the season's customers known to the shop."""
        campaigns = [one.campaign() for one in CAMPAIGNS]
        await launch_campaigns(self.clients.admin, self.tenant_id, campaigns)
        await gather_bounded(self._identify, self._new)

    def _enter(self, person: Person) -> Life:
        life = Life(self._seed, person, self._products, self.start_ms)
        self.season.lives.append(life)
        self.season.events[person.number] = []
        return life

    async def _identify(self, life: Life) -> None:
        """Make the person known: members with what the shop knows of them, visitors by device."""
        person = life.person
        request = IdentifyCustomerRequest(
            request_id=request_id(self.tenant_id, "person", person.number)
        )
        request.identifiers.append(person.first_ref)
        if not person.visitor:
            request.attributes.CopyFrom(person.attributes)
        response = await self.client.call(self.client.customers.IdentifyCustomer, request)
        self.customer_ids[person.number] = response.customer.customer_id
        self.known_since_ms[person.number] = self._now_ms
        if not person.visitor:
            self.member_since_ms[person.number] = self._now_ms
        self._by_customer[response.customer.customer_id] = life

    async def _sign_up(self, person: Person) -> None:
        """Link the device that the shop knows with the new membership."""
        request = IdentifyCustomerRequest(
            request_id=request_id(self.tenant_id, "sign-up", person.number),
            identifiers=[person.device_ref, person.member_ref],
        )
        await self.client.call(self.client.customers.IdentifyCustomer, request)
        self.member_since_ms[person.number] = self._now_ms

    async def _hear_enrolments(self, now_ms: int) -> None:
        for campaign in CAMPAIGNS:
            for enrolment in await self._new_enrolments(campaign.campaign_id):
                life = self._by_customer[enrolment.customer_id]
                trigger = _trigger(campaign, enrolment)
                self.season.triggered[campaign.campaign_id].append(Triggered(life.person, trigger))
                if campaign.measured:
                    life.hear(trigger, now_ms)
                elif trigger.coupon:
                    life.receive_birthday_coupon(trigger.coupon, now_ms)

    async def _new_enrolments(self, campaign_id: str) -> list[Enrolment]:
        """Enrolments since the last call, by following the page token."""
        found: list[Enrolment] = []
        while True:
            response = await self.client.call(
                self.client.campaigns.ListEnrolments,
                ListEnrolmentsRequest(
                    campaign_id=campaign_id,
                    page_size=_ENROLMENTS_IN_PAGE,
                    page_token=self._page_tokens[campaign_id],
                ),
            )
            found += response.enrolments
            if response.next_page_token:
                self._page_tokens[campaign_id] = response.next_page_token
            if len(response.enrolments) < _ENROLMENTS_IN_PAGE:
                return found

    async def _live(self, until_ms: int) -> None:
        """Let everyone live until then, and send what they did."""
        events: list[Event] = []
        uses: list[tuple[Life, UseCoupon]] = []
        members: list[Person] = []
        for life in self.season.lives:
            number = life.person.number
            for action in life.live_until(until_ms):
                if isinstance(action, Event):
                    events.append(action)
                    self.season.events[number].append(action)
                elif isinstance(action, UseCoupon):
                    uses.append((life, action))
                elif isinstance(action, SignUp):
                    members.append(life.person)
        await gather_bounded(self._sign_up, members)
        recording = self.client.record_step(events, _person_number)
        await asyncio.gather(recording, self._use_all(uses))

    async def _use_all(self, uses: Sequence[tuple[Life, UseCoupon]]) -> None:
        # One after the other: a coupon may be shown twice within a step.
        for life, use in uses:
            customer_id = self.customer_ids[life.person.number]
            answer = await self.till.use(
                use.coupon_id, customer_id, use.order_id, use.order_minor_units
            )
            self.season.uses.append(use)
            if answer != use.expected:
                self.season.unexpected_answers.append(f"{answer} for {use.expected}")

    async def _handle_gifts(self, now_ms: int) -> None:
        """Offer what is to be given, and close the gifts whose time has come."""
        for life in list(self.season.lives):
            if life.coupon_to_give is not None:
                gift = decide_gift(self._seed, life, self._fans, now_ms)
                if gift is not None:
                    await self._offer(gift)
        due = [gift for gift in self._open_gifts if gift.close_ms <= now_ms]
        for gift in due:
            self._open_gifts.remove(gift)
            await self._close(gift, now_ms)

    async def _offer(self, gift: Gift) -> None:
        giver_id = self.customer_ids[gift.giver.person.number]
        gift.offered = await self.till.offer_gift(
            gift.coupon.coupon_id, giver_id, GIFT_OPEN_DAYS * DAY_MS // 1000
        )
        self.season.gifts.append(gift)
        self._open_gifts.append(gift)

    async def _close(self, gift: Gift, now_ms: int) -> None:
        assert gift.offered is not None
        giver_id = self.customer_ids[gift.giver.person.number]
        if gift.fate is GiftFate.CANCELLED:
            await self.till.cancel_gift(gift.offered, giver_id)
        elif gift.fate is GiftFate.SELF_CLAIMED:
            await self.till.claim_gift(gift.offered, giver_id)
        elif gift.fate is GiftFate.TO_FRIEND:
            await self._claim_as_friend(gift, now_ms)
        elif gift.recipient is not None:
            await self._claim(gift, gift.recipient)

    async def _claim(self, gift: Gift, recipient: Life, attempt: int = 1) -> None:
        assert gift.offered is not None
        recipient_id = self.customer_ids[recipient.person.number]
        coupon = await self.till.claim_gift(gift.offered, recipient_id, attempt)
        if coupon.coupon_id:
            recipient.receive_gift(
                HeldCoupon(coupon.coupon_id, gift.coupon.end_ms, gift.coupon.minimum_order)
            )

    async def _claim_as_friend(self, gift: Gift, now_ms: int) -> None:
        """Someone new follows the link, is told to become a member, does, and claims."""
        friend = make_person(self._seed, len(self.season.lives), Habit.FRIEND)
        life = self._enter(friend)
        await self._identify(life)
        await self._claim(gift, life)
        await self._sign_up(friend)
        life.become_member()
        life.greet(now_ms)
        await self._claim(gift, life, attempt=2)
        life.shop_soon(now_ms)


def _trigger(campaign: ShopCampaign, enrolment: Enrolment) -> Trigger:
    triggered_ms = enrolment.triggered_at.ToMilliseconds()
    coupon = None
    if enrolment.coupon_id:
        end_ms = triggered_ms + campaign.coupon_valid_ms
        coupon = HeldCoupon(enrolment.coupon_id, end_ms, campaign.minimum_order)
    return Trigger(not enrolment.control, coupon, triggered_ms, campaign.window_ms)


def _person_number(event: Event) -> int:
    """The person's number, which both their names end in."""
    return int(event.customer.value.rpartition("-")[2])
