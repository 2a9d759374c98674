"""The shop's own segments beside the ready ones, its offers and campaigns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dangol.events.v1.event_pb2 import Event, Money
from dangol.events.v1.membership_pb2 import CHANGE_KIND_ENTERED
from dangol.offers.v1.campaign_service_pb2 import Campaign, SegmentTrigger, Variant
from dangol.offers.v1.offer_service_pb2 import Offer
from dangol.segmentation.v1.segment_service_pb2 import CreateSegmentRequest, Segment

from dangol_dev.client import request_id
from dangol_dev.simulator.catalogue import CURRENCY
from dangol_dev.simulator.diary import DAY_MS

CART_SEGMENT = "first-cart-left"
FADING_SEGMENT = "fading-regulars"
# Two of the ready segments: whoever enters the first is sent the coupon that the second watches.
BIRTHDAY_SEGMENT = "birthday-soon"
BIRTHDAY_OFFER = "birthday-coupon"
CONTROL_BASIS_POINTS = 3000
# Coupons outlive the window, so that one left unused can still be given away.
_COUPON_DAYS_BEYOND_WINDOW = 21


@dataclass(frozen=True)
class History:
    """What one customer did, in order of time, as the simulator wrote it."""

    tier: str
    events: Sequence[Event]

    def times(self, event_type: str) -> list[int]:
        """Times of the events of a type, in UTC milliseconds."""
        return [at_ms(one) for one in self.events if one.type == event_type]

    def within(self, event_type: str, now_ms: int, day_count: int) -> list[Event]:
        """Events of a type in the last days."""
        start_ms = now_ms - day_count * DAY_MS
        return [one for one in self.events if one.type == event_type and at_ms(one) > start_ms]


def at_ms(event: Event) -> int:
    """When it happened, in UTC milliseconds."""
    return event.occurred_at.seconds * 1000 + event.occurred_at.nanos // 1_000_000


@dataclass(frozen=True)
class ShopSegment:
    """A segment: its rule for the platform, and the same said in Python for the check."""

    segment_id: str
    english: str
    korean: str
    rule: str
    holds: Callable[[History, int], bool]
    at_risk: bool = False

    def create_request(self, tenant_id: str) -> CreateSegmentRequest:
        """The segment, to be created before anything happened."""
        return CreateSegmentRequest(
            request_id=request_id(tenant_id, "segment", self.segment_id),
            segment=Segment(
                segment_id=self.segment_id,
                display_names={"en": self.english, "ko": self.korean},
                rule=self.rule,
                at_risk=self.at_risk,
            ),
        )


def _first_cart_left(history: History, now_ms: int) -> bool:
    carts = history.times("cart_add")
    return bool(carts) and now_ms - carts[0] >= DAY_MS and not history.times("purchase")


def _fading(history: History, now_ms: int) -> bool:
    bought = history.times("purchase")
    return len(bought) >= 3 and now_ms - bought[-1] >= 14 * DAY_MS


def _shoe_lover(history: History, now_ms: int) -> bool:
    bought = history.within("purchase", now_ms, 90)
    return sum(any(item.category == "shoes" for item in one.items) for one in bought) >= 2


def _gold_today(history: History, now_ms: int) -> bool:
    return history.tier == "gold" and bool(history.within("login", now_ms, 7))


SEGMENTS = (
    ShopSegment(
        CART_SEGMENT,
        "Left the first cart",
        "첫 장바구니를 두고 간 고객",
        "since(first(cart_add)) >= 24h and count(purchase) = 0",
        _first_cart_left,
        at_risk=True,
    ),
    ShopSegment(
        FADING_SEGMENT,
        "Regulars gone quiet",
        "발길이 뜸해진 단골",
        "count(purchase) >= 3 and since(purchase) >= 14d",
        _fading,
        at_risk=True,
    ),
    ShopSegment(
        "shoe-lovers",
        "Bought shoes twice",
        "신발을 두 번 산 고객",
        'count(purchase where any item.category = "shoes", 90d) >= 2',
        _shoe_lover,
    ),
    ShopSegment(
        "gold-this-week",
        "Gold members of this week",
        "이번 주에 온 골드 회원",
        'profile.tier = "gold" and count(login, 7d) >= 1',
        _gold_today,
    ),
)


@dataclass(frozen=True)
class ShopCampaign:
    """A campaign of the shop: who enters the segment gets the offer, but for control."""

    campaign_id: str
    offer_id: str
    english: str
    korean: str
    segment_id: str
    window_days: int
    minimum_order: int = 0
    percent_basis_points: int = 0
    fixed_amount: int = 0
    control_basis_points: int = CONTROL_BASIS_POINTS

    @property
    def measured(self) -> bool:
        """Whether there is a control group, and with it a lift."""
        return self.control_basis_points > 0

    @property
    def window_ms(self) -> int:
        """How long after the trigger a purchase counts."""
        return self.window_days * DAY_MS

    @property
    def coupon_valid_ms(self) -> int:
        """How long a coupon is good."""
        return (self.window_days + _COUPON_DAYS_BEYOND_WINDOW) * DAY_MS

    def offer(self) -> Offer:
        """What the treated get."""
        offer = Offer(
            offer_id=self.offer_id,
            display_names={"en": self.english, "ko": self.korean},
            valid_for_seconds=self.coupon_valid_ms // 1000,
            giftable=True,
        )
        if self.minimum_order:
            offer.minimum_order.CopyFrom(_won(self.minimum_order))
        if self.percent_basis_points:
            offer.percent_basis_points = self.percent_basis_points
        else:
            offer.fixed_amount.CopyFrom(_won(self.fixed_amount))
        return offer

    def campaign(self) -> Campaign:
        """The campaign with its control group."""
        return Campaign(
            campaign_id=self.campaign_id,
            display_names={"en": self.english, "ko": self.korean},
            segment=SegmentTrigger(segment_id=self.segment_id, kind=CHANGE_KIND_ENTERED),
            control_basis_points=self.control_basis_points,
            variants=[Variant(variant_id="coupon", weight=1, offer_id=self.offer_id)],
            conversion_window_seconds=self.window_ms // 1000,
        )


def _won(amount: int) -> Money:
    return Money(currency_code=CURRENCY, minor_units=amount)


CAMPAIGNS = (
    ShopCampaign(
        campaign_id="cart-coupon",
        offer_id="cart-coupon-offer",
        english="10 % for the cart left behind",
        korean="장바구니 10% 쿠폰",
        segment_id=CART_SEGMENT,
        window_days=7,
        percent_basis_points=1000,
    ),
    ShopCampaign(
        campaign_id="we-miss-you",
        offer_id="we-miss-you-offer",
        english="10,000 won for regulars gone quiet",
        korean="다시 만나요 10,000원 쿠폰",
        segment_id=FADING_SEGMENT,
        window_days=14,
        minimum_order=50_000,
        fixed_amount=10_000,
    ),
    ShopCampaign(
        campaign_id="birthday",
        offer_id=BIRTHDAY_OFFER,
        english="5,000 won for your birthday",
        korean="생일 축하 5,000원 쿠폰",
        segment_id=BIRTHDAY_SEGMENT,
        window_days=9,
        fixed_amount=5_000,
        control_basis_points=0,
    ),
)
