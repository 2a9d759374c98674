"""What happens at a till and between customers: coupons held, redeemed and given away."""

from collections import Counter

from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1.coupon_service_pb2 import (
    COUPON_OUTCOME_APPLIED,
    Coupon,
    CouponOutcome,
    HoldCouponRequest,
    ListWalletRequest,
    RedeemCouponRequest,
)
from dangol.offers.v1.gift_service_pb2 import (
    CancelGiftRequest,
    ClaimGiftRequest,
    GiftOutcome,
    OfferGiftRequest,
    OfferGiftResponse,
)

from dangol_dev.client import Client, request_id


class Till:
    """Uses and gives coupons, and counts what the platform answered by the outcome's name."""

    def __init__(self, client: Client, tenant_id: str, currency: str) -> None:
        self.redeemed_count = 0
        self.refusals: Counter[str] = Counter()
        self.gift_outcomes: Counter[str] = Counter()
        self._client = client
        self._tenant_id = tenant_id
        self._currency = currency

    async def find_coupons(
        self, customer_id: str, campaign_id: str = "", offer_id: str = ""
    ) -> list[Coupon]:
        """The customer's coupons of a campaign and offer, first-hand ones first."""
        request = ListWalletRequest(
            customer_id=customer_id, campaign_id=campaign_id, offer_id=offer_id, page_size=100
        )
        found = self._client.pages(self._client.coupons.ListWallet, request, "coupons")
        return sorted([one async for one in found], key=lambda one: (one.generation, one.coupon_id))

    async def use(
        self, coupon_id: str, customer_id: str, order_id: str, order_minor_units: int
    ) -> str:
        """Hold a coupon for an order and redeem it; the name of the outcome, without prefix.

        A refused hold is counted by its reason, and nothing is redeemed.
        """
        client = self._client
        hold = await client.call(
            client.coupons.HoldCoupon,
            HoldCouponRequest(
                request_id=self._id("hold", coupon_id, order_id),
                coupon_id=coupon_id,
                customer_id=customer_id,
                order_id=order_id,
                order_amount=Money(currency_code=self._currency, minor_units=order_minor_units),
            ),
        )
        outcome = hold.outcome
        if outcome == COUPON_OUTCOME_APPLIED:
            redeem = await client.call(
                client.coupons.RedeemCoupon,
                RedeemCouponRequest(
                    request_id=self._id("redeem", coupon_id, order_id),
                    coupon_id=coupon_id,
                    order_id=order_id,
                ),
            )
            outcome = redeem.outcome
        name = CouponOutcome.Name(outcome).removeprefix("COUPON_OUTCOME_")
        if outcome == COUPON_OUTCOME_APPLIED:
            self.redeemed_count += 1
        else:
            self.refusals[name] += 1
        return name

    async def offer_gift(
        self, coupon_id: str, giver_id: str, open_seconds: int
    ) -> OfferGiftResponse:
        """Put a coupon into a gift."""
        response = await self._client.call(
            self._client.gifts.OfferGift,
            OfferGiftRequest(
                request_id=self._id("gift", coupon_id, giver_id),
                coupon_id=coupon_id,
                giver_customer_id=giver_id,
                open_seconds=open_seconds,
            ),
        )
        self._count_gift("offer", response.outcome)
        return response

    async def claim_gift(
        self, gift: OfferGiftResponse, claimer_id: str, attempt: int = 1
    ) -> Coupon:
        """Claim with the link's token; the coupon in its new hands, or an empty one if refused.

        A second attempt by the same person is another request.
        """
        response = await self._client.call(
            self._client.gifts.ClaimGift,
            ClaimGiftRequest(
                request_id=self._id("claim", gift.gift.gift_id, claimer_id, attempt),
                token=gift.token,
                claimer_customer_id=claimer_id,
            ),
        )
        self._count_gift("claim", response.outcome)
        return response.coupon

    async def cancel_gift(self, gift: OfferGiftResponse, giver_id: str) -> None:
        """Take a gift back before it was claimed."""
        response = await self._client.call(
            self._client.gifts.CancelGift,
            CancelGiftRequest(
                request_id=self._id("cancel", gift.gift.gift_id),
                gift_id=gift.gift.gift_id,
                giver_customer_id=giver_id,
            ),
        )
        self._count_gift("cancel", response.outcome)

    def _count_gift(self, step: str, outcome: GiftOutcome) -> None:
        name = GiftOutcome.Name(outcome).removeprefix("GIFT_OUTCOME_")
        self.gift_outcomes[f"{step} {name}"] += 1

    def _id(self, *parts: object) -> str:
        return request_id(self._tenant_id, *parts)
