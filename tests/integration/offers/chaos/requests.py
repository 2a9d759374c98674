"""The requests of a run's clients, written from what they believe of a coupon."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import coupon_service_pb2 as coupons
from dangol.offers.v1 import gift_service_pb2 as gifts

from tests.integration.offers.chaos.platform import OffersClient
from tests.integration.offers.judging.history import Call

# Some end while the run goes on.
_HOLD_SECONDS = (2, 900)
_GIFT_SECONDS = (60, 86_400)
_METHODS = {
    "hold": ("coupons", "HoldCoupon"),
    "redeem": ("coupons", "RedeemCoupon"),
    "release": ("coupons", "ReleaseCoupon"),
    "reverse": ("coupons", "ReverseRedemption"),
    "revoke": ("coupons", "RevokeCoupon"),
    "gift": ("gifts", "OfferGift"),
    "claim": ("gifts", "ClaimGift"),
    "cancel": ("gifts", "CancelGift"),
    "earn": ("points", "EarnPoints"),
    "hold_points": ("points", "HoldPoints"),
    "spend_points": ("points", "SpendPoints"),
    "release_points": ("points", "ReleasePoints"),
    "give_points": ("points", "OfferPointsGift"),
    "claim_points": ("points", "ClaimPointsGift"),
    "cancel_points": ("points", "CancelPointsGift"),
    "claim_code": ("codes", "ClaimCode"),
}
# Steps on the coupon of an order that holds or used it.
_SETTLING = {
    "redeem": coupons.RedeemCouponRequest,
    "release": coupons.ReleaseCouponRequest,
    "reverse": coupons.ReverseRedemptionRequest,
}


@dataclass
class Belief:
    """What the last answers said of a coupon; it may be old."""

    owner: str = ""
    place: str = "available"
    order_id: str = ""
    gift_id: str = ""
    token: str = ""
    giver: str = ""


def method_of(client: OffersClient, step: str) -> Any:
    """The method of a replica that takes the step."""
    stub, name = _METHODS[step]
    return getattr(getattr(client, stub), name)


def outcome_of(answer: Any) -> str:
    """The outcome's name without its prefix."""
    field = answer.DESCRIPTOR.fields_by_name["outcome"]
    name: str = field.enum_type.values_by_number[answer.outcome].name
    return name.partition("_OUTCOME_")[2]


def write_request(call: Call, belief: Belief, members: Sequence[str], random: Random) -> Any:
    """The call's message; who, for which order and which gift is noted in the call."""
    if call.step in _SETTLING:
        call.order_id = belief.order_id or _some_order(call, random)
        return _SETTLING[call.step](
            request_id=call.request_id, coupon_id=call.coupon_id, order_id=call.order_id
        )
    return _WRITERS[call.step](call, belief, random.choice(members), random)


def _some_order(call: Call, random: Random) -> str:
    return f"order-{random.randint(1, 3)}-{call.coupon_id[-6:]}"


def _hold(call: Call, belief: Belief, someone: str, random: Random) -> Any:
    call.who = someone if random.random() < 0.05 else belief.owner or someone
    call.order_id = _some_order(call, random)
    return coupons.HoldCouponRequest(
        request_id=call.request_id,
        coupon_id=call.coupon_id,
        customer_id=call.who,
        order_id=call.order_id,
        order_amount=Money(currency_code="KRW", minor_units=20_000),
        hold_seconds=random.choice(_HOLD_SECONDS),
    )


def _revoke(call: Call, _belief: Belief, _someone: str, _random: Random) -> Any:
    return coupons.RevokeCouponRequest(request_id=call.request_id, coupon_id=call.coupon_id)


def _gift(call: Call, belief: Belief, someone: str, random: Random) -> Any:
    call.who = belief.owner or someone
    return gifts.OfferGiftRequest(
        request_id=call.request_id,
        coupon_id=call.coupon_id,
        giver_customer_id=call.who,
        open_seconds=random.choice(_GIFT_SECONDS),
    )


def _claim(call: Call, belief: Belief, someone: str, _random: Random) -> Any:
    call.who, call.gift_id = someone, belief.gift_id
    return gifts.ClaimGiftRequest(
        request_id=call.request_id, token=belief.token, claimer_customer_id=someone
    )


def _cancel(call: Call, belief: Belief, _someone: str, _random: Random) -> Any:
    call.who, call.gift_id = belief.giver, belief.gift_id
    return gifts.CancelGiftRequest(
        request_id=call.request_id, gift_id=belief.gift_id, giver_customer_id=belief.giver
    )


_WRITERS: dict[str, Callable[[Call, Belief, str, Random], Any]] = {
    "hold": _hold,
    "revoke": _revoke,
    "gift": _gift,
    "claim": _claim,
    "cancel": _cancel,
}
