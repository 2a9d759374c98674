"""What a shop's figures are at the end, asked from the platform through its public API."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from dangol.offers.v1.campaign_service_pb2 import ReportCampaignRequest, ReportCampaignResponse
from dangol.offers.v1.gift_service_pb2 import GiftState, ListGiftsRequest
from dangol.offers.v1.ledger_service_pb2 import GetTrialBalanceRequest, VerifyJournalRequest
from dangol.profile.v1.customer_service_pb2 import Customer, ListCustomersRequest
from dangol.profile.v1.event_service_pb2 import MeasurePurchasesRequest, PurchaseWindow
from dangol.segmentation.v1.segment_service_pb2 import (
    ExplainMembershipRequest,
    ListMembersRequest,
    ListSegmentsRequest,
    Segment,
)
from google.protobuf.timestamp_pb2 import Timestamp

from dangol_dev.client import Client, chunks, gather_bounded
from dangol_dev.figures import (
    CampaignFigure,
    Explained,
    Lift,
    RevenueLift,
    SegmentFigure,
    ShopFigures,
)

DAY_MS = 86_400_000


class Planted(NamedTuple):
    """What a campaign truly does, to the share of buyers and to a customer's revenue in minor
    units; revenue None where it is not known."""

    conversion: float
    revenue: float | None = None


_WINDOWS_IN_CALL = 1_000
_SLOW_CALL_SECONDS = 300.0


def timestamp(at_ms: int) -> Timestamp:
    """UTC milliseconds as a Timestamp."""
    return Timestamp(seconds=at_ms // 1000, nanos=at_ms % 1000 * 1_000_000)


async def read_customers(client: Client) -> list[Customer]:
    """Every customer of the tenant."""
    request = ListCustomersRequest(page_size=500)
    return [one async for one in client.pages(client.customers.ListCustomers, request, "customers")]


async def close_segments(
    client: Client, figures: ShopFigures, expected: Mapping[str, int], now_ms: int
) -> None:
    """Sizes of all segments, and the revenue of the last 365 days of the members at risk."""
    at_risk: set[str] = set()
    request = ListSegmentsRequest(page_size=500)
    segments: list[Segment] = [
        one async for one in client.pages(client.segments.ListSegments, request, "segments")
    ]
    for segment in segments:
        members = await read_members(client, segment.segment_id)
        if segment.at_risk:
            at_risk.update(members)
        names = segment.display_names
        size = expected.get(segment.segment_id)
        figures.segments.append(
            SegmentFigure(
                segment.segment_id,
                names.get("en", segment.segment_id),
                len(members),
                segment.at_risk,
                size,
                names.get("ko", ""),
            )
        )
        if size is not None:
            figures.check(f"members of {segment.segment_id}", size, len(members))
    figures.customers_at_risk = len(at_risk)
    start_ms = now_ms - 365 * DAY_MS
    figures.revenue_at_risk = sum(
        revenue for _, revenue in await measure(client, sorted(at_risk), start_ms, now_ms + 1)
    )


async def explain_member(client: Client, segment_id: str) -> Explained | None:
    """Why one member of the segment is one, in both languages; None if there is nobody."""
    request = ListMembersRequest(segment_id=segment_id, page_size=1)
    members = (await client.call(client.segments.ListMembers, request)).members
    if not members:
        return None
    customer_id = members[0].customer_id

    async def words(language: str) -> str:
        asked = ExplainMembershipRequest(
            customer_id=customer_id, segment_id=segment_id, language=language
        )
        return (await client.call(client.segments.ExplainMembership, asked)).summary

    return Explained(customer_id, segment_id, await words("en"), await words("ko"))


async def read_members(client: Client, segment_id: str) -> list[str]:
    """The ids of a segment's members."""
    request = ListMembersRequest(segment_id=segment_id, page_size=1000)
    found = client.pages(client.segments.ListMembers, request, "members")
    return [member.customer_id async for member in found]


async def measure(
    client: Client, customer_ids: Sequence[str], start_ms: int, end_ms: int
) -> list[tuple[int, int]]:
    """(orders, revenue in minor units) of each customer in [start_ms, end_ms)."""
    figures: list[tuple[int, int]] = []
    start, end = timestamp(start_ms), timestamp(end_ms)
    for part in chunks(customer_ids, _WINDOWS_IN_CALL):
        windows = [
            PurchaseWindow(customer_id=customer_id, start_time=start, end_time=end)
            for customer_id in part
        ]
        response = await client.call(
            client.events.MeasurePurchases, MeasurePurchasesRequest(windows=windows), 120
        )
        figures += [(one.order_count, one.revenue_minor_units) for one in response.figures]
    return figures


async def close_campaigns(
    client: Client,
    figures: ShopFigures,
    campaign_ids: Iterable[str],
    planted: Mapping[str, Planted],
) -> None:
    """Reports of all campaigns; those named in `planted` measure a lift."""

    async def report(campaign_id: str) -> ReportCampaignResponse:
        request = ReportCampaignRequest(campaign_id=campaign_id)
        return await client.call(client.campaigns.ReportCampaign, request, _SLOW_CALL_SECONDS)

    ids = list(campaign_ids)
    for campaign_id, found in zip(ids, await gather_bounded(report, ids, 2), strict=True):
        arms = {arm.arm: arm for arm in found.arms}
        both = [arms[arm] for arm in ("control", "treated") if arm in arms]
        figures.campaigns.append(
            CampaignFigure(
                campaign_id,
                sum(arm.triggered_count for arm in both),
                found.coupons_issued,
                found.coupons_redeemed,
                found.coupons_gifted,
                found.campaign.WhichOneof("trigger") == "list",
                sum(arm.measured_count for arm in both),
                sum(arm.converted_count for arm in both),
                sum(arm.revenue_minor_units for arm in both),
            )
        )
        # Without anyone in control, or in treatment, there is nothing to compare.
        if campaign_id in planted and found.HasField("conversion_lift"):
            figures.lifts.append(_lift(campaign_id, planted[campaign_id], found))


def _lift(campaign_id: str, planted: Planted, found: ReportCampaignResponse) -> Lift:
    arms = {arm.arm: arm.triggered_count for arm in found.arms}
    cost = (
        found.cost_per_incremental_customer
        if found.HasField("cost_per_incremental_customer")
        else None
    )
    return Lift(
        campaign_id=campaign_id,
        planted=planted.conversion,
        estimate=found.conversion_lift.estimate,
        lower=found.conversion_lift.lower,
        upper=found.conversion_lift.upper,
        triggered=arms.get("control", 0) + arms.get("treated", 0),
        control=arms.get("control", 0),
        incremental_customers=found.incremental_customers,
        cost_per_incremental_customer=cost,
        sample_ratio_p_value=found.sample_ratio_p_value,
        revenue=_revenue_lift(planted, found),
    )


def _revenue_lift(planted: Planted, found: ReportCampaignResponse) -> RevenueLift | None:
    effect = found.effects[0]
    if planted.revenue is None or not effect.HasField("revenue_lift"):
        return None
    lift = effect.revenue_lift
    return RevenueLift(planted.revenue, lift.estimate, lift.lower, lift.upper)


async def close_gifts(client: Client, figures: ShopFigures, givers: Iterable[str]) -> None:
    """Gifts by state, asked from each giver."""

    async def states(giver: str) -> list[str]:
        request = ListGiftsRequest(giver_customer_id=giver, page_size=500)
        found = client.pages(client.gifts.ListGifts, request, "gifts")
        return [GiftState.Name(gift.state) async for gift in found]

    counts: Counter[str] = Counter()
    for found in await gather_bounded(states, sorted(set(givers))):
        counts.update(name.removeprefix("GIFT_STATE_").lower() for name in found)
    figures.gifts = dict(sorted(counts.items()))


async def close_ledger(client: Client, figures: ShopFigures) -> None:
    """The trial balance and the verification of every hash chain, with their checks."""
    balance = await client.call(
        client.ledger.GetTrialBalance, GetTrialBalanceRequest(), _SLOW_CALL_SECONDS
    )
    figures.trial_balance_difference = balance.difference
    figures.disagreeing_books = balance.disagreeing_books
    stream = client.ledger.VerifyJournal(
        VerifyJournalRequest(), timeout=_SLOW_CALL_SECONDS, metadata=client.metadata()
    )
    done = False
    async for verdict in stream:
        figures.accounts_verified = verdict.accounts_checked
        figures.entries_verified = verdict.entries_checked
        figures.journal_faults = verdict.fault_count
        done = verdict.done
    figures.check("difference of the trial balance", 0, figures.trial_balance_difference)
    figures.check("books whose entries and states disagree", 0, figures.disagreeing_books)
    figures.check("faults in the journal", 0, figures.journal_faults)
    figures.check("verification finished", 1, int(done))
