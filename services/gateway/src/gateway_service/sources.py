"""Streams of the services, as feeds read them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import NamedTuple

import strawberry
from dangol.offers.v1 import campaign_service_pb2 as campaigns_pb
from dangol.offers.v1 import wallet_service_pb2 as wallets_pb
from dangol.segmentation.v1 import segment_service_pb2 as segments_pb
from dangol_service_kit.client import call, follow
from dangol_service_kit.errors import Code, RpcFailure

from gateway_service import convert
from gateway_service.clients import Clients
from gateway_service.feeds import Begun, Item, Shared
from gateway_service.types_campaigns import to_campaign
from gateway_service.types_offers import to_coupon
from gateway_service.types_reports import to_report
from gateway_service.types_segments import to_change
from gateway_service.types_streams import (
    CampaignProgress,
    CouponChangeKind,
    CouponChangeMessage,
    MembershipChangeMessage,
)

_CALL_SECONDS = 10.0
_REPORT_SECONDS = 60.0
# A report is asked for again after a second, or four times as long as the last one took, so that
# watching one costs offers at most a fifth of its time.
_PROGRESS_SECONDS = 1.0
_PROGRESS_SHARE = 4.0
_WAITING_HELPS = frozenset({Code.UNAVAILABLE, Code.NOT_READY, Code.DEADLINE_EXCEEDED})


async def memberships(
    clients: Clients, token: Callable[[], str], cursor: str, began: Begun
) -> AsyncIterator[Item[MembershipChangeMessage]]:
    """All changes of a tenant: whoever wants some segments only picks them from the feed."""
    request = segments_pb.WatchMembershipsRequest(resume_token=cursor)
    method = clients.segments.WatchMemberships
    async with aclosing(follow(method, request, token=token, began=began)) as answers:
        async for answer in answers:
            message = MembershipChangeMessage(
                shared=Shared(answer.resume_token),
                change=to_change(answer.change),
                resume_token=answer.resume_token,
            )
            key = (answer.change.partition, answer.change.sequence)
            yield Item(key, message, answer.resume_token, answer.live)


async def wallet(
    clients: Clients, customer_id: str, token: Callable[[], str], cursor: str, began: Begun
) -> AsyncIterator[Item[CouponChangeMessage]]:
    """Changes of one customer's coupons."""
    request = wallets_pb.WatchWalletRequest(customer_id=customer_id, resume_token=cursor)
    method = clients.wallets.WatchWallet
    async with aclosing(follow(method, request, token=token, began=began)) as answers:
        async for answer in answers:
            kind = convert.to_enum(CouponChangeKind, answer.kind)
            left = kind is CouponChangeKind.LEFT
            message = CouponChangeMessage(
                shared=Shared(answer.resume_token),
                kind=kind,
                coupon_id=strawberry.ID(answer.coupon.coupon_id),
                coupon=None if left else to_coupon(answer.coupon),
                resume_token=answer.resume_token,
            )
            key = (answer.coupon.coupon_id, answer.coupon.version)
            yield Item(key, message, answer.resume_token, answer.live)


class Watched(NamedTuple):
    """A campaign of a tenant with that currency."""

    campaign_id: str
    currency_code: str


async def progress(
    clients: Clients, watched: Watched, token: Callable[[], str], _cursor: str, began: Begun
) -> AsyncIterator[Item[CampaignProgress]]:
    """A campaign and its report, whenever they changed: one question for all who watch.

    While offers is away nothing is told; whoever watches is not sent away for that.
    """
    campaign_id = watched.campaign_id
    loop = asyncio.get_running_loop()
    told = b""
    while True:
        started = loop.time()
        try:
            found, report = await asyncio.gather(
                call(
                    clients.campaigns.GetCampaign,
                    campaigns_pb.GetCampaignRequest(campaign_id=campaign_id),
                    token=token(),
                    timeout_seconds=_CALL_SECONDS,
                ),
                call(
                    clients.campaigns.ReportCampaign,
                    campaigns_pb.ReportCampaignRequest(campaign_id=campaign_id),
                    token=token(),
                    timeout_seconds=_REPORT_SECONDS,
                ),
            )
        except RpcFailure as failure:
            if failure.code not in _WAITING_HELPS or not told:
                raise
        else:
            state = found.SerializeToString(deterministic=True)
            state += report.SerializeToString(deterministic=True)
            if state != told:
                told = state
                message = CampaignProgress(
                    shared=Shared(""),
                    campaign=to_campaign(found.campaign),
                    report=to_report(report, watched.currency_code),
                )
                yield Item(object(), message, "")
            began()
        took_seconds = loop.time() - started
        await asyncio.sleep(max(_PROGRESS_SECONDS, _PROGRESS_SHARE * took_seconds))
