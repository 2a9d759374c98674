"""PointsService on the wire: orders that earn and spend; gifts are in rpc_points_gifts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from dangol.offers.v1 import points_service_pb2 as pb
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from offers_service import points_account
from offers_service.codes import Secrets
from offers_service.coupon_account import AccountKey
from offers_service.journal import Request
from offers_service.points import Earn, PointsDecision, TakeBack
from offers_service.points_account import Kind
from offers_service.points_outcomes import PointsOutcome
from offers_service.points_program import faults, tier_ahead
from offers_service.points_spending import HoldPoints, Refund, SettlePoints
from offers_service.rpc_common import (
    SHOPS,
    USERS,
    amount,
    authorize,
    authorize_for,
    failures,
    money,
    timestamp,
)
from offers_service.rpc_points_gifts import PointsGiftRpc
from offers_service.rpc_points_program import read_program, write_program
from offers_service.service_points import Directory, Looked, PointsBook, PointsDesk
from offers_service.service_points_gifts import PointsGiftDesk

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["PointsService"].full_name
# Customers whose points are looked up at the same time.
_CONCURRENT_MAX = 16
_PROGRAM_WRITERS = (Role.ADMIN, Role.MARKETER)


class PointsServicer(PointsGiftRpc):
    """Maps requests to the points desk; the shop says what became of orders."""

    def __init__(
        self,
        *,
        desk: PointsDesk,
        gifts: PointsGiftDesk,
        book: PointsBook,
        clock: Clock,
        directory: Directory,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        super().__init__(gifts, clock, secrets_of)
        self._desk = desk
        self._programs = book.programs
        self._directory = directory

    async def SetPointsProgram(  # noqa: N802
        self, request: pb.SetPointsProgramRequest, _context: Any
    ) -> pb.SetPointsProgramResponse:
        """Errors: VERSION_CONFLICT, FIELD_INVALID, CURRENCY_MISMATCH."""
        caller = authorize(*_PROGRAM_WRITERS)
        tenant = await self._directory.get(caller.tenant_id)
        version = request.expected_version + 1
        program = read_program(request.program, version, tenant.currency_code, tenant.time_zone)
        for field, message in faults(program).items():
            raise RpcFailure(Code.FIELD_INVALID, message, field=field)
        with failures():
            if not await self._programs.put(caller.tenant_id, program):
                found = await self._programs.get(caller.tenant_id)
                if found is None or not found.same_content(program):
                    message = "the programme changed since it was read: read it again"
                    raise RpcFailure(Code.VERSION_CONFLICT, message, field="expected_version")
                program = found
        return pb.SetPointsProgramResponse(program=write_program(program))

    async def GetPointsProgram(  # noqa: N802
        self, request: pb.GetPointsProgramRequest, _context: Any
    ) -> pb.GetPointsProgramResponse:
        """The programme; nothing while there is none."""
        del request
        caller = authorize(*USERS)
        with failures():
            program = await self._programs.get(caller.tenant_id)
        return pb.GetPointsProgramResponse(program=write_program(program) if program else None)

    async def EarnPoints(  # noqa: N802
        self, request: pb.EarnPointsRequest, _context: Any
    ) -> pb.EarnPointsResponse:
        """Once an order; the shop's to say, not the customer's."""
        caller = authorize(*SHOPS)
        currency = (await self._directory.get(caller.tenant_id)).currency_code
        net = amount(request.net_amount, currency, "net_amount")
        content = (request.customer_id, request.order_id, net, request.campaign_id)
        asked = self._request(caller, request.request_id, "earn", *content)
        now_ms = await self._now_ms(caller)

        def wanted(key: AccountKey, owner: str) -> Earn:
            order, campaign = request.order_id, request.campaign_id
            return Earn(key, asked, owner, order, net, campaign, now_ms)

        with failures():
            decided = await self._desk.earn(caller.tenant_id, request.customer_id, wanted)
        earned = [entry for entry in decided.entries if entry.kind == Kind.EARN]
        return pb.EarnPointsResponse(
            outcome=_outcome(decided),
            points_earned=decided.moved(Kind.EARN),
            earned=[
                pb.PointsEarned(
                    rule_id=entry.origin,
                    points=entry.amount,
                    expire_time=timestamp(entry.until_ms),
                )
                for entry in earned
            ],
            points_repaid=decided.moved(Kind.REPAY),
            available_points=_available(decided),
        )

    async def TakeBackPoints(  # noqa: N802
        self, request: pb.TakeBackPointsRequest, _context: Any
    ) -> pb.TakeBackPointsResponse:
        """What came back of an order keeps no points."""
        caller = authorize(*SHOPS)
        returned = 0
        if request.HasField("returned_amount"):
            currency = (await self._directory.get(caller.tenant_id)).currency_code
            returned = amount(request.returned_amount, currency, "returned_amount")
            if not returned:
                message = "use more than 0, or leave it out for all that is left"
                raise RpcFailure(Code.FIELD_INVALID, message, field="returned_amount.minor_units")
        content = (request.customer_id, request.order_id, returned)
        command = TakeBack(
            request=self._request(caller, request.request_id, "take-back", *content),
            order=request.order_id,
            returned_minor_units=returned,
            now_ms=await self._now_ms(caller),
        )
        with failures():
            decided = await self._desk.take_back(caller.tenant_id, request.customer_id, command)
        return pb.TakeBackPointsResponse(
            outcome=_outcome(decided),
            points_taken=decided.moved(Kind.TAKE_BACK),
            points_owed=decided.moved(Kind.OWE),
            available_points=_available(decided),
        )

    async def HoldPoints(  # noqa: N802
        self, request: pb.HoldPointsRequest, _context: Any
    ) -> pb.HoldPointsResponse:
        """Sets points aside for an order."""
        caller = authorize_for(request.customer_id, "customer_id", *USERS)
        content = (request.customer_id, request.order_id, request.points, request.hold_seconds)
        command = HoldPoints(
            request=self._request(caller, request.request_id, "hold-points", *content),
            order=request.order_id,
            points=request.points,
            hold_seconds=request.hold_seconds,
            now_ms=await self._now_ms(caller),
        )
        with failures():
            decided = await self._desk.hold(caller.tenant_id, request.customer_id, command)
        until_ms = decided.entries[0].until_ms if decided.entries else 0
        return pb.HoldPointsResponse(
            outcome=_outcome(decided),
            worth=await self._worth(caller, decided.moved(Kind.HOLD)),
            hold_expire_time=timestamp(until_ms),
            available_points=_available(decided),
        )

    async def SpendPoints(  # noqa: N802
        self, request: pb.SpendPointsRequest, _context: Any
    ) -> pb.SpendPointsResponse:
        """Spends what an order holds."""
        caller = authorize_for(request.customer_id, "customer_id", *USERS)
        command = await self._settling(caller, request, "spend-points")
        with failures():
            decided = await self._desk.spend(caller.tenant_id, request.customer_id, command)
        spent = decided.moved(Kind.SPEND)
        return pb.SpendPointsResponse(
            outcome=_outcome(decided),
            points_spent=spent,
            worth=await self._worth(caller, spent),
            available_points=_available(decided),
        )

    async def ReleasePoints(  # noqa: N802
        self, request: pb.ReleasePointsRequest, _context: Any
    ) -> pb.ReleasePointsResponse:
        """Gives back what an order holds."""
        caller = authorize_for(request.customer_id, "customer_id", *USERS)
        command = await self._settling(caller, request, "release-points")
        with failures():
            decided = await self._desk.release(caller.tenant_id, request.customer_id, command)
        return pb.ReleasePointsResponse(
            outcome=_outcome(decided),
            points_released=decided.moved(Kind.RELEASE),
            available_points=_available(decided),
        )

    async def RefundPoints(  # noqa: N802
        self, request: pb.RefundPointsRequest, _context: Any
    ) -> pb.RefundPointsResponse:
        """Spent points of an order come back; the shop's to say."""
        caller = authorize(*SHOPS)
        content = (request.customer_id, request.order_id, request.points)
        command = Refund(
            request=self._request(caller, request.request_id, "refund-points", *content),
            order=request.order_id,
            points=request.points,
            now_ms=await self._now_ms(caller),
        )
        with failures():
            decided = await self._desk.refund(caller.tenant_id, request.customer_id, command)
        return pb.RefundPointsResponse(
            outcome=_outcome(decided),
            points_refunded=decided.moved(Kind.REFUND),
            points_repaid=decided.moved(Kind.REPAY),
            available_points=_available(decided),
        )

    async def GetPoints(  # noqa: N802
        self, request: pb.GetPointsRequest, _context: Any
    ) -> pb.GetPointsResponse:
        """Errors: CUSTOMER_NOT_FOUND."""
        caller = authorize_for(request.customer_id, "customer_id", *USERS)
        now_ms = await self._now_ms(caller)
        with failures():
            looked = await self._desk.look(caller.tenant_id, request.customer_id, now_ms)
        if looked is None:
            raise RpcFailure(Code.CUSTOMER_NOT_FOUND, "there is no such customer")
        return pb.GetPointsResponse(balance=_write_balance(looked, now_ms))

    async def BatchGetPoints(  # noqa: N802
        self, request: pb.BatchGetPointsRequest, _context: Any
    ) -> pb.BatchGetPointsResponse:
        """Those whom profile knows, in the order of the request."""
        caller = authorize(*USERS)
        for customer_id in request.customer_ids:
            authorize_for(customer_id, "customer_ids", *USERS)
        now_ms = await self._now_ms(caller)
        slots = asyncio.Semaphore(_CONCURRENT_MAX)

        async def look(customer_id: str) -> Looked | None:
            async with slots:
                return await self._desk.look(caller.tenant_id, customer_id, now_ms)

        with failures():
            looked = await asyncio.gather(*map(look, request.customer_ids))
        found = zip(request.customer_ids, looked, strict=True)
        return pb.BatchGetPointsResponse(
            customers=[
                pb.CustomerPoints(customer_id=customer_id, balance=_write_balance(one, now_ms))
                for customer_id, one in found
                if one is not None
            ]
        )

    async def _settling(
        self, caller: Caller, request: pb.SpendPointsRequest | pb.ReleasePointsRequest, what: str
    ) -> SettlePoints:
        content = (request.customer_id, request.order_id)
        asked: Request = self._request(caller, request.request_id, what, *content)
        return SettlePoints(asked, request.order_id, await self._now_ms(caller))

    async def _worth(self, caller: Caller, points: int) -> Any:
        if not points:
            return None
        program = await self._programs.get(caller.tenant_id)
        return money(points * program.worth_minor_units, program.currency) if program else None


def _write_balance(looked: Looked, now_ms: int) -> pb.PointsBalance:
    account, program = looked.account, looked.program
    spent = points_account.spent(account, now_ms)
    ahead = tier_ahead(program, spent)
    balance = pb.PointsBalance(
        customer_id=looked.customer_id,
        spent=money(spent, program.currency),
        next_tier_id=ahead.tier_id if ahead else "",
    )
    if ahead is not None:
        missing = ahead.threshold_minor_units - spent
        balance.missing_amount.CopyFrom(money(missing, program.currency))
    if account is None:
        return balance
    balance.account_id = account.key.a
    balance.available_points = account.available
    balance.held_points = account.held
    balance.gifted_points = account.escrow
    balance.owed_points = account.owed
    balance.tier_id = account.tier
    if account.lots:
        balance.expiring_points = account.lots[0].points
        balance.expire_time.FromMilliseconds(account.lots[0].end_ms)
    if end_ms := points_account.tier_end_ms(account):
        balance.tier_end_time.FromMilliseconds(end_ms)
    return balance


def _available(decided: PointsDecision) -> int:
    """As it was right after the step, so that a repeat answers alike."""
    if decided.entries:
        return decided.entries[-1].points
    return decided.account.available if decided.account else 0


def _outcome(decided: PointsDecision) -> str:
    outcome: PointsOutcome = decided.outcome
    return f"POINTS_OUTCOME_{outcome.name}"
