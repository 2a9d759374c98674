"""What subscriptions tell."""

from __future__ import annotations

from enum import Enum

import strawberry

from gateway_service.feeds import Shared
from gateway_service.types_campaigns import Campaign
from gateway_service.types_offers import Coupon
from gateway_service.types_reports import CampaignReport
from gateway_service.types_segments import MembershipChange


@strawberry.type(description="One announced change, and where to go on from.")
class MembershipChangeMessage:
    """Keep the last resume token to lose nothing when the connection breaks."""

    shared: strawberry.Private[Shared]

    change: MembershipChange = strawberry.field(description="Who entered or left which segment.")
    resume_token: str = strawberry.field(description="Send it to go on after this change.")


@strawberry.enum(description="What a change of a wallet means to its owner.")
class CouponChangeKind(Enum):
    """Values are those of the contract."""

    CHANGED = 1
    LEFT = 2


@strawberry.type(description="One change of a wallet, and where to go on from.")
class CouponChangeMessage:
    """Keep the last resume token to lose nothing when the connection breaks."""

    shared: strawberry.Private[Shared]

    kind: CouponChangeKind | None = strawberry.field(
        description="CHANGED: new in the wallet, or changed there. LEFT: somebody else's since."
    )
    coupon_id: strawberry.ID = strawberry.field(description="Which coupon.")
    coupon: Coupon | None = strawberry.field(
        description="As it was right after the change; null when it left."
    )
    resume_token: str = strawberry.field(description="Send it to go on after this change.")


@strawberry.type(description="How far a campaign has come.")
class CampaignProgress:
    """A state, not a change: whoever connects again is told the present one."""

    shared: strawberry.Private[Shared]

    campaign: Campaign = strawberry.field(description="The campaign as it is now.")
    report: CampaignReport = strawberry.field(description="Its figures so far.")
