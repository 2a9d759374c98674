"""Offers as frontends see them."""

import pytest
from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import offer_service_pb2 as pb
from gateway_service import types_offers as types


@pytest.mark.parametrize(
    ("offer", "kind"),
    [
        (pb.Offer(percent_basis_points=1_000), types.PercentOff),
        (pb.Offer(fixed_amount=Money(currency_code="KRW", minor_units=1)), types.AmountOff),
        (pb.Offer(free_shipping=pb.FreeShipping()), types.FreeShipping),
        (pb.Offer(gift_item=pb.GiftItem(product_id="bag", quantity=2)), types.GiftItem),
        (pb.Offer(points=pb.PointsReward(points=500)), types.PointsReward),
    ],
)
def test_every_benefit_has_its_type(offer: pb.Offer, kind: type) -> None:
    """None is shown as another one."""
    assert kind is type(types.to_offer(offer).benefit)


def test_a_capped_free_shipping_and_points_by_amount_show_their_amounts() -> None:
    """Exactly."""
    won = Money(currency_code="KRW", minor_units=3_000)
    free = types.to_offer(pb.Offer(free_shipping=pb.FreeShipping(), maximum_discount=won)).benefit
    reward = pb.PointsReward(points=5, per_amount=won)
    points = types.to_offer(pb.Offer(points=reward)).benefit
    assert isinstance(free, types.FreeShipping)
    assert isinstance(points, types.PointsReward)
    assert free.maximum is not None
    assert points.per_amount is not None
    assert 3_000 == free.maximum.minor_units == points.per_amount.minor_units
