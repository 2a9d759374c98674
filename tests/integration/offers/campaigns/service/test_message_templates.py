"""A campaign whose message could not be sent is not launched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from dangol.offers.v1 import campaign_service_pb2 as pb
from dangol.offers.v1 import campaign_trigger_pb2 as trigger_pb
from dangol_service_kit.errors import Code, RpcFailure

if TYPE_CHECKING:
    from tests.integration.offers.campaigns.service.conftest import World

START_MS = 1_700_000_000_000


async def test_a_campaign_is_launched_once_its_templates_fit(world: World) -> None:
    """What is missing is named: the template, then the coupon that it shows."""
    await world.advance(START_MS)
    message = trigger_pb.MessageAction(channel="kakao", template_id="we-miss-you")
    variant = pb.Variant(variant_id="told", weight=1, message=message)
    with pytest.raises(RpcFailure) as refused:
        await world.launch(world.draft(variants=[variant]))
    field = "campaign.variants[0].message.template_id"
    assert (Code.CAMPAIGN_NOT_LAUNCHABLE, field) == (refused.value.code, refused.value.field)
    assert "there is no such template" in str(refused.value.violations)
    await world.template("we-miss-you", "kakao")
    with pytest.raises(RpcFailure) as couponless:
        await world.launch(world.draft("second", variants=[variant]))
    assert "values.coupon_id" in str(couponless.value.violations)
    variant.offer_id = "told-offer"
    assert "third" == await world.launch(world.draft("third", variants=[variant]))
