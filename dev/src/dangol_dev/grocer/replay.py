"""The replay: a recorded year through the platform's public API, reconciled at the end."""

import asyncio
import time
from collections.abc import Collection, Sequence
from datetime import timedelta

from dangol.events.v1.event_pb2 import Money
from dangol.events.v1.membership_pb2 import CHANGE_KIND_ENTERED
from dangol.offers.v1 import campaign_service_pb2 as campaigns_pb2
from dangol.offers.v1.coupon_service_pb2 import BatchIssueCouponsRequest
from dangol.offers.v1.gift_service_pb2 import OfferGiftResponse
from dangol.offers.v1.offer_service_pb2 import Offer
from dangol.profile.v1.tenant_service_pb2 import Tenant

from dangol_dev.client import chunks, gather_bounded, request_id
from dangol_dev.closing import timestamp
from dangol_dev.grocer.data import END_DAY, FIRST_DAY, Campaign, GrocerData, midnight_ms
from dangol_dev.grocer.events import CURRENCY, PurchaseEvents, identify_request, order_id
from dangol_dev.grocer.plan import (
    GIFT_OPEN_DAYS,
    GiftFate,
    PlannedGift,
    Step,
    Use,
    campaign_id,
    choose_baskets,
    day_number,
    offer_id,
    plan_gifts,
    plan_steps,
)
from dangol_dev.grocer.rules import SEGMENTS, WIN_BACK_SEGMENT
from dangol_dev.progress import (
    OnInstant,
    OnProgress,
    Progress,
    ignore_instants,
    ignore_progress,
)
from dangol_dev.setting_up import Clients, advance, create_offers, create_tenant, launch_campaigns
from dangol_dev.till import Till

TENANT_ID = "grocer"
WIN_BACK_CAMPAIGN = "win-back"
WIN_BACK_OFFER = "welcome-back"
WIN_BACK_WINDOW_DAYS = 28
CONTROL_BASIS_POINTS = 2000
# The files do not say what a coupon was worth.
COUPON_CENTS = 100
PART = "grocer"
_COUPONS_IN_CALL = 20_000
_CUSTOMERS_IN_CALL = 1_000
_DAY_SECONDS = 86_400
# In the progress, issuing so many coupons weighs as much as recording one basket.
_COUPONS_A_BASKET = 10


class GrocerReplay:
    """One replay. Call `prepare`, then `run`; `closing_figures` of the sister module reads it.

    At each of `instants_ms`, a millisecond before midnights at which a step ends, the clock comes
    to rest and `on_instant` is awaited with what it shows.
    """

    def __init__(
        self,
        clients: Clients,
        data: GrocerData,
        seed: int,
        on_progress: OnProgress = ignore_progress,
    ) -> None:
        self.instants_ms: Collection[int] = ()
        self.on_instant: OnInstant = ignore_instants
        self.data = data
        self.uses = choose_baskets(data.redemptions, data.baskets)
        self.gifts = plan_gifts(data, seed)
        self.steps = plan_steps(data, self.uses, self.gifts)
        self.client = clients.partner
        self.clients = clients
        self.till = Till(clients.partner, TENANT_ID, CURRENCY)
        self.customer_ids: dict[int, str] = {}
        self.issued_count = 0
        self.refused_uses: list[tuple[Use, str]] = []
        self.seconds = 0.0
        self._on_progress = on_progress
        self._open_gifts: dict[PlannedGift, OfferGiftResponse] = {}
        self._events = PurchaseEvents(data)

    @property
    def end_ms(self) -> int:
        """The instant at which the replay's clock stops."""
        return midnight_ms(END_DAY)

    async def prepare(self) -> None:
        """Create the tenant, its customers, segments, offers and campaigns."""
        admin = self.clients.admin
        start_ms = midnight_ms(FIRST_DAY)
        tenant = Tenant(
            tenant_id=TENANT_ID,
            display_name="Grocer, 2017",
            time_zone="America/New_York",
            currency_code=CURRENCY,
            language="en",
        )
        await create_tenant(self.clients.operator, tenant, start_ms)
        await advance(admin, start_ms, start_ms)
        for segment in SEGMENTS:
            await admin.call(admin.segments.CreateSegment, segment.create_request())
        await create_offers(admin, TENANT_ID, [_win_back_offer(), *list_offers(self.data)])
        recorded = (_list_campaign(campaign) for campaign in self.data.campaigns)
        await launch_campaigns(admin, TENANT_ID, [_win_back_campaign(), *recorded])
        await gather_bounded(self._identify, self.data.households)

    async def run(self) -> None:
        """Step through the year."""
        started = time.monotonic()
        basket_count = len(self.data.baskets.basket)
        coupon_count = sum(campaign.coupon_count for campaign in self.data.campaigns)
        total = basket_count + coupon_count // _COUPONS_A_BASKET
        for step in self.steps:
            now_ms = midnight_ms(step.day)
            await self._rest(now_ms)
            await advance(self.clients.admin, now_ms, midnight_ms(step.end_day))
            await asyncio.gather(self._record(step), self._act(step))
            done = self.client.sent.event_count + self.issued_count // _COUPONS_A_BASKET
            await self._on_progress(Progress(PART, done, total, now_ms))
        await self._rest(self.end_ms)
        await advance(self.clients.admin, self.end_ms, self.end_ms + _DAY_SECONDS * 1000)
        await self._on_progress(Progress(PART, total, total, self.end_ms))
        self.seconds = time.monotonic() - started

    async def _rest(self, midnight: int) -> None:
        # What is due at midnight happens at that very instant: before it the step's past is whole.
        if midnight - 1 in self.instants_ms:
            await advance(self.clients.admin, midnight - 1, midnight)
            await self.on_instant(midnight - 1)

    async def _identify(self, household: int) -> None:
        request = identify_request(household, self.data.demographics.get(household, {}))
        response = await self.client.call(self.client.customers.IdentifyCustomer, request)
        self.customer_ids[household] = response.customer.customer_id

    async def _record(self, step: Step) -> None:
        """Record the step's baskets, every household's in order."""
        indexes = self._events.between_days(day_number(step.day), day_number(step.end_day))
        events = list(self._events.build(indexes))
        await self.client.record_step(events, lambda event: int(event.customer.value))

    async def _act(self, step: Step) -> None:
        """What is due at the offers service while the clock stands at the step's beginning."""
        for campaign in step.campaigns:
            await self._issue(campaign)
        await gather_bounded(self._use, step.uses)
        await gather_bounded(self._offer_gift, step.gifts_to_offer)
        await gather_bounded(self._close_gift, step.gifts_to_close)

    async def _issue(self, campaign: Campaign) -> None:
        """Enrol every household on the campaign's list, which gives it the first coupon, and issue
        it the others."""
        admin = self.clients.admin
        offer_ids = [offer_id(campaign.number, coupon) for coupon in campaign.coupons[1:]]
        customer_ids = [self.customer_ids[household] for household in campaign.households]
        for names in chunks(customer_ids, _CUSTOMERS_IN_CALL):
            enrol = campaigns_pb2.EnrolCustomersRequest(
                request_id=request_id(TENANT_ID, "enrol", campaign.number, names[0]),
                campaign_id=campaign_id(campaign.number),
                customer_ids=names,
            )
            enrolled = await admin.call(admin.campaigns.EnrolCustomers, enrol, 120)
            self.issued_count += enrolled.enrolled_count
        if not offer_ids:
            return

        async def issue(part: Sequence[str]) -> None:
            request = BatchIssueCouponsRequest(
                request_id=request_id(TENANT_ID, "issue", campaign.number, part[0]),
                campaign_id=campaign_id(campaign.number),
                offer_ids=offer_ids,
                customer_ids=part,
            )
            response = await admin.call(admin.coupons.BatchIssueCoupons, request, 120)
            # Coupons that were there already are those of this very call, sent before a crash.
            self.issued_count += response.issued_count + response.already_issued_count

        size = max(1, _COUPONS_IN_CALL // len(offer_ids))
        await gather_bounded(issue, chunks(customer_ids, size), 2)

    async def _use(self, use: Use) -> None:
        """A recorded redemption, with the household's own coupon rather than one it was given."""
        one = use.redemption
        customer_id = self.customer_ids[one.household]
        coupons = await self.till.find_coupons(
            customer_id, campaign_id(one.campaign), offer_id(one.campaign, one.coupon)
        )
        outcome = await self.till.use(
            coupons[0].coupon_id, customer_id, order_id(use.basket), use.basket_cents
        )
        if outcome != "APPLIED":
            self.refused_uses.append((use, outcome))

    async def _offer_gift(self, gift: PlannedGift) -> None:
        giver_id = self.customer_ids[gift.giver]
        coupons = await self.till.find_coupons(
            giver_id, campaign_id(gift.campaign), offer_id(gift.campaign, gift.coupon)
        )
        self._open_gifts[gift] = await self.till.offer_gift(
            coupons[0].coupon_id, giver_id, GIFT_OPEN_DAYS * _DAY_SECONDS
        )

    async def _close_gift(self, gift: PlannedGift) -> None:
        offered = self._open_gifts.pop(gift)
        if gift.fate is GiftFate.CLAIMED:
            await self.till.claim_gift(offered, self.customer_ids[gift.recipient])
        else:
            await self.till.cancel_gift(offered, self.customer_ids[gift.giver])


def list_offers(data: GrocerData) -> list[Offer]:
    """One offer a pair of campaign and coupon, good until the campaign's last day is over."""
    return [
        Offer(
            offer_id=offer_id(campaign.number, coupon),
            display_names={"en": f"Coupon {coupon} of campaign {campaign.number}"},
            fixed_amount=Money(currency_code=CURRENCY, minor_units=COUPON_CENTS),
            valid_until=timestamp(midnight_ms(campaign.end_day + timedelta(days=1))),
            giftable=True,
        )
        for campaign in data.campaigns
        for coupon in campaign.coupons
    ]


def _list_campaign(campaign: Campaign) -> campaigns_pb2.Campaign:
    day_count = (campaign.end_day - campaign.start_day).days + 1
    return campaigns_pb2.Campaign(
        campaign_id=campaign_id(campaign.number),
        display_names={"en": f"Campaign {campaign.number} ({campaign.kind})"},
        list=campaigns_pb2.ListTrigger(),
        variants=[
            campaigns_pb2.Variant(
                variant_id="mailed",
                weight=1,
                offer_id=offer_id(campaign.number, campaign.coupons[0]),
            )
        ],
        conversion_window_seconds=day_count * _DAY_SECONDS,
    )


def _win_back_offer() -> Offer:
    return Offer(
        offer_id=WIN_BACK_OFFER,
        display_names={"en": "Welcome back: 10 % off"},
        percent_basis_points=1000,
        valid_for_seconds=WIN_BACK_WINDOW_DAYS * _DAY_SECONDS,
        giftable=False,
    )


def _win_back_campaign() -> campaigns_pb2.Campaign:
    return campaigns_pb2.Campaign(
        campaign_id=WIN_BACK_CAMPAIGN,
        display_names={"en": "Win back the quiet regulars"},
        segment=campaigns_pb2.SegmentTrigger(segment_id=WIN_BACK_SEGMENT, kind=CHANGE_KIND_ENTERED),
        control_basis_points=CONTROL_BASIS_POINTS,
        variants=[
            campaigns_pb2.Variant(variant_id="ten-percent", weight=1, offer_id=WIN_BACK_OFFER)
        ],
        conversion_window_seconds=WIN_BACK_WINDOW_DAYS * _DAY_SECONDS,
    )
