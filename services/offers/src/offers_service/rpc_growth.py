"""dangol.offers.v1.GrowthService."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dangol.offers.v1 import growth_service_pb2 as pb
from dangol.offers.v1 import growth_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Role
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure
from google.protobuf.timestamp_pb2 import Timestamp

from offers_service import spread
from offers_service.gift_account import GiftState
from offers_service.report_figures import Bought
from offers_service.rpc_common import (
    USERS,
    authorize,
    authorize_for,
    failures,
    money,
    timestamp,
)
from offers_service.service_points import Directory
from offers_service.service_spread import SpreadQuery, SpreadReport, SpreadReporter
from offers_service.service_suggestions import Suggester
from offers_service.spread import Buyers, Spread

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["GrowthService"].full_name
_READERS = (Role.ADMIN, Role.MARKETER, Role.SERVICE)
WINDOW_SECONDS_DEFAULT = 30 * 86_400
_WITHIN_SECONDS_DEFAULT = 7 * 86_400


class GrowthServicer(pb_grpc.GrowthServiceServicer):
    """protobuf <-> reports on how customers bring customers."""

    def __init__(
        self, reporter: SpreadReporter, suggester: Suggester, clock: Clock, directory: Directory
    ) -> None:
        self._reporter = reporter
        self._suggester = suggester
        self._clock = clock
        self._directory = directory

    async def ReportSpread(  # noqa: N802
        self, request: pb.ReportSpreadRequest, _context: Any
    ) -> pb.ReportSpreadResponse:
        """How gifts spread."""
        caller = authorize(*_READERS)
        from_ms, until_ms = bounds(request.from_time, request.until_time)
        seconds = request.conversion_window_seconds or WINDOW_SECONDS_DEFAULT
        query = SpreadQuery(
            request.campaign_id, request.offer_id, from_ms, until_ms, seconds * 1000
        )
        now_ms = (await self._clock.read(caller.tenant_id)).now_ms
        currency = (await self._directory.get(caller.tenant_id)).currency_code
        with failures():
            report = await self._reporter.report(caller.tenant_id, query, now_ms)
        return _write(report, currency)

    async def ListGiftSuggestions(  # noqa: N802
        self, request: pb.ListGiftSuggestionsRequest, _context: Any
    ) -> pb.ListGiftSuggestionsResponse:
        """Of the caller's own coupons, for customers."""
        caller = authorize_for(request.customer_id, "customer_id", *USERS)
        within_ms = (request.within_seconds or _WITHIN_SECONDS_DEFAULT) * 1000
        now_ms = (await self._clock.read(caller.tenant_id)).now_ms
        with failures():
            found = await self._suggester.suggest(
                caller.tenant_id, request.customer_id, within_ms, now_ms
            )
        return pb.ListGiftSuggestionsResponse(
            outcome=f"SUGGESTION_OUTCOME_{found.outcome.name}",
            suggestions=[
                pb.GiftSuggestion(
                    coupon_id=one.coupon.key.a,
                    offer_id=one.coupon.offer,
                    valid_until=timestamp(one.coupon.valid_until_ms),
                    use_probability=one.use_probability,
                )
                for one in found.suggestions
            ],
            channels=found.channels,
        )


def bounds(start: Timestamp, end: Timestamp) -> tuple[int, int]:
    """Both in milliseconds, 0 for a time that was not sent. Raises RpcFailure FIELD_INVALID."""
    from_ms, until_ms = start.ToMilliseconds(), end.ToMilliseconds()
    if until_ms and until_ms <= from_ms:
        raise RpcFailure(Code.FIELD_INVALID, "use a time after from_time", field="until_time")
    return from_ms, until_ms


def _write(report: SpreadReport, currency: str) -> pb.ReportSpreadResponse:
    traced, bought = report
    arms = spread.arms(traced, bought)
    return pb.ReportSpreadResponse(
        sent_count=traced.sent_count,
        opened_count=traced.opened_count,
        opened_by_customers_count=traced.opened_by_customers_count,
        claimed_count=traced.states[GiftState.CLAIMED],
        cancelled_count=traced.states[GiftState.CANCELLED],
        declined_count=traced.states[GiftState.DECLINED],
        expired_count=traced.states[GiftState.EXPIRED],
        open_count=traced.states[GiftState.OFFERED],
        self_claimed_count=traced.self_claimed_count,
        giver_count=len(traced.sent),
        members=write_people(spread.totals([arm.members for arm in arms]), currency),
        new_members=write_people(spread.totals([arm.new_members for arm in arms]), currency),
        arms=[
            pb.SpreadArm(
                arm=arm.arm,
                members=write_people(arm.members, currency),
                new_members=write_people(arm.new_members, currency),
            )
            for arm in arms
        ],
        generations=write_generations(traced, bought, currency),
        k_factor=traced.k_factor,
        top_givers=write_givers(traced),
    )


def write_generations(
    traced: Spread, bought: Mapping[str, Bought], currency: str
) -> list[pb.SpreadGeneration]:
    """Generation by generation."""
    return [
        pb.SpreadGeneration(
            generation=one.generation,
            people=write_people(one.people, currency),
            giver_count=one.giver_count,
            sent_count=one.sent_count,
            claimed_count=one.claimed_count,
            new_member_count=one.new_member_count,
            k_factor=one.k_factor,
        )
        for one in spread.generations(traced, bought)
    ]


def write_givers(traced: Spread) -> list[pb.SpreadGiver]:
    """Those who brought most."""
    return [
        pb.SpreadGiver(
            customer_id=one.person,
            generation=one.generation,
            sent_count=one.sent_count,
            new_member_count=one.new_member_count,
            descendant_count=one.descendant_count,
        )
        for one in spread.top_givers(traced)
    ]


def write_people(buyers: Buyers, currency: str) -> pb.SpreadPeople:
    """People and what they bought."""
    return pb.SpreadPeople(
        customer_count=buyers.customer_count,
        ordering_customer_count=buyers.ordering_customer_count,
        order_count=buyers.order_count,
        revenue=money(buyers.revenue_minor_units, currency),
    )
