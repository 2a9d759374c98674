"""dangol.offers.v1.InvitationService."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dangol.events.v1 import event_pb2
from dangol.offers.v1 import invitation_service_pb2 as pb
from dangol.offers.v1 import invitation_service_pb2_grpc as pb_grpc
from dangol_service_kit.auth import Caller, Role
from dangol_service_kit.clock import Clock
from dangol_service_kit.errors import Code, RpcFailure

from offers_service.codes import Secrets
from offers_service.invitation_terms import Reward, Terms
from offers_service.invitations import (
    InvitationAccount,
    InvitationOutcome,
    InvitationState,
    Left,
    Qualify,
)
from offers_service.journal import Request
from offers_service.rpc_common import (
    SHOPS,
    USERS,
    actor,
    amount,
    authorize,
    authorize_for,
    failures,
    money,
    page_after,
    page_size,
    timestamp,
)
from offers_service.rpc_growth import (
    WINDOW_SECONDS_DEFAULT,
    bounds,
    write_generations,
    write_givers,
)
from offers_service.rpc_growth import write_people as people_of
from offers_service.service_invitation_report import InvitationReporter
from offers_service.service_invitations import InvitationDesk
from offers_service.service_points import Directory

SERVICE_NAME = pb.DESCRIPTOR.services_by_name["InvitationService"].full_name
_WRITERS = (Role.ADMIN, Role.MARKETER)
_QUALIFY_DAYS, _RETURN_DAYS, _REWARDS_MAX = 90, 14, 50
# Filled in by the desk from the tenant's programme.
_NO_TERMS = Terms(0, Reward(), Reward())


class InvitationServicer(pb_grpc.InvitationServiceServicer):
    """protobuf <-> invitations."""

    def __init__(
        self,
        *,
        desk: InvitationDesk,
        reporter: InvitationReporter,
        clock: Clock,
        directory: Directory,
        secrets_of: Callable[[str], Secrets],
    ) -> None:
        self._desk = desk
        self._reporter = reporter
        self._clock = clock
        self._directory = directory
        self._secrets_of = secrets_of

    async def SetInvitationProgram(  # noqa: N802
        self, request: pb.SetInvitationProgramRequest, _context: Any
    ) -> pb.SetInvitationProgramResponse:
        """Errors: VERSION_CONFLICT, CURRENCY_MISMATCH, FIELD_INVALID."""
        caller = authorize(*_WRITERS)
        currency = await self._currency(caller)
        terms = _read_terms(request.program, request.expected_version + 1, currency)
        with failures():
            if not await self._desk.store.put(caller.tenant_id, terms):
                found = await self._desk.store.terms(caller.tenant_id)
                if found != terms:
                    message = "the programme changed since it was read: read it again"
                    raise RpcFailure(Code.VERSION_CONFLICT, message, field="expected_version")
        return pb.SetInvitationProgramResponse(program=_write_terms(terms, currency))

    async def GetInvitationProgram(  # noqa: N802
        self, request: pb.GetInvitationProgramRequest, _context: Any
    ) -> pb.GetInvitationProgramResponse:
        """The programme; nothing while there is none."""
        del request
        caller = authorize(*USERS)
        currency = await self._currency(caller)
        with failures():
            terms = await self._desk.store.terms(caller.tenant_id)
        return pb.GetInvitationProgramResponse(
            program=_write_terms(terms, currency) if terms else None
        )

    async def GetInvitationCode(  # noqa: N802
        self, request: pb.GetInvitationCodeRequest, _context: Any
    ) -> pb.GetInvitationCodeResponse:
        """The caller's own, for customers."""
        caller = authorize_for(request.customer_id, "customer_id", *USERS)
        now_ms = await self._now_ms(caller)
        with failures():
            answer = await self._desk.code(caller.tenant_id, request.customer_id, now_ms)
        if isinstance(answer, InvitationOutcome):
            return pb.GetInvitationCodeResponse(outcome=_outcome(answer))
        applied = _outcome(InvitationOutcome.APPLIED)
        return pb.GetInvitationCodeResponse(outcome=applied, code=answer)

    async def AcceptInvitation(  # noqa: N802
        self, request: pb.AcceptInvitationRequest, _context: Any
    ) -> pb.AcceptInvitationResponse:
        """A newcomer signs up with a code."""
        caller = authorize(*SHOPS)
        identifiers = tuple([(one.namespace, one.value) for one in request.identifiers])
        content = [part for one in identifiers for part in one]
        asked = self._request(caller, request.request_id, "accept", request.code, *content)
        now_ms = await self._now_ms(caller)
        with failures():
            accepted = await self._desk.accept(
                caller.tenant_id, request.code, asked, identifiers, now_ms
            )
        applied = accepted.outcome is InvitationOutcome.APPLIED
        return pb.AcceptInvitationResponse(
            outcome=_outcome(accepted.outcome),
            invitation=_shown(accepted.account) if applied else None,
            customer_id=accepted.customer_id,
        )

    async def ReportInvitedOrder(  # noqa: N802
        self, request: pb.ReportInvitedOrderRequest, _context: Any
    ) -> pb.ReportInvitedOrderResponse:
        """An order of somebody who may have been invited."""
        caller = authorize(*SHOPS)
        net = await self._amount(caller, request.net_amount, "net_amount")
        content = (request.customer_id, request.order_id, net)
        command = Qualify(
            request=self._request(caller, request.request_id, "invited-order", *content),
            order=request.order_id,
            net=net,
            terms=_NO_TERMS,
            now_ms=await self._now_ms(caller),
        )
        with failures():
            decided = await self._desk.ordered(caller.tenant_id, request.customer_id, command)
        return pb.ReportInvitedOrderResponse(
            outcome=_outcome(decided.outcome), invitation=_shown(decided.account)
        )

    async def ReportInvitedReturn(  # noqa: N802
        self, request: pb.ReportInvitedReturnRequest, _context: Any
    ) -> pb.ReportInvitedReturnResponse:
        """Something of such an order came back."""
        caller = authorize(*SHOPS)
        rest = await self._amount(caller, request.left_amount, "left_amount")
        content = (request.customer_id, request.order_id, rest)
        command = Left(
            request=self._request(caller, request.request_id, "invited-return", *content),
            order=request.order_id,
            left=rest,
            now_ms=await self._now_ms(caller),
        )
        with failures():
            decided = await self._desk.returned(caller.tenant_id, request.customer_id, command)
        return pb.ReportInvitedReturnResponse(
            outcome=_outcome(decided.outcome), invitation=_shown(decided.account)
        )

    async def ListInvitations(  # noqa: N802
        self, request: pb.ListInvitationsRequest, _context: Any
    ) -> pb.ListInvitationsResponse:
        """Invitations of one member in order of id."""
        inviter = request.inviter_customer_id
        caller = authorize_for(inviter, "inviter_customer_id", *USERS)
        size = page_size(request.page_size)
        with failures():
            found = await self._desk.invited(
                caller.tenant_id,
                inviter,
                after=page_after(request.page_token, "in_"),
                limit=size + 1,
            )
        return pb.ListInvitationsResponse(
            invitations=[_write(one) for one in found[:size]],
            next_page_token=found[size - 1].key.a if len(found) > size else "",
        )

    async def ReportInvitations(  # noqa: N802
        self, request: pb.ReportInvitationsRequest, _context: Any
    ) -> pb.ReportInvitationsResponse:
        """Who brings whom."""
        caller = authorize(*_WRITERS, Role.SERVICE)
        from_ms, until_ms = bounds(request.from_time, request.until_time)
        seconds = request.conversion_window_seconds or WINDOW_SECONDS_DEFAULT
        currency = await self._currency(caller)
        with failures():
            report = await self._reporter.report(
                caller.tenant_id, from_ms, until_ms, seconds * 1000
            )
        return pb.ReportInvitationsResponse(
            accepted_count=report.accepted_count,
            qualified_count=report.qualified_count,
            reversed_count=report.reversed_count,
            capped_count=report.capped_count,
            reward_points=report.reward_points,
            inviter_count=len(report.spread.sent),
            newcomers=people_of(report.newcomers, currency),
            generations=write_generations(report.spread, report.bought, currency),
            k_factor=report.spread.k_factor,
            top_inviters=write_givers(report.spread),
        )

    def _request(self, caller: Caller, request_id: str, *content: str | int) -> Request:
        secrets = self._secrets_of(caller.tenant_id)
        return Request(request_id, actor(caller), secrets.print(*content))

    async def _now_ms(self, caller: Caller) -> int:
        return (await self._clock.read(caller.tenant_id)).now_ms

    async def _currency(self, caller: Caller) -> str:
        return (await self._directory.get(caller.tenant_id)).currency_code

    async def _amount(self, caller: Caller, value: event_pb2.Money, field: str) -> int:
        return amount(value, await self._currency(caller), field)


def _outcome(outcome: InvitationOutcome) -> str:
    return f"INVITATION_OUTCOME_{outcome.name}"


def _read_terms(message: pb.InvitationProgram, version: int, currency: str) -> Terms:
    minimum = 0
    if message.HasField("minimum_order"):
        minimum = amount(message.minimum_order, currency, "program.minimum_order")
    return Terms(
        version=version,
        inviter=Reward(message.inviter_reward.points, message.inviter_reward.offer_id),
        newcomer=Reward(message.newcomer_reward.points, message.newcomer_reward.offer_id),
        minimum_minor_units=minimum,
        qualify_days=message.qualify_days or _QUALIFY_DAYS,
        return_days=message.return_days or _RETURN_DAYS,
        rewards_max=message.rewards_max or _REWARDS_MAX,
    )


def _write_terms(terms: Terms, currency: str) -> pb.InvitationProgram:
    minimum = terms.minimum_minor_units
    return pb.InvitationProgram(
        version=terms.version,
        inviter_reward=_write_reward(terms.inviter),
        newcomer_reward=_write_reward(terms.newcomer),
        minimum_order=money(minimum, currency) if minimum else None,
        qualify_days=terms.qualify_days,
        return_days=terms.return_days,
        rewards_max=terms.rewards_max,
    )


def _write_reward(reward: Reward) -> pb.InvitationReward:
    return pb.InvitationReward(points=reward.points, offer_id=reward.offer)


def _shown(account: InvitationAccount | None) -> pb.Invitation | None:
    return _write(account) if account else None


def _write(account: InvitationAccount) -> pb.Invitation:
    qualified = account.state is not InvitationState.ACCEPTED
    return pb.Invitation(
        invitation_id=account.key.a,
        inviter_customer_id=account.owner,
        newcomer_customer_id=account.claimer,
        state=f"INVITATION_STATE_{account.state.name}",
        accept_time=timestamp(account.accepted_ms),
        qualify_time=timestamp(account.qualified_ms),
        return_until_time=timestamp(account.return_until_ms),
        inviter_reward=_write_reward(account.inviter_reward) if qualified else None,
        newcomer_reward=_write_reward(account.newcomer_reward) if qualified else None,
        capped=account.capped,
    )
