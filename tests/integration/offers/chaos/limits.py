"""What a run can use up: budgets of money and of coupons, points, and a batch of codes."""

from __future__ import annotations

import asyncio
from typing import Any

from dangol.events.v1.event_pb2 import Money
from dangol.offers.v1 import campaign_service_pb2 as campaigns
from dangol.offers.v1 import code_service_pb2 as codes
from dangol.offers.v1 import points_service_pb2 as points
from dangol_dev.client import request_id

OFFER = "fixed"
FACE = 3_000
# Every third list is a campaign of its own, with money for five of its forty coupons: in each of
# four stripes there is enough for one, and what is left of all four is enough for the fifth.
MONEY_EVERY = 3
MONEY_LIMIT = 5 * FACE
CODE_CAMPAIGN = "codes"
# Against hanging only.
_SECONDS = 600.0


def list_campaign(number: int) -> str:
    """The campaign of one list."""
    return f"list-{number}"


def has_money(number: int) -> bool:
    """Whether the list's campaign has a budget."""
    return number % MONEY_EVERY == 0


async def found_limits(client: Any, credential: Any, *, list_count: int) -> None:
    """Campaigns with budgets, and a programme of points: 10 for each 1,000 won."""
    budget = campaigns.Campaign().budget
    budget.amount.CopyFrom(Money(currency_code="KRW", minor_units=MONEY_LIMIT))
    names = map(list_campaign, filter(has_money, range(list_count)))
    await asyncio.gather(*[_launch(client, credential, name, budget) for name in names])
    program = points.PointsProgram(
        points=10,
        per_amount=Money(currency_code="KRW", minor_units=1_000),
        gift_daily_points=1_000_000_000,
        gift_daily_count=100,
    )
    await client.points.SetPointsProgram(
        points.SetPointsProgramRequest(request_id=request_id("chaos", "points"), program=program),
        timeout=_SECONDS,
        metadata=credential,
    )


async def found_codes(
    client: Any, credential: Any, *, code_count: int, coupon_limit: int
) -> list[str]:
    """A batch of codes whose campaign may issue fewer coupons than there are codes."""
    budget = campaigns.Campaign().budget
    budget.coupon_count = coupon_limit
    await _launch(client, credential, CODE_CAMPAIGN, budget)
    issue = codes.IssueCodesRequest(
        request_id=request_id("chaos", "codes"),
        offer_id=OFFER,
        campaign_id=CODE_CAMPAIGN,
        count=code_count,
    )
    made = [
        one async for one in client.codes.IssueCodes(issue, timeout=_SECONDS, metadata=credential)
    ]
    export = codes.ExportCodesRequest(
        request_id=request_id("chaos", "export"), batch_id=made[-1].batch_id
    )
    pieces = [
        one.data
        async for one in client.codes.ExportCodes(export, timeout=_SECONDS, metadata=credential)
    ]
    return b"".join(pieces).decode().split()[1:]


async def _launch(client: Any, credential: Any, campaign_id: str, budget: Any) -> None:
    campaign = campaigns.Campaign(
        campaign_id=campaign_id,
        display_names={"ko": campaign_id, "en": campaign_id},
        list=campaigns.ListTrigger(),
        conversion_window_seconds=86_400,
        budget=budget,
    )
    create = campaigns.CreateCampaignRequest(
        request_id=request_id("chaos", "create", campaign_id), campaign=campaign
    )
    await client.campaigns.CreateCampaign(create, timeout=_SECONDS, metadata=credential)
    launch = campaigns.LaunchCampaignRequest(
        request_id=request_id("chaos", "launch", campaign_id), campaign_id=campaign_id
    )
    await client.campaigns.LaunchCampaign(launch, timeout=_SECONDS, metadata=credential)
